"""Every reason code: what happened to a row or a file, in both languages, and the rule behind it.

A row's reasons travel as bits of one whole number (`bit_of`) and become a list at the end; a file has
one reason. Classes: `rejected` (the row counts nowhere), `corrected` (a field was changed and the typed
text is kept), `flagged` (a person may look), `quarantine` (the whole file is set aside),
`noted` (something about a file that costs no row).
"""

from dataclasses import dataclass

from analysis.steps import Plan, Step


@dataclass(frozen=True)
class Reason:
    """One reason code with its class, its meaning, and its source: a rule's id in docs/sources.md, or a document."""

    code: str
    kind: str
    vietnamese: str
    english: str
    source: str


def _reasons(kind: str, *rows: tuple[str, str, str, str]) -> list[Reason]:
    return [Reason(code, kind, vi, en, source) for code, vi, en, source in rows]


_ROW_REASONS = [
    *_reasons(
        "rejected",
        ("test_row", "Dòng nhập thử", "A test entry", "count-1"),
        ("repeated_header_row", "Dòng tiêu đề lặp lại trong dữ liệu", "The header again", "count-1"),
        ("total_row", "Dòng tổng, tiêu đề mục, chữ ký", "A total, a heading or a signature", "count-1"),
        ("row_ragged", "Số ô của dòng khác số cột", "The row has not as many cells as columns", "fault-12"),
        ("control_characters", "Dòng chứa ký tự điều khiển", "The row holds control characters", "fault-12"),
        (
            "dose_not_given",
            "Ghi là chưa tiêm, hoãn hay từ chối",
            "It says that the dose was not given",
            "in-22",
        ),
        ("deleted_by_decision", "Đã được quyết định xóa", "Deleted by a person's decision", "in-9"),
    ),
    *_reasons(
        "corrected",
        ("corrected_by_decision", "Đã sửa theo quyết định", "Corrected by a decision", "in-9"),
        ("text_damaged", "Chữ hỏng do sai bảng mã", "Text damaged by a wrong encoding", "fault-9"),
        ("name_typing_residue", "Họ tên còn dấu gõ Telex/VNI", "Telex or VNI keys left", "name-4"),
        ("name_order_swapped", "Họ đứng sau tên", "The surname stood last", "name-4"),
        ("name_characters_removed", "Đã bỏ ký tự lạ trong họ tên", "Foreign characters removed", "fault-25"),
        ("id_zeros_restored", "Đã thêm lại số 0 đầu số CCCD/CMND", "Leading zeros restored", "fault-19"),
        ("id_one_of_several", "Ô ghi nhiều số, đã lấy một", "One of several numbers taken", "id-5"),
        ("id_letters_replaced", "Đã đổi chữ O, l thành số 0, 1", "O and l read as 0 and 1", "id-5"),
        ("phone_prefix_updated", "Đã đổi đầu số điện thoại cũ", "Phone prefix of before 2018", "id-7"),
        ("place_respelt", "Tên đơn vị viết sai, đã hiểu", "A misspelt unit name understood", "place-2"),
        ("date_order_differs", "Ngày/tháng ghi ngược với cả tệp", "Order unlike the file's", "fault-18"),
        (
            "sex_codes_exchanged",
            "Tệp ghi 0 là Nam, 1 là Nữ, đã hiểu",
            "The file's 0 is Nam, 1 is Nữ",
            "in-15",
        ),
        (
            "sex_by_blank",
            "Cột chỉ ghi một giới, ô trống là giới kia",
            "A blank cell says the other sex",
            "in-17",
        ),
        ("date_shifted", "Cả cột lệch 1.462 ngày, đã sửa", "A column 1,462 days off", "date-6"),
        (
            "date_restored",
            "Ngày thiếu năm, năm thành ngày, chữ thay số: đã hiểu",
            "A year lost or made a day, letters for figures: read",
            "date-11",
        ),
        ("cell_as_above", "Ô ghi “như trên”, đã lấy ô phía trên", "“As above”: the cell above", "in-18"),
    ),
    *_reasons(
        "flagged",
        ("name_missing", "Thiếu họ tên", "No name", "9438/BYT-CNTT"),
        ("name_incomplete", "Họ tên không đầy đủ", "The name is one word only", "9458/BYT-CNTT"),
        ("name_without_accents", "Họ tên viết không dấu", "Name without diacritics", "9458/BYT-CNTT"),
        ("name_abbreviated", "Họ tên viết tắt", "The name is abbreviated", "9458/BYT-CNTT"),
        ("name_too_long", "Họ tên quá dài", "The name has over 100 characters", "fault-26"),
        ("id_missing", "Không có số CMND/CCCD", "No identity number", "2262/BYT-CNTT"),
        ("id_malformed", "Sai định dạng số CMND/CCCD", "Malformed identity number", "2262/BYT-CNTT"),
        ("id_placeholder", "Số CMND/CCCD điền cho có", "The number is a filler", "fault-21"),
        ("id_shared", "Nhiều người chung một số", "Several people share the number", "fault-21"),
        ("id_disagrees", "Số CCCD trái năm sinh, giới tính", "Number against birth or sex", "fault-20"),
        (
            "id_province_unknown",
            "Mã nơi khai sinh, nơi cấp không có",
            "Unknown code of its place",
            "fault-20",
        ),
        ("sex_missing", "Thiếu giới tính", "No sex", "9438/BYT-CNTT"),
        ("sex_unreadable", "Giới tính không đọc được", "Sex cannot be read", "in-6"),
        ("birth_date_missing", "Thiếu ngày sinh", "No birth date", "9438/BYT-CNTT"),
        ("birth_date_unreadable", "Ngày sinh không đọc được", "Birth date cannot be read", "in-6"),
        ("birth_date_ambiguous", "Ngày sinh hiểu được hai cách", "Two readings of it", "fault-18"),
        (
            "birth_date_first_january",
            "Sinh 01/01: thường chỉ biết năm",
            "Often only the year is known",
            "date-2",
        ),
        (
            "birth_date_impossible",
            "Ngày sinh không thể có",
            "In the future, age over 120 or under 5",
            "fault-22",
        ),
        ("vaccination_date_missing", "Thiếu ngày tiêm", "No vaccination date", "in-5"),
        ("vaccination_date_unreadable", "Ngày tiêm không đọc được", "Date cannot be read", "in-6"),
        ("vaccination_date_ambiguous", "Ngày tiêm hiểu được hai cách", "Two readings of it", "fault-18"),
        ("vaccination_before_campaign", "Ngày tiêm trước 8/3/2021", "Before the campaign", "in-2"),
        (
            "vaccination_before_approval",
            "Tiêm trước khi vắc xin được cấp phép",
            "Before approval",
            "vaccine-1",
        ),
        ("vaccination_before_birth", "Ngày tiêm trước ngày sinh", "Before birth", "in-2"),
        ("vaccination_after_entry", "Ngày tiêm sau ngày nhập", "After its entry", "in-2"),
        ("vaccination_in_future", "Ngày tiêm ở tương lai", "Over 7 days after as_of", "in-2"),
        ("after_as_of", "Sau ngày chốt số liệu", "After the cut-off day", "in-3"),
        ("entry_date_unreadable", "Ngày nhập không đọc được", "Entry date cannot be read", "in-6"),
        ("place_missing", "Thiếu nơi ở", "No place of residence", "in-6"),
        ("place_unresolved", "Nơi ở không xác định được", "Residence not found", "fault-27"),
        ("place_partly_resolved", "Chỉ rõ nơi ở đến tỉnh/huyện", "Not down to the commune", "place-2"),
        ("vaccine_missing", "Thiếu tên vắc xin", "No vaccine", "in-6"),
        ("vaccine_unknown", "Tên vắc xin không nhận ra", "Vaccine not recognised", "vaccine-1"),
        ("dose_number_missing", "Thiếu mũi số", "No dose number", "in-6"),
        ("dose_number_unreadable", "Mũi số không đọc được", "Dose number cannot be read", "in-6"),
        ("foreigner", "Người nước ngoài", "Not a Vietnamese citizen", "8938/BYT-DP"),
        ("nationality_unknown", "Quốc tịch không rõ", "No country is told", "link-14"),
        (
            "trailing_cells_missing",
            "Thiếu các ô trống ở cuối dòng",
            "Its last, empty cells were left out",
            "fault-29",
        ),
    ),
]
# Of rows of reports alone: no row of a person has them.
_REPORT_REASONS = _reasons(
    "rejected",
    ("row_repeated", "Dòng lặp lại trong báo cáo", "The report has a later row for it", "in-7"),
    ("rows_contradict", "Hai dòng nói trái nhau", "Two rows of a file say two things", "in-8"),
    ("unit_incomplete", "Đơn vị có ngày không đọc được", "A day of the unit cannot be read", "in-8"),
)
_FILE_REASONS = _reasons(
    "noted",
    ("sheet_ignored", "Trang tính ẩn hoặc không có bảng", "A sheet hidden or without a table", "fault-17"),
    ("unknown_columns", "Cột không nhận ra, để riêng", "Columns not known, kept aside", "fault-13"),
    (
        "letters_normalised",
        "Họ tên gõ bằng chữ khác dạng chuẩn",
        "Names in other letters or forms",
        "fault-10",
    ),
    ("read_as", "Cách đọc tệp (bảng mã, kiểu)", "How the file was read", "fault-7"),
    ("outside_provinces", "Ngoài các tỉnh được chọn", "Outside the provinces asked for", "in-10"),
    ("running_total", "Số của ngày gần bằng số cộng dồn", "A running total sent as a day", "in-11"),
    (
        "day_far_outside",
        "Số của ngày khác hẳn các ngày quanh nó",
        "A day far outside its neighbours",
        "in-12",
    ),
    ("parts_above_whole", "Các phần lớn hơn tổng", "Parts above their whole", "in-13"),
    (
        "districts_above_province",
        "Các huyện cộng lại lớn hơn số của tỉnh",
        "Districts above their province",
        "in-13",
    ),
    ("given_above_received", "Đã tiêm nhiều hơn đã nhận", "More given than received", "in-13"),
) + _reasons(
    "quarantine",
    ("file_empty", "Tệp rỗng hoặc chỉ có tiêu đề", "Empty, or a header only", "fault-1"),
    ("file_truncated", "Tệp bị cắt cụt", "The file is cut short", "fault-2"),
    ("file_unreadable", "Tệp hỏng, không mở được", "The file cannot be opened", "fault-3"),
    ("archive_bomb", "Tệp nén phình quá lớn", "The archive unpacks too large", "fault-4"),
    ("archive_unsafe", "Tệp nén có đường dẫn không an toàn", "An unsafe member path", "fault-5"),
    ("still_being_written", "Tệp đang được ghi", "The file changed while it was read", "fault-6"),
    ("encoding_undecided", "Không xác định được bảng mã", "Encoding not decided", "fault-8"),
    ("header_not_found", "Không tìm thấy dòng tiêu đề", "No header row", "fault-11"),
    ("too_many_bad_rows", "Quá 1 % số dòng không đọc được", "Over 1 % of rows cannot be read", "fault-12"),
    ("column_missing", "Thiếu cột bắt buộc", "A required column is missing", "fault-13"),
    ("column_doubled", "Cột bị lặp", "A column stands twice", "fault-13"),
    ("file_repeated", "Tệp trùng hệt tệp khác", "The same as another file", "fault-14"),
    ("wrong_kind", "Tệp thuộc loại dữ liệu khác", "A file of another kind", "fault-14"),
    ("line_too_long", "Dòng dài quá mức", "A line is too long", "fault-16"),
    ("too_many_columns", "Quá nhiều cột", "Too many columns", "fault-33"),
    (
        "file_too_demanding",
        "Tệp đòi quá nhiều bộ nhớ hoặc thời gian",
        "Asks too much of the machine",
        "fault-33",
    ),
    ("file_name_unreadable", "Tên tệp không phải UTF-8", "The file's name is no UTF-8", "fault-34"),
    ("macro_workbook", "Tệp Excel có macro", "A macro workbook", "fault-17"),
    ("html_renamed", "Trang web đổi đuôi thành bảng tính", "A web page renamed", "fault-32"),
    ("format_unknown", "Định dạng không đọc được", "Not a readable format", "fault-32"),
    ("value_unreadable", "Giá trị không đọc được", "A value cannot be read", "in-8"),
    ("dates_unreadable", "Không ngày tiêm nào đọc được", "No vaccination date can be read", "in-14"),
    ("password_protected", "Tệp đặt mật khẩu", "The file has a password", "fault-32"),
    ("rows_split", "Dòng chia nhỏ hơn ngày và đơn vị", "Rows finer than a day and unit", "fault-32"),
    ("doses_side_by_side", "Nhiều mũi trên một dòng", "Several doses in one row", "fault-32"),
)
REASONS: dict[str, Reason] = {r.code: r for r in [*_ROW_REASONS, *_REPORT_REASONS, *_FILE_REASONS]}
ROW_CODES: tuple[str, ...] = tuple(r.code for r in _ROW_REASONS)
REJECTING_CODES: tuple[str, ...] = tuple(r.code for r in _ROW_REASONS if r.kind == "rejected")
_BITS = {code: 1 << position for position, code in enumerate(ROW_CODES)}


