"""Rosters: people listed before vaccination, cleaned like the person fields of dose records."""

from analysis.clean.cells import ROSTER_CELLS, cell_steps
from analysis.clean.fields.shared_numbers import shared_numbers_step
from analysis.clean.person_fields import person_columns, person_joins, person_reads, with_identity
from analysis.clean.quality.reason_codes import (
    REJECTING_CODES,
    bit_of,
    judged_bits,
    reason_codes_sql,
    reason_joins_sql,
    reason_reads,
)
from analysis.clean.typed_values import convention_steps, date_lookups, person_lookups
from analysis.intake.headers.finding import ROSTER
from analysis.intake.sources import StagedFile
from analysis.settings import RunParameters
from analysis.steps import Plan, written
from analysis.tables import empty_table

DATE_COLUMNS = ("birth_date",)


def roster_steps(run: RunParameters, files: list[StagedFile]) -> Plan:
    """Return the steps from the rosters' staged files to `roster_rows`."""
    if not files:
        return (written("roster_rows", "", empty_table("roster_rows")),)
    return (
        *cell_steps(ROSTER_CELLS, files, ROSTER),
        *person_lookups(ROSTER_CELLS),
        *convention_steps(ROSTER_CELLS, run.as_of, DATE_COLUMNS, files),
        *date_lookups(ROSTER_CELLS, run.as_of, DATE_COLUMNS),
        shared_numbers_step(ROSTER_CELLS),
        written("roster_rows", f"{person_reads(ROSTER_CELLS)} {reason_reads()}", _roster_query(run)),
    )


def _roster_query(run: RunParameters) -> str:
    cells = ROSTER_CELLS
    rejecting = bit_of(*REJECTING_CODES)
    joined = (
        f"SELECT files.source_file, s.source_row, s.row_fault, s.extra_bits, {person_columns()} FROM {cells.table} AS s "
        f"JOIN {cells.name('files')} AS files USING (source_id) "
        f"JOIN {cells.name('conventions')} AS f USING (source_id) {person_joins(cells)}"
    )
    judged = (
        f"SELECT *, {judged_bits('person_bits | extra_bits')} AS bits FROM ({with_identity(joined, run)})"
    )
    return (
        f"SELECT *, judged.bits & {rejecting} <> 0 AS is_rejected, {reason_codes_sql()} AS reason_codes "
        f"FROM ({judged}) AS judged {reason_joins_sql()}"
    )
