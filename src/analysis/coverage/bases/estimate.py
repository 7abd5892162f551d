"""How many adults are probably vaccinated when the rows in review are allowed for: an estimate beside the count.

The count takes a row in review for nobody's, so it is low wherever rows wait for a decision. The estimate adds
the chance of each citizen to be the person of such a row (sources count-19). It never replaces the count.
"""

from analysis.coverage.ages import ADULT_AGE, birthday_sql
from analysis.coverage.inputs import Weeks, by_unit_sql
from analysis.coverage.membership import ADULTS, SERIES_STATUSES, STATUS_IDS
from analysis.reference.product_facts import is_of_series_sql
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

# The linkage model's own probabilities, of rows that would count if they were somebody's.
REVIEW_CHANCES = """
SELECT c.citizen_id, c.match_probability AS chance, coalesce(d.vaccine, 'unknown') AS vaccine, d.dose_number
FROM clerical_candidates AS c
JOIN links AS l USING (source_file, source_row) JOIN doses AS d USING (source_file, source_row)
WHERE l.link_status = 'clerical_review' AND l.duplicate_of IS NULL AND d.is_counted"""

# A first dose by any of the rows. A series by one row's number, or by as many rows as it still lacks: rows of
# one person are right or wrong together, so the least likely of those needed decides (dose_series.py).
IS_THREE_DOSE = is_of_series_sql("vaccine", 3)
COMPLETES_ALONE = f"""({is_of_series_sql("vaccine", 1)}
    OR dose_number >= if(coalesce(is_all_three_dose, true) AND {IS_THREE_DOSE}, 3, 2))"""
LACKING = f"""greatest(1, if(coalesce(is_all_three_dose, true) AND bool_and({IS_THREE_DOSE}), 3, 2)
    - coalesce(doses_known, 0))"""
CITIZEN_CHANCES = f"""
SELECT citizen_id, province_id, district_id,
    CASE WHEN first_date IS NULL THEN 1 - product(1 - chance ORDER BY chance) ELSE 0 END AS at_least_one,
    CASE WHEN complete_date IS NULL THEN greatest(
        coalesce(max(chance) FILTER ({COMPLETES_ALONE}), 0),
        coalesce(list(chance ORDER BY chance DESC)[{LACKING}], 0)) ELSE 0 END AS primary_complete
FROM review_chances JOIN residents USING (citizen_id) LEFT JOIN series USING (citizen_id)
WHERE is_alive AND {{birthday}} <= DATE '{{as_of}}'
GROUP BY citizen_id, province_id, district_id, first_date, complete_date, is_all_three_dose, doses_known"""

# Whole millionths of a person, so that sums are the same in any order.
STATUSES = ("at_least_one", "primary_complete")
EXPECTED_BY_DISTRICT = " UNION ALL ".join(
    f"""
SELECT {STATUS_IDS[status]} AS status_id, province_id, district_id,
    sum(round(1e6 * {status})::BIGINT)::BIGINT AS expected,
    sum(round(1e6 * {status} * (1 - {status}))::BIGINT)::BIGINT AS variance
FROM citizen_chances GROUP BY ALL"""
    for status in STATUSES
)

# Whole people, so given out that districts sum to their province and provinces to the country: what a district's
# rounding leaves goes to the next.
WHOLE_PEOPLE = """
SELECT status_id, province_id, district_id, variance, so_far - lag(so_far, 1, 0) OVER places AS expected
FROM (SELECT *, ((sum(expected) OVER places + 500000) // 1000000)::BIGINT AS so_far FROM expected_by_district
      WINDOW places AS (PARTITION BY status_id ORDER BY province_id, district_id ROWS UNBOUNDED PRECEDING))
WINDOW places AS (PARTITION BY status_id ORDER BY province_id, district_id)"""

# 1.96 standard deviations of a sum of independent people; never outside what the count itself allows.
ESTIMATE = f"""
WITH expected_here AS (
    SELECT unit_id, status_id, sum(expected) AS added, 1.96 * sqrt(sum(variance) / 1e6) AS spread
    FROM ({by_unit_sql("expected_people", "status_id, expected, variance")}) GROUP BY ALL),
counts AS (
    SELECT unit_level, unit_code, series_status, people, people + open_rows AS most,
        people + coalesce(added, 0) AS estimate, coalesce(spread, 0) AS spread
    FROM figures JOIN units USING (unit_id) JOIN {SERIES_STATUSES} USING (status_id)
    LEFT JOIN expected_here USING (unit_id, status_id)
    WHERE week_index = {{last}} AND age_id = {ADULTS} AND basis = 'reconciled' AND people IS NOT NULL
        AND unit_level <> 'commune' AND series_status IN {STATUSES})
SELECT unit_level, unit_code, series_status, least(most, estimate) AS people,
    least(most, greatest(people, round(estimate - spread))) AS people_low,
    least(most, round(estimate + spread)) AS people_high
FROM counts"""


def estimate_steps(run: RunParameters, weeks: Weeks) -> Plan:
    """Return the steps to `coverage_estimate`: reconciled adults at as_of, the rows in review allowed for."""
    chances = CITIZEN_CHANCES.format(as_of=run.as_of, birthday=birthday_sql("birth_day", ADULT_AGE))
    return (
        Step(
            "review_chances",
            "one citizen who may be the person of one counted row in review",
            "clerical_candidates links doses",
            REVIEW_CHANCES,
        ),
        Step(
            "citizen_chances",
            "one adult resident whom rows in review may add to the count, and how likely",
            "review_chances residents series",
            chances,
        ),
        Step(
            "expected_by_district",
            "one district's expected additional people of a status, in millionths",
            "citizen_chances",
            EXPECTED_BY_DISTRICT,
        ),
        Step(
            "expected_people",
            "one district's expected additional people of a status, whole",
            "expected_by_district",
            WHOLE_PEOPLE,
        ),
        written(
            "coverage_estimate",
            "figures units expected_people",
            ESTIMATE.format(last=weeks.last_index),
        ),
    )
