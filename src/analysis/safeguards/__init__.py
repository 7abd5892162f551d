"""Locks, run records and publishing: the only package that decides what leaves the restricted zone."""
