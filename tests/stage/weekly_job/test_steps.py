"""Steps: refused when a plan does not hold together, made in order, forgotten after their last reader."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analysis.engine import Engine, connect, sql_files
from analysis.errors import BaophuError, RequestError
from analysis.settings import RunParameters, open_run
from analysis.step_rows import open_step
from analysis.steps import (
    Parts,
    Plan,
    Step,
    check_plan,
    kept_path,
    needed_for,
    read_log,
    replaced,
    run_plan,
    unrolled,
)
from conftest import PublishedRun

NUMBERS = Step("numbers", "one number", "", "SELECT range AS n FROM range(10)")
EVEN = Step("even", "one even number", "numbers", "SELECT n FROM numbers WHERE n % 2 = 0", is_view=True)
TOTAL = Step("total", "the sum", "even", "SELECT sum(n)::BIGINT AS total FROM even")
AFTER = Step("after", "one more", "total", "SELECT total + 1 AS total FROM total")


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    return open_run("2021-11-07", raw=str(tmp_path), processed=str(tmp_path / "2021-11-07"))


@pytest.fixture
def engine(run: RunParameters) -> Iterator[Engine]:
    with connect(run) as con:
        yield Engine(con)


def tables(engine: Engine) -> set[str]:
    names = (
        "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal"
    )
    return {str(row[0]) for row in engine.fetch(names)}


def read_file(path: Path) -> pd.DataFrame:
    with duckdb.connect() as con:
        return con.execute(f"SELECT * FROM {sql_files([path])}").df()


def test_a_plan_that_holds_together_is_taken() -> None:
    check_plan((NUMBERS, EVEN, TOTAL))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ((EVEN, TOTAL), "'even' reads 'numbers', which no step before it makes"),
        ((EVEN, NUMBERS), "'even' reads 'numbers', which no step before it makes"),
        ((NUMBERS, EVEN, replace(TOTAL, table="numbers")), "'numbers' has a second maker"),
    ],
)
def test_a_plan_that_does_not_is_refused(plan: Plan, words: str) -> None:
    with pytest.raises(BaophuError, match=words):
        check_plan(plan)


def test_what_stands_within_parts_is_for_no_later_step_and_no_second_maker() -> None:
    parts = Parts("SELECT 0, 9", (EVEN,))
    loop = Step("gathered", "one number", "even", "SELECT * FROM even", parts=parts)
    with pytest.raises(BaophuError, match="'total' reads 'even'"):
        check_plan((NUMBERS, loop, TOTAL))
    with pytest.raises(BaophuError, match="'even' has a second maker"):
        check_plan((NUMBERS, loop, EVEN))


def test_tables_are_forgotten_after_their_last_reader(engine: Engine, run: RunParameters) -> None:
    seen: dict[str, set[str]] = {}

    def look(_: int) -> tuple[int]:
        seen["then"] = tables(engine)
        return (1,)

    looked = Step(
        "looked", "nothing", "total", "SELECT total FROM total", columns={"n": "INTEGER"}, clean=look
    )
    run_plan(engine, run, (NUMBERS, EVEN, TOTAL, looked, AFTER), "test", keep="after")
    # The view's last reader is its own tables' last reader too.
    assert seen["then"] >= {"total"}
    assert not seen["then"] & {"numbers", "even"}
    assert tables(engine) == {"after"}
    assert engine.fetch("SELECT * FROM after") == [(21,)]


def test_a_kept_view_keeps_what_it_reads(engine: Engine, run: RunParameters) -> None:
    run_plan(engine, run, (NUMBERS, EVEN, TOTAL), "test", keep="even")
    assert tables(engine) == {"numbers", "even"}


def test_parts_are_gathered_into_one_table(engine: Engine, run: RunParameters) -> None:
    body = Step(
        "few",
        "one number of the part",
        "numbers",
        "SELECT n FROM numbers WHERE n BETWEEN {first} AND {last}",
    )
    parts = Parts("SELECT 2 * range, 2 * range + 1 FROM range(4)", (body,))
    loop = Step("gathered", "one number", "few", "SELECT * FROM few", parts=parts)
    run_plan(engine, run, (NUMBERS, loop), "test", keep="gathered")
    assert engine.fetch("SELECT count(*), sum(n) FROM gathered") == [(8, 28)]
    assert tables(engine) == {"gathered"}
    assert [step.table for step in unrolled((NUMBERS, loop))] == ["numbers", "few", "gathered"]
    run_plan(engine, run, unrolled((NUMBERS, loop)), "test", keep="gathered")
    assert engine.fetch("SELECT count(*) FROM gathered") == [(10,)]


def test_no_part_at_all_gives_an_empty_table(engine: Engine, run: RunParameters) -> None:
    body = Step(
        "few", "one number", "numbers", "SELECT n FROM numbers WHERE n BETWEEN {first} AND {last} AND n > 10"
    )
    loop = Step(
        "gathered", "one", "few", "SELECT * FROM few", parts=Parts("SELECT 0, 1 WHERE false", (body,))
    )
    run_plan(engine, run, (NUMBERS, loop), "test", keep="gathered")
    assert engine.fetch("SELECT count(*) FROM gathered") == [(0,)]


def test_what_python_makes_is_kept_as_a_file(engine: Engine, run: RunParameters) -> None:
    words = Step(
        "words",
        "one number",
        "numbers",
        "SELECT n FROM numbers",
        columns={"word": "VARCHAR"},
        clean=lambda n: (str(n),),
    )
    frame = Step("units", "one unit", frame=lambda: pd.DataFrame({"code": ["02"]}))
    run_plan(engine, run, (NUMBERS, words, frame), "test")
    assert len(read_file(kept_path(run, "words"))) == 10
    assert read_file(kept_path(run, "units"))["code"].tolist() == ["02"]


def test_rows_and_time_of_every_step_are_noted(engine: Engine, run: RunParameters) -> None:
    assert read_log(run, "test") == []
    run_plan(engine, run, (NUMBERS, EVEN, TOTAL), "test")
    log = read_log(run, "test")
    assert [(line["table"], line["rows"]) for line in log] == [("numbers", 10), ("even", None), ("total", 1)]
    assert all(line["seconds"] >= 0 and line["cpu_seconds"] >= 0 for line in log)


def test_a_step_that_fails_is_the_last_one_noted(engine: Engine, run: RunParameters) -> None:
    broken = Step("broken", "nothing", "numbers", "SELECT no_such_column FROM numbers")
    with pytest.raises(Exception, match="no_such_column"):
        run_plan(engine, run, (NUMBERS, broken), "test")
    assert read_log(run, "test")[-1] == {"table": "broken"}


def test_slices_hold_what_is_needed_and_no_more() -> None:
    other = Step("other", "one", "numbers", "SELECT * FROM numbers")
    plan = (NUMBERS, other, EVEN, TOTAL, AFTER)
    assert [step.table for step in needed_for(plan, ["total"])] == ["numbers", "even", "total"]
    few = Step("numbers", "one number", "", "SELECT 4 AS n")
    assert replaced(plan, few)[0] is few


def test_any_table_of_a_finished_run_opens(tiny: PublishedRun) -> None:
    run = tiny.run
    names = open_step(run, "names")
    doses = read_file(run.restricted / "doses.parquet")
    assert set(names["name_key"].dropna()) >= set(doses["name_key"].dropna())
    assert len(open_step(run, "doses")) == len(doses)
    one = doses["source_row"].iloc[0]
    assert set(open_step(run, "doses", f"source_row = {one}")["source_row"]) == {one}


def test_what_was_opened_and_what_stood_within_parts_opens_again(tiny: PublishedRun) -> None:
    cells = open_step(tiny.run, "dose_cells", "source_row = 1")
    assert len(cells) and set(cells["source_row"]) == {1}
    assert not (tiny.run.restricted / "spill" / "staged").exists()
    pairs = open_step(tiny.run, "candidate_pairs")
    assert pairs.columns.tolist() == ["row_no", "citizen_id", "edits"]
    scored = open_step(tiny.run, "posteriors")
    assert set(scored["row_no"]) <= set(pairs["row_no"])


def test_a_table_that_no_step_makes_is_refused(tiny: PublishedRun) -> None:
    with pytest.raises(RequestError, match="no step makes a table 'no_such_table'"):
        open_step(tiny.run, "no_such_table")
