"""Files an export can be: CSV in several encodings, gzip, zip, Excel, Parquet; the same bytes each time."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from analysis.simulate.draws import Texts
from analysis.simulate.files.dialects import Dialect
from analysis.simulate.files.legacy_letters import to_cp1258
from analysis.simulate.files.registry import write_parquet

_MADE = datetime(2021, 11, 8)  # a fixed day inside Excel files, so that their bytes repeat
_LEVEL, _GZIP = 4, 31  # of compression; window bits with a gzip header
_WITHOUT_MARK = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}
_BYTE_ORDER_MARKS = {"utf-16": b"\xff\xfe", "utf-8-sig": b"\xef\xbb\xbf"}
_LETTERHEAD = ("SỞ Y TẾ", "TRUNG TÂM KIỂM SOÁT BỆNH TẬT", "DANH SÁCH TIÊM VẮC XIN PHÒNG COVID-19")

# Some records of an export: their columns, and which of them (from 0) are blank lines.
Block = tuple[list[Texts], list[int]]


def _quoted(column: list[str], delimiter: str, always: bool) -> list[str]:
    """Quote the cells of a column that need it."""
    if always:
        return ['"' + c.replace('"', '""') + '"' for c in column]
    special = _special(delimiter)
    if not special("\x00".join(column)):
        return column
    return ['"' + c.replace('"', '""') + '"' if special(c) else c for c in column]


@cache
def _special(delimiter: str) -> Callable[[str], object]:
    return re.compile(f'[{delimiter}"\n\r]').search


def csv_text(columns: list[Texts], blank: list[int], dialect: Dialect) -> str:
    """Return records as lines of CSV text; those numbered `blank` (from 0) are empty lines."""
    cells = [_quoted(c.tolist(), dialect.delimiter, dialect.quote_all) for c in columns]
    lines = list(map(dialect.delimiter.join, zip(*cells, strict=True)))
    for row in blank:
        # Every other kind of file keeps its delimiters on a line without values.
        lines[row] = "" if dialect.delimiter == "," else dialect.delimiter * (len(columns) - 1)
    return "\r\n".join(lines) + "\r\n" if lines else ""


def csv_pieces(headers: list[str], blocks: Iterable[Block], dialect: Dialect) -> Iterator[bytes]:
    """Yield an export's bytes: its header, then block by block; UTF-16 begins with its byte-order mark."""
    header = [np.array([h], dtype=object) for h in headers]
    yield _BYTE_ORDER_MARKS.get(dialect.encoding, b"") + _encode(
        csv_text(header, [], dialect), dialect.encoding
    )
    for columns, blank in blocks:
        yield _encode(csv_text(columns, blank, dialect), dialect.encoding)


def _encode(text: str, encoding: str) -> bytes:
    """Encode a piece of CSV text, without a byte-order mark."""
    if encoding == "cp1258":
        return to_cp1258(text)
    return text.encode(_WITHOUT_MARK.get(encoding, encoding))


def write_bytes(path: Path, pieces: Iterable[bytes], container: str) -> None:
    """Write CSV bytes plainly or gzipped (without a time in the gzip header)."""
    with path.open("wb") as file:
        if container != "csv.gz":
            file.writelines(pieces)
            return
        packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
        file.writelines(map(packer.compress, pieces))
        file.write(packer.flush())


def write_zip(path: Path, members: Iterable[tuple[str, Iterable[bytes], int]]) -> None:
    """Write a zip whose members (name, pieces, about how many bytes) carry a fixed time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, pieces, size in members:
            info = zipfile.ZipInfo(name, date_time=(2021, 11, 8, 7, 0, 0))
            info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, size
            with archive.open(info, "w") as member:
                for piece in pieces:
                    member.write(piece)


def _cell(text: str, field: str, dialect: Dialect) -> object:
    """Return the value of an Excel cell: numbers and dates where the file keeps them as such."""
    if dialect.date_cells and field in ("birth_date", "vaccination_date", "entry_date") and len(text) == 10:
        return datetime(int(text[6:]), int(text[3:5]), int(text[:2]))
    numeric = field in ("id_number", "phone", "dose_number", "row_count")
    if numeric and dialect.numbers != "text" and text.isdigit():
        return int(text)
    return text


def write_workbook(
    path: Path, sheets: Iterable[tuple[str, Iterable[Block]]], fields: list[str], headers: list[str],
    dialect: Dialect,
) -> None:  # fmt: skip
    """Write sheets with letterhead rows and a merged title above the header; formulas stay text."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": _MADE})
    date_format = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, blocks in sheets:
        sheet = book.add_worksheet(name)
        for row, line in enumerate(_LETTERHEAD[:2]):
            sheet.write_string(row, 0, line)
        sheet.merge_range(2, 0, 2, min(len(headers), 12) - 1, _LETTERHEAD[2])
        for place, header in enumerate(headers):
            sheet.write_string(4, place, header)
        records = (r for columns, _ in blocks for r in zip(*(c.tolist() for c in columns), strict=True))
        for row, cells in enumerate(records, start=5):
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


def write_table(path: Path, headers: list[str], blocks: Iterable[Block]) -> None:
    """Write an export as Parquet, all columns text, missing values empty."""
    columns = [np.concatenate(parts) for parts in zip(*(columns for columns, _ in blocks), strict=True)]
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
