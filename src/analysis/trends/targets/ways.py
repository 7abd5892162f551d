"""The way of each unit to each dated target: chance, date with interval, doses a day, supply."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analysis.reference import read_reference
from analysis.tables import TABLES
from analysis.trends.forecast.chances import bend_at, bend_chance
from analysis.trends.forecast.fits import read_model
from analysis.trends.forecast.histories import History
from analysis.trends.forecast.quantiles import INTERVAL_95, MEDIAN, FloatArray, probability_above
from analysis.trends.forecast.series import as_day, last_pace

# Weeks ahead between which the way to a target is drawn straight; later than the last nothing is said.
TARGET_HORIZONS = (1, 2, 3, 4, 6, 8, 12, 16, 20, 26)
TARGET_COLUMNS = list(TABLES["targets"].columns)


@dataclass(frozen=True)
class Target:
    """One target of a document: a share of an age group with a series status, by a day (None: no day)."""

    code: str
    pct: float
    status: str
    age_group: str
    due: date | None


def read_targets() -> list[Target]:
    """Read the dated targets that are shipped, each with its document (`reference/targets.csv`; sources forecast-1)."""
    rows = read_reference("targets.csv").to_dict("records")
    return [
        Target(
            str(r["target_code"]),
            float(r["target_pct"]),
            str(r["series_status"]),
            str(r["age_group"]),
            date.fromisoformat(str(r["due_date"])) if r["due_date"] else None,
        )
        for r in rows
    ]


def project_targets(
    target: Target,
    history: History,
    values: FloatArray,
    doses_left: FloatArray,
    as_of: date,
) -> pd.DataFrame:
    """Return one row per unit of a group with the columns of the table `targets`.

    `values`: units × TARGET_HORIZONS × 23 in percent of the group's denominator; `doses_left`: allocated −
    administered, NaN when unknown. Units without a count or a denominator are left out.
    """
    population = history.population
    people = history.people[target.status]
    paths = np.concatenate([history.start_percent(target.status)[:, None], values], axis=1)
    need = np.ceil(np.round(target.pct * population / 100.0, 6))
    rows = pd.DataFrame(
        {
            "unit_level": history.unit_level,
            "unit_code": history.panel.unit_codes,
            "target_code": target.code,
            "basis": history.basis,
            "target_pct": target.pct,
            "due_date": target.due,
            "reached_on": _reached_on(history.entered[target.status], need, history),
            "in_doubt_since": _in_doubt_since(target, need, history),
            "probability": _probability(paths, target, as_of),
            "expected_date": _crossing(paths[:, :, MEDIAN], target.pct, as_of),
            "not_before": _not_before(paths, target.pct, as_of),
            "not_after": _crossing(paths[:, :, INTERVAL_95[0]], target.pct, as_of),
        }
    )
    rows = rows.join(_effort(target, history, need, doses_left, as_of))
    usable = np.isfinite(people[:, -1]) & np.isfinite(population)
    return _settle_reached(rows[usable])[TARGET_COLUMNS]


def _reached_on(people: FloatArray, need: FloatArray, history: History) -> list[date | None]:
    """Return the first week's end from which the count stayed at or above the target, None if not."""
    below = ~(people >= need[:, None])
    weeks = history.panel.weeks.astype(object)
    last_below = np.where(below.any(axis=1), below.shape[1] - 1 - np.argmax(below[:, ::-1], axis=1), -1)
    return [weeks[k + 1] if k + 1 < len(weeks) else None for k in last_below]


def _in_doubt_since(target: Target, need: FloatArray, history: History) -> list[date | None]:
    """Return when the count as reported reached what it does not reach without its suspicious days."""
    if target.status not in history.reported:
        return [None] * need.size
    reported = _reached_on(history.reported[target.status], need, history)
    without = _reached_on(history.entered[target.status], need, history)
    return [day if sure is None else None for day, sure in zip(reported, without, strict=True)]


