"""The project's own linkage."""

import duckdb

from analysis.engine import Engine
from analysis.reconcile.steps import open_plan
from analysis.settings import RunParameters
from analysis.steps import run_plan

ANSWERS = """
CREATE OR REPLACE TEMP TABLE answers AS
SELECT d.row_no, l.citizen_id, l.match_probability AS probability, l.link_status = 'clerical_review' AS in_review
FROM links AS l JOIN dose_rows AS d USING (source_file, source_row)"""


def link_staged(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Link as the weekly run does, duplicates, verdicts and all; no decisions of people."""
    with open_plan(con, run) as plan:
        run_plan(Engine(con), run, plan, log="linkage", keep="dose_rows")
    con.execute(ANSWERS)
