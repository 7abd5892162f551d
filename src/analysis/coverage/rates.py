"""Coverage by unit, day, age group, status and basis: counts set against denominators."""

import duckdb

from analysis.coverage.inputs import PROVINCES_IN_COUNTRY, Inputs
from analysis.coverage.membership import AGE_IDS, NO_STATUS, RECORDED, STATUS_IDS
from analysis.engine import sql_text
from analysis.settings import RunParameters
from analysis.tables import write_table

# Percentages are counted in hundredths by whole numbers: half up (away from zero), exact, never capped.
# One too large for the column (a denominator of a few people) is null rather than a failure.
PERCENT = """CASE WHEN {whole} > 0 THEN TRY_CAST(
    sign({part}) * ((20000 * abs({part}) + {whole}) // (2 * {whole})) * 0.01
    AS DECIMAL(9,2)) END"""

REPORTED_COLUMNS = {"at_least_one": "dose_1", "primary_complete": "dose_2"}

# Cells that have a figure or the honest absence of one. Reports have no age and stand against 18+; the
# other bases cover every age group, weekly to the district and at as_of for communes. Below the province
# only units of provinces with platform files have recorded and reconciled rows. Additional and booster
# doses have rows from the week before the first of them (and always at as_of): half the table otherwise.
CELLS = """
CREATE TEMP TABLE cells AS
WITH status_weeks AS (
    SELECT status_id, week_index FROM weeks, (VALUES {statuses}) AS s(status_id)
    WHERE status_id NOT IN ({extra}) OR week_index = {last} OR week_index >= (
        SELECT min(week_index) - 1 FROM changes WHERE measure = 'reconciled' AND status_id IN ({extra}))),
shown AS (
    SELECT u.unit_id, w.week_index, f.unit_id IS NOT NULL AS has_files
    FROM units AS u LEFT JOIN units_with_files AS f USING (unit_id)
    JOIN weeks AS w ON u.unit_level <> 'commune' OR w.week_index = {last}
    WHERE f.unit_id IS NOT NULL OR u.unit_level IN ('country', 'province'))
SELECT unit_id, week_index, age_id, status_id, basis, has_files
FROM shown JOIN status_weeks USING (week_index), (VALUES {bases}) AS b(basis), (VALUES {ages}) AS a(age_id)
UNION ALL
SELECT u.unit_id, week_index, {adults}, status_id, 'reported', true
FROM units AS u, status_weeks
WHERE u.unit_level <> 'commune' AND EXISTS (SELECT 1 FROM reported)"""

# Ordered by integers here, the sort by names when the table is written is twice as fast.
FIGURES = """
CREATE TEMP TABLE figures AS
SELECT c.*, CASE WHEN c.basis = 'reported' THEN CASE c.status_id {reported} END
                 WHEN c.is_known THEN {counted} END AS people,
       CASE WHEN c.basis = 'reconciled' AND c.is_known THEN coalesce(o.members, 0) END AS open_rows,
       CASE WHEN g.unit_id IS NOT NULL THEN coalesce(v.members, 0) END AS registry_population
FROM (SELECT *, has_files AND (basis = 'recorded' OR unit_id IN (SELECT unit_id FROM units_with_residents))
              AS is_known FROM cells) AS c
LEFT JOIN reported AS r ON c.basis = 'reported' AND r.unit_id = c.unit_id AND r.week_index = c.week_index
LEFT JOIN members AS m ON m.measure = c.basis AND m.unit_id = c.unit_id AND m.week_index = c.week_index
     AND m.age_id = c.age_id AND m.status_id = c.status_id
LEFT JOIN members AS o ON o.measure = 'open' AND o.unit_id = c.unit_id AND o.week_index = c.week_index
     AND o.age_id = c.age_id AND o.status_id = c.status_id AND c.basis = 'reconciled'
LEFT JOIN members AS v ON v.measure = 'registry' AND v.unit_id = c.unit_id
     AND v.week_index = c.week_index AND v.age_id = c.age_id AND v.status_id = {no_status}
LEFT JOIN registry_units AS g ON g.unit_id = c.unit_id
ORDER BY c.unit_id, c.week_index"""