def _probability(paths: FloatArray, target: Target, as_of: date) -> FloatArray:
    """Return P(reached by the due date); NaN without a date or with one beyond the last horizon."""
    if target.due is None:
        return np.full(paths.shape[0], np.nan)
    weeks = (target.due - as_of).days / 7.0
    if weeks < 0:
        return np.zeros(paths.shape[0])
    if weeks > TARGET_HORIZONS[-1]:
        return np.full(paths.shape[0], np.nan)
    read = probability_above(_at_week(paths, weeks), target.pct)
    told = bend_chance(read, bend_at(read_model()[target.status], weeks))
    return np.where(np.isfinite(paths[:, 0, 0]), told, np.nan)


def _at_week(paths: FloatArray, weeks: float) -> FloatArray:
    """Return the quantiles at a moment between horizons (units × 23), on a straight line."""
    nodes = np.array([0, *TARGET_HORIZONS], dtype=np.float64)
    right = int(np.clip(np.searchsorted(nodes, weeks), 1, nodes.size - 1))
    share = (weeks - nodes[right - 1]) / (nodes[right] - nodes[right - 1])
    result: FloatArray = paths[:, right - 1] * (1 - share) + paths[:, right] * share
    return result


def _crossing(path: FloatArray, pct: float, as_of: date) -> list[date | None]:
    """Return the day on which each path (units × nodes) reaches the target, None beyond the last node."""
    nodes = np.array([0, *TARGET_HORIZONS], dtype=np.float64)
    days: list[date | None] = []
    for row in path:
        reached = np.flatnonzero(row >= pct)
        if not reached.size:
            days.append(None)
            continue
        k = int(reached[0])
        share = 0.0 if k == 0 else (pct - row[k - 1]) / (row[k] - row[k - 1])
        week = nodes[0] if k == 0 else nodes[k - 1] + share * (nodes[k] - nodes[k - 1])
        days.append(as_of + timedelta(days=int(np.ceil(round(week * 7.0, 6)))))
    return days


def _not_before(paths: FloatArray, pct: float, as_of: date) -> list[date | None]:
    """Return the earliest day of the 95 % interval; the day after the last horizon when that is the truth."""
    later = as_of + timedelta(days=7 * TARGET_HORIZONS[-1] + 1)
    early = _crossing(paths[:, :, INTERVAL_95[1]], pct, as_of)
    known = np.isfinite(paths[:, 0, 0])
    return [(day or later) if ok else None for day, ok in zip(early, known, strict=True)]


def _effort(
    target: Target, history: History, need: FloatArray, doses_left: FloatArray, as_of: date
) -> pd.DataFrame:
    """Return doses a day to the due date, as a multiple of the last week's pace, and whether doses suffice.

    A complete series of someone without a first dose takes two doses: both are counted.
    """
    first, complete = history.people["at_least_one"][:, -1], history.people["primary_complete"][:, -1]
    if target.status == "at_least_one":
        missing = np.maximum(need - first, 0)
        doses = missing
    else:
        missing = np.maximum(need - complete, 0)
        doses = missing + np.maximum(need - np.maximum(first, complete), 0)
    days = (target.due - as_of).days if target.due else 0
    per_day = np.ceil(doses / days) if days > 0 else np.where(doses > 0, np.nan, 0.0)
    past = history.panel.until(as_day(as_of))
    pace = last_pace(past.values[target.status]) * history.population / 100.0 / 7.0
    pace_needed = missing / days if days > 0 else np.where(missing > 0, np.nan, 0.0)
    multiple = np.divide(pace_needed, pace, out=np.full(pace.shape, np.nan), where=pace > 0)
    enough = pd.Series(doses_left >= doses, dtype="boolean").mask(np.isnan(doses_left) | np.isnan(doses))
    return pd.DataFrame(
        {"doses_per_day_needed": per_day, "pace_multiple": multiple, "supply_sufficient": enough}
    )


def _settle_reached(rows: pd.DataFrame) -> pd.DataFrame:
    """A target already reached is certain: nothing is needed any more, no future day is expected."""
    done = rows["reached_on"].notna()
    rows.loc[done, "probability"] = 1.0
    rows.loc[done, ["doses_per_day_needed", "pace_multiple"]] = 0.0
    rows.loc[done, ["expected_date", "not_before", "not_after"]] = None
    rows.loc[done, "supply_sufficient"] = True
    return rows
