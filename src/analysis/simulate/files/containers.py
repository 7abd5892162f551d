"""Files an export can be: CSV in several encodings, gzip, zip, Excel, Parquet; the same bytes each time."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

from analysis.simulate.draws import Texts
from analysis.simulate.files.dialects import Dialect
from analysis.simulate.files.legacy_letters import to_cp1258
from analysis.simulate.files.registry import write_parquet

_MADE = datetime(2021, 11, 8)  # a fixed day inside Excel files, so that their bytes repeat
_LETTERHEAD = ("SỞ Y TẾ", "TRUNG TÂM KIỂM SOÁT BỆNH TẬT", "DANH SÁCH TIÊM VẮC XIN PHÒNG COVID-19")


def _quoted(column: list[str], delimiter: str, always: bool) -> list[str]:
    """Quote the cells of a column that need it."""
    if always:
        return ['"' + c.replace('"', '""') + '"' for c in column]
    joined = "\x00".join(column)
    special = [s for s in (delimiter, '"', "\n", "\r") if s in joined]
    if not special:
        return column
    return ['"' + c.replace('"', '""') + '"' if any(s in c for s in special) else c for c in column]


def csv_text(headers: list[str], columns: list[Texts], blank: list[int], dialect: Dialect) -> str:
    """Return an export as CSV text; the records numbered `blank` (from 1) are empty lines."""
    cells = [
        _quoted([h, *c.tolist()], dialect.delimiter, dialect.quote_all)
        for h, c in zip(headers, columns, strict=True)
    ]
    lines = [dialect.delimiter.join(row) for row in zip(*cells, strict=True)]
    for row in blank:
        # Every other kind of file keeps its delimiters on a line without values.
        lines[row] = "" if dialect.delimiter == "," else dialect.delimiter * (len(columns) - 1)
    return "\r\n".join(lines) + "\r\n"


def encode(text: str, encoding: str) -> bytes:
    """Encode CSV text; UTF-16 has its byte-order mark."""
    if encoding == "cp1258":
        return to_cp1258(text)
    return b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16" else text.encode(encoding)


def write_bytes(path: Path, data: bytes, container: str) -> None:
    """Write CSV bytes plainly or gzipped (without a time in the gzip header)."""
    path.write_bytes(gzip.compress(data, compresslevel=4, mtime=0) if container == "csv.gz" else data)


def write_zip(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write a zip whose members carry a fixed time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, date_time=(2021, 11, 8, 7, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


def _cell(text: str, field: str, dialect: Dialect) -> object:
    """Return the value of an Excel cell: numbers and dates where the file keeps them as such."""
    if dialect.date_cells and field in ("birth_date", "vaccination_date", "entry_date") and len(text) == 10:
        return datetime(int(text[6:]), int(text[3:5]), int(text[:2]))
    numeric = field in ("id_number", "phone", "dose_number", "row_count")
    if numeric and dialect.numbers != "text" and text.isdigit():
        return int(text)
    return text


def write_workbook(
    path: Path, sheets: list[tuple[str, list[Texts]]], fields: list[str], headers: list[str], dialect: Dialect
) -> None:
    """Write sheets with letterhead rows and a merged title above the header; formulas stay text."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": _MADE})
    date_format = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, columns in sheets:
        sheet = book.add_worksheet(name)
        for row, line in enumerate(_LETTERHEAD[:2]):
            sheet.write_string(row, 0, line)
        sheet.merge_range(2, 0, 2, min(len(headers), 12) - 1, _LETTERHEAD[2])
        for place, header in enumerate(headers):
            sheet.write_string(4, place, header)
        for row, cells in enumerate(zip(*(c.tolist() for c in columns), strict=True), start=5):
            _write_row(sheet, row, cells, fields, dialect, date_format)
    book.close()


def _write_row(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, cells: tuple[str, ...], fields: list[str],
    dialect: Dialect,
    date_format: object,
) -> None:  # fmt: skip
    for place, text in enumerate(cells):
        if text == "":
            continue
        value = _cell(text, fields[place], dialect)
        if isinstance(value, datetime):
            if value.year >= 1900:
                sheet.write_datetime(row, place, value, date_format)
        elif isinstance(value, int):
            sheet.write_number(row, place, value)
        else:
            sheet.write_string(row, place, text)


def write_table(path: Path, headers: list[str], columns: list[Texts]) -> None:
    """Write an export as Parquet, all columns text, missing values empty."""
    table = pd.DataFrame({h: pd.Series(c, dtype=object) for h, c in zip(headers, columns, strict=True)})
    write_parquet(table, path)


def csv_table(path: Path, header: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a small plain CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))
