"""One field at a time: what a typed name, date, number, place or product says, and what is wrong with it."""
