"""The clean stage: opens the intake, makes the tables of its plan, and checks that every row is accounted for."""

from dataclasses import asdict, dataclass

import duckdb
import pandas as pd

from analysis.clean.quality.accounts import check_accounts
from analysis.clean.received import opened_intake
from analysis.clean.registry import OF_THE_EXTRACT, unreadable
from analysis.clean.steps import plan
from analysis.engine import Engine, connect
from analysis.errors import BaophuError
from analysis.intake.folder import require_intake
from analysis.intake.naming import hidden_names
from analysis.intake.sources import Intake
from analysis.pipeline import CLEAN
from analysis.settings import RunParameters
from analysis.steps import Plan, read_log, run_plan


@dataclass(frozen=True)
class CleanSummary:
    """What cleaning did: files read and set aside, rows in, kept and rejected.

    `provinces` are those where doses were given, the most doses first.
    """

    files_read: int
    files_set_aside: int
    rows_in: int
    rows_kept: int
    rows_rejected: int
    provinces: tuple[str, ...]

    def as_table(self) -> pd.DataFrame:
        """Return the counts as one row, for showing."""
        counts = {name: value for name, value in asdict(self).items() if name != "provinces"}
        return pd.DataFrame([counts])


def clean_intake(run: RunParameters) -> CleanSummary:
    """Clean the intake of one run and write its tables.

    Raises RequestError when the intake folder does not exist, IntakeError when no platform file can be
    used or the registry cannot, CheckError when the accounts do not add up.
    """
    require_intake(run)
    try:
        return _clean(run)
    except BaophuError as error:
        # The executed notebook shows the refusal, and so may a log.
        raise hidden_names(error, run.raw) from None


def _clean(run: RunParameters) -> CleanSummary:
    beside = (run.previous.parent,) if run.previous else ()
    with connect(run, extra_folders=beside) as con, opened_intake(con, run) as received:
        engine = Engine(con)
        _run(engine, run, plan(run, received))
        check_accounts(engine, received.names)
        return _summary(engine, received.platform)


def _run(engine: Engine, run: RunParameters, steps: Plan) -> None:
    try:
        run_plan(engine, run, steps, CLEAN.name, keep="rows_opened all_accounts")
    except duckdb.Error as error:
        if read_log(run, CLEAN.name)[-1]["table"] in OF_THE_EXTRACT:
            raise unreadable(error) from error
        raise


def _summary(engine: Engine, platform: Intake) -> CleanSummary:
    rows_in, kept, rejected = engine.fetch(
        "SELECT count(*), count(*) FILTER (NOT is_rejected), count(*) FILTER (is_rejected) FROM doses"
    )[0]
    provinces = engine.fetch(
        "SELECT place_given_province_code FROM doses WHERE place_given_province_code IS NOT NULL "
        "GROUP BY ALL ORDER BY count(*) DESC, 1"
    )
    files = len(platform.staged), len(platform.set_aside)
    return CleanSummary(*files, rows_in, kept, rejected, tuple(code for (code,) in provinces))
