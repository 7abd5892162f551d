"""The rows of any step of a finished run, for an analyst who follows one row through all tables."""

import pandas as pd

from analysis.engine import Engine, connect
from analysis.errors import RequestError
from analysis.pipeline import PLANNED_STAGES, Stage
from analysis.safeguards.openings import note_opening
from analysis.settings import RunParameters
from analysis.steps import Step, kept_path, needed_for, run_plan, unrolled
from analysis.tables import TABLES, Zone


def stage_of(table: str, run: RunParameters) -> Stage:
    """Return the stage that makes a table; raises RequestError when none does."""
    for stage in PLANNED_STAGES:
        if any(step.table == table and not step.files for step in unrolled(stage.plan(run))):
            return stage
    raise RequestError(f"no step makes a table '{table}'; `baophu plan` lists those there are")


def open_step(run: RunParameters, table: str, where: str = "true") -> pd.DataFrame:
    """Return the rows of any declared table of a finished run, made again up to that step.

    For analysts in the restricted zone: rows may name persons. `where` is an SQL condition on them. Tables that
    the run wrote are read from their files. The opening of rows is noted in the audit log with the purpose stated
    (safeguards/openings.py). Raises RequestError for a table that no step makes.
    """
    stage = stage_of(table, run)
    if table not in TABLES or TABLES[table].zone is Zone.RESTRICTED:
        note_opening(run, table)
    beside = (run.previous.parent,) if run.previous else ()
    with connect(run, extra_folders=beside) as con, stage.open_plan(con, run) as plan:
        engine = Engine(con)
        slice_ = needed_for(tuple(_from_file(step, run) for step in unrolled(plan)), [table])
        run_plan(engine, run, slice_, keep=table)
        return engine.frame(f'SELECT * FROM "{table}" WHERE {where}')


def _from_file(step: Step, run: RunParameters) -> Step:
    """Return a step that reads what the finished run has of its table, where it has a file of it."""
    path = TABLES[step.table].path(run) if step.is_written else kept_path(run, step.table)
    if (step.is_written or step.is_kept) and path.is_file():
        return Step(step.table, step.row, files=(path,), is_view=True)
    return step
