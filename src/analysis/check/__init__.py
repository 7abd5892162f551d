"""A look at an intake before the run: what a run would make of every file and of the folder, in seconds.

Heads of the files are copied to a private folder outside `data/`, opened and cleaned there by the very functions of
a run, and removed. Nothing is linked and nothing is kept.
"""
