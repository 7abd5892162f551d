"""Tables in other shapes: merged cells, lists joined under two headers, cells left out, formulas, errors, 1904."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from analysis.clean.fields.sites import FACILITIES
from analysis.clean.report_kinds import report_kinds
from clean_samples import HEADER, clean, line, many, table
from staged_samples import delimited, open_files, open_one, refusal, workbook

DAILY = next(kind.schema for kind in report_kinds() if kind.schema.kind == "daily_reports")
HEAD = ["Họ và tên", "Ngày sinh", "Số CCCD", "Tỉnh", "Ngày tiêm", "Mã mũi tiêm"]
BA = ["Lý Văn Ba", "1/2/1985", "002085001234", "Hà Giang", "1/9/2021", "M1"]
TU = ["Lý Văn Tư", "1/2/1986", "002086001234", "Cao Bằng", "2/9/2021", "M2"]


@pytest.mark.parametrize("at", [(0, 0), (4, 3)], ids=["corner", "inside"])
def test_17_a_cell_merged_down_its_column_stands_in_every_row(tmp_path: Path, at: tuple[int, int]) -> None:
    second = ["", "", "", "", "1/11/2021", ""]
    rows = [HEAD, BA, second, TU]
    merged = [(1, column, 2, column) for column in (0, 1, 2, 3, 5)]
    found = open_one(tmp_path, workbook(rows, merged, at))
    assert [row["source_row"] for row in found] == [1, 2, 3]
    assert [row["full_name"] for row in found] == ["Lý Văn Ba", "Lý Văn Ba", "Lý Văn Tư"]
    assert [row["province"] for row in found] == ["Hà Giang", "Hà Giang", "Cao Bằng"]
    assert [row["vaccination_date"] for row in found] == ["1/9/2021", "1/11/2021", "2/9/2021"]
    # The number of a dose was given to one.
    assert [row["dose_record_id"] for row in found] == ["M1", None, "M2"]


def test_17_a_total_merged_across_is_not_carried_down(tmp_path: Path) -> None:
    rows = [HEAD, BA, ["Tổng cộng", "", "", "1", "", ""], TU]
    found = open_one(tmp_path, workbook(rows, [(2, 0, 2, 2)]))
    assert [row["full_name"] for row in found] == ["Lý Văn Ba", "Tổng cộng", "Lý Văn Tư"]
    assert found[1]["birth_date"] is None


def test_17_a_count_merged_over_districts_is_not_each_districts(tmp_path: Path) -> None:
    header = ["Ngày báo cáo", "Tỉnh", "Huyện", "Phân bổ", "Tiếp nhận", "Số mũi tiêm trong ngày"]
    header += ["Mũi 1", "Mũi 2", "Mũi 3 trở lên", "Số liều hủy"]
    first = ["2021-10-01", "Hà Giang", "Đồng Văn", "5000", "5000", "10", "8", "2", "0", "0"]
    second = ["", "", "Mèo Vạc", "", "", "20", "15", "5", "0", "0"]
    merged = [(1, column, 2, column) for column in (0, 1, 3, 4)]
    found = open_one(tmp_path, workbook([header, first, second], merged), schema=DAILY)
    assert [row["report_date"] for row in found] == ["2021-10-01"] * 2
    assert [row["province_code"] for row in found] == ["Hà Giang"] * 2
    assert [row["doses_allocated"] for row in found] == ["5000", None]


OTHER = ["Ngày tiêm", "Họ tên", "Số CCCD", "Năm sinh", "Mũi số", "Tỉnh"]
OTHER_ROW = ["2/9/2021", "Lý Văn Tư", "002086001234", "1986", "2", "Cao Bằng"]


@pytest.mark.parametrize("written", [delimited, workbook])
def test_31_a_list_joined_under_a_header_in_another_order(tmp_path: Path, written: Any) -> None:
    found = open_one(tmp_path, written([HEAD, BA, OTHER, OTHER_ROW, HEAD, BA]))
    again = "repeated_header_row"
    assert [row["row_fault"] for row in found] == [None, again, None, again, None]
    second = found[2]
    assert (second["source_row"], second["full_name"], second["birth_date"]) == (3, "Lý Văn Tư", "1986")
    assert (second["vaccination_date"], second["province"]) == ("2/9/2021", "Cao Bằng")
    # A field that only the second list has, and one that only the first has.
    assert [row["dose_number"] for row in found] == [None, None, "2", None, None]
    assert [row["dose_record_id"] for row in found] == ["M1", None, None, None, "M1"]


def test_31_a_joined_list_may_have_more_or_fewer_columns(tmp_path: Path) -> None:
    rows = [HEAD, *[BA] * 300, OTHER[:4], *[OTHER_ROW[:4]] * 3, [*OTHER, "Cột lạ"], [*OTHER_ROW, "x"]]
    found = open_one(tmp_path, delimited(rows))
    assert [row["full_name"] for row in found[301:]] == ["Lý Văn Tư"] * 3 + [None, "Lý Văn Tư"]
    assert [row["birth_date"] for row in found[301:]] == ["1986"] * 3 + [None, "1986"]
    assert found[-1]["source_row"] == 306


def test_31_joined_daily_reports_are_read_by_their_own_headers(tmp_path: Path) -> None:
    names = ["report_date", "province_code", "doses_allocated", "doses_received", "doses_administered"]
    names += ["dose_1", "dose_2", "dose_3_plus", "doses_discarded"]
    row = ["2021-10-01", "02", "1", "2", "3", "4", "5", "6", "7"]
    swapped = [*names[:5], "dose_2", "dose_1", *names[7:]]
    found = open_one(tmp_path, delimited([names, row, swapped, row]), schema=DAILY)
    assert [(r["dose_1"], r["dose_2"]) for r in found] == [("4", "5"), (None, None), ("5", "4")]


def test_31_the_same_header_again_is_left_to_cleaning(tmp_path: Path) -> None:
    content = table({}, {"dose_record_id": "M2"}) + table({"dose_record_id": "M3"})
    rows = clean(tmp_path, {"platform/a.csv": content})
    assert [row["reason_codes"] for row in rows] == [[], [], ["repeated_header_row"], []]


def test_31_words_where_a_day_belongs_are_no_header(tmp_path: Path) -> None:
    rows = [HEAD, BA, ["Nguyễn Thị Hòa", "không nhớ", "không có", "Hà Giang", "không rõ", ""], TU]
    assert [row["row_fault"] for row in open_one(tmp_path, delimited(rows))] == [None] * 3


FORMULAS = {
    "quoted": lambda cells: ",".join(f'"=""{cell}"""' for cell in cells),
    "bare": lambda cells: ",".join(f'="{cell}"' for cell in cells),
}


