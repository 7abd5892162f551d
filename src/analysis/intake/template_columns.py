"""What the workbooks handed to provinces hold: per folder of the intake its columns, with an invented example.

The texts are Vietnamese: the people who fill them in are not those who run the programme.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from analysis.reference import read_units
from analysis.reference.product_facts import PRODUCTS


class Column(NamedTuple):
    """One column of a template: its field and header, an invented example, what belongs there, allowed values."""

    field: str
    header: str
    example: str
    note: str = ""
    values: tuple[str, ...] = ()
    is_required: bool = False


class Template(NamedTuple):
    """A folder's template: what one row is, and its columns."""

    row: str
    columns: tuple[Column, ...]


_DAY = "Ghi ngày/tháng/năm, ví dụ 15/08/2021."
_UNIT = "Ghi tên hoặc mã đơn vị hành chính của Tổng cục Thống kê."
_COUNT = "Số của riêng ngày báo cáo, không phải lũy kế; ghi 0 khi không có."
_AGES = ("all", "5-11", "12-17", "18+", "50+", "65+")
_DECISIONS = (
    *("same_person", "different_person", "not_in_registry", "correct_value"),
    *("delete_dose", "add_dose", "do_not_invite", "withdrawn"),
)
_REQUIRED = True


@cache
def _provinces() -> tuple[str, ...]:
    units = read_units()
    return tuple(dict.fromkeys(units.sort_values("province_code")["province_name"]))


def _places(district: str, commune: str = "") -> tuple[Column, ...]:
    """Return the columns of a unit by code; `commune` empty: down to the district."""
    places = (
        Column("province_code", "Tỉnh/Thành phố", "Tỉnh Hà Giang", _UNIT, _provinces(), _REQUIRED),
        Column("district_code", "Quận/Huyện", district, f"{_UNIT} Để trống khi là số của cả tỉnh."),
        Column("commune_code", "Xã/Phường", commune, _UNIT),
    )
    return places if commune else places[:2]


def _person() -> tuple[Column, ...]:
    return (
        Column(
            "full_name", "Họ và tên", "Nguyễn Thị Ví Dụ", "Đủ họ, tên đệm và tên, có dấu.", is_required=True
        ),
        Column("birth_date", "Ngày sinh", "25/03/1985", f"{_DAY} Chỉ biết năm thì ghi năm."),
        Column("sex", "Giới tính", "Nữ", "Nam hoặc Nữ.", ("Nam", "Nữ")),
        Column("phone", "Số điện thoại", "0900000000", "Số của chính người được tiêm."),
        Column(
            "id_number",
            "Số CMND/CCCD/HC",
            "002185000000",
            "Giữ đủ các số 0 ở đầu: 12 số, 9 số hoặc hộ chiếu.",
        ),
        Column("health_insurance_number", "Số thẻ BHYT", "", "15 ký tự, hoặc mã số BHXH 10 số."),
        Column("nationality", "Quốc tịch", "Việt Nam", "Để trống nghĩa là Việt Nam."),
        Column("ethnicity", "Dân tộc", "Tày"),
        Column("priority_group", "Nhóm ưu tiên", "1"),
        Column("workplace", "Đơn vị công tác", ""),
        Column("province", "Tỉnh/Thành phố", "Tỉnh Hà Giang", f"Nơi ở hiện nay. {_UNIT}", _provinces()),
        Column("district", "Quận/Huyện", "Huyện Đồng Văn", f"Nơi ở hiện nay. {_UNIT}"),
        Column("commune", "Xã/Phường", "Xã Phố Cáo", f"Nơi ở hiện nay. {_UNIT}"),
        Column("address", "Địa chỉ chi tiết", "Thôn Ví Dụ", "Số nhà, đường, tổ, thôn."),
    )


def _dose() -> tuple[Column, ...]:
    return (
        Column("dose_record_id", "Mã mũi tiêm", "", "Mã trên hệ thống, nếu có."),
        *_person(),
        Column(
            "dose_number",
            "Mũi số",
            "1",
            "1, 2, 3, bổ sung hoặc nhắc lại.",
            ("1", "2", "3", "bổ sung", "nhắc lại"),
        ),
        Column("vaccine", "Tên vắc xin", PRODUCTS[0], "Tên trên hộp vắc xin.", PRODUCTS),
        Column("lot_number", "Số lô", "VIDU01"),
        Column("vaccination_date", "Ngày tiêm", "15/08/2021", _DAY, is_required=True),
        Column("facility_name", "Cơ sở tiêm chủng", "Trạm Y tế xã Phố Cáo"),
        Column("facility_code", "Mã cơ sở", "02001"),
        Column("entry_date", "Ngày nhập", "16/08/2021", f"Ngày mũi tiêm lên hệ thống. {_DAY}"),
        Column("note", "Ghi chú", ""),
    )


