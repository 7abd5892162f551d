"""The people of the simulated country: units, households, names, numbers, where they live."""
