"""Small files that ask for more than any machine has, each under the name of an export."""

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _relation(kind: str, target: str) -> str:
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def workbook_of(rows_xml: str) -> bytes:
    """Return a workbook of one sheet whose rows are written as given."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{rows_xml}'
        "</sheetData></worksheet>",
    }
    return packed(parts)


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file of members by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def cell(place: str, text: str) -> str:
    """Return a cell of a sheet with a text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def far_cell(column: str = "XFD", row: int = 1_048_576) -> bytes:
    """Return a workbook with a header and one cell far away: 17 billion cells, if they were held."""
    header = cell("A1", "Họ và tên") + cell("B1", "Ngày tiêm")
    first = cell("A2", "Lý Văn Ba") + cell("B2", "01/10/2021")
    rows = f'<row r="1">{header}</row><row r="2">{first}</row>'
    return workbook_of(f'{rows}<row r="{row}">{cell(f"{column}{row}", "x")}</row>')


def wide_workbook(columns: int = 300_000) -> bytes:
    """Return a workbook with more columns than a spreadsheet has: cells without a place follow each other."""
    cells = "".join(f'<c t="inlineStr"><is><t>c{n}</t></is></c>' for n in range(columns))
    return workbook_of(f'<row r="1">{cells}</row><row r="2">{cells}</row>')


def wide_text(columns: int = 300_000) -> str:
    """Return delimited text of many columns, its lines shorter than a million letters."""
    header = "Họ và tên,Ngày tiêm," + ",".join(["a"] * columns)
    return f"{header}\n" + f"Lý Văn Ba,01/10/2021{',' * columns}\n" * 3


def wide_parquet(base: Path, columns: int = 20_000) -> bytes:
    """Return a parquet file of many columns."""
    target = base / "wide.parquet"
    with duckdb.connect() as con:
        named = ", ".join(f"1 AS c{n}" for n in range(columns))
        con.execute(
            f"COPY (SELECT 'a' AS full_name, '01/10/2021' AS vaccination_date, {named}) TO '{target}'"
        )
    return target.read_bytes()


def long_listing(members: int = 200_000) -> bytes:
    """Return a zip file that lists far more members than it has, the list 9 MB long."""
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a"
    listing = entry * members
    counts = struct.pack("<HHHHIIH", 0, 0, members & 0xFFFF, members & 0xFFFF, len(listing), 4, 0)
    return b"PK\x03\x04" + listing + b"PK\x05\x06" + counts


def bomb_in_workbook(megabytes: int = 200) -> bytes:
    """Return a workbook whose sheet unpacks to hundreds of megabytes of blanks."""
    return workbook_of(" " * (megabytes * 1024 * 1024))


def unknown_method(book: bytes) -> bytes:
    """Return a zip file whose members are said to be packed in a way that nobody knows."""
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = book.find(mark)
        while at >= 0:
            book = book[: at + place] + b"\x63\x00" + book[at + place + 2 :]
            at = book.find(mark, at + 4)
    return book


def damaged_member(book: bytes, name: str = "xl/workbook.xml") -> bytes:
    """Return a zip file in which the packed bytes of a member are no longer what any packer makes."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        member = archive.getinfo(name)
    start = member.header_offset + 30 + len(name)
    return book[:start] + b"\xff" * member.compress_size + book[start + member.compress_size :]
