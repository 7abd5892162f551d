"""A run scored against the truth of a simulated intake: rows, fields, links, duplicates, coverage."""
