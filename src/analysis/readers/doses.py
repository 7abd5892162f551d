"""Readers of doses: how far they are entered, how late, of which product, and what supplies there were."""

import pandas as pd

from analysis.readers.asking import Units, gives, read_rows
from analysis.settings import RunParameters


@gives("entry_progress")
def read_entry_progress(
    run: RunParameters,
    province_code: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
    newest: bool = False,
) -> pd.DataFrame:
    """Read entry progress by place given, one row a unit and reference date."""
    return read_rows(run, "entry_progress", Units(province_code, unit_code, unit_level), newest=newest)


@gives("supply")
def read_supply(
    run: RunParameters,
    province_code: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
    newest: bool = False,
) -> pd.DataFrame:
    """Read reported supply, one row a reporting unit and reference date, cumulative doses."""
    return read_rows(run, "supply", Units(province_code, unit_code, unit_level), newest=newest)


@gives("entry_plan")
def read_entry_plan(
    run: RunParameters,
    province_code: str | None = None,
    task: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read what clearing a backlog takes, one row a unit and task (`enter` doses, `verify` records)."""
    return read_rows(run, "entry_plan", Units(province_code, unit_code, unit_level), {"task": task})


@gives("entry_delays")
def read_entry_delays(
    run: RunParameters,
    province_code: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read how late doses given 4 to 12 weeks ago were entered, one row a unit of place given."""
    return read_rows(run, "entry_delays", Units(province_code, unit_code, unit_level))


@gives("reporting_triangle")
def read_reporting_triangle(
    run: RunParameters,
    province_code: str | None = None,
    series_status: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
    newest: bool = False,
) -> pd.DataFrame:
    """Read doses by day given and week of entry, one row a unit of residence, status, day and week."""
    chosen = {"series_status": series_status}
    return read_rows(run, "reporting_triangle", Units(province_code, unit_code, unit_level), chosen, newest)


@gives("first_doses_by_product")
def read_first_doses_by_product(
    run: RunParameters,
    province_code: str | None = None,
    vaccine: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
    newest: bool = False,
) -> pd.DataFrame:
    """Read first doses by residence, one row a unit, week and product."""
    chosen = {"vaccine": vaccine}
    units = Units(province_code, unit_code, unit_level)
    return read_rows(run, "first_doses_by_product", units, chosen, newest)


@gives("doses_by_product")
def read_doses_by_product(
    run: RunParameters,
    province_code: str | None = None,
    product: str | None = None,
    *,
    dose_number: int | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
    newest: bool = False,
) -> pd.DataFrame:
    """Read doses by place given, one row a unit, week, product and number of the dose.

    What is published has all weeks and numbers together: one row a unit and product, and one of all (missing).
    """
    chosen = {"product": product, "dose_number": dose_number}
    return read_rows(run, "doses_by_product", Units(province_code, unit_code, unit_level), chosen, newest)


@gives("suspicious_days")
def read_suspicious_days(
    run: RunParameters,
    province_code: str | None = None,
    *,
    measure: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read reported counts that cannot be one day's, one row a unit, day and measure."""
    return read_rows(
        run, "suspicious_days", Units(province_code, unit_code, unit_level), {"measure": measure}
    )
