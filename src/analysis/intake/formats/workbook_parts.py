"""What a workbook's reader does not tell, from the parts of an .xlsx file: merged cells, days counted from 1904.

Parts are read as bytes, piece by piece; no entity is resolved and nothing is loaded from elsewhere.
"""

import html
import io
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple
from zipfile import ZipFile

from analysis.errors import DAMAGED_ZIP

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_PIECE = 1024 * 1024
# Of what follows a sheet's rows, merged cells come first.
_MOST_BYTES = 16 * _PIECE
_BOOK_PROPERTIES = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*>")
_COUNTS_FROM_1904 = re.compile(rb"\bdate1904\s*=\s*[\"'](?:1|true|on)[\"']")
_FURTHER_PROPERTIES = re.compile(rb"<x15:workbookPr\b[^>]*?(?:/>|>.*?</x15:workbookPr>)", re.DOTALL)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref\s*=\s*[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_ROWS_END = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>")
_ROW_END = re.compile(rb"</(?:\w+:)?row>")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_FILLED_CELL = re.compile(
    rb"<(?:\w+:)?c\b[^>]*\br\s*=\s*[\"']([A-Z]+)(\d+)[\"'][^>]*[^/]>\s*<(?:\w+:)?(?:v|is|f)\b"
)


_REPEATED_CELL = re.compile(rb"number-columns-repeated=\"(\d{4,})\"[^>]*>\s*<text:")
_REPEATED_ROW = re.compile(rb"<table:table-row\b[^>]*number-rows-repeated=\"(\d{5,})\"[^>]*>")


class Merged(NamedTuple):
    """A merged area: first row and column, last row and column, counted from 0 as the sheet does."""

    top: int
    left: int
    bottom: int
    right: int


def counts_from_1904(data: bytes) -> bool:
    """Say whether an .xlsx file counts its days from 1904, as workbooks of a Macintosh do."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            found = _BOOK_PROPERTIES.search(archive.read(_BOOK))
    except DAMAGED_ZIP:
        return False
    return bool(found and _COUNTS_FROM_1904.search(found[0]))


def with_plain_properties(data: bytes) -> bytes:
    """Return an .xlsx file without the second properties that newer programmes add to a workbook from 1904.

    The reader takes those for the first and then counts from 1900 (tafia/calamine#706).
    """
    target = io.BytesIO(data)
    with ZipFile(target, "a") as archive:
        book = archive.read(_BOOK)
        plain = _FURTHER_PROPERTIES.sub(b"", book)
        if plain == book:
            return data
        # The new part goes behind the others; the old one is no longer listed.
        archive.filelist.remove(archive.NameToInfo.pop(_BOOK))
        archive.writestr(_BOOK, plain)
    return target.getvalue()


def repeats_content(data: bytes) -> bool:
    """Say whether an OpenDocument file repeats filled cells thousands of times: a few bytes that fill the memory.

    Blank rows and cells are repeated by every programme, to the edge of the sheet.
    """
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            content = archive.read("content.xml")
    except DAMAGED_ZIP:
        return False
    if _REPEATED_CELL.search(content):
        return True
    rows = (
        content[found.end() : content.find(b"</table:table-row>", found.end())]
        for found in _REPEATED_ROW.finditer(content)
    )
    return any(b"<text:" in row for row in rows)


def cells_of_first_row(data: bytes, sheet: str) -> int:
    """Return how many cells the first row of a sheet of an .xlsx file has, as far as its first megabytes tell."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            head, found = b"", None
            for piece in _pieces(archive, sheet_paths(archive)[sheet]):
                head += piece
                if (found := _ROW_END.search(head)) or len(head) >= _MOST_BYTES:
                    break
    except DAMAGED_ZIP:
        return 0
    return len(_CELL.findall(head, 0, found.start() if found else len(head)))


def sheet_paths(archive: ZipFile) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    links = {
        link[b"Id"]: link[b"Target"].decode()
        for found in _LINK.findall(archive.read(_LINKS))
        if b"Id" in (link := dict(_ATTRIBUTE.findall(found))) and b"Target" in link
    }
    sheets = [dict(_ATTRIBUTE.findall(found)) for found in _SHEET.findall(archive.read(_BOOK))]
    return {
        html.unescape(sheet[b"name"].decode()): _part(links[sheet[b"r:id"]])
        for sheet in sheets
        if sheet.get(b"r:id") in links and b"name" in sheet
    }


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def read_merged(data: bytes, sheet: str) -> tuple[list[Merged], int]:
    """Return the merged areas of a sheet of an .xlsx file, and the first column in which a cell is filled.

    Nothing for other containers, or where the parts are not written as usual.
    """
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            path = sheet_paths(archive).get(sheet)
            if path is None:
                return [], 0
            head, tail = _ends_of_rows(_pieces(archive, path))
    except DAMAGED_ZIP:
        return [], 0
    areas = [
        Merged(int(top) - 1, column_number(left), int(bottom) - 1, column_number(right))
        for left, top, right, bottom in _MERGED.findall(tail)
    ]
    return areas, min(map(column_number, {name for name, _ in _FILLED_CELL.findall(head)}), default=0)


def _pieces(archive: ZipFile, path: str) -> Iterator[bytes]:
    with archive.open(path) as part:
        while piece := part.read(_PIECE):
            yield piece


def _ends_of_rows(pieces: Iterator[bytes]) -> tuple[bytes, bytes]:
    """Return the first piece of a sheet's part and what follows its rows, as far as it may hold merged cells."""
    head, tail, carried, ended = b"", b"", b"", False
    for piece in pieces:
        head = head or piece
        if ended:
            if len(tail) < _MOST_BYTES:
                tail += piece
            continue
        text = carried + piece
        if b"sheetData" in text and (found := _ROWS_END.search(text)):
            ended, tail = True, text[found.end() :]
        carried = text[-64:]
    return head, tail


def column_number(letters: bytes) -> int:
    """Return a column's number from 0.

    >>> column_number(b"A"), column_number(b"AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
