"""Rosters: people listed before vaccination, cleaned like the person fields of dose records."""

import duckdb

from analysis.clean.person_fields import PERSON_JOINS, person_columns, view_staged, with_identity
from analysis.clean.quality import FileAccount, set_aside_accounts
from analysis.clean.reason_codes import (
    REJECTING_CODES,
    bit_of,
    build_reason_tables,
    judged_bits,
    reason_codes_sql,
    reason_joins_sql,
)
from analysis.clean.shared_numbers import find_shared_numbers
from analysis.clean.typed_values import build_date_lookups, build_person_lookups, decide_file_conventions
from analysis.intake.folder import open_folder
from analysis.intake.headers import ROSTER
from analysis.settings import RunParameters
from analysis.tables import TABLES, write_table


def write_rosters(con: duckdb.DuckDBPyConnection, run: RunParameters) -> list[FileAccount]:
    """Write `roster_rows`; returns the accounts of the rosters' files."""
    intake = open_folder(con, run, "rosters", ROSTER)
    accounts = set_aside_accounts(intake.set_aside)
    if not intake.staged:
        nothing = ", ".join(f"NULL AS {c}" for c in TABLES["roster_rows"].columns)
        write_table(con, "roster_rows", f"SELECT {nothing} WHERE false", run)
        return accounts
    view_staged(con, intake.staged, ROSTER)
    build_person_lookups(con)
    kinds = decide_file_conventions(con, run.as_of, ("birth_date",))
    build_date_lookups(con, run.as_of, ("birth_date",), kinds)
    find_shared_numbers(con)
    build_reason_tables(con)
    rejecting = bit_of(*REJECTING_CODES)
    joined = (
        f"SELECT files.source_file, s.source_row, s.row_fault, {person_columns()} FROM staged AS s "
        f"JOIN files USING (source_id) JOIN conventions AS f USING (source_id) {PERSON_JOINS}"
    )
    judged = f"SELECT *, {judged_bits('person_bits')} AS bits FROM ({with_identity(joined, run)})"
    query = (
        f"SELECT *, judged.bits & {rejecting} <> 0 AS is_rejected, {reason_codes_sql()} AS reason_codes "
        f"FROM ({judged}) AS judged {reason_joins_sql()}"
    )
    write_table(con, "roster_rows", query, run)
    return accounts
