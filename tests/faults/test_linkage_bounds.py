"""A rule with too many pairs, a model that degenerated, links that drift, a registry of another month."""

import dataclasses
import json
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analysis.engine import Engine
from analysis.errors import CheckError
from analysis.reconcile import blocking
from analysis.reconcile.blocking import NARROW_RULES, block_steps
from analysis.reconcile.linkage_model import MODEL_FILE, parse_model
from analysis.safeguards.week_change import LINKED_SHARE, REGISTRY_APART, WeekChange, accept_or_refuse
from analysis.settings import open_run
from analysis.steps import Step, run_plan

MODEL = resources.files("analysis.reconcile").joinpath(MODEL_FILE).read_text("utf-8")


def search(rows: int, tmp_path: Path) -> None:
    """Search for rows that all have one telephone, which a hundred citizens share."""
    (rule,) = (rule for rule in NARROW_RULES if rule.name == "same_phone")
    plan = (
        Step(
            "phone_holders",
            "",
            query="SELECT '0900000000' AS phone, n::VARCHAR AS citizen_id FROM range(100) AS t(n)",
        ),
        Step("searched", "", query=f"SELECT n AS row_no, '0900000000' AS phone FROM range({rows}) AS t(n)"),
        *block_steps(rule, "searched"),
    )
    run = open_run("2021-11-07", processed=str(tmp_path / "p"), previous="-", settings="-")
    with duckdb.connect() as con:
        run_plan(Engine(con), run, plan)


def test_36_a_rule_over_its_budget_is_named_before_pairs_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "LEAST_PAIRS", 1_000)
    search(10, tmp_path)
    with pytest.raises(CheckError, match="same_phone gives 1100 pairs for 11 rows, more than 1000"):
        search(11, tmp_path)


def changed(path: str, value: float) -> str:
    model: Any = json.loads(MODEL)
    *folders, name = path.split("/")
    inner = model
    for folder in folders:
        inner = inner[folder]
    inner[name] = value
    return json.dumps(model)


def first_of(field: str) -> str:
    return next(iter(json.loads(MODEL)["comparisons"][field]))


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        ("comparisons/sex/{sex}/m", 1.0, "is none"),
        ("comparisons/sex/{sex}/u", 0.0, "is none"),
        ("comparisons/sex/{sex}/u", float("nan"), "is none"),
        ("comparisons/sex/{sex}/m", 1e-9, "speaks against one person"),
        ("link_from", 0.0001, "thresholds"),
        ("review_from", 1.0, "thresholds"),
        ("share_in_registry", 1.0, "no share"),
    ],
)
def test_37_a_degenerated_model_is_refused(path: str, value: float, word: str) -> None:
    assert parse_model(MODEL).levels
    with pytest.raises(CheckError, match=word):
        parse_model(changed(path.format(sex=first_of("sex")), value))


def linked(now: int, before: int) -> list[tuple[str, ...]]:
    with duckdb.connect() as con:
        for table, share in (("verification", now), ("before_verification", before)):
            con.execute(
                f"CREATE TABLE {table} AS SELECT 'country' AS unit_level, s AS link_status, r::BIGINT AS rows "
                f"FROM (VALUES ('verified', {share} * 10), ('not_in_registry', (100 - {share}) * 10)) AS v(s, r)"
            )
        return con.execute(LINKED_SHARE).fetchall()


def test_37_a_share_of_links_that_drifts_is_a_change() -> None:
    assert linked(97, 94) == [] == linked(94, 97)
    assert linked(93, 97) == [("linked_share", "VN", "97.0", "93.0")]


def apart(registry: str, exports: str, events: int = 400) -> list[tuple[str, ...]]:
    with duckdb.connect() as con:
        con.execute(
            f"CREATE TABLE citizens AS SELECT NULL::DATE AS death_date, DATE '{registry}' - (n % 300)::INT AS "
            f"id_card_issued_on, '1980' AS birth_date FROM range({events}) AS t(n)"
        )
        con.execute("INSERT INTO citizens VALUES (NULL, DATE '2099-01-01', '2098-02-02')")
        con.execute(
            f"CREATE TABLE doses AS SELECT DATE '{exports}' AS entry_date, NULL::DATE AS vaccination_date, false AS is_rejected"
        )
        return con.execute(REGISTRY_APART.format(as_of="2021-11-07")).fetchall()


def test_38_a_registry_of_another_month_is_told_with_both_days() -> None:
    end = date(2021, 11, 7)
    assert apart((end - timedelta(31)).isoformat(), end.isoformat()) == []
    (found,) = apart((end - timedelta(32)).isoformat(), end.isoformat())
    assert found == ("registry_apart", "VN", "", "6/10/2021 / 7/11/2021")
    assert apart(end.isoformat(), (end - timedelta(32)).isoformat()) != []
    assert apart((end - timedelta(90)).isoformat(), end.isoformat(), events=300) == []
    run = open_run("2021-11-07", previous="-", settings="-")
    with pytest.raises(CheckError, match="6/10/2021 / 7/11/2021"):
        accept_or_refuse(run, [WeekChange(*found)])
    assert accept_or_refuse(dataclasses.replace(run, accept_change="trích muộn"), [WeekChange(*found)])
