"""What an intake holds, opened: staged files by folder, the accounts of what was opened or set aside."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from analysis.clean.decisions import DECISIONS, Decisions, find_decisions
from analysis.clean.fields.facilities import FacilityIndex
from analysis.clean.fields.sites import FACILITIES, index_facilities
from analysis.clean.quality.accounts import FileAccount, noted_accounts, set_aside_accounts
from analysis.clean.registry import Extract, open_extract
from analysis.clean.report_kinds import ReportKind, report_kinds
from analysis.errors import IntakeError
from analysis.intake.folder import open_folder
from analysis.intake.headers.finding import PLATFORM, ROSTER
from analysis.intake.opening import stop_opening
from analysis.intake.sources import Intake, StagedFile
from analysis.settings import RunParameters


@dataclass(frozen=True)
class Received:
    """The opened intake of one run; what it does not have is empty."""

    platform: Intake
    rosters: tuple[StagedFile, ...] = ()
    reports: tuple[tuple[ReportKind, tuple[StagedFile, ...]], ...] = ()
    decisions: Decisions = field(default_factory=Decisions)
    facilities: FacilityIndex = field(default_factory=FacilityIndex)
    extract: Extract | None = None
    accounts: tuple[FileAccount, ...] = ()


@contextmanager
def opened_intake(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Iterator[Received]:
    """Open every folder of the intake of a run; the opened files are removed afterwards.

    Raises IntakeError when no platform file can be used, or a registry is given that cannot.
    """
    try:
        received = _open_folders(con, run)
        stop_opening()
        yield received
    finally:
        shutil.rmtree(run.restricted / "spill" / "staged", ignore_errors=True)


def _open_folders(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Received:
    platform = open_folder(con, run, "platform", PLATFORM)
    if not platform.staged:
        why = "; ".join(f"{f.source_file}: {f.reason_code}" for f in platform.set_aside[:3])
        raise IntakeError(
            f"platform: no usable file ({why or 'the folder is empty or missing'}); "
            "put the platform's exports there, see the README for the formats"
        )
    facilities, accounts = index_facilities(con, open_folder(con, run, "facilities", FACILITIES))
    decisions = open_folder(con, run, "decisions", DECISIONS)
    rosters = open_folder(con, run, "rosters", ROSTER)
    reports = [(kind, open_folder(con, run, kind.name, kind.schema)) for kind in report_kinds()]
    extract = open_extract(con, run)
    for opened in (platform, decisions, rosters, *(folder for _, folder in reports)):
        accounts += set_aside_accounts(opened.set_aside)
    return Received(
        platform,
        tuple(rosters.staged),
        tuple((kind, tuple(folder.staged)) for kind, folder in reports),
        find_decisions(run, decisions.staged),
        facilities,
        extract,
        (*accounts, *noted_accounts(platform.staged), *(extract.accounts if extract else ())),
    )


def ordinary_intake(run: RunParameters) -> Received:
    """Return an intake with one file in every folder, to show the steps of a week that is not at hand."""

    def staged(kind: str) -> StagedFile:
        path = run.restricted / "spill" / "staged" / f"{kind}-00000.parquet"
        return StagedFile(0, f"{kind}/…", path, (), "utf-8")

    return Received(
        Intake([staged("platform")], []),
        (staged("rosters"),),
        tuple((kind, (staged(kind.name),)) for kind in report_kinds()),
        Decisions((staged("decisions"),)),
        extract=Extract("SELECT * FROM read_csv('registry/….csv', all_varchar = true)", False, ()),
    )
