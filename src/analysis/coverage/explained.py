"""Why a rate stands above 100 %, and the two rankings that must not be confused.

A rate above 100 % is never capped: people vaccinated here live elsewhere, the planning denominator is too
small, or records stand twice. What each of the three amounts to is written beside the rate.
"""

from analysis.coverage.bases.bridge import STATUS_OF_NUMBER
from analysis.coverage.inputs import Weeks, by_unit_sql
from analysis.coverage.membership import ADULTS, SERIES_STATUSES
from analysis.coverage.rates import percent_sql
from analysis.steps import Plan, Step, written

DUPLICATES_BY_COMMUNE = f"""
SELECT province_id, district_id, commune_id, {STATUS_OF_NUMBER} AS status_id, count(*) AS duplicates
FROM counted_rows WHERE NOT is_kept GROUP BY ALL"""
TYPED_DUPLICATES = f"""
SELECT unit_id, status_id, sum(duplicates) AS duplicates
FROM ({by_unit_sql("duplicates_by_commune", "status_id, duplicates")}
      UNION ALL SELECT commune_id, status_id, duplicates FROM duplicates_by_commune WHERE commune_id IS NOT NULL)
WHERE status_id IS NOT NULL GROUP BY ALL"""

# The three causes in people, each null where it cannot be known. Doses given here to others count only on
# the reported basis (the others go by residence), duplicates only where rows are counted.
ABOVE_100 = f"""
SELECT f.unit_id, f.status_id, f.basis, f.people, d.population,
       CASE WHEN f.basis = 'reported' AND w.unit_id IS NOT NULL THEN g.linked - coalesce(l.linked, 0)
            WHEN f.basis <> 'reported' THEN 0 END AS given_to_others,
       CASE f.basis WHEN 'reported' THEN if(w.unit_id IS NOT NULL, g.duplicates, NULL)
                    WHEN 'recorded' THEN coalesce(t.duplicates, 0) ELSE 0 END AS duplicates,
       f.registry_population - d.population AS denominator_gap
FROM figures AS f
JOIN denominators AS d USING (unit_id, age_id)
LEFT JOIN units_with_files AS w USING (unit_id)
LEFT JOIN given_here AS g USING (unit_id, status_id)
LEFT JOIN living_here AS l USING (unit_id, status_id)
LEFT JOIN typed_duplicates AS t USING (unit_id, status_id)
WHERE f.week_index = {{last}} AND f.age_id = {ADULTS} AND d.population > 0 AND f.people > d.population"""

# The main cause is the largest; ties fall to the first named. None positive: not known from these tables.
CAUSES = f"""
SELECT u.unit_level, u.unit_code, s.series_status, a.basis, a.people, a.population,
       {percent_sql("a.people", "a.population")} AS coverage_pct,
       a.people - a.population AS people_above, a.given_to_others, a.duplicates, a.denominator_gap,
       CASE greatest(coalesce(given_to_others, 0), coalesce(denominator_gap, 0), coalesce(duplicates, 0), 0)
            WHEN 0 THEN NULL WHEN coalesce(given_to_others, 0) THEN 'given_to_others'
            WHEN coalesce(denominator_gap, 0) THEN 'denominator' ELSE 'duplicates' END AS main_cause
FROM above_100 AS a JOIN units AS u USING (unit_id)
JOIN {SERIES_STATUSES} USING (status_id)"""

# Provinces in the country, districts in their province; equal values share a rank.
RANKINGS = f"""
WITH valued AS (
    SELECT unit_id, 'allocation_used' AS ranking, {percent_sql("doses_administered", "doses_allocated")} AS value_pct
    FROM reported_totals WHERE week_index = {{last}}
    UNION ALL
    SELECT f.unit_id, s.series_status, {percent_sql("f.people", "d.population")}
    FROM figures AS f JOIN denominators AS d USING (unit_id, age_id)
    JOIN {SERIES_STATUSES} USING (status_id)
    WHERE f.basis = 'reported' AND f.week_index = {{last}} AND f.age_id = {ADULTS})
SELECT u.unit_level, u.unit_code, ranking, value_pct,
       rank() OVER (PARTITION BY u.unit_level, ranking, parent ORDER BY value_pct DESC) AS rank,
       count(*) OVER (PARTITION BY u.unit_level, ranking, parent) AS of_units
FROM (SELECT *, CASE WHEN unit_level = 'district' THEN province_code END AS parent FROM units) AS u
JOIN valued USING (unit_id)
WHERE value_pct IS NOT NULL AND u.unit_level IN ('province', 'district')"""


def above_100_steps(weeks: Weeks) -> Plan:
    """Return the steps to `rates_above_100` (adults at as_of, all levels).

    `given_to_others`, `duplicates` and `denominator_gap` (living registry residents beyond the
    denominator) are people, null where unknown; `main_cause` names the largest.
    """
    return (
        Step(
            "duplicates_by_commune",
            "one residence as typed and dose number",
            "counted_rows",
            DUPLICATES_BY_COMMUNE,
        ),
        Step(
            "typed_duplicates",
            "one unit's duplicate rows of a dose number, by residence as typed",
            "duplicates_by_commune",
            TYPED_DUPLICATES,
        ),
        Step(
            "above_100",
            "one unit, status and basis whose people outnumber the denominator",
            "figures denominators units_with_files given_here living_here typed_duplicates",
            ABOVE_100.format(last=weeks.last_index),
        ),
        written("rates_above_100", "above_100 units", CAUSES),
    )


def ranking_steps(weeks: Weeks) -> Plan:
    """Return the step to `rankings` at as_of by `allocation_used` and by coverage.

    The ministry ranks provinces by doses given ÷ allocated and by coverage, and the two differ: on
    28/10/2021 Hà Giang stood in the first ten of the one and low in the other (sources count-12).
    """
    rankings = RANKINGS.format(last=weeks.last_index)
    return (written("rankings", "reported_totals figures denominators units", rankings),)
