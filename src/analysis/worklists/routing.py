"""Which rows are open, and the one unit whose list each of them stands in."""

import pandas as pd

from analysis.reference import read_units
from analysis.steps import Step
from analysis.worklists.differences import difference_sql

NOWHERE = "VN"  # rows that name no place at all: the country's list

# From the intake's facilities; a code in two communes is nobody's.
LIST_SITES = """
SELECT facility_code, min(commune_code) AS commune_code
FROM (SELECT trim(facility_code) AS facility_code, lpad(trim(commune_code), 5, '0') AS commune_code
    FROM list_facilities WHERE row_fault IS NULL AND trim(commune_code) <> '')
JOIN list_units ON unit_code = commune_code
GROUP BY facility_code HAVING count(DISTINCT commune_code) = 1"""

# Open: the citizen is established but a field differs; a person must decide; nobody was found or too little
# is written to search with, and no person has decided so; or the record repeats another. A record that
# repeats another goes to the duplicates alone: correcting what may be deleted is work for nothing.
# The order of coalesce is the order of routing: citizen's commune, recorded residence, the site's commune,
# then the smallest unit that is known.
LISTED_ROWS = f"""
SELECT l.source_file, l.source_row, l.citizen_id, l.link_status, l.differing_fields, l.duplicate_of,
    CASE WHEN l.duplicate_of IS NOT NULL THEN 'duplicate' WHEN l.link_status = 'matched' THEN 'correct'
        ELSE 'review' END AS section,
    coalesce(h.unit_code, c.unit_code, s.commune_code, q.unit_code, g.unit_code, p.unit_code, o.unit_code,
        '{NOWHERE}') AS unit_code
FROM links AS l JOIN doses AS d USING (source_file, source_row)
LEFT JOIN citizens AS r ON r.citizen_id = l.citizen_id
LEFT JOIN list_units AS h ON h.unit_code = r.current_commune_code
LEFT JOIN list_units AS c ON c.unit_code = d.commune_code
LEFT JOIN list_sites AS s ON s.facility_code = d.facility_code
LEFT JOIN list_units AS q ON q.unit_code = d.district_code
LEFT JOIN list_units AS g ON g.unit_code = d.place_given_district_code
LEFT JOIN list_units AS p ON p.unit_code = d.province_code
LEFT JOIN list_units AS o ON o.unit_code = d.place_given_province_code
WHERE l.link_status != 'rejected' AND (l.duplicate_of IS NOT NULL
    OR l.link_status IN ('matched', 'clerical_review')
    OR (l.link_status IN ('not_in_registry', 'insufficient') AND l.link_method IS NULL))"""

# An id that two records share names neither of them: their decisions bind by content instead.
SOLE_IDS = """
SELECT dose_record_id FROM doses WHERE dose_record_id IS NOT NULL
GROUP BY dose_record_id HAVING count(*) = 1"""

# What a look-up of a row in review is worth: the chance that it finds somebody for whom this dose is not known yet. A row
# is one person's, so its candidates together are worth no more than one (sources due-7). Its likeliest candidate shows
# which rows are looked up together.
REVIEW_GAINS = """
WITH known AS (
    SELECT DISTINCT l.citizen_id, d.dose_number FROM links AS l JOIN doses AS d USING (source_file, source_row)
    SEMI JOIN clerical_candidates AS c ON c.citizen_id = l.citizen_id
    WHERE d.is_counted AND l.duplicate_of IS NULL)
SELECT c.source_file, c.source_row, max_by(c.citizen_id, (c.match_probability, c.citizen_id)) AS candidate,
    least(1, coalesce(sum(c.match_probability ORDER BY c.match_probability)
        FILTER (d.is_counted AND k.citizen_id IS NULL), 0)) AS gain
FROM clerical_candidates AS c JOIN doses AS d USING (source_file, source_row)
LEFT JOIN known AS k ON k.citizen_id = c.citizen_id AND k.dose_number IS NOT DISTINCT FROM d.dose_number
GROUP BY c.source_file, c.source_row"""

DOUBTS = f"""
SELECT source_file, source_row, field, {difference_sql("field")} AS difference
FROM (SELECT source_file, source_row, citizen_id, unnest(differing_fields) AS field
      FROM listed_rows WHERE section = 'correct') AS x
JOIN doses AS d USING (source_file, source_row) LEFT JOIN citizens AS r ON r.citizen_id = x.citizen_id"""

LISTED_PEOPLE = f"""
SELECT u.* EXCLUDE (commune_code), CASE WHEN u.check_first THEN 'check_first' ELSE 'invite' END AS section,
    r.full_name, left(r.birth_date, 4) AS birth_year, coalesce(c.unit_code, '{NOWHERE}') AS unit_code
FROM due AS u LEFT JOIN citizens AS r USING (citizen_id)
LEFT JOIN list_units AS c ON c.unit_code = u.commune_code"""

# The thôn is known from what a record of the person says, the latest that names this very commune.
DUE_ADDRESSES = """
SELECT u.citizen_id, max_by(d.address, (d.vaccination_date, d.source_file, d.source_row)) AS address
FROM listed_people AS u JOIN links AS l USING (citizen_id) JOIN doses AS d USING (source_file, source_row)
WHERE d.address IS NOT NULL AND d.commune_code = u.unit_code GROUP BY u.citizen_id"""


def _unit_codes() -> pd.DataFrame:
    units = read_units()[["commune_code", "district_code", "province_code"]]
    return pd.DataFrame({"unit_code": sorted({*units.to_numpy().ravel()} - {""})})


_PLACES = "citizens list_units"
STEPS = (
    Step("list_units", "one code of a commune, district or province", frame=_unit_codes),
    Step("list_sites", "one facility and its commune", "list_facilities list_units", LIST_SITES),
    Step("listed_rows", "one record for a list", f"links doses {_PLACES} list_sites", LISTED_ROWS),
    Step("sole_ids", "one record id that names one record", "doses", SOLE_IDS),
    Step(
        "review_gains",
        "one row in review and what a look-up is worth",
        "clerical_candidates doses links",
        REVIEW_GAINS,
    ),
    Step("doubts", "one field in doubt of one record", "listed_rows doses citizens", DOUBTS),
    Step("listed_people", "one person due, for a list", f"due {_PLACES}", LISTED_PEOPLE),
    Step("due_addresses", "one due person's address", "listed_people links doses", DUE_ADDRESSES),
)
