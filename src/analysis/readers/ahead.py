"""Readers of what comes next: late entries, the weeks ahead, targets, and what each unit is asked to do."""

import pandas as pd

from analysis.columns import lists_columns
from analysis.readers.asking import Units, gives, read_rows
from analysis.readers.opening import query_frame, table_path
from analysis.settings import RunParameters
from analysis.tables import TABLES


@gives("forecast")
def read_forecast(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    series_status: str | None = None,
    *,
    age_group: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read forecast coverage, one row a unit, basis, age group, status, future day and quantile."""
    chosen = {"basis": basis, "series_status": series_status, "age_group": age_group}
    return read_rows(run, "forecast", Units(province_code, unit_code, unit_level), chosen)


@gives("past_forecasts")
def read_past_forecasts(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    series_status: str | None = None,
    *,
    age_group: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read what the week before forecast for as_of and what happened, one row a unit, basis, age group, status."""
    chosen = {"basis": basis, "series_status": series_status, "age_group": age_group}
    return read_rows(run, "past_forecasts", Units(province_code, unit_code, unit_level), chosen)


@gives("nowcast")
def read_nowcast(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    series_status: str | None = None,
    *,
    age_group: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read people at `as_of` once late entries are in, one row a unit, basis, age group and status."""
    chosen = {"basis": basis, "series_status": series_status, "age_group": age_group}
    return read_rows(run, "nowcast", Units(province_code, unit_code, unit_level), chosen)


@gives("targets")
def read_targets(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    *,
    target_code: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read the way to each target, one row a unit, target and basis."""
    chosen = {"basis": basis, "target_code": target_code}
    return read_rows(run, "targets", Units(province_code, unit_code, unit_level), chosen)


@lists_columns("first_dose_deadlines", TABLES["first_dose_deadlines"].columns)
def read_first_dose_deadlines(run: RunParameters) -> pd.DataFrame:
    """Read until when a first dose can still be completed by each target's day, one row a target and product."""
    return query_frame([table_path(run, "first_dose_deadlines")], "SELECT * FROM {path} ORDER BY ALL")


@gives("confidence")
def read_confidence(
    run: RunParameters,
    province_code: str | None = None,
    grade: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read how far each unit's figures can be trusted, one row a unit."""
    return read_rows(run, "confidence", Units(province_code, unit_code, unit_level), {"grade": grade})


@gives("tasks")
def read_tasks(
    run: RunParameters,
    province_code: str | None = None,
    task: str | None = None,
    *,
    unit_code: str | None = None,
) -> pd.DataFrame:
    """Read what the country and each province are asked to do this week, one row a unit and task."""
    return read_rows(run, "tasks", Units(province_code, unit_code), {"task": task})
