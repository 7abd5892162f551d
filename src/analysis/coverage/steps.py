"""The steps of the coverage stage in their order: clean rows, links and reports in; counts out."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from analysis.coverage.bases.bridge import bridge_steps
from analysis.coverage.bases.estimate import estimate_steps
from analysis.coverage.bases.undated import undated_steps
from analysis.coverage.denominators import denominator_steps
from analysis.coverage.dose_series import series_steps
from analysis.coverage.due import due_steps
from analysis.coverage.entry.corrections import correction_steps
from analysis.coverage.entry.delays import delay_steps
from analysis.coverage.entry.new_doses import new_dose_steps
from analysis.coverage.entry.plan import entry_plan_steps
from analysis.coverage.entry.progress import entry_steps
from analysis.coverage.entry.triangle import triangle_steps
from analysis.coverage.explained import above_100_steps, ranking_steps
from analysis.coverage.feedback import feedback_steps
from analysis.coverage.first_doses import product_steps
from analysis.coverage.inputs import Weeks, choose_weeks, first_event_query, input_steps
from analysis.coverage.membership import membership_steps
from analysis.coverage.notes import note_steps
from analysis.coverage.rates import coverage_steps
from analysis.coverage.reported import report_steps
from analysis.coverage.residents import card_steps, resident_steps, sex_steps
from analysis.coverage.supply import supply_steps
from analysis.coverage.verification import check_steps, review_steps, update_steps, verification_steps
from analysis.engine import Engine
from analysis.intake.registry import has_registry
from analysis.settings import FIRST_DOSE_IN_COUNTRY, RunParameters
from analysis.steps import Plan


def plan(run: RunParameters, weeks: Weeks | None = None, has_registry: bool = True) -> Plan:
    """Return the stage's steps; without `weeks`, those since the first dose in the country."""
    weeks = weeks or choose_weeks(run.as_of, FIRST_DOSE_IN_COUNTRY)
    return (
        *input_steps(run, weeks),
        # What is counted: each person's series, the registry's residents, the reports, the populations.
        *series_steps(run),
        *resident_steps(run, weeks),
        *report_steps(run, weeks),
        *denominator_steps(run),
        *undated_steps(run, weeks),
        *membership_steps(weeks),
        # The three bases side by side, and what explains them.
        *coverage_steps(weeks, has_registry),
        *sex_steps(run),
        *card_steps(run),
        *note_steps(),
        *bridge_steps(weeks),
        *estimate_steps(run, weeks),
        *above_100_steps(weeks),
        *ranking_steps(weeks),
        # How far entry, supply and verification are.
        *entry_steps(weeks),
        *supply_steps(),
        *verification_steps(),
        *review_steps(run),
        *entry_plan_steps(run),
        *delay_steps(run),
        *correction_steps(),
        *new_dose_steps(run),
        *triangle_steps(run, weeks),
        *product_steps(weeks),
        *feedback_steps(run),
        # Who is to be invited, and what the checks of rosters and registry found.
        *due_steps(run),
        *check_steps(),
        *update_steps(),
    )


@contextmanager
def open_plan(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Iterator[Plan]:
    """Lend the steps of this very run: its weeks begin with its first dose or report."""
    first_event = Engine(con).fetch(first_event_query(run))[0][0]
    yield plan(run, choose_weeks(run.as_of, first_event), has_registry(con, run))
