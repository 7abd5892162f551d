"""Which column is which: headers as exports write them, recognised in any dialect."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from analysis.intake.legacy_text import CONVERSIONS

# Headers of the platform's exports (contract 2.1). A field's own name is always among its headers.
PERSON_HEADERS: dict[str, tuple[str, ...]] = {
    "full_name": ("Họ và tên", "Họ tên", "Tên đối tượng", "Full name", "Họ và tên đối tượng"),
    "birth_date": ("Ngày sinh", "Ngày tháng năm sinh", "Năm sinh", "DOB", "Ngày/tháng/năm sinh"),
    "sex": ("Giới tính", "GT", "Phái", "Sex"),
    "phone": ("Số điện thoại", "SĐT", "Điện thoại", "Số ĐT", "ĐT"),
    "id_number": (
        "Số CMND/CCCD/HC",
        "Số CMND/CCCD",
        "CMND/CCCD/HC",
        "CMND/CCCD",
        "CCCD",
        "CMND",
        "Số định danh",
        "Mã định danh",
        "Số ĐDCN",
        "Số CCCD/CMT",
        "Số CCCD",
        "Số CMND",
        "Số CCCD/CMND",
        "CCCD/CMND",
    ),
    "health_insurance_number": ("Số thẻ BHYT", "Mã BHYT", "Mã số BHXH", "Số BHYT", "Thẻ BHYT", "BHYT"),
    "nationality": ("Quốc tịch",),
    "ethnicity": ("Dân tộc",),
    "priority_group": ("Nhóm ưu tiên", "Mã nhóm đối tượng", "Nhóm đối tượng"),
    "workplace": ("Đơn vị công tác", "Nơi công tác"),
    "province": ("Tỉnh/Thành phố", "Tỉnh/TP", "Tỉnh", "Tỉnh thành"),
    "district": ("Quận/Huyện", "Huyện", "Quận/Huyện/Thị xã", "Huyện/Quận"),
    "commune": ("Xã/Phường", "Xã/Phường/Thị trấn", "Xã", "Phường/Xã"),
    # Code columns stand in for the name columns, or beside them.
    "province_typed_code": ("Mã tỉnh", "Mã tỉnh/TP", "Mã tỉnh/thành phố", "province_code"),
    "district_typed_code": ("Mã huyện", "Mã quận/huyện", "district_code"),
    "commune_typed_code": ("Mã xã", "Mã xã/phường", "commune_code"),
    "address": ("Địa chỉ chi tiết", "Địa chỉ"),
    "note": ("Ghi chú",),
}
DOSE_HEADERS: dict[str, tuple[str, ...]] = {
    "dose_record_id": ("Mã mũi tiêm", "ID", "Mã bản ghi"),
    "dose_number": ("Mũi số", "Mũi tiêm", "Mũi tiêm thứ", "Mũi thứ", "Mũi"),
    "vaccine": ("Tên vắc xin", "Loại vắc xin", "Vaccine", "Vắc xin", "Tên vaccine", "Loại vaccine"),
    "lot_number": ("Số lô", "Lô vắc xin", "Số lô vắc xin"),
    "vaccination_date": ("Ngày tiêm", "Thời gian tiêm", "Ngày giờ tiêm"),
    "facility_name": ("Cơ sở tiêm chủng", "Nơi tiêm", "Đơn vị tiêm", "Cơ sở tiêm"),
    "facility_code": ("Mã cơ sở", "Mã cơ sở tiêm chủng", "Mã cơ sở tiêm"),
    "entry_date": ("Ngày nhập", "Ngày cập nhật", "Thời gian nhập"),
    "police_result": ("Kết quả xác thực", "Kết quả đối sánh"),
    "signature_status": ("Trạng thái ký số", "Ký số"),
    "reaction": ("Phản ứng sau tiêm", "Phản ứng"),
}
# Longer cells are data or letterhead, never the name of a column.
MAX_HEADER_CHARACTERS = 120
# Columns an export may carry that say nothing about the dose: a running number.
IGNORED_HEADERS = frozenset({"stt", "tt", "sott", "no", "sothutu"})


# Columns that together give away what kind of file it is, whichever folder it lies in.
KIND_MARKS = {
    "registry": ("citizen_id", "permanent_commune_code", "life_status"),
    "daily_reports": ("report_date", "doses_administered"),
    "population": ("unit_code", "age_group", "population"),
    "decisions": ("decision_id", "decision"),
    "feedback": ("feedback_id", "received_at"),
}


@dataclass(frozen=True)
class Schema:
    """What one kind of file holds: its fields with their headers, and the fields it cannot lack."""

    kind: str
    headers: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]

    def field_of(self, header: str) -> str | None:
        """Return the field a header names, or None."""
        keys = _field_keys(self)
        return keys.get(header_key(header)) or keys.get(header_key(_without_brackets(header)))


_KEYS: dict[str, dict[str, str]] = {}


def _field_keys(schema: Schema) -> dict[str, str]:
    if schema.kind not in _KEYS:
        _KEYS[schema.kind] = {
            header_key(text): field for field, texts in schema.headers.items() for text in (field, *texts)
        }
    return _KEYS[schema.kind]


PLATFORM = Schema("platform", PERSON_HEADERS | DOSE_HEADERS, ("full_name", "vaccination_date"))
ROSTER = Schema("rosters", PERSON_HEADERS, ("full_name",))


@lru_cache(maxsize=20_000)
def header_key(text: str) -> str:
    """Reduce a header to its letters and digits: no case, accents, Unicode form, spacing or marks.

    >>> header_key("  Số CMND/CCCD/HC (*)")
    'socmndcccdhc'
    """
    if len(text) > MAX_HEADER_CHARACTERS:
        return ""
    plain = unicodedata.normalize("NFKD", text.lower().replace("đ", "d").replace("ð", "d"))
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def _without_brackets(text: str) -> str:
    return re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)


@dataclass(frozen=True)
class Header:
    """A header row understood: where it is, the column of each field, and what stays unknown."""

    row: int
    columns: dict[str, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    doubled: tuple[str, ...]
    width: int
    other_kind: str = ""


def read_header(cells: Sequence[str], schema: Schema, row: int) -> Header:
    """Match one row of cells with a schema's fields."""
    columns: dict[str, int] = {}
    unknown: list[str] = []
    doubled: list[str] = []
    for index, cell in enumerate(cells):
        field = schema.field_of(cell or "")
        if field is None:
            if header_key(cell or "") not in IGNORED_HEADERS and (cell or "").strip():
                unknown.append(cell.strip())
        elif field in columns:
            doubled.append(field)
        else:
            columns[field] = index
    missing = tuple(f for f in schema.required if f not in columns)
    other = _other_kind({header_key(cell or "") for cell in cells}, schema) if missing else ""
    return Header(row, columns, tuple(unknown), missing, tuple(doubled), len(cells), other)


