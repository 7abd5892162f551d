"""A list as a workbook: A4 landscape, to be worked with on paper or on a screen, and read back.

Every cell is a string: a formula cannot come into being, whatever a record says. Nothing touches the disk.
"""

import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from analysis.worklists.kinds import ANSWER, NUMBER, REFERENCE, ROW_CODE, VALUE, Column, Kind, Section
from analysis.worklists.lines import Line, date_words
from analysis.worklists.register import make_reference

A4 = 9
LINE_HEIGHT = 24  # points: room for handwriting
BLANK_LINES_FOR_NOTHING = "Không có dòng nào."
DUTY = (
    "Tài liệu có dữ liệu cá nhân, lưu hành hạn chế. Chỉ dùng để {purpose}; không sao chép, chụp ảnh hay gửi qua "
    "mạng xã hội; giao trực tiếp cho người có trách nhiệm; xong việc thì nộp lại, hủy chậm nhất ngày {expires}."
)
# What was given and never entered cannot be seen from here, and such people must not be called unvaccinated.
ASK_FIRST = (
    "Danh sách lập từ các mũi đã nhập lên Nền tảng{backlog}: hỏi người dân đã tiêm chưa trước khi mời."
)
LIST_MARK, RUN_MARK = "Mã danh sách:", "Lần chạy:"


@dataclass(frozen=True)
class ListHead:
    """What stands above a list: its id, run and days, the receiving unit's name and who signs for it.

    `backlog` says how many doses around the unit are given and not entered; "" when that is not known.
    """

    list_id: str
    run_id: str
    as_of: date
    issued_on: date
    expires_on: date
    unit_code: str
    unit_name: str
    signatories: tuple[str, str]
    is_simulated: bool
    backlog: str


def number_lines(
    list_id: str, parts: list[tuple[Section, list[Line]]]
) -> list[tuple[Section, list[dict[str, str]]]]:
    """Return every section's printed cells with line numbers and references, counted through the list."""
    numbered = []
    count = 0
    for section, lines in parts:
        cells = []
        for line in lines:
            count += 1
            names = {NUMBER.name: str(count), REFERENCE.name: make_reference(list_id, count)}
            cells.append(names | line.cells)
        numbered.append((section, cells))
    return numbered


def write_workbook(
    head: ListHead, kind: Kind, parts: list[tuple[Section, list[dict[str, str]]]], records: int
) -> bytes:
    """Return a list as the bytes of an .xlsx: a sheet a section, each with head, lines and signatures.

    `records` is the number of records or people behind the lines.
    """
    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(data, options | {"strings_to_numbers": False})
    book.set_properties({"title": head.list_id, "created": datetime(*head.as_of.timetuple()[:3])})
    formats = _formats(book)
    for section, cells in parts:
        _write_sheet(book, formats, head, kind, section, cells, records)
    book.close()
    return data.getvalue()


Formats = dict[str, Any]


def _formats(book: Any) -> Formats:
    base = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
    cell = base | {"text_wrap": True, "border": 1, "num_format": "@", "locked": True, "indent": 1}
    styles = {
        "title": base | {"bold": True, "font_size": 14, "align": "center"},
        "text": base | {"text_wrap": True, "valign": "top"},
        "strong": base | {"bold": True, "text_wrap": True, "valign": "top"},
        "duty": base | {"text_wrap": True, "italic": True, "valign": "top"},
        "head": cell | {"bold": True, "align": "center", "bg_color": "#E8EDF3", "indent": 0},
        "number": cell | {"align": "center", "indent": 0},
        "cell": cell,
        "answer": cell | {"locked": False, "bg_color": "#FFFBE6"},
        "sign": base | {"bold": True, "align": "center"},
        "hint": base | {"italic": True, "align": "center"},
    }
    return {name: book.add_format(style) for name, style in styles.items()}


def _write_sheet(
    book: Any,
    formats: Formats,
    head: ListHead,
    kind: Kind,
    section: Section,
    cells: list[dict[str, str]],
    records: int,
) -> None:
    sheet = book.add_worksheet(section.sheet)
    _set_page(sheet, head, section)
    row = _write_head(sheet, formats, head, kind, section, len(cells), records)
    sheet.repeat_rows(row)
    sheet.freeze_panes(row + 1, 0)
    for place, column in enumerate(section.columns):
        sheet.write_string(row, place, column.heading, formats["head"])
    sheet.write_string(row, len(section.columns), ROW_CODE.heading, formats["head"])
    sheet.set_row(row, 48)
    first = row + 1
    for row, line in enumerate(cells, start=first):
        _write_line(sheet, formats, row, section.columns, line)
    if cells:
        _offer_choices(sheet, section, first, first + len(cells) - 1)
    else:
        sheet.write_string(first, 0, BLANK_LINES_FOR_NOTHING, formats["text"])
    last = _write_signatures(sheet, formats, head, section, first + max(len(cells), 1) + 1)
    sheet.print_area(0, 0, last, len(section.columns) - 1)  # without the rows' codes


