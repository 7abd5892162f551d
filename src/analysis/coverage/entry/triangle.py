"""The reporting triangle of the platform: doses by day given and by the week in which they were entered.

It tells the trends stage how much of the last days is still to be entered. Places are those of residence,
as in the recorded basis, and so are the doses: a row with number 1 or 2, duplicates and all.
"""

from datetime import timedelta

from analysis.coverage.inputs import Weeks, by_unit_sql
from analysis.coverage.membership import RECORDED_DOSES
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

TRIANGLE_WEEKS = 16  # days of this many weeks: three months of late entries, and weeks to learn them from

# Rows without entry date cannot tell how late they came.
TRIANGLE_CELLS = f"""
SELECT province_id, district_id, dose_number, vaccination_date, {{week}} AS week_index, count(*) AS doses
FROM counted_rows
WHERE entry_date IS NOT NULL AND vaccination_date > DATE '{{before}}'
  AND dose_number IN ({", ".join(str(n) for n in RECORDED_DOSES.values())})
GROUP BY ALL"""

TRIANGLE_STATUSES = ", ".join(f"('{status}', {number})" for status, number in RECORDED_DOSES.items())
TRIANGLE = f"""
SELECT u.unit_level, u.unit_code, s.series_status, c.vaccination_date, w.reference_date AS entered_by,
       sum(c.doses) AS doses
FROM ({by_unit_sql("triangle_cells", "dose_number, vaccination_date, week_index, doses")}) AS c
JOIN units AS u USING (unit_id) JOIN units_with_files USING (unit_id) JOIN weeks AS w USING (week_index)
JOIN (VALUES {TRIANGLE_STATUSES}) AS s(series_status, dose_number) USING (dose_number)
GROUP BY ALL"""


def triangle_steps(run: RunParameters, weeks: Weeks) -> Plan:
    """Return the steps to `reporting_triangle`.

    A row is a unit of residence, a status by dose number, a day given and the reference date (a whole
    number of weeks before `as_of`) by whose end the doses were entered, after the one before.
    """
    cells = TRIANGLE_CELLS.format(
        week=weeks.index_sql("greatest(entry_date, vaccination_date)"),
        before=run.as_of - timedelta(weeks=TRIANGLE_WEEKS),
    )
    return (
        Step("triangle_cells", "one residence, dose number, day and week of entry", "counted_rows", cells),
        written("reporting_triangle", "triangle_cells units units_with_files weeks", TRIANGLE),
    )
