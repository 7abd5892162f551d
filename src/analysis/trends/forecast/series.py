"""Cumulative weekly series of a group of units, and what of them was known at an origin.

Published series are awkward: they start in different weeks, miss weeks, and fall when a register
removes duplicates. Every model sees the same repaired past, made only from weeks up to the origin.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.trends.forecast.quantiles import FloatArray

DateArray = NDArray[np.datetime64]
SERIES = ("at_least_one", "primary_complete")
WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True)
class Panel:
    """Cumulative percent of units × weeks of one group whose units share their shocks (a country).

    `values[status]` is units × weeks in percent of the denominator, NaN where nothing is known. `shares`
    (units × weeks × products, None where not known) is each product's share in the week's first doses.
    """

    country: str
    unit_codes: tuple[str, ...]
    weeks: DateArray
    values: dict[str, FloatArray]
    shares: FloatArray | None = None

    def until(self, origin: np.datetime64) -> "Panel":
        """Return the panel as it was known at `origin`: later weeks cut off, the past repaired."""
        kept = self.weeks <= origin
        known = {status: repair_past(values[:, kept]) for status, values in self.values.items()}
        shares = None if self.shares is None else self.shares[:, kept]
        return Panel(self.country, self.unit_codes, self.weeks[kept], known, shares)

    def first_weeks(self, count: int) -> "Panel":
        """Return the first `count` weeks of a panel that is repaired already."""
        kept = {status: values[:, :count] for status, values in self.values.items()}
        shares = None if self.shares is None else self.shares[:, :count]
        return Panel(self.country, self.unit_codes, self.weeks[:count], kept, shares)


def repair_past(values: FloatArray) -> FloatArray:
    """Fill gaps between known weeks on a straight line and pull overcounts down to the latest count.

    A cumulative count that falls was too high before: the latest count stands and earlier higher ones
    are lowered to it, so that weekly gains are never negative. Weeks before the first and after the
    last known value stay NaN.
    """
    filled = np.array(values, dtype=np.float64)
    index = np.arange(filled.shape[1])
    for row in filled:
        known = np.flatnonzero(np.isfinite(row))
        if known.size and known[-1] - known[0] + 1 > known.size:
            inside = (index >= known[0]) & (index <= known[-1])
            row[inside] = np.interp(index[inside], known, row[known])
    ceiling = np.where(np.isfinite(filled), filled, np.inf)
    lowest = np.minimum.accumulate(ceiling[:, ::-1], axis=1)[:, ::-1]
    result: FloatArray = np.where(np.isfinite(filled), lowest, np.nan)
    return result


def make_panel(country: str, frame: pd.DataFrame) -> Panel:
    """Make a panel from rows `unit_code, week_ending` and one column per status, in percent.

    Weeks run every 7 days back from the latest day; a day between falls to the week that it ends in
    only when that week has no day of its own later. Rows must be unique by unit and day.
    """
    days = frame["week_ending"].to_numpy(dtype="datetime64[D]")
    last = days.max()
    back = ((last - days) // WEEK).astype(np.int64)
    weeks = last - WEEK * np.arange(int(back.max()), -1, -1)
    units = tuple(sorted(set(frame["unit_code"])))
    rows = np.searchsorted(np.array(units, dtype=object), frame["unit_code"].to_numpy(dtype=object))
    columns = len(weeks) - 1 - back
    order = np.argsort(days, kind="stable")
    values = {}
    for status in SERIES:
        grid = np.full((len(units), len(weeks)), np.nan)
        given = pd.to_numeric(frame[status]).to_numpy(dtype=np.float64)
        usable = order[np.isfinite(given[order])]
        grid[rows[usable], columns[usable]] = given[usable]
        values[status] = grid
    return Panel(country, units, weeks, values)


def weekly_gains(values: FloatArray) -> FloatArray:
    """Return the gain of each week in points (units × weeks); NaN in a unit's first week."""
    return np.diff(values, axis=1, prepend=np.full((values.shape[0], 1), np.nan))


def last_pace(values: FloatArray, weeks: int = 1) -> FloatArray:
    """Return the mean weekly gain of the last `weeks` weeks per unit.

    A unit with one known week has no gain of its own: it takes the group's median, or 0 when no unit
    has one.
    """
    gains = weekly_gains(values)[:, -weeks:]
    known = np.isfinite(gains)
    total = np.where(known, gains, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    pace = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    own = pace[np.isfinite(pace)]
    result: FloatArray = np.where(np.isfinite(pace), pace, np.median(own) if own.size else 0.0)
    return result


def as_day(day: date) -> np.datetime64:
    """Return a calendar day as numpy keeps it."""
    return np.datetime64(day.isoformat(), "D")
