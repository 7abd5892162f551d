"""The head of a large .xlsx file: the same parts, each sheet with its first rows only."""

import re
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from analysis.intake.formats.archives import check_sizes
from analysis.intake.formats.workbook_parts import sheet_paths

_ROW_END = re.compile(rb"</(?:\w+:)?row>|<(?:\w+:)?row\b[^>]*/>")
_ROWS_END = re.compile(rb"</(?:\w+:)?sheetData>")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d+)\"")
_PIECE = 1024 * 1024
_LONGEST_TAG = 4096


def cut_workbook(path: Path, copy: Path, rows: int) -> dict[str, int]:
    """Write a workbook with the first `rows` rows of each sheet; returns every sheet's last row by its name.

    Nothing is written, and nothing returned, for a container that is not written as an .xlsx file usually is.
    """
    check_sizes(path)
    with ZipFile(path) as old:
        if "xl/workbook.xml" not in old.namelist():
            return {}
        names = {part: sheet for sheet, part in sheet_paths(old).items()}
        totals: dict[str, int] = {}
        with ZipFile(copy, "w", ZIP_DEFLATED, compresslevel=1) as new:
            for member in old.infolist():
                with old.open(member) as source:
                    if member.filename in names:
                        data, totals[names[member.filename]] = _cut_rows(source, rows)
                    else:
                        data = source.read()
                new.writestr(member.filename, data)
    return totals


def _cut_rows(source: IO[bytes], rows: int) -> tuple[bytes, int]:
    """Return a sheet's part without the rows beyond the first ones, and the number of its last row."""
    kept, carried, count, number = [], b"", 0, 0
    while piece := source.read(_PIECE):
        text = carried + piece
        if ended := _ROWS_END.search(text):
            inside, tail = text[: ended.start()], text[ended.start() :] + source.read()
        else:
            inside, tail = text, b""
        ends = list(_ROW_END.finditer(inside))
        number = int(found[-1]) if (found := _ROW_NUMBER.findall(inside)) else number + len(ends)
        if count < rows:
            left = rows - count
            kept.append(
                inside[: ends[left - 1].end()] if len(ends) >= left else inside[: _safe_end(inside, ends)]
            )
        count += len(ends)
        if ended:
            return b"".join(
                [*kept, tail if count > rows else inside[_safe_end(inside, ends) :] + tail]
            ), number
        carried = inside[_safe_end(inside, ends) :]
    return b"".join([*kept, carried]), number


def _safe_end(text: bytes, ends: list[re.Match[bytes]]) -> int:
    """Return where the last whole row of a piece ends; what follows is taken with the next piece."""
    return ends[-1].end() if ends else 0
