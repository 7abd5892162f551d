"""The clean stage: opens the intake, makes the tables of its plan, and checks that every row is accounted for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd

from analysis.clean.cells import DOSE_CELLS, cell_steps
from analysis.clean.decisions import contents_query
from analysis.clean.dose_records import dose_query, dose_reads
from analysis.clean.quality.accounts import check_accounts
from analysis.clean.received import Received, opened_intake
from analysis.clean.registry import OF_THE_EXTRACT, unreadable
from analysis.clean.steps import plan
from analysis.engine import QUICK, Engine, connect, make_private_folder, sql_files
from analysis.errors import BaophuError
from analysis.intake.folder import Spread, require_intake
from analysis.intake.headers.finding import PLATFORM
from analysis.intake.naming import hidden_names
from analysis.intake.sources import Intake, StagedFile
from analysis.pipeline import CLEAN
from analysis.safeguards.folders import SPILL
from analysis.settings import RunParameters
from analysis.spark.address import DUCKDB
from analysis.steps import Plan, Step, read_log, run_plan
from analysis.tables import select_table


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
    if run.engine != DUCKDB:  # a worker has a working folder of its own
        run = replace(run, raw=run.raw.absolute(), processed=run.processed.absolute())
    beside = (run.previous.parent,) if run.previous else ()
    with (
        connect(run, extra_folders=beside) as con,
        _workers(run) as spread,
        opened_intake(con, run, spread) as received,
    ):
        engine = Engine(con)
        steps = plan(run, received)
        if spread:
            steps = _cleaned_by_files(steps, engine, run, received, spread)
        _run(engine, run, steps)
        check_accounts(engine, received.names)
        return _summary(engine, received.platform)


@contextmanager
def _workers(run: RunParameters) -> Iterator[Spread | None]:
    """Lend what has the platform's files opened and cleaned by the workers of a cluster; nothing on one machine."""
    if run.engine == DUCKDB:
        yield None
        return
    # Only now: pyspark is no part of the ordinary installation.
    from analysis.spark.session import open_session
    from analysis.spark.tasks import run_on_files

    yield partial(run_on_files, open_session(run), run)


def _cleaned_by_files(
    steps: Plan, engine: Engine, run: RunParameters, received: Received, spread: Spread
) -> Plan:
    """Return a plan in which dose records, before any decision, are made by workers: the second pass, a task a file.

    The first pass stays here, over all files: how each file writes its dates, the numbers that several people give,
    the places given, every lookup of distinct values. What `dose_query` reads of it goes to the workers as files.
    """
    files = received.platform.staged
    pieces = [run.restricted / SPILL / "pieces" / f"{file.source_id}.parquet" for file in files]
    made = Step(
        "dose_pieces",
        "one file of the platform, and how many rows its task made",
        dose_reads(DOSE_CELLS),
        frame=partial(_make_pieces, engine, run, [*zip(files, pieces, strict=True)], spread),
    )
    changed: list[Step] = []
    for step in steps:
        if step.table == ("first_doses" if received.decisions else "doses"):
            query = f"SELECT * FROM {sql_files(pieces)}"
            changed += [made, replace(step, reads=made.table, query=query)]
        elif step.table == "first_contents":
            changed.append(replace(step, reads="first_doses", query=contents_query("first_doses")))
        else:
            changed.append(step)
    return tuple(changed)


def _make_pieces(
    engine: Engine, run: RunParameters, files: list[tuple[StagedFile, Path]], spread: Spread
) -> pd.DataFrame:
    """Hand the first pass to the workers, have each clean a file, and return the files' rows."""
    shared = files[0][1].parent
    make_private_folder(shared)
    tables = [name for name in dict.fromkeys(dose_reads(DOSE_CELLS).split()) if name != DOSE_CELLS.table]
    for name in tables:
        engine.write_table(shared / f"{name}.parquet", f'SELECT * FROM "{name}"', compression=QUICK)
    clean = partial(_clean_file, run, {name: shared / f"{name}.parquet" for name in tables})
    rows = spread(files, clean, [file.path for file, _ in files])
    return pd.DataFrame({"source_id": [file.source_id for file, _ in files], "rows": rows})


def _clean_file(
    run: RunParameters, tables: dict[str, Path], own: RunParameters, item: tuple[StagedFile, Path]
) -> int:
    """Clean one file's rows where its worker is, and return how many there are."""
    file, target = item
    steps = (
        *cell_steps(DOSE_CELLS, [file], PLATFORM)[:2],
        *(Step(name, "as on the driver", files=(path,), is_view=True) for name, path in tables.items()),
        Step(
            "piece",
            "one dose record of the file",
            dose_reads(DOSE_CELLS),
            select_table("doses", dose_query(run, DOSE_CELLS)),
            is_spilled=True,
        ),
    )
    with connect(own, extra_folders=(run.processed,)) as con:
        engine = Engine(con)
        run_plan(engine, own, steps, keep="piece")
        rows: int = engine.fetch("SELECT count(*) FROM piece")[0][0]
    (own.restricted / SPILL / "piece.parquet").replace(target)
    return rows


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
