"""The documents of a briefing, the index page and the public tables, each a function of the figures."""
