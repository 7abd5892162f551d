"""What hurried typing does to a row, and what it must not be taken for: lines carried down, names cut short."""

from pathlib import Path
from typing import Any

import pytest

from linkage_samples import Sample, citizen, crowd, dose, link_sample

Row = dict[str, Any]

THU = citizen("002186123456", "Vàng Thị Thuận", "1986-04-12", "Nữ")
ABOVE = citizen("002062333333", "Lục Văn Sơn", "1962-05-09")
SON_OF_ABOVE = citizen("002088444444", "Lục Văn Sơn", "1988-11-23")
Y_TLEM = citizen("066090111222", "Y Tlem Niê", "1990-07-15")
NANA = citizen("002142777777", "Lò Thị Én", "1942-02-20", "Nữ")
GRANDCHILD = citizen("002314888888", "Lò Thị Én", "2014-05-04", "Nữ")
PEOPLE = [THU, ABOVE, SON_OF_ABOVE, Y_TLEM]


def _row(person: Row, **other: Any) -> Row:
    return dose(person["full_name"], person["birth_date"], person["sex"], person["citizen_id"]) | other


def _linked(rows: list[Row], people: list[Row], folder: Path) -> list[str | None]:
    for row in rows:
        row["dose_number"] = None
    return [link["citizen_id"] for link in link_sample(Sample(rows, [*crowd(), *people]), folder).links]


@pytest.mark.parametrize(("birth", "is_linked"), [("1968-04-12", True), ("1973-04-12", False)])
def test_two_figures_of_the_year_exchanged(birth: str, is_linked: bool, tmp_path: Path) -> None:
    """Born in 1986, beside an old number that the registry does not know: 1968 is a slip, 1973 may be another person."""
    person = THU | {"old_id_numbers": ["073222333"]}
    found = _linked(
        [_row(THU, birth_date=birth, id_number="073555666", id_kind="old_number")], [person], tmp_path
    )
    assert found == [THU["citizen_id"] if is_linked else None]


@pytest.mark.parametrize(("birth", "is_linked"), [("1986-08-12", True), ("1991-08-30", False)])
def test_a_given_name_typed_first_is_searched_for(birth: str, is_linked: bool, tmp_path: Path) -> None:
    """Without a number and under another month neither name, date nor number leads to the citizen."""
    row = dose("Thuận Vàng Thị", birth, "Nữ", None)
    assert _linked([row], [THU], tmp_path) == [THU["citizen_id"] if is_linked else None]


def test_a_birth_date_carried_down_from_the_line_above_is_not_the_rows_own(tmp_path: Path) -> None:
    row = _row(THU, birth_date=ABOVE["birth_date"])
    assert _linked([_row(ABOVE), dict(row)], PEOPLE, tmp_path / "1")[1] == THU["citizen_id"]
    assert _linked([dict(row), _row(ABOVE)], PEOPLE, tmp_path / "2")[0] is None, "nothing stands above it"
    other_file = _row(ABOVE, source_file="platform/01.csv")
    assert _linked([other_file, dict(row)], PEOPLE, tmp_path / "3")[1] is None, "another file's last line"


def test_a_son_under_his_fathers_number_carries_nothing_down(tmp_path: Path) -> None:
    """The son is missing in the registry; his father's line stands above, with another date."""
    son = _row(SON_OF_ABOVE, id_number=ABOVE["citizen_id"], id_number_typed=ABOVE["citizen_id"])
    people = [THU, ABOVE, Y_TLEM]
    assert _linked([_row(THU), dict(son)], people, tmp_path / "1")[1] is None
    assert _linked([_row(ABOVE), dict(son)], people, tmp_path / "2")[1] is None


def test_a_name_carried_down_beside_ones_own_number_and_birth_date(tmp_path: Path) -> None:
    name = {
        k: dose("Lục Văn Sơn", None)[k] for k in ("full_name", "full_name_typed", "name_key", "name_accented")
    }
    row = _row(THU) | name
    assert _linked([_row(ABOVE), dict(row)], PEOPLE, tmp_path / "1")[1] == THU["citizen_id"]
    assert _linked([_row(Y_TLEM), dict(row)], PEOPLE, tmp_path / "2")[1] is None
    # Twice the same wife under her husband's number and date: her name is no slip of the second line.
    wife = _row(THU, id_number=ABOVE["citizen_id"], birth_date=ABOVE["birth_date"], sex="Nam")
    assert _linked([dict(wife), dict(wife)], [ABOVE], tmp_path / "3") == [None, None]


@pytest.mark.parametrize(
    ("typed", "is_linked"),
    [("Vàng Thị Thuậ", True), ("Vàng Thị Th", True), ("Vàng Thị Thơm", False), ("Vàng", False)],
)
def test_a_name_cut_short_is_the_name(typed: str, is_linked: bool, tmp_path: Path) -> None:
    row = dose(typed, THU["birth_date"], "Nữ", THU["citizen_id"])
    assert _linked([row], PEOPLE, tmp_path) == [THU["citizen_id"] if is_linked else None]


def test_regional_forms_are_one_name(tmp_path: Path) -> None:
    hoang = citizen("079084565656", "Huỳnh Văn Phước", "1984-10-10")
    row = dose("Hoàng Văn Phúc", "1984-10-10", "Nam", hoang["citizen_id"])
    assert _linked([row], [hoang], tmp_path) == [hoang["citizen_id"]]


def test_a_clan_is_no_given_name(tmp_path: Path) -> None:
    """Behind Y and H the clan's name stands last: another name before it is another person."""
    h_blia = citizen("066186333444", "H Bliă Ayŭn", "1986-08-15", "Nữ")
    rows = [
        dose("Y Bhiông Niê", Y_TLEM["birth_date"], "Nam"),
        dose("Y Bhiông Niê", Y_TLEM["birth_date"], "Nam", Y_TLEM["citizen_id"]),
        dose("Y Tlem Niê", Y_TLEM["birth_date"], "Nam"),
        dose("H Bhưng Ayŭn", h_blia["birth_date"], "Nữ"),
        dose("H Bliă Ayŭn", h_blia["birth_date"], "Nữ"),
    ]
    found = _linked(rows, [*PEOPLE, h_blia], tmp_path)
    assert found == [None, None, Y_TLEM["citizen_id"], None, h_blia["citizen_id"]]


def test_a_namesakes_number_keeps_a_full_agreement_from_being_proof(tmp_path: Path) -> None:
    """The grandmother's number under the birth date of a child of her name, whom nobody vaccinated yet."""
    row = dose(NANA["full_name"], GRANDCHILD["birth_date"], "Nữ", NANA["citizen_id"])
    links = link_sample(Sample([row], [*crowd(), NANA, GRANDCHILD]), tmp_path).links
    assert links[0]["link_method"] != "name_birth_date_sex_place"