# Without one resident of a province in the extract nobody there can be reconciled: unknown, not 0.
UNITS_WITH_RESIDENTS = f"""
CREATE TEMP TABLE units_with_residents AS
WITH known AS (SELECT DISTINCT p.unit_code AS province_code
               FROM residents AS r JOIN units AS p ON p.unit_id = r.province_id)
SELECT unit_id FROM units JOIN known USING (province_code)
UNION ALL
SELECT unit_id FROM units WHERE unit_level = 'country'
   AND (SELECT count(*) FROM known) = {PROVINCES_IN_COUNTRY}"""

# Living registry residents can be given where the extract covers the unit: the country when all provinces.
REGISTRY_UNITS = f"""
CREATE TEMP TABLE registry_units AS
SELECT u.unit_id FROM units AS u
JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = u.province_code
JOIN registry_provinces AS r ON r.province_id = p.unit_id
UNION ALL
SELECT unit_id FROM units WHERE unit_level = 'country'
   AND (SELECT count(*) FROM registry_provinces) = {PROVINCES_IN_COUNTRY}"""

COVERAGE = """
SELECT u.unit_level, u.unit_code, w.reference_date, a.age_group, s.series_status, f.basis, f.people,
       d.population, {coverage_pct} AS coverage_pct, d.population_source, d.population_date,
       CASE WHEN f.open_rows IS NOT NULL THEN f.people END AS people_low,
       f.people + f.open_rows AS people_high, f.registry_population,
       {registry_pct} AS coverage_registry_pct
FROM figures AS f
JOIN units AS u USING (unit_id)
JOIN weeks AS w USING (week_index)
JOIN (VALUES {ages}) AS a(age_group, age_id) USING (age_id)
JOIN (VALUES {statuses}) AS s(series_status, status_id) USING (status_id)
LEFT JOIN denominators AS d USING (unit_id, age_id)"""


def percent_sql(part: str, whole: str) -> str:
    """Return SQL for 100 × part ÷ whole, half up; null where the whole is null or not positive."""
    return PERCENT.format(part=part, whole=whole)


def measure_coverage(con: duckdb.DuckDBPyConnection, run: RunParameters, inputs: Inputs) -> int:
    """Write the table `coverage` and return its number of rows.

    Needs `members`, `reported`, `denominators` and `registry_provinces`. Leaves `figures`, one row a cell
    with integer ids, for the modules that explain it.
    """
    con.execute(UNITS_WITH_RESIDENTS)
    con.execute(REGISTRY_UNITS)
    con.execute(_cells_query(inputs))
    con.execute(_figures_query())
    return write_table(
        con,
        "coverage",
        COVERAGE.format(
            coverage_pct=percent_sql("f.people", "d.population"),
            registry_pct=percent_sql("f.people", "f.registry_population"),
            ages=_values(AGE_IDS),
            statuses=_values(STATUS_IDS),
        ),
        run,
    )


def _cells_query(inputs: Inputs) -> str:
    bases = ["recorded", "reconciled"] if inputs.has_registry else ["recorded"]
    return CELLS.format(
        last=inputs.weeks.last_index,
        bases=", ".join(f"({sql_text(b)})" for b in bases),
        ages=", ".join(f"({i})" for i in AGE_IDS.values()),
        statuses=", ".join(f"({i})" for i in STATUS_IDS.values()),
        adults=AGE_IDS["18+"],
        extra=", ".join(str(STATUS_IDS[s]) for s in ("additional", "booster")),
    )


def _figures_query() -> str:
    reported = " ".join(f"WHEN {STATUS_IDS[s]} THEN r.{c}" for s, c in REPORTED_COLUMNS.items())
    return FIGURES.format(
        reported=reported,
        counted=f"CASE WHEN c.basis = 'reconciled' OR c.status_id IN ({_recorded_ids()}) "
        "THEN coalesce(m.members, 0) END",
        no_status=NO_STATUS,
    )


def _recorded_ids() -> str:
    """Return the statuses that a dose number alone can tell: a third number mixes three kinds of dose."""
    return ", ".join(str(i) for i in RECORDED.statuses)


def _values(ids: dict[str, int]) -> str:
    return ", ".join(f"({sql_text(name)}, {i})" for name, i in ids.items())
