"""Workbooks in containers that nothing installed here can write: .xls, .xlsb and .ods, by hand and as small as can be.

Texts are texts; a `date` is a number with the format of a day.
"""

import io
import struct
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

Cells = Sequence[Sequence[Any]]
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_DAY_ZERO, _DAY_ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)


def _day_number(day: date, from_1904: bool) -> int:
    return (day - (_DAY_ZERO_1904 if from_1904 else _DAY_ZERO)).days


def xls(rows: Cells, name: str = "DS", hidden: bool = False, from_1904: bool = False) -> bytes:
    """Return an Excel 97–2003 workbook of one sheet."""
    sheet = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    width = max(map(len, rows))
    sheet += _biff(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet += _biff_cell(r, c, cell, from_1904)
    sheet += _biff(0x000A, b"")
    head = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _biff(0x0042, b"\xb0\x04")
    head += _biff(0x0022, struct.pack("<H", from_1904))
    head += _biff(0x00E0, struct.pack("<HH16x", 0, 0)) + _biff(0x00E0, struct.pack("<HH16x", 0, 14))
    label = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    offset = len(head) + 4 + 6 + len(label) + 4
    head += _biff(0x0085, struct.pack("<IBB", offset, int(hidden), 0) + label) + _biff(0x000A, b"")
    return _compound((head + sheet).ljust(8 * _SECTOR, b"\0"))


def _biff(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _biff_cell(row: int, column: int, cell: Any, from_1904: bool) -> bytes:
    if cell in ("", None):
        return b""
    if isinstance(cell, date):
        return _biff(0x0203, struct.pack("<HHHd", row, column, 1, _day_number(cell, from_1904)))
    if isinstance(cell, int | float):
        return _biff(0x0203, struct.pack("<HHHd", row, column, 0, cell))
    text = cell.encode("utf-16-le")
    return _biff(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)


def _compound(stream: bytes) -> bytes:
    """Return a compound file that holds one stream called Workbook."""
    stream += b"\0" * (-len(stream) % _SECTOR)
    sectors = len(stream) // _SECTOR
    table = [_FAT, _END, *range(3, sectors + 2), _END]
    table += [_FREE] * (_SECTOR // 4 - len(table))
    entry = "<64sHBBIII16sIQQIQ"
    blank = _FREE, _FREE
    root = struct.pack(
        entry, "Root Entry".encode("utf-16-le"), 22, 5, 1, *blank, 1, bytes(16), 0, 0, 0, _END, 0
    )
    book = struct.pack(
        entry, "Workbook".encode("utf-16-le"), 18, 2, 1, *blank, _FREE, bytes(16), 0, 0, 0, 2, len(stream)
    )
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    return header + struct.pack(f"<{len(table)}I", *table) + (root + book).ljust(_SECTOR, b"\0") + stream


def xlsb(rows: Cells, name: str = "DS", from_1904: bool = False) -> bytes:
    """Return a binary workbook of Excel 2007 and later, of one sheet."""
    book = _record(131) + _record(153, struct.pack("<I8x", from_1904)) + _record(143)
    book += _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide(name)) + _record(144) + _record(132)
    width = max(map(len, rows))
    sheet = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)) + _record(145)
    for r, row in enumerate(rows):
        sheet += _record(0, struct.pack("<I", r) + bytes(21))
        for c, cell in enumerate(row):
            if isinstance(cell, date):
                sheet += _record(5, struct.pack("<IId", c, 1, _day_number(cell, from_1904)))
            elif cell not in ("", None):
                sheet += _record(6, struct.pack("<II", c, 0) + _wide(str(cell)))
    sheet += _record(146) + _record(130)
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.bin"/></Relationships>'
    )
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    forms = [_record(47, struct.pack("<HH12x", 0, form)) for form in (0, 14)]
    styles = _record(278) + _record(617, struct.pack("<I", 2)) + b"".join(forms) + _record(618) + _record(279)
    parts = {"[Content_Types].xml": types, "xl/_rels/workbook.bin.rels": links}
    return packed(
        {**parts, "xl/workbook.bin": book, "xl/worksheets/sheet1.bin": sheet, "xl/styles.bin": styles}
    )


def _record(kind: int, data: bytes = b"") -> bytes:
    return _varying(kind) + _varying(len(data)) + data


def _varying(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def ods(rows: Cells, name: str = "DS", manifest: str = "") -> bytes:
    """Return an OpenDocument workbook of one sheet that ends, as LibreOffice writes it, in a million blank rows."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    blank = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="{name}">{lines}{blank}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = f"<manifest:manifest>{manifest}</manifest:manifest>"
    return packed({"mimetype": kind, "META-INF/manifest.xml": listed, "content.xml": content})


def _ods_cell(cell: Any) -> str:
    if isinstance(cell, date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}">'
            f"<text:p>{cell:%d/%m/%y}</text:p></table:table-cell>"
        )
    if cell in ("", None):
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'


def packed(parts: dict[str, str | bytes]) -> bytes:
    """Return the parts as a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return buffer.getvalue()
