"""What is still to be entered on the platform: the nowcast of each unit, laid over its history.

The recorded and reconciled bases rest on entered rows and suffer from late entry; the reported basis does
not. The triangle counts rows of all ages by residence. A group's missing people are the missing rows times
the group's share in the rows of the last weeks: so late entries are taken to be like the latest ones.
"""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd

from analysis.settings import RunParameters
from analysis.trends.forecast.histories import History
from analysis.trends.forecast.quantiles import INTERVAL_95, MEDIAN, QUANTILES, FloatArray
from analysis.trends.forecast.series import as_day
from analysis.trends.forecast.sums import sum_quantiles
from analysis.trends.nowcast.estimate import Nowcaster
from analysis.trends.nowcast.triangle import WEEKDAYS, Triangle

LATE_BASES = ("recorded", "reconciled")
LAST_STEP = 12  # weeks after its own in which a day's doses are awaited
SHARE_WEEKS = 4  # of the newest weeks a group's share in the rows is taken
LARGEST_SHARE = 1.5  # above 1 where rows without entry date count too

Lags = dict[tuple[str, str], "Lag"]


@dataclass(frozen=True)
class Lag:
    """The late entries of the units of one level and status: by week, and the interval of their sum.

    `missing` (units × weeks, the last one ends at as_of) and `entered` are rows; `quantiles` (units × 23)
    those of all rows still missing, NaN where too few weeks tell of past errors.
    """

    unit_codes: tuple[str, ...]
    entered: FloatArray
    missing: FloatArray
    quantiles: FloatArray


