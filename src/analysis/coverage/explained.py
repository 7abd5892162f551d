"""Why a rate stands above 100 %, and the two rankings that must not be confused.

A rate above 100 % is never capped: people vaccinated here live elsewhere, the planning denominator is too
small, or records stand twice. What each of the three amounts to is written beside the rate.
"""

import duckdb

from analysis.coverage.bridge import STATUS_OF_NUMBER
from analysis.coverage.inputs import Inputs, by_unit_sql
from analysis.coverage.membership import AGE_IDS, STATUS_IDS
from analysis.coverage.rates import percent_sql
from analysis.settings import RunParameters
from analysis.tables import write_table

# The three causes in people, each null where it cannot be known. Doses given here to others count only on
# the reported basis (the others go by residence), duplicates only where rows are counted.
ABOVE = """
CREATE TEMP TABLE above_100 AS
SELECT f.unit_id, f.status_id, f.basis, f.people, d.population,
       CASE WHEN f.basis = 'reported' AND w.unit_id IS NOT NULL THEN g.linked - coalesce(l.linked, 0)
            WHEN f.basis <> 'reported' THEN 0 END AS given_to_others,
       CASE f.basis WHEN 'reported' THEN if(w.unit_id IS NOT NULL, g.duplicates, NULL)
                    WHEN 'recorded' THEN coalesce(t.duplicates, 0) ELSE 0 END AS duplicates,
       f.registry_population - d.population AS denominator_gap
FROM figures AS f
JOIN denominators AS d USING (unit_id, age_id)
LEFT JOIN units_with_files AS w USING (unit_id)
LEFT JOIN given AS g USING (unit_id, status_id)
LEFT JOIN living AS l USING (unit_id, status_id)
LEFT JOIN typed_duplicates AS t USING (unit_id, status_id)
WHERE f.week_index = {last} AND f.age_id = {adults} AND d.population > 0 AND f.people > d.population"""

TYPED_DUPLICATES = f"""
CREATE TEMP TABLE duplicate_parts AS
SELECT province_id, district_id, commune_id, {STATUS_OF_NUMBER} AS status_id, count(*) AS duplicates
FROM counted_rows WHERE NOT is_kept GROUP BY ALL;
CREATE TEMP TABLE typed_duplicates AS
SELECT unit_id, status_id, sum(duplicates) AS duplicates
FROM ({by_unit_sql("duplicate_parts", "status_id, duplicates")}
      UNION ALL SELECT commune_id, status_id, duplicates FROM duplicate_parts WHERE commune_id IS NOT NULL)
WHERE status_id IS NOT NULL GROUP BY ALL"""

# The main cause is the largest; ties fall to the first named. None positive: not known from these tables.
CAUSES = """
SELECT u.unit_level, u.unit_code, s.series_status, a.basis, a.people, a.population, {pct} AS coverage_pct,
       a.people - a.population AS people_above, a.given_to_others, a.duplicates, a.denominator_gap,
       CASE greatest(coalesce(given_to_others, 0), coalesce(denominator_gap, 0), coalesce(duplicates, 0), 0)
            WHEN 0 THEN NULL WHEN coalesce(given_to_others, 0) THEN 'given_to_others'
            WHEN coalesce(denominator_gap, 0) THEN 'denominator' ELSE 'duplicates' END AS main_cause
FROM above_100 AS a JOIN units AS u USING (unit_id)
JOIN (VALUES {statuses}) AS s(series_status, status_id) USING (status_id)"""

# Provinces in the country, districts in their province; equal values share a rank.
RANKINGS = """
WITH valued AS (
    SELECT unit_id, 'allocation_used' AS ranking, {used} AS value_pct
    FROM reported WHERE week_index = {last}
    UNION ALL
    SELECT f.unit_id, s.series_status, {covered}
    FROM figures AS f JOIN denominators AS d USING (unit_id, age_id)
    JOIN (VALUES {statuses}) AS s(series_status, status_id) USING (status_id)
    WHERE f.basis = 'reported' AND f.week_index = {last} AND f.age_id = {adults})
SELECT u.unit_level, u.unit_code, ranking, value_pct,
       rank() OVER (PARTITION BY u.unit_level, ranking, parent ORDER BY value_pct DESC) AS rank,
       count(*) OVER (PARTITION BY u.unit_level, ranking, parent) AS of_units
FROM (SELECT *, CASE WHEN unit_level = 'district' THEN province_code END AS parent FROM units) AS u
JOIN valued USING (unit_id)
WHERE value_pct IS NOT NULL AND u.unit_level IN ('province', 'district')"""


def explain_rates(con: duckdb.DuckDBPyConnection, run: RunParameters, inputs: Inputs) -> int:
    """Write `rates_above_100` (adults at as_of, all levels) and return its number of rows.

    `given_to_others`, `duplicates` and `denominator_gap` (living registry residents beyond the
    denominator) are people, null where unknown; `main_cause` names the largest. Needs the tables that
    `build_bridge` leaves.
    """
    con.execute(TYPED_DUPLICATES)
    con.execute(ABOVE.format(last=inputs.weeks.last_index, adults=AGE_IDS["18+"]))
    query = CAUSES.format(pct=percent_sql("a.people", "a.population"), statuses=_statuses())
    return write_table(con, "rates_above_100", query, run)


def rank_units(con: duckdb.DuckDBPyConnection, run: RunParameters, inputs: Inputs) -> int:
    """Write `rankings` at as_of by `allocation_used` and by coverage; return its number of rows.

    The ministry ranks provinces by doses given ÷ allocated and by coverage, and the two differ: on
    28/10/2021 Hà Giang stood in the first ten of the one and low in the other (domain E3).
    """
    query = RANKINGS.format(
        used=percent_sql("doses_administered", "doses_allocated"),
        covered=percent_sql("f.people", "d.population"),
        last=inputs.weeks.last_index,
        adults=AGE_IDS["18+"],
        statuses=_statuses(),
    )
    return write_table(con, "rankings", query, run)


def _statuses() -> str:
    return ", ".join(f"('{status}', {i})" for status, i in STATUS_IDS.items())
