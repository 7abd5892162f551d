"""Coverage in the coming weeks, with intervals."""
