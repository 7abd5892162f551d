"""The weekly run of the tiny province on a cluster: the rows, the counts and the pages of one machine."""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from analysis.safeguards.run_record import hash_folder
from analysis.spark.session import WORK
from cluster_samples import TinyJob, begin_tiny, check_same
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


@pytest.mark.usefixtures("every_check")
@pytest.mark.parametrize("after", ["1_clean", "2_reconcile"])
def test_an_executor_that_is_killed_changes_nothing_or_ends_the_run(
    after: str, tiny: PublishedRun, cluster_variables: dict[str, str], tmp_path: Path
) -> None:
    job = begin_tiny(tmp_path, cluster_variables)
    steps = job.run.restricted / "run" / "steps" / f"{after}.jsonl"
    while job.process.poll() is None and not (
        steps.is_file() and len(steps.read_text("utf-8").splitlines()) > 6
    ):
        time.sleep(0.2)
    executors = descendants(job, EXECUTOR)
    assert len(executors) == 2
    os.kill(executors[0].pid, signal.SIGKILL)
    code, said = job.end()
    print(f"an executor killed in {after}: exit {code}")
    assert code in (0, 5), said
    if code == 5:
        assert not job.folder.exists() and len(said.strip().splitlines()[-1]) < 400
    else:
        assert hash_folder(job.run.aggregate) == hash_folder(tiny.run.aggregate)
        assert hash_folder(job.folder) == hash_folder(tiny.folder)
