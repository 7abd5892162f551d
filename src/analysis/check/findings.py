"""What a look at an intake finds: problems, columns, files, and the folder as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Of a file's rows, fewer than one in ten or than three are slips of single rows, not of the file.
_FEW, _FEWEST = 10, 3
OK, SET_ASIDE, IGNORED = "ok", "quarantined", "ignored"


@dataclass(frozen=True)
class Problem:
    """One finding: its code, the cell, column or row it is about as the spreadsheet numbers it, and rows touched.

    `facts` fill its sentence; those called `file` or `header` are names from the intake. A note is worth saying and
    leaves nothing out.
    """

    code: str
    where: str = ""
    rows: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_note: bool = False


@dataclass(frozen=True)
class FieldCount:
    """Cells of one field in the rows that were looked at: filled ones, those of them that can be read, the first that cannot."""

    filled: int
    readable: int
    first_unread: int | None = None
    different_unread: int = 0


@dataclass(frozen=True)
class ColumnFinding:
    """One column: its letter, its header as typed, its field (None: unknown) and the known header that is nearest.

    `readable_share`: of the rows looked at for a field that counts need, else of the filled cells.
    """

    letter: str
    header: str
    field: str | None
    nearest: str | None = None
    readable_share: float | None = None
    is_typed: bool = False


@dataclass
class FileFinding:
    """One file, sheet or archive member of a folder (`kind`), and what a run would make of it."""

    file: str
    kind: str
    status: str
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    rows: int | None = None
    rows_looked_at: int = 0
    is_estimated: bool = False
    columns: list[ColumnFinding] = field(default_factory=list)
    conventions: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sender: str | None = None


@dataclass(frozen=True)
class Presence:
    """What of a folder is there: units of province level, first and last day, and what its rows add up to."""

    provinces: frozenset[str] = frozenset()
    first_day: str | None = None
    last_day: str | None = None
    total: int | None = None


@dataclass
class Findings:
    """All findings of an intake: file by file, of the folder as a whole, and what is there by folder."""

    raw: str
    files: list[FileFinding]
    problems: list[Problem]
    presence: dict[str, Presence]
    is_refused: bool

    @property
    def exit_code(self) -> int:
        """Return 0 usable, 3 a run would be refused, 4 usable with something left out or misread."""
        if self.is_refused:
            return 3
        found = [*self.problems, *(problem for file in self.files for problem in file.problems)]
        return 4 if any(not problem.is_note for problem in found) else 0


def is_few(count: int, of: int) -> bool:
    """Say whether so many of a file's rows are slips of single rows; all of them never are."""
    return count < of and (count * _FEW < of or count < _FEWEST)


def column_letter(index: int) -> str:
    """Return the letters of a column from its number, counted from 0.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
