"""Headers in their files: of two rows, beside others that mean the same, and as the settings give them."""

from pathlib import Path
from typing import Any

import pytest

from analysis.clean.report_kinds import report_kinds
from analysis.errors import RequestError
from analysis.intake.headers.finding import ROSTER, find_header
from analysis.intake.headers.schemas import PLATFORM
from analysis.intake.headers.words import match_header
from staged_samples import delimited, open_files, open_one, refusal, workbook

KINDS = {kind.schema.kind: kind.schema for kind in report_kinds()}
DAILY, POPULATION = KINDS["daily_reports"], KINDS["population"]
TOP = ["STT", "Họ và tên", "Năm sinh", "", "Địa chỉ nơi ở", "", "", "Ngày tiêm"]
BELOW = ["", "", "Nam", "Nữ", "Tỉnh", "Huyện", "Xã", ""]
MERGED = [(0, c, 1, c) for c in (0, 1, 7)] + [(0, 2, 0, 3), (0, 4, 0, 6)]
MAN = ["1", "Sùng Mí Vàng", "1985", "", "Hà Giang", "Đồng Văn", "Phố Cáo", "15/08/2021"]
WOMAN = ["2", "Nguyễn Thị Hòa", "", "1990", "Hà Giang", "Đồng Văn", "Phố Cáo", "16/08/2021"]
BOTH = ["3", "Lý Văn Ba", "1985", "1990", "Hà Giang", "Đồng Văn", "Phố Cáo", "16/08/2021"]
FORMS = [
    pytest.param(delimited, id="csv"),
    pytest.param(lambda rows: workbook(rows, MERGED), id="xlsx"),
]


@pytest.mark.parametrize("written", FORMS)
def test_a_header_of_two_rows(tmp_path: Path, written: Any) -> None:
    rows = open_one(tmp_path, written([TOP, BELOW, MAN, WOMAN, BOTH]))
    assert [row["source_row"] for row in rows] == [1, 2, 3]
    found = [(row["full_name"], row["birth_date"], row["sex"]) for row in rows]
    assert found == [
        ("Sùng Mí Vàng", "1985", "Nam"),
        ("Nguyễn Thị Hòa", "1990", "Nữ"),
        ("Lý Văn Ba", None, None),
    ]
    assert {(r["province"], r["district"], r["commune"]) for r in rows} == {
        ("Hà Giang", "Đồng Văn", "Phố Cáo")
    }


def test_a_mark_under_the_sex_says_the_sex(tmp_path: Path) -> None:
    top = ["Họ và tên", "Giới tính", "", "Ngày tiêm"]
    rows = [
        top,
        ["", "Nam", "Nữ", ""],
        ["Sùng Mí Vàng", "x", "", "1/9/2021"],
        ["Lý Thị Ba", "", "X", "1/9/2021"],
    ]
    assert [row["sex"] for row in open_one(tmp_path, delimited(rows))] == ["Nam", "Nữ"]


@pytest.mark.parametrize("written", FORMS[:1])
def test_a_date_in_three_columns_is_one(tmp_path: Path, written: Any) -> None:
    top = ["Họ và tên", "Ngày sinh", "", "", "Ngày tiêm", "", ""]
    below = ["", "Ngày", "Tháng", "Năm", "Năm", "Tháng", "Ngày"]
    full = ["Sùng Mí Vàng", "5", "3", "1985", "2021", "8", "15"]
    rows = [
        full,
        ["Lý Văn Ba", "", "", "1985", "2021", "8", "16"],
        ["Lý Thị Tư", "", "3", "1985", "", "8", "9"],
        ["Lý Thị Sáu", "5", "", "1985", "2021", "", "8"],  # no May, no August: the month is not there
    ]
    found = open_one(tmp_path, written([top, below, *rows]))
    births = [(row["birth_date"], row["vaccination_date"]) for row in found]
    assert births == [
        ("5/3/1985", "15/8/2021"),
        ("1985", "16/8/2021"),
        ("3/1985", "9/8"),
        ("5//1985", "8//2021"),
    ]


