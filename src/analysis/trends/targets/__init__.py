"""The way of each unit to each target."""
