"""How each export is written: container, encoding, headers, and the format of dates, places and numbers."""

from dataclasses import dataclass

from analysis.simulate.typing.spelling import without_diacritics

FIELDS = {
    "dose_record_id": "Mã mũi tiêm",
    "full_name": "Họ và tên",
    "birth_date": "Ngày sinh",
    "sex": "Giới tính",
    "phone": "Số điện thoại",
    "id_number": "Số CMND/CCCD/HC",
    "health_insurance_number": "Số thẻ BHYT",
    "nationality": "Quốc tịch",
    "ethnicity": "Dân tộc",
    "priority_group": "Nhóm ưu tiên",
    "workplace": "Đơn vị công tác",
    "province": "Tỉnh/Thành phố",
    "district": "Quận/Huyện",
    "commune": "Xã/Phường",
    "address": "Địa chỉ chi tiết",
    "dose_number": "Mũi số",
    "vaccine": "Tên vắc xin",
    "lot_number": "Số lô",
    "vaccination_date": "Ngày tiêm",
    "facility_name": "Cơ sở tiêm chủng",
    "facility_code": "Mã cơ sở",
    "entry_date": "Ngày nhập",
    "police_result": "Kết quả xác thực",
    "signature_status": "Trạng thái ký số",
    "reaction": "Phản ứng sau tiêm",
    "note": "Ghi chú",
}
_OTHER = {
    "dose_record_id": "Mã bản ghi", "full_name": "Họ tên", "birth_date": "Ngày tháng năm sinh", "sex": "GT",
    "phone": "SĐT", "id_number": "Số CMND/CCCD", "health_insurance_number": "Mã BHYT",
    "priority_group": "Mã nhóm đối tượng", "province": "Tỉnh/TP", "commune": "Xã/Phường/Thị trấn",
    "address": "Địa chỉ", "dose_number": "Mũi tiêm thứ", "vaccine": "Loại vắc xin",
    "lot_number": "Lô vắc xin",
    "vaccination_date": "Thời gian tiêm", "facility_name": "Nơi tiêm", "entry_date": "Thời gian nhập",
    "police_result": "Kết quả đối sánh", "signature_status": "Ký số",
}  # fmt: skip
_CODED = {
    "dose_record_id": "ID", "full_name": "Full name", "birth_date": "DOB", "sex": "Sex",
    "phone": "Điện thoại",
    "id_number": "Mã định danh", "health_insurance_number": "Mã số BHXH", "province": "Mã tỉnh",
    "district": "Mã huyện", "commune": "Mã xã", "vaccine": "Vaccine", "facility_name": "Đơn vị tiêm",
    "entry_date": "Ngày cập nhật", "dose_number": "Mũi tiêm",
}  # fmt: skip
_REQUIRED = {"full_name", "birth_date", "sex", "phone", "province", "district", "commune", "vaccination_date"}


@dataclass(frozen=True)
class Dialect:
    """One way of writing an export.

    `birth`, `given`, `entry` name date formats (dmy, dmy_short, dash, mdy, iso, serial, epoch, dmy_time,
    iso_time); `numbers`: text keeps zeros, `stripped` loses leading ones, `floats` adds ".0" and some powers
    of ten; `letters`: unicode, tcvn3 or vni; `sheets` or members split the rows; `page_rows`: the header is
    repeated after so many rows; `drawn_late`: drawn the morning after, so it holds entries of that day.
    """

    name: str
    container: str = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    quote_all: bool = False
    headers: str = "exported"
    birth: str = "dmy"
    given: str = "dmy"
    entry: str = "dmy"
    sex: str = "words"
    places: str = "full"
    dose: str = "digit"
    numbers: str = "text"
    letters: str = "unicode"
    parts: int = 1
    page_rows: int = 0
    total_row: bool = False
    omitted: tuple[str, ...] = ()
    counted: bool = False
    date_cells: bool = False
    drawn_late: bool = False


