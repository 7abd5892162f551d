"""Which facilities' records are to be corrected: backlog ends at the district, for reports do; records do not."""

from analysis.clean.quality.scorecard import FACILITY, LEAST_DOSES
from analysis.clean.quality.shown_names import shown_sql
from analysis.steps import Plan, Step, written

# Few records have one of the two verdicts: the join is of these alone. A facility is its code; without one, its
# name as typed within the district.
OPEN_RECORDS = """
SELECT source_file, source_row, link_status FROM links WHERE link_status IN ('matched', 'clerical_review')"""
BY_FACILITY = f"""
SELECT d.place_given_province_code AS province_code, d.place_given_district_code AS district_code, d.facility_code,
       CASE WHEN d.facility_code IS NULL THEN d.facility_name END AS facility_name, count(*) AS rows,
       count(*) FILTER (o.link_status = 'matched') AS rows_to_correct,
       count(*) FILTER (o.link_status = 'clerical_review') AS rows_in_review
FROM doses AS d LEFT JOIN open_records AS o USING (source_file, source_row)
WHERE NOT d.is_rejected AND coalesce(d.facility_code, d.facility_name) IS NOT NULL
GROUP BY ALL HAVING count(*) >= {LEAST_DOSES}"""


def correction_steps() -> Plan:
    """Return the steps to `facility_corrections`: records of a facility, those to correct, those left to people.

    To correct is what is linked to a citizen of whom some field differs. Facilities with fewer than LEAST_DOSES
    records are left out, as in `facility_scores`.
    """
    return (
        Step("open_records", "one record to correct or to decide", "links", OPEN_RECORDS),
        written(
            "facility_corrections", "doses open_records file_names", shown_sql(BY_FACILITY, "text", FACILITY)
        ),
    )
