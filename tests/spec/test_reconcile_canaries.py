"""Canaries of a false link: relatives and namesakes who must never be taken for one another.

Each family lives in one commune. A case says whose row it is; the row may be linked to that person, or left
to people where nothing tells two candidates apart, and never to anybody else. The last tests take every
relative out of the registry in turn: the row of a person the registry lacks must not find a relative.
"""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from linkage_samples import OTHER_COMMUNE, Sample, citizen, crowd, dose, link_sample

Row = dict[str, Any]
Person = dict[str, Any]

PHONE = "0912000111"
SOUTH = {"commune_code": "26734", "district_code": "760", "province_code": "79"}
NOWHERE: Row = dict.fromkeys(("commune_code", "district_code", "province_code"))
TWICE = "271450777"  # of the range that two provinces issued (sources id-4)

# One household: a father and a son of one name, the mother, twin sisters, twins of both sexes.
FATHER = citizen("002062333333", "Lục Văn Sơn", "1962-05-09", old_id_numbers=["073222111"])
SON = citizen("002088444444", "Lục Văn Sơn", "1988-11-23")
MOTHER = citizen("002165555555", "Hoàng Thị Thu", "1965-02-02", "Nữ")
YEN = citizen("002190111111", "Lục Thị Yến", "1990-04-17", "Nữ")
HIEN = citizen("002190222222", "Lục Thị Hiền", "1990-04-17", "Nữ")
HA = citizen("002095121212", "Lục Xuân Hà", "1995-07-30", "Nam")
HA_SISTER = citizen("002195343434", "Lục Xuân Hạ", "1995-07-30", "Nữ")
# A Dao lineage: the generation's middle name makes cousins bear one name; the old know only their year.
CHOI_YEAR = citizen("002071555555", "Bàn Tòn Chòi", "1971", ethnicity_code="19")
CHOI_DAY = citizen("002071666666", "Bàn Tòn Chòi", "1971-08-02", ethnicity_code="19")
CHOI_OLD = citizen("002058777777", "Bàn Tòn Chòi", "1958", ethnicity_code="19")
# Mông brothers; men are renamed after the first child.
MONG = citizen("002085131313", "Vàng Mí Pó", "1985-09-14", ethnicity_code="08")
MONG_BROTHER = citizen("002087141414", "Vàng Chứ Pó", "1987-03-03", ethnicity_code="08")
# Two holders of one number, and strangers who share name and birthday across provinces.
TAI = citizen("002055888888", "Hứa Văn Tài", "1955-06-30", old_id_numbers=[TWICE])
SEN = citizen("079060999999", "Hứa Văn Tài", "1960-12-11", old_id_numbers=[TWICE])
LAN = citizen("002192010101", "Trần Thị Lan", "1992-06-08", "Nữ")
LAN_SOUTH = citizen("079192020202", "Trần Thị Lan", "1992-06-08", "Nữ", permanent_commune_code="26734")
BAY = citizen("002050030303", "Nông Văn Bảy", "1950-01-01")
BAY_NEXT_DOOR = citizen("002050040404", "Nông Văn Bảy", "1950-01-01")
# Twins whose names an accent or a letter tells apart; one of a pair whose twin the registry lacks.
MAI = citizen("002193070401", "Vàng Thị Mai", "1993-05-12", "Nữ")
MAY = citizen("002193070402", "Vàng Thị Mây", "1993-05-12", "Nữ")
HANH = citizen("002194070403", "Lù Thị Hạnh", "1994-06-17", "Nữ")
HOA = citizen("002185070501", "Nguyễn Thị Hoa", "1985-08-21", "Nữ")

HOUSEHOLD = [FATHER, SON, MOTHER, YEN, HIEN, HA, HA_SISTER]
LINEAGES = [CHOI_YEAR, CHOI_DAY, CHOI_OLD, MONG, MONG_BROTHER]
NAMESAKES = [TAI, SEN, LAN, LAN_SOUTH, BAY, BAY_NEXT_DOOR]
TWINS = [MAI, MAY, HANH, HOA]
EVERYBODY = [*HOUSEHOLD, *LINEAGES, *NAMESAKES, *TWINS]


class Case(NamedTuple):
    """What the row is like, the row, and who it may be linked to (none: review, or nobody)."""

    label: str
    row: Row
    person: Person | None
    status: str


