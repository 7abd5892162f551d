"""The weekly job of the tiny province, begun on a cluster in a process of its own."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from analysis.engine import sql_path
from analysis.pipeline import TABLE_STAGES, Stage
from analysis.safeguards.run_record import hash_folder
from analysis.settings import RunParameters, open_run
from analysis.tables import Zone
from conftest import PublishedRun
from golden.tiny_intake import AS_OF, write_tiny_intake

ENGINE = "local-cluster[2,1,1024]"
# For a handful of rows a query is not worth compiling.
FOR_FEW_ROWS = """
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.shuffle.partitions 2
"""


@dataclass(frozen=True)
class TinyJob:
    """The weekly job of the tiny province, begun in a folder on a cluster, in a process of its own."""

    base: Path
    run: RunParameters
    process: "subprocess.Popen[str]"

    @property
    def log(self) -> str:
        """Return what the run's log holds."""
        return "".join(path.read_text("utf-8") for path in (self.run.processed / "logs").glob("*.log"))

    @property
    def folder(self) -> Path:
        """Return the folder of its published files."""
        return self.base / "reports" / AS_OF

    def end(self) -> tuple[int, str]:
        """Wait for its end and return its exit code and what it said."""
        said, _ = self.process.communicate()
        return self.process.returncode, said


def begin_tiny(
    base: Path, variables: dict[str, str], engine: str = ENGINE, settings: str = FOR_FEW_ROWS
) -> TinyJob:
    """Begin the weekly job of the tiny province in a folder, as `conftest.run_province` runs it on one machine."""
    write_tiny_intake(base / "raw")
    for name in ("elsewhere", "conf"):
        (base / name).mkdir()
    (base / "conf" / "spark-defaults.conf").write_text(settings, encoding="utf-8")
    paths = {"--raw": base / "raw", "--processed": base / "processed" / AS_OF, "--reports": base / "reports"}
    options = {"--as-of": AS_OF, "--province": "02", "--engine": engine, "--workers": "1"} | paths
    words = [str(word) for pair in options.items() for word in pair]
    process = subprocess.Popen(
        [sys.executable, "-m", "analysis", "run", *words],
        cwd=base / "elsewhere",
        env={"SPARK_CONF_DIR": str(base / "conf"), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    run = open_run(AS_OF, raw=str(base / "raw"), processed=str(base / "processed" / AS_OF), provinces="02")
    return TinyJob(base, run, process)


def restricted_rows(run: RunParameters, stages: Sequence[Stage] = TABLE_STAGES) -> dict[str, list[str]]:
    """Return the rows of every restricted table of a run, or of some of its stages, in one order."""
    tables = [table for stage in stages for table in stage.tables_written() if table.zone is Zone.RESTRICTED]
    return {
        table.name: sorted(map(str, duckdb.sql(f"FROM read_parquet({sql_path(table.path(run))})").fetchall()))
        for table in tables
    }


def check_same(job: TinyJob, tiny: PublishedRun) -> None:
    """Check that a job ended well and made what one machine makes."""
    code, said = job.end()
    assert code == 0, said
    assert restricted_rows(job.run) == restricted_rows(tiny.run)
    assert hash_folder(job.run.aggregate) == hash_folder(tiny.run.aggregate)
    assert hash_folder(job.folder) == hash_folder(tiny.folder)