def _counts() -> tuple[Column, ...]:
    headers = {
        "doses_allocated": ("Số liều được phân bổ", "1000"),
        "doses_received": ("Số liều đã tiếp nhận", "1000"),
        "doses_administered": ("Số mũi tiêm trong ngày", "350"),
        "dose_1": ("Mũi 1", "300"),
        "dose_2": ("Mũi 2", "45"),
        "dose_3_plus": ("Mũi 3 trở lên", "5"),
        "doses_discarded": ("Số liều hủy", "0"),
    }
    return tuple(
        Column(field, header, example, _COUNT, (), _REQUIRED) for field, (header, example) in headers.items()
    )


def _daily_reports() -> tuple[Column, ...]:
    return (
        Column("report_date", "Ngày báo cáo", "01/10/2021", _DAY, is_required=True),
        *_places("Huyện Đồng Văn"),
        *_counts(),
        Column(
            "reporting_body",
            "Lực lượng báo cáo",
            "province",
            "Để trống nghĩa là ngành y tế tỉnh.",
            ("province", "army", "police", "other"),
        ),
    )


def _population() -> tuple[Column, ...]:
    return (
        Column("unit_code", "Đơn vị hành chính", "02", f"{_UNIT} VN là cả nước.", is_required=True),
        Column("age_group", "Nhóm tuổi", "18+", "all là mọi lứa tuổi.", _AGES, _REQUIRED),
        Column("population", "Dân số", "500000", "Số người, không có phần thập phân.", is_required=True),
        Column("source", "Nguồn số liệu", "Ví dụ", "Cơ quan hoặc văn bản công bố.", is_required=True),
        Column("reference_date", "Ngày số liệu", "01/07/2021", _DAY, is_required=True),
    )


def _facilities() -> tuple[Column, ...]:
    return (
        Column("facility_code", "Mã cơ sở tiêm chủng", "02001", is_required=True),
        Column("facility_name", "Tên cơ sở tiêm chủng", "Trạm Y tế xã Phố Cáo", is_required=True),
        *_places("Huyện Đồng Văn", "Xã Phố Cáo"),
    )


def _feedback() -> tuple[Column, ...]:
    return (
        Column(
            "feedback_id",
            "Mã phản ánh",
            "PA-VIDU-1",
            "Không ghi tên hay số giấy tờ.",
            is_required=True,
        ),
        Column("received_at", "Ngày tiếp nhận", "01/10/2021 09:30", "Ngày và giờ.", is_required=True),
        *_places("Huyện Đồng Văn", "Xã Phố Cáo"),
        Column("facility_code", "Mã cơ sở tiêm chủng", "02001"),
        Column("kind", "Loại phản ánh", "thiếu mũi tiêm"),
        Column(
            "status",
            "Trạng thái xử lý",
            "approved",
            "Ghi một trong các giá trị ở danh mục.",
            ("open", "approved", "needs_information", "refused"),
            _REQUIRED,
        ),
        Column("refusal_ground", "Lý do từ chối", ""),
        Column("closed_at", "Ngày hoàn thành", "02/10/2021 15:00", "Ngày và giờ; để trống khi chưa xong."),
    )


def _decisions() -> tuple[Column, ...]:
    return (
        Column("decision_id", "Mã quyết định", "QD-VIDU-1", "Mỗi quyết định một mã.", is_required=True),
        Column("dose_record_id", "Mã mũi tiêm", "M-VIDU-1", "Mũi tiêm mà quyết định nói đến."),
        Column("named_file", "Tên tệp", "", "Khi không có mã mũi tiêm: tệp có dòng đó."),
        Column("named_row", "Dòng số", "", "Dòng thứ mấy dưới tiêu đề của tệp."),
        Column(
            "as_of",
            "Ngày chốt số liệu",
            "2021-11-07",
            "Của lần chạy có dòng đó, dạng năm-tháng-ngày.",
        ),
        Column(
            "decision",
            "Quyết định",
            "same_person",
            "Một trong các giá trị ở danh mục.",
            _DECISIONS,
            _REQUIRED,
        ),
        Column("citizen_id", "Số định danh công dân", "002185000000", "12 số."),
        Column("field", "Trường cần sửa", "", "Khi quyết định là correct_value."),
        Column("value", "Giá trị đúng", "", "Khi quyết định là correct_value hoặc add_dose."),
        Column("ground", "Căn cứ", "Đối chiếu giấy tờ gốc"),
        Column("decided_by", "Người quyết định", "Trạm Y tế xã Phố Cáo", "Chức danh hoặc đơn vị."),
        Column("decided_on", "Ngày quyết định", "2021-11-05", "Dạng năm-tháng-ngày.", is_required=True),
    )


@cache
def templates() -> Mapping[str, Template]:
    """Return the templates by folder."""
    return {
        "platform": Template("một mũi tiêm của một người", _dose()),
        "rosters": Template("một người đăng ký tiêm", (*_person(), Column("note", "Ghi chú", ""))),
        "daily_reports": Template("một ngày của một đơn vị", _daily_reports()),
        "population": Template("dân số một nhóm tuổi của một đơn vị", _population()),
        "facilities": Template("một cơ sở tiêm chủng", _facilities()),
        "feedback": Template("một phản ánh của người dân", _feedback()),
        "decisions": Template("một quyết định về một mũi tiêm hoặc một người", _decisions()),
    }
