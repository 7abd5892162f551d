"""The order of the clean stage: open, look up, write, account."""

import shutil
from dataclasses import asdict, dataclass

import duckdb
import pandas as pd

from analysis.clean.corrections import make_corrected_rows, stage_corrections, write_first_doses
from analysis.clean.dates import DateConvention
from analysis.clean.decisions import (
    bind_decisions,
    decisions_query,
    find_named_content,
    needs_first_pass,
    read_decisions,
)
from analysis.clean.dose_records import dose_query
from analysis.clean.facilities import FacilityIndex
from analysis.clean.person_fields import view_staged
from analysis.clean.quality import (
    FileAccount,
    check_accounts,
    normalised_accounts,
    noted_accounts,
    outside_accounts,
    set_aside_accounts,
    write_quality,
)
from analysis.clean.reason_codes import build_reason_tables
from analysis.clean.reported_counts import write_reports
from analysis.clean.rosters import write_rosters
from analysis.clean.scorecard import write_scorecard
from analysis.clean.shared_numbers import find_shared_numbers
from analysis.clean.sites import build_sites, read_facilities
from analysis.clean.typed_values import (
    build_date_lookups,
    build_dose_lookups,
    build_person_lookups,
    decide_file_conventions,
)
from analysis.clean.unmapped_places import write_unmapped_places
from analysis.engine import connect
from analysis.errors import IntakeError
from analysis.intake import Intake, open_folder, view_registry
from analysis.intake.folder import require_intake
from analysis.intake.headers import PLATFORM
from analysis.settings import RunParameters
from analysis.tables import empty_table, view_table, write_table

DATE_COLUMNS = ("birth_date", "vaccination_date", "entry_date")
# A decision may name a row as an earlier decision corrected it: found in the second round.
DECISION_ROUNDS = 2


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
    used, CheckError when the accounts do not add up.
    """
    require_intake(run)
    beside = (run.previous.parent,) if run.previous else ()
    with connect(run, extra_folders=beside) as con:
        try:
            intake = open_folder(con, run, "platform", PLATFORM)
            _require_files(intake)
            rows_staged, accounts = clean_doses(con, run, intake)
            accounts += set_aside_accounts(intake.set_aside) + noted_accounts(intake.staged)
            accounts += normalised_accounts(con)
            accounts += write_rosters(con, run) + write_reports(con, run)
            if view_registry(con, run):
                write_table(con, "citizens", "SELECT * FROM registry", run)
            else:
                write_table(con, "citizens", empty_table("citizens"), run)
            write_quality(con, run, accounts + outside_accounts(con, run, rows_staged))
            check_accounts(con, run, rows_staged)
            write_scorecard(con, run)
            return _summary(con, intake)
        finally:
            shutil.rmtree(run.restricted / "spill" / "staged", ignore_errors=True)


def _require_files(intake: Intake) -> None:
    if not intake.staged:
        why = "; ".join(f"{f.source_file}: {f.reason_code}" for f in intake.set_aside[:3])
        raise IntakeError(
            f"platform: no usable file ({why or 'the folder is empty or missing'}); "
            "put the platform's exports there, see the README for the formats"
        )


def clean_doses(
    con: duckdb.DuckDBPyConnection, run: RunParameters, intake: Intake
) -> tuple[dict[str, int], list[FileAccount]]:
    """Write `doses` and `decisions`; returns the rows of each staged file, and other files' accounts."""
    facilities, accounts = read_facilities(con, run)
    view_staged(con, intake.staged, PLATFORM)
    rows = con.execute(
        "SELECT source_file, count(*) FROM staged JOIN files USING (source_id) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    kinds = decide_file_conventions(con, run.as_of, DATE_COLUMNS)
    build_reason_tables(con)
    _build_lookups(con, run, kinds, facilities)
    find_shared_numbers(con)
    accounts += read_decisions(con, run)
    if needs_first_pass(con):
        write_first_doses(con, run)
        find_named_content(con, run)
        for _ in range(DECISION_ROUNDS):
            if not (bind_decisions(con, "doses") and stage_corrections(con)):
                break
            _build_lookups(con, run, kinds, facilities)
            make_corrected_rows(con, run)
        write_table(con, "doses", "SELECT * FROM doses", run)
    else:
        write_table(con, "doses", dose_query(run), run)
    view_table(con, "doses", run)
    write_table(con, "decisions", decisions_query(), run)
    write_unmapped_places(con, run)
    return {str(name): int(count) for name, count in rows}, accounts


def _build_lookups(
    con: duckdb.DuckDBPyConnection, run: RunParameters, kinds: list[DateConvention], facilities: FacilityIndex
) -> None:
    build_person_lookups(con)
    build_dose_lookups(con)
    build_date_lookups(con, run.as_of, DATE_COLUMNS, kinds)
    build_sites(con, facilities)


def _summary(con: duckdb.DuckDBPyConnection, intake: Intake) -> CleanSummary:
    rows_in, kept, rejected = con.execute(
        "SELECT count(*), count(*) FILTER (NOT is_rejected), count(*) FILTER (is_rejected) FROM doses"
    ).fetchall()[0]
    provinces = con.execute(
        "SELECT place_given_province_code FROM doses WHERE place_given_province_code IS NOT NULL "
        "GROUP BY ALL ORDER BY count(*) DESC, 1"
    ).fetchall()
    files = len(intake.staged), len(intake.set_aside)
    return CleanSummary(*files, rows_in, kept, rejected, tuple(code for (code,) in provinces))