def read_lags(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Lags:
    """Return the lag of each level and status; needs the view `reporting_triangle`."""
    frame: pd.DataFrame = con.execute(
        """
        SELECT unit_level, series_status, unit_code, date_diff('day', vaccination_date, ?) AS days_back,
               date_diff('day', entered_by, ?) // 7 AS weeks_back, CAST(doses AS DOUBLE) AS doses
        FROM reporting_triangle
        WHERE vaccination_date <= entered_by AND entered_by <= ? AND date_diff('day', entered_by, ?) % 7 = 0
        ORDER BY ALL
        """,
        [run.as_of] * 4,
    ).df()
    groups = frame.groupby(["unit_level", "series_status"], sort=True)
    return {(str(k[0]), str(k[1])): measure_lag(_weekly_triangle(rows, run)) for k, rows in groups}


def _weekly_triangle(rows: pd.DataFrame, run: RunParameters) -> Triangle:
    """Arrange one level's rows by unit, day given and weeks until entry, cumulative over the weeks."""
    units = tuple(sorted(set(rows["unit_code"])))
    weeks = int(rows["days_back"].max()) // WEEKDAYS + 1
    days = as_day(run.as_of) - np.arange(weeks * WEEKDAYS - 1, -1, -1).astype("timedelta64[D]")
    back = rows["days_back"].to_numpy(dtype=np.int64)
    unit = np.searchsorted(np.array(units, dtype=object), rows["unit_code"].to_numpy(dtype=object))
    step = back // WEEKDAYS - rows["weeks_back"].to_numpy(dtype=np.int64)
    steps = min(LAST_STEP, weeks - 1) + 1
    entered = np.zeros((len(units), days.size, steps))
    np.add.at(entered, (unit, days.size - 1 - back, np.minimum(step, steps - 1)), rows["doses"].to_numpy())
    triangle = Triangle(units, days, WEEKDAYS, entered.cumsum(axis=2))
    return replace(triangle, known=triangle.known_at(weeks - 1))


def measure_lag(triangle: Triangle) -> Lag:
    """Return what a weekly triangle says is missing at its last week."""
    as_of = int(triangle.periods[-1])
    caster = Nowcaster(triangle, span_days=None)
    told = caster.at(as_of)
    units = len(triangle.unit_codes)
    entered = triangle.entered_at(as_of).reshape(units, -1, WEEKDAYS).sum(axis=2)
    final = caster.final_days(as_of).reshape(units, -1, WEEKDAYS).sum(axis=2)
    # Entered rows can be withdrawn, but a cumulative count of people is not thought to fall by it.
    missing = np.maximum(final - entered, 0.0)
    quantiles = np.maximum(told.quantiles - told.entered[:, None], 0.0)
    return Lag(triangle.unit_codes, entered, _to_total(missing, quantiles[:, MEDIAN]), quantiles)


def _to_total(missing: FloatArray, total: FloatArray) -> FloatArray:
    """Stretch the weeks' missing rows so that they sum to the middle of the interval, where there is one."""
    thought = missing.sum(axis=1)
    usable = np.isfinite(total) & (thought > 0)
    factor = np.divide(total, thought, out=np.ones_like(thought), where=usable)
    return np.asarray(missing * factor[:, None])


def add_late_entries(histories: list[History], lags: Lags) -> list[History]:
    """Return the histories with the people thought to be entered late; as they are on the reported basis.

    `people` and the panel are then estimates, `entered` keeps the counts, and `start` holds the 23
    quantiles of people at the last week of each unit. The country is the sum of its provinces: its own
    triangle misleads when the campaign moves to provinces that enter faster or slower.
    """
    added = [_add_to_units(history, lags) for history in histories]
    provinces = {(h.basis, h.age_group): h for h in added if h.unit_level == "province"}
    return [
        _add_to_country(h, provinces[h.basis, h.age_group])
        if h.unit_level == "country" and (h.basis, h.age_group) in provinces
        else h
        for h in added
    ]


def _add_to_units(history: History, lags: Lags) -> History:
    people, start = dict(history.people), dict(history.start)
    for status, entered in history.people.items():
        lag = lags.get((history.unit_level, status))
        if lag is not None and history.basis in LATE_BASES:
            people[status], start[status] = _with_missing(history, entered, lag)
    return _with_estimates(history, people, start)


def _with_estimates(history: History, people: dict[str, FloatArray], start: dict[str, FloatArray]) -> History:
    percent = {s: 100.0 * counts / history.population[:, None] for s, counts in people.items()}
    return replace(history, people=people, start=start, panel=replace(history.panel, values=percent))


def _add_to_country(country: History, provinces: History) -> History:
    """Return the country with the late entries of its provinces; people of no province are as late."""
    people, start = dict(country.entered), {}
    for status, quantiles in provinces.start.items():
        entered, counted = provinces.entered[status], country.entered[status]
        known = np.nansum(entered[:, -1])
        factor = counted[0, -1] / known if known > 0 else 1.0
        weeks = min(entered.shape[1], counted.shape[1])
        late = np.nansum(provinces.people[status] - entered, axis=0)[-weeks:] * factor
        spread = np.nan_to_num(quantiles - entered[:, [-1]])
        people[status] = counted.copy()
        people[status][:, -weeks:] += late
        start[status] = counted[:, [-1]] + np.maximum(sum_quantiles(spread) * factor, 0.0)
    return _with_estimates(country, people, start)


def _with_missing(history: History, entered: FloatArray, lag: Lag) -> tuple[FloatArray, FloatArray]:
    """Return people with late entries (units × weeks) and the quantiles of the last week (units × 23)."""
    place = {code: k for k, code in enumerate(lag.unit_codes)}
    rows = np.array([place.get(code, -1) for code in history.panel.unit_codes])
    known = (rows >= 0)[:, None]
    weeks = min(entered.shape[1], lag.missing.shape[1])
    share = _group_share(entered, np.where(known, lag.entered[rows], 0.0))
    late = np.where(known, lag.missing[rows], 0.0) * share
    people = entered.copy()
    before = late[:, : late.shape[1] - weeks].sum(axis=1, keepdims=True)
    people[:, -weeks:] += before + late[:, late.shape[1] - weeks :].cumsum(axis=1)
    spread = np.where(known, lag.quantiles[rows], 0.0) * share
    spread = np.where(np.isfinite(spread), spread, late.sum(axis=1, keepdims=True))
    return people, entered[:, [-1]] + spread


def _group_share(people: FloatArray, rows: FloatArray) -> FloatArray:
    """Return how many people of the group came with each row of the newest weeks (units × 1)."""
    weeks = min(SHARE_WEEKS, people.shape[1] - 1, rows.shape[1])
    if weeks < 1:
        return np.ones((people.shape[0], 1))
    came = np.nan_to_num(people[:, -1] - people[:, -1 - weeks])
    entered = rows[:, -weeks:].sum(axis=1)
    share = np.divide(came, entered, out=np.ones_like(came), where=entered > 0)
    return np.asarray(np.clip(share, 0.0, LARGEST_SHARE)[:, None])


def nowcast_rows(history: History, run: RunParameters) -> pd.DataFrame:
    """Return the rows of the table `nowcast` of one group; units without a count now have none."""
    parts = []
    for status, start in history.start.items():
        middle = start[:, MEDIAN]
        frame = pd.DataFrame(
            {
                "unit_code": history.panel.unit_codes,
                "people": history.entered[status][:, -1],
                "people_nowcast": np.round(middle),
                "people_nowcast_low": np.round(start[:, INTERVAL_95[0]]),
                "people_nowcast_high": np.round(start[:, INTERVAL_95[1]]),
                "population": history.population,
                "coverage_nowcast_pct": _percent(np.round(middle), history.population),
            }
        ).assign(series_status=status)
        parts.append(frame[np.isfinite(middle)])
    if not parts:
        return pd.DataFrame()
    return pd.concat(parts, ignore_index=True).assign(
        unit_level=history.unit_level,
        basis=history.basis,
        age_group=history.age_group,
        reference_date=pd.Timestamp(run.as_of),
    )


def _percent(people: FloatArray, population: FloatArray) -> FloatArray:
    """Return 100 × people ÷ population to two places, half up, by whole numbers as `coverage` does."""
    known = np.isfinite(people) & np.isfinite(population)
    part, whole = (np.where(known, counts, 1.0).astype(np.int64) for counts in (people, population))
    return np.where(known, (20000 * part + whole) // (2 * whole) / 100.0, np.nan)


def add_spread(values: FloatArray, history: History, status: str) -> FloatArray:
    """Widen a forecast (units × horizons × 23) by the interval of where it starts; never below what is entered.

    The two errors are taken to be independent.
    """
    if status not in history.start:
        return values
    start = history.start_percent(status)
    away = values - values[..., [MEDIAN]]
    start_away = (start - start[:, [MEDIAN]])[:, None]
    total = values[..., [MEDIAN]] + np.sign(QUANTILES - 0.5) * np.hypot(away, start_away)
    floor = 100.0 * history.entered[status][:, -1] / history.population
    return np.asarray(np.maximum(total, floor[:, None, None]))