@pytest.mark.parametrize("form", FORMULAS)
@pytest.mark.parametrize("with_header", [True, False])
def test_30_texts_kept_as_formulas(tmp_path: Path, form: str, with_header: bool) -> None:
    write = FORMULAS[form]
    rows = [BA, [*TU[:3], "Cao Bằng, Việt Nam", TU[4], ""]]
    header = write(HEAD) if with_header else ",".join(HEAD)
    found = open_one(tmp_path, "\n".join([header, *map(write, rows)]) + "\n")
    assert [row["full_name"] for row in found] == ["Lý Văn Ba", "Lý Văn Tư"]
    assert [row["id_number"] for row in found] == ["002085001234", "002086001234"]
    assert (found[1]["province"], found[1]["dose_record_id"]) == ("Cao Bằng, Việt Nam", None)


def test_30_only_the_number_is_a_formula(tmp_path: Path) -> None:
    rows = [HEAD, [*BA[:2], '="002085001234"', *BA[3:]], TU]
    content = "\n".join(",".join(row) for row in rows) + "\n"
    assert [row["id_number"] for row in open_one(tmp_path, content)] == ["002085001234", "002086001234"]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])
def test_30_a_spreadsheets_error_is_no_value(tmp_path: Path, error: str) -> None:
    (row,) = open_one(tmp_path / "1", delimited([HEAD, [error, BA[1], error, error, BA[4], "#1"]]))
    assert (row["full_name"], row["id_number"], row["province"]) == (None, None, None)
    assert row["dose_record_id"] == "#1"
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, BA)
        sheet.write_formula(1, 3, "=NA()", None, error)
    (row,) = open_one(tmp_path / "2", buffer.getvalue())
    assert (row["full_name"], row["province"], row["vaccination_date"]) == ("Lý Văn Ba", None, "1/9/2021")


