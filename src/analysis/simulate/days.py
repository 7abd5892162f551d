"""Days of the simulation, counted from 1970-01-01: apart, because every room of the simulator shares them."""

from datetime import date

EPOCH = date(1970, 1, 1)
NEVER = 99_999  # a day number no one reaches
REFERENCE_DAY = (date(2021, 11, 7) - EPOCH).days
CAMPAIGN_DAY = (date(2021, 3, 8) - EPOCH).days
LAST_DAY = (date(2022, 4, 30) - EPOCH).days
