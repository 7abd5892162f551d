"""The steps of the coverage stage: what they declare is what their queries read, and all of it is written."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.coverage.steps import plan
from analysis.errors import BaophuError
from analysis.pipeline import COVERAGE
from analysis.settings import RunParameters, open_run
from analysis.steps import Step, check_plan
from analysis.tables import TABLES
from step_reads import named_inside, read_tables, wrong_reads


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    return open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "2021-11-07"))


def test_tables_read_are_found() -> None:
    query = """WITH a AS (SELECT * FROM t JOIN (VALUES (1)) AS v(i) USING (i)), b AS (FROM a)
               SELECT * FROM b, range(3) AS r(i) WHERE EXISTS (SELECT 1 FROM u) UNION ALL FROM w AS x"""
    assert (read_tables(query), named_inside(query)) == ({"t", "u", "w"}, {"a", "b"})


@pytest.mark.parametrize(
    ("reads", "wrong"), [("t", {"u"}), ("t u w", {"w"}), ("", {"t", "u"}), ("u t", None)], ids=str
)
def test_wrong_reads_are_found(reads: str, wrong: set[str] | None) -> None:
    found = wrong_reads((Step("s", "one row", reads, "SELECT * FROM t JOIN u USING (i)"),))
    assert found == ({"s": wrong} if wrong else {})


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


def test_no_query_names_a_part_of_its_own_like_a_table(run: RunParameters) -> None:
    steps = plan(run)
    tables = {step.table for step in steps} | TABLES.keys()
    assert {step.table: named_inside(step.query) & tables for step in steps if step.query} == {
        step.table: set() for step in steps if step.query
    }


def test_the_plan_writes_what_the_stage_declares(run: RunParameters) -> None:
    steps = plan(run)
    assert {step.table for step in steps if step.is_written} == set(COVERAGE.writes)
    assert {step.table for step in steps if step.table in COVERAGE.reads and step.files} == set(
        COVERAGE.reads
    )


def test_every_step_says_what_a_row_is(run: RunParameters) -> None:
    assert [step.table for step in plan(run) if not step.row] == []


def test_a_missing_maker_is_refused(run: RunParameters) -> None:
    without = tuple(step for step in plan(run) if step.table != "series")
    with pytest.raises(BaophuError, match="reads 'series'"):
        check_plan(without)


def test_a_second_maker_is_refused(run: RunParameters) -> None:
    with pytest.raises(BaophuError, match="second maker in step 'weeks'"):
        check_plan((*plan(run), Step("weeks", "one week", query="SELECT 1")))
