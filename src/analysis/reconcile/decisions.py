"""What people decided: applied first, never overruled by a rule or a model."""

import duckdb

# Of two answers about one row and one citizen the later stands.
OVERRULED = """
CREATE OR REPLACE TEMP TABLE overruled AS
SELECT x.decision_id FROM decisions AS x JOIN decisions AS y USING (source_file, source_row, citizen_id)
WHERE x.decision = 'same_person' AND y.decision = 'different_person' AND x.bound AND y.bound
  AND (coalesce(y.decided_on, DATE '0001-01-01'), y.decision_id)
    > (coalesce(x.decided_on, DATE '0001-01-01'), x.decision_id)"""

# The last decision about a row wins; the cleaning stage has already settled which are in force and bound.
DECIDED = """
CREATE OR REPLACE TEMP TABLE decided AS
SELECT d.file_row_number + 1 AS row_no, x.decision, x.citizen_id
FROM decisions AS x
JOIN read_parquet({doses}, file_row_number = true) AS d USING (source_file, source_row)
ANTI JOIN overruled USING (decision_id)
WHERE x.bound AND x.decision IN ('same_person', 'not_in_registry', 'delete_dose')
  AND (x.decision != 'same_person' OR length(x.citizen_id) = 12)
QUALIFY row_number() OVER (
    PARTITION BY d.file_row_number
    ORDER BY x.decision != 'delete_dose', x.decided_on DESC NULLS LAST, x.decision_id DESC) = 1"""

RULED_OUT = """
CREATE OR REPLACE TEMP TABLE ruled_out AS
SELECT DISTINCT d.file_row_number + 1 AS row_no, x.citizen_id
FROM decisions AS x
JOIN read_parquet({doses}, file_row_number = true) AS d USING (source_file, source_row)
WHERE x.bound AND x.decision = 'different_person' AND x.citizen_id IS NOT NULL"""


def apply_decisions(con: duckdb.DuckDBPyConnection, doses: str) -> None:
    """Make `decided` (row, decision, citizen) and `ruled_out` (row, citizen), and link what is decided.

    `doses` is the SQL literal of doses.parquet. A deleted dose wins over any other decision on its row;
    among others the latest. `same_person` holds even when the registry extract lacks the citizen.
    """
    con.execute(OVERRULED)
    con.execute(DECIDED.format(doses=doses))
    con.execute(RULED_OUT.format(doses=doses))
    con.execute(
        "INSERT INTO linked SELECT row_no, citizen_id, 'decision', 1.0 FROM decided "
        "WHERE decision = 'same_person'"
    )
