"""Every table of a page adds up: a breakdown to its printed total, with what it leaves named."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from analysis.briefing.documents.portal.rows import COLUMNS
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.sums import rest_of, rest_or_rounding, told_sum, unit_rest
from analysis.briefing.figures.units import provinces
from analysis.briefing.figures.wording import read_words
from analysis.disclosure.policy import Status
from analysis.settings import RunParameters
from documents.cells import broken_sums

Tables = dict[str, pd.DataFrame]
# Tables that are no breakdown: three ways of counting, what lies ahead, rankings, duties, weeks of agreement, tasks.
NOT_SUMS = {
    "bases-0",
    "weeks-0",
    "ahead-0",
    "targets-0",
    "rankings-0",
    "rankings-1",
    "duties-0",
    "last_week-0",
}
NOT_SUMS |= {"verification-3"}
UNITS = ("VN", *list(provinces())[::6])


def listed(context: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in context["sections"]:
        for i, table in enumerate(part["tables"]):
            yield f"{part['name']}-{i}", table


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_two_columns_of_a_table_share_a_header(whole_run: RunParameters, language: str) -> None:
    """Of all 64 units: every format draws its tables from these columns."""
    doubled, tables = [], 0
    for unit_code in ("VN", *provinces()):
        for name, table in listed(build_context(whole_run, unit_code, language)):
            titles = [column["title"] for column in table["columns"]]
            doubled += [(unit_code, name, titles)] if len(set(titles)) < len(titles) else []
            tables += 1
    assert doubled == [] and tables > 250
    words = read_words(language)
    of_index = [words("portal.unit"), *(words(f"portal.{name}") for name in COLUMNS), words("portal.files")]
    of_sheet = [words(f"sheet.{n}") for n in ("table", "exact", "suppressed", "rounded", "smallest", "rules")]
    assert len(set(of_index)) == len(of_index) and len(set(of_sheet)) == len(of_sheet)


@pytest.mark.parametrize("unit_code", UNITS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_table_of_a_page_adds_up(whole_run: RunParameters, unit_code: str, language: str) -> None:
    context = build_context(whole_run, unit_code, language)
    assert [text for _, table in listed(context) for text in broken_sums(table, language)] == []
    assert {name for name, table in listed(context) if not table["sums"]} <= NOT_SUMS


def test_a_broken_sum_is_found(ha_giang: Any) -> None:
    table = next(t for name, t in listed(ha_giang.context) if name == "verification-0")
    rows = [row | {"cells": [*row["cells"]]} for row in table["rows"]]
    rows[0]["cells"][1] = "1"
    assert not broken_sums(table) and len(broken_sums(table | {"rows": rows})) == 1
    english = [row | {"cells": [text.replace(".", ",") for text in row["cells"]]} for row in rows]
    assert len(broken_sums(table | {"rows": english}, "en")) == 1


def test_both_totals_of_records_are_the_same(ha_giang: Any) -> None:
    tables = dict(listed(ha_giang.context))
    verdicts, police = tables["verification-0"]["rows"], tables["verification-2"]["rows"]
    assert verdicts[-1]["cells"][1] == police[-1]["cells"][1] == "420.630"
    assert [row["cells"][1] for row in verdicts[-3:]] == ["420.228", "402", "420.630"]


def test_what_the_districts_do_not_report_is_named(sample: Callable[..., RunParameters]) -> None:
    def one_district_less(tables: Tables) -> None:
        for name in ("coverage", "entry_progress"):
            tables[name] = tables[name][tables[name]["unit_code"] != "035"]

    context = build_context(sample(edit=one_district_less), "02")
    tables = dict(listed(context))
    assert not broken_sums(tables["parts-0"]) and not broken_sums(tables["entry-0"])
    assert any(row["cells"][0] == "Chưa rõ nơi" for row in tables["parts-0"]["rows"])


def test_feedback_without_an_outcome_is_named(ha_giang: Any) -> None:
    outcomes = dict(listed(ha_giang.context))["feedback-0"]["rows"]
    assert [row["cells"] for row in outcomes[-2:]] == [
        ["Chưa có kết quả", "111"],
        ["Tổng số phản ánh đã nhận", "412"],
    ]


def test_a_rest_is_told_as_any_other_count() -> None:
    assert rest_of(100, [40, 30]) == 30 and rest_of(None, [1]) is None
    assert rest_of(100, [60, 35]) is Status.UNDER_10 and rest_of(100, [60, 40]) == 0
    assert rest_of(100, [60, Status.UNDER_10]) is Status.NOT_PUBLISHED
    assert rest_or_rounding(45, [None, None]) == 45 and rest_or_rounding(None, [3]) is None
    assert told_sum([1, 2]) == 3 and told_sum([1, Status.UNDER_10]) is Status.NOT_PUBLISHED
    assert unit_rest(10, [4, None]) == 6 and unit_rest(None, [4]) == 0
    assert unit_rest(10, [Status.UNDER_10]) == 0