def test_a_mark_under_a_dose_says_its_number(tmp_path: Path) -> None:
    top = ["Họ và tên", "Mũi tiêm", "", "Ngày tiêm"]
    marks = [["x", ""], ["", "X"], ["1", "0"], ["x", "x"], ["", ""]]
    rows = [top, ["", "Mũi 1", "Mũi 2", ""], *(["Sùng Mí Vàng", *mark, "1/9/2021"] for mark in marks)]
    found = [row["dose_number"] for row in open_one(tmp_path, delimited(rows))]
    assert found == ["Mũi 1", "Mũi 2", "Mũi 1", "Mũi 1 Mũi 2", None]


def test_what_stands_under_another_person_is_no_field(tmp_path: Path) -> None:
    top = ["Thông tin người được tiêm", "", "Người giám hộ", "", "Kết quả tiêm", ""]
    below = ["Họ và tên", "Ngày sinh", "Họ và tên", "Số điện thoại", "Mũi tiêm", "Ngày tiêm"]
    row = ["Sùng Mí Vàng", "1/2/2009", "Sùng Mí Chá", "0912345678", "1", "1/11/2021"]
    intake, rows = open_files(tmp_path, {"a.csv": delimited([top, below, row])})
    assert (rows[0]["full_name"], rows[0]["phone"], rows[0]["dose_number"]) == ("Sùng Mí Vàng", None, "1")
    assert intake.staged[0].unknown_columns == ("Người giám hộ: Họ và tên", "Người giám hộ: Số điện thoại")


@pytest.mark.parametrize("place", ["Nơi tiêm", "Cơ sở tiêm"])
def test_the_units_of_the_place_given_are_not_the_residence(tmp_path: Path, place: str) -> None:
    top = ["Họ và tên", "Ngày tiêm", "Nơi cư trú", "", place, ""]
    below = ["", "", "Tỉnh", "Huyện", "Tỉnh", "Huyện"]
    rows = open_one(
        tmp_path,
        delimited([top, below, ["Lý Văn Ba", "1/9/2021", "Hà Giang", "Đồng Văn", "Hà Nội", "Ba Đình"]]),
    )
    assert (rows[0]["province"], rows[0]["district"]) == ("Hà Giang", "Đồng Văn")


