"""The deterministic rules, strongest first. Each links rows to exactly one citizen or leaves them open."""

import duckdb

from analysis.reconcile.comparisons import YEAR_ONLY
from analysis.reconcile.search_tables import IN_PARTS

SAME_BIRTH = f"(s.birth_on = p.birth_on OR (s.birth_year = p.birth_year AND {YEAR_ONLY}))"
AGREE = f"s.name_key = p.name_key AND {SAME_BIRTH} AND (s.sex = p.sex OR s.sex IS NULL)"

# An ID never links by itself: name and birth date confirm it, and the sex does not contradict.
LINK_CITIZEN_NUMBER = f"""
INSERT INTO linked
SELECT s.row_no, p.citizen_id, 'same_citizen_number', 1.0
FROM open_rows AS s JOIN people AS p ON p.citizen_id = s.id_number
ANTI JOIN ruled_out AS r ON r.row_no = s.row_no AND r.citizen_id = p.citizen_id
WHERE s.id_kind = 'citizen_number' AND {AGREE}"""

# Numbers were issued twice in the past: only one agreeing holder may remain.
LINK_OLD_NUMBER = f"""
INSERT INTO linked
SELECT s.row_no, p.citizen_id, 'same_old_number', 1.0
FROM open_rows AS s JOIN old_numbers AS o ON o.old_number = s.id_number
JOIN people AS p ON p.citizen_id = o.citizen_id
ANTI JOIN ruled_out AS r ON r.row_no = s.row_no AND r.citizen_id = p.citizen_id
WHERE s.id_kind = 'old_number' AND {AGREE}
QUALIFY count(*) OVER (PARTITION BY s.row_no) = 1"""

PERSON_KEY = "name_key, birth_on, sex, commune_code"

# Unique on both sides: one citizen of the commune has this name, birth date and sex, and the rows that
# share them name at most one ID between them.
UNIQUE_ROWS = f"""
CREATE OR REPLACE TEMP TABLE unique_rows AS
SELECT {PERSON_KEY} FROM searched SEMI JOIN numberless USING (name_key, commune_code)
WHERE name_key LIKE '% %' AND birth_on IS NOT NULL AND sex IS NOT NULL AND commune_code IS NOT NULL
  AND NOT (birth_month = 1 AND birth_day = 1)
GROUP BY ALL HAVING count(DISTINCT id_number) <= 1"""

UNIQUE_PEOPLE = f"""
CREATE OR REPLACE TEMP TABLE unique_people AS
SELECT {PERSON_KEY}, any_value(citizen_id) AS citizen_id
FROM placed_people
SEMI JOIN numberless USING (name_key, birth_on)
GROUP BY ALL HAVING count(DISTINCT citizen_id) = 1"""

# A number that nobody holds may be the right one of a person the registry lacks, and one that a namesake holds
# may be the row's own, under a date that is not: such rows are scored.
LINK_UNIQUE = f"""
INSERT INTO linked
SELECT row_no, citizen_id, 'name_birth_date_sex_place', 1.0
FROM open_rows AS s JOIN unique_rows USING ({PERSON_KEY}) JOIN unique_people USING ({PERSON_KEY})
ANTI JOIN ruled_out USING (row_no, citizen_id)
WHERE s.id_number IS NULL
    OR EXISTS (FROM people AS holder WHERE holder.citizen_id = s.id_number AND holder.name_key != s.name_key)"""

OPEN = "SELECT * FROM {rows} ANTI JOIN linked USING (row_no) ANTI JOIN decided USING (row_no)"
OPEN_ROWS = f"CREATE OR REPLACE TEMP VIEW open_rows AS {OPEN}"

# Few enough to be copied: what follows reads them many times.
NUMBERLESS = f"CREATE OR REPLACE TEMP TABLE numberless AS {IN_PARTS} ({OPEN.format(rows='searched_whole')})"

MAKE_LINKED = """
CREATE OR REPLACE TEMP TABLE linked
(row_no BIGINT, citizen_id VARCHAR, link_method VARCHAR, match_probability DOUBLE)"""


def make_linked(con: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table `linked`: row_no, citizen_id, link_method, match_probability."""
    con.execute(MAKE_LINKED)


def link_by_rules(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `linked` by the deterministic rules; what they leave stands in the view `open_rows`.

    A full agreement of name, birth date, sex and place links before any ID that only some fields
    confirm: a relative's number typed by mistake must not win. Everything weaker is scored.
    """
    con.execute(OPEN_ROWS.format(rows="searched"))
    con.execute(LINK_CITIZEN_NUMBER)
    con.execute(LINK_OLD_NUMBER)
    con.execute(NUMBERLESS)
    con.execute(OPEN_ROWS.format(rows="numberless"))
    con.execute(UNIQUE_ROWS)
    con.execute(UNIQUE_PEOPLE)
    con.execute(LINK_UNIQUE)
