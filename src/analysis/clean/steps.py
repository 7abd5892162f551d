"""The steps of the clean stage in their order: from the typed cells of every file to tables of clean values."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from analysis.clean.cells import BOUND_CELLS, CORRECTED_CELLS, DOSE_CELLS, RECORRECTED_CELLS, cell_steps
from analysis.clean.corrections import DATE_COLUMNS, correction_steps, lookup_steps
from analysis.clean.decisions import (
    accounts_step,
    binding_step,
    contents_query,
    decided_query,
    decisions_step,
    named_content_steps,
    read_steps,
)
from analysis.clean.dose_records import dose_query, dose_reads, unjudged_query, unjudged_reads
from analysis.clean.fields.shared_numbers import shared_numbers_step
from analysis.clean.odd_counts import has_odd_counts, odd_count_steps
from analysis.clean.quality.accounts import ROWS_OPENED, quality_steps
from analysis.clean.quality.reason_codes import reason_steps
from analysis.clean.quality.scorecard import score_steps, tally_steps
from analysis.clean.quality.shown_names import name_steps
from analysis.clean.received import Received, opened_intake, ordinary_intake
from analysis.clean.registry import registry_steps
from analysis.clean.reported_counts import report_steps
from analysis.clean.rosters import roster_steps
from analysis.clean.typed_values import convention_steps
from analysis.clean.unmapped_places import place_steps
from analysis.intake.headers.finding import PLATFORM
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written


def plan(run: RunParameters, received: Received | None = None) -> Plan:
    """Return the stage's steps for an opened intake; without one, as they are in an ordinary week."""
    got = received or ordinary_intake(run)
    reports = [report_steps(kind, list(files), run.as_of) for kind, files in got.reports]
    reports += [odd_count_steps(kind, files) for kind, files in got.reports]
    counted = [step.table for step in accounts_step(got.decisions)]
    counted += [f"{kind.name}_accounts" for kind, files in got.reports if files]
    counted += [f"{kind.name}_odd_accounts" for kind, files in got.reports if files and has_odd_counts(kind)]
    return (
        *cell_steps(DOSE_CELLS, got.platform.staged, PLATFORM),
        Step("rows_opened", "one file of the platform, and its rows", "dose_cells files", ROWS_OPENED),
        *convention_steps(DOSE_CELLS, run.as_of, DATE_COLUMNS, got.platform.staged),
        *reason_steps(),
        *lookup_steps(run, DOSE_CELLS, got.facilities),
        shared_numbers_step(DOSE_CELLS),
        *(_decided_doses(run, got) if got.decisions else _plain_doses(run)),
        decisions_step(got.decisions),
        *accounts_step(got.decisions),
        *place_steps(),
        *roster_steps(run, list(got.rosters)),
        *(step for steps in reports for step in steps),
        *registry_steps(got.extract),
        *tally_steps(run),
        *name_steps(run, got.names, got.facilities),
        *quality_steps(run, list(got.accounts), " ".join(counted)),
        *score_steps(),
    )


def _plain_doses(run: RunParameters) -> Plan:
    return (written("doses", dose_reads(DOSE_CELLS), dose_query(run, DOSE_CELLS)),)


_BEFORE = "one dose record before any decision"
_FOUND = "what finds one dose record: its id and its content's hash"
_BOUND_CELLS = f"""
SELECT s.* FROM {DOSE_CELLS.table} AS s SEMI JOIN (
    SELECT source_id, source_row FROM first_bindings JOIN files USING (source_file)) AS b
USING (source_id, source_row)"""
_LEFT = "SELECT * FROM rows_to_bind ANTI JOIN first_bindings USING (decision_id)"
_BINDINGS = "SELECT * FROM first_bindings UNION ALL SELECT * FROM second_bindings"
_CHANGED = """
SELECT * FROM corrected_rows ANTI JOIN recorrected_rows USING (source_file, source_row)
UNION ALL FROM recorrected_rows"""


def _decided_doses(run: RunParameters, got: Received) -> Plan:
    """Return the steps of `doses` where people have decided: decisions find their rows among the cleaned ones.

    All columns of all rows are made once, when they are written: to find a row its content's hash is enough.
    """
    first = Step("first_doses", _BEFORE, dose_reads(DOSE_CELLS), dose_query(run, DOSE_CELLS), is_view=True)
    bound = dose_reads(BOUND_CELLS), dose_query(run, BOUND_CELLS)
    changed = "one dose record that decisions change"
    return (
        *read_steps(run, got.decisions),
        first,
        Step(
            "first_contents",
            _FOUND,
            unjudged_reads(DOSE_CELLS),
            contents_query(f"({unjudged_query(run, DOSE_CELLS)})"),
            is_spilled=True,
        ),
        *named_content_steps(run, got.decisions),
        *_decision_rounds(run, got),
        Step("changed_doses", changed, "corrected_rows recorrected_rows", _CHANGED),
        Step("bound_doses", f"{_BEFORE}, of those they bind to", *bound),
        written("doses", "first_doses changed_doses", decided_query("first_doses")),
    )


def _decision_rounds(run: RunParameters, got: Received) -> Plan:
    """Return the steps that bind decisions and correct rows, twice: a decision may name a row as it was corrected.

    What found no row in the first round can only find one that the first round corrected.
    """
    row = "one row that a decision binds to, as typed"
    both, once = "first_bindings second_bindings", f"{_FOUND}, once corrected"
    return (
        binding_step("first_bindings", "rows_to_bind", "first_contents"),
        Step(BOUND_CELLS.table, row, f"{DOSE_CELLS.table} files first_bindings", _BOUND_CELLS),
        *correction_steps(run, got.facilities, CORRECTED_CELLS, "first_bindings", "first_bindings"),
        Step("corrected_contents", once, "corrected_rows", contents_query("corrected_rows")),
        Step("rows_left_to_bind", "one decision not bound yet", "rows_to_bind first_bindings", _LEFT),
        binding_step("second_bindings", "rows_left_to_bind", "corrected_contents"),
        Step("bindings", "one decision and the row it binds to", both, _BINDINGS, is_view=True),
        *correction_steps(run, got.facilities, RECORRECTED_CELLS, "second_bindings", "bindings"),
    )


@contextmanager
def open_plan(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Iterator[Plan]:
    """Open the intake and lend the steps of this very run (see `opened_intake`)."""
    with opened_intake(con, run) as received:
        yield plan(run, received)
