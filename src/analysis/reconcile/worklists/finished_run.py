"""The finished run that lists are made of: its mark, and its tables as they were made."""

import json
from typing import Any

import duckdb

from analysis.errors import RequestError
from analysis.intake import view_registry
from analysis.reconcile.worklists.lines import make_lines
from analysis.reconcile.worklists.routing import route_open_rows
from analysis.safeguards.run_record import is_up_to_date, read_record, record_path
from analysis.settings import RunParameters
from analysis.tables import view_table

NEEDED_TABLES = {"1_clean": ("doses",), "2_reconcile": ("links",), "3_coverage": ("due",)}


def read_run_mark(run: RunParameters) -> dict[str, Any]:
    """Return `run_id` and `simulated` of a finished run whose tables are those it made.

    Raises RequestError for a run that is not complete, CheckError for a table changed by another hand.
    """
    path = run.aggregate / "intake.json"
    if not path.is_file():
        raise RequestError(
            f"--as-of: there is no complete run in '{run.processed.name}'; run `baophu run` first"
        )
    for stage, tables in NEEDED_TABLES.items():
        record = read_record(record_path(run, stage))
        paths = [run.restricted / f"{name}.parquet" for name in tables]
        if record is None or not all(p.is_file() for p in paths):
            raise RequestError(
                f"--as-of: stage {stage} of '{run.processed.name}' is missing; run the week again"
            )
        is_up_to_date(record_path(run, stage), record["key"], run.processed)
    return dict(json.loads(path.read_text(encoding="utf-8")))


def open_tables(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make the lines of all units from the run's rows; raises RequestError when the registry they need is gone."""
    for names in NEEDED_TABLES.values():
        for name in names:
            view_table(con, name, run)
    has_registry = view_registry(con, run)
    linked = con.execute(
        "SELECT (SELECT count(*) FROM due) + (SELECT count(*) FROM links WHERE link_status = 'matched')"
    ).fetchall()[0][0]
    if linked and not has_registry:
        raise RequestError(
            "--raw: the registry of the week's intake is needed for its lists; give that folder"
        )
    route_open_rows(con, run, has_registry)
    make_lines(con, run.as_of)
