"""From people with dates to counts: how many belong to an age group and a status in each week and place.

A person is one interval of weeks per age group and status: from the later of the dose and the birthday
to the earlier of the next group's birthday and death. Intervals are counted by commune; adding the starts
and taking away the stops gives every week of every unit in one pass, without a loop over dates or units.
"""

from dataclasses import dataclass

from analysis.coverage.ages import AGE_COLUMNS, AGE_GROUPS, NEVER, age_columns_sql, group_interval_sql
from analysis.coverage.dose_series import STATUSES
from analysis.coverage.inputs import COUNTRY_ID, Weeks
from analysis.engine import sql_text
from analysis.reference.product_facts import is_of_series_sql, series_doses_sql
from analysis.steps import Plan, Step

AGE_IDS = {group: i for i, group in enumerate(AGE_GROUPS)}
STATUS_IDS = {status: i for i, status in enumerate(STATUSES)}
# As tables of an SQL query: the names and numbers of age groups and statuses.
AGES = f"(VALUES {', '.join(f'({sql_text(a)}, {i})' for a, i in AGE_IDS.items())}) AS a(age_group, age_id)"
STATUS_ROWS = ", ".join(f"({sql_text(status)}, {i})" for status, i in STATUS_IDS.items())
SERIES_STATUSES = f"(VALUES {STATUS_ROWS}) AS s(series_status, status_id)"
ADULTS = AGE_IDS["18+"]
NO_STATUS = 0  # the registry's residents have no series status: they take the first place

# A row's own number completes a series (nothing is known of the person's other doses).
COMPLETES_BY_NUMBER = f"{is_of_series_sql('vaccine', 1)} OR dose_number >= {series_doses_sql('vaccine')}"


@dataclass(frozen=True)
class Counted:
    """One thing to count: a table with weeks, and the SQL of the week in which each status begins.

    A null week means never. With `any_age`, one of unknown age is in every age group: for an upper bound.
    """

    measure: str
    source: str
    statuses: dict[int, str]
    any_age: bool = False


RECORDED_DOSES = {"at_least_one": 1, "primary_complete": 2}  # the platform's own count, by dose number
RECORDED = Counted(
    "recorded",
    "row_weeks",
    {STATUS_IDS[s]: f"CASE WHEN dose_number = {n} THEN row_week END" for s, n in RECORDED_DOSES.items()},
)
RECONCILED = Counted(
    "reconciled",
    "resident_weeks",
    {
        STATUS_IDS["at_least_one"]: "first_week",
        STATUS_IDS["primary_complete"]: "complete_week",
        STATUS_IDS["additional"]: "additional_week",
        STATUS_IDS["booster"]: "booster_week",
    },
)
# Rows of nobody known could each be a new person, or complete the series of one; doses without a usable day too.
OPEN = Counted(
    "open",
    "open_weeks",
    {STATUS_IDS["at_least_one"]: "first_week", STATUS_IDS["primary_complete"]: "complete_week"},
    any_age=True,
)
REGISTRY = Counted("registry", "resident_weeks", {NO_STATUS: "0"})

# One row a counted platform row, in weeks; residence as typed.
ROW_WEEKS = f"""
SELECT province_id, district_id, commune_id, given_province_id, given_district_id, verdict, is_kept, vaccine,
       dose_number, {{row_week}} AS row_week, {{ages}}, {NEVER} AS stop_week
FROM counted_rows"""

# Where no residence could be read the place given is the best that is known of a possible new person.
OPEN_WEEKS = f"""
SELECT coalesce(province_id, given_province_id) AS province_id,
       CASE WHEN province_id IS NULL THEN given_district_id ELSE district_id END AS district_id,
       commune_id, {AGE_COLUMNS}, stop_week, row_week AS first_week,
       CASE WHEN {COMPLETES_BY_NUMBER} THEN row_week END AS complete_week
FROM row_weeks WHERE verdict = 'open' AND is_kept
UNION ALL
SELECT province_id, district_id, commune_id, {AGE_COLUMNS}, stop_week, first_week, complete_week FROM undated_weeks"""