def from_1904(*extra: str) -> bytes:
    """Return a workbook from 1904 with a real date; `extra` is added to the properties of the book."""
    content = workbook([HEAD, [*BA[:4], "", "M1"]], date_1904=True)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, BA)
        sheet.write_datetime(1, 4, datetime(2021, 9, 1), day)
    content = buffer.getvalue()
    if not extra:
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b"</workbook>", extra[0].encode() + b"</workbook>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return buffer.getvalue()


X15 = (
    '<extLst><ext uri="{140A7094-0E35-4892-8432-C4D2E57EDEB5}" '
    'xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main">{}</ext></extLst>'
)


@pytest.mark.parametrize(
    "extra",
    [
        (),
        (X15.replace("{}", '<x15:workbookPr chartTrackingRefBase="1"/>'),),
        (X15.replace("{}", '<x15:workbookPr chartTrackingRefBase="1"></x15:workbookPr>'),),
    ],
    ids=["plain", "excel-2013", "long-form"],
)
def test_18_real_dates_of_a_workbook_from_1904(tmp_path: Path, extra: tuple[str, ...]) -> None:
    intake, rows = open_files(tmp_path, {"a.xlsx": from_1904(*extra)})
    assert rows[0]["vaccination_date"].startswith("2021-09-01")
    assert intake.staged[0].uses_1904_dates


def test_18_a_workbook_from_1900_stays_so(tmp_path: Path) -> None:
    intake, _ = open_files(tmp_path, {"a.xlsx": workbook([HEAD, BA])})
    assert not intake.staged[0].uses_1904_dates


def short(number: int, **cells: str) -> str:
    """Return the sample row without its last `number` cells."""
    return line(**cells).rsplit(",", number)[0]


def opened(tmp_path: Path, *lines: str, end: str = "\n") -> list[dict[str, Any]]:
    full = table(*many(300))
    return open_one(tmp_path, full + "\n".join(lines) + end)[300:]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_29_empty_cells_left_out_at_the_end_of_a_row(tmp_path: Path, number: int) -> None:
    (row, last) = opened(tmp_path, short(number), line())
    assert (row["row_fault"], row["row_flag"]) == (None, "trailing_cells_missing")
    assert (row["full_name"], row["vaccination_date"], row["entry_date"]) == (
        "Nguyễn Thị Hòa",
        "15/08/2021",
        None,
    )
    assert (last["row_fault"], last["row_flag"]) == (None, None)


def test_29_a_file_in_which_every_row_is_short(tmp_path: Path) -> None:
    content = HEADER + ",Ghi chú\n" + "\n".join([line(), short(1), line()]) + "\n"
    rows = open_one(tmp_path, content)
    assert [row["row_flag"] for row in rows] == ["trailing_cells_missing"] * 3


@pytest.mark.parametrize(
    "text",
    [
        short(4),  # the day of the dose is missing, which is required
        line().replace(",Huyện Đồng Văn,", ",", 1),  # the cells behind the gap stand in wrong columns
        line().replace(",0912345678,", ",", 1),
        line().replace(",Trạm Y tế xã Phố Cáo,", ",", 1),
        short(1).replace("25/03/1985", "Nữ").replace(",Nữ,Nữ", ",Nữ"),
        short(1, full_name="12345"),
        short(1, full_name=""),
        short(1, vaccination_date="AstraZeneca"),
    ],
)
def test_29_a_short_row_that_does_not_fit_stays_a_fault(tmp_path: Path, text: str) -> None:
    (row, _) = opened(tmp_path, text, line())
    assert (row["row_fault"], row["row_flag"]) == ("row_ragged", None)


