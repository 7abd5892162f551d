"""The body of a briefing: its length on paper, the duties of 8/11/2021, what became of the last report's tasks."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from analysis.briefing.charts.charts import draw_charts
from analysis.briefing.documents.documents import write_pdf
from analysis.briefing.documents.packed_pdf import packed_pdf
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.reading import UnitTables, read_unit_tables
from analysis.briefing.figures.sections.agreement import agreement_shares
from analysis.briefing.figures.sections.duties import duties_section
from analysis.briefing.figures.sections.last_week import last_week_section
from analysis.briefing.figures.wording import read_words
from analysis.disclosure.policy import Status
from analysis.settings import RunParameters, open_run

WORDS = read_words("vi")
BODY_PAGES = {"02": 4, "VN": 6}
PDF_BYTES, HTML_BYTES = 300_000, 400_000
LAST_WEEK = date(2021, 10, 31)


@pytest.fixture
def tables(whole_run: RunParameters) -> UnitTables:
    return read_unit_tables(whole_run, "02")


def section(context: dict[str, Any], name: str) -> dict[str, Any]:
    return next(part for part in context["sections"] if part["name"] == name)


@pytest.mark.parametrize("unit", ["ha_giang", "national"])
def test_the_body_is_short_and_the_files_are_small(unit: str, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue(unit)
    pages = [page.extract_text() for page in PdfReader(made.pdf).pages]
    annex = next(i for i, page in enumerate(pages) if "PHỤ LỤC" in page)
    assert annex <= BODY_PAGES[made.context["unit_code"]]
    assert made.pdf.stat().st_size <= PDF_BYTES and len(made.html.encode()) <= HTML_BYTES


@pytest.mark.parametrize("unit_code", BODY_PAGES)
def test_in_english_the_body_is_as_short_and_the_signature_stands_beside_a_request(
    whole_run: RunParameters, tmp_path: Path, unit_code: str
) -> None:
    place = str(whole_run.processed)
    run = open_run("2021-11-07", processed=place, previous="-", settings="-", language="both")
    context = build_context(run, unit_code, "en")
    pdf = write_pdf(context, draw_charts(context, tmp_path), tmp_path)
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(pdf).pages]
    annex = next(i for i, page in enumerate(pages) if "ANNEX" in page)
    assert annex <= BODY_PAGES[unit_code]
    last = section(context, "requests")["paragraphs"][-1]
    assert "Recipients:" in pages[annex - 1] and last[-30:] in pages[annex - 1]


def test_every_duty_has_its_row_with_figures(ha_giang: Any) -> None:
    table = section(ha_giang.context, "duties")["tables"][0]
    rows = {row["cells"][0]: row["cells"][1:] for row in table["rows"]}
    said = " ".join(cells[0] for cells in rows.values())
    assert len(rows) == 7 and "chưa" not in rows["Nhập mũi mới ngay"][0].lower()
    assert "Đã kiểm tra 1.982 người: tìm thấy 1.964 (khớp 1.365, khác thông tin 599)" in said
    assert "691 phát hiện: CMND chung của nhiều người 507" in said
    assert "CCCD xuất trình 120; giấy tờ người dân còn giữ 64" in said
    assert "Nhận 412 phản ánh; 77,2% xử lý trong 48 giờ; quá hạn chưa xử lý 57." in said
    assert "(28,6%)" in rows["Thẻ căn cước công dân (CCCD)"][0]
    assert rows["Nhập mũi mới ngay"][1].startswith("Thấp nhất: ")


def test_places_bear_the_duties_and_their_sums(ha_giang: Any) -> None:
    rows = section(ha_giang.context, "by_place")["tables"][0]["rows"]
    assert len(rows) == 13 and rows[-2]["cells"][0] == "Chưa rõ nơi, làm tròn"
    assert all(row["cells"][5].endswith("0") for row in rows[:11])  # rounded to ten below the province


def test_pictures_and_tables_are_numbered_and_texts_name_them(ha_giang: Any) -> None:
    numbers = [t["number"] for part in ha_giang.context["sections"] for t in part["tables"]]
    assert numbers == [f"Bảng {i}" for i in range(1, len(numbers) + 1)]
    whole = next(t for t in section(ha_giang.context, "all_parts")["tables"])
    assert any(whole["number"] in note for note in section(ha_giang.context, "parts")["notes"])


def test_without_an_earlier_report_no_task_is_followed_up(tables: UnitTables) -> None:
    made = last_week_section(tables, WORDS)
    assert made["tables"] == [] and "Chưa có báo cáo kỳ trước" in made["paragraphs"][0]


def test_last_weeks_tasks_are_told_with_what_became_of_them(tables: UnitTables) -> None:
    due = date(2021, 11, 14)
    earlier = {
        "earlier_tasks": [
            {"task": "first_doses", "figure": 70_000, "due": due},
            {"task": "second_doses", "figure": None, "due": due},
            {"task": "enter", "figure": 50_000, "due": due},
            {"task": "verify", "figure": None, "due": due},
        ],
        "earlier_due": [{"state": "overdue", "people": Status.NOT_PUBLISHED}],
        "earlier_plan": [{"task": "verify", "backlog": 120_000}],
        "earlier_supply": [{"reference_date": LAST_WEEK, "doses_allocated": 1}],
    }
    rows = last_week_section(replace(tables, lists=tables.lists | earlier), WORDS)["tables"][0]["rows"]
    first, second, enter, verify = (row["cells"] for row in rows)
    assert first[1:] == ["14/11/2021", "70.000", "17.460", "57.218", "đã giảm"]
    assert second[2] == "[không công bố]" and second[-1] == "chưa rõ"
    assert enter[2] == "50.000" and enter[4:] == ["58.830", "chưa giảm"]
    assert verify[2:] == ["120.000", "137", "119.863", "đã giảm"]


def test_agreement_is_told_week_by_week(tables: UnitTables) -> None:
    day = tables.as_of - timedelta(days=7)
    told = (("", 400_000), ("verified", 260_000), ("matched", 100_000), ("clerical_review", 2_000))
    published = tuple((day, f"rows|link_status={name}", Decimal(n)) for name, n in told)
    before, now = agreement_shares(replace(tables, published=published))
    assert (before.day, before.agreeing_pct, before.resolved_pct) == (day, Decimal("65.00"), Decimal("25.00"))
    assert now.agreeing == 300_211 and now.received == 420_630 and now.to_decide == 1_204


def test_the_page_says_what_of_the_updates_arrived(tables: UnitTables) -> None:
    assert "Đã thấy 312/500 cập nhật của kỳ trước." in str(duties_section(tables, WORDS))
    no_list = replace(tables, lists=tables.lists | {"updates": []})
    assert "cập nhật của kỳ trước" not in str(duties_section(no_list, WORDS))


def test_a_packed_pdf_reads_as_before_and_an_odd_one_is_left(tmp_path: Any) -> None:
    text = "= Bảng\n#table(columns: 3, ..range(600).map(i => [ô #i]))"
    plain = bytes(typst.compile(("#set document(title: [x])\n" + text).encode(), format="pdf"))
    small = packed_pdf(plain)
    files = {}
    for name, data in (("plain", plain), ("small", small)):
        files[name] = tmp_path / f"{name}.pdf"
        files[name].write_bytes(data)
    one, two = (PdfReader(path, strict=True) for path in files.values())
    assert [p.extract_text() for p in one.pages] == [p.extract_text() for p in two.pages]
    assert len(small) < 0.7 * len(plain) and packed_pdf(plain) == small
    assert packed_pdf(b"%PDF-1.7 nothing like it") == b"%PDF-1.7 nothing like it"
