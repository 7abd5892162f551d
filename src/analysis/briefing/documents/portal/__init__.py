"""The index page of a run: all units in one table and on a map, what needs care, every file; and the list of weeks."""
