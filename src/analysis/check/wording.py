"""The sentences of a look at an intake, in Vietnamese and English; none holds a cell's value."""

from typing import Any

from analysis.check.columns import vietnamese_name
from analysis.check.findings import Problem
from analysis.clean.quality.reason_codes import REASONS
from analysis.intake.naming import ShownNames
from analysis.reference import read_provinces

# code: (Vietnamese, English)
SENTENCES: dict[str, tuple[str, str]] = {
    "header_near": (
        "cột “{header}” không nhận ra, để riêng; gần nhất: “{nearest}”",
        "column “{header}” is not known and kept aside; nearest: “{nearest}”",
    ),
    "header_unknown": (
        "cột “{header}” không nhận ra, để riêng",
        "column “{header}” is not known and kept aside",
    ),
    "column_missing": ("thiếu cột bắt buộc {field}", "the required column {field} is missing"),
    "column_doubled": ("cột {field} có hai lần", "column {field} stands twice"),
    "doses_side_by_side": (
        (
            "nhiều mũi trên một dòng: mỗi mũi phải có một dòng; hãy chép danh sách thêm một lần cho mỗi mũi và ở mỗi bản chỉ giữ "
            "các cột của mũi đó, đặt tên “Mũi số”, “Ngày tiêm”, “Tên vắc xin”"
        ),
        (
            "several doses in one row: every dose needs a row; copy the list once for each dose and keep in each copy that "
            "dose's columns alone, headed “Mũi số”, “Ngày tiêm”, “Tên vắc xin”"
        ),
    ),
    "rows_split": (
        (
            "một ngày của một đơn vị có nhiều dòng (theo vắc xin, buổi, điểm tiêm, lực lượng …): hãy cộng lại thành một dòng; "
            "quân đội, công an ghi ở cột “Lực lượng báo cáo”"
        ),
        (
            "one day of one unit has several rows (by vaccine, session, site, body …): sum them to one; army and police "
            "belong into a column “Lực lượng báo cáo”"
        ),
    ),
    "header_not_found": (
        "không thấy dòng tiêu đề trong 40 dòng đầu; nếu mọi cột dồn vào một ô, hãy tách cột rồi lưu lại",
        "no header among the first 40 rows; where all columns stand in one cell, split them and save again",
    ),
    "dates_unreadable": (
        "không ngày tiêm nào đọc được: hãy ghi ngày/tháng/năm, ví dụ 15/08/2021",
        "no vaccination date can be read: write day/month/year, as 15/08/2021",
    ),
    "file_repeated": ("trùng hệt tệp {file}, chỉ tính một lần", "the same as {file}: it counts once"),
    "field_absent": (
        "không có cột {field}: {rows} trên {rows} dòng thiếu",
        "no column {field}: {rows} of {rows} rows without it",
    ),
    "commune_from_address": (
        "nơi ở chỉ lấy được từ cuối ô địa chỉ (“…, xã X, huyện Y”); xã của trạm, của tên trang không phải nơi ở: hãy thêm cột Xã/Phường",
        "residence is read from the end of addresses alone; a station's or a sheet's commune is none: add a column Xã/Phường",
    ),
    "cells_empty": ("{rows} trên {of} dòng thiếu {field}", "{rows} of {of} rows without {field}"),
    "cells_unread": (
        "{rows} trên {of} ô {field} không đọc được{different}",
        "{rows} of {of} cells of {field} cannot be read{different}",
    ),
    "units_unknown": (
        "{rows} trên {of} ô {field} không khớp đơn vị nào{different}",
        "{rows} of {of} cells of {field} lead to no unit{different}",
    ),
    "rows_estimated": ("số dòng là ước tính", "the number of rows is estimated"),
    "value_unreadable_file": (
        "cả tệp bị để riêng vì ô {field} của dòng này không đọc được",
        "the whole file is set aside: {field} of this row cannot be read",
    ),
    "order_dmy": (
        "{field}: ngày/tháng/năm ({day_first} dòng chứng tỏ, {month_first} dòng ngược lại)",
        "{field}: day/month/year ({day_first} rows prove it, {month_first} speak against)",
    ),
    "order_mdy": (
        "{field}: tháng/ngày/năm, kiểu Mỹ ({month_first} dòng chứng tỏ, {day_first} dòng ngược lại)",
        "{field}: month/day/year, as in America ({month_first} rows prove it, {day_first} speak against)",
    ),
    "order_mixed": (
        "{field}: lẫn hai kiểu ngày ({day_first} dòng ngày trước, {month_first} dòng tháng trước)",
        "{field}: two orders mixed ({day_first} rows day first, {month_first} month first)",
    ),
    "order_open": (
        "{field}: không rõ ngày hay tháng đứng trước, hiểu là ngày trước",
        "{field}: nothing tells day from month; read as day first",
    ),
    "days_from_1900": ("{field}: {rows} ô là số ngày của Excel", "{field}: {rows} cells are serial days"),
    "days_from_1904": (
        "{field}: số ngày đếm từ năm 1904 ({rows} dòng chứng tỏ)",
        "{field}: days counted from 1904 ({rows} rows prove it)",
    ),
    "days_exchanged": (
        "{field}: bảng tính đã đảo ngày và tháng của một phần cột ({rows} ô), đọc lại cho đúng",
        "{field}: a spreadsheet exchanged day and month in part of the column ({rows} cells), read as meant",
    ),
    "days_exchanged_open": (
        "{field}: có thể bảng tính đã đảo ngày và tháng ({rows} ô), giữ như ghi",
        "{field}: a spreadsheet may have exchanged day and month ({rows} cells), read as they stand",
    ),
    "days_shifted": (
        "{field}: cả cột lệch đúng 1.462 ngày do gốc đếm ngày 1904/1900 ({rows} ô), đọc lại cho đúng",
        "{field}: the whole column is 1,462 days off, the bases of 1904 and 1900 ({rows} cells), read as meant",
    ),
    "days_shifted_open": (
        "{field}: ngày tiêm lệch 1.462 ngày, cột này có thể cũng lệch ({rows} ô), giữ như ghi",
        "{field}: vaccination days are 1,462 days off and these may be ({rows} cells), read as they stand",
    ),
    "sex_codes_exchanged": (
        "{field}: tệp ghi 0 là Nam, 1 là Nữ (theo số CCCD và chữ đệm Văn, Thị)",
        "{field}: the file's 0 is Nam and its 1 Nữ (by citizens' numbers and the names Văn and Thị)",
    ),
    "sex_codes_open": (
        "{field}: số 0 và 1 chỉ cả nam lẫn nữ, để trống; hãy ghi Nam, Nữ",
        "{field}: 0 and 1 stand for men and women alike, left empty; write Nam, Nữ",
    ),
    "sex_zero_says_nothing": (
        "{field}: có cả 0, 1 và 2; số 0 được hiểu là chưa ghi",
        "{field}: 0, 1 and 2 side by side; 0 is read as nothing filled in",
    ),
    "sex_blanks_male": (
        "{field}: tệp chỉ có cột nữ; ô trống là Nam (theo số CCCD và chữ đệm Văn, Thị)",
        "{field}: the file has a column of women alone; a blank cell is Nam (by citizens' numbers and the names Văn and Thị)",
    ),
    "sex_blanks_female": (
        "{field}: tệp chỉ có cột nam; ô trống là Nữ (theo số CCCD và chữ đệm Văn, Thị)",
        "{field}: the file has a column of men alone; a blank cell is Nữ (by citizens' numbers and the names Văn and Thị)",
    ),
    "sex_blanks_open": (
        "{field}: tệp chỉ có cột của một giới, không rõ ô trống là giới kia hay chưa ghi; hãy ghi Nam, Nữ",
        "{field}: the file has a column of one sex alone, and nothing tells what its blank cells say; write Nam, Nữ",
    ),
    "workbook_from_1904": ("bảng tính đếm ngày từ năm 1904", "the workbook counts its days from 1904"),
    "milliseconds": ("{field}: {rows} ô là mili giây từ 1970", "{field}: {rows} cells are milliseconds"),
    "mark_thousands": ("{field}: dấu “{mark}” ngăn hàng nghìn", "{field}: “{mark}” stands between thousands"),
    "mark_decimal": ("{field}: dấu “{mark}” là dấu thập phân", "{field}: “{mark}” stands before a fraction"),
    "mark_open": (
        "{field}: dấu “{mark}” vừa ngăn hàng nghìn vừa là thập phân",
        "{field}: “{mark}” stands between thousands and before fractions",
    ),
    "running_total": (
        "{field}: gần bằng số cộng dồn, không phải số của ngày ({rows} dòng: {days})",
        "{field}: about the running total, not the day's count ({rows} rows: {days})",
    ),
    "day_far_outside": (
        "{field}: khác hẳn các ngày quanh đó ({rows} dòng: {days})",
        "{field}: far outside the days around it ({rows} rows: {days})",
    ),
    "parts_above_whole": (
        "các phần lớn hơn tổng, {field} ({rows} dòng: {days})",
        "parts above their whole, {field} ({rows} rows: {days})",
    ),
    "districts_above_province": (
        "các huyện cộng lại lớn hơn số của tỉnh, {field} ({rows} dòng: {days})",
        "districts add up to more than the province's row, {field} ({rows} rows: {days})",
    ),
    "given_above_received": (
        "cộng dồn đã tiêm nhiều hơn đã nhận, từ {days} ({rows} đơn vị)",
        "more given than received so far, from {days} on ({rows} units)",
    ),
    "room_needed": (
        "chạy với --memory-limit {limit} cần khoảng {disk} MB đĩa (còn trống {free} MB), bộ nhớ nhiều nhất {limit} và {memory} MB",
        "a run with --memory-limit {limit} needs about {disk} MB of disk ({free} MB are free), at most {limit} and {memory} MB of memory",
    ),
    "room_short": (
        "chạy cần khoảng {disk} MB đĩa, chỉ còn trống {free} MB: hãy giải phóng chỗ",
        "a run needs about {disk} MB of disk, only {free} MB are free: make room",
    ),
    "no_platform": (
        "không có tệp nào của platform/ dùng được: chạy sẽ bị từ chối",
        "no file of platform/ can be used: a run is refused",
    ),
    "registry_refused": (
        "dữ liệu dân cư không đọc được, chạy sẽ bị từ chối: {reason}",
        "the registry cannot be used, a run is refused: {reason}",
    ),
    "no_registry": (
        "không có registry/: báo cáo không có số liệu đã đối chiếu",
        "no registry/: no reconciled basis, no links, no people due",
    ),
    "no_daily_reports": (
        "không có daily_reports/ dùng được: không có số theo báo cáo, tiến độ nhập, cung ứng",
        "no usable daily_reports/: no reported basis, no entry progress, no supply",
    ),
    "no_population": (
        "không có population/ dùng được: không có tỷ lệ bao phủ",
        "no usable population/: no coverage rates",
    ),
    "no_feedback": ("không có feedback/: không có mục phản ánh", "no feedback/: nothing on feedback"),
    "no_facilities": (
        "không có facilities/: nơi tiêm chỉ suy từ tên cơ sở",
        "no facilities/: places given are told by names only",
    ),
    "no_decisions": ("không có decisions/: chưa áp dụng quyết định nào", "no decisions/: none is applied"),
    "no_rosters": ("không có rosters/: không kiểm tra danh sách", "no rosters/: no list is checked"),
    "not_read": (
        "“{file}” không thuộc thư mục nào mà chương trình đọc",
        "“{file}” is no folder that a run reads",
    ),
    "more_rows_than_reported": (
        "{rows} dòng của nền tảng, báo cáo chỉ có {reported} mũi",
        "{rows} platform rows, but {reported} doses reported",
    ),
    "reports_without_rows": (
        "có báo cáo nhưng không có tệp nền tảng: {provinces}",
        "reports but no platform file: {provinces}",
    ),
    "rows_without_reports": (
        "có tệp nền tảng nhưng không có báo cáo ngày: {provinces}",
        "a platform file but no daily report: {provinces}",
    ),
    "reports_without_population": (
        "có báo cáo nhưng không có dân số: {provinces}",
        "reports but no population: {provinces}",
    ),
    "reports_above_population": (
        "số người tiêm mũi 1 theo báo cáo vượt dân số 18+: {provinces}",
        "more first doses reported than people of 18 and more: {provinces}",
    ),
}
_WITH_ROWS = ("{} dòng", "{} rows")


