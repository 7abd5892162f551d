"""Workbooks to hand to provinces: the headers that are read, what belongs under them, and an invented example.

Everything beside the table to fill in stands where the reader finds no header, so that a filled template is read as
it is.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from analysis.errors import RequestError
from analysis.intake.template_columns import Column, Template, templates

NOT_OFFICIAL = "Mẫu do phần mềm Bao phủ tạo, không phải biểu mẫu của Bộ Y tế."
DATA_SHEET, GUIDE_SHEET, LIST_SHEET = "Dữ liệu", "Hướng dẫn", "Danh mục"
# A note and a blank row above; below the header nothing, or the example would be counted.
HEADER_ROW = 2
# The same templates are the same bytes.
_MADE = datetime(2021, 11, 7)
_FORMATTED_ROWS = 5_000


def write_templates(folder: Path) -> list[Path]:
    """Write one workbook per folder of the intake and return their paths.

    Raises RequestError where one of the files exists: it may have been filled in.
    """
    paths = {name: folder / f"mau-{name}.xlsx" for name in templates()}
    if existing := [path for path in paths.values() if path.exists()]:
        raise RequestError(f"--out: '{existing[0].name}' exists and may be filled in; give another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        _write_template(path, name, templates()[name])
    return list(paths.values())


def _write_template(path: Path, name: str, template: Template) -> None:
    with xlsxwriter.Workbook(path.as_posix()) as book:
        book.set_properties({"title": f"Bao phủ: {name}", "comments": NOT_OFFICIAL, "created": _MADE})
        lists = [column for column in template.columns if column.values]
        sheets = [book.add_worksheet(title) for title in (DATA_SHEET, GUIDE_SHEET, LIST_SHEET)]
        _write_data(book, sheets[0], template, lists)
        _write_guide(book, sheets[1], name, template)
        _write_lists(book, sheets[2], lists)


def _write_data(book: Any, sheet: Any, template: Template, lists: Sequence[Column]) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True})
    # A cell kept as text is not turned into a date or a number while it is typed.
    text = book.add_format({"num_format": "@"})
    sheet.write(
        0,
        0,
        f"{NOT_OFFICIAL} Mỗi dòng là {template.row}; điền từ dòng {HEADER_ROW + 2}, giữ nguyên dòng tiêu đề.",
    )
    for number, column in enumerate(template.columns):
        sheet.set_column(number, number, max(12, len(column.header) + 4), text)
        sheet.write(HEADER_ROW, number, f"{column.header} (*)" if column.is_required else column.header, bold)
        if column.values:
            place = lists.index(column)
            first, last = xlsxwriter.utility.xl_rowcol_to_cell(1, place, True, True), len(column.values) + 1
            end = xlsxwriter.utility.xl_rowcol_to_cell(last - 1, place, True, True)
            rule = {"validate": "list", "source": f"='{LIST_SHEET}'!{first}:{end}", "error_type": "warning"}
            sheet.data_validation(HEADER_ROW + 1, number, HEADER_ROW + _FORMATTED_ROWS, number, rule)
    sheet.freeze_panes(HEADER_ROW + 1, 0)


def _write_guide(book: Any, sheet: Any, name: str, template: Template) -> None:
    """Write what belongs into each column, one line a column: a row of headers here would be read as a table."""
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write(0, 0, NOT_OFFICIAL, bold)
    sheet.write(
        1, 0, f"Đặt tệp đã điền vào thư mục {name}/. Mỗi dòng là {template.row}. (*) là cột bắt buộc."
    )
    sheet.write(2, 0, "Ví dụ là một dòng bịa đặt, không có người thật; không chép vào bảng dữ liệu.")
    sheet.write_row(
        4, 0, ["Tên cột trong bảng", "Có bắt buộc không", "Cách điền từng ô", "Ví dụ bịa đặt"], bold
    )
    for number, column in enumerate(template.columns, start=5):
        required = "Bắt buộc phải có" if column.is_required else "Không bắt buộc"
        note = f"{column.note} Xem bảng {LIST_SHEET}." if column.values else column.note
        sheet.write_row(number, 0, [f"Cột: {column.header}", required, note.strip(), column.example], wrap)
    sheet.set_column(0, 3, 36, wrap)


def _write_lists(book: Any, sheet: Any, lists: Sequence[Column]) -> None:
    bold = book.add_format({"bold": True})
    for number, column in enumerate(lists):
        sheet.write(0, number, f"Giá trị dùng cho cột {column.header}", bold)
        sheet.write_column(1, number, column.values)
        sheet.set_column(number, number, 32)