def test_letterhead_above_a_header_is_no_group(tmp_path: Path) -> None:
    rows = [
        ["SỞ Y TẾ HÀ GIANG", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", ""],
        ["Họ và tên", "Ngày sinh", "Giới tính", "Ngày tiêm", "Mũi số"],
        ["Lý Văn Ba", "1/2/1985", "Nam", "1/9/2021", "1"],
    ]
    (row,) = open_one(tmp_path, delimited(rows))
    assert (row["full_name"], row["sex"], row["vaccination_date"]) == ("Lý Văn Ba", "Nam", "1/9/2021")


def test_a_first_row_of_data_under_a_column_without_name_is_no_second_row(tmp_path: Path) -> None:
    rows = [["Họ và tên", "Giới tính", "", "Ngày tiêm"], ["Lý Văn Ba", "Nam", "Nữ", "1/9/2021"]]
    assert [row["full_name"] for row in open_one(tmp_path, delimited(rows))] == ["Lý Văn Ba"]


@pytest.mark.parametrize(
    "header",
    [
        [["Họ và tên", "Ngày tiêm mũi 1", "Vắc xin mũi 1", "Ngày tiêm mũi 2", "Vắc xin mũi 2"]],
        [["Họ và tên", "Mũi 1", "", "Mũi 2", ""], ["", "Ngày tiêm", "Vắc xin", "Ngày tiêm", "Vắc xin"]],
        [
            ["Họ và tên", "Mũi tiêm thứ nhất", "", "Mũi tiêm thứ hai", ""],
            ["", "Ngày", "Loại", "Ngày", "Loại"],
        ],
    ],
)
def test_32_doses_side_by_side_are_refused_by_name(tmp_path: Path, header: list[list[str]]) -> None:
    row = ["Lý Văn Ba", "1/9/2021", "AZ", "1/11/2021", "AZ"]
    reason, detail = refusal(tmp_path, delimited([*header, row]))
    assert reason == "doses_side_by_side"
    assert "one row a dose" in detail


def test_a_day_of_its_own_makes_other_doses_columns_beside(tmp_path: Path) -> None:
    rows = [["Họ và tên", "Ngày tiêm", "Ngày tiêm mũi 1"], ["Lý Văn Ba", "1/9/2021", "1/8/2021"]]
    assert open_one(tmp_path, delimited(rows))[0]["vaccination_date"] == "1/9/2021"


def test_a_weak_header_names_its_field_only_alone(tmp_path: Path) -> None:
    alone = [["Họ và tên", "Ngày tiêm", "Tỉnh thường trú"], ["Lý Văn Ba", "1/9/2021", "Hà Giang"]]
    assert open_one(tmp_path / "1", delimited(alone))[0]["province"] == "Hà Giang"
    beside = [[*alone[0], "Tỉnh/TP nơi ở hiện nay"], [*alone[1], "Hà Nội"]]
    assert open_one(tmp_path / "2", delimited(beside))[0]["province"] == "Hà Nội"
    two = [[*alone[0], "Tỉnh hộ khẩu"], [*alone[1], "Hà Nội"]]
    intake, rows = open_files(tmp_path / "3", {"a.csv": delimited(two)})
    assert rows[0]["province"] is None
    assert intake.staged[0].unknown_columns == ("Tỉnh thường trú", "Tỉnh hộ khẩu")


def test_columns_of_an_old_and_a_new_number_are_joined(tmp_path: Path) -> None:
    rows = [
        ["Họ và tên", "Ngày tiêm", "Số CMND", "Số CCCD"],
        ["Lý Văn Ba", "1/9/2021", "073111222", "002085001234"],
        ["Lý Văn Tư", "1/9/2021", "073111333", ""],
    ]
    found = [row["id_number"] for row in open_one(tmp_path, delimited(rows))]
    assert found == ["073111222; 002085001234", "073111333"]


SETTING = {"platform": {"Ngày chích (*)": "vaccination_date", "NGƯỜI ĐƯỢC TIÊM": "full_name"}}


@pytest.mark.parametrize("written", [delimited, workbook])
def test_headers_of_the_settings_win(tmp_path: Path, written: Any) -> None:
    header = ["Người được tiêm", "Ngày chích", "Ngày tiêm", "Họ và tên"]
    content = written([header, ["Lý Văn Ba", "1/9/2021", "31/12/2020", "Mẹ"]])
    intake, rows = open_files(tmp_path, {"a.dat": content}, headers=SETTING)
    assert (rows[0]["full_name"], rows[0]["vaccination_date"]) == ("Lý Văn Ba", "1/9/2021")
    assert intake.staged[0].unknown_columns == ("Ngày tiêm", "Họ và tên")


def test_two_columns_for_one_field_of_the_settings_are_a_wrong_request(tmp_path: Path) -> None:
    settings = {"platform": SETTING["platform"] | {"Ngày thực chích": "vaccination_date"}}
    rows = [["Họ và tên", "Ngày chích", "Ngày thực chích"], ["Lý Văn Ba", "1/9/2021", "1/9/2021"]]
    with pytest.raises(
        RequestError, match=r"\[headers.platform\] gives two columns of 'platform/a.csv'"
    ) as refused:
        open_files(tmp_path / "1", {"a.csv": delimited(rows)}, headers=settings)
    assert refused.value.exit_code == 2
    # In files of their own the two headers do not meet.
    files = {f"{n}.csv": delimited([[row[0], row[n]] for row in rows]) for n in (1, 2)}
    assert len(open_files(tmp_path / "2", files, headers=settings)[1]) == 2


def test_a_header_of_the_settings_may_stand_in_a_second_row(tmp_path: Path) -> None:
    rows = [["Họ và tên", "Lần này", ""], ["", "Ngày", "Loại"], ["Lý Văn Ba", "1/9/2021", "AZ"]]
    settings = {"platform": {"Lần này - Ngày": "vaccination_date", "Loại": "vaccine"}}
    (row,) = open_one(tmp_path, delimited(rows), headers=settings)
    assert (row["vaccination_date"], row["vaccine"]) == ("1/9/2021", "AZ")


def test_rosters_need_no_dose(tmp_path: Path) -> None:
    rows = [["Họ tên", "Ngày sinh", "Ngày hẹn tiêm"], ["Lý Văn Ba", "1/2/1985", "1/9/2021"]]
    (row,) = open_one(tmp_path, workbook(rows), schema=ROSTER)
    assert (row["full_name"], row["birth_date"]) == ("Lý Văn Ba", "1/2/1985")


def test_a_header_is_found_below_a_table_of_two_columns() -> None:
    rows = [["Họ và tên", "Ghi chú"], ["", ""], ["Họ và tên", "Ngày tiêm"], ["a", "b"]]
    header = find_header(rows, PLATFORM)
    assert header is not None
    assert header.row == 2


NOTES = {
    "platform": {
        "Năm sinh (dương lịch)": "birth_date",
        "Ngày tiêm (15)": "vaccination_date",
        "Giới tính (1: Nam; 2: Nữ)": "sex",
        "Số CMND/CCCD (9 hoặc 12 số)": "id_number",
        "Địa chỉ (ghi rõ thôn, xóm)": "address",
        "Nhóm ưu tiên (1-16)": "priority_group",
        "Ngày nhập (lên hệ thống)": "entry_date",
        "Nhóm đối tượng ưu tiên theo QĐ 3355": "priority_group",
        "Mũi tiêm (ngày)": None,
        "Vắc xin (ngày)": None,
        "Ký số (ngày ký)": None,
        "Mũi (2)": None,
        "Họ và tên (chủ hộ)": None,
        "Số điện thoại (nhà)": None,
        "Ngày tiêm (giờ hẹn)": None,
        "Tỉnh (quê quán)": None,
    },
    "daily_reports": {
        "Mũi 1 (liều)": "dose_1",
        "Mũi (1)": "dose_1",
        "Mũi 1 (12-17 tuổi)": None,
        "Mũi 1 (18+)": None,
        "Mũi 1 (lũy kế)": None,
        "Tổng số mũi đã tiêm": None,
        "Tổng số mũi đã tiêm trong ngày": "doses_administered",
        "Số người tiêm đủ 2 mũi": None,
    },
    "population": {
        "Dân số (người)": "population",
        "Dân số (18+)": None,
        "Dân số (12-17)": None,
        "Dân số (18)": None,
    },
}


@pytest.mark.parametrize(
    ("kind", "header"), [(kind, header) for kind, rows in NOTES.items() for header in rows]
)
def test_a_note_in_brackets_is_left_out_only_where_it_fits(kind: str, header: str) -> None:
    match = match_header(kind, header)
    assert (match.field if match else None) == NOTES[kind][header]


def test_groups_of_a_daily_report_say_what_their_columns_count() -> None:
    top = ["Ngày báo cáo", "Tỉnh", "Vắc xin (liều)", "", "", "Số tiêm được", "", "", "Lũy kế", ""]
    below = ["", "", "Phân bổ", "Tiếp nhận", "Số hủy", "Mũi 1", "Mũi 2", "Tổng số", "Mũi 1", "Mũi 2"]
    header = find_header([top, below], DAILY)
    assert header is not None
    assert header.columns == {
        "report_date": 0,
        "province_code": 1,
        "doses_allocated": 2,
        "doses_received": 3,
        "doses_discarded": 4,
        "dose_1": 5,
        "dose_2": 6,
        "doses_administered": 7,
    }
    assert header.unknown == ("Lũy kế: Mũi 1", "Lũy kế: Mũi 2")


@pytest.mark.parametrize(
    ("columns", "field"),
    [(["Tỉnh"], "unit_code"), (["Tỉnh", "Huyện"], None), (["Mã đơn vị", "Tỉnh"], "unit_code")],
)
def test_a_population_of_several_levels_has_no_unit_of_the_wrong_one(
    columns: list[str], field: str | None
) -> None:
    header = find_header([[*columns, "Nhóm tuổi", "Dân số", "Nguồn", "Ngày số liệu"]], POPULATION)
    assert header is not None
    assert ("unit_code" in header.columns) == (field is not None)
    assert header.columns.get("unit_code", 0) == 0


def test_a_code_wins_over_the_name_beside_it() -> None:
    header = find_header([["Tên tỉnh", "Mã tỉnh", "Ngày báo cáo", "Mũi 1"]], DAILY)
    assert header is not None
    assert header.columns["province_code"] == 1


COUNTS = ["Phân bổ", "Tiếp nhận", "Số mũi tiêm trong ngày", "Mũi 1", "Mũi 2", "Mũi 3 trở lên", "Số liều hủy"]


@pytest.mark.parametrize("column", ["Loại vắc xin", "Nhóm tuổi", "Xã/Phường", "Điểm tiêm"])
@pytest.mark.parametrize("written", [delimited, workbook])
def test_rows_split_further_than_a_report_are_refused(tmp_path: Path, column: str, written: Any) -> None:
    header = ["Ngày báo cáo", "Tỉnh", column, *COUNTS]
    rows = [["2021-10-01", "02", value, *"0032100"] for value in ("x", "y")]
    reason, detail = refusal(tmp_path / "1", written([header, *rows]), schema=DAILY)
    assert (reason, "sum them" in detail) == ("rows_split", True)
    # One value throughout splits nothing.
    found = open_one(tmp_path / "2", written([header, rows[0], ["2021-10-02", *rows[0][1:]]]), schema=DAILY)
    assert [row["dose_1"] for row in found] == ["2", "2"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            ["Họ và tên", "Ngày sinh", "Nam", "Nữ", "Ngày tiêm"],
            [("Nữ", "1985"), ("Nam", "1990"), (None, "1991")],
        ),
        (
            ["Họ và tên", "Ngày sinh", "Nữ", "Ghi chú", "Ngày tiêm"],
            [(None, "1985"), ("Nữ", "1990"), ("Nữ", "1991")],
        ),
        (
            ["Ho va ten", "Ngay sinh", "Nam", "Ghi chu", "Ngay tiem"],
            [(None, "1985"), (None, "1990"), (None, "1991")],
        ),
        (
            ["Họ và tên", "Ngày sinh", "Nữ", "Giới tính", "Ngày tiêm"],
            [("x", "1985"), ("0", "1990"), ("x", "1991")],
        ),
    ],
)
def test_a_mark_under_a_sex_says_it(
    tmp_path: Path, headers: list[str], expected: list[tuple[str | None, str]]
) -> None:
    rows = [["A B", "1985", "", "x", "1/9/2021"], ["C D", "1990", "x", "0", "1/9/2021"]]
    rows = [headers, *rows, ["E F", "1991", "x", "x", "1/9/2021"]]
    found = open_one(tmp_path, delimited(rows))
    assert [(row["sex"], row["birth_date"]) for row in found] == expected


