"""The workbook read back as a spreadsheet reads it, and compared with the context cell by cell."""

import copy
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analysis.briefing.documents.printed_numbers import parse_printed
from analysis.briefing.documents.web_page import without_internal
from analysis.briefing.documents.workbook import ROWS_A_SHEET, write_xlsx
from analysis.briefing.figures.wording import read_words
from analysis.safeguards.byte_texts import texts_of
from documents.cells import read_workbook, tables_of

VI = read_words("vi")


@pytest.fixture(params=["ha_giang", "national"])
def made(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_every_cell_of_every_table_shows_what_the_page_prints(made: Any) -> None:
    sheets = read_workbook(made.xlsx)
    compared = numbers = 0
    for i, table in enumerate(tables_of(made.context), start=1):
        rows = sheets[f"Bảng {i}"]
        assert rows[2][0].value == table["caption"]
        assert [cell.value for cell in rows[5]] == [column["title"] for column in table["columns"]]
        body = rows[7 : 7 + len(table["rows"])]
        assert [[c.shown() for c in row] for row in body] == [row["cells"] for row in table["rows"]]
        compared += sum(map(len, body))
        numbers += sum(isinstance(c.value, Decimal) for row in body for c in row)
    assert compared > 150 and numbers > 80


def test_every_text_of_the_briefing_stands_in_the_workbook(made: Any) -> None:
    texts = {c.value for rows in read_workbook(made.xlsx).values() for row in rows for c in row}
    front = made.context["front"]
    wanted = [*front["sentences"], front["confirmed"], *front["tasks"]]
    wanted += [front["caution"]] * bool(front["caution"])
    for part in made.context["sections"]:
        said = [*part["paragraphs"], *part["notes"]]
        if said or part["tables"]:
            wanted += [part["title"], *said]
        else:
            assert part["title"] not in texts, "a picture's title heads nothing here"
    assert [text for text in wanted if text not in texts] == []


def test_contents_lead_to_every_sheet_and_each_says_for_whom_it_is(made: Any) -> None:
    sheets = read_workbook(made.xlsx)
    listed = [row[0].value for row in sheets["Mục lục"][5:]]
    assert listed == list(sheets)[1:]
    assert all(rows[0][0].value.startswith("LƯU HÀNH NỘI BỘ") for rows in sheets.values())
    assert all(len(rows) <= ROWS_A_SHEET for rows in sheets.values())


def test_a_column_names_its_unit(ha_giang: Any) -> None:
    units = [cell.value for cell in read_workbook(ha_giang.xlsx)["Bảng 1"][6]]
    assert units[1:4] == ["người", "%", "điểm\u00a0%"] and units[0] == ""


def with_table(context: dict[str, Any], rows: list[list[str]]) -> dict[str, Any]:
    """Return a context whose first table has other rows of two columns: a text and a figure."""
    changed = copy.deepcopy(context)
    table = tables_of(changed)[0]
    table["columns"] = table["columns"][:2]
    table["rows"] = [{"cells": cells, "strong": False} for cells in rows]
    return changed


def test_text_is_never_a_formula_and_a_marker_stays_text(ha_giang: Any, tmp_path: Path) -> None:
    hostile = ["=HYPERLINK(1)", "+1+1", "@SUM(A1)", "{=1}", "https://example.org", "12"]
    figures = ["[dưới 10]", "[không công bố]", "—", "=1+1", "71,8 (từ 68,2 đến 80,0)", "1234"]
    rows = [list(pair) for pair in zip(hostile, figures, strict=True)]
    sheet = read_workbook(write_xlsx(with_table(ha_giang.context, rows), tmp_path))["Bảng 1"]
    assert [[cell.value for cell in row] for row in sheet[7:13]] == rows


def test_what_columns_mean_is_told_in_words(ha_giang: Any) -> None:
    texts = [c.value for rows in read_workbook(ha_giang.xlsx).values() for row in rows for c in row]
    told = [text for text in texts if isinstance(text, str) and text.startswith("Ý nghĩa các cột: ")]
    assert len(told) > 5 and not [
        text for text in told if re.search(r"\b(people|population|[a-z]+_[a-z_]+)\b", text)
    ]
    assert any("Tỷ lệ bao phủ: số người chia cho mẫu số" in text for text in told)


def test_the_name_of_the_illness_never_breaks(ha_giang: Any, tmp_path: Path) -> None:
    long = "Tuần này các địa phương tiếp tục nhập lên Nền tảng Quản lý tiêm chủng quốc gia về COVID-19."
    front = ha_giang.context["front"] | {"sentences": [long]}
    texts = "\n".join(texts_of(write_xlsx(ha_giang.context | {"front": front}, tmp_path).read_bytes()))
    assert "quốc gia về COVID\u201119" in texts and "phòng COVID-19" in texts


def test_a_long_table_goes_on_upon_the_next_sheet(ha_giang: Any, tmp_path: Path) -> None:
    rows = [[f"Xã {i}", VI.whole(i)] for i in range(2_300)]
    sheets = read_workbook(write_xlsx(with_table(ha_giang.context, rows), tmp_path))
    parts = [sheets[name] for name in ("Bảng 1", "Bảng 1 (2)", "Bảng 1 (3)")]
    assert all(len(part) <= ROWS_A_SHEET for part in parts)
    found = [row[0].value for part in parts for row in part[7:] if len(row) == 2]
    assert found == [row[0] for row in rows]


def test_the_same_context_gives_the_same_bytes_and_a_released_one_no_internal_mark(
    ha_giang: Any, tmp_path: Path
) -> None:
    assert write_xlsx(ha_giang.context, tmp_path).read_bytes() == ha_giang.xlsx.read_bytes()
    released = ha_giang.context | {"mark": without_internal(ha_giang.context["mark"])}
    texts = "\n".join(texts_of(write_xlsx(released, tmp_path).read_bytes()))
    assert "NỘI BỘ" not in texts and "387978" in texts
    assert "NỘI BỘ" in "\n".join(texts_of(ha_giang.xlsx.read_bytes()))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("387.978", "387978"), ("65,85%", "65.85"), ("−4.952", "-4952"), ("+9,27", "9.27"), ("0", "0"), ("1,0", "1.0"),
        ("—", None), ("[dưới 10]", None), ("12.34", None), ("1234", None), ("07/11/2021", None), ("3 ngày", None),
        ("−0", None), ("+0", None), ("007", None),
    ],
)  # fmt: skip
def test_a_text_is_a_number_only_where_it_prints_the_same_again(text: str, value: str | None) -> None:
    number = parse_printed(text, VI)
    assert (number and str(number.value)) == value
