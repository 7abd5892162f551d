"""Coverage by unit, day, age group, status and basis: counts set against denominators."""

from analysis.coverage.inputs import PROVINCES_IN_COUNTRY, Weeks
from analysis.coverage.membership import ADULTS, AGES, NO_STATUS, RECORDED, SERIES_STATUSES, STATUS_IDS
from analysis.steps import Plan, Step, written

# Percentages are counted in hundredths by whole numbers: half up (away from zero), exact, never capped.
# One too large for the column (a denominator of a few people) is null rather than a failure.
PERCENT = """CASE WHEN {whole} > 0 THEN TRY_CAST(
    sign({part}) * ((20000 * abs({part}) + {whole}) // (2 * {whole})) * 0.01
    AS DECIMAL(9,2)) END"""


def percent_sql(part: str, whole: str) -> str:
    """Return SQL for 100 × part ÷ whole, half up; null where the whole is null or not positive."""
    return PERCENT.format(part=part, whole=whole)


REPORTED_COLUMNS = {"at_least_one": "dose_1", "primary_complete": "dose_2"}
REPORTED_CASES = " ".join(f"WHEN {STATUS_IDS[s]} THEN r.{c}" for s, c in REPORTED_COLUMNS.items())
# The statuses that a dose number alone can tell: a third number mixes three kinds of dose.
RECORDED_IDS = ", ".join(str(i) for i in RECORDED.statuses)
EXTRA_IDS = f"{STATUS_IDS['additional']}, {STATUS_IDS['booster']}"

# Cells that have a figure or the honest absence of one. Reports have no age and stand against 18+; the
# other bases cover every age group, weekly to the district and at as_of for communes. Below the province
# only units of provinces with platform files have recorded and reconciled rows. Additional and booster
# doses have rows from the week before the first of them (and always at as_of): half the table otherwise.
FIGURE_CELLS = f"""
WITH status_weeks AS (
    SELECT status_id, week_index FROM weeks, {SERIES_STATUSES}
    WHERE status_id NOT IN ({EXTRA_IDS}) OR week_index = {{last}} OR week_index >= (
        SELECT min(week_index) - 1 FROM member_changes
        WHERE measure = 'reconciled' AND status_id IN ({EXTRA_IDS}))),
shown AS (
    SELECT u.unit_id, w.week_index, f.unit_id IS NOT NULL AS has_files
    FROM units AS u LEFT JOIN units_with_files AS f USING (unit_id)
    JOIN weeks AS w ON u.unit_level <> 'commune' OR w.week_index = {{last}}
    WHERE f.unit_id IS NOT NULL OR u.unit_level IN ('country', 'province'))
SELECT unit_id, week_index, age_id, status_id, basis, has_files
FROM shown JOIN status_weeks USING (week_index), (VALUES {{bases}}) AS b(basis), {AGES}
UNION ALL
SELECT u.unit_id, week_index, {ADULTS}, status_id, 'reported', true
FROM units AS u, status_weeks
WHERE u.unit_level <> 'commune' AND EXISTS (SELECT 1 FROM reported_totals)"""

# Ordered by integers here, the sort by names when the table is written is twice as fast.
FIGURES = f"""
SELECT c.*, CASE WHEN c.basis = 'reported' THEN CASE c.status_id {REPORTED_CASES} END
                 WHEN c.is_known AND (c.basis = 'reconciled' OR c.status_id IN ({RECORDED_IDS}))
                      THEN coalesce(m.members, 0) END AS people,
       CASE WHEN c.basis = 'reconciled' AND c.is_known THEN coalesce(o.members, 0) END AS open_rows,
       CASE WHEN g.unit_id IS NOT NULL THEN coalesce(v.members, 0) END AS registry_population
FROM (SELECT figure_cells.*, has_files AND (basis = 'recorded' OR h.unit_id IS NOT NULL) AS is_known
      FROM figure_cells LEFT JOIN units_with_residents AS h ON h.unit_id = figure_cells.unit_id) AS c
LEFT JOIN reported_totals AS r ON c.basis = 'reported' AND r.unit_id = c.unit_id AND r.week_index = c.week_index
LEFT JOIN members AS m ON m.measure = c.basis AND m.unit_id = c.unit_id AND m.week_index = c.week_index
     AND m.age_id = c.age_id AND m.status_id = c.status_id
LEFT JOIN members AS o ON o.measure = 'open' AND o.unit_id = c.unit_id AND o.week_index = c.week_index
     AND o.age_id = c.age_id AND o.status_id = c.status_id AND c.basis = 'reconciled'
LEFT JOIN members AS v ON v.measure = 'registry' AND v.unit_id = c.unit_id
     AND v.week_index = c.week_index AND v.age_id = c.age_id AND v.status_id = {NO_STATUS}
LEFT JOIN registry_units AS g ON g.unit_id = c.unit_id
ORDER BY c.unit_id, c.week_index"""

# Without one resident of a province in the extract nobody there can be reconciled: unknown, not 0.
UNITS_WITH_RESIDENTS = f"""
WITH known AS (SELECT DISTINCT p.unit_code AS province_code
               FROM residents AS r JOIN units AS p ON p.unit_id = r.province_id)
SELECT unit_id FROM units JOIN known USING (province_code)
UNION ALL
SELECT unit_id FROM units WHERE unit_level = 'country'
   AND (SELECT count(*) FROM known) = {PROVINCES_IN_COUNTRY}"""

# Living registry residents can be given where the extract covers the unit: the country when all provinces.
REGISTRY_UNITS = f"""
SELECT u.unit_id FROM units AS u
JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = u.province_code
JOIN registry_provinces AS r ON r.province_id = p.unit_id
UNION ALL
SELECT unit_id FROM units WHERE unit_level = 'country'
   AND (SELECT count(*) FROM registry_provinces) = {PROVINCES_IN_COUNTRY}"""

COVERAGE = f"""
SELECT u.unit_level, u.unit_code, w.reference_date, a.age_group, s.series_status, f.basis, f.people,
       d.population, {percent_sql("f.people", "d.population")} AS coverage_pct,
       d.population_source, d.population_date, CASE WHEN f.open_rows IS NOT NULL THEN f.people END AS people_low,
       f.people + f.open_rows AS people_high, f.registry_population,
       {percent_sql("f.people", "f.registry_population")} AS coverage_registry_pct
FROM figures AS f
JOIN units AS u USING (unit_id)
JOIN weeks AS w USING (week_index)
JOIN {AGES} USING (age_id)
JOIN {SERIES_STATUSES} USING (status_id)
LEFT JOIN denominators AS d USING (unit_id, age_id)"""


def coverage_steps(weeks: Weeks, has_registry: bool) -> Plan:
    """Return the steps to `coverage`; without a registry the reconciled basis is absent."""
    bases = "('recorded'), ('reconciled')" if has_registry else "('recorded')"
    return (
        Step("units_with_residents", "one unit with any resident", "residents units", UNITS_WITH_RESIDENTS),
        Step("registry_units", "one unit the extract covers", "units registry_provinces", REGISTRY_UNITS),
        Step(
            "figure_cells",
            "one unit, week, age group, status and basis that has a figure or the honest absence of one",
            "weeks member_changes units units_with_files reported_totals",
            FIGURE_CELLS.format(last=weeks.last_index, bases=bases),
        ),
        Step(
            "figures",
            "one cell and its counts",
            "figure_cells units_with_residents reported_totals members registry_units",
            FIGURES,
        ),
        written("coverage", "figures units weeks denominators", COVERAGE),
    )
