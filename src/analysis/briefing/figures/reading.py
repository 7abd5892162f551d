"""What one briefing reads: the protected tables of a run, cut to one unit, and the run's own mark.

Nothing else is opened here: no restricted table, no count before disclosure control, no intake. Communes and
age groups other than 18+ are left out at this door, so that no later step can print them. A count that is not
told is its Status (UNDER_10, NOT_PUBLISHED) instead of a number.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from analysis.briefing.figures.queries import ADULTS, EARLIER, list_queries
from analysis.briefing.figures.units import COUNTRY, Unit, districts, find_unit, named_in, provinces
from analysis.disclosure.history import published_before
from analysis.disclosure.opening import open_protected
from analysis.disclosure.policy import Status
from analysis.disclosure.protected import open_earlier
from analysis.earlier_runs import read_mark
from analysis.engine import connect, sql_text
from analysis.settings import RunParameters

Row = dict[str, Any]
NOT_TOLD = (Status.UNDER_10.value, Status.NOT_PUBLISHED.value)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class RunMark:
    """What every page says of its run: simulated or not, a note, the run's id (may be empty).

    `accepted_changes` are changes against last week that a person accepted: kind, unit_code, before, now.
    """

    is_simulated: bool
    note: str
    run_id: str
    version: str
    accepted_reason: str = ""
    accepted_changes: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class UnitTables:
    """One unit's rows of the aggregate tables; coverage, entry and supply are keyed for look-up.

    `coverage`: (unit code, basis, series status, day) → row; `entry` and `supply`: (unit code, day) → row.
    `parts` are the units below: districts of a province, provinces of the country. `published` is what earlier weeks
    told of the unit's records by verdict: as_of, measure, value.
    """

    run: RunParameters
    unit: Unit
    parts: dict[str, Unit]
    mark: RunMark
    coverage: dict[tuple[str, str, str, date], Row]
    entry: dict[tuple[str, date], Row]
    supply: dict[tuple[str, date], Row]
    lists: dict[str, list[Row]]
    published: tuple[tuple[date, str, Decimal], ...] = ()

    @property
    def as_of(self) -> date:
        """The day to whose end everything is counted."""
        return self.run.as_of

    def named_in(self, language: str) -> "UnitTables":
        """Return the same with the units' names in a language."""
        parts = {code: named_in(part, language) for code, part in self.parts.items()}
        return replace(self, unit=named_in(self.unit, language), parts=parts)

    @property
    def week_before(self) -> date:
        """The day the week's change is taken against."""
        return self.run.as_of - WEEK

    def covered(self, code: str, basis: str, status: str, day: date | None = None) -> Row:
        """Return a unit's coverage row, or an empty one."""
        return self.coverage.get((code, basis, status, day or self.as_of), {})

    @property
    def reporting_provinces(self) -> int:
        """Number of provinces whose daily reports give people vaccinated at `as_of`."""
        rows = (self.coverage.get((code, "reported", "at_least_one", self.as_of), {}) for code in provinces())
        return sum(row.get("people") is not None for row in rows)

    @property
    def all_provinces_report(self) -> bool:
        """Tell whether the country's reported figures are those of the whole country."""
        return self.reporting_provinces == len(provinces())

    @property
    def is_country_of_some(self) -> bool:
        """Tell whether this is the country and only some of its provinces report."""
        return self.unit.code == COUNTRY and 0 < self.reporting_provinces < len(provinces())

    def entered(self, code: str, day: date | None = None) -> Row:
        """Return a unit's entry progress, or an empty row."""
        return self.entry.get((code, day or self.as_of), {})

    @property
    def has_platform_files(self) -> bool:
        """Tell whether exports of the unit came in; without them a few rows of others may still name it."""
        return self.unit.level == "country" or self.entered(self.unit.code).get("doses_recorded") is not None

    @property
    def unread_report_files(self) -> int:
        """Number of daily reports' files that came in and could not be used in full, whichever province sent them."""
        return sum(int(r["files"]) for r in self.lists["unread_reports"])

    def graded(self, code: str) -> Row:
        """Return how far a unit's figures can be trusted, or an empty row."""
        return next((r for r in self.lists["confidence"] if r["unit_code"] == code), {})

    def supplied(self, code: str, day: date | None = None) -> Row:
        """Return a unit's supply, or an empty row."""
        return self.supply.get((code, day or self.as_of), {})


def read_run_mark(run: RunParameters) -> RunMark:
    """Read the mark that the job leaves beside the aggregate tables; without it nothing is claimed."""
    mark = read_mark(run.processed)
    accepted = mark.get("accepted") or {}
    return RunMark(
        bool(mark.get("simulated", False)),
        str(mark.get("note") or ""),
        str(mark.get("run_id") or ""),
        str(mark.get("version") or ""),
        str(accepted.get("reason") or ""),
        tuple(accepted.get("changes") or ()),
    )