def test_years_in_two_columns_by_sex_are_births_where_no_other_column_has_them(tmp_path: Path) -> None:
    rows = [
        ["Họ và tên", "Nam", "Nữ", "Ngày tiêm"],
        ["A B", "1985", "", "1/9/2021"],
        ["C D", "", "1990", "1/9/2021"],
    ]
    found = open_one(tmp_path, delimited(rows))
    assert [(row["sex"], row["birth_date"]) for row in found] == [("Nam", "1985"), ("Nữ", "1990")]


def test_what_a_list_says_is_as_above_is_the_cell_above(tmp_path: Path) -> None:
    rows = [
        ["Họ và tên", "Năm sinh", "Xã/Phường", "Tên vắc xin", "Ngày tiêm"],
        ["Sùng Mí Vàng", "1985", "nt", "AstraZeneca", "15/08/2021"],
        ["Nguyễn Thị Hòa", "nt", "Phố Cáo", "-nt-", '"'],
        [],
        ["Lý Văn Ba", "1990", "Như trên", "//", "16/08/2021"],
        ["Nt", "1991", "", "''", "〃"],
        ["Vàng Thị Dở", "1992", "nt", "Nt.", "nt"],
    ]
    found = open_one(tmp_path / "book", workbook(rows))
    assert [row["commune"] for row in found] == ["nt", "Phố Cáo", "Phố Cáo", None, None]
    assert {row["vaccine"] for row in found} == {"AstraZeneca"}
    assert [row["vaccination_date"][:2] for row in found] == ["15", "15", "16", "16", "16"]
    assert [row["row_flag"] for row in found] == ["cell_as_above"] * 5
    assert (found[1]["birth_date"], found[3]["full_name"]) == ("nt", "Nt")
    assert [row["source_row"] for row in found] == [1, 2, 4, 5, 6]
    typed = open_one(tmp_path / "text", delimited([*rows[:2], rows[6]]))
    assert [(row["vaccine"], row["row_flag"]) for row in typed] == [("AstraZeneca", None), ("Nt.", None)]


