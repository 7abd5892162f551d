"""Decision table of the linkage: what a row says, and the citizen, verdict and fields it must get."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from linkage_samples import OTHER_COMMUNE, Sample, citizen, crowd, dose, link_sample

Row = dict[str, Any]

AN = "002062000001"
HOA = "002165000002"
CHOI_YEAR, CHOI_DAY = "002071555555", "002071666666"
YEN, HIEN = "002190111111", "002190222222"
FATHER, SON = "002062333333", "002088444444"
TAI, SEN = "002055888888", "079060999999"
MONG, AWAY = "002085131313", "002092141414"
NUMBER_TWICE = "073999000"

CITIZENS = [
    citizen(AN, "Nguyễn Văn An", "1962-03-05", old_id_numbers=["073111222"]),
    citizen(HOA, "Đặng Thị Hòa", "1965-10-20", "Nữ"),
    citizen(CHOI_YEAR, "Bàn Tòn Chòi", "1971"),
    citizen(CHOI_DAY, "Bàn Tòn Chòi", "1971-08-02"),
    citizen(YEN, "Trương Thị Yến", "1990-04-17", "Nữ"),
    citizen(HIEN, "Trương Thị Hiền", "1990-04-17", "Nữ"),
    citizen("002191777777", "Trương Thị Lan", "1991-06-08", "Nữ"),
    citizen(FATHER, "Lục Văn Sơn", "1962-05-09"),
    citizen(SON, "Lục Văn Sơn", "1988-11-23"),
    citizen(TAI, "Hứa Văn Tài", "1955-06-30", old_id_numbers=[NUMBER_TWICE]),
    citizen(SEN, "Mai Thị Sen", "1960-12-11", "Nữ", old_id_numbers=[NUMBER_TWICE]),
    citizen("002083121212", "Lương Văn Tú", "1983-07-07", permanent_commune_code=OTHER_COMMUNE),
    citizen(MONG, "Vàng Mí Pó", "1985-09-14"),
    citizen(AWAY, "Phùng Thị Nga", "1992-02-29", "Nữ", current_commune_code="26734"),
]


class Case(NamedTuple):
    """What the row is like, the row, and the verdict: citizen, status, fields to be corrected."""

    label: str
    row: Row
    citizen_id: str | None
    status: str
    differing: tuple[str, ...] = ()


def _an(**other: Any) -> Row:
    return dose("Nguyễn Văn An", "1962-03-05", "Nam", AN, **other)


CASES = [
    # The citizen is certain, and what differs is named.
    Case("four fields agree", _an(), AN, "verified"),
    Case("old number", dose("Nguyễn Văn An", "1962-03-05", "Nam", "073111222"), AN, "verified"),
    Case("no accents", dose("Nguyen Van An", "1962-03-05", "Nam", AN), AN, "matched", ("full_name",)),
    Case("wrong sex", dose("Nguyễn Văn An", "1962-03-05", "Nữ", AN), AN, "matched", ("sex",)),
    Case("sex empty", dose("Nguyễn Văn An", "1962-03-05", None, AN), AN, "matched", ("sex",)),
    Case("no number", dose("Nguyễn Văn An", "1962-03-05"), AN, "matched", ("id_number",)),
    Case("year only", dose("Nguyễn Văn An", "1962", "Nam", AN), AN, "matched", ("birth_date",)),
    Case(
        "more precise than the registry",
        dose("Bàn Tòn Chòi", "1971-01-01", "Nam", CHOI_YEAR),
        CHOI_YEAR,
        "verified",
    ),
    Case(
        "day and month swapped",
        dose("Nguyễn Văn An", "1962-05-03", "Nam", AN),
        AN,
        "matched",
        ("birth_date",),
    ),
    Case(
        "the day before",
        dose("Đặng Thị Hòa", "1965-10-19", "Nữ"),
        HOA,
        "matched",
        ("id_number", "birth_date"),
    ),
    Case(
        "one digit of the number",
        dose("Đặng Thị Hòa", "1965-10-20", "Nữ", "002165000008"),
        HOA,
        "matched",
        ("id_number",),
    ),
    Case(
        "two digits exchanged",
        dose("Đặng Thị Hòa", "1965-10-20", "Nữ", "002615000002"),
        HOA,
        "matched",
        ("id_number",),
    ),
    Case("slip in the name", dose("Đặng Thị Hòaq", "1965-10-20", "Nữ", HOA), HOA, "matched", ("full_name",)),
    Case("given name first", dose("Hòa Đặng Thị", "1965-10-20", "Nữ", HOA), HOA, "matched", ("full_name",)),
    Case(
        "renamed after the first child",
        dose("Vàng Chứ Pó", "1985-09-14"),
        MONG,
        "matched",
        ("id_number", "full_name"),
    ),
    Case(
        "lives elsewhere for work",
        dose(
            "Phùng Thị Nga", "1992-02-29", "Nữ", commune_code="26734", district_code="760", province_code="79"
        ),
        AWAY,
        "matched",
        ("id_number",),
    ),
    # A number proves nothing by itself.
    Case(
        "a stranger's number",
        dose("Trần Thị Hoa", "1990-07-12", "Nữ", AN, commune_code=OTHER_COMMUNE),
        None,
        "not_in_registry",
    ),
    Case(
        "the son under his father's number",
        dose("Lục Văn Sơn", "1988-11-23", "Nam", FATHER),
        SON,
        "matched",
        ("id_number",),
    ),
    Case(
        "a brother the registry lacks",
        dose("Lục Văn Hải", "1991-03-03", "Nam", FATHER),
        None,
        "not_in_registry",
    ),
    Case(
        "a wife the registry lacks",
        dose("Hoàng Thị Thu", "1965-02-02", "Nữ", FATHER),
        None,
        "not_in_registry",
    ),
    Case(
        "first holder of a number issued twice",
        dose("Hứa Văn Tài", "1955-06-30", "Nam", NUMBER_TWICE),
        TAI,
        "verified",
    ),
    Case("second holder of it", dose("Mai Thị Sen", "1960-12-11", "Nữ", NUMBER_TWICE), SEN, "verified"),
    Case("neither holder", dose("Phùng Văn Lợi", "1980-09-19", "Nam", NUMBER_TWICE), None, "not_in_registry"),
    Case(
        "a namesake with a valid number of his own",
        dose("Lương Văn Tú", "1983", "Nam", "002083989898"),
        None,
        "not_in_registry",
    ),
    Case(
        "a number that nobody holds, of another sex and year: a relative's",
        dose("Đặng Thị Hòa", "1965-10-20", "Nữ", "002041888777"),
        HOA,
        "matched",
        ("id_number",),
    ),
    Case(
        "the same, and the name has other accents: perhaps a twin's",
        dose("Đặng Thị Hoa", "1965-10-20", "Nữ", "002041888777"),
        None,
        "clerical_review",
    ),
    Case(
        "a number that nobody holds and that could be her own",
        dose("Đặng Thị Hòa", "1965-10-20", "Nữ", "002165888777"),
        None,
        "clerical_review",
    ),
    # People whom nothing tells apart go to a person.
    Case("one twin", dose("Trương Thị Yến", "1990-04-17", "Nữ"), YEN, "matched", ("id_number",)),
    Case(
        "the other, with her sister's number",
        dose("Trương Thị Hiền", "1990-04-17", "Nữ", YEN),
        HIEN,
        "matched",
        ("id_number",),
    ),
    Case("a twin without given name", dose("Trương Thị", "1990-04-17", "Nữ"), None, "clerical_review"),
    Case("a twin the registry lacks", dose("Trương Thị Nhàn", "1991-06-08", "Nữ"), None, "clerical_review"),
    Case("father or son", dose("Lục Văn Sơn", None), None, "clerical_review"),
    Case("cousins of one name, year only", dose("Bàn Tòn Chòi", "1971"), None, "clerical_review"),
    Case(
        "the cousin with a birthday", dose("Bàn Tòn Chòi", "1971-08-02"), CHOI_DAY, "matched", ("id_number",)
    ),
    # What cannot be searched for at all.
    Case("one syllable and no number", dose("An", None), None, "insufficient"),
    Case("no birth date and no number", dose("Cao Bá Quát", None), None, "insufficient"),
    Case("a foreigner", dose("Ann Example", "1980-01-02", "Nữ", is_foreigner=True), None, "out_of_scope"),
    Case("a test entry", _an(is_rejected=True), None, "rejected"),
    Case("an impossible vaccination date", _an(is_counted=False, vaccination_date=None), AN, "verified"),
]


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Link all rows of the table at once: no row may change the verdict on another."""
    rows = [case.row | {"dose_number": None} for case in CASES]
    return link_sample(Sample(rows, [*crowd(), *CITIZENS]), tmp_path_factory.mktemp("verdicts")).links


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.label for case in CASES])
def test_verdict(links: list[Row], number: int) -> None:
    case, link = CASES[number], links[number]
    assert (link["citizen_id"], link["link_status"]) == (case.citizen_id, case.status)
    assert tuple(link["differing_fields"]) == case.differing


def test_the_table_meets_every_status() -> None:
    assert {case.status for case in CASES} == {
        *("verified", "matched", "clerical_review", "not_in_registry"),
        *("insufficient", "out_of_scope", "rejected"),
    }


def test_a_row_alone_gets_the_same_verdict(tmp_path: Path) -> None:
    case = next(c for c in CASES if c.label == "the son under his father's number")
    link = link_sample(Sample([dict(case.row, source_row=1)], [*crowd(), *CITIZENS]), tmp_path).links[0]
    assert link["citizen_id"] == SON
