"""Reports whose rows are finer than what they report on: by vaccine, age or facility.

A daily report has one row a day and unit, a denominator one a unit and age. Further rows would be taken for
corrections of the first, and their counts be lost: such a file is refused until its rows are summed.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from analysis.intake.headers.finding import Header, Schema
from analysis.intake.headers.notes import plain_words
from analysis.intake.headers.words import match_header
from analysis.intake.sources import FileRefusedError

_SPLITS = {
    "daily_reports": (
        "vaccine",
        "commune",
        "commune_typed_code",
        "facility_name",
        "facility_code",
        "sex",
        "age_group",
    ),
    "population": ("sex",),
}


# Headers without a field that may part the reports of one day and unit: by session, site, body, group …
_PARTS = re.compile(
    r"\b(?:buoi|ca|dot|ban|diem|doi|noi|co so|don vi|luc luong|khoi|nguon|doi tuong|nhom|hinh thuc|loai)\b"
)
_OF_COUNTS = ("so ", "tong ", "ty le ", "ti le ", "luy ke ")  # "Số ca tai biến" counts
_NAMES_OTHERS = re.compile(r"^(?:quan doi|quan y|bo doi|bo quoc phong|cong an|bo cong an|army|police)\b")
_KEYS = ("report_date", "province_code", "district_code", "reporting_body")


def refuse_split_rows(header: Header, rows: Sequence[Sequence[str]], schema: Schema) -> None:
    """Raise FileRefusedError where a column that no field takes tells rows of one day and unit apart."""
    splits = _SPLITS.get(schema.kind, ())
    for index, text in header.unnamed:
        match = match_header("platform", text) or match_header("population", text)
        if match and match.field in splits and _has_several_values(index, rows):
            what = match.field.removesuffix("_typed_code")
            raise FileRefusedError(
                "rows_split", f"rows are split by {what}; sum them to one row a day and unit", header
            )
    if schema.kind == "daily_reports":
        _refuse_parts(header, rows)


def _refuse_parts(header: Header, rows: Sequence[Sequence[str]]) -> None:
    """Raise FileRefusedError where an unknown column parts the rows of one day and unit, or names another body (sources in-21).

    A later row of the same part is a correction; one of another part would be lost behind it.
    """
    keys = [header.columns[field] for field in _KEYS if field in header.columns]
    for index, text in header.unnamed:
        words = plain_words(text)
        if not _PARTS.search(words) or words.startswith(_OF_COUNTS):
            continue
        parts: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for row in rows:
            if len(row) > index and row[index].strip():
                key = tuple(row[k].strip().lower() if len(row) > k else "" for k in keys)
                parts[key].add(" ".join(plain_words(row[index]).split()))
        if any(key[0] and len(found) > 1 for key, found in parts.items()):
            raise FileRefusedError(
                "rows_split",
                f"rows are split by column {index + 1}; sum them to one row a day and unit",
                header,
            )
        if any(_NAMES_OTHERS.match(text) for found in parts.values() for text in found):
            raise FileRefusedError(
                "rows_split", f"column {index + 1} names army or police; head it reporting_body", header
            )


def _has_several_values(index: int, rows: Sequence[Sequence[str]]) -> bool:
    return len({row[index].strip().lower() for row in rows if len(row) > index and row[index].strip()}) > 1
