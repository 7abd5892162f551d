"""Names that stand in two columns: "Họ và tên" over two, the second without a header."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.intake.headers.finding import Header

# Of the rows with a name, how many must have the person's own name in the next column.
_LEAST_SHARE = 0.8
_LEAST_ROWS = 3
_MOST_WORDS = 3


def with_whole_names(header: Header, rows: Sequence[Sequence[str]]) -> Header:
    """Return a header whose name takes in the next column where that has no header and holds the own names."""
    index = header.columns.get("full_name")
    if index is None or index + 1 not in header.blank:
        return header
    named = [row for row in rows if len(row) > index + 1 and row[index].strip()]
    own = [row for row in named if _is_own_name(row[index + 1].strip())]
    if len(own) < _LEAST_ROWS or len(own) < len(named) * _LEAST_SHARE:
        return header
    return replace(header, joined=(*header.joined, ("full_name", index + 1)))


def _is_own_name(text: str) -> bool:
    words = text.replace("'", "").split()
    return 0 < len(words) <= _MOST_WORDS and all(map(str.isalpha, words))
