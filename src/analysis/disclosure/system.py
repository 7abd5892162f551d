"""What anybody can work out: published counts as a system of sums and orders, and the range it leaves of each.

A cell is one count. It is part of sums (districts of a province, answers of a total) and of orders (a count
that never falls from week to week). From what is shown, ranges of what is not follow: narrowed along every
sum and order until nothing changes.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.policy import ROUNDED_TO, Status

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
UNBOUNDED = np.int64(10**12)
ROUNDS = 200  # a chain of weeks is narrowed a link a round

SHOWN, ROUNDED, UNDER_10, NOT_PUBLISHED = range(4)
STATUSES = (Status.SHOWN, Status.ROUNDED, Status.UNDER_10, Status.NOT_PUBLISHED)


def round_counts(values: Ints) -> Ints:
    """Return counts rounded to ROUNDED_TO, halves up."""
    rounded: Ints = (values + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
    return rounded


@dataclass(frozen=True)
class System:
    """Counts and what everybody knows of them.

    `totals[r]` is the cell that sum r makes up; its parts are `parts[part_of == r]`. What a total has beyond
    its parts (people of no known district) counts as known, at the worst. Of every order i the cell
    `lower[i]` is at most `upper[i]`; no cell is above `most`. The attack solves cells of one `block` together:
    what joins blocks narrows ranges alone. Cells of one `turn` share no sum, so that one programme can ask for all
    of them at once. `dear` ones give way late: others are told from them.
    """

    values: Ints
    most: Ints
    totals: Ints
    parts: Ints
    part_of: Ints
    lower: Ints
    upper: Ints
    block: Ints
    turn: Ints
    dear: Flags

    @cached_property
    def rest(self) -> Ints:
        """Return what each total has beyond its parts."""
        return self.values[self.totals] - self.sums_of(self.values)

    def sums_of(self, of_cells: Ints) -> Ints:
        """Return a value of each sum: that of its parts together."""
        sums = np.zeros(len(self.totals), dtype=np.int64)
        np.add.at(sums, self.part_of, of_cells[self.parts])
        return sums

    def shown_ranges(self, status: Ints) -> tuple[Ints, Ints]:
        """Return the range of each cell that its own figure leaves; nothing is read off a marker."""
        rounded = round_counts(self.values)
        low = np.select([status == SHOWN, status == ROUNDED], [self.values, rounded - ROUNDED_TO // 2], 0)
        high = np.select(
            [status == SHOWN, status == ROUNDED],
            [self.values, rounded + ROUNDED_TO - ROUNDED_TO // 2 - 1],
            np.maximum(self.most, self.values),
        )
        return np.maximum(low, np.minimum(0, self.values)), high

    def ranges(self, status: Ints) -> tuple[Ints, Ints]:
        """Return the range of each cell that all figures together leave, at least as wide as the true one."""
        low, high = self.shown_ranges(status)
        for _ in range(ROUNDS):
            before = low.copy(), high.copy()
            self._narrow(low, high)
            if (low == before[0]).all() and (high == before[1]).all():
                break
        return low, high

    def are_settled(self, low: Ints, high: Ints) -> Flags:
        """Tell which cells' ranges no single sum or order can narrow any further."""
        lowest, highest = low.copy(), high.copy()
        self._narrow(lowest, highest)
        settled: Flags = (low == lowest) & (high == highest)
        return settled

    def _narrow(self, low: Ints, high: Ints) -> None:
        """Narrow ranges along every sum and order once: totals by their parts, parts by their totals and sisters."""
        rest = self.rest
        lows, highs = self.sums_of(low), self.sums_of(high)
        np.maximum.at(low, self.totals, lows + rest)
        np.minimum.at(high, self.totals, highs + rest)
        of_parts = self.part_of
        others_high = highs[of_parts] - high[self.parts]
        others_low = lows[of_parts] - low[self.parts]
        least = low[self.totals][of_parts] - rest[of_parts] - others_high
        most = high[self.totals][of_parts] - rest[of_parts] - others_low
        np.maximum.at(low, self.parts, least)
        np.minimum.at(high, self.parts, most)
        np.maximum.at(low, self.upper, low[self.lower])
        np.minimum.at(high, self.lower, high[self.upper])
