"""The two sides of the linkage, reduced to what is compared: `people` (registry) and `searched` (rows).

Both live only in the engine, never in a file. IDs and codes stay text: up to 12 characters cost DuckDB
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

# Blanks are no evidence: "Nguyễnvăn An" is a slip of the keyboard, not another name.
NAME_PARTS = """split_part(name_key, ' ', 1) AS family_name, split_part(name_key, ' ', -1) AS given_name,
    replace(name_key, ' ', '') AS compact_name"""

BIRTH_PARTS = """
    try_cast(left(birth_date, 4) AS SMALLINT) AS birth_year,
    try_cast(substr(birth_date, 6, 2) AS TINYINT) AS birth_month,
    try_cast(substr(birth_date, 9, 2) AS TINYINT) AS birth_day,
    CASE WHEN length(birth_date) = 10 THEN try_cast(birth_date AS DATE) END AS birth_on"""

PEOPLE = f"""
CREATE OR REPLACE TEMP TABLE people AS
SELECT {{once}} citizen_id, old_id_numbers, name_key, name_accented, {NAME_PARTS}, birth_date, {BIRTH_PARTS},
    sex,
    permanent_commune_code AS home_commune, home.district_code AS home_district,
    coalesce(home.province_code, left(permanent_commune_code, 2), '') AS home_province,
    current_commune_code AS stay_commune, stay.district_code AS stay_district,
    stay.province_code AS stay_province, life_status, death_date
FROM registry
LEFT JOIN commune_units AS home ON home.commune_code = permanent_commune_code
LEFT JOIN commune_units AS stay ON stay.commune_code = current_commune_code
WHERE citizen_id IS NOT NULL {{order}}"""

ALL_FIELDS = "citizen_id, name_accented, birth_date, sex, permanent_commune_code, current_commune_code"
# An extract that repeats a number is sorted for a stable choice; sorting the whole country is dear.
REPEATED = "SELECT count(citizen_id) > count(DISTINCT citizen_id) FROM registry"

# Where a citizen may say to live: at home, and where he stays now.
PLACED_PEOPLE = """
CREATE OR REPLACE TEMP TABLE placed_people AS
SELECT citizen_id, name_key, family_name, given_name, birth_on, birth_year, birth_month, birth_day,
    left(citizen_id, 6) AS number_head, right(citizen_id, 6) AS number_tail,
    unnest([home_province, stay_province]) AS province_code,
    unnest([home_district, stay_district]) AS district_code,
    unnest([home_commune, stay_commune]) AS commune_code
FROM people WHERE stay_commune != home_commune
UNION ALL
SELECT citizen_id, name_key, family_name, given_name, birth_on, birth_year, birth_month, birth_day,
    left(citizen_id, 6), right(citizen_id, 6), home_province, home_district, home_commune
FROM people WHERE (stay_commune != home_commune) IS NOT TRUE"""

OLD_NUMBERS = """
CREATE OR REPLACE TEMP TABLE old_numbers AS
SELECT DISTINCT trim(old_number) AS old_number, citizen_id
FROM (SELECT citizen_id, unnest(old_id_numbers) AS old_number FROM registry)
WHERE length(trim(old_number)) = 9"""

# What is left of a number that lost digits or has one too many: spreadsheets drop zeros and add ".0".
DAMAGED_NUMBER = """CASE WHEN id_kind = 'malformed'
    THEN regexp_replace(regexp_replace(id_number_typed, '[.]0$', ''), '[^0-9]', '', 'g') END"""

# A row number of our own: rosters continue where the doses end, so that both walk the same rules.
SEARCHED_COLUMNS = f"""
    id_kind, CASE WHEN id_kind IN ('citizen_number', 'old_number') THEN id_number END AS id_number,
    {DAMAGED_NUMBER} AS damaged_number,
    name_key, name_accented, {NAME_PARTS}, birth_date, {BIRTH_PARTS}, sex,
    province_code, district_code, commune_code, phone"""

SEARCHABLE = "NOT is_rejected AND NOT is_foreigner"


def _make_commune_units(con: duckdb.DuckDBPyConnection) -> None:
    """Make `commune_units`: the district and province of every commune code of November 2021."""
    units = read_units()[["commune_code", "district_code", "province_code"]]
    con.register("unit_rows", units[units["commune_code"] != ""])
    con.execute("CREATE OR REPLACE TEMP TABLE commune_units AS SELECT * FROM unit_rows")
    con.unregister("unit_rows")


def make_people(con: duckdb.DuckDBPyConnection, has_registry: bool) -> None:
    """Make `people`, `placed_people` (one row a residence) and `old_numbers` (number, holder).

    They come from `registry`. Without one they are empty, so that every later step runs unchanged
    and finds nobody.
    """
    _make_commune_units(con)
    if not has_registry:
        _make_empty_registry(con)
    repeated = con.execute(REPEATED).fetchall()[0][0]
    once, order = ("DISTINCT ON (citizen_id)", f"ORDER BY {ALL_FIELDS}") if repeated else ("", "")
    con.execute(PEOPLE.format(once=once, order=order))
    con.execute(PLACED_PEOPLE)
    con.execute(OLD_NUMBERS)


def _make_empty_registry(con: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"NULL::VARCHAR AS {name}" for name in REGISTRY_TEXT)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE registry AS SELECT {columns}, NULL::VARCHAR[] AS old_id_numbers, "
        "NULL::DATE AS death_date WHERE false"
    )


def make_searched(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make `searched`: one row per dose or roster row that may be searched for in the registry.

    Columns: `row_no` (the row's place in doses.parquet, rosters counted on), `is_roster`, the identifying
    fields with the birth date in parts. Rejected rows and foreign nationals are left out.
    """
    doses, rosters = (sql_path(TABLES[name].path(run)) for name in ("doses", "roster_rows"))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE searched AS
        SELECT file_row_number + 1 AS row_no, false AS is_roster, {SEARCHED_COLUMNS}, dose_number,
            vaccination_date
        FROM read_parquet({doses}, file_row_number = true) WHERE {SEARCHABLE}
        UNION ALL
        SELECT (SELECT count(*) FROM read_parquet({doses})) + file_row_number + 1, true, {SEARCHED_COLUMNS},
            NULL, NULL
        FROM read_parquet({rosters}, file_row_number = true) WHERE {SEARCHABLE}"""
    )
