"""What the platform's rows say of each person: the dates on which a series was begun, completed, extended.

Awkward in the data: the first dose of many people was never entered (a recorded second dose proves it),
numbers are missing or repeated, products are mixed, and one product needs one dose while another needs
three. So a series is complete when its last dose is there, by number or by count, at the earliest date at
which that was true (sources count-8).
"""

from analysis.coverage.ages import birth_day_sql
from analysis.reference.product_facts import LEAST_INTERVAL_DAYS, is_of_series_sql
from analysis.settings import RunParameters
from analysis.steps import Plan, Step

STATUSES = ("at_least_one", "primary_complete", "additional", "booster")

# Nhắc lại: at least 6 months after the last dose (sources vaccine-4); sooner it is a bổ sung.
BOOSTER_AFTER_MONTHS = 6

# One row a platform row of those asked for, with its verdict in one word and places as unit_id:
# linked (a citizen is established), foreign (out of scope), open (nobody found, or a person must decide).
COUNTED_ROWS = """
SELECT {keys}
    CASE WHEN l.link_status IN ('verified', 'matched') THEN l.citizen_id END AS citizen_id,
    CASE WHEN l.link_status IN ('verified', 'matched') AND l.citizen_id IS NOT NULL THEN 'linked'
         WHEN l.link_status = 'out_of_scope' THEN 'foreign' ELSE 'open' END AS verdict,
    l.duplicate_of IS NULL AS is_kept,
    d.dose_number, coalesce(d.vaccine, 'unknown') AS vaccine, {day} AS vaccination_date, d.entry_date,
    {birth_day} AS birth_day, length(d.birth_date) = 4 AS is_birth_year_only,
    rp.unit_id AS province_id, rd.unit_id AS district_id, rc.unit_id AS commune_id,
    gp.unit_id AS given_province_id, gd.unit_id AS given_district_id
FROM doses AS d
LEFT JOIN links AS l USING (source_file, source_row)
LEFT JOIN units AS rp ON rp.unit_level = 'province' AND rp.unit_code = d.province_code
LEFT JOIN units AS rd ON rd.unit_level = 'district' AND rd.unit_code = d.district_code
LEFT JOIN units AS rc ON rc.unit_level = 'commune' AND rc.unit_code = d.commune_code
LEFT JOIN units AS gp ON gp.unit_level = 'province' AND gp.unit_code = d.place_given_province_code
LEFT JOIN units AS gd ON gd.unit_level = 'district' AND gd.unit_code = d.place_given_district_code {files}
WHERE {which} AND coalesce(l.link_status, '') <> 'rejected'"""

# A paper dose that someone decided to add (interfaces, decisions/): `product|dose number|YYYY-MM-DD`.
ADDED_DOSES = """
SELECT DISTINCT citizen_id, split_part(value, '|', 1) AS vaccine,
       TRY_CAST(split_part(value, '|', 2) AS INTEGER) AS dose_number,
       TRY_CAST(split_part(value, '|', 3) AS DATE) AS dose_date
FROM decisions
WHERE decision = 'add_dose' AND bound
  AND TRY_CAST(split_part(value, '|', 3) AS DATE) BETWEEN DATE '2021-03-08' AND DATE '{as_of}'"""

# Once the platform has the row too, the added dose is that row: same day or same number.
PERSON_DOSES = """
WITH platform AS (
    SELECT citizen_id, vaccination_date AS dose_date, vaccine, dose_number
    FROM counted_rows WHERE verdict = 'linked' AND is_kept)
SELECT * FROM platform
UNION ALL
SELECT citizen_id, dose_date, vaccine, dose_number FROM added_doses AS a
WHERE NOT EXISTS (
    SELECT 1 FROM platform AS p WHERE p.citizen_id = a.citizen_id
      AND (p.dose_date = a.dose_date OR p.dose_number = a.dose_number))"""