INTERVALS = """
SELECT '{measure}' AS measure, {age_id} AS age_id, {status_id} AS status_id, province_id, district_id,
       commune_id, start_week, least(stop_week, {last} + 1) AS stop_week, count(*) AS members
FROM (SELECT province_id, district_id, commune_id, greatest({start}, {youngest}) AS start_week,
             least({too_old}, stop_week) AS stop_week
      FROM {source} WHERE ({start}) IS NOT NULL AND ({youngest}) IS NOT NULL)
WHERE start_week < stop_week AND start_week <= {last}
GROUP BY ALL"""

# Starts and stops of each week, for every unit above the commune.
CHANGES = f"""
WITH steps AS (
    SELECT measure, age_id, status_id, province_id, district_id, start_week AS week_index,
           sum(members) AS change FROM member_intervals GROUP BY ALL
    UNION ALL
    SELECT measure, age_id, status_id, province_id, district_id, stop_week, -sum(members)
    FROM member_intervals WHERE stop_week <= {{last}} GROUP BY ALL),
by_unit AS (
    SELECT measure, age_id, status_id, district_id AS unit_id, week_index, change FROM steps
    UNION ALL SELECT measure, age_id, status_id, province_id, week_index, change FROM steps
    UNION ALL SELECT measure, age_id, status_id, {COUNTRY_ID}, week_index, change FROM steps)
SELECT measure, age_id, status_id, unit_id, week_index, CAST(sum(change) AS BIGINT) AS change
FROM by_unit WHERE unit_id IS NOT NULL GROUP BY ALL"""

# A week without change keeps the count of the week before; cells where nobody ever was have no row.
MEMBERS = """
SELECT c.measure, c.age_id, c.status_id, c.unit_id, w.week_index,
       CAST(sum(coalesce(x.change, 0)) OVER (
           PARTITION BY c.measure, c.age_id, c.status_id, c.unit_id ORDER BY w.week_index
           ROWS UNBOUNDED PRECEDING) AS BIGINT) AS members
FROM (SELECT DISTINCT measure, age_id, status_id, unit_id FROM member_changes) AS c
CROSS JOIN weeks AS w
LEFT JOIN member_changes AS x USING (measure, age_id, status_id, unit_id, week_index)
UNION ALL
SELECT measure, age_id, status_id, commune_id, {last}, CAST(sum(members) AS BIGINT)
FROM member_intervals WHERE commune_id IS NOT NULL AND stop_week > {last} GROUP BY ALL"""


def membership_steps(weeks: Weeks) -> Plan:
    """Return the steps to `members`: people or rows by measure, age group, status, unit and week.

    Measures are `recorded`, `reconciled`, `open` (rows and citizens that could be new people) and `registry`
    (living residents). Communes are counted at as_of alone.
    """
    last, week = weeks.last_index, weeks.index_sql("vaccination_date")
    row_weeks = ROW_WEEKS.format(row_week=week, ages=age_columns_sql(weeks, "birth_day"))
    counted = (RECORDED, RECONCILED, OPEN, REGISTRY)
    reads = "row_weeks undated_weeks"
    intervals = "\nUNION ALL\n".join(query for c in counted for query in _interval_queries(c, last))
    return (
        Step("row_weeks", "one counted row, all dates as weeks", "counted_rows", row_weeks),
        Step("open_weeks", "one row or citizen that may be a new person", reads, OPEN_WEEKS, is_view=True),
        Step(
            "member_intervals",
            "one commune's members of an age group and status from one week up to another",
            "row_weeks resident_weeks open_weeks",
            intervals,
        ),
        Step(
            "member_changes",
            "one change of a unit's members of an age group and status in a week",
            "member_intervals",
            CHANGES.format(last=last),
        ),
        Step(
            "members",
            "one unit's members of an age group and status at a week",
            "member_changes weeks member_intervals",
            MEMBERS.format(last=last),
        ),
    )


def _interval_queries(counted: Counted, last: int) -> list[str]:
    """Return one counting query per age group and status."""
    queries = []
    for group, age_id in AGE_IDS.items():
        youngest, too_old = group_interval_sql(group)
        if counted.any_age:
            youngest, too_old = f"coalesce({youngest}, 0)", f"coalesce({too_old}, {NEVER})"
        for status_id, start in counted.statuses.items():
            queries.append(
                INTERVALS.format(
                    measure=counted.measure,
                    source=counted.source,
                    age_id=age_id,
                    status_id=status_id,
                    start=start,
                    youngest=youngest,
                    too_old=too_old,
                    last=last,
                )
            )
    return queries
