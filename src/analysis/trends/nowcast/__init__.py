"""Recent days as they will be when late entries are in."""
