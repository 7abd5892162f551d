"""Reports whose rows are finer than what they report on: by vaccine, age or facility.

A daily report has one row a day and unit, a denominator one a unit and age. Further rows would be taken for
corrections of the first, and their counts be lost: such a file is refused until its rows are summed.
"""

from collections.abc import Sequence

from analysis.intake.headers.finding import Header, Schema
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


def _has_several_values(index: int, rows: Sequence[Sequence[str]]) -> bool:
    return len({row[index].strip().lower() for row in rows if len(row) > index and row[index].strip()}) > 1