_PLAIN = Dialect("plain")
DIALECTS = {
    d.name: d
    for d in (
        _PLAIN,
        Dialect(
            "semicolon", delimiter=";", encoding="utf-8-sig", quote_all=True, headers="other", places="bare",
            dose="mui", counted=True, total_row=True,
        ),
        Dialect(
            "utf16", delimiter="\t", encoding="utf-16", headers="capitals", places="capitals", sex="capitals",
            given="dmy_time", entry="dmy_time",
        ),
        Dialect(
            "coded", container="csv.gz", headers="coded", birth="iso", given="iso", entry="iso_time",
            sex="digits",
            places="codes", omitted=("address", "reaction"),
            drawn_late=True,
        ),
        Dialect(
            "cp1258", delimiter=";", encoding="cp1258", headers="starred", birth="dmy_short", places="short",
            dose="words", page_rows=4000,
        ),
        Dialect(
            "epoch", headers="coded", birth="epoch", given="epoch", entry="epoch", sex="letters",
            places="stripped_codes", omitted=("ethnicity", "note"),
        ),
        Dialect("zipped", container="zip", encoding="utf-8-sig", headers="exported", dose="mui", parts=2),
        Dialect("sheets", container="xlsx", headers="starred", places="bare", dose="mui", parts=2,
        counted=True,
                total_row=True),
        Dialect("numbers", container="xlsx", headers="exported", numbers="stripped", date_cells=True,
                omitted=("police_result", "signature_status")),
        Dialect("parquet", container="parquet", headers="exported", birth="iso", given="iso", entry="iso"),
        Dialect("tcvn3", delimiter=";", headers="plain", birth="dash", given="dash", entry="dash",
        letters="tcvn3",
                omitted=("dose_record_id", "police_result", "signature_status", "facility_code")),
        Dialect("vni", delimiter="\t", headers="plain", letters="vni", dose="mui",
        omitted=("signature_status",)),
        Dialect("serial", delimiter=";", headers="other", birth="serial", given="serial", entry="serial",
                numbers="stripped", page_rows=1500),
        Dialect("american", headers="capitals", birth="mdy", given="mdy", entry="mdy", sex="letters",
        places="short",
                omitted=("entry_date",)),
        Dialect("floats", headers="other", numbers="floats", birth="dmy_short", places="bare"),
    )
}  # fmt: skip
# Provinces with few people get the formats in which the most is lost; the others take turns.
_RARE = {
    "06": "tcvn3", "93": "vni", "12": "numbers", "62": "serial", "58": "american", "04": "sheets",
    "67": "parquet",
    "20": "parquet", "95": "floats",
}  # fmt: skip
_IN_TURN = ("plain", "semicolon", "coded", "zipped", "utf16", "plain", "cp1258", "epoch")
# windows-1258 has no letter for some names of the Central Highlands.
_NO_CP1258 = ("62", "64", "66", "67", "68", "70")


def dialect_of_province(code: str, place: int) -> Dialect:
    """Return how a province writes its export when the whole country is simulated."""
    name = _RARE.get(code, _IN_TURN[place % len(_IN_TURN)])
    return DIALECTS["plain" if name == "cp1258" and code in _NO_CP1258 else name]


def dialects_of_districts(code: str, districts: int) -> list[Dialect]:
    """Return how the district groups of a province simulated alone write theirs."""
    names = (
        "plain",
        "semicolon",
        "coded",
        "sheets",
        "utf16",
        "zipped",
        "cp1258",
        "parquet",
        "plain",
        "epoch",
    )
    chosen = [names[i % len(names)] for i in range(districts)]
    return [DIALECTS["plain" if n == "cp1258" and code in _NO_CP1258 else n] for n in chosen]


STATION_DIALECTS = ("tcvn3", "vni", "serial", "american", "numbers", "floats")


def header_row(dialect: Dialect) -> dict[str, str]:
    """Return the headers of an export by field, in the order of its columns."""
    names = {f: h for f, h in FIELDS.items() if f not in dialect.omitted}
    if dialect.headers == "other":
        names = {f: _OTHER.get(f, h) for f, h in names.items()}
    elif dialect.headers == "coded":
        names = {f: _CODED.get(f, h) for f, h in names.items()}
    elif dialect.headers == "starred":
        names = {f: f"{h} (*)" if f in _REQUIRED else h for f, h in names.items()}
    elif dialect.headers == "capitals":
        names = {f: h.upper().replace(" ", "  ", 1) for f, h in names.items()}
    elif dialect.headers == "plain":
        names = {f: without_diacritics(h) for f, h in names.items()}
    return {"row_count": "STT"} | names if dialect.counted else names
