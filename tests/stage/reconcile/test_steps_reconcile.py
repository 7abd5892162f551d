"""The steps of the reconcile stage and of the worklists: what they read, what they are called, how they open."""

import json
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from analysis.engine import Engine, connect
from analysis.errors import RequestError
from analysis.pipeline import RECONCILE
from analysis.reconcile.blocking import WIDE_RULES, block_steps
from analysis.reconcile.explain import explained_plan
from analysis.reconcile.steps import plan
from analysis.settings import RunParameters, open_run
from analysis.step_rows import open_step
from analysis.steps import Plan, Step, check_plan, kept_path, read_log, run_plan, unrolled
from analysis.tables import TABLES
from analysis.worklists import steps as worklists
from conftest import PublishedRun

RUN = open_run("2021-11-07", raw="raw", processed="processed")
PLANS = {
    "reconcile": plan(RUN),
    "no registry": plan(RUN, has_registry=False),
    "explanation": explained_plan(RUN, plan(RUN), [("platform/a.csv", 1)]),
    "worklists": worklists.plan(RUN),
    "worklists with facilities": worklists.plan(RUN, (Path("facilities.parquet"),)),
}


def tables_of(query: str) -> tuple[set[str], set[str]]:
    """Return the tables that a SELECT reads and the names of its CTEs, as the engine's own parser has them."""
    with duckdb.connect() as con:
        parsed = con.execute("SELECT json_serialize_sql(?)", [query]).fetchall()[0][0]
    tree, tables, ctes = json.loads(parsed), set(), set()
    assert not tree["error"], f"{tree.get('error_message')}: {query}"

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE":
                tables.add(node["table_name"])
            if "cte_map" in node:
                ctes.update(entry["key"] for entry in node["cte_map"]["map"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(tree)
    return tables - ctes, ctes


def wrong_reads(steps: Plan) -> list[str]:
    """Return the steps whose `reads` are not what their query reads, or whose parts' bounds read something else."""
    flat = [step for step in unrolled(steps) if step.query]
    found = [step.table for step in flat if set(step.reads.split()) != tables_of(step.query)[0]]
    parts = [(step, step.parts) for step in steps if step.parts]
    return found + [
        step.table for step, parts in parts if not tables_of(parts.bounds)[0] <= set(step.read_tables)
    ]


def names_of(steps: Plan) -> list[str]:
    """Return the tables that a plan makes; those it only opens are another's."""
    return [step.table for step in unrolled(steps) if not step.files]


def test_a_wrong_read_is_found() -> None:
    query = "WITH a AS (SELECT * FROM b) SELECT * FROM a JOIN c USING (x) WHERE y IN (SELECT y FROM d)"
    assert wrong_reads((Step("t", "one row", "b c d", query),)) == []
    assert wrong_reads((Step("t", "one row", "b c", query),)) == ["t"]
    assert wrong_reads((Step("t", "one row", "b c d e", query),)) == ["t"]


@pytest.mark.parametrize("name", PLANS)
def test_steps_read_what_they_say_and_stand_in_order(name: str) -> None:
    check_plan(PLANS[name])
    check_plan(unrolled(PLANS[name]))
    assert wrong_reads(PLANS[name]) == []


def test_one_name_is_one_thing() -> None:
    made = names_of(PLANS["reconcile"]) + names_of(PLANS["worklists"])
    assert len(made) == len(set(made))
    ctes = {
        cte
        for steps in PLANS.values()
        for step in unrolled(steps)
        if step.query
        for cte in tables_of(step.query)[1]
    }
    assert ctes & ({*made} | {*TABLES}) == set()


def test_a_row_is_said_in_a_phrase() -> None:
    rows = {step.table: step.row for steps in PLANS.values() for step in unrolled(steps)}
    assert {table: row for table, row in rows.items() if not re.match(r"(one|the) \S+ \S", row)} == {}


@pytest.mark.parametrize("name", PLANS)
def test_steps_are_selects(name: str) -> None:
    words = re.compile(r"\b(CREATE|INSERT|UPDATE|DELETE|read_parquet)\b")
    assert [step.table for step in unrolled(PLANS[name]) if words.search(step.query)] == []


def test_the_stage_writes_what_is_declared_of_it() -> None:
    written = {step.table for step in PLANS["reconcile"] if step.is_written}
    assert written == set(RECONCILE.writes)
    opened = {path.stem for step in PLANS["reconcile"] for path in step.files}
    assert opened == set(RECONCILE.reads)


@pytest.fixture
def finished(tiny: PublishedRun, monkeypatch: pytest.MonkeyPatch) -> RunParameters:
    """Return the tiny province's run; of the stages only this one is asked for its steps."""
    monkeypatch.setattr("analysis.step_rows.PLANNED_STAGES", (RECONCILE,))
    return tiny.run


def test_an_analyst_opens_any_table_of_a_finished_run(finished: RunParameters) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.processed.rglob("*.*")}
    for table in ("candidate_pairs", "narrow_candidate_pairs"):
        assert list(open_step(finished, table).columns) == ["row_no", "citizen_id", "edits"]
    assert open_step(finished, "people", "citizen_id IS NULL").empty
    for table in ("narrow_compared", "open_rows", "rare_syllables", "block_counts", "linked", "links"):
        assert len(open_step(finished, table)), table
    after = {path: path.stat().st_mtime_ns for path in finished.processed.rglob("*.*")}
    assert {path for path in after if path not in before or before[path] != after[path]} == set()
    with pytest.raises(RequestError, match="no step makes"):
        open_step(finished, "pairs")


def test_the_last_links_are_the_written_ones(finished: RunParameters) -> None:
    links = open_step(finished, "links", "citizen_id IS NOT NULL")
    doses = len(open_step(finished, "links"))
    linked = open_step(finished, "linked", f"row_no <= {doses}")
    assert sorted(links["citizen_id"]) == sorted(linked["citizen_id"])


def test_a_run_notes_its_steps(finished: RunParameters) -> None:
    noted = {line["table"]: line["rows"] for line in read_log(finished, "2_reconcile")}
    assert list(noted) == [step.table for step in PLANS["reconcile"]]
    assert noted["links"] == len(open_step(finished, "links"))
    assert kept_path(finished, "rare_syllables").is_file()


def test_a_look_at_a_run_notes_and_keeps_nothing(tmp_path: Path) -> None:
    run = replace(RUN, raw=tmp_path, processed=tmp_path)
    given = Step("given", "one letter", query="SELECT unnest(['a', 'b']) AS letter")
    mapped = Step(
        "mapped", "one letter", "given", "SELECT letter FROM given", columns={"upper": "VARCHAR"},
        clean=lambda letter: (letter.upper(),),
    )  # fmt: skip
    with connect(run) as con:
        run_plan(Engine(con), run, (given, mapped), keep="mapped")
        assert Engine(con).fetch("SELECT * FROM mapped ORDER BY 1") == [("a", "A"), ("b", "B")]
        assert not kept_path(run, "mapped").parent.exists()
        run_plan(Engine(con), run, (given, mapped), log="look")
        assert kept_path(run, "mapped").is_file() and read_log(run, "look")[-1]["rows"] == 2


FULL_NAMES = ("ly van hai", "ly van phuong", "nguyen van hai", "huynh van hai")
BLOCK = """
SELECT '00209000000' || n AS citizen_id, hash(split_part(name_key, ' ', 1)) AS family_name_hash,
    hash(split_part(name_key, ' ', -1)) AS given_name_hash, *, '002090' AS number_head
FROM (VALUES {people}) AS v(n, name_key), (
    SELECT '024' AS district_code, DATE '1990-07-12' AS birth_on, 7 AS birth_month, 12 AS birth_day,
        'citizen_number' AS id_kind)"""
IN_PARTS = "*, split_part(name_key, ' ', 1) AS family_name, split_part(name_key, ' ', -1) AS given_name"


@pytest.mark.parametrize(
    ("name", "typed", "number", "found"),
    [
        ("same_family_name_day_month_and_district", "ly van hia", "", ["ly van hai"]),
        ("same_family_name_day_month_and_district", "ly van phuo", "", ["ly van phuong"]),
        ("same_family_name_day_month_and_district", "ly phuong van", "", ["ly van hai", "ly van phuong"]),
        ("same_family_name_day_month_and_district", "ly van thuy", "", []),
        ("same_birth_date_and_given_name", "hoang van hai", "", ["huynh van hai"]),
        ("same_birth_date_and_given_name", "trinh nguyen van hai", "", ["nguyen van hai"]),
        ("same_birth_date_and_given_name", "luong thi hai", "", []),
        ("same_number_head_given_name_and_district", "ho van hai", "002090000011", ["ly van hai"]),
    ],
)
def test_of_a_large_block_only_pairs_that_agree_further_are_weighed(
    name: str, typed: str, number: str, found: list[str]
) -> None:
    (rule,) = (rule for rule in WIDE_RULES if rule.name == name)
    people = ", ".join(f"({n}, '{full_name}')" for n, full_name in enumerate(FULL_NAMES, 1))
    row = f"SELECT DISTINCT 1 AS row_no, '{number}' AS id_number, * EXCLUDE (n, name_key, citizen_id, family_name, "
    row += f"given_name, family_name_hash, given_name_hash), '{typed}' AS name_key FROM people"
    plan = (
        Step("people", "one citizen", query=f"SELECT {IN_PARTS} FROM ({BLOCK.format(people=people)})"),
        Step("placed_people", "one citizen", "people", "SELECT * FROM people"),
        Step("rows", "one row", "people", f"SELECT {IN_PARTS} FROM ({row})"),
        *block_steps(rule, "rows"),
    )
    with duckdb.connect() as con:
        run_plan(Engine(con), RUN, plan, keep=f"pairs_{name} people")
        pairs = Engine(con).fetch(
            f"SELECT name_key FROM pairs_{name} JOIN people USING (citizen_id) ORDER BY 1"
        )
    assert [full_name for (full_name,) in pairs] == found
