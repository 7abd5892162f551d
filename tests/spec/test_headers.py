"""The headers that provinces write: each names its field, and those that only look like one name none."""

import csv
from pathlib import Path

import pytest

from analysis.clean.decisions import DECISIONS
from analysis.clean.fields.sites import FACILITIES
from analysis.clean.report_kinds import report_kinds
from analysis.intake.headers.finding import PLATFORM, ROSTER
from analysis.intake.headers.lists import FOLDER_HEADERS, WEAK_HEADERS
from analysis.intake.headers.words import header_key

TABLE = Path(__file__).parent / "tables" / "headers.csv"
SCHEMAS = {
    schema.kind: schema
    for schema in (PLATFORM, ROSTER, DECISIONS, FACILITIES, *(kind.schema for kind in report_kinds()))
}
with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['folder']}: {row['header']}")
def test_a_header_names_its_field_or_none(row: dict[str, str]) -> None:
    assert (SCHEMAS[row["folder"]].field_of(row["header"]) or "") == row["field"], row["source"]


def test_every_row_has_a_source_and_many_must_stay_unknown() -> None:
    assert all(row["source"] for row in ROWS)
    assert sum(bool(row["field"]) for row in ROWS) >= 60
    assert sum(not row["field"] for row in ROWS) >= 60


@pytest.mark.parametrize("kind", sorted(FOLDER_HEADERS))
def test_no_listed_text_names_two_fields(kind: str) -> None:
    named: dict[str, set[str]] = {}
    for headers in (FOLDER_HEADERS[kind], WEAK_HEADERS.get(kind, {})):
        for field, texts in headers.items():
            for text in (field, *filter(None, texts)):
                named.setdefault(header_key(text), set()).add(field)
    assert {key: fields for key, fields in named.items() if len(fields) > 1} == {}


@pytest.mark.parametrize("kind", sorted(FOLDER_HEADERS))
def test_the_lists_speak_of_the_fields_that_are_read(kind: str) -> None:
    assert set(FOLDER_HEADERS[kind]) <= set(SCHEMAS[kind].headers)
