"""What the coverage stage begins with: the tables of earlier stages, the units and the weeks.

What an intake lacks is an empty table, so that what needs it becomes null or absent instead of an error
(sources in-4).
Codes of places become small integers (`unit_id`) while counting: 63 provinces, 705 districts, 35 weeks and
24 groups are counted in one pass, and integers sort several times faster.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from analysis.engine import sql_files
from analysis.pipeline import COVERAGE
from analysis.reference import read_units
from analysis.settings import FIRST_DOSE_IN_COUNTRY, RunParameters
from analysis.steps import Plan, Step, opened
from analysis.tables import TABLES

COUNTRY_ID = 0  # unit_id of the country; the others follow the order in which tables are written
PROVINCES_IN_COUNTRY = 63  # November 2021, before the mergers of 2025 (sources place-1)

# One row a country, province, district or commune; the codes name the units above it.
UNITS = """
SELECT if(unit_level = 'country', 0, CAST(row_number() OVER (ORDER BY unit_level, unit_code) AS INTEGER))
       AS unit_id, *
FROM (
    SELECT 'country' AS unit_level, 'VN' AS unit_code,
           CAST(NULL AS VARCHAR) AS province_code, CAST(NULL AS VARCHAR) AS district_code
    UNION ALL SELECT DISTINCT 'province', province_code, province_code, NULL FROM unit_reference
    UNION ALL SELECT DISTINCT 'district', district_code, province_code, district_code FROM unit_reference
    UNION ALL SELECT DISTINCT 'commune', commune_code, province_code, district_code
    FROM unit_reference WHERE commune_code <> '')"""

# Sources count-9: a province has platform files when it is the residence of at least half of some file's rows.
FILE_PROVINCES = """
SELECT DISTINCT province_code
FROM (SELECT source_file, province_code, count(*) AS rows_here,
             sum(count(*)) OVER (PARTITION BY source_file) AS rows_in_file
      FROM doses GROUP BY source_file, province_code)
WHERE province_code IS NOT NULL AND 2 * rows_here >= rows_in_file"""

# Units whose recorded and reconciled figures can be given; the country only when all provinces have files.
UNITS_WITH_FILES = f"""
SELECT unit_id FROM units JOIN file_provinces USING (province_code)
UNION ALL
SELECT unit_id FROM units
WHERE unit_level = 'country'
  AND (SELECT count(*) FROM file_provinces
       JOIN (SELECT DISTINCT province_code FROM units) USING (province_code)) = {PROVINCES_IN_COUNTRY}"""

# Allocations came before the first injection and make no week of their own; nor does a mistyped year.
FIRST_EVENT = f"""
SELECT min(day) FROM (
    SELECT min(vaccination_date) AS day FROM {{doses}}
    WHERE is_counted AND vaccination_date >= DATE '{FIRST_DOSE_IN_COUNTRY}'
    UNION ALL SELECT min(report_date) FROM {{reports}} WHERE report_date >= DATE '{FIRST_DOSE_IN_COUNTRY}')"""

WEEKS = """
SELECT CAST(i AS INTEGER) AS week_index, CAST(DATE '{first}' + CAST(7 * i AS INTEGER) AS DATE) AS reference_date
FROM (SELECT unnest(range({count})) AS i)"""


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
        weeks = f"greatest(0, CAST(date_diff('day', DATE '{self.first}', {day}) + 6 AS INTEGER) // 7)"
        return f"CASE WHEN ({day}) IS NOT NULL THEN {weeks} END"


def first_event_query(run: RunParameters) -> str:
    """Return the query of the day of the first dose or report of a run; null without any."""
    doses, reports = (sql_files([TABLES[name].path(run)]) for name in ("doses", "daily_reports"))
    return FIRST_EVENT.format(doses=doses, reports=reports)


def choose_weeks(as_of: date, first_event: date | None) -> Weeks:
    """Choose the weekly reference dates back to the first dose or report."""
    days = (as_of - min(first_event or as_of, as_of)).days
    steps = max(1, -(-days // 7))
    return Weeks(as_of - timedelta(days=7 * steps), steps + 1)


def by_unit_sql(source: str, columns: str) -> str:
    """Return SQL that gives each row of a table once for the country, once for its province and district.

    `source` is a table, not a query: unnesting a list of units over the output of a join stops DuckDB
    2.0.0 with an internal error ("dictionary … changed identity"), and would join three times here.
    """
    return (
        f"SELECT {COUNTRY_ID} AS unit_id, {columns} FROM {source} "
        f"UNION ALL SELECT province_id, {columns} FROM {source} WHERE province_id IS NOT NULL "
        f"UNION ALL SELECT district_id, {columns} FROM {source} WHERE district_id IS NOT NULL"
    )


def input_steps(run: RunParameters, weeks: Weeks) -> Plan:
    """Return the steps that open what earlier stages wrote and make the units and weeks to count."""
    reference_dates = WEEKS.format(first=weeks.first, count=weeks.count)
    return (
        *(opened(name, run) for name in COVERAGE.reads),
        Step("unit_reference", "one commune, or district without communes, of 2021", frame=read_units),
        Step("units", "one country, province, district or commune, numbered", "unit_reference", UNITS),
        Step("file_provinces", "one province with platform files", "doses", FILE_PROVINCES),
        Step(
            "units_with_files",
            "one unit whose recorded and reconciled figures can be given",
            "units file_provinces",
            UNITS_WITH_FILES,
        ),
        Step("weeks", "one reference date of the run", query=reference_dates),
    )
