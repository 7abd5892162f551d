"""Entry progress by place given: doses recorded against doses administered, and how late they come.

A dose is recorded at a reference date when both its dates are on or before it. Duplicates are in the count,
as they are in the platform's own, and counted apart.
"""

import duckdb

from analysis.coverage.inputs import Inputs, by_unit_sql
from analysis.coverage.rates import percent_sql
from analysis.settings import RunParameters
from analysis.tables import write_table

# One row a unit, week of entry and delay in days. A row without entry date counts as entered on the day of
# the dose (contract 2: entered by as_of), but has no delay and is no entry of the last 7 days.
ENTRIES = """
CREATE TEMP TABLE entry_parts AS
SELECT given_province_id, given_district_id, {week} AS week_index,
       CAST(entry_date - vaccination_date AS INTEGER) AS delay_days, count(*) AS doses,
       count(*) FILTER (NOT is_kept) AS duplicates
FROM counted_rows GROUP BY ALL;
CREATE TEMP TABLE entries AS
SELECT unit_id, week_index, delay_days, sum(doses) AS doses, sum(duplicates) AS duplicates
FROM ({by_unit}) GROUP BY unit_id, week_index, delay_days"""

RECORDED = """
CREATE TEMP TABLE recorded AS
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
DELAYS = """
CREATE TEMP TABLE delays AS
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

PROGRESS = """
SELECT u.unit_level, u.unit_code, w.reference_date, r.doses_recorded, p.doses_administered,
       {entry_pct} AS entry_pct, p.doses_administered - r.doses_recorded AS backlog,
       d.twice_median * 0.5 AS median_entry_days, r.doses_entered_last_7_days, r.duplicate_doses
FROM units AS u CROSS JOIN weeks AS w
LEFT JOIN recorded AS r USING (unit_id, week_index)
LEFT JOIN reported AS p USING (unit_id, week_index)
LEFT JOIN delays AS d ON d.unit_id = r.unit_id AND d.week_index = r.week_index
WHERE u.unit_level <> 'commune' AND (r.unit_id IS NOT NULL OR p.unit_id IS NOT NULL)"""


def measure_entry(con: duckdb.DuckDBPyConnection, run: RunParameters, inputs: Inputs) -> int:
    """Write `entry_progress` and return its number of rows; needs `counted_rows` and `reported`.

    What a province without platform files recorded is unknown (null), not 0; without daily reports
    `doses_administered`, `entry_pct` and `backlog` are null. `backlog` is negative where more was entered
    than reported.
    """
    week = inputs.weeks.index_sql("coalesce(entry_date, vaccination_date)")
    columns = "week_index, delay_days, doses, duplicates"
    by_unit = by_unit_sql("entry_parts", columns, "given_province_id", "given_district_id")
    con.execute(ENTRIES.format(week=week, by_unit=by_unit))
    con.execute(RECORDED)
    con.execute(DELAYS)
    entry_pct = percent_sql("r.doses_recorded", "p.doses_administered")
    return write_table(con, "entry_progress", PROGRESS.format(entry_pct=entry_pct), run)
