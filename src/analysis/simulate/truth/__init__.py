"""The truth beside a simulated intake."""
