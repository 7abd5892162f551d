"""Doses whose day cannot be used: given by as_of all the same, so the bounds and the estimate allow for them.

A record on the platform is a dose given, whatever slip was made in its day: a later day is a slip and no plan
(sources in-2). Without a day it stands in no week and in no count. Who has no other record is missing there, three
people in a thousand where one row in a hundred has such a day (sources count-21).
"""

from datetime import timedelta

from analysis.clean.typed_values import DAYS_AFTER_AS_OF
from analysis.coverage.ages import NEVER, age_columns_sql, birth_day_sql
from analysis.coverage.dose_series import COUNTED_ROWS
from analysis.coverage.inputs import Weeks
from analysis.coverage.membership import COMPLETES_BY_NUMBER
from analysis.reference.product_facts import is_of_series_sql
from analysis.settings import RunParameters
from analysis.steps import Plan, Step

# Exports are drawn some days after as_of (sources in-3): of rows that do not count these are later doses.
IS_LATER = """coalesce(d.entry_date > DATE '{as_of}',
    d.vaccination_date > DATE '{as_of}' AND d.vaccination_date <= DATE '{last}', false)"""
IS_UNDATED = f"NOT d.is_counted AND NOT {IS_LATER}"
# By as_of for certain when it was entered by then, else as likely as the rows of its file whose day can be used.
SHARES_BY_AS_OF = f"""
SELECT d.source_file, round(CAST(count(*) FILTER (d.is_counted) AS DOUBLE) / count(*), 6) AS share
FROM doses AS d WHERE NOT d.is_rejected AND (d.is_counted OR {IS_LATER}) GROUP BY d.source_file"""
CHANCE = "CASE WHEN d.entry_date IS NOT NULL THEN 1 ELSE coalesce(f.share, 1) END"

# A series by one row's number, or by as many rows as it still lacks (dose_series.py).
IS_THREE_DOSE = is_of_series_sql("vaccine", 3)
COMPLETES_ALONE = f"""({is_of_series_sql("vaccine", 1)}
    OR dose_number >= if(coalesce(is_all_three_dose, true) AND {IS_THREE_DOSE}, 3, 2))"""
LACKING = f"""greatest(1, if(coalesce(is_all_three_dose, true) AND bool_and({IS_THREE_DOSE}), 3, 2)
    - coalesce(doses_known, 0))"""

# Rows of one number are one dose, entered twice or known with its day as well.
UNDATED_DOSES = """
SELECT u.citizen_id, u.dose_number, min(u.vaccine) AS vaccine, max(u.chance) AS chance,
       min(u.vaccination_date) AS known_on
FROM undated_rows AS u LEFT JOIN person_doses AS p ON p.citizen_id = u.citizen_id AND p.dose_number = u.dose_number
WHERE u.verdict = 'linked' AND u.is_kept AND p.citizen_id IS NULL
GROUP BY u.citizen_id, u.dose_number"""

# The most that they can add: a person or a series each of nobody's rows, and each person who counts by no other row.
UNDATED_WEEKS = f"""
WITH residents_of_doses AS (
    SELECT r.province_id, r.district_id, r.commune_id, r.birth_day, r.stop_week, min(known_on) AS known_on,
           first_date IS NULL AS begins,
           complete_date IS NULL AND (coalesce(bool_or({COMPLETES_ALONE}), false) OR count(*) >= {LACKING}) AS completes
    FROM undated_doses AS u JOIN residents AS r USING (citizen_id) LEFT JOIN series AS s USING (citizen_id)
    GROUP BY u.citizen_id, r.province_id, r.district_id, r.commune_id, r.birth_day, r.stop_week, first_date,
             complete_date, is_all_three_dose, doses_known),
nobodys AS (
    SELECT coalesce(province_id, given_province_id) AS province_id,
           CASE WHEN province_id IS NULL THEN given_district_id ELSE district_id END AS district_id, commune_id,
           birth_day, {NEVER} AS stop_week, vaccination_date AS known_on, true AS begins,
           coalesce({COMPLETES_BY_NUMBER}, false) AS completes
    FROM undated_rows WHERE verdict = 'open' AND is_kept)
SELECT province_id, district_id, commune_id, {{ages}}, stop_week,
       CASE WHEN begins THEN {{week}} END AS first_week, CASE WHEN completes THEN {{week}} END AS complete_week
FROM (SELECT * FROM residents_of_doses UNION ALL SELECT * FROM nobodys)"""


def undated_steps(run: RunParameters, weeks: Weeks) -> Plan:
    """Return the steps to the doses given by as_of whose day cannot be used, and whom they may add in which week.

    For want of its day a row stands at the day of its entry, else at as_of.
    """
    days = {"as_of": run.as_of, "last": run.as_of + timedelta(days=DAYS_AFTER_AS_OF)}
    rows = COUNTED_ROWS.format(
        birth_day=birth_day_sql("d.birth_date", run.settings.birth_year_only_month_day),
        keys=f"d.source_file, d.source_row, {CHANCE} AS chance,",
        day=f"coalesce(d.entry_date, DATE '{run.as_of}')",
        files="LEFT JOIN shares_by_as_of AS f ON f.source_file = d.source_file",
        which=f"NOT d.is_rejected AND {IS_UNDATED.format(**days)}",
    )
    undated_weeks = UNDATED_WEEKS.format(
        ages=age_columns_sql(weeks, "birth_day"), week=weeks.index_sql("known_on")
    )
    return (
        Step(
            "shares_by_as_of",
            "one file's share of usable days that are by as_of",
            "doses",
            SHARES_BY_AS_OF.format(**days),
        ),
        Step(
            "undated_rows",
            "one platform row of a dose given by as_of whose day cannot be used, with its verdict in one word",
            "doses links units shares_by_as_of",
            rows,
        ),
        Step(
            "undated_doses",
            "one dose of a linked citizen, known by no row with a usable day",
            "undated_rows person_doses",
            UNDATED_DOSES,
        ),
        Step(
            "undated_weeks",
            "one citizen or one row of nobody known that such doses may add",
            "undated_doses undated_rows residents series",
            undated_weeks,
        ),
    )
