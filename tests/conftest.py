"""Fixtures that several suites share: one published run of the tiny province."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.settings import RunParameters, open_run
from golden.tiny_intake import AS_OF, write_tiny_intake


@dataclass(frozen=True)
class PublishedRun:
    """A finished run: its parameters, the folder of its published files, and whether it left spill files.

    The last is seen at the run's end: later tests that read the registry again make the folder anew.
    """

    run: RunParameters
    folder: Path
    has_spill: bool


def run_province(base: Path, *options: str) -> int:
    """Run the weekly job for Hà Giang on `base/raw` and return its exit code."""
    paths = ["--raw", base / "raw", "--processed", base / "processed" / AS_OF, "--reports", base / "reports"]
    return main(["run", "--as-of", AS_OF, "--province", "02", *map(str, paths), "--workers", "1", *options])


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> PublishedRun:
    """Return one run of the tiny province, made once and only read by the tests."""
    base = tmp_path_factory.mktemp("tiny")
    write_tiny_intake(base / "raw")
    assert run_province(base) == 0
    run = open_run(AS_OF, raw=str(base / "raw"), processed=str(base / "processed" / AS_OF), provinces="02")
    return PublishedRun(run, base / "reports" / AS_OF, (run.restricted / "spill").exists())
