"""What a cell must look like to stand in a field's column: enough to tell a short row from a shifted one."""

import re

from analysis.intake.headers.finding import Header, Schema
from analysis.intake.headers.lists import COUNT_FIELDS, DATE_FIELDS

_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?:\D.*)?|\d{4}-\d{1,2}-\d{1,2}(?:\D.*)?", re.DOTALL)
# Seven, nine and more figures in a row are a telephone's or a paper's; thirteen are a moment in milliseconds.
_NO_DAY = re.compile(r"\d{7}|\d{9,12}|[^\d]*")
_COUNT = re.compile(r"[-+]?\d[\d.,\s]*")
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)


def unwrapped(cell: str) -> str:
    """Return the text inside a cell that is a formula of a text, `="…"`; any other cell as it is.

    >>> unwrapped('="0912345678"')
    '0912345678'
    """
    found = _FORMULA.fullmatch(cell.strip()) if '="' in cell else None
    return found[1].replace('""', '"') if found else cell


def fits(field: str, cell: str) -> bool:
    """Say whether a cell can stand in a field's column; an empty one can in any."""
    text = unwrapped(cell).strip()
    if not text:
        return True
    if field in DATE_FIELDS:
        return len(text) <= 40 and not _NO_DAY.fullmatch(text)
    if field in COUNT_FIELDS:
        return bool(_COUNT.fullmatch(text))
    if _DATE.fullmatch(text) and field not in ("note", "address", "reaction"):
        return False
    if field == "full_name":
        return not any(c.isdigit() for c in text)
    if field == "dose_number":
        return len(text) <= 30 and not re.fullmatch(r"\d{3,}", text)
    return not (field == "sex" and len(text) > 10)


def is_only_short(cells: list[str], header: Header, schema: Schema) -> bool:
    """Say whether a short row lacks nothing but empty cells at its end.

    None of the missing columns is required, each required one is filled in, and every present cell fits.
    """
    placed = list(header.columns.items())
    for field, index in placed:
        if index >= len(cells):
            if field in schema.required:
                return False
        elif not fits(field, cells[index]) or (field in schema.required and not cells[index].strip()):
            return False
    by_sex = (*(header.by_sex or ())[1:], *(header.one_sex or ())[1:])
    return all(index < len(cells) for index in by_sex)
