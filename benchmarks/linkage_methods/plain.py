"""Two plain ways: the four fields of dispatch 9438/BYT-CNTT, and the number alone."""

import duckdb

from analysis.settings import RunParameters

from .inputs import make_inputs

# One citizen or none: where several agree, nobody is linked.
FOUR_FIELDS = """
INSERT INTO answers
SELECT r.unique_id, any_value(c.unique_id), 1.0, false
FROM peer_rows AS r JOIN peer_citizens AS c USING (full_name, birth_date, sex)
WHERE r.typed_number = c.id_number OR list_contains(c.old_numbers, r.old_number)
GROUP BY r.unique_id HAVING count(DISTINCT c.unique_id) = 1"""

EXACT_ID = """
INSERT INTO answers
SELECT r.unique_id, any_value(c.citizen_id), 1.0, false
FROM (SELECT unique_id, coalesce(id_number, old_number) AS number FROM peer_rows) AS r
JOIN (SELECT unique_id AS number, unique_id AS citizen_id FROM peer_citizens
      UNION ALL SELECT unnest(old_numbers), unique_id FROM peer_citizens) AS c USING (number)
GROUP BY r.unique_id HAVING count(DISTINCT c.citizen_id) = 1"""


def link_four_fields(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Name as typed, birth date, sex and number, all equal."""
    make_inputs(con, run)
    con.execute(FOUR_FIELDS)


def link_exact_id(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """The cleaned citizen number, or an old number that one citizen holds."""
    make_inputs(con, run)
    con.execute(EXACT_ID)
