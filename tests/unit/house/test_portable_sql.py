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
# Refused by Spark, or taken otherwise, although SQLGlot carries them over without a word.
FORMS = (
    ("SELECT a = 2 OR a IN (SELECT a FROM t) AS b FROM t", "IN (SELECT …) as a value"),
    ("SELECT bool_or(a = 2 OR a IN (SELECT a FROM t)) AS b FROM t", "IN (SELECT …) as a value"),
    ("SELECT a FROM t GROUP BY a, b IN (SELECT b FROM t)", "IN (SELECT …) as a value"),
    ("SELECT a FROM t WHERE coalesce(a IN (SELECT a FROM t), false)", "IN (SELECT …) as a value"),
    ("SELECT a FROM t ORDER BY EXISTS (SELECT 1 FROM t)", "a subquery in ORDER BY"),
    ("SELECT a FROM t WHERE a > ANY (SELECT a FROM t)", "ANY or ALL (SELECT …)"),
    (
        "SELECT (SELECT max(u.a + t.b) FROM t AS u WHERE u.a = t.a) FROM t",
        "a subquery that reckons with rows of both",
    ),
    ("SELECT a + 1 AS c FROM t WHERE c > 2", "WHERE on a name that the SELECT gives"),
    ("SELECT a AS c, row_number() OVER (ORDER BY c) FROM t", "OVER on a name that the SELECT gives"),
    ("SELECT unnest(a), unnest(b) FROM t", "unnest() beside unnest()"),
    ("SELECT list(a) FROM t", "list() without GROUP BY"),
    ("SELECT t.a FROM t ASOF JOIN t AS u ON t.a >= u.a", "ASOF JOIN"),
    ("SELECT t.a FROM t POSITIONAL JOIN t AS u", "POSITIONAL JOIN"),
    ("SELECT * FROM unnest([1, 2])", "TABLE_FUNCTION"),
    ("SELECT * FROM t UNION BY NAME SELECT * FROM t", "UNION BY NAME"),
    ("SELECT * RENAME (a AS b) FROM t", "* RENAME"),
    ("SELECT COLUMNS('a|b') FROM t", "COLUMNS()"),
    ("SELECT a FROM t LIMIT 50%", "LIMIT by other than a number"),
    ("SELECT a FROM t TABLESAMPLE 10%", "SAMPLE"),
    ("SELECT a[1:2] FROM t", "ARRAY_SLICE"),
    ("SELECT a['b'] FROM t", "['name'] of a struct"),
    ("SELECT a::UBIGINT FROM t", "UBIGINT"),
    ("SELECT TIMESTAMP '2021-11-07 10:00:00'::DATE FROM t", "a cast of a day written out"),
    ("SELECT a, b, grouping(a, b) FROM t GROUP BY CUBE (a, b)", "grouping() of several"),
    ("SELECT any_value(a) FILTER (a > 1) FROM t", "FILTER after any_value()"),
    ("SELECT b, list(DISTINCT a) FROM t GROUP BY b", "DISTINCT in list()"),
    ("SELECT max(a ORDER BY b) FROM t", "ORDER BY in max()"),
    (
        "SELECT b, list(a ORDER BY a NULLS FIRST) FROM t GROUP BY b",
        "ORDER BY of list() with nulls first, or up and down",
    ),
    ("SELECT count(DISTINCT a) OVER () FROM t", "DISTINCT before OVER"),
    ("SELECT list(a) OVER (ORDER BY a) FROM t", "list() before OVER"),
    ("SELECT rank(ORDER BY a) OVER (ORDER BY b) FROM t", "ORDER BY in rank()"),
    ("SELECT row_number() OVER () FROM t", "row_number() over no order"),
    (
        "SELECT sum(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
        "a frame of groups, or with EXCLUDE",
    ),
    ("SELECT max(a, 2) FROM t", "max() of so many arguments"),
    ("SELECT regexp_matches(a, '[a-z]', 'i') FROM t", "regexp_matches() of so many arguments"),
    ("SELECT regexp_replace(a, 'b', 'x') FROM t", "regexp_replace() but of all"),
    ("SELECT regexp_replace(a, '(b)', '[\\1]', 'g') FROM t", "regexp_replace() by a group"),
    ("SELECT left(a, -1) FROM t", "left() from less than 1"),
    ("SELECT list_transform(a, lambda x, i: x + i) FROM t", "list_transform() with the place of an element"),
)
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
        ("WITH u AS NOT MATERIALIZED (SELECT * FROM t) SELECT * FROM u", "MATERIALIZED"),
        *FORMS,
    ],
)
def test_what_one_engine_alone_has_is_found(query: str, construct: str) -> None:
    assert unportable((Step("made", "one row", "t", query),)) == [Finding("made", construct, query)]


def test_what_both_have_is_let_through() -> None:
    query = (
        "SELECT vaccination_date + 7 AS c, count(*) FILTER (a > 1), date_diff('day', a, b), b, list(a ORDER BY a),"
        " list_transform(d, lambda x: x + 1), regexp_replace(e, '[.]0$', '') AS e FROM t"
        " WHERE a = 2 OR NOT (a IN (SELECT a FROM t) AND e <> '') GROUP BY ALL"
        " HAVING count(*) > 1 OR a IN (SELECT a FROM t) QUALIFY rank() OVER (ORDER BY a) = 1 OR c = 3"
    )
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
