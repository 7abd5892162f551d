"""What the provinces report: daily counts made cumulative by unit and week.

Where a day has a province row, that row is the province and district rows are never added to it; a day
with district rows alone is their sum. The country is the sum of the provinces. Other bodies (army, police)
are summed apart. Counts of a day may be corrections below zero, so a cumulative count may fall: it is shown
as it is reported.
"""

from analysis.coverage.inputs import Weeks
from analysis.settings import RunParameters
from analysis.steps import Plan, Step

MEASURES = (
    "doses_allocated",
    "doses_received",
    "doses_administered",
    "dose_1",
    "dose_2",
    "doses_discarded",
)
OTHER_BODIES = "other_bodies_administered"

# A report that gives doses by number but no total is its own sum.
REPORT_WEEKS = """
SELECT * EXCLUDE (doses_administered),
       coalesce(doses_administered, CASE WHEN coalesce(dose_1, dose_2, dose_3_plus) IS NOT NULL
           THEN coalesce(dose_1, 0) + coalesce(dose_2, 0) + coalesce(dose_3_plus, 0) END) AS doses_administered,
       {week} AS week_index,
       coalesce(nullif(reporting_body, ''), 'province') = 'province' AS is_province_body,
       coalesce(district_code, '') = '' AS is_province_row,
       bool_or(coalesce(district_code, '') = '')
           OVER (PARTITION BY province_code, report_date, reporting_body) AS day_has_province_row
FROM daily_reports WHERE report_date <= DATE '{as_of}'"""

# A report stands for its district, and for its province and the country where no row of the province does.
PLACED_REPORTS = """
SELECT p.unit_id, r.* FROM report_weeks AS r
JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = r.province_code
WHERE r.is_province_row = r.day_has_province_row
UNION ALL
SELECT d.unit_id, r.* FROM report_weeks AS r
JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = r.district_code
     AND d.province_code = r.province_code
UNION ALL
SELECT c.unit_id, r.* FROM report_weeks AS r
JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = r.province_code
JOIN units AS c ON c.unit_level = 'country'
WHERE r.is_province_row = r.day_has_province_row"""

REPORTED_CHANGES = """
SELECT unit_id, week_index, {sums}, sum(doses_administered) FILTER (NOT is_province_body) AS {other}
FROM placed_reports GROUP BY unit_id, week_index"""

REPORTED_TOTALS = """
SELECT u.unit_id, w.week_index, {cumulative}
FROM (SELECT DISTINCT unit_id FROM reported_changes) AS u
CROSS JOIN weeks AS w
LEFT JOIN reported_changes AS c USING (unit_id, week_index)
WINDOW until_then AS (PARTITION BY u.unit_id ORDER BY w.week_index ROWS UNBOUNDED PRECEDING),
       ever AS (PARTITION BY u.unit_id)"""


def report_steps(run: RunParameters, weeks: Weeks) -> Plan:
    """Return the steps from daily reports to `reported_totals`, cumulative counts of the province body.

    A count that a unit never reported is null; before its first report it is 0. Column
    `other_bodies_administered` is null where no other body reported.
    """
    report_weeks = REPORT_WEEKS.format(week=weeks.index_sql("report_date"), as_of=run.as_of)
    sums = ", ".join(f"sum({m}) FILTER (is_province_body) AS {m}" for m in MEASURES)
    changes = REPORTED_CHANGES.format(sums=sums, other=OTHER_BODIES)
    cumulative = ", ".join(
        f"CASE WHEN count(c.{m}) OVER ever > 0 "
        f"THEN CAST(coalesce(sum(c.{m}) OVER until_then, 0) AS BIGINT) END AS {m}"
        for m in (*MEASURES, OTHER_BODIES)
    )
    totals = REPORTED_TOTALS.format(cumulative=cumulative)
    return (
        Step("report_weeks", "one daily report and its week", "daily_reports", report_weeks),
        Step(
            "placed_reports", "one daily report at a unit it stands for", "report_weeks units", PLACED_REPORTS
        ),
        Step("reported_changes", "one unit's counts reported in one week", "placed_reports", changes),
        Step("reported_totals", "one reporting unit's counts up to a week", "reported_changes weeks", totals),
    )
