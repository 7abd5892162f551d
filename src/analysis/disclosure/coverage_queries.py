"""The queries of counted and estimated people, each to the level and in the form that may be told."""

from analysis.disclosure.policy import SMALLEST_SHOWN

ADULTS = "18+"
TO_DISTRICTS = "unit_level IN ('country', 'province', 'district')"
TO_PROVINCES = "unit_level IN ('country', 'province')"
# Between how many people truth may lie is told where it is not a handful.
FEW_BETWEEN = "(people - people_low BETWEEN 1 AND 9 OR people_high - people BETWEEN 1 AND 9)"
BOUND = f"CASE WHEN {TO_PROVINCES} AND NOT {FEW_BETWEEN} THEN {{0}} END AS {{0}}"
# Residents are told to the ten below the province: how many of them are not vaccinated is as sensitive.
RESIDENTS = (
    f"CASE WHEN {TO_PROVINCES} THEN registry_population WHEN registry_population >= 10 "
    "THEN (registry_population + 5) // 10 * 10 END AS registry_population"
)
AMONG = "CASE basis WHEN 'recorded' THEN population WHEN 'reconciled' THEN registry_population END"
# Of fewer than twenty people any count, or its complement, would be too small: they are told with the unit above.
COVERAGE = f"""
SELECT * REPLACE ({BOUND.format("people_low")}, {BOUND.format("people_high")}, {RESIDENTS}),
    {AMONG} AS among
FROM coverage WHERE people IS NOT NULL AND coalesce({AMONG} >= {2 * SMALLEST_SHOWN}, true) AND (
    (age_group = '{ADULTS}' AND {TO_DISTRICTS})
    OR (basis <> 'reported' AND reference_date = (SELECT max(reference_date) FROM coverage)
        AND (age_group = '{ADULTS}' OR {TO_DISTRICTS})))"""

# Steps of 1 to 9 people are told with the rest, and while what they make up is itself so small, the next smallest too.
BRIDGE_ENDS = "('reported', 'reconciled')"
OWN = "PARTITION BY unit_level, unit_code, series_status"
BRIDGE = f"""
WITH steps AS (
    SELECT *, step IN {BRIDGE_ENDS} AS is_end FROM coverage_bridge WHERE {TO_PROVINCES}
    QUALIFY count(*) FILTER (step IN {BRIDGE_ENDS} AND people BETWEEN 1 AND 9) OVER ({OWN}) = 0),
sizes AS (
    SELECT *, row_number() OVER sizes AS place, sum(people) OVER sizes AS so_far FROM steps
    WHERE NOT is_end AND (people <> 0 OR step = 'remainder')
    WINDOW sizes AS ({OWN} ORDER BY step <> 'remainder', abs(people), step)),
folded AS (
    SELECT unit_level, unit_code, series_status,
        coalesce(min(place) FILTER (place >= small AND abs(so_far) NOT BETWEEN 1 AND 9), max(place)) AS up_to
    FROM (SELECT *, 1 + count(*) FILTER (step <> 'remainder' AND abs(people) BETWEEN 1 AND 9) OVER ({OWN}) AS small
          FROM sizes)
    GROUP BY ALL)
SELECT unit_level, unit_code, series_status, s.step, s.step_order,
    CASE WHEN s.step = 'remainder' THEN r.so_far WHEN z.place <= up_to THEN NULL ELSE s.people END::BIGINT AS people,
    coalesce(s.step <> 'remainder' AND z.place <= up_to, false) AS is_folded
FROM steps AS s LEFT JOIN folded USING (unit_level, unit_code, series_status)
LEFT JOIN sizes AS z USING (unit_level, unit_code, series_status, step)
LEFT JOIN (SELECT unit_level, unit_code, series_status, place AS up_to, so_far FROM sizes) AS r
    USING (unit_level, unit_code, series_status, up_to)"""

# The limits of an estimate lie at the count, or at the most that it can be: told where neither is a handful away.
LIMIT = f"CASE WHEN {TO_PROVINCES} AND e.people_low >= 10 AND e.people_high - e.people_low >= 10 THEN e.{{0}} END AS {{0}}"
ESTIMATE = f"""
SELECT e.* REPLACE ({LIMIT.format("people_low")}, {LIMIT.format("people_high")}), registry_population AS among
FROM coverage_estimate AS e JOIN coverage AS c USING (unit_level, unit_code, series_status)
WHERE c.basis = 'reconciled' AND c.age_group = '{ADULTS}'
    AND c.reference_date = (SELECT max(reference_date) FROM coverage)
    AND coalesce(registry_population >= {2 * SMALLEST_SHOWN}, true)"""
