"""The bridge from the reported count to the reconciled one: what each step takes away or adds.

It follows the doses of one number by place given as far as the person is known, then moves to the
registry's residence: reported − not entered = rows; − duplicates − foreigners − rows of nobody known =
people vaccinated here; ± residents vaccinated elsewhere and others vaccinated here = residents. What is
left (under 18, died since, series complete by another count, first doses never entered, doses added on
paper) is the remainder, so that the sum is exact (sources count-13).
"""

from analysis.coverage.inputs import Weeks, by_unit_sql
from analysis.coverage.membership import ADULTS, SERIES_STATUSES, STATUS_IDS
from analysis.steps import Plan, Step, written

# The steps in their order, signed, so that all but the last add up to the last.
STEPS = {
    "reported": "reported",
    "not_entered": "entered - reported",
    "duplicates": "-duplicates",
    "foreigners": "-foreigners",
    "not_linked": "-not_linked",
    "resident_elsewhere": "linked_living - linked_given",
    "remainder": "reconciled - linked_living",
    "reconciled": "reconciled",
}
DOSE_OF_STATUS = {"at_least_one": 1, "primary_complete": 2}

# The status that a dose's number is the report's word for.
STATUS_OF_NUMBER = (
    "CASE dose_number "
    + " ".join(f"WHEN {number} THEN {STATUS_IDS[status]}" for status, number in DOSE_OF_STATUS.items())
    + " END"
)

# Rows of one dose number by place given, then for each unit; the same linked rows by the registry's
# residence (a citizen whom the extract lacks lives nowhere).
GIVEN_COUNTS = ("entered", "duplicates", "foreigners", "not_linked", "linked")
GIVEN_BY_DISTRICT = f"""
SELECT given_province_id AS province_id, given_district_id AS district_id, {STATUS_OF_NUMBER} AS status_id,
       count(*) AS entered,
       count(*) FILTER (NOT is_kept) AS duplicates,
       count(*) FILTER (is_kept AND verdict = 'foreign') AS foreigners,
       count(*) FILTER (is_kept AND verdict = 'open') AS not_linked,
       count(*) FILTER (is_kept AND verdict = 'linked') AS linked
FROM counted_rows GROUP BY ALL"""
GIVEN_HERE = f"""
SELECT unit_id, status_id, {", ".join(f"sum({c}) AS {c}" for c in GIVEN_COUNTS)}
FROM ({by_unit_sql("given_by_district", ", ".join(("status_id", *GIVEN_COUNTS)))})
WHERE status_id IS NOT NULL GROUP BY unit_id, status_id"""

LIVING_BY_DISTRICT = f"""
SELECT r.province_id, r.district_id, {STATUS_OF_NUMBER} AS status_id, count(*) AS linked
FROM counted_rows AS c JOIN residents AS r USING (citizen_id)
WHERE c.verdict = 'linked' AND c.is_kept GROUP BY ALL"""
LIVING_HERE = f"""
SELECT unit_id, status_id, sum(linked) AS linked
FROM ({by_unit_sql("living_by_district", "status_id, linked")})
WHERE status_id IS NOT NULL GROUP BY unit_id, status_id"""

# Both ends and what lies between; a unit stands here only when both ends are known.
BRIDGE_ENDS = f"""
SELECT e.*, coalesce(g.entered, 0) AS entered, coalesce(g.duplicates, 0) AS duplicates,
       coalesce(g.foreigners, 0) AS foreigners, coalesce(g.not_linked, 0) AS not_linked,
       coalesce(g.linked, 0) AS linked_given, coalesce(l.linked, 0) AS linked_living
FROM (SELECT unit_id, status_id, max(people) FILTER (basis = 'reported') AS reported,
             max(people) FILTER (basis = 'reconciled') AS reconciled
      FROM figures
      WHERE week_index = {{last}} AND age_id = {ADULTS} AND basis IN ('reported', 'reconciled')
      GROUP BY unit_id, status_id HAVING reported IS NOT NULL AND reconciled IS NOT NULL) AS e
LEFT JOIN given_here AS g USING (unit_id, status_id)
LEFT JOIN living_here AS l USING (unit_id, status_id)"""

BRIDGE_PARTS = " UNION ALL ".join(
    f"SELECT unit_id, status_id, '{step}' AS step, {people} AS people, {order} AS step_order FROM bridge_ends"
    for order, (step, people) in enumerate(STEPS.items())
)
BRIDGE = f"""
SELECT u.unit_level, u.unit_code, s.series_status, step, people, step_order
FROM ({BRIDGE_PARTS}) JOIN units AS u USING (unit_id)
JOIN {SERIES_STATUSES} USING (status_id)"""


def bridge_steps(weeks: Weeks) -> Plan:
    """Return the steps to `coverage_bridge` (adults, at as_of)."""
    ends = BRIDGE_ENDS.format(last=weeks.last_index)
    return (
        Step("given_by_district", "one place given and dose number", "counted_rows", GIVEN_BY_DISTRICT),
        Step("given_here", "one unit's rows of a dose number, given there", "given_by_district", GIVEN_HERE),
        Step(
            "living_by_district",
            "one residence in the registry and dose number",
            "counted_rows residents",
            LIVING_BY_DISTRICT,
        ),
        Step("living_here", "one unit's residents' rows of a dose number", "living_by_district", LIVING_HERE),
        Step("bridge_ends", "one unit and status with both ends", "figures given_here living_here", ends),
        written("coverage_bridge", "bridge_ends units", BRIDGE),
    )
