"""The plans of all stages: what is declared is what is read, one maker a table, nothing made outside; and shown."""

import json
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from analysis.__main__ import main
from analysis.errors import BaophuError, RequestError
from analysis.pipeline import COVERAGE, PLANNED_STAGES, Stage
from analysis.plans import as_json, as_sql, as_text, chosen_stages, find_table, plan_lines, plan_run
from analysis.settings import RunParameters, open_run
from analysis.steps import Step, check_plan, unrolled
from analysis.tables import TABLES, select_table
from conftest import PublishedRun
from house_files import ROOT
from plan_pages import draw_plan, picture_path
from step_reads import named_inside, read_tables, wrong_reads

SOURCE = ROOT / "src" / "analysis"
by_stage = pytest.mark.parametrize("stage", PLANNED_STAGES, ids=lambda stage: stage.package)
# Statements that make or change a table: steps hold SELECTs alone, the engine makes the tables.
MAKING = re.compile(
    r"\b(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP\s+)?(?:TABLE|VIEW)|INSERT\s+INTO|UPDATE\s+\w+\s+SET|ALTER\s+TABLE)\b"
)


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    return open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "2021-11-07"))


def test_tables_read_are_found() -> None:
    query = """WITH a AS (SELECT * FROM t JOIN (VALUES (1)) AS v(i) USING (i)), b AS (FROM a)
               SELECT * FROM b, range(3) AS r(i) WHERE EXISTS (SELECT 1 FROM u) UNION ALL FROM w AS x"""
    assert (read_tables(query), named_inside(query)) == ({"t", "u", "w"}, {"a", "b"})


@pytest.mark.parametrize(
    ("reads", "wrong"), [("t", {"u"}), ("t u w", {"w"}), ("", {"t", "u"}), ("u t", None)], ids=range(4)
)
def test_wrong_reads_are_found(reads: str, wrong: set[str] | None) -> None:
    found = wrong_reads((Step("s", "one row", reads, "SELECT * FROM t JOIN u USING (i)"),))
    assert found == ({"s": wrong} if wrong else {})


@by_stage
@pytest.mark.parametrize("provinces", [(), ("02",)], ids=["country", "province"])
def test_declared_reads_are_those_of_the_queries(
    stage: Stage, provinces: tuple[str, ...], run: RunParameters
) -> None:
    plan = stage.plan(replace(run, provinces=provinces))
    check_plan(plan)
    assert wrong_reads(plan) == {}


@by_stage
def test_a_missing_maker_and_a_second_one_are_refused(stage: Stage, run: RunParameters) -> None:
    plan = stage.plan(run)
    read = next(name for step in reversed(plan) for name in step.read_tables)
    with pytest.raises(BaophuError, match=f"reads '{read}'"):
        check_plan(tuple(step for step in plan if step.table != read))
    with pytest.raises(BaophuError, match=f"'{read}' has a second maker"):
        check_plan((*plan, Step(read, "one more", query="SELECT 1")))


@by_stage
def test_the_plan_writes_and_opens_what_the_stage_declares(stage: Stage, run: RunParameters) -> None:
    plan = stage.plan(run)
    assert {step.table for step in plan if step.is_written} == set(stage.writes)
    opened = {path.stem for step in plan for path in step.files if path.parent == run.restricted}
    assert opened - set(stage.writes) == set(stage.reads)


@by_stage
def test_every_step_says_what_a_row_is(stage: Stage, run: RunParameters) -> None:
    assert [step.table for step in unrolled(stage.plan(run)) if not step.row] == []


def test_one_maker_a_table_in_all_stages(run: RunParameters) -> None:
    makers: dict[str, list[str]] = {}
    for stage in PLANNED_STAGES:
        for step in unrolled(stage.plan(run)):
            if not step.files:
                makers.setdefault(step.table, []).append(stage.package)
    assert {table: stages for table, stages in makers.items() if len(stages) > 1} == {}


def test_no_query_names_a_part_of_its_own_like_a_table(run: RunParameters) -> None:
    steps = [step for stage in PLANNED_STAGES for step in unrolled(stage.plan(run))]
    tables = {step.table for step in steps} | TABLES.keys()
    found = {step.table: named_inside(step.query) & tables for step in steps if step.query}
    assert {table: names for table, names in found.items() if names} == {}


def made_by_hand(text: str) -> list[str]:
    """Return the statements in a source text that make or change a table."""
    return [" ".join(found.split()) for found in MAKING.findall(text)]


def test_tables_made_by_hand_are_found() -> None:
    text = 'con.execute("CREATE OR REPLACE TEMP TABLE a AS SELECT 1")\nUPDATE a SET b = 1\nINSERT INTO a\nno update'
    assert len(made_by_hand(text)) == 3


@by_stage
def test_no_table_is_made_outside_a_plan(stage: Stage) -> None:
    modules = (SOURCE / stage.package).rglob("*.py")
    found = {path.name: made_by_hand(path.read_text("utf-8")) for path in modules}
    assert {name: statements for name, statements in found.items() if statements} == {}


@by_stage
def test_pictures_are_those_of_the_plans(stage: Stage) -> None:
    assert picture_path(stage).read_text("utf-8") == draw_plan(stage), "run: python tests/plan_pages.py"


def test_coverage_printed_as_sql_gives_the_run_s_tables(tiny: PublishedRun) -> None:
    script = as_sql(plan_lines(tiny.run, COVERAGE, is_finished=True))
    with duckdb.connect() as con:
        con.execute(script)
        for name in COVERAGE.writes:
            kept = f"read_parquet('{TABLES[name].path(tiny.run).as_posix()}')"
            assert (
                con.execute(f"SELECT count(*) FROM {name}").fetchall()
                == con.execute(f"SELECT count(*) FROM {kept}").fetchall()
            )
            for one, other in ((name, kept), (kept, name)):
                left = con.execute(f"SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}").fetchall()
                assert (name, left) == (name, [])


def test_lines_tell_rows_and_seconds_of_a_finished_run(tiny: PublishedRun) -> None:
    lines = plan_lines(tiny.run, COVERAGE, is_finished=True)
    (written,) = find_table(lines, "coverage")
    assert written.rows and written.seconds is not None
    assert "written" in as_text([written]) and str(written.rows) in as_text([written])
    assert [line["table"] for line in json.loads(as_json(lines, with_sql=False))] == [x.table for x in lines]


def test_the_command_prints_a_stage_a_table_or_a_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "coverage"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("3_coverage: ") and " weeks " in text
    assert main(["plan", "--table", "links", "--sql"]) == 0
    assert f"-- links: {TABLES['links'].row}" in capsys.readouterr().out
    assert main(["plan", "1_clean", "--json"]) == 0
    assert "sql" not in json.loads(capsys.readouterr().out)[0]


@pytest.mark.parametrize(
    "options",
    [["weekly"], ["--table", "no_such_table"], ["clean", "--table", "links"], ["--processed", "nowhere"]],
)
def test_the_command_refuses_in_one_line(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", *options]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_run_in_a_folder_of_any_name_is_known_by_its_mark(tiny: PublishedRun, tmp_path: Path) -> None:
    assert plan_run(tiny.run.processed).as_of == tiny.run.as_of
    with pytest.raises(RequestError):
        plan_run(tmp_path)
    assert [stage.package for stage in chosen_stages("reconcile")] == ["reconcile"]
    assert select_table("links", "SELECT 1").endswith('"source_row" NULLS FIRST')
