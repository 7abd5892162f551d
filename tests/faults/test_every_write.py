"""Rows 34 and 35 of the faults: every write of a run's records and of its publication fails once, is the last once,
and is the last before the power goes.

The stages are played from a finished run, so that a run takes a second: what is tried is the weekly job around them.
With `BAOPHU_ALL_WRITES=1` every single write point is tried, otherwise some of them, spread evenly.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from analysis import job
from analysis.briefing import unit_job
from analysis.briefing.documents.documents import unit_folder
from analysis.errors import BaophuError
from analysis.job import run_weekly_job
from analysis.safeguards import publishing
from analysis.safeguards.audit_log import check_log
from analysis.settings import RunParameters, open_run
from conftest import PublishedRun
from faults.write_points import KILLED, WritePoints, lose_power
from golden.tiny_intake import AS_OF

TRIED = 8
FIRST, SECOND = "Lần một", "Lần hai"


class Played:
    """Puts what a finished run made where a notebook would have put it."""

    def __init__(self, finished: PublishedRun) -> None:
        self.finished = finished

    def run_notebook(
        self, kernel: Any, notebook: Path, executed: Path, parameters: dict[str, Any], *_: Any, **__: Any
    ) -> None:
        executed.parent.mkdir(parents=True, exist_ok=True)
        executed.write_text("{}", encoding="utf-8")
        if "folder" in parameters:
            folder = Path(parameters["folder"])
            for path in self.finished.folder.glob("02-*"):
                shutil.copy(path, folder)
            kept = unit_folder(self.finished.run, "02")
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            return
        stage = next(stage for stage in job.TABLE_STAGES if stage.notebook == notebook)
        for table in stage.tables_written():
            target = Path(parameters["processed"]) / table.path(self.finished.run).relative_to(
                self.finished.run.processed
            )
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(table.path(self.finished.run), target)

    @contextmanager
    def kernel_pool(self, workers: int) -> Iterator[Any]:
        yield self

    def submit(self, work: Any) -> Any:
        return work

    def finish_all(self, works: list[Any], tick: Any) -> None:
        for work in works:
            work(None)


@pytest.fixture(autouse=True)
def played(tiny: PublishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    play = Played(tiny)
    monkeypatch.setattr(job, "kernel_pool", play.kernel_pool)
    for module in (job, unit_job):
        monkeypatch.setattr(module, "run_notebook", play.run_notebook)
        monkeypatch.setattr(module, "finish_all", play.finish_all)
    monkeypatch.setattr(unit_job, "export_html", lambda executed, target: None)


def week(tiny: PublishedRun, base: Path, reason: str) -> RunParameters:
    """Return a run of the tiny province below a folder; another reason makes another run id."""
    return open_run(
        AS_OF,
        raw=str(tiny.run.raw),
        processed=str(base / "processed" / AS_OF),
        reports=str(base / "reports"),
        provinces="02",
        accept_change=reason,
    )


def published(base: Path) -> str:
    """Return the id of the run that readers of the day see; fails when it is not whole."""
    folder = publishing.follow_link(base / "reports", AS_OF)
    publishing.check_published(folder)
    return folder.name


def tried(count: int) -> list[int]:
    if os.environ.get("BAOPHU_ALL_WRITES"):
        return list(range(1, count + 1))
    return sorted({1 + round(n * (count - 1) / (TRIED - 1)) for n in range(TRIED)})


@pytest.fixture
def standing(tiny: PublishedRun, tmp_path: Path) -> tuple[Path, str, int]:
    """Return a folder where a week was published, its run id, and how many writes the next run has."""
    base = tmp_path / "standing"
    run_weekly_job(week(tiny, base, FIRST), 1)
    counting = tmp_path / "counting"
    shutil.copytree(base, counting, symlinks=True)
    with WritePoints(counting).watching() as points:
        run_weekly_job(week(tiny, counting, SECOND), 1)
    return base, published(base), points.count


def check_after(tiny: PublishedRun, base: Path, former: str) -> None:
    """Check that a reader sees one whole run, and that the same command then publishes the next."""
    assert published(base) in {former, next_run(tiny, base)}
    result = run_weekly_job(week(tiny, base, SECOND), 1)
    assert published(base) == result.run_id != former
    assert not list((base / "reports" / publishing.STAGING).iterdir())


def next_run(tiny: PublishedRun, base: Path) -> str:
    run = week(tiny, base, SECOND)
    return job.run_record.run_identity(run, job.run_record.hash_folder(run.raw))


def test_row_34_every_write_fails_once(
    tiny: PublishedRun, standing: tuple[Path, str, int], tmp_path: Path
) -> None:
    base, former, count = standing
    assert count > 60
    print(f"{len(tried(count))} of {count} writes are tried")
    for number in tried(count):
        copy = tmp_path / f"w{number}"
        shutil.copytree(base, copy, symlinks=True)
        # A failure where nothing depends on it, in tidying up, may end well.
        with WritePoints(copy, number).watching(), suppress(BaophuError, OSError):
            run_weekly_job(week(tiny, copy, SECOND), 1)
        check_after(tiny, copy, former)
        shutil.rmtree(copy)


@pytest.mark.skipif(os.name != "posix", reason="a copy of this process is made the POSIX way")
def test_row_34_every_write_is_the_last_once(
    tiny: PublishedRun, standing: tuple[Path, str, int], tmp_path: Path
) -> None:
    base, former, count = standing
    for number in tried(count):
        copy = tmp_path / f"k{number}"
        shutil.copytree(base, copy, symlinks=True)
        child = os.fork()
        if child == 0:
            with WritePoints(copy, number, is_kill=True).watching():
                run_weekly_job(week(tiny, copy, SECOND), 1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
        check_after(tiny, copy, former)
        shutil.rmtree(copy)


@pytest.mark.skipif(sys.platform != "linux", reason="what is flushed is told by the names of open files")
def test_row_35_the_power_goes_after_every_write(
    tiny: PublishedRun, standing: tuple[Path, str, int], tmp_path: Path
) -> None:
    base, former, count = standing
    taken = 0
    for number in tried(count):
        copy, lost = tmp_path / f"p{number}", tmp_path / f"p{number}.json"
        shutil.copytree(base, copy, symlinks=True)
        child = os.fork()
        if child == 0:
            with WritePoints(copy, number, is_kill=True, lost=lost).watching():
                run_weekly_job(week(tiny, copy, SECOND), 1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
        taken += lose_power(lost)
        check_after(tiny, copy, former)
        assert check_log(copy / "processed" / "audit.jsonl")
        shutil.rmtree(copy)
    assert taken > 0
    print(f"power lost at {len(tried(count))} of {count} writes, {taken} files lost what was not flushed")
