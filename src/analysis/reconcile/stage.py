"""Stage 2 from end to end: its plan run, and what a log may tell of the result."""

from dataclasses import dataclass

import pandas as pd

from analysis.engine import Engine, connect
from analysis.intake.registry import has_registry
from analysis.reconcile.steps import open_plan
from analysis.settings import RunParameters
from analysis.spark.asked_engine import engine_for
from analysis.steps import run_plan


@dataclass(frozen=True)
class LinkSummary:
    """Counts of one linkage, fit for a log: rows by verdict and by method, and what stands beside."""

    has_registry: bool
    rows: int
    by_status: dict[str, int]
    by_method: dict[str, int]
    duplicates: int
    clerical_candidates: int
    roster_rows: int
    findings: int

    def as_table(self) -> pd.DataFrame:
        """Return the counts as one row, for showing; verdicts and methods have tables of their own."""
        counts = {"rows": self.rows, "linked": sum(self.by_method.values()), "duplicates": self.duplicates}
        beside = {"clerical_candidates": self.clerical_candidates, "roster_rows": self.roster_rows}
        return pd.DataFrame(
            [{"has_registry": self.has_registry} | counts | beside | {"findings": self.findings}]
        )


def link_doses(run: RunParameters) -> LinkSummary:
    """Link every cleaned dose and roster row to its citizen and write the verdicts.

    Reads doses, roster_rows, decisions and citizens of the run; writes links, clerical_candidates,
    roster_checks and registry_findings.
    """
    with connect(run) as con, open_plan(con, run) as plan:
        engine = engine_for(run, con)
        run_plan(engine, run, plan, log="2_reconcile")
        return LinkSummary(
            has_registry(con, run),
            _count(engine, "links"),
            _counts(engine, "link_status"),
            _counts(engine, "link_method"),
            _count(engine, "links WHERE duplicate_of IS NOT NULL"),
            _count(engine, "clerical_candidates"),
            _count(engine, "roster_checks"),
            _count(engine, "registry_findings"),
        )


def _count(engine: Engine, rows: str) -> int:
    return int(engine.fetch(f"SELECT count(*) FROM {rows}")[0][0])


def _counts(engine: Engine, column: str) -> dict[str, int]:
    query = f'SELECT "{column}", count(*) FROM links WHERE "{column}" IS NOT NULL GROUP BY 1 ORDER BY 1'
    return {str(value): int(count) for value, count in engine.fetch(query)}
