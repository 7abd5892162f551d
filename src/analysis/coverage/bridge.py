"""The bridge from the reported count to the reconciled one: what each step takes away or adds.

It follows the doses of one number by place given as far as the person is known, then moves to the
registry's residence: reported − not entered = rows; − duplicates − foreigners − rows of nobody known =
people vaccinated here; ± residents vaccinated elsewhere and others vaccinated here = residents. What is
left (under 18, died since, series complete by another count, first doses never entered, doses added on
paper) is the remainder, so that the sum is exact.
"""

import duckdb

from analysis.coverage.inputs import Inputs, by_unit_sql
from analysis.coverage.membership import AGE_IDS, STATUS_IDS
from analysis.settings import RunParameters
from analysis.tables import write_table

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
GIVEN_UNITS = by_unit_sql(
    "given_parts", ", ".join(("status_id", *GIVEN_COUNTS)), "given_province_id", "given_district_id"
)
GIVEN = f"""
CREATE TEMP TABLE given_parts AS
SELECT given_province_id, given_district_id, {STATUS_OF_NUMBER} AS status_id, count(*) AS entered,
       count(*) FILTER (NOT is_kept) AS duplicates,
       count(*) FILTER (is_kept AND verdict = 'foreign') AS foreigners,
       count(*) FILTER (is_kept AND verdict = 'open') AS not_linked,
       count(*) FILTER (is_kept AND verdict = 'linked') AS linked
FROM counted_rows GROUP BY ALL;
CREATE TEMP TABLE given AS
SELECT unit_id, status_id, {", ".join(f"sum({c}) AS {c}" for c in GIVEN_COUNTS)}
FROM ({GIVEN_UNITS})
WHERE status_id IS NOT NULL GROUP BY unit_id, status_id"""

LIVING = f"""
CREATE TEMP TABLE living_parts AS
SELECT r.province_id, r.district_id, {STATUS_OF_NUMBER} AS status_id, count(*) AS linked
FROM counted_rows AS c JOIN residents AS r USING (citizen_id)
WHERE c.verdict = 'linked' AND c.is_kept GROUP BY ALL;
CREATE TEMP TABLE living AS
SELECT unit_id, status_id, sum(linked) AS linked
FROM ({by_unit_sql("living_parts", "status_id, linked")})
WHERE status_id IS NOT NULL GROUP BY unit_id, status_id"""

# Both ends and what lies between; a unit stands here only when both ends are known.
ENDS = """
CREATE TEMP TABLE bridge_ends AS
SELECT e.*, coalesce(g.entered, 0) AS entered, coalesce(g.duplicates, 0) AS duplicates,
       coalesce(g.foreigners, 0) AS foreigners, coalesce(g.not_linked, 0) AS not_linked,
       coalesce(g.linked, 0) AS linked_given, coalesce(l.linked, 0) AS linked_living
FROM (SELECT unit_id, status_id, max(people) FILTER (basis = 'reported') AS reported,
             max(people) FILTER (basis = 'reconciled') AS reconciled
      FROM figures
      WHERE week_index = {last} AND age_id = {adults} AND basis IN ('reported', 'reconciled')
      GROUP BY unit_id, status_id HAVING reported IS NOT NULL AND reconciled IS NOT NULL) AS e
LEFT JOIN given AS g USING (unit_id, status_id)
LEFT JOIN living AS l USING (unit_id, status_id)"""

STEP = (
    "SELECT unit_id, status_id, '{step}' AS step, {people} AS people, {order} AS step_order FROM bridge_ends"
)
BRIDGE = """
SELECT u.unit_level, u.unit_code, s.series_status, step, people, step_order
FROM ({steps}) JOIN units AS u USING (unit_id)
JOIN (VALUES {statuses}) AS s(series_status, status_id) USING (status_id)"""


def build_bridge(con: duckdb.DuckDBPyConnection, run: RunParameters, inputs: Inputs) -> int:
    """Write `coverage_bridge` (adults, at as_of) and return its number of rows; needs `figures`."""
    con.execute(GIVEN)
    con.execute(LIVING)
    con.execute(ENDS.format(last=inputs.weeks.last_index, adults=AGE_IDS["18+"]))
    steps = [STEP.format(step=s, people=sql, order=i) for i, (s, sql) in enumerate(STEPS.items())]
    statuses = ", ".join(f"('{status}', {i})" for status, i in STATUS_IDS.items())
    query = BRIDGE.format(steps=" UNION ALL ".join(steps), statuses=statuses)
    return write_table(con, "coverage_bridge", query, run)
