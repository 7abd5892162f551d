"""Forecast coverage and the way to each target for every unit: the trends stage of the weekly job."""

from dataclasses import asdict, dataclass

import duckdb
import numpy as np
import pandas as pd

from analysis.engine import connect
from analysis.settings import RunParameters
from analysis.tables import TABLES, write_table
from analysis.trends.confidence import write_confidence
from analysis.trends.forecast.growth import pooled
from analysis.trends.forecast.histories import (
    LEVELS,
    REPORTED,
    History,
    read_histories,
    view_input,
)
from analysis.trends.forecast.quantiles import QUANTILES, FloatArray
from analysis.trends.forecast.series import SERIES, as_day
from analysis.trends.forecast.sums import country_from_provinces
from analysis.trends.forecast.supply_limits import limit_gains, read_supply, supply_of, supply_share
from analysis.trends.forecast.suspicious import leave_out_excess, read_excess, supply_without_excess
from analysis.trends.nowcast.entry_lag import add_late_entries, add_spread, nowcast_rows, read_lags
from analysis.trends.previous import write_link_audit, write_past_forecasts
from analysis.trends.targets.deadlines import DEADLINE_COLUMNS, list_deadlines
from analysis.trends.targets.ways import TARGET_COLUMNS, TARGET_HORIZONS, project_targets, read_targets
from analysis.trends.tasks import TASK_COLUMNS, list_tasks

HORIZONS = (1, 2, 4, 8)  # weeks ahead in the table `forecast`
ADULTS = "18+"
READ = (
    *("coverage", "supply", "reporting_triangle", "first_doses_by_product", "suspicious_days"),
    *("entry_progress", "entry_plan", "due_counts", "verification", "quality"),
)
FORECAST_COLUMNS = list(TABLES["forecast"].columns)


@dataclass(frozen=True)
class TrendSummary:
    """What the stage wrote: rows, units forecast, bases, and why something is missing (None: nothing)."""

    forecast_rows: int
    target_rows: int
    units: int
    bases: tuple[str, ...]
    missing: str | None

    def as_table(self) -> pd.DataFrame:
        """Return the summary as one row, for showing."""
        return pd.DataFrame([asdict(self) | {"bases": ", ".join(self.bases), "missing": self.missing or ""}])


def project_coverage(run: RunParameters) -> TrendSummary:
    """Write the tables of the stage from `coverage`, `supply`, the triangle of entries and `suspicious_days`.

    What is to be done and how far figures can be trusted come from the counts of entry, verification and files.

    Opens the aggregate folder only, and the previous run's forecasts to say how they came out. The recorded
    and reconciled bases start from the nowcast, so their forecasts are of the doses given by a day, entered
    by then or later. Groups without counts at `as_of` (no daily reports: no reported basis) are absent,
    never estimated.
    """
    with connect(run) as con:
        for name in READ:
            view_input(con, name, run)
        excess = read_excess(con, run)
        lags = read_lags(con, run)
        histories = leave_out_excess(add_late_entries(read_histories(con, run), lags), excess)
        supply = supply_without_excess(read_supply(con, run), excess)
        forecasts, targets = _project_all(histories, supply, run)
        nowcasts = [nowcast_rows(history, run) for history in histories]
        _write(con, "nowcast", nowcasts, list(TABLES["nowcast"].columns), run)
        _write(con, "first_dose_deadlines", [list_deadlines(run)], DEADLINE_COLUMNS, run)
        write_past_forecasts(con, run)
        write_link_audit(con, run)
        write_confidence(con, run)
        _write(con, "tasks", [list_tasks(con, run)], TASK_COLUMNS, run)
        forecast_rows = _write(con, "forecast", forecasts, FORECAST_COLUMNS, run)
        target_rows = _write(con, "targets", targets, TARGET_COLUMNS, run)
    bases = tuple(sorted({h.basis for h in histories}))
    units = len({(h.unit_level, code) for h in histories for code in h.panel.unit_codes})
    missing = None if "reported" in bases else "không có báo cáo ngày: không dự báo theo báo cáo"
    return TrendSummary(forecast_rows, target_rows, units, bases, missing)


def _project_all(
    histories: list[History], supply: pd.DataFrame, run: RunParameters
) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """Forecast every group once and read both tables off the same quantiles."""
    forecasts, targets = [], []
    for history, status, values in _forecast_all(histories, supply, run):
        if (history.basis, history.age_group) != (REPORTED, "all"):  # reports have no age: one forecast
            forecasts.append(_forecast_rows(history, status, values, run))
        targets += _target_rows(history, status, values, supply, run)
    return forecasts, targets


