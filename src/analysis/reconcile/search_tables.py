"""The two sides of the linkage, reduced to what is compared: `people` (registry) and `searched` (rows).

Both live only in the engine, never in a file; `searched` is read from the cleaned rows each time, for most of
them are settled by their number at the first look. IDs and codes stay text: up to 12 characters cost DuckDB
no more than a number does, and a lost zero cannot happen.
"""

import duckdb

from analysis.engine import sql_path
from analysis.reference import read_units
from analysis.settings import RunParameters
from analysis.tables import TABLES

REGISTRY_TEXT = (
    *("citizen_id", "full_name", "name_key", "name_accented", "birth_date", "sex", "life_status"),
    *("permanent_commune_code", "current_commune_code"),
)

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

PEOPLE = f"""
CREATE OR REPLACE TEMP TABLE people AS
SELECT citizen_id, old_id_numbers, name_key, name_accented, {NAME_PARTS},
    hash(name_key) AS name_key_hash, hash(family_name) AS family_name_hash, hash(given_name) AS given_name_hash,
    birth_date, {BIRTH_PARTS}, sex,
    permanent_commune_code AS home_commune, home.district_code AS home_district,
    coalesce(home.province_code, left(permanent_commune_code, 2), '') AS home_province,
    current_commune_code AS stay_commune, stay.district_code AS stay_district,
    stay.province_code AS stay_province
FROM (SELECT *, {BIRTH_ON} FROM registry)
LEFT JOIN commune_units AS home ON home.commune_code = permanent_commune_code
LEFT JOIN commune_units AS stay ON stay.commune_code = current_commune_code
WHERE citizen_id IS NOT NULL"""

# Where a citizen may say to live: at home, and where he stays now. A view, for a copy of the country is dear;
# guests are few, and to look for them anew in every rule is dear too.
GUESTS = "CREATE OR REPLACE TEMP TABLE guests AS SELECT * FROM people WHERE stay_commune != home_commune"
PLACED_PEOPLE = """
CREATE OR REPLACE TEMP VIEW placed_people AS
SELECT *, left(citizen_id, 6) AS number_head, right(citizen_id, 6) AS number_tail,
    home_province AS province_code, home_district AS district_code, home_commune AS commune_code
FROM people
UNION ALL
SELECT *, left(citizen_id, 6), right(citizen_id, 6), stay_province, stay_district, stay_commune
FROM guests"""

OLD_NUMBERS = """
CREATE OR REPLACE TEMP TABLE old_numbers AS
SELECT DISTINCT unnest(old_id_numbers) AS old_number, citizen_id FROM registry"""

# What is left of a number that lost digits or has one too many: spreadsheets drop zeros and add ".0".
DAMAGED_NUMBER = """CASE WHEN id_kind = 'malformed'
    THEN regexp_replace(regexp_replace(id_number_typed, '[.]0$', ''), '[^0-9]', '', 'g') END"""

# A row number of our own: rosters continue where the doses end, so that both walk the same rules.
SEARCHED_COLUMNS = f"""
    id_kind, CASE WHEN id_kind IN ('citizen_number', 'old_number') THEN id_number END AS id_number,
    {DAMAGED_NUMBER} AS damaged_number,
    name_key, name_accented, birth_date, {BIRTH_ON}, sex, province_code, district_code, commune_code, phone"""

# Names and dates in parts; what needs few rows joins first and takes apart then.
IN_PARTS = f"SELECT * EXCLUDE (birth_on), {NAME_PARTS}, {BIRTH_PARTS} FROM "

SEARCHABLE = "NOT is_rejected AND NOT is_foreigner"

# The day of the dose or of its entry, written into the wrong cell, is nobody's birth date.
OTHER_DAYS = "(CAST(vaccination_date AS VARCHAR), CAST(entry_date AS VARCHAR))"
OWN_BIRTH = f"* REPLACE (CASE WHEN birth_date IN {OTHER_DAYS} THEN NULL ELSE birth_date END AS birth_date)"


def _make_commune_units(con: duckdb.DuckDBPyConnection) -> None:
    """Make `commune_units`: the district and province of every commune code of November 2021."""
    units = read_units()[["commune_code", "district_code", "province_code"]]
    con.register("unit_rows", units[units["commune_code"] != ""])
    con.execute("CREATE OR REPLACE TEMP TABLE commune_units AS SELECT * FROM unit_rows")
    con.unregister("unit_rows")


def make_people(con: duckdb.DuckDBPyConnection, has_registry: bool) -> None:
    """Make `people`, `placed_people` (one row a residence) and `old_numbers` (number, holder).

    They come from `registry`, which has one row a citizen (`view_registry` sees to it). Without one they are
    empty, so that every later step runs unchanged and finds nobody.
    """
    _make_commune_units(con)
    if not has_registry:
        _make_empty_registry(con)
    con.execute(PEOPLE)
    con.execute(GUESTS)
    con.execute(PLACED_PEOPLE)
    con.execute(OLD_NUMBERS)


def _make_empty_registry(con: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"NULL::VARCHAR AS {name}" for name in REGISTRY_TEXT)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE registry AS SELECT {columns}, NULL::VARCHAR[] AS old_id_numbers, "
        "NULL::DATE AS death_date WHERE false"
    )


def make_searched(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make the views `searched_whole` and `searched`: one row per dose or roster row that may be searched for.

    Columns: `row_no` (the row's place in doses.parquet, rosters counted on), `is_roster`, the identifying
    fields, without birth dates that are the day of the dose; in `searched` with names and birth dates in parts.
    Rejected rows and foreign nationals are left out.
    """
    doses, rosters = (sql_path(TABLES[name].path(run)) for name in ("doses", "roster_rows"))
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW searched_whole AS
        SELECT file_row_number + 1 AS row_no, source_file, false AS is_roster, {SEARCHED_COLUMNS}, dose_number,
            vaccination_date
        FROM (SELECT {OWN_BIRTH} FROM read_parquet({doses}, file_row_number = true))
        WHERE {SEARCHABLE}
        UNION ALL
        SELECT (SELECT count(*) FROM read_parquet({doses})) + file_row_number + 1, source_file, true, {SEARCHED_COLUMNS},
            NULL, NULL
        FROM read_parquet({rosters}, file_row_number = true) WHERE {SEARCHABLE}"""
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW searched AS {IN_PARTS} searched_whole")
