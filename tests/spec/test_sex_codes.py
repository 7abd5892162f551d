"""What 0 and 1 mean for a sex in one file: as its own people say, as the platform says, or nothing."""

from pathlib import Path
from typing import Any

import pytest

from analysis.clean import clean_intake
from clean_samples import make_run, many, read, table

MEN, WOMEN = "Nguyễn Văn Hòa", "Nguyễn Thị Hòa"


def cleaned(folder: Path, people: list[tuple[str, str]], **others: str) -> list[tuple[Any, bool, bool]]:
    """Return sex, and whether it is told as exchanged and as unreadable, of people given by name and typed sex."""
    rows = [
        row | {"full_name": name, "sex": sex, "id_number": "", **others}
        for row, (name, sex) in zip(many(len(people)), people, strict=True)
    ]
    run = make_run(folder, {"platform/a.csv": table(*rows)})
    clean_intake(run)
    codes = [(row["sex"], row["reason_codes"]) for row in read(run, "doses")]
    return [(sex, "sex_codes_exchanged" in given, "sex_unreadable" in given) for sex, given in codes]


def test_a_file_whose_men_stand_under_0_is_read_so(tmp_path: Path) -> None:
    people = [(MEN, "0")] * 12 + [(WOMEN, "1.0")] * 12 + [("Lò Hòa", "1"), ("Lò Hòa", "Nam")]
    assert cleaned(tmp_path, people) == [("Nam", True, False)] * 12 + [("Nữ", True, False)] * 13 + [
        ("Nam", False, False)
    ]


def test_numbers_tell_before_names(tmp_path: Path) -> None:
    people = [(MEN, "0")] * 12
    assert cleaned(tmp_path, people, id_number="002185001234") == [("Nữ", False, False)] * 12


@pytest.mark.parametrize(
    "people", [[(WOMEN, "0")] * 9 + [(MEN, "1")] * 9 + [(WOMEN, "1")], [("Lò Hòa", "0"), ("Lò Hòa", "1")]]
)
def test_ordinary_codes_and_those_of_which_nothing_speaks_stay(
    tmp_path: Path, people: list[tuple[str, str]]
) -> None:
    expected = [("Nữ" if sex == "0" else "Nam", False, False) for _, sex in people]
    assert cleaned(tmp_path, people) == expected


def test_what_a_file_says_both_ways_is_not_read(tmp_path: Path) -> None:
    people = [(MEN, "0")] * 6 + [(WOMEN, "0")] * 3 + [(MEN, "Nam")]
    assert cleaned(tmp_path, people) == [(None, False, True)] * 9 + [("Nam", False, False)]


def test_0_beside_1_and_2_says_nothing_unless_it_stands_for_women(tmp_path: Path) -> None:
    both = [(MEN, "1"), (WOMEN, "2")]
    unsaid = cleaned(tmp_path / "unsaid", [*both, (MEN, "0"), (WOMEN, "0")])
    assert [sex for sex, *_ in unsaid] == ["Nam", "Nữ", None, None]
    women = cleaned(tmp_path / "women", [*both, *[(WOMEN, "0")] * 3])
    assert [sex for sex, *_ in women] == ["Nam", *["Nữ"] * 4]


def marked(folder: Path, header: str, people: list[tuple[str, str]]) -> list[tuple[Any, bool, bool]]:
    """Return sex, whether a blank said it and whether it is told as unread, in a file with a column of one sex."""
    lines = [f"{name},{mark},01/09/2021" for name, mark in people]
    run = make_run(folder, {"platform/a.csv": "\n".join([f"Họ và tên,{header},Ngày tiêm", *lines]) + "\n"})
    clean_intake(run)
    codes = [(row["sex"], row["reason_codes"]) for row in read(run, "doses")]
    return [(sex, "sex_by_blank" in given, "sex_unreadable" in given) for sex, given in codes]


@pytest.mark.parametrize("header", ["Nữ", "Giới tính nữ", "NỮ (x)"])
def test_beside_a_column_of_women_a_blank_cell_is_a_man_where_the_people_say_so(
    tmp_path: Path, header: str
) -> None:
    people = [(WOMEN, "x")] * 12 + [(MEN, "")] * 12 + [("Lò Hòa", ""), ("Lò Hòa", "X"), (WOMEN, "")]
    assert marked(tmp_path, header, people) == [
        *[("Nữ", False, False)] * 12,
        *[("Nam", True, False)] * 13,
        ("Nữ", False, False),
        (None, False, False),  # a woman whose cell was left out
    ]


def test_beside_a_column_of_men_a_blank_cell_is_a_woman(tmp_path: Path) -> None:
    people = [(MEN, "1")] * 5 + [(WOMEN, "0")] * 5
    assert marked(tmp_path, "Nam", people) == [("Nam", False, False)] * 5 + [("Nữ", True, False)] * 5


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([(WOMEN, "x")] * 5 + [(MEN, "")] * 9 + [(WOMEN, "")], [*["Nữ"] * 5, *[None] * 10]),  # nine to one
        ([(WOMEN, "x")] * 5 + [(MEN, "")] * 2, [*["Nữ"] * 5, None, None]),  # too few
        ([(MEN, "x")] * 5 + [(MEN, "")] * 5, [None] * 10),  # marks of men in a column of women
        ([("Lò Hòa", "1985"), (WOMEN, "x")], [None, "Nữ"]),
    ],
)
def test_where_nothing_decides_a_blank_cell_says_nothing(
    tmp_path: Path, people: list[tuple[str, str]], expected: list[str | None]
) -> None:
    assert [sex for sex, *_ in marked(tmp_path, "Nữ", people)] == expected


def test_a_blank_cell_of_a_file_that_exchanges_0_and_1_stays_blank(tmp_path: Path) -> None:
    people = [(MEN, "0")] * 12 + [(WOMEN, "1")] * 12 + [("Lò Hòa", "")]
    assert cleaned(tmp_path, people)[-1] == (None, False, False)
