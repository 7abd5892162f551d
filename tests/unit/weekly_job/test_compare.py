"""What differs between two published runs: changed figures apart from rows that only one of them has."""

import json
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.compare import compare_as_json, compare_runs

FORECAST = "unit_level,unit_code,basis,age_group,series_status,as_of,target_date,quantile,value,note\n"
SUPPLY = "unit_level,unit_code,reference_date,doses_allocated,used_pct\n"


def published(root: Path, run_id: str, name: str, text: str) -> Path:
    folder = root / ".runs" / run_id
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return folder


def test_a_changed_figure_is_named_and_a_new_week_is_counted(tmp_path: Path) -> None:
    old = published(tmp_path, "a", "supply", SUPPLY + "province,02,2021-11-07,100,90.00\n")
    new = published(
        tmp_path,
        "b",
        "supply",
        SUPPLY + "province,02,2021-11-07,120,90.00\nprovince,02,2021-11-14,140,95.00\n",
    )
    lines = compare_runs(old, new).splitlines()
    assert lines[1] == "supply: 1 figures differ; rows only in the first 0, only in the second 1"
    assert lines[2] == "  province · 02 · 2021-11-07 · doses_allocated: 100 → 120"
    cell = {"key": "province · 02 · 2021-11-07", "column": "doses_allocated", "a": "100", "b": "120"}
    assert json.loads(compare_as_json(old, new))["tables"]["supply"] == {
        "rows_only_a": 0,
        "rows_only_b": 1,
        "changed": [cell],
    }


def test_a_public_table_of_no_declared_grain(tmp_path: Path) -> None:
    head = "unit_level,unit_code,age_group,basis,people\n"
    rows = "province,02,18+,{},{}\nprovince,02,12-17,recorded,5\n"
    old = published(tmp_path, "a", "coverage_by_age", head + rows.format("recorded", 70))
    both = rows.format("recorded", 71) + "province,02,18+,reported,80\n"
    new = published(tmp_path, "b", "coverage_by_age", head + both)
    assert compare_runs(old, new).splitlines()[1:] == [
        "coverage_by_age: 1 figures differ; rows only in the first 0, only in the second 1",
        "  province · 02 · 18+ · recorded · people: 70 → 71",
    ]


def test_a_table_with_a_column_called_value(tmp_path: Path) -> None:
    row = "province,02,reported,18+,at_least_one,2021-11-07,2021-11-14,0.5,{},x\n"
    old = published(tmp_path, "a", "forecast", FORECAST + row.format("70.1"))
    new = published(tmp_path, "b", "forecast", FORECAST + row.format("71.2"))
    assert "value: 70.1 → 71.2" in compare_runs(old, new)


def test_equal_runs_and_a_missing_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    published(tmp_path / "reports", "a", "supply", SUPPLY + "province,02,2021-11-07,100,90.00\n")
    (tmp_path / "reports" / ".runs" / "b" / "tables").mkdir(parents=True)
    assert main(["compare", "a", "b"]) == 0
    assert "rows only in the first 1, only in the second 0" in capsys.readouterr().out
    assert main(["compare", "a", "b", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"]["supply"]["rows_only_a"] == 1
    assert main(["compare", "a", "a"]) == 0
    assert "supply: 0 figures differ" in capsys.readouterr().out
