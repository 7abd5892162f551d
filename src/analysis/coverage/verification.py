"""Counts by state of verification, of roster checks and of findings about the registry."""

import duckdb

from analysis.coverage.inputs import COUNTRY_ID, by_unit_sql
from analysis.settings import RunParameters
from analysis.tables import write_table

# Every record of the exports, rejected ones too, by residence as typed, because dispatch 2262/BYT-CNTT has
# each commune list the wrong records of its own people. A record with more than one field to correct is
# `several`, so that rows add up. States and persons travel as 64-bit hashes: counting distinct text of a
# million people is most of the work otherwise.
RECORD_STATES = """
CREATE TEMP TABLE record_states AS
SELECT p.unit_id AS province_id, d.unit_id AS district_id, r.id_kind, l.link_status,
       if(len(l.differing_fields) > 1, 'several', l.differing_fields[1]) AS differing_field,
       l.four_field_match, r.police_result, r.signature_status,
       CASE WHEN l.citizen_id IS NOT NULL THEN hash(l.citizen_id)
            WHEN r.id_number IS NOT NULL THEN hash(r.id_number)
            ELSE hash(r.name_key, r.birth_date, r.sex, r.district_code, r.commune_code) END AS person
FROM doses AS r
LEFT JOIN links AS l USING (source_file, source_row)
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = r.province_code
LEFT JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = r.district_code"""

STATE = "id_kind, link_status, differing_field, four_field_match, police_result, signature_status"
STATE_PERSONS = f"""
CREATE TEMP TABLE state_persons AS
SELECT province_id, district_id, hash({STATE}) AS state_id, person, count(*) AS records
FROM record_states GROUP BY ALL"""

STATE_COUNTS = """
SELECT {unit_id} AS unit_id, state_id, sum(records) AS rows, count(DISTINCT person) AS people
FROM state_persons WHERE {unit_id} IS NOT NULL GROUP BY ALL"""

VERIFICATION = f"""
SELECT u.unit_level, u.unit_code, {STATE}, c.rows, c.people
FROM ({{counts}}) AS c
JOIN units AS u USING (unit_id)
JOIN (SELECT DISTINCT {STATE}, hash({STATE}) AS state_id FROM record_states) AS s USING (state_id)"""

ROSTERS = f"""
SELECT u.unit_level, u.unit_code, link_status, count(*) AS rows
FROM ({by_unit_sql("placed_rosters", "link_status")}) JOIN units AS u USING (unit_id) GROUP BY ALL"""

PLACED_ROSTERS = """
CREATE TEMP TABLE placed_rosters AS
SELECT p.unit_id AS province_id, d.unit_id AS district_id, c.link_status
FROM roster_checks AS c
LEFT JOIN roster_rows AS r USING (source_file, source_row)
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = r.province_code
LEFT JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = r.district_code"""

FINDINGS = f"""
SELECT u.unit_level, u.unit_code, kind, count(*) AS findings
FROM ({by_unit_sql("placed_findings", "kind")}) JOIN units AS u USING (unit_id) GROUP BY ALL"""

PLACED_FINDINGS = """
CREATE TEMP TABLE placed_findings AS
SELECT r.province_id, r.district_id, f.kind
FROM registry_findings AS f LEFT JOIN residents AS r USING (citizen_id)"""


def count_verification(con: duckdb.DuckDBPyConnection, run: RunParameters) -> int:
    """Write `verification` (country, provinces, districts) and return its number of rows.

    `people` are distinct within one row of the table: by citizen, else by the number typed, else by name,
    birth, sex and place; so they do not add up over rows.
    """
    con.execute(RECORD_STATES)
    con.execute(STATE_PERSONS)
    levels = (str(COUNTRY_ID), "province_id", "district_id")
    counts = " UNION ALL ".join(STATE_COUNTS.format(unit_id=level) for level in levels)
    return write_table(con, "verification", VERIFICATION.format(counts=counts), run)


def count_rosters(con: duckdb.DuckDBPyConnection, run: RunParameters) -> int:
    """Write `rosters`, roster rows by residence as typed and verdict; return its number of rows."""
    con.execute(PLACED_ROSTERS)
    return write_table(con, "rosters", ROSTERS, run)


def count_findings(con: duckdb.DuckDBPyConnection, run: RunParameters) -> int:
    """Write `registry_findings_counts` by the citizen's residence; return its number of rows."""
    con.execute(PLACED_FINDINGS)
    return write_table(con, "registry_findings_counts", FINDINGS, run)
