"""What the figures give every unit to do, as a table: how much, where first, who leads, by when."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from analysis.coverage.entry.plan import PLAN_DAYS
from analysis.reference import read_units
from analysis.settings import RunParameters
from analysis.tables import TABLES
from analysis.trends.needs import (
    FIRST_DOSE_DAYS,
    OVERDUE_DAYS,
    doses_to_ask,
    next_step,
    people_missing,
    stock_of,
)

TASK_COLUMNS = list(TABLES["tasks"].columns)
COUNTRY = "VN"
# Who leads each task: below the ministry, in the province (8938/BYT-DP, 9438/BYT-CNTT; sources page-10).
LEADS = {
    "first_doses": "district_health_centre",
    "second_doses": "commune_health_station",
    "enter": "vaccination_site",
    "verify": "commune_police",
    "ask_doses": "health_department",
}
DAYS = {"first_doses": FIRST_DOSE_DAYS, "second_doses": OVERDUE_DAYS, "enter": PLAN_DAYS, "verify": PLAN_DAYS}
Rows = dict[str, dict[str, Any]]

RATES = (
    "SELECT unit_code, people, population, coverage_pct FROM coverage WHERE reference_date = ? AND age_group = '18+' "
    "AND basis = 'reported' AND series_status = 'at_least_one' AND unit_level IN ('country', 'province', 'district') "
    "AND coverage_pct IS NOT NULL"
)
ENTRY = "SELECT unit_code, backlog FROM entry_progress WHERE reference_date = ? AND backlog > 0"
SUPPLY = "SELECT * FROM supply WHERE reference_date = ?"
SECOND = (
    "SELECT unit_code, sum(people)::BIGINT AS people, coalesce(sum(people) FILTER (state = 'overdue'), 0)::BIGINT "
    "AS overdue FROM due_counts WHERE next_dose = 2 AND state IN ('due', 'overdue') "
    "AND unit_level IN ('country', 'province') GROUP BY ALL"
)
VERIFY = "SELECT unit_code, backlog FROM entry_plan WHERE task = 'verify' AND backlog > 0"


def list_tasks(con: duckdb.DuckDBPyConnection, run: RunParameters) -> pd.DataFrame:
    """Return one row a unit (country, province) and task; reads views of the tables the queries name.

    `where` are the codes of the places concerned, those that need it most first; `due` is a proposal.
    """
    day = [run.as_of]
    rates, entry, supply = (_by_unit(con, query, day) for query in (RATES, ENTRY, SUPPLY))
    second, verify = (_by_unit(con, query, []) for query in (SECOND, VERIFY))
    found: list[tuple[Any, ...]] = []
    for code, parts in _parts().items():
        first = list(_first_doses(code, parts, rates))
        missing = sum(people for _, people in first)
        own = second.get(code, {"people": 0, "overdue": 0})
        waiting = sorted((c for c in parts if c in entry), key=lambda c: (-entry[c]["backlog"], c))
        figures = {
            "first_doses": (missing, [c for c, _ in first]),
            "second_doses": (own["overdue"], []),
            "enter": (entry.get(code, {"backlog": 0})["backlog"], waiting),
            "verify": (verify.get(code, {"backlog": 0})["backlog"], []),
            "ask_doses": (_asked(supply.get(code), missing, own["people"]), []),
        }
        found += [_row(code, task, int(n), where, run) for task, (n, where) in figures.items() if n]
    return pd.DataFrame(found, columns=TASK_COLUMNS)


def _by_unit(con: duckdb.DuckDBPyConnection, query: str, given: list[Any]) -> Rows:
    cursor = con.execute(query, given)
    names = [column[0] for column in cursor.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {str(row["unit_code"]): row for row in rows}


def _parts() -> dict[str, list[str]]:
    """Return the provinces of the country and the districts of each province."""
    units = read_units()[["province_code", "district_code"]].drop_duplicates()
    parts = {str(code): sorted(group) for code, group in units.groupby("province_code")["district_code"]}
    return {COUNTRY: sorted(parts), **parts}


def _first_doses(code: str, parts: list[str], rates: Rows) -> Iterator[tuple[str, int]]:
    """Yield the places below the next level with the people missing there, lowest first."""
    known = [(c, rates[c]) for c in parts if c in rates] or [(code, rates[code])] if code in rates else []
    target = next_step(Decimal(row["coverage_pct"]) for _, row in known)
    for place, row in sorted(known, key=lambda pair: (pair[1]["coverage_pct"], pair[0])):
        if target is not None and row["coverage_pct"] < target:
            yield place, people_missing(int(row["population"]), int(row["people"]), target)


def _asked(row: dict[str, Any] | None, first: int, second: int) -> int:
    """Return the doses to ask for; 0 where reports do not say what is left."""
    if row is None or row["doses_allocated"] is None or row["doses_administered"] is None:
        return 0
    left = stock_of(
        row["doses_allocated"], row["doses_received"], row["doses_administered"], row["doses_discarded"]
    )
    return doses_to_ask(first, second, left)


def _row(code: str, task: str, figure: int, where: list[str], run: RunParameters) -> tuple[Any, ...]:
    due = run.as_of + timedelta(days=DAYS[task]) if task in DAYS else None
    return code, task, figure, " ".join(where), LEADS[task], due
