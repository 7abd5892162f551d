"""The steps from a finished run to the lines of all units' lists."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analysis.clean.fields.sites import FACILITIES
from analysis.intake.folder import open_folder
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, opened
from analysis.worklists import routing
from analysis.worklists.lines import LINES, line_steps

# What the lists are written from.
KEPT = " ".join(["listed_rows", "listed_people", *(f"{section}_lines" for section in LINES)])
NO_FACILITIES = "SELECT '' AS facility_code, '' AS commune_code, '' AS row_fault WHERE false"


def plan(run: RunParameters, facilities: tuple[Path, ...] = ()) -> Plan:
    """Return the steps in their order; `facilities` are the intake's, opened."""
    query = "" if facilities else NO_FACILITIES
    return (
        *(opened(table, run) for table in ("doses", "links", "clerical_candidates", "due", "citizens")),
        Step("list_facilities", "one facility as typed", query=query, files=facilities, is_view=True),
        *routing.STEPS,
        *line_steps(run.as_of),
    )


@contextmanager
def open_plan(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Iterator[Plan]:
    """Open the intake's facilities and lend the plan as it is for this run."""
    yield plan(run, tuple(staged.path for staged in open_folder(con, run, "facilities", FACILITIES).staged))
