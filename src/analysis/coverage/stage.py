"""The coverage stage: its steps are run, and what they wrote is told."""

from dataclasses import dataclass

import pandas as pd

from analysis.coverage.steps import open_plan
from analysis.engine import connect
from analysis.pipeline import COVERAGE
from analysis.settings import RunParameters
from analysis.spark.address import DUCKDB
from analysis.spark.asked_engine import engine_for
from analysis.steps import read_log, run_plan


@dataclass(frozen=True)
class CoverageSummary:
    """What the stage wrote: rows by table, and the provinces whose files the figures rest on."""

    rows: dict[str, int]
    provinces_with_files: tuple[str, ...]

    def as_table(self) -> pd.DataFrame:
        """Return the rows written by table, for showing."""
        return pd.DataFrame({"table": list(self.rows), "rows": list(self.rows.values())})


def count_coverage(run: RunParameters) -> CoverageSummary:
    """Count every aggregate table of the stage (interfaces, aggregate tables) and write it; returns what was written.

    Reads the tables of clean and reconcile. Raises CheckError when a table would repeat its key.
    """
    with connect(run) as con, open_plan(con, run) as plan:
        engine = engine_for(run, con)
        run_plan(engine, run, plan, log=COVERAGE.name, keep="file_provinces")
        provinces = engine.fetch("SELECT province_code FROM file_provinces ORDER BY 1")
    if run.engine != DUCKDB:  # the last stage that needs a cluster: others may have its workers
        from analysis.spark.session import close_session

        close_session()
    made = {line["table"]: line["rows"] for line in read_log(run, COVERAGE.name)}
    return CoverageSummary(
        rows={table: rows for table, rows in made.items() if table in COVERAGE.writes},
        provinces_with_files=tuple(str(code) for (code,) in provinces),
    )
