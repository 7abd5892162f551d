"""What the coverage stage reads: the tables of earlier stages, the registry, the units and the weeks.

Every table that an intake may lack is opened as an empty one, so that what needs it becomes null or
absent instead of an error. Codes of places become small integers (`unit_id`) while counting: 63 provinces,
705 districts, 35 weeks and 24 groups are counted in one pass, and integers sort several times faster.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from analysis.pipeline import COVERAGE
from analysis.reference import read_units
from analysis.settings import FIRST_DOSE_IN_COUNTRY, RunParameters
from analysis.tables import TABLES, view_empty, view_table

COUNTRY_ID = 0  # unit_id of the country; the others follow the order in which tables are written
PROVINCES_IN_COUNTRY = 63  # November 2021, before the mergers of 2025 (domain D1)

# One row a country, province, district or commune; the codes name the units above it.
UNITS = """
CREATE TEMP TABLE units AS
SELECT if(unit_level = 'country', 0, CAST(row_number() OVER (ORDER BY unit_level, unit_code) AS INTEGER))
       AS unit_id, *
FROM (
    SELECT 'country' AS unit_level, 'VN' AS unit_code,
           CAST(NULL AS VARCHAR) AS province_code, CAST(NULL AS VARCHAR) AS district_code
    UNION ALL SELECT DISTINCT 'province', province_code, province_code, NULL FROM unit_reference
    UNION ALL SELECT DISTINCT 'district', district_code, province_code, district_code FROM unit_reference
    UNION ALL SELECT DISTINCT 'commune', commune_code, province_code, district_code
    FROM unit_reference WHERE commune_code <> '')"""

# Contract 3.2: a province has platform files when it is the residence of at least half of some file's rows.
FILE_PROVINCES = """
CREATE TEMP TABLE file_provinces AS
SELECT DISTINCT province_code
FROM (SELECT source_file, province_code, count(*) AS rows_here,
             sum(count(*)) OVER (PARTITION BY source_file) AS rows_in_file
      FROM doses GROUP BY source_file, province_code)
WHERE province_code IS NOT NULL AND 2 * rows_here >= rows_in_file"""

# Units whose recorded and reconciled figures can be given; the country only when all provinces have files.
UNITS_WITH_FILES = f"""
CREATE TEMP TABLE units_with_files AS
SELECT unit_id FROM units JOIN file_provinces USING (province_code)
UNION ALL
SELECT unit_id FROM units
WHERE unit_level = 'country'
  AND (SELECT count(*) FROM file_provinces
       JOIN (SELECT DISTINCT province_code FROM units) USING (province_code)) = {PROVINCES_IN_COUNTRY}"""

# Allocations came before the first injection and make no week of their own; nor does a mistyped year.
FIRST_EVENT = """
SELECT min(day) FROM (
    SELECT min(vaccination_date) AS day FROM doses WHERE is_counted AND vaccination_date >= $first
    UNION ALL SELECT min(report_date) FROM daily_reports WHERE report_date >= $first)"""


@dataclass(frozen=True)
class Weeks:
    """The reference dates of a run: `as_of` and every seventh day before it, oldest first.

    The oldest one is on or before the first dose, and there are always two, so that a week's change
    can be given. A day belongs to the first reference date on or after it (its week index).
    """

    first: date
    count: int

    @property
    def last_index(self) -> int:
        """Return the week index of `as_of`."""
        return self.count - 1

    def index_sql(self, day: str) -> str:
        """Return SQL for the week index of a DATE; null for null, and past the last after `as_of`."""
        # DuckDB's greatest() overlooks a null, which would put a dose that never was into the first week.
        weeks = f"greatest(0, CAST(({day}) - DATE '{self.first}' + 6 AS INTEGER) // 7)"
        return f"CASE WHEN ({day}) IS NOT NULL THEN {weeks} END"


def choose_weeks(as_of: date, first_event: date | None) -> Weeks:
    """Choose the weekly reference dates back to the first dose or report."""
    days = (as_of - min(first_event or as_of, as_of)).days
    steps = max(1, -(-days // 7))
    return Weeks(as_of - timedelta(days=7 * steps), steps + 1)


@dataclass(frozen=True)
class Inputs:
    """What is open in a connection: whether there is a registry, and the weeks to count."""

    weeks: Weeks
    has_registry: bool


def by_unit_sql(
    source: str, columns: str, province: str = "province_id", district: str = "district_id"
) -> str:
    """Return SQL that gives each row of a table once for the country, once for its province and district.

    `source` is a table, not a query: unnesting a list of units over the output of a join stops DuckDB
    2.0.0 with an internal error ("dictionary … changed identity"), and would join three times here.
    """
    return (
        f"SELECT {COUNTRY_ID} AS unit_id, {columns} FROM {source} "
        f"UNION ALL SELECT {province}, {columns} FROM {source} WHERE {province} IS NOT NULL "
        f"UNION ALL SELECT {district}, {columns} FROM {source} WHERE {district} IS NOT NULL"
    )


def open_inputs(con: duckdb.DuckDBPyConnection, run: RunParameters, has_registry: bool) -> Inputs:
    """View every table read; make `units`, `file_provinces`, `units_with_files` and `weeks`."""
    for name in COVERAGE.reads:
        view_input(con, name, run)
    con.register("unit_reference", read_units())
    for statement in (UNITS, FILE_PROVINCES, UNITS_WITH_FILES):
        con.execute(statement)
    weeks = _make_weeks(con, run)
    return Inputs(weeks, has_registry)


def view_input(con: duckdb.DuckDBPyConnection, name: str, run: RunParameters) -> None:
    """View a table of the run, or an empty one of the same columns when no stage wrote it."""
    if TABLES[name].path(run).is_file():
        view_table(con, name, run)
    else:
        view_empty(con, name)


def _make_weeks(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Weeks:
    found = con.execute(FIRST_EVENT, {"first": FIRST_DOSE_IN_COUNTRY}).fetchall()[0][0]
    weeks = choose_weeks(run.as_of, found)
    con.execute(
        "CREATE TEMP TABLE weeks AS SELECT CAST(i AS INTEGER) AS week_index, "
        f"CAST(DATE '{weeks.first}' + CAST(7 * i AS INTEGER) AS DATE) AS reference_date "
        f"FROM range({weeks.count}) AS r(i)"
    )
    return weeks