@pytest.mark.parametrize("text", ["Thôn 2", "II,Xã Phố Cáo,,", ",,Trưởng trạm", "Cộng: 12 người"])
def test_a_short_row_that_is_a_heading_or_a_signature_is_no_fault(tmp_path: Path, text: str) -> None:
    (row, _) = opened(tmp_path, text, line())
    assert row["row_fault"] == "total_row"


@pytest.mark.parametrize("number", [1, 2])
def test_29_a_short_last_record_without_line_end_stays_truncated(tmp_path: Path, number: int) -> None:
    content = table({}, {"dose_record_id": "M2"}) + short(number)
    assert refusal(tmp_path, content)[0] == "file_truncated"


def test_29_too_long_a_row_stays_a_fault(tmp_path: Path) -> None:
    (row, _) = opened(tmp_path, line() + ",thừa", line())
    assert row["row_fault"] == "row_ragged"


def test_29_counts_are_never_left_out(tmp_path: Path) -> None:
    names = ["report_date", "province_code", "doses_allocated", "doses_received", "doses_administered"]
    names += ["dose_1", "dose_2", "dose_3_plus", "doses_discarded", "reporting_body"]
    full = ["2021-10-01", "02", "1", "2", "3", "4", "5", "6", "7", "province"]
    content = delimited([names, *[full] * 300]) + "\n".join([",".join(full[:9]), ",".join(full[:8])]) + "\n"
    rows = open_one(tmp_path, content, schema=DAILY)[300:]
    assert [(r["row_fault"], r["row_flag"]) for r in rows] == [
        (None, "trailing_cells_missing"),
        ("row_ragged", None),
    ]


def test_names_in_two_columns_are_one_name(tmp_path: Path) -> None:
    rows = [
        ["Họ và tên", "", "Ngày tiêm"],
        *[["Lý Văn", own, "1/9/2021"] for own in ("Ba", "Tư", "Hòa")],
        ["Sùng Thị", "Mây", "1/9/2021"],
    ]
    for number, written in enumerate((delimited, lambda r: workbook(r, [(0, 0, 0, 1)]))):
        found = open_one(tmp_path / str(number), written(rows))
        assert [row["full_name"] for row in found] == ["Lý Văn Ba", "Lý Văn Tư", "Lý Văn Hòa", "Sùng Thị Mây"]


@pytest.mark.parametrize(
    "header",
    [
        [["Họ và tên đệm", "Tên", "Ngày tiêm"]],
        [["Họ và tên", "", "Ngày tiêm"], ["Họ đệm", "Tên", ""]],
    ],
)
def test_names_in_two_named_columns_are_one_name(tmp_path: Path, header: list[list[str]]) -> None:
    found = open_one(tmp_path, delimited([*header, ["Lý Văn", "Ba", "1/9/2021"]]))
    assert [row["full_name"] for row in found] == ["Lý Văn Ba"]


def test_a_column_without_header_beside_whole_names_is_not_theirs(tmp_path: Path) -> None:
    rows = [["Họ và tên", "", "Ngày tiêm"], *[["Lý Văn Ba", mark, "1/9/2021"] for mark in ("1", "x2", "")]]
    assert {row["full_name"] for row in open_one(tmp_path, delimited(rows))} == {"Lý Văn Ba"}


def test_facilities_take_workbooks_with_names_for_codes(tmp_path: Path) -> None:
    rows = [
        ["Mã cơ sở", "Tên cơ sở", "Tỉnh/ thành phố", "Quận/ huyện"],
        ["02001", "TYT Phố Cáo", "Hà Giang", "Đồng Văn"],
    ]
    (row,) = open_one(tmp_path, workbook(rows), schema=FACILITIES)
    assert (row["facility_name"], row["province_code"], row["district_code"]) == (
        "TYT Phố Cáo",
        "Hà Giang",
        "Đồng Văn",
    )
