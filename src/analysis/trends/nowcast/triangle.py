"""The reporting triangle: how many doses of each day were in the register, step by step afterwards.

The first step of a day is the first date at which the register could be looked at after it; the steps are
a day apart (daily snapshots of a register) or a week (the weekly job, whose dates are weeks apart). So
dates are counted in periods of that length, and a day belongs to the period that ends on or after it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import DateArray

WEEKDAYS = 7
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Triangle:
    """Cumulative doses of units × consecutive days × steps; NaN where no date told.

    `known[u, v, k]`: doses of unit u and day v entered by the end of period (day's own period + k).
    `period_days` is 1 or 7; the last day is the end of the last period.
    """

    unit_codes: tuple[str, ...]
    days: DateArray
    period_days: int
    known: FloatArray

    @property
    def periods(self) -> IntArray:
        """Return the period of each day; the last one is the number of whole periods less one."""
        back = np.arange(self.days.size)[::-1] // self.period_days
        return np.asarray(back.max() - back, dtype=np.int64)

    @property
    def weekdays(self) -> IntArray:
        """Return a number from 0 to 6 for each day, the same for the same day of the week."""
        return np.asarray(np.arange(self.days.size) % WEEKDAYS, dtype=np.int64)

    def steps_at(self, as_of: int) -> IntArray:
        """Return the step at which each day is seen at a period; days after it have none (negative)."""
        return np.asarray(np.minimum(as_of - self.periods, self.known.shape[2] - 1), dtype=np.int64)

    def known_at(self, as_of: int) -> FloatArray:
        """Return the triangle as it was at the end of a period: NaN where it was not known then."""
        steps = np.arange(self.known.shape[2])
        told = self.periods[:, None] + steps <= as_of
        return np.where(told[None], self.known, np.nan)

    def entered_at(self, as_of: int) -> FloatArray:
        """Return the doses of each day entered by the end of a period (units × days); NaN for later days."""
        steps = self.steps_at(as_of)
        index = np.arange(self.days.size)
        return np.where(steps >= 0, self.known[:, index, np.maximum(steps, 0)], np.nan)

    def first_look(self) -> int:
        """Return the first period at whose end the register was looked at."""
        looks = self.periods[:, None] + np.arange(self.known.shape[2])
        return int(looks[np.isfinite(self.known).any(axis=0)].min(initial=int(looks.max())))

    def last_days(self, as_of: int, count: int) -> BoolArray:
        """Mark the last `count` days that the register holds at a period."""
        held = np.flatnonzero((self.periods <= as_of) & np.isfinite(self.entered_at(as_of)).any(axis=0))
        marked = np.zeros(self.days.size, dtype=np.bool_)
        marked[held[-count:]] = True
        return marked
