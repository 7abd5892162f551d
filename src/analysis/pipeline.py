"""The ordered stages of the weekly job: which notebook, what it reads and writes, and who may see it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import RequestError
from analysis.settings import SHIPPED, RunParameters
from analysis.tables import TABLES, Table, Zone

if TYPE_CHECKING:
    import duckdb

    from analysis.steps import Plan

NOTEBOOKS = SHIPPED / "notebooks"
COUNTRY = "VN"
# What `baophu audit report` leaves in the aggregate folder of the audited week: no table of that week's run.
AUDIT_RESULT = "audit_result"


@dataclass(frozen=True)
class Stage:
    """One stage: `package` is its subpackage of `analysis`, `intake` the intake folders it opens.

    `previous` names the aggregate tables of the previous run that it reads.
    `seconds` is a rough share of the work, for the progress bar alone.
    """

    number: int
    package: str
    title: str
    intake: tuple[str, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    seconds: float
    previous: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the stage's name, which is also its notebook's."""
        return f"{self.number}_{self.package}"

    @property
    def notebook(self) -> Path:
        """Return the stage's notebook; raises RequestError when it did not come with the programme."""
        path = NOTEBOOKS / f"{self.name}.ipynb"
        if not path.is_file():
            raise RequestError(
                f"the notebook {path.name} is missing; install the whole wheel, or the clone in place "
                "(pip install -e .)"
            )
        return path

    @property
    def _steps(self) -> Any:
        return import_module(f"analysis.{self.package}.steps")

    def plan(self, run: RunParameters) -> "Plan":
        """Return the stage's steps in their order, as they are for an ordinary week."""
        plan: Plan = self._steps.plan(run)
        return plan

    def open_plan(
        self, con: "duckdb.DuckDBPyConnection", run: RunParameters
    ) -> "AbstractContextManager[Plan]":
        """Open what the stage's steps begin with and lend the steps as they are for this very run."""
        opened: AbstractContextManager[Plan] = self._steps.open_plan(con, run)
        return opened

    def tables_written(self) -> tuple[Table, ...]:
        """Return the tables this stage makes."""
        return tuple(TABLES[name] for name in self.writes)


CLEAN = Stage(
    number=1,
    package="clean",
    title="làm sạch",
    intake=(
        *("platform", "registry", "daily_reports", "population", "decisions", "feedback", "facilities"),
        "rosters",
    ),
    reads=(),
    writes=(
        "doses",
        "citizens",
        "roster_rows",
        "decisions",
        "daily_reports",
        "population",
        "feedback_items",
        "file_names",
        "quality",
        "suspicious_days",
        "quality_scores",
        "facility_scores",
        "place_counts",
        "unmapped_places",
    ),
    seconds=25,
)
RECONCILE = Stage(
    number=2,
    package="reconcile",
    title="đối chiếu",
    intake=(),
    reads=("doses", "roster_rows", "decisions", "citizens"),
    writes=("links", "clerical_candidates", "roster_checks", "registry_findings"),
    seconds=20,
)
COVERAGE = Stage(
    number=3,
    package="coverage",
    title="độ bao phủ",
    intake=(),
    reads=(
        "doses",
        "citizens",
        "links",
        "clerical_candidates",
        "decisions",
        "daily_reports",
        "population",
        "feedback_items",
        "file_names",
        "roster_rows",
        "roster_checks",
        "registry_findings",
    ),
    writes=(
        "coverage",
        "coverage_by_sex",
        "coverage_estimate",
        "coverage_bridge",
        "series_notes",
        "rates_above_100",
        "rankings",
        "entry_progress",
        "supply",
        "dose_flows",
        "verification",
        "review_by_age",
        "entry_plan",
        "entry_delays",
        "facility_delays",
        "facility_corrections",
        "reporting_triangle",
        "first_doses_by_product",
        "doses_by_product",
        "feedback",
        "due",
        "due_counts",
        "rosters",
        "registry_findings_counts",
        "citizen_cards",
        "new_entries",
        "confirmations",
        "updates_arrived",
    ),
    seconds=15,
    previous=(AUDIT_RESULT, "link_audit"),
)
TRENDS = Stage(
    number=4,
    package="trends",
    title="xu hướng",
    intake=(),
    reads=(
        "coverage",
        "supply",
        "reporting_triangle",
        "first_doses_by_product",
        "suspicious_days",
        "entry_progress",
        "entry_plan",
        "due_counts",
        "verification",
        "quality",
    ),
    writes=(
        "nowcast",
        "forecast",
        "past_forecasts",
        "targets",
        "first_dose_deadlines",
        "confidence",
        "tasks",
        "link_audit",
    ),
    seconds=10,
    previous=("forecast", AUDIT_RESULT, "link_audit"),
)
# The briefing runs once a unit and writes documents instead of tables.
BRIEFING = Stage(
    number=5,
    package="briefing",
    title="báo cáo",
    intake=(),
    reads=tuple(name for name, table in TABLES.items() if table.zone is Zone.AGGREGATE),
    writes=(),
    seconds=1.2,
)
TABLE_STAGES = (CLEAN, RECONCILE, COVERAGE, TRENDS)
# Those whose tables are made by declared steps, in the engine.
PLANNED_STAGES = (CLEAN, RECONCILE, COVERAGE)
STAGES = (*TABLE_STAGES, BRIEFING)


def newest_audit(run: RunParameters) -> Path | None:
    """Return the file of the newest audit of an earlier week; None where none was made.

    It is that of the week this run is compared with, else what that week's run itself knew of an earlier one.
    """
    folder = run.compared / "aggregate" if run.compared else Path()
    made = (folder / f"{name}.parquet" for name in (AUDIT_RESULT, "link_audit")) if run.compared else ()
    return next((path for path in made if path.is_file()), None)


def audit_speaks_for(unit_code: str) -> str:
    """Return SQL for whether an audit's row speaks for a unit (an SQL expression): its own province, or the country."""
    return f"(unit_code = '{COUNTRY}' OR contains(' ' || unit_code || ' ', ' ' || {unit_code} || ' '))"
