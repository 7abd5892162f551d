"""Every column of every table is described, once, in both languages, with a unit and its closed values."""

import re
import unicodedata

import pytest

from analysis import columns
from analysis.clean.decisions import KINDS
from analysis.clean.quality.measures import MEASURES
from analysis.columns import UNITS, ColumnText, describe_column, described_tables, read_columns
from analysis.coverage.ages import AGE_GROUPS
from analysis.coverage.bases.bridge import STEPS
from analysis.coverage.dose_series import STATUSES
from analysis.coverage.notes import BIRTH_NOTES, PERSON_NOTES
from analysis.reference import LEVELS, read_vaccines
from analysis.tables import TABLES

Texts = dict[tuple[str, str], ColumnText]
# Units that a type can hold; numbers hold all that is counted or measured.
UNITS_OF_TYPE = {
    "VARCHAR": {"code", "text", "partial_date"},
    "VARCHAR[]": {"codes"},
    "BOOLEAN": {"flag"},
    "DATE": {"date"},
    "TIMESTAMP": {"time"},
}
COUNTED = set(UNITS) - set().union(*UNITS_OF_TYPE.values())
# "đủ liều cơ bản", "liều bổ sung" and "liều nhắc lại" are fixed words; elsewhere a liều is supplied.
FIXED_WORDS = re.compile(r"đủ liều|liều (?:cơ bản|bổ sung|nhắc lại)")


def undescribed(texts: Texts, tables: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the columns that have no description."""
    named = [(table, column) for table, held in tables.items() for column in held]
    return [f"{t}.{c}" for t, c in named if (t, c) not in texts and ("", c) not in texts]


def unused(texts: Texts, tables: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the descriptions of columns that do not exist, or that every table overrides."""
    named = {(table, column) for table, held in tables.items() for column in held}
    used = {key if key in texts else ("", key[1]) for key in named}
    return [".".join(key) for key in texts if key not in used]


def unfit(text: ColumnText) -> list[str]:
    """Return what is wrong with a description itself: an empty language, an unknown unit, mixed words."""
    loose = FIXED_WORDS.sub("", text.vietnamese)
    checks = {
        "no Vietnamese": not text.vietnamese.strip(),
        "no English": not text.english.strip(),
        "unknown unit": text.unit not in UNITS,
        "a value twice": len(set(text.values)) < len(text.values),
        "not in NFC": unicodedata.normalize("NFC", text.vietnamese) != text.vietnamese,
        "ends with a stop": text.vietnamese.endswith(".") or text.english.endswith("."),
        "liều for mũi": "liều" in loose and text.unit.startswith(("doses", "entries", "people", "rows")),
        "mũi for liều": "mũi" in loose and text.unit == "supplied_doses",
        "vaccine for vắc xin": "vaccine" in text.vietnamese.lower(),
    }
    return [f"{text.column}: {wrong}" for wrong, holds in checks.items() if holds]


def text(
    column: str = "a", unit: str = "doses", vietnamese: str = "Số mũi", english: str = "Doses"
) -> ColumnText:
    return ColumnText(column, unit, (), vietnamese, english)


def test_a_missing_description_is_found() -> None:
    tables = {"one": ("a", "b"), "two": ("b",)}
    assert undescribed({("", "a"): text(), ("two", "b"): text()}, tables) == ["one.b"]


def test_a_description_of_nothing_is_found() -> None:
    texts = {("", "a"): text(), ("one", "a"): text(), ("one", "lost"): text()}
    assert unused(texts, {"one": ("a",)}) == [".a", "one.lost"]


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (text(vietnamese=" "), "no Vietnamese"),
        (text(english=""), "no English"),
        (text(unit="mũi"), "unknown unit"),
        (text(vietnamese="Số liều đã tiêm"), "liều for mũi"),
        (text(unit="supplied_doses", vietnamese="Số mũi được phân bổ"), "mũi for liều"),
        (text(vietnamese="Số mũi vaccine"), "vaccine for vắc xin"),
        (text(vietnamese="Số mũi."), "ends with a stop"),
    ],
)
def test_an_unfit_description_is_found(wrong: ColumnText, found: str) -> None:
    assert unfit(wrong) == [f"a: {found}"]


def test_every_column_is_described() -> None:
    assert undescribed(read_columns(), described_tables()) == []


def test_every_description_is_of_a_column() -> None:
    assert unused(read_columns(), described_tables()) == []


def test_descriptions_are_fit() -> None:
    assert [wrong for described in read_columns().values() for wrong in unfit(described)] == []


def test_the_same_words_are_written_once() -> None:
    lines = columns.DESCRIPTIONS.read_text("utf-8").splitlines()
    assert len({line.split(",")[0] + line.split(",", 2)[2] for line in lines}) == len(lines)


def test_units_fit_the_types() -> None:
    wrong = {
        f"{table.name}.{column}"
        for table in TABLES.values()
        for column, kind in table.columns.items()
        if describe_column(table.name, column).unit not in UNITS_OF_TYPE.get(kind, COUNTED)
    }
    assert wrong == set()


PRODUCTS = set(read_vaccines()["product"])
IN_THE_CODE = {
    ("coverage", "series_status"): set(STATUSES),
    ("coverage", "age_group"): set(AGE_GROUPS),
    ("coverage", "unit_level"): {"country", *LEVELS},
    ("coverage_bridge", "step"): set(STEPS),
    ("series_notes", "note"): set(PERSON_NOTES | BIRTH_NOTES),
    ("decisions", "decision"): set(KINDS),
    ("quality_scores", "dimension"): {measure.dimension for measure in MEASURES},
    ("doses", "vaccine"): PRODUCTS | {"unknown"},
    ("due", "previous_product"): PRODUCTS | {"unknown"},
    ("first_dose_deadlines", "vaccine"): PRODUCTS,
}


@pytest.mark.parametrize(("table", "column"), IN_THE_CODE)
def test_closed_lists_are_those_of_the_code(table: str, column: str) -> None:
    values = describe_column(table, column).values
    assert set(values) == IN_THE_CODE[table, column]


def test_a_table_may_mean_something_else() -> None:
    assert describe_column("doses", "note").unit == "text"
    assert "interval_too_short" in describe_column("series_notes", "note").values
    with pytest.raises(KeyError):
        describe_column("doses", "nobody_wrote_this")
