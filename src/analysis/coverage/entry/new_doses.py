"""How many of the newest doses are entered on the day they are given, and by the day after.

The week that is looked at ends the day before as_of, so that the day after every dose has passed. A dose that
is on the platform by no day counts as not entered: the share is of the doses reported, where reports give them.
"""

from datetime import timedelta

from analysis.coverage.inputs import by_unit_sql
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

WEEK_DAYS = 7

NEW_ROWS = """
SELECT given_province_id AS province_id, given_district_id AS district_id,
       coalesce(CAST(date_diff('day', vaccination_date, entry_date) AS INTEGER), 999) AS delay_days, count(*) AS doses
FROM counted_rows WHERE vaccination_date BETWEEN DATE '{first}' AND DATE '{last}' GROUP BY ALL"""

NEW_ENTRIES = f"""
WITH entered AS (
    SELECT unit_id, sum(doses) AS doses_recorded, sum(doses) FILTER (delay_days <= 0) AS same_day,
           sum(doses) FILTER (delay_days <= 1) AS within_1_day
    FROM ({by_unit_sql("new_rows", "delay_days, doses")}) GROUP BY unit_id),
reported AS (
    SELECT unit_id, sum(doses_administered) AS doses_administered FROM placed_reports
    WHERE is_province_body AND report_date BETWEEN DATE '{{first}}' AND DATE '{{last}}' GROUP BY unit_id)
SELECT u.unit_level, u.unit_code, r.doses_administered, coalesce(e.doses_recorded, 0) AS doses_recorded,
       coalesce(e.same_day, 0) AS entered_same_day, coalesce(e.within_1_day, 0) AS entered_within_1_day
FROM units AS u JOIN units_with_files USING (unit_id)
LEFT JOIN entered AS e USING (unit_id) LEFT JOIN reported AS r USING (unit_id)
WHERE u.unit_level <> 'commune' AND (e.unit_id IS NOT NULL OR r.doses_administered IS NOT NULL)"""


def new_dose_steps(run: RunParameters) -> Plan:
    """Return the steps to `new_entries` (country, provinces, districts by place given; sources count-16).

    Doses given in the seven days to the day before as_of: reported, recorded by as_of, entered on their own day,
    entered by the day after. `doses_administered` is null without daily reports of these days.
    """
    days = {
        "first": run.as_of - timedelta(days=WEEK_DAYS),
        "last": run.as_of - timedelta(days=1),
    }
    reads = "new_rows placed_reports units units_with_files"
    return (
        Step(
            "new_rows",
            "one place given and delay of last week's doses",
            "counted_rows",
            NEW_ROWS.format(**days),
        ),
        written("new_entries", reads, NEW_ENTRIES.format(**days)),
    )
