"""What an intake holds, opened: staged files by folder, the accounts of what was opened or set aside."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from analysis.clean.decisions import DECISIONS, Decisions, find_decisions
from analysis.clean.fields.date_conventions import parse_vaccination
from analysis.clean.fields.dates import DateConvention
from analysis.clean.fields.facilities import FacilityIndex
from analysis.clean.fields.sites import FACILITIES, index_facilities
from analysis.clean.quality.accounts import FileAccount, noted_accounts, set_aside_accounts
from analysis.clean.registry import Extract, open_extract
from analysis.clean.report_kinds import ReportKind, report_kinds
from analysis.engine import sql_path
from analysis.errors import IntakeError
from analysis.intake.folder import Spread, open_folder
from analysis.intake.headers.finding import PLATFORM, ROSTER
from analysis.intake.naming import ShownNames, listed_names
from analysis.intake.opening import stop_opening
from analysis.intake.sources import Intake, SetAside, StagedFile
from analysis.settings import FIRST_DOSE_IN_COUNTRY, RunParameters


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
    names: ShownNames = field(default_factory=ShownNames)


@contextmanager
def opened_intake(
    con: duckdb.DuckDBPyConnection, run: RunParameters, spread: Spread | None = None
) -> Iterator[Received]:
    """Open every folder of the intake of a run; the opened files are removed afterwards.

    With `spread` the platform's files, of which there may be many and large ones, are opened by workers.
    Raises IntakeError when no platform file can be used, or a registry is given that cannot.
    """
    try:
        received = _open_folders(con, run, spread)
        stop_opening()
        yield received
    finally:
        for folder in ("staged", "tasks", "pieces"):
            shutil.rmtree(run.restricted / "spill" / folder, ignore_errors=True)


def _open_folders(con: duckdb.DuckDBPyConnection, run: RunParameters, spread: Spread | None) -> Received:
    platform = with_readable_dates(con, open_folder(con, run, "platform", PLATFORM, spread), run)
    if not platform.staged:
        first = platform.set_aside[:3]
        why = "; ".join(f"{f.source_file}: {f.reason_code}" for f in first)
        raise IntakeError(
            f"platform: no usable file ({why or 'the folder is empty or missing'}); "
            "put the platform's exports there, see the README for the formats",
            [f.source_file for f in first],
        )
    sites = open_folder(con, run, "facilities", FACILITIES)
    facilities, accounts = index_facilities(con, sites)
    decisions = open_folder(con, run, "decisions", DECISIONS)
    rosters = open_folder(con, run, "rosters", ROSTER)
    reports = [(kind, open_folder(con, run, kind.name, kind.schema)) for kind in report_kinds()]
    extract = open_extract(con, run)
    folders = (sites, platform, decisions, rosters, *(folder for _, folder in reports))
    names = _names(run, folders)
    for opened in folders:
        accounts += set_aside_accounts(opened.set_aside, names)
    return Received(
        platform,
        tuple(rosters.staged),
        tuple((kind, tuple(folder.staged)) for kind, folder in reports),
        find_decisions(run, decisions.staged),
        facilities,
        extract,
        (*accounts, *noted_accounts(platform.staged, names), *(extract.accounts if extract else ())),
        names,
    )


_DATES_AT_ONCE = 100
_FEWEST_DATES = 3  # one or two dates that cannot be read are slips of rows
_ORDERS = (
    DateConvention("dmy"),
    DateConvention("mdy"),
    DateConvention(epoch=True),
    DateConvention(six_figures=True),
)


def with_readable_dates(con: duckdb.DuckDBPyConnection, folder: Intake, run: RunParameters) -> Intake:
    """Return the platform's folder, files of whose vaccination dates not one can be read set aside (sources in-14)."""
    undated = [file for file in folder.staged if not _has_a_date(con, file, run)]
    refused = [SetAside(f.source_file, "dates_unreadable", "vaccination_date", f.header) for f in undated]
    return Intake([f for f in folder.staged if f not in undated], [*folder.set_aside, *refused])


def _has_a_date(con: duckdb.DuckDBPyConnection, file: StagedFile, run: RunParameters) -> bool:
    """Say whether any vaccination date of a file can be read, or there are too few to tell."""
    rows = f"read_parquet({sql_path(file.path)}) WHERE has_content AND vaccination_date IS NOT NULL"
    cursor = con.cursor().execute(f"SELECT vaccination_date FROM {rows}")
    span, read = (FIRST_DOSE_IN_COUNTRY, run.as_of), 0
    while found := cursor.fetchmany(_DATES_AT_ONCE):
        read += len(found)
        for text in dict.fromkeys(text for (text,) in found):
            readings = (parse_vaccination(text, order, span) for order in _ORDERS)
            if any(reading.precision == "day" for reading in readings):
                return True
    return read < _FEWEST_DATES


def _names(run: RunParameters, folders: Sequence[Intake]) -> ShownNames:
    """Return how the files of an intake and the headers of its opened ones are shown."""
    staged = [file for folder in folders for file in folder.staged]
    aside = [file.source_file for folder in folders for file in folder.set_aside]
    headers = [(f.source_file.split("/")[0], header) for f in staged for header in f.unknown_columns]
    return ShownNames([*listed_names(run.raw), *(f.source_file for f in staged), *aside], headers)


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
