"""The steps of stage 2 from top to bottom: from cleaned rows and the registry to a verdict on every row.

What a table is and which it reads stands in the module that is named here, beside its query and the reasons.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from analysis.intake.registry import has_registry as find_registry
from analysis.reconcile import decided_rows as decisions
from analysis.reconcile import open_people, rules
from analysis.reconcile import roster_checks as rosters
from analysis.reconcile.blocking import NARROW_RULES, WIDE_RULES, candidate_steps
from analysis.reconcile.duplicates import duplicate_steps
from analysis.reconcile.findings import findings_step
from analysis.reconcile.habits import found_steps, habit_steps, share_step, shown_step
from analysis.reconcile.linkage_model import read_model
from analysis.reconcile.search_tables import PEOPLE_STEPS, SEARCHED_STEPS
from analysis.reconcile.verdicts import verdict_steps
from analysis.reconcile.weighing import score_steps, sure_step
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, opened

# What the narrow search settled is not searched for again.
SETTLED_LINKS = "SELECT * FROM rule_links UNION ALL SELECT * FROM sure_links"
UNSETTLED = "SELECT * FROM {table} ANTI JOIN sure_links USING (row_no)"
LINKED = "SELECT * FROM settled_links UNION ALL SELECT * FROM best_links"


def plan(run: RunParameters, has_registry: bool = True) -> Plan:
    """Return the steps in their order; without a registry nobody is found, and `links` says so."""
    model = read_model()
    people, candidates = (UNSETTLED.format(table=table) for table in ("open_people", "narrow_candidates"))
    return (
        # What earlier stages wrote.
        opened("doses", run, is_numbered=True, name="numbered_doses"),
        opened("roster_rows", run, is_numbered=True, name="numbered_rosters"),
        opened("decisions", run),
        opened("citizens", run),
        # The two sides: `people` and `searched`.
        *PEOPLE_STEPS,
        *SEARCHED_STEPS,
        # What people decided, then what the rules say: `rule_links`; they leave `open_rows`.
        *decisions.STEPS,
        *rules.STEPS,
        # The narrow search settles what it is almost certain of: `sure_links`.
        *open_people.STEPS,
        *habit_steps(model),
        *candidate_steps(NARROW_RULES, "open_people", "narrow_"),
        *found_steps("rule_links", "narrow_"),
        sure_step(model),
        Step("settled_links", "one row linked so far", "rule_links sure_links", SETTLED_LINKS, is_view=True),
        # The wide search for the rest, with what the links so far taught: `best_links`, and `review` for people.
        Step("unsettled_people", "one row to score that is still open", "open_people sure_links", people),
        Step("unsettled_candidates", "one pair of such a row", "narrow_candidates sure_links", candidates),
        *found_steps("settled_links"),
        share_step(model),
        shown_step(),
        *candidate_steps(
            WIDE_RULES,
            "unsettled_people",
            earlier_candidates=("unsettled_candidates", "shown_numbers"),
            earlier_counts=("narrow_block_counts",),
        ),
        *score_steps(model),
        Step("linked", "one row and its citizen", "settled_links best_links", LINKED),
        # Which records are one dose, and what is told of every row.
        *duplicate_steps(run.as_of),
        findings_step(has_registry),
        *verdict_steps(has_registry),
        rosters.STEP,
    )


@contextmanager
def open_plan(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Iterator[Plan]:
    """Lend the plan as it is for this run: with a registry or without."""
    yield plan(run, find_registry(con, run))
