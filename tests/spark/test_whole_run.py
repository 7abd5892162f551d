"""The weekly run of the tiny province on a cluster: the rows, the counts and the pages of one machine."""

import json
import os
import signal
import time
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

import psutil
import pytest

from analysis.errors import CLUSTER_LOST
from analysis.pipeline import CLEAN
from analysis.safeguards.run_record import hash_file, hash_folder
from analysis.spark.session import WORK
from analysis.tables import Zone
from cluster_samples import FOR_FEW_ROWS, TinyJob, begin_tiny, check_same, restricted_rows
from conftest import PublishedRun

EXECUTOR = "CoarseGrainedExecutorBackend"


def descendants(job: TinyJob, words: str) -> list[psutil.Process]:
    """Return the processes that a job started whose command has these words."""
    found = []
    for process in psutil.Process(job.process.pid).children(recursive=True):
        with suppress(psutil.Error):  # one that ended meanwhile
            found += [process] if words in " ".join(process.cmdline()) else []
    return found


def test_a_run_on_two_workers_gives_the_rows_and_bytes_of_one_machine(
    tiny: PublishedRun, cluster_variables: dict[str, str], tmp_path: Path
) -> None:
    job = begin_tiny(tmp_path, cluster_variables)
    check_same(job, tiny)
    work = json.loads((job.run.restricted / "run" / WORK).read_text("utf-8"))
    print(f"tasks by executor: {work}")
    assert len(work) == 2 and min(work.values()) > 0
    assert not (job.run.restricted / "spill").exists()
    assert [*(tmp_path / "elsewhere").iterdir()] == []  # Spark writes nothing where it was started
    assert "WARN" not in job.log


def is_amid(job: TinyJob, stage: str) -> bool:
    """Say whether a job is in the middle of a stage: in clean tasks have files open, elsewhere steps are done."""
    if stage == "1_clean":
        return any((job.run.restricted / "spill" / "tasks").glob("*"))
    steps = job.run.restricted / "run" / "steps" / f"{stage}.jsonl"
    return steps.is_file() and len(steps.read_text("utf-8").splitlines()) > 6


def kill_executor(job: TinyJob, stage: str) -> None:
    """Kill one of a job's two executors in the middle of a stage."""
    executors: list[psutil.Process] = []
    while job.process.poll() is None and len(executors) < 2:
        time.sleep(0.2)
        executors = descendants(job, EXECUTOR)
    while job.process.poll() is None and not is_amid(job, stage):
        time.sleep(0.005)
    assert job.process.poll() is None and len(executors) == 2
    os.kill(executors[0].pid, signal.SIGKILL)


@pytest.mark.usefixtures("every_check")
def test_an_executor_that_is_killed_amid_clean_changes_no_table(
    tiny: PublishedRun, cluster_variables: dict[str, str], tmp_path: Path
) -> None:
    job = begin_tiny(tmp_path, cluster_variables)
    kill_executor(job, "1_clean")
    assert job.process.stdout
    said = [*takewhile(lambda line: line != "1_clean: done\n", job.process.stdout)]
    job.process.send_signal(signal.SIGINT)  # what follows is as in the other tests
    assert job.end()[0] == 130, said
    assert restricted_rows(job.run, [CLEAN]) == restricted_rows(tiny.run, [CLEAN])
    for table in CLEAN.tables_written():
        assert table.zone is Zone.RESTRICTED or hash_file(table.path(job.run)) == hash_file(
            table.path(tiny.run)
        )


@pytest.mark.usefixtures("every_check")
def test_an_executor_that_is_killed_amid_reconcile_changes_nothing_or_ends_the_run(
    tiny: PublishedRun, cluster_variables: dict[str, str], tmp_path: Path
) -> None:
    job = begin_tiny(tmp_path, cluster_variables)
    kill_executor(job, "2_reconcile")
    code, said = job.end()
    print(f"an executor killed amid reconcile: exit {code}")
    assert code in (0, 5), said
    if code == 5:
        assert not job.folder.exists() and len(said.strip().splitlines()[-1]) < 400
    else:
        assert restricted_rows(job.run) == restricted_rows(tiny.run)
        assert hash_folder(job.run.aggregate) == hash_folder(tiny.run.aggregate)
        assert hash_folder(job.folder) == hash_folder(tiny.folder)


@pytest.mark.usefixtures("every_check")
def test_where_the_cluster_gives_up_nothing_is_published(
    cluster_variables: dict[str, str], tmp_path: Path
) -> None:
    job = begin_tiny(tmp_path, cluster_variables, settings=f"{FOR_FEW_ROWS}spark.task.maxFailures 1\n")
    kill_executor(job, "1_clean")
    code, said = job.end()
    assert code == 5 and CLUSTER_LOST in said
    assert not job.folder.exists() and not [*job.run.aggregate.glob("*.parquet")]
