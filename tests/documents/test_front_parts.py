"""The first page's caution line, cards, tasks and requests, over units with every kind of trouble."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.page_one.caution import GAP_POINTS, idle_parts, registry_gap, unread_files
from analysis.briefing.figures.page_one.needs import unit_needs
from analysis.briefing.figures.reading import UnitTables, read_unit_tables
from analysis.briefing.figures.sections.places import shared_days
from analysis.briefing.figures.sections.plan import chance_words, pace_text
from analysis.briefing.figures.tasks import all_tasks, three_tasks
from analysis.briefing.figures.units import districts, provinces
from analysis.briefing.figures.wording import read_words
from analysis.settings import RunParameters
from analysis.trends.needs import Stock, doses_to_ask, next_step, people_missing, stock_of

Sample = Callable[..., RunParameters]
Tables = dict[str, pd.DataFrame]
UNITS = ("VN", *list(provinces())[::4])


def troubled(tables: Tables) -> None:
    """Give every third unit a rate above 100%, every fifth one another by residents, every seventh no entries."""
    codes = list(provinces())
    coverage, entry = tables["coverage"], tables["entry_progress"]
    reported = coverage["basis"] == "reported"
    for i, code in enumerate(codes):
        own = reported & (coverage["unit_code"] == code)
        if i % 3 == 0:
            coverage.loc[own, "people"] = coverage.loc[own, "population"] * 13 // 10
            coverage.loc[own, "coverage_pct"] = 130.0
        if i % 5 == 0:
            coverage.loc[own, "registry_population"] = coverage.loc[own, "population"] * 2
            coverage.loc[own, "coverage_registry_pct"] = coverage.loc[own, "coverage_pct"] / 2
        if i % 7 == 0:
            one = next(iter(districts(code)))
            entry.loc[entry["unit_code"].isin([code, one]), "doses_entered_last_7_days"] = 0


def needs_caution(tables: UnitTables) -> bool:
    row = tables.covered(tables.unit.code, "reported", "at_least_one")
    over = (row.get("coverage_pct") or 0) > 100
    return bool(over or registry_gap(row) >= GAP_POINTS or idle_parts(tables) or unread_files(tables))


@pytest.mark.parametrize("drop", [(), ("quality",)])
def test_no_unit_that_needs_a_caution_line_lacks_it(sample: Sample, drop: tuple[str, ...]) -> None:
    run, kinds = sample(drop, troubled), set()
    for code in UNITS:
        front, tables = build_context(run, code)["front"], read_unit_tables(run, code)
        assert bool(front["caution"]) == needs_caution(tables), code
        row = tables.covered(code, "reported", "at_least_one")
        kinds.add((bool(front["caution"]), (row.get("coverage_pct") or 0) > 100, bool(idle_parts(tables))))
        if idle_parts(tables):
            assert idle_parts(tables)[0].short_name in front["caution"]
    assert {over for _, over, _ in kinds} == {idle for *_, idle in kinds} == {True, False}
    assert (True in {said for said, *_ in kinds}) and (not drop or False in {said for said, *_ in kinds})


def test_the_caution_says_the_rate_of_residents(sample: Sample) -> None:
    def twice_the_residents(tables: Tables) -> None:
        coverage = tables["coverage"]
        own = (coverage["unit_code"] == "02") & (coverage["basis"] == "reported")
        coverage.loc[own, "registry_population"] = coverage.loc[own, "population"] * 2
        coverage.loc[own, "coverage_registry_pct"] = 32.93

    front = build_context(sample(("quality",), twice_the_residents), "02")["front"]
    assert front["caution"] == "Lưu ý: Số này tính trên dân số kế hoạch; theo dân cư là 32,93%."
    assert any("rà soát dân số kế hoạch" in text for text in front["requests"])


def test_no_task_asks_for_more_doses_than_there_are_without_a_request(whole_run: RunParameters) -> None:
    asking, words = 0, read_words("vi")
    for code in UNITS:
        tables = read_unit_tables(whole_run, code)
        needs, front = unit_needs(tables), build_context(whole_run, code)["front"]
        names = {task.name for task in three_tasks(all_tasks(tables, needs, words))}
        doses = needs.first_doses * ("first_doses" in names) + needs.overdue * ("second_doses" in names)
        if doses and (needs.stock is None or doses > needs.stock.left):
            asking += 1
            wanted = words.whole(needs.asked) if needs.stock else "Chưa rõ số liều còn lại"
            assert any(wanted in text for text in front["requests"]), code
    assert asking  # else nothing was tried


def test_without_reports_of_supply_the_count_is_asked_for(sample: Sample) -> None:
    front = build_context(sample(("supply",)), "02")["front"]
    assert front["requests"][0].startswith("Chưa rõ số liều còn lại") and front["figures"][3]["value"] == "—"


def test_a_sum_of_a_task_is_printed_in_full(ha_giang: Any, national: Any) -> None:
    for front in (ha_giang.context["front"], national.context["front"]):
        for task in [t for t in front["task_rows"] if t["name"] in ("first_doses", "backlog")]:
            parts = [int(part.split()[-1].replace(".", "")) for part in task["where"].split("; ")]
            assert sum(parts) == int(task["figure"].split()[0].replace(".", "")), task
    assert "5 huyện còn lại" in ha_giang.context["front"]["tasks"][0]


def test_a_name_too_long_for_the_head_begins_a_line_of_its_own(whole_run: RunParameters) -> None:
    told = {
        (code, language): build_context(whole_run, code, language)["letterhead"]["superior"]
        for code, language in (("77", "vi"), ("02", "vi"), ("02", "en"))
    }
    assert told["77", "vi"] == "UBND TỈNH\nBÀ RỊA - VŨNG TÀU" and "\n" not in told["02", "vi"]
    assert told["02", "en"] == "PEOPLE'S COMMITTEE OF\nHÀ GIANG PROVINCE"


def test_the_head_names_who_issues_and_to_whom(ha_giang: Any, national: Any) -> None:
    head = ha_giang.context["letterhead"]
    assert (head["superior"], head["organisation"]) == ("UBND TỈNH HÀ GIANG", "SỞ Y TẾ")
    assert "BC-SYT" in head["number"] and ha_giang.context["title"]["addressee"].endswith(
        "nhân dân tỉnh Hà Giang"
    )
    assert national.context["letterhead"]["organisation"] == "BỘ Y TẾ"


def test_what_is_left_is_never_more_than_the_allocation_leaves() -> None:
    assert stock_of(100, 90, 60, 5) == Stock(25, 10)
    assert stock_of(100, 50, 60, 0) == Stock(0, 40)  # receipts lag behind doses given
    assert stock_of(100, None, 60, None) == Stock(0, 40)
    assert stock_of(100, 120, 60, 0) == Stock(40, 0) and stock_of(50, 60, 70, 0) == Stock(0, 0)


def test_doses_are_asked_for_beyond_what_is_left() -> None:
    assert doses_to_ask(50, 30, Stock(25, 10)) == 45 and doses_to_ask(5, 0, Stock(25, 10)) == 0


def test_the_next_step_is_the_lowest_not_reached() -> None:
    assert [next_step([rate]) for rate in (69, 70, 80, 95)] == [70, 80, 95, None]  # type: ignore[list-item]
    assert next_step([]) is None and people_missing(1_000, 699, next_step([69]) or 0) == 1  # type: ignore[list-item, arg-type]


def test_the_grade_stands_beside_the_figure(sample: Sample) -> None:
    def graded(tables: Tables) -> None:
        rows = [
            ("province", "02", "trung bình", "entry_partly files_unread"),
            ("district", "024", "cao", ""),
            ("district", "026", "thấp", "entry_low"),
            ("district", "028", "thấp", "entry_low"),
            ("district", "030", "thấp", "entry_unknown"),
        ]
        tables["confidence"] = pd.DataFrame(rows, columns=["unit_level", "unit_code", "grade", "reasons"])

    context = build_context(sample(edit=graded), "02")
    assert (
        "Chất lượng số liệu: trung bình (nhập liệu dưới 95%, có tệp bị lỗi)." in context["front"]["confirmed"]
    )
    parts = next(part for part in context["sections"] if part["name"] == "all_parts")
    grades = {row["cells"][0]: row["cells"][-1] for row in parts["tables"][0]["rows"]}
    assert (grades["TP Hà Giang"], grades["Đồng Văn"], grades["Mèo Vạc"]) == ("cao", "thấp", "—")
    body = next(part for part in context["sections"] if part["name"] == "parts")
    low = "Chất lượng số liệu thấp: Đồng Văn, Yên Minh (nhập liệu dưới 80%); Vị Xuyên (chưa biết tiến độ nhập liệu)."
    assert low in body["notes"], "a reason is said once"


def test_where_nobody_enters_no_district_is_named(sample: Sample) -> None:
    def nobody(tables: Tables) -> None:
        tables["entry_progress"]["doses_entered_last_7_days"] = 0

    caution = build_context(sample(edit=nobody), "02")["front"]["caution"]
    assert caution.startswith("Lưu ý: 7 ngày qua không địa bàn nào nhập mũi tiêm lên Nền tảng.")


def test_the_place_that_needs_support_first_is_the_first_of_task_and_table(ha_giang: Any) -> None:
    where = ha_giang.context["front"]["task_rows"][0]["where"]
    places = next(part for part in ha_giang.context["sections"] if part["name"] == "places")
    lowest = places["tables"][0]["rows"][0]["cells"][0]
    assert where.startswith(f"trước hết {lowest} ") and lowest == "Mèo Vạc"


def test_a_slower_pace_is_a_part_and_never_a_fraction_of_once() -> None:
    words = read_words("vi")
    assert pace_text(Decimal("0.2"), words) == ", bằng khoảng 1/5 tốc độ tiêm hiện nay"
    assert pace_text(Decimal("1.4"), words) == ", gấp 1,4 lần tốc độ tiêm hiện nay"
    assert (
        pace_text(Decimal("0.96"), words) == ", bằng tốc độ tiêm hiện nay"
        and pace_text(Decimal(0), words) == ""
    )


def test_days_of_places_sum_to_those_of_the_whole() -> None:
    days = shared_days([151, 10, 300, -20], 441, 150)
    assert days == [1, 0, 2, 0] and sum(shared_days([151, 10, 299], 460, 150)) == 4


def test_the_report_goes_from_results_to_requests_and_annexes(ha_giang: Any) -> None:
    sections = ha_giang.context["sections"]
    chapters = [part["chapter"].split(".")[0] for part in sections if part["chapter"]]
    assert chapters == ["I", "II", "III", "IV", "PHỤ LỤC"]
    assert [part["title"].split(".")[0] for part in sections] == [str(i) for i in range(1, len(sections) + 1)]
    annexes = [part["name"] for part in sections if part["group"] == "method"]
    assert annexes[0] == "bases" and annexes[-2:] == ["quality", "method"]
    body = [part["name"] for part in sections if part["group"] != "method"]
    assert body == ["last_week", "parts", "supply", "weeks", "entry", "duties", "places", "requests"]


def test_a_chance_stands_in_words_too() -> None:
    words = read_words("vi")
    said = [chance_words(Decimal(p), words) for p in ("0.02", "0.8312", "0.97")]
    assert said == ["chưa đến 1 trong 10", "khoảng 8 trong 10", "hơn 9 trong 10"]