def _row(person: Person, number: str | None = None, **other: Any) -> Row:
    """Return the row of a person as he would give it, under any number."""
    place = SOUTH if person["permanent_commune_code"] == SOUTH["commune_code"] else {}
    return dose(person["full_name"], person["birth_date"], person["sex"], number) | place | other


def _linked(label: str, person: Person, row: Row) -> Case:
    return Case(label, row, person, "matched")


def _left(label: str, row: Row, status: str = "clerical_review") -> Case:
    return Case(label, row, None, status)


CASES = [
    # A relative's number never wins over the person's own name and birth date.
    _linked("a son under his father's number", SON, _row(SON, FATHER["citizen_id"])),
    _linked("a son under his father's old number", SON, _row(SON, "073222111")),
    _linked("a father under his son's number", FATHER, _row(FATHER, SON["citizen_id"])),
    _linked("a wife under her husband's number", MOTHER, _row(MOTHER, FATHER["citizen_id"])),
    _linked("a daughter under her mother's number", YEN, _row(YEN, MOTHER["citizen_id"])),
    _linked("a twin under her twin's number", HIEN, _row(HIEN, YEN["citizen_id"])),
    _linked(
        "a wife, year of birth alone, under her husband's number",
        MOTHER,
        _row(MOTHER, FATHER["citizen_id"], birth_date="1965", birth_precision="year"),
    ),
    _linked("a brother under the renamed man's number", MONG_BROTHER, _row(MONG_BROTHER, MONG["citizen_id"])),
    _linked(
        "a neighbour's number one digit from hers",
        MOTHER,
        _row(MOTHER, "002165555556"),
    ),
    # The line above copied by mistake: the neighbour's number, birth date and sex under one's own name.
    _left("the name of one, number and birth date of another",
          dose("Đinh Quốc Quân", FATHER["birth_date"], "Nam", FATHER["citizen_id"])),
    # Twins: the given name tells them apart, and where it is missing or both could be meant, a person does.
    _linked("a twin without number", YEN, _row(YEN)),
    _linked("twins of both sexes: the brother", HA, _row(HA)),
    _linked("twins of both sexes: the sister", HA_SISTER, _row(HA_SISTER)),
    _left("twins of both sexes, no accents and no sex", dose("Luc Xuan Ha", "1995-07-30", None)),
    _left("a twin without given name", dose("Lục Thị", "1990-04-17", "Nữ")),
    # A given name that is neither twin's, or not that of the only near one, is perhaps the name of somebody else.
    _linked("one of near twins, with her accents", MAY, _row(MAY)),
    _linked("one of near twins, without accents", MAI, dose("Vang Thi Mai", "1993-05-12", "Nữ")),
    _left("accents of neither twin", dose("Vàng Thị May", "1993-05-12", "Nữ")),
    _left("a twin the registry lacks, other letters", dose("Lù Thị Hằng", "1994-06-17", "Nữ")),
    _left("the same by her father's telephone", dose("Lù Thị Hằng", "1994-06-17", "Nữ", phone=PHONE)),
    _linked("a slip that is nobody's name", HANH, dose("Lù Thị Hạnhh", "1994-06-17", "Nữ")),
    _linked("another accent where nobody else is near", HOA, dose("Nguyễn Thị Hoà", "1985-08-21", "Nữ")),
    # A namesake's own number, which the registry does not know.
    _left("another province's number that fits the row", _row(HOA, "008185700977")),
    _left("another number of her own province", _row(HOA, "002185712345")),
    # Father and son.
    _linked("father by his birth date", FATHER, _row(FATHER)),
    _linked("son by his birth year", SON, _row(SON, birth_date="1988", birth_precision="year")),
    _left("father or son", dose("Lục Văn Sơn", None)),
    _left("father or son, no accents", dose("Luc Van Son", None)),
    # A shared telephone leads to a household, not to a person.
    Case("husband, all fields and the shared telephone", _row(FATHER, FATHER["citizen_id"], phone=PHONE),
         FATHER, "verified"),
    _linked("wife by the shared telephone, slip in her name", MOTHER,
            dose("Hoàng Thị Thhu", "1965-02-02", "Nữ", phone=PHONE)),
    _left("a sister-in-law by the shared telephone", dose("Mai Thị Loan", "1970-10-10", "Nữ", phone=PHONE),
          "not_in_registry"),
    # A lineage.
    _linked("the cousin with a birthday", CHOI_DAY, _row(CHOI_DAY)),
    _linked("the elder cousin", CHOI_OLD, _row(CHOI_OLD)),
    _left("cousins of one year", dose("Bàn Tòn Chòi", "1971")),
    _left("cousins of one year, written as 1 January", dose("Bàn Tòn Chòi", "1971-01-01")),
    _left("cousins, no birth date", dose("Bàn Tòn Chòi", None)),
    # Renamed: his old name is now near his brother's; the number or the birth date decides.
    _linked("renamed to his brother's name, own number", MONG,
            dose("Vàng Chứ Pó", "1985-09-14", "Nam", MONG["citizen_id"])),
    _linked("renamed to his brother's name, no number", MONG, dose("Vàng Chứ Pó", "1985-09-14")),
    # One number, two holders; one name and birthday, two strangers.
    Case("first holder of a number issued twice", _row(TAI, TWICE), TAI, "verified"),
    Case("second holder of it", _row(SEN, TWICE), SEN, "verified"),
    _left("either holder", dose("Hứa Văn Tài", None, "Nam", TWICE)),
    _linked("namesake of one birthday: here", LAN, _row(LAN)),
    _linked("namesake of one birthday: in the south", LAN_SOUTH, _row(LAN_SOUTH)),
    _left("namesakes of one birthday, no place", _row(LAN, **NOWHERE)),
    _left("two neighbours born on 1 January", _row(BAY)),
]  # fmt: skip


