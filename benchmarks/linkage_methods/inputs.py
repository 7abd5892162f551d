"""The rows and the citizens that every peer gets: cleaned and decoded by the project, equal for all."""

import duckdb

from analysis.engine import Engine
from analysis.reconcile.steps import open_plan
from analysis.settings import RunParameters
from analysis.steps import needed_for, run_plan

# What was typed stands beside what was cleaned: a peer without knowledge of Vietnamese uses the former.
ROWS = """
CREATE OR REPLACE TEMP TABLE peer_rows AS
SELECT s.row_no AS unique_id, lower(nfc_normalize(trim(d.full_name_typed))) AS full_name, s.name_accented,
    s.name_key, s.family_name, s.given_name,
    CASE WHEN length(d.birth_date) = 10 THEN d.birth_date END AS birth_date, s.birth_year, s.sex,
    CASE WHEN length(regexp_replace(d.id_number_typed, '[^0-9]', '', 'g')) = 12
        THEN regexp_replace(d.id_number_typed, '[^0-9]', '', 'g') END AS typed_number,
    CASE WHEN s.id_kind = 'citizen_number' THEN s.id_number END AS id_number,
    CASE WHEN s.id_kind = 'old_number' THEN s.id_number END AS old_number,
    CASE WHEN s.id_kind = 'old_number' THEN [s.id_number] ELSE []::VARCHAR[] END AS old_numbers,
    s.province_code, s.district_code, s.commune_code
FROM searched AS s JOIN dose_rows AS d USING (row_no)"""

# A citizen who stays elsewhere is found where he stays, as in the published count.
CITIZENS = """
CREATE OR REPLACE TEMP TABLE peer_citizens AS
SELECT p.citizen_id AS unique_id, lower(nfc_normalize(trim(r.full_name))) AS full_name, p.name_accented, p.name_key,
    p.family_name, p.given_name, CASE WHEN length(p.birth_date) = 10 THEN p.birth_date END AS birth_date,
    p.birth_year, p.sex, p.citizen_id AS typed_number, p.citizen_id AS id_number,
    list_last(p.old_id_numbers) AS old_number, coalesce(p.old_id_numbers, []::VARCHAR[]) AS old_numbers,
    coalesce(p.stay_province, p.home_province) AS province_code,
    coalesce(p.stay_district, p.home_district) AS district_code,
    coalesce(p.stay_commune, p.home_commune) AS commune_code
FROM people AS p JOIN citizens AS r USING (citizen_id)"""

MAKE_ANSWERS = """
CREATE OR REPLACE TEMP TABLE answers
(row_no BIGINT, citizen_id VARCHAR, probability DOUBLE, in_review BOOLEAN)"""


def make_inputs(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make `peer_rows` and `peer_citizens`: unique_id, names, birth date, sex, numbers, unit codes."""
    sides = ("searched", "dose_rows", "people", "citizens")
    with open_plan(con, run) as plan:
        run_plan(Engine(con), run, needed_for(plan, sides), keep=" ".join(sides))
    for statement in (ROWS, CITIZENS, MAKE_ANSWERS):
        con.execute(statement)