@pytest.mark.parametrize("surer", [False, True])
def test_the_temporary_residence_stands_before_the_permanent_one(tmp_path: Path, surer: bool) -> None:
    """As one path: a province of one and a commune of the other would be nowhere."""
    of = ("thường trú", "tạm trú")
    header = [
        "Họ và tên",
        "Ngày tiêm",
        *(f"{unit} ({kind})" for kind in of for unit in ("Tỉnh", "Huyện", "Xã")),
    ]
    rows = [
        ["Lý Văn Ba", "15/08/2021", "Hà Giang", "Đồng Văn", "Phố Cáo", "Hà Nội", "", "Phúc Xá"],
        ["Lý Văn Tư", "15/08/2021", "Hà Giang", "Đồng Văn", "Phố Cáo", "", "", ""],
    ]
    more = (["Xã/Phường"], ["Minh Tân"]) if surer else ([], [])
    found = open_one(tmp_path, delimited([header + more[0], *(row + more[1] for row in rows)]))
    paths = [(row["province"], row["district"], row["commune"]) for row in found]
    if surer:
        assert {commune for *_, commune in paths} == {"Minh Tân"}
    else:
        assert paths == [("Hà Nội", None, "Phúc Xá"), ("Hà Giang", "Đồng Văn", "Phố Cáo")]


