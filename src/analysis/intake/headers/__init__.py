"""Which column is which: headers as provinces write them, of one row or two, by lists, by words, by settings."""
