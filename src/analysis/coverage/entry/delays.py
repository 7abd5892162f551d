"""How late doses reach the platform, by place given and by facility.

Measured on doses given four to twelve weeks ago: of younger ones the late entries are still to come, and
the share entered soon would look better than it is.
"""

from datetime import timedelta

from analysis.clean.quality.measures import OLDEST_DAYS, SOON_DAYS, WEEK_DAYS, YOUNGEST_DAYS
from analysis.clean.quality.scorecard import FACILITY, LEAST_DOSES
from analysis.clean.quality.shown_names import shown_sql
from analysis.coverage.inputs import by_unit_sql
from analysis.coverage.rates import percent_sql
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

MATURE_ROWS = """
SELECT p.unit_id AS province_id, g.unit_id AS district_id, d.facility_code, d.facility_name,
       CAST(date_diff('day', d.vaccination_date, d.entry_date) AS INTEGER) AS delay_days
FROM doses AS d
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = d.place_given_province_code
LEFT JOIN units AS g ON g.unit_level = 'district' AND g.unit_code = d.place_given_district_code
WHERE d.is_counted AND d.entry_date IS NOT NULL
  AND d.vaccination_date BETWEEN DATE '{oldest}' AND DATE '{youngest}'"""

# quantile_disc gives a delay that occurred, so that no rounding is needed.
DELAYS = f"""
SELECT {{keys}}, doses, {percent_sql("soon", "doses")} AS within_1_day_pct,
       {percent_sql("in_week", "doses")} AS within_7_days_pct, median_days, days_90_pct
FROM (SELECT {{keys}}, count(*) AS doses, count(*) FILTER (delay_days <= {SOON_DAYS}) AS soon,
             count(*) FILTER (delay_days <= {WEEK_DAYS}) AS in_week,
             quantile_disc(delay_days, 0.5) AS median_days, quantile_disc(delay_days, 0.9) AS days_90_pct
      FROM ({{source}}) GROUP BY ALL HAVING count(*) >= {{least}})"""

BY_UNIT = f"""
SELECT u.unit_level, u.unit_code, delay_days
FROM ({by_unit_sql("mature_rows", "delay_days")})
JOIN units AS u USING (unit_id) JOIN units_with_files USING (unit_id)"""

# A facility is its code; without one, its name as typed within the district.
BY_FACILITY = """
SELECT p.unit_code AS province_code, d.unit_code AS district_code, facility_code,
       CASE WHEN facility_code IS NULL THEN facility_name END AS facility_name, delay_days
FROM mature_rows AS m
LEFT JOIN units AS p ON p.unit_id = m.province_id
LEFT JOIN units AS d ON d.unit_id = m.district_id
WHERE facility_code IS NOT NULL OR facility_name IS NOT NULL"""


def delay_steps(run: RunParameters) -> Plan:
    """Return the steps to `entry_delays` (by unit of place given) and `facility_delays`.

    Columns: doses, within_1_day_pct, within_7_days_pct, median_days, days_90_pct (nine of ten doses were
    entered by then). Facilities with fewer than LEAST_DOSES doses are left out.
    """
    oldest, youngest = (run.as_of - timedelta(days=days) for days in (OLDEST_DAYS, YOUNGEST_DAYS))
    mature_rows = MATURE_ROWS.format(oldest=oldest, youngest=youngest)
    by_unit = DELAYS.format(keys="unit_level, unit_code", source=BY_UNIT, least=1)
    keys = "province_code, district_code, facility_code, facility_name"
    by_facility = DELAYS.format(keys=keys, source=BY_FACILITY, least=LEAST_DOSES)
    return (
        Step("mature_rows", "one dose old enough that late entries are in", "doses units", mature_rows),
        written("entry_delays", "mature_rows units units_with_files", by_unit),
        written("facility_delays", "mature_rows units file_names", shown_sql(by_facility, "text", FACILITY)),
    )
