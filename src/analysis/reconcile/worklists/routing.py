"""Which rows are open, and the one unit whose list each of them stands in."""

import duckdb

from analysis.clean.sites import FACILITIES
from analysis.intake.folder import open_folder
from analysis.reconcile.worklists.differences import difference_sql
from analysis.reference import read_units
from analysis.settings import RunParameters

NOWHERE = "VN"  # rows that name no place at all: the country's list

UNIT_CODES = """
CREATE OR REPLACE TEMP TABLE unit_codes AS
SELECT DISTINCT unnest([commune_code, district_code, province_code]) AS unit_code FROM unit_rows"""

# Open: the citizen is established but a field differs; a person must decide; nobody was found or too little
# is written to search with, and no person has decided so; or the record repeats another. A record that
# repeats another goes to the duplicates alone: correcting what may be deleted is work for nothing.
# The order of coalesce is the order of routing: citizen's commune, recorded residence, the site's commune,
# then the smallest unit that is known.
OPEN_ROWS = f"""
CREATE OR REPLACE TEMP TABLE open_rows AS
SELECT l.source_file, l.source_row, l.citizen_id, l.link_status, l.differing_fields, l.duplicate_of,
    CASE WHEN l.duplicate_of IS NOT NULL THEN 'duplicate' WHEN l.link_status = 'matched' THEN 'correct'
        ELSE 'review' END AS section,
    coalesce(h.unit_code, c.unit_code, s.commune_code, q.unit_code, g.unit_code, p.unit_code, o.unit_code,
        '{NOWHERE}') AS unit_code
FROM links AS l JOIN doses AS d USING (source_file, source_row)
LEFT JOIN registry AS r ON r.citizen_id = l.citizen_id
LEFT JOIN unit_codes AS h ON h.unit_code = r.current_commune_code
LEFT JOIN unit_codes AS c ON c.unit_code = d.commune_code
LEFT JOIN site_communes AS s ON s.facility_code = d.facility_code
LEFT JOIN unit_codes AS q ON q.unit_code = d.district_code
LEFT JOIN unit_codes AS g ON g.unit_code = d.place_given_district_code
LEFT JOIN unit_codes AS p ON p.unit_code = d.province_code
LEFT JOIN unit_codes AS o ON o.unit_code = d.place_given_province_code
WHERE l.link_status != 'rejected' AND (l.duplicate_of IS NOT NULL
    OR l.link_status IN ('matched', 'clerical_review')
    OR (l.link_status IN ('not_in_registry', 'insufficient') AND l.link_method IS NULL))"""

# An id that two records share names neither of them: their decisions bind by content instead.
RECORDS = """
CREATE OR REPLACE TEMP TABLE sole_ids AS
SELECT dose_record_id FROM doses WHERE dose_record_id IS NOT NULL
GROUP BY dose_record_id HAVING count(*) = 1"""

DOUBTS = f"""
CREATE OR REPLACE TEMP TABLE doubts AS
SELECT source_file, source_row, field, {difference_sql("field")} AS difference
FROM (SELECT source_file, source_row, citizen_id, unnest(differing_fields) AS field
      FROM open_rows WHERE section = 'correct') AS x
JOIN doses AS d USING (source_file, source_row) LEFT JOIN registry AS r ON r.citizen_id = x.citizen_id"""

DUE_PEOPLE = f"""
CREATE OR REPLACE TEMP TABLE due_people AS
SELECT u.* EXCLUDE (commune_code), CASE WHEN u.check_first THEN 'check_first' ELSE 'invite' END AS section,
    r.full_name, left(r.birth_date, 4) AS birth_year, coalesce(c.unit_code, '{NOWHERE}') AS unit_code
FROM due AS u LEFT JOIN registry AS r USING (citizen_id)
LEFT JOIN unit_codes AS c ON c.unit_code = u.commune_code"""

# The thôn is known from what a record of the person says, the latest that names this very commune.
DUE_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE due_addresses AS
SELECT u.citizen_id, max_by(d.address, (d.vaccination_date, d.source_file, d.source_row)) AS address
FROM due_people AS u JOIN links AS l USING (citizen_id) JOIN doses AS d USING (source_file, source_row)
WHERE d.address IS NOT NULL AND d.commune_code = u.unit_code GROUP BY u.citizen_id"""

NO_REGISTRY = """
CREATE OR REPLACE TEMP TABLE registry AS
SELECT '' AS citizen_id, '' AS full_name, '' AS birth_date, '' AS sex, '' AS name_key, '' AS name_accented,
       '' AS current_commune_code WHERE false"""


def route_open_rows(con: duckdb.DuckDBPyConnection, run: RunParameters, has_registry: bool) -> None:
    """Make `open_rows`, `doubts`, `due_people` and what they need; one row a record, a field, a citizen.

    Needs views on doses, links, due, and on registry when there is one.
    """
    if not has_registry:
        con.execute(NO_REGISTRY)
    units = read_units()[["commune_code", "district_code", "province_code"]]
    con.register("unit_rows", units)
    con.execute(UNIT_CODES)
    con.unregister("unit_rows")
    _make_site_communes(con, run)
    for query in (OPEN_ROWS, RECORDS, DOUBTS, DUE_PEOPLE, DUE_ADDRESSES):
        con.execute(query)


def _make_site_communes(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make `site_communes` (facility code, commune) from the intake's facilities; a code in two is nobody's."""
    con.execute("CREATE OR REPLACE TEMP TABLE site_rows (facility_code VARCHAR, commune_code VARCHAR)")
    for staged in open_folder(con, run, "facilities", FACILITIES).staged:
        con.execute(
            "INSERT INTO site_rows SELECT trim(facility_code), lpad(trim(commune_code), 5, '0') "
            "FROM read_parquet(?) WHERE row_fault IS NULL AND trim(commune_code) <> ''",
            [staged.path.as_posix()],
        )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE site_communes AS SELECT facility_code, min(commune_code) AS commune_code "
        "FROM site_rows JOIN unit_codes ON unit_code = commune_code "
        "GROUP BY facility_code HAVING count(DISTINCT commune_code) = 1"
    )


def units_with_work(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the units that some open row or due person is routed to."""
    rows = con.execute(
        "SELECT unit_code FROM open_rows UNION SELECT unit_code FROM due_people ORDER BY unit_code"
    ).fetchall()
    return [str(row[0]) for row in rows]