def bit_of(*codes: str) -> int:
    """Return the bits of row reason codes as one number."""
    total = 0
    for code in codes:
        total |= _BITS[code]
    return total


def codes_of(bits: int) -> list[str]:
    """Return the reason codes of a number, in the order of this module."""
    return [code for code, bit in _BITS.items() if bits & bit]


def bits_sql(codes: str) -> str:
    """Return SQL for the bits of a list of codes; dear: for distinct lists."""
    tests = (
        f"(CASE WHEN list_contains({codes}, '{code}') THEN {bit} ELSE 0 END)" for code, bit in _BITS.items()
    )
    return f"CAST({' | '.join(tests)} AS BIGINT)"


def judged_bits(found: str) -> str:
    """Return SQL for a row's reason bits: a rejected row has only the reasons that reject it.

    `found` is SQL for the bits of its cells; a row with a `row_fault` was not read at all.
    """
    whens = " ".join(f"WHEN '{code}' THEN {bit_of(code)}" for code in REJECTING_CODES)
    rejecting = bit_of(*REJECTING_CODES)
    return (
        f"CASE WHEN row_fault IS NOT NULL THEN CASE row_fault {whens} END "
        f"WHEN ({found}) & {rejecting} <> 0 THEN ({found}) & {rejecting} ELSE {found} END"
    )