def _set_page(sheet: Any, head: ListHead, section: Section) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    mark = " · DỮ LIỆU MÔ PHỎNG" if head.is_simulated else ""
    sheet.set_footer(f"&L{head.list_id}{mark}&CTrang &P/&N&RHết hạn {date_words(head.expires_on)}")
    for place, column in enumerate(section.columns):
        sheet.set_column(place, place, column.width)
    sheet.set_column(len(section.columns), len(section.columns), ROW_CODE.width, None, {"hidden": True})
    # Without a password: it keeps a slip of the hand from the printed cells; the register keeps the rest.
    sheet.protect("", {"sort": True, "autofilter": True, "format_rows": True, "format_columns": True})


def _write_head(
    sheet: Any, formats: Formats, head: ListHead, kind: Kind, section: Section, lines: int, records: int
) -> int:
    """Write what stands above the lines; returns the row of the column headings."""
    counted = "người" if kind.name in ("due", "findings") else "bản ghi"
    mark = "DỮ LIỆU MÔ PHỎNG (mọi người trong danh sách đều là giả lập). " if head.is_simulated else ""
    days = (
        f"Số liệu đến hết ngày {date_words(head.as_of)}. Lập ngày {date_words(head.issued_on)}, "
        f"hết hạn ngày {date_words(head.expires_on)}. Số dòng trên trang tính này: {lines}; "
        f"cả danh sách: {records} {counted}."
    )
    texts = [
        (kind.title, "title", 22),
        (section.title, "hint", 18),
        (f"Nơi nhận: {head.unit_name} ({head.unit_code})", "text", 17),
        (days, "text", 17),
        (f"{LIST_MARK} {head.list_id}     {RUN_MARK} {head.run_id}", "text", 17),
        (mark + DUTY.format(purpose=kind.purpose, expires=date_words(head.expires_on)), "duty", 34),
        ("Cách trả lời: " + "; ".join(f"{c.number} = {c.text}" for c in section.choices) + ".", "text", 34),
    ]
    if kind.name == "due":
        texts.insert(4, (ASK_FIRST.format(backlog=head.backlog), "strong", 17))
    last = len(section.columns) - 1
    for row, (text, style, height) in enumerate(texts):
        sheet.merge_range(row, 0, row, last, "", formats[style])
        sheet.write_string(row, 0, text, formats[style])
        sheet.set_row(row, height)
    return len(texts)


def _write_line(
    sheet: Any, formats: Formats, row: int, columns: tuple[Column, ...], line: dict[str, str]
) -> None:
    for place, column in enumerate(columns):
        style = formats[{ANSWER: "answer", VALUE: "answer", NUMBER: "number"}.get(column, "cell")]
        sheet.write_string(row, place, line.get(column.name, ""), style)
    sheet.write_string(row, len(columns), line.get(ROW_CODE.name, ""), formats["cell"])
    longest = max(-(-len(line.get(c.name, "")) // (c.width - 2)) for c in columns)
    sheet.set_row(row, max(LINE_HEIGHT, 15 * longest))


def _offer_choices(sheet: Any, section: Section, first: int, last: int) -> None:
    place = section.columns.index(ANSWER)
    rule = {
        "validate": "list",
        "source": [choice.label for choice in section.choices],
        "error_title": "Trả lời",
        "error_message": "Chọn một dòng trong danh sách trả lời.",
    }
    sheet.data_validation(first, place, last, place, rule)


def _write_signatures(sheet: Any, formats: Formats, head: ListHead, section: Section, row: int) -> int:
    """Write where both sign; returns the last row."""
    last = len(section.columns) - 1
    middle = last // 2
    for left, right, name in ((0, middle, head.signatories[0]), (middle + 1, last, head.signatories[1])):
        for offset, (text, style) in enumerate(
            [
                ("Ngày …… tháng …… năm ………", "hint"),
                (name, "sign"),
                ("(ký, ghi rõ họ tên, đóng dấu)", "hint"),
            ]
        ):
            sheet.merge_range(row + offset, left, row + offset, right, "", formats[style])
            sheet.write_string(row + offset, left, text, formats[style])
    sheet.set_row(row + 3, 60)
    return row + 3