# Each dose with what was known of its person by the end of that day (doses of one day count together).
DOSE_HISTORIES = f"""
SELECT *, is_one_dose OR greatest(doses_so_far, coalesce(highest_number, 0)) >= if(is_all_three_dose, 3, 2)
          AS is_complete
FROM (
    SELECT *, count(*) OVER until_then AS doses_so_far, max(dose_number) OVER until_then AS highest_number,
           bool_or({is_of_series_sql("vaccine", 1)}) OVER until_then AS is_one_dose,
           bool_and({is_of_series_sql("vaccine", 3)}) OVER until_then AS is_all_three_dose,
           lag(dose_date) OVER one_by_one AS previous_date, lag(vaccine) OVER one_by_one AS previous_vaccine
    FROM person_doses
    WINDOW one_by_one AS (PARTITION BY citizen_id ORDER BY dose_date, dose_number, vaccine),
           until_then AS (PARTITION BY citizen_id ORDER BY dose_date RANGE UNBOUNDED PRECEDING))"""

# A dose beyond the primary series: by its number, or without number after a complete series. A repeated
# first or second number is a typing error, not a third dose; after a one-dose product a second is extra.
EXTRA_DOSES = """
SELECT s.citizen_id, s.dose_date, s.previous_date
FROM dose_histories AS s
JOIN (SELECT citizen_id, min(dose_date) FILTER (is_complete) AS complete_date
      FROM dose_histories GROUP BY citizen_id) AS c USING (citizen_id)
WHERE s.dose_number >= if(s.is_all_three_dose, 4, 3)
   OR (c.complete_date < s.dose_date AND (s.dose_number IS NULL OR (s.is_one_dose AND s.dose_number >= 2)))"""

# A dose sooner than that counts and is flagged.
LEAST_INTERVAL = (
    "CASE previous_vaccine "
    + " ".join(f"WHEN '{product}' THEN {days}" for product, days in LEAST_INTERVAL_DAYS.items())
    + " END"
)
SERIES = f"""
SELECT s.*, e.additional_date, e.booster_date
FROM (SELECT citizen_id, min(dose_date) AS first_date,
             min(dose_date) FILTER (is_complete) AS complete_date,
             greatest(max(doses_so_far), coalesce(max(highest_number), 0)) AS doses_known,
             count(DISTINCT vaccine) > 1 AS is_mixed, bool_or(vaccine = 'unknown') AS has_unknown_product,
             bool_and({is_of_series_sql("vaccine", 3)}) AS is_all_three_dose,
             max(dose_date) AS last_date,
             arg_max(vaccine, (dose_date, coalesce(dose_number, 0), vaccine)) AS last_product,
             count(*) < coalesce(max(highest_number), 0) AS has_unrecorded_dose,
             bool_or(date_diff('day', previous_date, dose_date) < {LEAST_INTERVAL}) AS has_short_interval
      FROM dose_histories GROUP BY citizen_id) AS s
LEFT JOIN (
    SELECT citizen_id,
           min(dose_date) FILTER (NOT is_late) AS additional_date,
           min(dose_date) FILTER (is_late) AS booster_date
    FROM (SELECT *, coalesce(dose_date >= previous_date + INTERVAL {BOOSTER_AFTER_MONTHS} MONTH, false)
                    AS is_late FROM extra_doses)
    GROUP BY citizen_id) AS e USING (citizen_id)"""


def series_steps(run: RunParameters) -> Plan:
    """Return the steps from platform rows to `series`, whose dates are null where not reached by `as_of`.

    `doses_known`, `last_date`, `last_product` and `is_all_three_dose` are what the next dose is planned from;
    the other columns of `series` flag irregularities.
    """
    birth_day = birth_day_sql("d.birth_date", run.settings.birth_year_only_month_day)
    counted = COUNTED_ROWS.format(
        birth_day=birth_day, keys="", day="d.vaccination_date", files="", which="d.is_counted"
    )
    return (
        Step(
            "counted_rows",
            "one platform row that counts at as_of, with its verdict in one word",
            "doses links units",
            counted,
        ),
        Step(
            "added_doses",
            "one paper dose added by decision",
            "decisions",
            ADDED_DOSES.format(as_of=run.as_of),
        ),
        Step("person_doses", "one dose of a linked citizen", "counted_rows added_doses", PERSON_DOSES),
        Step(
            "dose_histories",
            "one dose of a citizen, with what was known of the citizen by the end of that day",
            "person_doses",
            DOSE_HISTORIES,
        ),
        Step("extra_doses", "one dose beyond a citizen's primary series", "dose_histories", EXTRA_DOSES),
        Step("series", "one citizen's dose series", "dose_histories extra_doses", SERIES),
    )
