"""Rewriting an irregular delimited file as a regular one: every record numbered, every fault named."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from analysis.intake.headers import Header
from analysis.intake.sources import MAX_BAD_ROW_SHARE_PCT, FileRefusedError

# A quoted cell may run over some lines; beyond these an opening quote is taken for a stray one.
MAX_LINES_OF_RECORD = 50
# Control characters but for tab, line ends and the escape that begins a terminal's colour code.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_TOTAL = re.compile(r"\s*(?:tổng|cộng|tong cong)", re.IGNORECASE)

Conversions = dict[int, Callable[[str], str]]


class Record(NamedTuple):
    """One record of a file: its text, and its cells when quotes had to be read (None: split the text).

    `is_whole` is False for a line whose opening quote never closes.
    """

    text: str
    cells: list[str] | None = None
    is_whole: bool = True

    def split(self, delimiter: str) -> list[str]:
        """Return the record's cells; none for a blank line."""
        if self.cells is not None:
            return self.cells
        return self.text.split(delimiter) if self.text else []


def read_records(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Yield the records of a file's lines.

    Raises FileRefusedError when a quoted cell is still open at the end.
    """
    source = iter(lines)
    pending: list[str] = []
    waiting: list[str] = []
    quotes = 0
    while (line := waiting.pop() if waiting else next(source, None)) is not None:
        if not pending and '"' not in line:
            yield Record(line.rstrip("\r\n"))
            continue
        pending.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            whole = "".join(pending)
            # Line by line: under a delimiter that is only tried, a quoted line end is in an unquoted cell.
            reader = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
            yield Record(whole, next(reader, []))
        elif len(pending) > MAX_LINES_OF_RECORD:
            # The opening quote is a stray one: its line is a record by itself, the others are read again.
            yield Record(pending[0].rstrip("\r\n"), is_whole=False)
            waiting.extend(reversed(pending[1:]))
        else:
            continue
        pending, quotes = [], 0
    if pending:
        raise FileRefusedError("file_truncated", "a quoted cell is still open at the end")


class RowWriter:
    """Writes data rows as regular CSV: row number, fault, cells; counts them and remembers how they end."""

    def __init__(self, target: Path, delimiter: str, header: Header, conversions: Conversions) -> None:
        self._file = target.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file, delimiter=delimiter, lineterminator="\n")
        self._delimiter, self._width, self._conversions = delimiter, header.width, conversions
        self._blank = f"{delimiter} \t\xa0"
        self.rows = self.bad_rows = 0
        self.ends_whole = True

    def write(self, number: int, record: Record) -> None:
        """Write one record; a blank one gives no row."""
        if not record.text.strip(self._blank + '"\r\n'):
            return
        self.rows += 1
        fault = row_fault(record, self._delimiter, self._width)
        self.ends_whole = fault != "row_ragged" or len(record.split(self._delimiter)) > self._width
        if fault:
            self.bad_rows += fault != "total_row"
            self._csv.writerow([number, fault, *[""] * self._width])
        elif record.cells is None and not self._conversions:
            self._file.write(f"{number}{self._delimiter}{self._delimiter}{record.text}\n")
        else:
            cells = _converted(record.split(self._delimiter), self._conversions)
            self._csv.writerow([number, "", *cells])

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def row_fault(record: Record, delimiter: str, width: int) -> str:
    """Name what is wrong with a record as such, or return an empty text."""
    count = record.text.count(delimiter) + 1 if record.cells is None else len(record.cells)
    if count != width:
        return "total_row" if _TOTAL.match(record.text.lstrip(delimiter)) else "row_ragged"
    if not record.is_whole:
        return "row_ragged"
    return "control_characters" if FORBIDDEN.search(record.text) else ""


def _converted(cells: list[str], conversions: Conversions) -> list[str]:
    """Return the cells without line ends, those of legacy columns in Unicode."""
    plain = [" ".join(c.splitlines()) if "\n" in c or "\r" in c else c for c in cells]
    for index, convert in conversions.items():
        plain[index] = convert(plain[index])
    return plain


def write_regular_rows(
    lines: Iterable[str], target: Path, delimiter: str, header: Header, conversions: Conversions
) -> int:
    """Write the data rows of a file anew and return how many; blank records take a number, give no row.

    Raises FileRefusedError for a truncated file or more than 1 % of bad rows.
    """
    last = [""]
    writer = RowWriter(target, delimiter, header, conversions)
    try:
        records = islice(read_records(_noting_end(lines, last), delimiter), header.row + 1, None)
        for number, record in enumerate(records, start=1):
            writer.write(number, record)
    finally:
        writer.close()
    if not writer.ends_whole and not last[0].endswith(("\n", "\r")):
        raise FileRefusedError("file_truncated", "the last record is cut short")
    if writer.bad_rows * 100 > writer.rows * MAX_BAD_ROW_SHARE_PCT:
        raise FileRefusedError("too_many_bad_rows", f"{writer.bad_rows} of {writer.rows} rows cannot be read")
    return writer.rows


def _noting_end(lines: Iterable[str], last: list[str]) -> Iterator[str]:
    """Pass lines on and keep the latest one in `last`."""
    for line in lines:
        last[0] = line
        yield line
