"""The two sides of the linkage, reduced to what is compared: `people` (registry) and `searched` (rows).

Both live only in the engine, never in a file; `searched` is read from the cleaned rows each time, for most of
them are settled by their number at the first look. IDs and codes stay text: up to 12 characters cost DuckDB
no more than a number does, and a lost zero cannot happen.
"""

import pandas as pd

from analysis.reference import read_units
from analysis.steps import Step

# Surname first, given name last. Ê Đê men are called Y, their own name, and last their mother's clan: by that word
# half a village would bear one given name. (The women's H is the initial of Hoàng and Huỳnh as well: comparisons.py.)
CLAN_LAST = "name_key LIKE 'y % %'"
NAME_PARTS = f"""
    CASE WHEN {CLAN_LAST} THEN split_part(name_key, ' ', -1) ELSE split_part(name_key, ' ', 1) END AS family_name,
    CASE WHEN {CLAN_LAST} THEN split_part(name_key, ' ', 2) ELSE split_part(name_key, ' ', -1) END AS given_name"""

# Text is only taken apart where the day is not known.
BIRTH_PARTS = """
    coalesce(year(birth_on), try_cast(left(birth_date, 4) AS INTEGER))::SMALLINT AS birth_year,
    coalesce(month(birth_on), try_cast(substr(birth_date, 6, 2) AS INTEGER))::TINYINT AS birth_month,
    coalesce(day(birth_on), try_cast(substr(birth_date, 9, 2) AS INTEGER))::TINYINT AS birth_day,
    birth_on"""
BIRTH_ON = "CASE WHEN length(birth_date) = 10 THEN try_cast(birth_date AS DATE) END AS birth_on"

# Hashed one query further out, where a part of the name is a column: here it would be taken apart again.
PEOPLE = f"""
SELECT *, hash(name_key) AS name_key_hash, hash(family_name) AS family_name_hash, hash(given_name) AS given_name_hash
FROM (SELECT citizen_id, old_id_numbers, name_key, name_accented, {NAME_PARTS}, birth_date, {BIRTH_PARTS}, sex,
    permanent_commune_code AS home_commune, home.district_code AS home_district,
    coalesce(home.province_code, left(permanent_commune_code, 2), '') AS home_province,
    current_commune_code AS stay_commune, stay.district_code AS stay_district,
    stay.province_code AS stay_province
FROM (SELECT *, {BIRTH_ON} FROM citizens)
LEFT JOIN commune_units AS home ON home.commune_code = permanent_commune_code
LEFT JOIN commune_units AS stay ON stay.commune_code = current_commune_code
WHERE citizen_id IS NOT NULL)"""

# Where a citizen may say to live: at home, and where he stays now. A view, for a copy of the country is dear;
# guests are few, and to look for them anew in every rule is dear too.
GUESTS = "SELECT * FROM people WHERE stay_commune != home_commune"
PLACED_PEOPLE = """
SELECT *, left(citizen_id, 6) AS number_head, right(citizen_id, 6) AS number_tail,
    home_province AS province_code, home_district AS district_code, home_commune AS commune_code
FROM people
UNION ALL
SELECT *, left(citizen_id, 6), right(citizen_id, 6), stay_province, stay_district, stay_commune
FROM guests"""

OLD_NUMBERS = """
SELECT DISTINCT unnest(old_id_numbers) AS old_number, citizen_id FROM citizens"""

# What is left of a number that lost digits or has one too many: spreadsheets drop zeros and add ".0".
DAMAGED_NUMBER = """CASE WHEN id_kind = 'malformed'
    THEN regexp_replace(regexp_replace(id_number_typed, '[.]0$', ''), '[^0-9]', '', 'g') END"""

SEARCHED_COLUMNS = f"""
    id_kind, CASE WHEN id_kind IN ('citizen_number', 'old_number') THEN id_number END AS id_number,
    {DAMAGED_NUMBER} AS damaged_number,
    name_key, name_accented, birth_date, {BIRTH_ON}, sex, province_code, district_code, commune_code, phone"""

# Names and dates in parts; what needs few rows joins first and takes apart then.
IN_PARTS = f"SELECT * EXCLUDE (birth_on), {NAME_PARTS}, {BIRTH_PARTS} FROM "

SEARCHABLE = "NOT is_rejected AND NOT is_foreigner"

# The day of the dose or of its entry, written into the wrong cell, is nobody's birth date.
OTHER_DAYS = "(CAST(vaccination_date AS VARCHAR), CAST(entry_date AS VARCHAR))"
OWN_BIRTH = f"""* EXCLUDE (birth_date),
    CASE WHEN birth_date IN {OTHER_DAYS} THEN NULL ELSE birth_date END AS birth_date"""

# A row number of our own: rosters continue where the doses end, so that both walk the same rules.
DOSE_ROWS = "SELECT *, 1 + file_row_number AS row_no FROM numbered_doses"
ROSTER_LINES = """
SELECT *, (SELECT count(*) FROM numbered_doses) + 1 + file_row_number AS row_no FROM numbered_rosters"""

SEARCHED_WHOLE = f"""
SELECT row_no, source_file, false AS is_roster, {SEARCHED_COLUMNS}, dose_number, vaccination_date
FROM (SELECT {OWN_BIRTH} FROM dose_rows) WHERE {SEARCHABLE}
UNION ALL
SELECT row_no, source_file, true, {SEARCHED_COLUMNS}, NULL, NULL FROM roster_lines WHERE {SEARCHABLE}"""
SEARCHED = f"{IN_PARTS} searched_whole"


def _commune_units() -> pd.DataFrame:
    units = read_units()[["commune_code", "district_code", "province_code"]]
    return units[units["commune_code"] != ""]


PEOPLE_STEPS = (
    Step("commune_units", "one commune of 2021 with its district and province", frame=_commune_units),
    Step("people", "one citizen, name and birth date in parts", "citizens commune_units", PEOPLE),
    Step("guests", "one citizen who stays in another commune than at home", "people", GUESTS),
    Step("placed_people", "one citizen at one residence", "people guests", PLACED_PEOPLE, is_view=True),
    Step("old_numbers", "one old number of one citizen", "citizens", OLD_NUMBERS),
)
_LINES = "numbered_doses numbered_rosters"
SEARCHED_STEPS = (
    Step("dose_rows", "one dose record with its number", "numbered_doses", DOSE_ROWS, is_view=True),
    Step("roster_lines", "one roster row with its number", _LINES, ROSTER_LINES, is_view=True),
    Step("searched_whole", "one row to search for", "dose_rows roster_lines", SEARCHED_WHOLE, is_view=True),
    Step("searched", "one row to search for, in parts", "searched_whole", SEARCHED, is_view=True),
)
