"""The project's own linkage."""

import duckdb

from analysis.engine import sql_path
from analysis.intake import view_registry
from analysis.reconcile.match import link_against
from analysis.settings import RunParameters
from analysis.tables import TABLES

ANSWERS = """
CREATE OR REPLACE TEMP TABLE answers AS
SELECT d.file_row_number + 1 AS row_no, l.citizen_id, l.match_probability AS probability,
    l.link_status = 'clerical_review' AS in_review
FROM links AS l JOIN read_parquet({doses}, file_row_number = true) AS d USING (source_file, source_row)"""


def link_staged(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Link as the weekly run does, duplicates, verdicts and all; no decisions of people."""
    link_against(con, run, view_registry(con, run))
    con.execute(ANSWERS.format(doses=sql_path(TABLES["doses"].path(run))))
