"""Briefings: one context of worded figures per unit, and the documents made of it (aggregate zone only)."""
