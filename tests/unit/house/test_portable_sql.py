"""The steps of reconcile and coverage hold nothing that the second engine lacks; said with file and line."""

import re
from pathlib import Path

import pytest

from analysis.coverage import steps as coverage
from analysis.reconcile import steps as reconcile
from analysis.settings import open_run
from analysis.steps import Plan, Step
from house_files import ROOT
from portable_sql import Finding, place_of, unportable

RUN = open_run("2021-11-07", raw="raw", processed="processed")
PLANS = {
    "reconcile": reconcile.plan(RUN),
    "reconcile without registry": reconcile.plan(RUN, has_registry=False),
    "coverage": coverage.plan(RUN),
    "coverage without registry": coverage.plan(RUN, has_registry=False),
}
STAGES = [ROOT / "src" / "analysis" / name for name in ("reconcile", "coverage")]


@pytest.mark.parametrize("name", PLANS)
def test_steps_hold_what_both_engines_have(name: str) -> None:
    found = unportable(PLANS[name])
    assert [f"{place_of(f.text, STAGES)} ({f.table}): {f.construct}" for f in found] == []


@pytest.mark.parametrize(
    ("query", "construct"),
    [
        ("SELECT hamming(a, b) FROM t", "hamming()"),
        ("SELECT count(*) FILTER (a > 1) OVER (ORDER BY b) FROM t", "FILTER before OVER"),
        ("SELECT * REPLACE (a + 1 AS a) FROM t", "* REPLACE"),
        ("SELECT a FROM t WHERE rowid IN (SELECT 1)", "rowid"),
        ("WITH u AS MATERIALIZED (SELECT * FROM t) SELECT * FROM u", "MATERIALIZED"),
        ("SELECT entry_date - vaccination_date FROM t", "- a day"),
        ("SELECT 3 + min(birth_on) FROM t", "+ a day"),
        ("SELECT 3 + a::DATE FROM t", "+ a day"),
        ("SELECT date_diff('month', a, b) FROM t", "date_diff of other units than 'day'"),
        (
            "SELECT coalesce(a, 0) FROM t GROUP BY GROUPING SETS ((a), ()) HAVING grouping(a) = 1",
            "HAVING of grouping sets on what is not selected",
        ),
    ],
)
def test_what_one_engine_alone_has_is_found(query: str, construct: str) -> None:
    assert unportable((Step("made", "one row", "t", query),)) == [Finding("made", construct, query)]


def test_what_both_have_is_let_through() -> None:
    query = "SELECT vaccination_date + 7, count(*) FILTER (a > 1), date_diff('day', a, b) FROM t GROUP BY ALL"
    assert unportable((Step("made", "one row", "t", query),)) == []


def test_file_and_line_are_named(tmp_path: Path) -> None:
    (tmp_path / "made.py").write_text(
        'DAY = "2021-11-07"\nMADE = f"""\nSELECT a, \'ở nhà\' AS place,\n    hamming(a, \'{DAY}\') AS b\nFROM t"""\n',
        "utf-8",
    )
    (tmp_path / "other.py").write_text("# hamming(other, words)\n", "utf-8")
    query = "\nSELECT a, 'ở nhà' AS place,\n    hamming(a, '2021-11-07') AS b\nFROM t"
    plan: Plan = (Step("made", "one row", "t", query),)
    (found,) = unportable(plan)
    assert place_of(found.text, [tmp_path]) == "made.py:4"


def test_the_page_lists_what_stays_with_python() -> None:
    kept = {step.table for plan in PLANS.values() for step in plan if step.is_kept}
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = [
        row for row in page.split("| exception |")[1].split("\n\n")[0].splitlines() if row.startswith("| `")
    ]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert kept <= listed and listed <= kept | {"nfc_normalize", "strip_accents"}
