"""The rules of disclosure control: thresholds, markers' meanings, and what may become of a count.

They hold from 2026-11-29 on (sources page-4 to page-7). A count that the ministry publishes itself, or that
counts doses at places and not people, is exact; every other count of people or of their records is withheld
from 1 to 9, and below the province rounded as well. Which count is which: public_tables.py.
"""

from enum import Enum

SMALLEST_SHOWN = 10  # a count of 1 to 9 is withheld, and so is one whose complement is 1 to 9
NARROWEST_RANGE = 10  # what can be worked out of a withheld count must leave at least so wide a range
ROUNDED_TO = 10  # two figures rounded to 5 differ by a number known to nine values; to 10, to nineteen
NARROWEST_ROUNDED = 5  # a rounded figure that the others pin down further than this is withheld
SMALLEST_BASE = 50  # no percentage of fewer people
# A day, group or level of which more would have to be withheld is told at the level above, or not on that day.
MOST_WITHHELD = 0.2


class Treatment(Enum):
    """What is done with a count."""

    EXACT = "exact"  # allow-list: as counted, whatever it is
    HEADLINE = "headline"  # allow-list: as counted, but withheld from 1 to 9
    COUNTED = "counted"  # as counted, but withheld from 1 to 9 and where it would give such a count away
    ROUNDED = "rounded"  # the same, and what is shown is rounded


class Status(Enum):
    """How a published figure stands: as counted, rounded, or withheld for one of two reasons."""

    SHOWN = "shown"
    ROUNDED = "rounded"
    UNDER_10 = "under_10"  # the count itself is 1 to 9: [dưới 10]
    NOT_PUBLISHED = "not_published"  # it would give another one away: [không công bố]
