"""Entry progress by place given: doses recorded against doses administered, and how late they come.

A dose is recorded at a reference date when both its dates are on or before it. Duplicates are in the count,
as they are in the platform's own, and counted apart (sources count-11).
"""

from analysis.coverage.inputs import Weeks, by_unit_sql
from analysis.coverage.rates import percent_sql
from analysis.steps import Plan, Step, written

# One row a unit, week of entry and delay in days. A row without entry date counts as entered on the day of
# the dose (sources in-3), but has no delay and is no entry of the last 7 days.
ENTRIES_BY_DISTRICT = """
SELECT given_province_id AS province_id, given_district_id AS district_id, {week} AS week_index,
       CAST(date_diff('day', vaccination_date, entry_date) AS INTEGER) AS delay_days, count(*) AS doses,
       count(*) FILTER (NOT is_kept) AS duplicates
FROM counted_rows GROUP BY ALL"""
ENTRIES = f"""
SELECT unit_id, week_index, delay_days, sum(doses) AS doses, sum(duplicates) AS duplicates
FROM ({by_unit_sql("entries_by_district", "week_index, delay_days, doses, duplicates")})
GROUP BY unit_id, week_index, delay_days"""

RECORDED_TOTALS = """
SELECT u.unit_id, w.week_index, coalesce(sum(e.doses) OVER until_then, 0) AS doses_recorded,
       coalesce(sum(e.duplicates) OVER until_then, 0) AS duplicate_doses,
       coalesce(e.dated, 0) AS doses_entered_last_7_days
FROM units_with_files AS u
JOIN units USING (unit_id)
CROSS JOIN weeks AS w
LEFT JOIN (SELECT unit_id, week_index, sum(doses) AS doses, sum(duplicates) AS duplicates,
                  sum(doses) FILTER (delay_days IS NOT NULL) AS dated
           FROM entries GROUP BY unit_id, week_index) AS e USING (unit_id, week_index)
WHERE unit_level <> 'commune'
WINDOW until_then AS (PARTITION BY u.unit_id ORDER BY w.week_index ROWS UNBOUNDED PRECEDING)"""

# The median of everything entered so far, from counts per day of delay: the mean of the two middle doses.
MEDIAN_DELAYS = """
WITH dense AS (
    SELECT c.unit_id, c.delay_days, w.week_index,
           sum(coalesce(e.doses, 0)) OVER (PARTITION BY c.unit_id, c.delay_days ORDER BY w.week_index
                                           ROWS UNBOUNDED PRECEDING) AS doses
    FROM (SELECT DISTINCT unit_id, delay_days FROM entries WHERE delay_days IS NOT NULL) AS c
    CROSS JOIN weeks AS w
    LEFT JOIN entries AS e USING (unit_id, delay_days, week_index)),
ranked AS (
    SELECT unit_id, week_index, delay_days,
           sum(doses) OVER (PARTITION BY unit_id, week_index ORDER BY delay_days
                            ROWS UNBOUNDED PRECEDING) AS up_to,
           sum(doses) OVER (PARTITION BY unit_id, week_index) AS total
    FROM dense WHERE doses > 0)
SELECT unit_id, week_index, CAST(min(delay_days) FILTER (up_to >= (total + 1) // 2)
                               + min(delay_days) FILTER (up_to >= total // 2 + 1) AS INTEGER) AS twice_median
FROM ranked GROUP BY unit_id, week_index"""

PROGRESS = f"""
SELECT u.unit_level, u.unit_code, w.reference_date, r.doses_recorded, p.doses_administered,
       {percent_sql("r.doses_recorded", "p.doses_administered")} AS entry_pct,
       p.doses_administered - r.doses_recorded AS backlog,
       d.twice_median * 0.5 AS median_entry_days, r.doses_entered_last_7_days, r.duplicate_doses
FROM units AS u CROSS JOIN weeks AS w
LEFT JOIN recorded_totals AS r USING (unit_id, week_index)
LEFT JOIN reported_totals AS p USING (unit_id, week_index)
LEFT JOIN median_delays AS d ON d.unit_id = r.unit_id AND d.week_index = r.week_index
WHERE u.unit_level <> 'commune' AND (r.unit_id IS NOT NULL OR p.unit_id IS NOT NULL)"""


def entry_steps(weeks: Weeks) -> Plan:
    """Return the steps to `entry_progress`.

    What a province without platform files recorded is unknown (null), not 0; without daily reports
    `doses_administered`, `entry_pct` and `backlog` are null. `backlog` is negative where more was entered
    than reported.
    """
    by_district = ENTRIES_BY_DISTRICT.format(week=weeks.index_sql("coalesce(entry_date, vaccination_date)"))
    return (
        Step("entries_by_district", "one place given, week of entry and delay", "counted_rows", by_district),
        Step("entries", "one unit, week of entry and delay in days", "entries_by_district", ENTRIES),
        Step(
            "recorded_totals",
            "one unit's doses recorded up to a week",
            "units_with_files units weeks entries",
            RECORDED_TOTALS,
        ),
        Step("median_delays", "one unit's median delay up to a week", "entries weeks", MEDIAN_DELAYS),
        written("entry_progress", "units weeks recorded_totals reported_totals median_delays", PROGRESS),
    )
