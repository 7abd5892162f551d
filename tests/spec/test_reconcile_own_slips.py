"""Another's name or date, or a name used at home, under somebody's own number: when it is a slip, and when people decide."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from linkage_samples import Sample, citizen, crowd, dose, link_sample

Row = dict[str, Any]

BAY, LIEU = "002191123456", "002193654321"
FATHER, SON = "002062333333", "002088444444"
BORN, SISTER_BORN = "1991-06-08", "1993-02-17"
CITIZENS = [
    citizen(BAY, "Trương Thị Bảy", BORN, "Nữ"),
    citizen(LIEU, "Trương Thị Liễu", SISTER_BORN, "Nữ"),
    citizen(SON, "Lục Văn Sơn", "1988-11-23"),
]
NAMESAKE = (citizen(FATHER, "Lục Văn Sơn", "1962-05-09"),)


def bay(name: str = "Trương Thị Bảy", birth: str = BORN, **other: Any) -> Row:
    return dose(name, birth, "Nữ", BAY, vaccination_date="2021-09-05") | other


def son(birth: str, **other: Any) -> Row:
    return dose("Lục Văn Sơn", birth, "Nam", SON) | other


LIEN, HUNG = "002189555555", "002087666666"
WIFE = (citizen(LIEN, "Nông Thị Liên", "1989-03-30", "Nữ"),)
HUSBAND = (citizen(HUNG, "Nông Văn Hưng", "1987-10-12"),)
# In a file of its own, so that her name is not carried down from the line above.
LIEN_DOSE = dose("Nông Thị Liên", "1989-03-30", "Nữ", LIEN, source_file="platform/24.csv")


def called(name: str, birth: str = "1991-01-20") -> tuple[Row, ...]:
    return (citizen("002191777777", name, birth, "Nữ"),)


def entered_again(birth: str) -> list[Row]:
    return [son("1988-11-23"), son(birth)]


SHORT = {"name_key": "luc son", "name_accented": "lục sơn"}
OTHER = {"name_key": "luc duc son", "name_accented": "lục đức sơn"}
BROTHER = (citizen(FATHER, "Lục Đức Sơn", "1982-05-09"),)
SLIP_OF_SON = "002088444544"
LIEU_DOSE = dose("Trương Thị Liễu", SISTER_BORN, "Nữ", LIEU)
BAY_DOSE = bay(vaccination_date="2021-08-01")


class Case(NamedTuple):
    """What the last of the rows is like, the rows, its citizen, and who stands in the extract besides."""

    label: str
    rows: list[Row]
    citizen_id: str | None
    besides: tuple[Row, ...] = ()


CASES = [
    Case("the name used at home, that no neighbour has", [bay("Trương Thị Út")], BAY),
    Case("the same, of the birthday only the year", [bay("Trương Thị Út", "1991")], BAY),
    Case("the sister's name, who has her dose", [LIEU_DOSE, bay("Trương Thị Liễu")], BAY),
    Case("the sister's name, who has no dose yet: her own row?", [bay("Trương Thị Liễu")], None),
    Case("her line copied: she has the dose", [BAY_DOSE, bay("Trương Thị Út")], None),
    Case("her line copied on the same day", [BAY_DOSE, bay("Trương Thị Út", vaccination_date="2021-08-01")], None),
    Case("the sex is another's", [bay("Trương Văn Út", sex="Nam")], None),
    Case("the number of the dose is missing", [bay("Trương Thị Út", dose_number=None)], None),
    Case("the birthday is another's too", [bay("Trương Thị Út", "1995-01-20")], None),
    Case("the father's year under one's own number and name", [son("1961")], SON),
    Case("the mother's birthday", [son("1963-04-02")], SON),
    Case("a child's birthday: perhaps a child of that name under its father's number", [son("2012-03-04")], None),
    Case("a father of the same name in the extract", [son("1961")], None, NAMESAKE),
    Case("a son of that name who has the dose already", [son("1988-11-23", vaccination_date="2021-09-01"), son("1961")], None),
    Case(
        "the line below one's first dose, copied from a neighbour",
        [BAY_DOSE, dose("Lục Thị Nga", "1990-03-04", "Nữ", "002190000777"),
         dose("Lục Thị Nga", BORN, "Nữ", BAY, dose_number=2, vaccination_date="2021-11-01")],
        None,
    ),
    Case("another family's name, of one who has her dose", [LIEN_DOSE, bay("Nông Thị Liên")], BAY, WIFE),
    Case("the same, day and month exchanged", [LIEN_DOSE, bay("Nông Thị Liên", "1991-08-06")], BAY, WIFE),
    Case("the same, another day", [LIEN_DOSE, bay("Nông Thị Liên", "1991-06-18")], None, WIFE),
    Case("the same, living elsewhere", [LIEN_DOSE, bay("Nông Thị Liên", commune_code="00700")], None, WIFE),
    Case("another family's name, of one who has no dose yet", [bay("Nông Thị Liên")], None, WIFE),
    Case("a name of the other sex, of one who has no dose yet", [bay("Nông Văn Hưng")], None, HUSBAND),
    Case("a neighbour called so but for the middle name", [bay("Trương Thị Út")], BAY, called("Trương Ngọc Út")),
    Case("a neighbour called so, without a middle name", [bay("Trương Thị Út")], None, called("Trương Út")),
    Case("the mother's birthday, the sex left out", [son("1963-04-02", sex=None)], SON),
    Case("the middle name left out, and another year", [son("1984", **SHORT)], SON),
    Case("the same, a brother who has no dose yet", [son("1984", **SHORT)], None, BROTHER),
    Case("another middle name, and another year: a brother whom the extract lacks?", [son("1984", **OTHER)], None),
    Case("one's dose entered again with the father's year", entered_again("1961"), SON),
    Case("the same, of a father so called who has no dose", entered_again("1961"), None, NAMESAKE),
    Case("the father's year, a digit of the number wrong", [son("1961", id_number=SLIP_OF_SON)], SON),
    Case("the same, of a father so called", [son("1961", id_number=SLIP_OF_SON)], None, NAMESAKE),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.label for case in CASES])
def test_whose_row_it_is(case: Case, tmp_path: Path) -> None:
    rows = [row | {"source_row": number} for number, row in enumerate(case.rows, 1)]
    links = link_sample(Sample(rows, [*crowd(), *CITIZENS, *case.besides]), tmp_path).links
    last = max(links, key=lambda link: link["source_row"])
    assert last["citizen_id"] == case.citizen_id
