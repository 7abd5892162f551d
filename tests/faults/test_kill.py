"""A run that is killed leaves the published week as it was, and the same command then completes."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.__main__ import main
from conftest import run_province
from golden.tiny_intake import AS_OF, DOSES, platform_row, write_tiny_intake

WAIT_SECONDS = 120


def start_run(base: Path) -> "subprocess.Popen[bytes]":
    paths = ["--raw", base / "raw", "--processed", base / "processed" / AS_OF, "--reports", base / "reports"]
    command = [
        sys.executable,
        "-m",
        "analysis",
        "run",
        "--as-of",
        AS_OF,
        "--province",
        "02",
        *map(str, paths),
    ]
    return subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


def kill_when(process: "subprocess.Popen[bytes]", sign: Path) -> None:
    """Kill the whole process group as soon as a stage's executed notebook appears."""
    limit = time.monotonic() + WAIT_SECONDS
    while not sign.exists():
        assert process.poll() is None and time.monotonic() < limit, "the run ended before it could be killed"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def change_the_intake(raw: Path) -> None:
    """Add a dose and a report, so that every stage has work to do again."""
    late = replace(DOSES[0], record_id="B01", dose="Mũi 2", given="02/11/2021", entered="03/11/2021")
    with (raw / "platform" / "tiny_a.csv").open("a", encoding="utf-8") as rows:
        rows.write(",".join(platform_row(late)) + "\n")
    with (raw / "daily_reports" / "reports.csv").open("a", encoding="utf-8") as rows:
        rows.write("2021-11-07,02,030,0,0,2,2,0,0,0,province\n")


@pytest.mark.skipif(os.name != "posix", reason="process groups are killed the POSIX way")
def test_a_kill_in_any_stage_leaves_the_published_week_whole(tmp_path: Path) -> None:
    write_tiny_intake(tmp_path / "raw")
    assert run_province(tmp_path) == 0
    published = (tmp_path / "reports" / AS_OF).resolve()
    change_the_intake(tmp_path / "raw")
    for stage in ("1_clean", "2_reconcile", "3_coverage", "4_trends", "5_briefing-02"):
        sign = tmp_path / "processed" / AS_OF / "restricted" / "run" / f"{stage}.ipynb"
        sign.unlink(missing_ok=True)
        kill_when(start_run(tmp_path), sign)
        assert (tmp_path / "reports" / AS_OF).resolve() == published
        assert main(["verify", "--as-of", AS_OF, "--reports", str(tmp_path / "reports")]) == 0
    assert run_province(tmp_path) == 0
    assert (tmp_path / "reports" / AS_OF).resolve() != published
    assert main(["verify", "--as-of", AS_OF, "--reports", str(tmp_path / "reports")]) == 0