# Lists of codes are looked up for twelve bits at a time: 4,096 combinations are quickly joined.
_GROUP_BITS = 12
_GROUPS = -(-len(ROW_CODES) // _GROUP_BITS)


def reason_steps() -> Plan:
    """Return the steps of the tables `reasons_0`, …: twelve reason bits as a number, and their list of codes."""
    steps = []
    for group in range(_GROUPS):
        codes = ROW_CODES[group * _GROUP_BITS : (group + 1) * _GROUP_BITS]
        words = ", ".join(f"'{code}'" for code in codes)
        query = (
            f"SELECT CAST(b AS INTEGER) AS bits, "
            f"list_filter([{words}], lambda x, i: b & (1::BIGINT << (i - 1)) <> 0) AS codes "
            f"FROM range({1 << _GROUP_BITS}) AS t(b)"
        )
        steps.append(Step(f"reasons_{group}", "one number of twelve reason bits, and its codes", "", query))
    return tuple(steps)


def reason_reads() -> str:
    """Return the names of the tables that a query with `reason_joins_sql` reads."""
    return " ".join(f"reasons_{group}" for group in range(_GROUPS))


def reason_joins_sql() -> str:
    """Return SQL joining a row's number `bits` to its lists of codes."""
    return " ".join(
        f"JOIN reasons_{g} ON reasons_{g}.bits = "
        f"CAST((judged.bits >> {g * _GROUP_BITS}) & {(1 << _GROUP_BITS) - 1} AS INTEGER)"
        for g in range(_GROUPS)
    )


def reason_codes_sql() -> str:
    """Return SQL for the whole list of reason codes, in the order of this module."""
    return f"list_concat({', '.join(f'reasons_{g}.codes' for g in range(_GROUPS))})"


assert len(ROW_CODES) < 64, "reason bits travel in one BIGINT, whose last bit is its sign"
