"""Citizens' feedback against its service level: 48 hours to review and update (9458/BYT-CNTT, 8/11/2021)."""

from datetime import timedelta

from analysis.coverage.inputs import by_unit_sql
from analysis.coverage.rates import percent_sql
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

# What had been received by the end of as_of, as it stood then: a later closing is not yet known. A closing
# before the receipt is a typing error and not in time.
FEEDBACK_STATES = """
SELECT p.unit_id AS province_id, d.unit_id AS district_id, f.status,
       f.received_at <= TIMESTAMP '{end}' - INTERVAL {hours} HOUR AS is_due,
       coalesce(f.closed_at <= f.received_at + INTERVAL {hours} HOUR AND f.closed_at >= f.received_at
                AND f.closed_at < TIMESTAMP '{end}', false) AS is_in_time,
       CASE WHEN f.closed_at IS NULL THEN f.status IN ('open', 'needs_information')
            ELSE f.closed_at >= TIMESTAMP '{end}' END AS is_open
FROM feedback_items AS f
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = f.province_code
LEFT JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = f.district_code
WHERE f.received_at < TIMESTAMP '{end}'"""

FEEDBACK = f"""
SELECT *, {percent_sql("closed_in_time", "received_due")} AS in_time_pct
FROM (SELECT u.unit_level, u.unit_code, count(*) AS received, count(*) FILTER (is_due) AS received_due,
             count(*) FILTER (is_due AND is_in_time) AS closed_in_time,
             count(*) FILTER (is_due AND is_open) AS open_late,
             count(*) FILTER (status = 'approved' AND NOT is_open) AS approved,
             count(*) FILTER (status = 'refused' AND NOT is_open) AS refused,
             count(*) FILTER (status = 'needs_information') AS needs_information
      FROM ({by_unit_sql("feedback_states", "status, is_due, is_in_time, is_open")})
      JOIN units AS u USING (unit_id) GROUP BY ALL)"""


def feedback_steps(run: RunParameters) -> Plan:
    """Return the steps to `feedback` by unit at as_of; units without feedback have no row.

    The share in time is closed within the service hours ÷ received at least that long before the end of
    as_of (contract 2.6); null when nothing is due yet.
    """
    end = f"{run.as_of + timedelta(days=1)} 00:00:00"
    states = FEEDBACK_STATES.format(end=end, hours=run.settings.feedback_service_hours)
    return (
        Step("feedback_states", "one citizen's feedback, as at as_of", "feedback_items units", states),
        written("feedback", "feedback_states units", FEEDBACK),
    )