def _link(rows: list[Row], people: list[Person], folder: Path) -> list[Row]:
    for row in rows:
        row["dose_number"] = None
    return link_sample(Sample(rows, [*crowd(), *people]), folder).links


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Link all cases at once."""
    return _link([case.row for case in CASES], EVERYBODY, tmp_path_factory.mktemp("canaries"))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.label for case in CASES])
def test_nobody_is_taken_for_a_relative(links: list[Row], number: int) -> None:
    case, link = CASES[number], links[number]
    expected = case.person["citizen_id"] if case.person else None
    assert (link["citizen_id"], link["link_status"]) == (expected, case.status)


def _rows_of_an_absent(person: Person, others: list[Person]) -> list[Row]:
    """Return rows of a person the registry lacks: no number, his own, each relative's; then half-empty."""
    # Name, birth date and number of one citizen are that citizen, whoever stood there.
    unlike = [
        o for o in others if (o["full_name"], o["birth_date"]) != (person["full_name"], person["birth_date"])
    ]
    numbers = [None, person["citizen_id"], *(other["citizen_id"] for other in unlike)]
    year = {"birth_date": person["birth_date"][:4], "birth_precision": "year"}
    unaccented = {"full_name": person["name_key"], "name_accented": person["name_key"]}
    return [
        *(_row(person, number) for number in numbers),
        _row(person, person["citizen_id"], **year),
        _row(person, None, **unaccented),
        _row(person, person["citizen_id"], commune_code=OTHER_COMMUNE),
        _row(person, person["citizen_id"], phone=PHONE),
    ]


# Without those whom nothing but a birth year or an accent tells apart: of them see the last test.
FAMILIES = {
    "household": [FATHER, SON, MOTHER, YEN, HIEN],
    "lineages": [CHOI_OLD, MONG, MONG_BROTHER],
    "namesakes": [LAN, LAN_SOUTH],
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_person_the_registry_lacks_is_not_taken_for_a_relative(
    family: list[Person], tmp_path: Path
) -> None:
    for absent in family:
        others = [person for person in family if person is not absent]
        rows = [_row(MOTHER, MOTHER["citizen_id"], phone=PHONE), *_rows_of_an_absent(absent, others)]
        people = [person for person in EVERYBODY if person is not absent]
        links = _link(rows, people, tmp_path / absent["citizen_id"])
        taken = [row for row, link in zip(rows[1:], links[1:], strict=True) if link["citizen_id"]]
        assert not taken, f"{absent['full_name']}: {[row['id_number_typed'] for row in taken]}"


@pytest.mark.parametrize(
    ("absent", "taken_for"), [(CHOI_YEAR, CHOI_DAY), (HA, HA_SISTER)], ids=["birth year", "accent"]
)
def test_the_limit_who_differs_by_a_year_or_an_accent_alone_is_taken(
    absent: Person, taken_for: Person, tmp_path: Path
) -> None:
    """Of two such people one is missing in the registry and gives no number: the other one is found."""
    people = [person for person in EVERYBODY if person is not absent]
    assert _link([_row(absent)], people, tmp_path)[0]["citizen_id"] == taken_for["citizen_id"]
