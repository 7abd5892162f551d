"""The steps of the coverage stage without a registry, and beside an earlier run."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.coverage.steps import plan
from analysis.settings import RunParameters, open_run
from analysis.steps import check_plan
from step_reads import wrong_reads


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    return open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "2021-11-07"))


@pytest.mark.parametrize("has_registry", [True, False])
def test_declared_reads_are_those_of_the_queries(run: RunParameters, has_registry: bool) -> None:
    steps = plan(run, has_registry=has_registry)
    check_plan(steps)
    assert wrong_reads(steps) == {}


def test_with_an_earlier_run_too(run: RunParameters) -> None:
    earlier = run.processed.parent / "2021-10-31"
    (earlier / "aggregate").mkdir(parents=True)
    (earlier / "aggregate" / "verification.parquet").touch()
    steps = plan(replace(run, previous=earlier))
    check_plan(steps)
    assert wrong_reads(steps) == {}
    assert [step.files for step in steps if step.table == "verification_before"] != [()]