def _forecast_all(
    histories: list[History], supply: pd.DataFrame, run: RunParameters
) -> list[tuple[History, str, FloatArray]]:
    """Forecast every group and status, districts first; the country is the sum of its provinces."""
    plain = [(h, _forecast_group(h, run)) for h in histories]
    shares = {
        h.unit_level: supply_share(h, values, supply, TARGET_HORIZONS)
        for h, values in plain
        if (h.basis, h.age_group) == (REPORTED, ADULTS)
    }
    made: dict[tuple[str, str, str], tuple[History, FloatArray]] = {}
    found = []
    for history, forecasts in sorted(plain, key=lambda p: LEVELS.index(p[0].unit_level), reverse=True):
        share = _share_for(history, histories, shares)
        for status, unlimited in forecasts.items():
            values = _with_limits(history, status, unlimited, share)
            group = (history.basis, history.age_group, status)
            if history.unit_level == "country" and group in made:
                values = country_from_provinces(status, history, values, *made[group])
            if history.unit_level == "province":
                made[group] = (history, values)
            found.append((history, status, values))
    return found


def _forecast_group(history: History, run: RunParameters) -> dict[str, FloatArray]:
    """Return the forecast of a group by status at the horizons of targets; empty without any week."""
    past = history.panel.until(as_day(run.as_of))
    if past.weeks.size == 0:
        return {}
    return {status: pooled(past, status, TARGET_HORIZONS) for status in SERIES}


def _share_for(
    history: History, histories: list[History], shares: dict[str, FloatArray]
) -> FloatArray | None:
    """Return what the reports of a group's units say of their supply, in its order of units; None without."""
    if history.unit_level not in shares:
        return None
    reported = next(
        h for h in histories if (h.unit_level, h.basis, h.age_group) == (history.unit_level, REPORTED, ADULTS)
    )
    place = {code: k for k, code in enumerate(reported.panel.unit_codes)}
    rows = np.array([place.get(code, -1) for code in history.panel.unit_codes], dtype=np.int64)
    return np.where((rows >= 0)[:, None, None], shares[history.unit_level][rows], 1.0)


def _with_limits(history: History, status: str, values: FloatArray, share: FloatArray | None) -> FloatArray:
    """Return a forecast within what supply allows, as wide as where it starts is uncertain."""
    now = history.panel.values[status][:, -1]
    limited = values if share is None else limit_gains(values, now, share)
    return add_spread(limited, history, status)


def _forecast_rows(history: History, status: str, values: FloatArray, run: RunParameters) -> pd.DataFrame:
    """Return the rows of `forecast` of one group and status; units without a percent now have none."""
    picked = [TARGET_HORIZONS.index(h) for h in HORIZONS]
    known = np.flatnonzero(np.isfinite(values[:, picked, :]).all(axis=(1, 2)))
    index = pd.MultiIndex.from_product(
        [[history.panel.unit_codes[k] for k in known], HORIZONS, QUANTILES],
        names=["unit_code", "horizon", "quantile"],
    )
    rows = pd.DataFrame({"value": values[known][:, picked, :].ravel()}, index=index).reset_index()
    rows["target_date"] = pd.Timestamp(run.as_of) + pd.to_timedelta(rows.pop("horizon") * 7, unit="D")
    return rows.assign(
        unit_level=history.unit_level,
        basis=history.basis,
        age_group=history.age_group,
        series_status=status,
        as_of=pd.Timestamp(run.as_of),
    )


def _target_rows(
    history: History, status: str, values: FloatArray, supply: pd.DataFrame, run: RunParameters
) -> list[pd.DataFrame]:
    """Return the rows of `targets` that this group can answer: those of its age group and status."""
    left = supply_of(supply, history)["doses_left"].to_numpy(dtype=np.float64)
    return [
        project_targets(target, history, values, left, run.as_of)
        for target in read_targets()
        if (target.status, target.age_group) == (status, history.age_group)
    ]


def _write(
    con: duckdb.DuckDBPyConnection,
    name: str,
    parts: list[pd.DataFrame],
    columns: list[str],
    run: RunParameters,
) -> int:
    """Write one table from its parts; without any part the table is written empty."""
    filled = [part for part in parts if len(part)]
    if not filled:
        empty = ", ".join(f'NULL AS "{c}"' for c in columns)
        return write_table(con, name, f"SELECT {empty} WHERE false", run)
    con.register(f"{name}_rows", pd.concat(filled, ignore_index=True))
    return write_table(con, name, f"SELECT * FROM {name}_rows", run)