@pytest.mark.parametrize(
    ("other", "birth"), [("Số CCCD", "5/3/1962"), ("Năm sinh", "x"), ("Ngày tiêm chủng dự kiến", "5/3/1962")]
)
def test_day_month_and_year_without_a_group_are_the_birth_that_is_nowhere_else(
    tmp_path: Path, other: str, birth: str
) -> None:
    rows = [
        ["Họ và tên", "Ngày", "Tháng", "Năm", other, "Ngày tiêm"],
        ["Lý Văn Ba", "5", "3", "1962", "x", "15/08/2021"],
        ["Lý Văn Tư", "", "", "1963", "x", "16/08/2021"],
    ]
    found = open_one(tmp_path, delimited(rows))
    assert found[0]["birth_date"] == birth
    assert [row["vaccination_date"] for row in found] == ["15/08/2021", "16/08/2021"]


@pytest.mark.parametrize("header", ["Họ và tên, năm sinh", "Họ tên (năm sinh)", "Họ và tên - Ngày sinh"])
def test_a_birth_behind_the_name_under_one_header(tmp_path: Path, header: str) -> None:
    typed = [
        "Lý Văn Ba (1962)",
        "Lý Văn Tư - 5/3/1962",
        "Lý Văn Năm, 05.03.62",
        "Lý Văn Sáu 2",
        "Lý Văn Bảy SN 1970",
    ]
    found = open_one(tmp_path, delimited([[header, "Ngày tiêm"], *([text, "15/08/2021"] for text in typed)]))
    assert [row["birth_date"] for row in found] == ["1962", "5/3/1962", "05.03.62", None, "1970"]
    assert [row["full_name"] for row in found] == typed


def test_a_column_of_the_birth_stands_before_one_behind_the_name(tmp_path: Path) -> None:
    rows = [["Họ và tên, năm sinh", "Ngày sinh", "Ngày tiêm"], ["Lý Văn Ba (1962)", "5/3/1963", "15/08/2021"]]
    (row,) = open_one(tmp_path, delimited(rows))
    assert (row["full_name"], row["birth_date"]) == ("Lý Văn Ba (1962)", "5/3/1963")
