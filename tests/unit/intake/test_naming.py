"""Sources disclosure-9: which names from an intake may be shown, and which are numbered."""

import pytest

from analysis.errors import IntakeError
from analysis.intake.naming import ShownNames, hidden_names, is_known_header, is_known_name, is_known_text


@pytest.mark.parametrize(
    "name",
    [
        "platform/02.zip!phan_1.csv",
        "platform/Hà Giang tháng 11-2021.xlsx#Sheet1",
        "daily_reports/bao_cao_ngay_xa_Hồ Thị Kỷ.csv",
        "population/ke_hoach.xlsx#Trang tính 1",
    ],
)
def test_names_of_known_words_stand(name: str) -> None:
    assert is_known_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "platform/Nguyễn Văn An 0912345678.xlsx",
        "platform/02.xlsx#Lê Thị Cúc",
        "platform/123456789.csv",
        "platform/nam.csv",
        "file:1",
        "platform/" + "1 " * 60,
    ],
)
def test_other_names_do_not(name: str) -> None:
    assert not is_known_name(name)


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("Trạm Y tế xã Phố Cáo", True),
        ("TYT Phương Độ", True),
        ("Điểm tiêm lưu động Trường THCS phường Đổng Quốc Bình", True),
        ("Bệnh viện Đa khoa tỉnh Hà Giang", True),
        ("Tổng điều tra dân số và nhà ở 2019", True),
        ("02001", True),
        ("0912345678", False),
        ("Phòng khám bác sĩ Trần Thị Bích", False),
        ("Phòng khám Hoàng Mai", False),
        ("Nhà thuốc Minh Khai", False),
        ("", False),
    ],
)
def test_public_facilities_and_sources_stand_and_private_clinics_do_not(text: str, stands: bool) -> None:
    assert is_known_text(text) is stands


def test_numbers_are_positions_in_sorted_order_by_kind() -> None:
    names = ShownNames(
        ["b", "a", "01.csv"], [("platform", "Zz"), ("platform", "Họ và tên")], ["Bs B", "Bs A"]
    )
    assert [names.show("file", n) for n in ("a", "b", "01.csv")] == ["file:1", "file:2", "01.csv"]
    assert names.show("header", "Zz") == "header:1" and is_known_header("platform", "Họ và tên")
    assert names.show("text", "Bs B") == "text:2"
    assert ShownNames.numbered(names.rows()).rows() == names.rows()
    assert (
        ShownNames(texts=["Bs A", "Bs B"], is_listed=lambda t: t == "Bs A").show("text", "Bs B") == "text:1"
    )


def test_a_refusal_keeps_its_kind_and_loses_its_names(tmp_path_factory: pytest.TempPathFactory) -> None:
    raw = tmp_path_factory.mktemp("raw")
    error = IntakeError(
        "platform: platform/Lê An.zip!Lê Cúc.csv: file_empty", ["platform/Lê An.zip!Lê Cúc.csv"]
    )
    shown = hidden_names(error, raw)
    assert type(shown) is IntakeError
    assert str(shown) == "platform: file:1: file_empty; `baophu check` shows the names"
    same = IntakeError("platform: no usable file")
    assert hidden_names(same, raw) is same
