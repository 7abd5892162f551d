"""The last day on which a first dose still lets a series be complete when a target is due, by product."""

from datetime import date, timedelta

import pandas as pd

from analysis.reference.product_facts import SERIES_DOSES, USUAL_SERIES_DOSES, products_of_series
from analysis.settings import RunParameters
from analysis.tables import TABLES
from analysis.trends.targets.ways import read_targets

DEADLINE_COLUMNS = list(TABLES["first_dose_deadlines"].columns)


def list_deadlines(run: RunParameters) -> pd.DataFrame:
    """Return one row per dated target of complete series and product, with the shortest way to complete it.

    The days between doses are those of the setting `due_windows` (Quyết định 3588/QĐ-BYT and the product
    approvals), at their earliest. `days_left` counts from `as_of`; below 0: too late for a first dose.
    """
    rows = []
    for target in read_targets():
        if target.due is None or target.status != "primary_complete":
            continue
        for vaccine, days in sorted(_series_days(run).items()):
            last = target.due - timedelta(days=days)
            rows.append((target.code, vaccine, target.due, days, last, _days_left(last, run.as_of)))
    return pd.DataFrame(rows, columns=DEADLINE_COLUMNS)


def _series_days(run: RunParameters) -> dict[str, int]:
    """Return the least days from the first dose to the last of the primary series, by product."""
    windows = run.settings.due_windows
    days = {
        vaccine: earliest * (SERIES_DOSES.get(vaccine, USUAL_SERIES_DOSES) - 1)
        for vaccine, (earliest, _) in windows.items()
    }
    return days | dict.fromkeys(products_of_series(1), 0)


def _days_left(last: date, as_of: date) -> int:
    return (last - as_of).days
