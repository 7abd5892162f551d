"""Open a file of daily snapshots of a register, for scoring the nowcast; refuse what cannot be scored.

Awkward in such files: snapshots are missing (Sundays), the last days of a snapshot are absent instead of
0, and old days leave a snapshot after some weeks.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import RequestError
from analysis.evaluate.forecasts.read_series import FIRST_LINE, read_text_table
from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import DateArray
from analysis.trends.nowcast.triangle import BoolArray, Triangle

COLUMNS = ("as_of_date", "vaccination_date", "unit_code", "dose_number", "doses")
FINAL_DAYS = 21  # what is entered three weeks after a day is taken for the day's final count
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Snapshots:
    """The triangle of one dose number, and the periods at which a snapshot was really taken."""

    dose_number: int
    triangle: Triangle
    taken: BoolArray


def read_triangle(path: Path, final_days: int = FINAL_DAYS) -> list[Snapshots]:
    """Return the triangles of a snapshot file, one a dose number, up to `final_days` after each day.

    The CSV (or .csv.gz) has `as_of_date, vaccination_date` (YYYY-MM-DD), `unit_code`, `dose_number` and
    `doses`: doses of that day known in the snapshot. A snapshot holds days before its own date. Raises
    RequestError for anything else.
    """
    frame = _typed(read_text_table(path, "--triangle", COLUMNS))
    return [_snapshots(int(str(n)), rows, final_days) for n, rows in frame.groupby("dose_number", sort=True)]


def _typed(text: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame({"unit_code": text["unit_code"], "dose_number": text["dose_number"]})
    for name in COLUMNS[:2]:
        frame[name] = pd.to_datetime(text[name], format="%Y-%m-%d", errors="coerce")
        _refuse(frame[name].isna(), f"{name} is not a day written YYYY-MM-DD")
    frame["doses"] = pd.to_numeric(text["doses"], errors="coerce")
    _refuse(~np.isfinite(frame["doses"]), "doses is not a number")
    _refuse(~frame["dose_number"].str.fullmatch(r"\d{1,2}"), "dose_number is not a whole number")
    _refuse(frame["vaccination_date"] >= frame["as_of_date"], "vaccination_date is not before as_of_date")
    _refuse(frame.duplicated(list(COLUMNS[:4])), "the same snapshot, day, unit and dose stand there twice")
    return frame


def _refuse(wrong: pd.Series, what: str) -> None:
    lines = np.flatnonzero(wrong.to_numpy(dtype=bool))
    if lines.size:
        raise RequestError(f"--triangle: line {lines[0] + FIRST_LINE}: {what}; correct the file")


def _snapshots(dose_number: int, rows: pd.DataFrame, final_days: int) -> Snapshots:
    """Arrange one dose number's rows; the look at the end of a day is the snapshot of the next."""
    day, look = (rows[name].to_numpy(dtype="datetime64[D]") for name in ("vaccination_date", "as_of_date"))
    look = look - DAY
    days = np.arange(day.min(), look.max() + DAY, DAY)
    units = tuple(sorted(set(rows["unit_code"])))
    unit = np.searchsorted(np.array(units, dtype=object), rows["unit_code"].to_numpy(dtype=object))
    held = _held_days(day, look, days)
    grid = np.where(held[None], 0.0, np.nan) + np.zeros((len(units), 1, 1))
    grid[unit, (day - days[0]) // DAY, (look - days[0]) // DAY] = rows["doses"].to_numpy(dtype=np.float64)
    taken = np.asarray(held.any(axis=0))
    known = _by_step(_carry_forward(grid, taken), final_days)
    return Snapshots(dose_number, Triangle(units, days, 1, known), taken)


def _held_days(day: DateArray, look: DateArray, days: DateArray) -> BoolArray:
    """Say which days each snapshot holds (days × looks): from its first day on, absent ones are 0."""
    index = np.arange(days.size)
    held = np.zeros((days.size, days.size), dtype=np.bool_)
    for taken in np.unique(look):
        first = (day[look == taken].min() - days[0]) // DAY
        held[:, (taken - days[0]) // DAY] = (index >= first) & (days <= taken)
    return held


def _carry_forward(grid: FloatArray, taken: BoolArray) -> FloatArray:
    """Let a date without snapshot know what the one before knew (units × days × looks)."""
    seen = np.maximum.accumulate(np.where(taken, np.arange(taken.size), 0))
    return np.asarray(grid[:, :, seen])


def _by_step(grid: FloatArray, final_days: int) -> FloatArray:
    """Turn dates of looks into steps after each day: units × days × steps, NaN where none was taken."""
    days = grid.shape[1]
    looks = np.arange(days)[:, None] + np.arange(final_days)
    inside = looks < days
    steps = grid[:, np.arange(days)[:, None], np.minimum(looks, days - 1)]
    return np.where(inside[None], steps, np.nan)
