"""Rewriting an irregular delimited file as a regular one: every record numbered, every fault named."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from analysis.intake.cell_forms import is_only_short
from analysis.intake.headers.finding import Header, Schema, read_header
from analysis.intake.headers.tiers import plain_labels
from analysis.intake.row_kinds import HEADING
from analysis.intake.sources import MAX_BAD_ROW_SHARE_PCT, MAX_LINE_CHARACTERS, FileRefusedError

# A quoted cell may run over some lines; beyond these an opening quote is taken for a stray one.
MAX_LINES_OF_RECORD = 50
# The library's own limit, 128 KiB, would end the run at a cell: lines are limited instead (encodings.py).
csv.field_size_limit(MAX_LINES_OF_RECORD * MAX_LINE_CHARACTERS)
# Control characters but for tab, line ends and the escape that begins a terminal's colour code.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_TOTAL = re.compile(r"\s*(?:tổng|cộng|tong cong)", re.IGNORECASE)
_HEADING = re.compile(HEADING)
_RUNNING_NUMBER = re.compile(r"\d+\.?|[IVX]+\.?")

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


@dataclass(frozen=True)
class Rewriting:
    """How a file is rewritten: by its header and its dialect, in `width` columns.

    `width` is more than the header's own where a later header names further fields. `inner` are the numbers of
    records found to be headers.
    """

    delimiter: str
    header: Header
    schema: Schema
    conversions: Conversions
    width: int
    inner: frozenset[int] = frozenset()

    def with_fields(self, others: list[Header]) -> "Rewriting":
        """Return this with columns added for the fields that only later headers name."""
        known = self.header.columns
        added = list(dict.fromkeys(f for other in others for f in other.columns if f not in known))
        columns = known | {field: self.width + number for number, field in enumerate(added)}
        return replace(self, header=replace(self.header, columns=columns), width=self.width + len(added))


class RowWriter:
    """Writes data rows as regular CSV: row number, fault, flag, cells; counts them and remembers how they end."""

    def __init__(self, target: Path, plan: Rewriting) -> None:
        self._file = target.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file, delimiter=plan.delimiter, lineterminator="\n")
        self._plan = plan
        self._blank = f"{plan.delimiter} \t\xa0"
        self._header = plan.header
        self._order: list[int] | None = None
        self._needs_cells = bool(plan.conversions) or plan.width != plan.header.width
        self.rows = self.bad_rows = 0
        self.ends_whole = True
        self.others: list[Header] = []

    def write(self, number: int, record: Record) -> None:
        """Write one record; a blank one gives no row."""
        if not record.text.strip(self._blank + '"\r\n'):
            return
        self.rows += 1
        delimiter, width = self._plan.delimiter, self._header.width
        fault, flag = row_fault(record, delimiter, width), ""
        if (fault == "row_ragged" or number in self._plan.inner) and self._follow(number, record):
            fault = "repeated_header_row"
        elif fault == "row_ragged" and record.is_whole:
            cells = record.split(delimiter)
            self.ends_whole = len(cells) > width
            if len(cells) < width and is_only_short(cells, self._header, self._plan.schema):
                fault, flag = "", "trailing_cells_missing"
        else:
            self.ends_whole = fault != "row_ragged"
        self._write_row(number, fault, flag, record)

    def _write_row(self, number: int, fault: str, flag: str, record: Record) -> None:
        delimiter = self._plan.delimiter
        if fault:
            self.bad_rows += fault not in ("total_row", "repeated_header_row")
            self._csv.writerow([number, fault, flag, *[""] * self._plan.width])
        elif record.cells is None and not (self._needs_cells or flag or self._order):
            self._file.write(f"{number}{delimiter}{delimiter}{delimiter}{record.text}\n")
        else:
            cells = self._arranged(record.split(delimiter))
            self._csv.writerow([number, "", flag, *_converted(cells, self._plan.conversions)])

    def _arranged(self, cells: list[str]) -> list[str]:
        """Return the cells in the columns of the first header, as many as are written."""
        if self._order is None:
            return cells + [""] * (self._plan.width - len(cells))
        return [cells[index] if 0 <= index < len(cells) else "" for index in self._order]

    def _follow(self, number: int, record: Record) -> bool:
        """Follow a record that is a header: the rows below it stand in its order. False when it is none."""
        if any(c.isdigit() for c in record.text) and number not in self._plan.inner:
            return False
        labels = plain_labels(record.split(self._plan.delimiter))
        found = read_header(labels, self._plan.schema, number)
        if found.missing or found.doubled or found.typed_twice or len(found.columns) < 2:
            return False
        self.others.append(found)
        self._header = found
        places = {index: field for field, index in self._plan.header.columns.items()}
        self._order = [found.columns.get(places.get(i, ""), -1) for i in range(self._plan.width)]
        return True

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def row_fault(record: Record, delimiter: str, width: int) -> str:
    """Name what is wrong with a record as such, or return an empty text."""
    count = record.text.count(delimiter) + 1 if record.cells is None else len(record.cells)
    if count != width:
        is_total = _TOTAL.match(record.text.lstrip(delimiter)) or _is_heading(record.split(delimiter))
        return "total_row" if is_total else "row_ragged"
    if not record.is_whole:
        return "row_ragged"
    return "control_characters" if FORBIDDEN.search(record.text) else ""


def _is_heading(cells: list[str]) -> bool:
    """Say whether all that a short row holds is a heading or a signature, beside a running number at most."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    words = [cell for cell in filled if not _RUNNING_NUMBER.fullmatch(cell)]
    return len(words) == 1 and len(filled) < 3 and bool(_HEADING.match(words[0].lower()))


def _converted(cells: list[str], conversions: Conversions) -> list[str]:
    """Return the cells without line ends, those of legacy columns in Unicode."""
    plain = [" ".join(c.splitlines()) if "\n" in c or "\r" in c else c for c in cells]
    for index, convert in conversions.items():
        plain[index] = convert(plain[index])
    return plain


def write_regular_rows(lines: Iterable[str], target: Path, plan: Rewriting) -> tuple[int, list[Header]]:
    """Write the data rows of a file anew; returns how many, and the further headers met among them.

    Blank records take a number and give no row. Raises FileRefusedError for a truncated file or more than 1 % of
    bad rows.
    """
    last = [""]
    writer = RowWriter(target, plan)
    try:
        records = read_records(_noting_end(lines, last), plan.delimiter)
        for number, record in enumerate(islice(records, plan.header.row + 1, None), start=1):
            writer.write(number, record)
    finally:
        writer.close()
    if not writer.ends_whole and not last[0].endswith(("\n", "\r")):
        raise FileRefusedError("file_truncated", "the last record is cut short")
    if writer.bad_rows * 100 > writer.rows * MAX_BAD_ROW_SHARE_PCT:
        raise FileRefusedError("too_many_bad_rows", f"{writer.bad_rows} of {writer.rows} rows cannot be read")
    return writer.rows, writer.others


def _noting_end(lines: Iterable[str], last: list[str]) -> Iterator[str]:
    """Pass lines on and keep the latest one in `last`."""
    for line in lines:
        last[0] = line
        yield line
