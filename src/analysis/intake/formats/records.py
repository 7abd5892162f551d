"""Counting the records of a delimited file apart from the engine that reads it, some megabytes at a time.

What is counted here is compared with what the engine reads: a file on which they differ is rewritten
record by record instead.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

CHUNK_BYTES = 8 * 1024 * 1024
# A file with more blank lines between its rows is rewritten: each shifts the numbers of those below it.
MAX_BLANK_LINES = 60
_BLANK = re.compile(rb"\n(?:\r?\n)+")
_QUOTE, _LF, _CR = 34, 10, 13


@dataclass(frozen=True)
class Records:
    """The records of a file, header and blank ones too, and the numbers (from 0) of the blank ones.

    `has_errors` says that a spreadsheet's error (#N/A) may stand in it.
    """

    records: int
    blank: tuple[int, ...] = ()
    has_errors: bool = False


@dataclass
class _Count:
    """What was counted so far: line ends between records, blank records, and whether a quote is open."""

    breaks: int = 0
    blank: list[int] = field(default_factory=list)
    quote_open: bool = False
    has_errors: bool = False

    def add(self, body: bytes) -> bool:
        """Count a piece of text; False when it is not regular."""
        if has_control_characters(body):
            return False
        self.has_errors = self.has_errors or b"#" in body
        letters = np.frombuffer(body, dtype=np.uint8)
        quotes = np.flatnonzero(letters == _QUOTE)
        breaks = self._unquoted(np.flatnonzero(letters == _LF), quotes)
        if b"\r" in body and (self.quote_open or len(quotes)):
            returns = np.flatnonzero(letters == _CR)
            if len(self._unquoted(returns, quotes)) < len(returns):
                return False  # the engine cuts a cell at a quoted carriage return
        self.quote_open ^= len(quotes) % 2 == 1
        for match in _BLANK.finditer(body):
            first = int(np.searchsorted(breaks, match.start())) + 1
            self.blank += range(self.breaks + first, self.breaks + first + match[0].count(b"\n") - 1)
        self.breaks += len(breaks)
        return len(self.blank) <= MAX_BLANK_LINES

    def _unquoted(self, places: npt.NDArray[np.intp], quotes: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return the places outside quotes; a doubled quote opens and closes twice."""
        outside: npt.NDArray[np.intp] = places[np.searchsorted(quotes, places) % 2 == self.quote_open]
        return outside


def count_records(path: Path) -> Records | None:
    """Count a file's records; None when it is not regular.

    Not regular: control characters, quoted carriage returns, a blank first line, many blank lines. Blank
    lines at the very end do not matter.
    """
    count, carried = _Count(), b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            # The line ends that close a chunk may belong to a blank line: judged with the next chunk.
            text = carried + chunk
            body = text.rstrip(b"\r\n")
            carried = text[len(body) :]
            if not count.breaks and body.removeprefix(b"\xef\xbb\xbf")[:1] in (b"\n", b"\r", b""):
                return None
            if len(carried) > CHUNK_BYTES or (body and not count.add(body)):
                return None
    return None if count.quote_open else Records(count.breaks + 1, tuple(count.blank), count.has_errors)


def has_control_characters(data: bytes) -> bool:
    """Say whether bytes hold control characters other than line ends and tabs."""
    low = int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) < 32))
    return low != data.count(b"\n") + data.count(b"\r") + data.count(b"\t") or b"\x7f" in data