def read_unit_tables(run: RunParameters, unit_code: str) -> UnitTables:
    """Read what the briefing of `VN` or a province needs; raises RequestError for an unknown unit.

    A table that was never written reads as empty: the page says what is missing.
    """
    unit = find_unit(unit_code)
    parts = provinces() if unit.level == "country" else districts(unit_code)
    with connect(run) as con:
        for table in open_protected(run).values():
            table.view(con)
        _view_earlier(con, run)
        coverage = _rows(con, _coverage_query(unit, parts, run.as_of))
        entry = _rows(con, _dated_query("entry_progress", unit, parts, run.as_of))
        supply = _rows(con, _dated_query("supply", unit, parts, run.as_of))
        lists = {name: _rows(con, query) for name, query in list_queries(unit, run.as_of).items()}
    tables = UnitTables(
        run,
        unit,
        parts,
        read_run_mark(run),
        {(r["unit_code"], r["basis"], r["series_status"], r["reference_date"]): r for r in coverage},
        {(r["unit_code"], r["reference_date"]): r for r in entry},
        {(r["unit_code"], r["reference_date"]): r for r in supply},
        lists,
        tuple(published_before(run, "verification", unit_code)),
    )
    return tables if tables.all_provinces_report else _without_rates_of_some(tables)


def _view_earlier(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make readable what the last run published, as `earlier_<table>`; empty without one."""
    earlier = open_earlier(run)
    for name, columns in EARLIER.items():
        view = f"earlier_{name}"
        if name in earlier:
            earlier[name].view(con, f"{view}_whole")
        else:
            con.execute(f"CREATE TEMP VIEW {view}_whole AS FROM {name} WHERE false")
        there = {row[0] for row in con.execute(f"DESCRIBE {view}_whole").fetchall()}
        listed = ", ".join(c if c in there else f"NULL AS {c}" for c in columns.split())
        con.execute(f"CREATE TEMP VIEW {view} AS SELECT {listed} FROM {view}_whole")


def _without_rates_of_some(tables: UnitTables) -> UnitTables:
    """Take away the country's reported rates and what is forecast from them.

    Where not all provinces report, their people are no share of everybody, and the page must not say so.
    """
    coverage = {
        key: row | {"coverage_pct": None} if key[:2] == (COUNTRY, "reported") else row
        for key, row in tables.coverage.items()
    }
    if tables.unit.code != COUNTRY:
        return replace(tables, coverage=coverage)
    unsaid: dict[str, list[Row]] = {"forecast": [], "past_forecasts": [], "targets": []}
    return replace(tables, coverage=coverage, lists=tables.lists | unsaid)


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """Return a query's rows as dictionaries; DECIMAL stays Decimal, and what is withheld is its Status."""
    cursor = con.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [_with_statuses(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _with_statuses(row: Row) -> Row:
    """Put its Status in the place of a count that is not told."""
    for name in row:
        status = row.get(f"{name}_status")
        if status in NOT_TOLD:
            row[name] = Status(status)
    return row


def is_told(value: Any) -> bool:
    """Tell whether a count is known and told."""
    return value is not None and not isinstance(value, Status)


def _scope(unit: Unit, parts: dict[str, Unit], as_of: date) -> str:
    """Return the condition on rows: the unit at every date; other units at `as_of` and a week before.

    A province's page also needs the other provinces (its rank) and the country (its first sentence).
    """
    codes = ", ".join(sql_text(code) for code in sorted({"VN", *parts}))
    days = f"DATE {sql_text(str(as_of))}, DATE {sql_text(str(as_of - WEEK))}"
    return (
        "unit_level IN ('country', 'province', 'district') AND ("
        f"unit_code = {sql_text(unit.code)} OR (reference_date IN ({days}) "
        f"AND (unit_level = 'province' OR unit_code IN ({codes}))))"
    )


def _coverage_query(unit: Unit, parts: dict[str, Unit], as_of: date) -> str:
    return (
        "SELECT unit_code, basis, series_status, reference_date, people, people_status, population, coverage_pct, "
        "population_source, population_date, people_low, people_high, registry_population, "
        f"coverage_registry_pct FROM coverage WHERE age_group = {sql_text(ADULTS)} "
        f"AND {_scope(unit, parts, as_of)}"
    )


def _dated_query(table: str, unit: Unit, parts: dict[str, Unit], as_of: date) -> str:
    return f"SELECT * FROM {table} WHERE {_scope(unit, parts, as_of)}"
