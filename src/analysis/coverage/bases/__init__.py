"""Reported and reconciled counts against each other, and the reconciled one against the rows still open."""