def _other_kind(keys: set[str], schema: Schema) -> str:
    """Name the other kind of file whose own columns all stand in a header, or return an empty text."""
    for kind, marks in KIND_MARKS.items():
        if kind != schema.kind and {header_key(mark) for mark in marks} <= keys:
            return kind
    return ""


def find_header(rows: Sequence[Sequence[str]], schema: Schema) -> Header | None:
    """Find the header among the first rows: the first with all required fields, else the best of two or more.

    Rows above it are letterhead. None when no row names at least two fields.
    """
    best: Header | None = None
    for row, cells in enumerate(rows):
        header = read_header(cells, schema, row)
        if len(header.columns) < 2:
            continue
        if not header.missing:
            return header
        if best is None or len(header.columns) > len(best.columns):
            best = header
    return best


def find_legacy_header(rows: Sequence[Sequence[str]], schema: Schema) -> Header | None:
    """Find a header typed in TCVN3 or VNI, or read in a wrong encoding, by converting it."""
    rows = [cells for cells in rows if not all(map(str.isascii, cells))] and rows
    found = [
        header
        for convert in CONVERSIONS.values()
        if (header := find_header([[convert(c) for c in cells] for cells in rows], schema))
    ]
    return max(found, key=lambda header: len(header.columns), default=None)
