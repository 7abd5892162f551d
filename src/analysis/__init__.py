"""Bao phủ: clean, reconcile, measure and report vaccination coverage for the provinces of Viet Nam."""

__version__ = "0.1.0"
