"""The heads of an intake opened and cleaned as a run would do it, in a private folder that is removed afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from analysis.check.heads import Heads, copy_heads
from analysis.clean.decisions import DECISIONS
from analysis.clean.fields.sites import FACILITIES, index_facilities
from analysis.clean.odd_counts import has_odd_counts
from analysis.clean.quality.accounts import FileAccount
from analysis.clean.received import Received, with_readable_dates
from analysis.clean.registry import open_extract
from analysis.clean.report_kinds import ReportKind, report_kinds
from analysis.clean.steps import plan
from analysis.engine import Engine, connect
from analysis.errors import IntakeError
from analysis.intake.folder import open_folder
from analysis.intake.headers.finding import PLATFORM, ROSTER, Schema
from analysis.intake.sources import Intake
from analysis.settings import RunParameters
from analysis.steps import needed_for, run_plan

REGISTRY = "registry"
# What a look reads of the plan's tables, beside the reports' own.
_OF_DOSES = ("dose_cells", "files", "doses", "conventions")
_EVIDENCE = tuple(f"evidence_of_{column}s" for column in ("birth_date", "vaccination_date", "entry_date"))


def folder_schemas() -> dict[str, Schema]:
    """Return the folders of an intake in the order in which they are shown; the registry has no schema."""
    kinds = {kind.name: kind.schema for kind in report_kinds()}
    return (
        {"platform": PLATFORM} | kinds | {"facilities": FACILITIES, "decisions": DECISIONS, "rosters": ROSTER}
    )


@dataclass(frozen=True)
class Opened:
    """An intake whose heads were cleaned: the engine that holds its tables, and what was opened or not.

    `refusal` is the sentence with which a run would refuse the registry, `extract` are the accounts of its files.
    """

    engine: Engine
    raw: Path
    sampled: RunParameters
    heads: Heads
    folders: dict[str, Intake]
    refusal: str | None
    extract: tuple[FileAccount, ...] = ()

    def reports(self) -> tuple[ReportKind, ...]:
        """Return the kinds of report of which at least one file was opened."""
        return tuple(kind for kind in report_kinds() if self.folders[kind.name].staged)


@contextmanager
def opened_heads(run: RunParameters) -> Iterator[Opened]:
    """Copy, open and clean the heads of a run's intake; everything is removed afterwards.

    Raises RequestError where the settings give two columns of one file the same field.
    """
    private = Path(tempfile.mkdtemp(prefix="baophu-check-"))
    try:
        schemas = folder_schemas()
        # Under the name of the intake's own folder: a refusal may say it.
        heads = copy_heads(run.raw, private / "intake", [*schemas, REGISTRY])
        sampled = replace(run, raw=heads.folder, processed=private / "processed", previous=None)
        with connect(sampled) as con:
            folders = {name: open_folder(con, sampled, name, schema) for name, schema in schemas.items()}
            folders["platform"] = with_readable_dates(con, folders["platform"], sampled)
            refusal, extract = _extract(con, sampled)
            opened = Opened(Engine(con), run.raw, sampled, heads, folders, refusal, extract)
            _clean(opened)
            yield opened
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _extract(
    con: duckdb.DuckDBPyConnection, run: RunParameters
) -> tuple[str | None, tuple[FileAccount, ...]]:
    """Return the sentence with which a run would refuse the registry, and the accounts of the extract's files."""
    try:
        extract = open_extract(con, run)
    except IntakeError as error:
        return str(error), ()
    return None, extract.accounts if extract else ()


def report_tables(kind: ReportKind) -> tuple[str, ...]:
    """Return the tables of a kind of report that a look reads."""
    return tuple(f"{kind.name}_{table}" for table in ("staged_files", "rows", "refused", "files", "cells"))


def _clean(opened: Opened) -> None:
    """Make the tables of the doses and reports that were opened, by the steps of the clean stage."""
    index, _ = index_facilities(opened.engine.connection, opened.folders["facilities"])
    given = tuple((kind, tuple(opened.folders[kind.name].staged)) for kind in report_kinds())
    received = Received(opened.folders["platform"], reports=given, facilities=index)
    wanted = [table for kind in opened.reports() for table in report_tables(kind)]
    wanted += [f"{kind.name}_findings" for kind in opened.reports() if has_odd_counts(kind)]
    wanted += [f"{kind.name}_columns" for kind in opened.reports() if kind.read_columns]
    wanted += [*_OF_DOSES, *_EVIDENCE] if opened.folders["platform"].staged else []
    if wanted:
        steps = needed_for(plan(opened.sampled, received), wanted)
        run_plan(opened.engine, opened.sampled, steps, keep=" ".join(wanted))
