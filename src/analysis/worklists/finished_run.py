"""The finished run that lists are made of: its mark, and its tables as they were made."""

from typing import Any

import duckdb

from analysis.earlier_runs import read_mark
from analysis.engine import Engine, sql_files
from analysis.errors import RequestError
from analysis.intake.registry import has_registry
from analysis.safeguards.run_record import check_outputs, read_record, record_path
from analysis.settings import RunParameters
from analysis.steps import run_plan
from analysis.tables import TABLES
from analysis.worklists.steps import KEPT, open_plan

NEEDED_TABLES = {
    "1_clean": ("doses",),
    "2_reconcile": ("links", "clerical_candidates"),
    "3_coverage": ("due",),
}


def read_run_mark(run: RunParameters) -> dict[str, Any]:
    """Return `run_id` and `simulated` of a finished run whose tables are those it made.

    Raises RequestError for a run that is not complete, CheckError for a table changed by another hand.
    """
    mark = read_mark(run.processed)
    if not mark:
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
        check_outputs(record_path(run, stage), run.processed)
    return mark


def open_tables(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make the lines of all units from the run's rows; raises RequestError when the registry they need is gone."""
    links, due = (sql_files([TABLES[name].path(run)]) for name in ("links", "due"))
    engine = Engine(con)
    named = f"SELECT 1 FROM {due} UNION ALL SELECT 1 FROM {links} WHERE link_status = 'matched' LIMIT 1"
    if not has_registry(con, run) and engine.fetch(named):
        raise RequestError(
            f"--processed: the registry of '{run.processed.name}' is needed for its lists; run the week again"
        )
    with open_plan(con, run) as plan:
        run_plan(engine, run, plan, log="worklists", keep=KEPT)