def is_vietnamese(language: str) -> bool:
    """Say whether the sentences are in Vietnamese."""
    return language != "en"


def sentence(problem: Problem, kind: str, language: str, names: ShownNames) -> str:
    """Return a problem's sentence; names from the intake in the form in which they may be shown."""
    chosen = 0 if is_vietnamese(language) else 1
    facts = {"rows": problem.rows, "different": ""} | {
        name: _fact(name, value, kind, language, names) for name, value in problem.facts.items()
    }
    if problem.code in SENTENCES:
        return SENTENCES[problem.code][chosen].format(**facts)
    reason = REASONS[problem.code]
    text = reason.vietnamese if chosen == 0 else reason.english
    detail = str(problem.facts.get("detail", "")) if chosen else ""
    counted = f" ({_WITH_ROWS[chosen].format(problem.rows)})" if problem.rows else ""
    return f"{text}{counted}{': ' + detail if detail else ''}"


def _fact(name: str, value: Any, kind: str, language: str, names: ShownNames) -> Any:
    if name in ("file", "header"):
        return names.show(name, str(value))
    if name == "different":
        return f" ({value} {'cách ghi' if is_vietnamese(language) else 'texts'})"
    if name == "reason":
        return names.within(str(value))
    if name == "provinces":
        called: dict[str, str] = dict(
            read_provinces()[["province_code", "province_name"]].itertuples(index=False)
        )
        return ", ".join(f"{code} {called.get(code, '')}".strip() for code in value)
    if name == "field":
        return f"“{vietnamese_name(kind, value)}”" if is_vietnamese(language) else value
    return value


def place_text(where: str, language: str) -> str:
    """Return a cell, column or row as people say it, or a record by its number under the header.

    >>> place_text("D12", "vi"), place_text("D", "vi"), place_text("12", "en")
    ('ô D12', 'cột D', 'row 12')
    """
    words = (
        ("dòng", "cột", "ô", "thư mục") if is_vietnamese(language) else ("row", "column", "cell", "folder")
    )
    if where.startswith("record "):
        return where.replace("record", "bản ghi") if is_vietnamese(language) else where
    if where.isdigit():
        return f"{words[0]} {where}"
    if where.isalpha() and where.isupper():
        return f"{words[1]} {where}"
    return f"{words[2]} {where}" if where[:1].isupper() else f"{words[3]} {where}/"
