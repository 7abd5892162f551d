"""What the run itself teaches the linkage, and the comparison levels that came with it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analysis.reconcile.habits import found_steps, share_step
from analysis.reconcile.linkage_model import read_model
from analysis.steps import Step
from linkage_samples import Sample, citizen, crowd, dose, link_sample

Row = dict[str, Any]

CHO = citizen("002186123456", "Vàng Thị Chở", "1986-04-12", "Nữ", old_id_numbers=["073555111"])
FATHER = citizen("002062333333", "Lục Văn Sơn", "1962-05-09")
SON = citizen("002088444444", "Lục Văn Sơn", "1988-11-23")


def _link(rows: list[Row], people: list[Row], folder: Path) -> list[Row]:
    return link_sample(Sample(rows, [*crowd(), *people]), folder).links


def _damaged(typed: str, **other: Any) -> Row:
    number = {"id_number_typed": typed, "id_kind": "malformed"}
    return dose("Vàng Thị Chở", "1987", "Nữ", birth_precision="year") | number | other


def test_a_name_written_as_it_sounds_is_the_name(tmp_path: Path) -> None:
    rows = [
        dose("Vàng Thị Trở", "1986-04-12", "Nữ"),
        dose("Vàng Thị Trở", "1986-04-12", "Nữ", CHO["citizen_id"]),
        dose("Vàng Thị Mở", "1986-04-12", "Nữ", CHO["citizen_id"]),
    ]
    links = _link(rows, [CHO], tmp_path)
    assert [link["citizen_id"] for link in links] == [CHO["citizen_id"], CHO["citizen_id"], None]


def test_words_exchanged_with_another_middle_name_are_still_the_name(tmp_path: Path) -> None:
    """Family and given name both stand in the cell; a name that shares neither goes to a person."""
    rows = [
        dose("Chở Nhè Vàng", "1986-04-12", "Nữ", CHO["citizen_id"]),
        dose("Phìn Nhè Thào", "1986-04-12", "Nữ", CHO["citizen_id"]),
    ]
    links = _link(rows, [CHO], tmp_path)
    assert [link["link_status"] for link in links] == ["matched", "clerical_review"]


def test_a_brother_whose_name_sounds_alike_is_not_taken(tmp_path: Path) -> None:
    chung = citizen("002084565656", "Hoàng Văn Chung", "1984-10-10")
    rows = [
        dose("Hoàng Văn Trung", "1988-01-20"),
        dose("Hoàng Văn Trung", "1988-01-20", "Nam", chung["citizen_id"]),
    ]
    assert [link["citizen_id"] for link in _link(rows, [chung], tmp_path)] == [None, None]


@pytest.mark.parametrize(
    "typed", ["00218612345", "2186123456", "2186123456.0", "0021861234567", "012186123456", "73555111"]
)
def test_what_is_left_of_a_number_tells_whose_it_was(typed: str, tmp_path: Path) -> None:
    linked, other = _link([_damaged(typed), _damaged("4455667788")], [CHO], tmp_path)
    assert (linked["citizen_id"], linked["link_status"]) == (CHO["citizen_id"], "matched")
    assert other["citizen_id"] is None


def test_a_dose_that_is_found_already_is_not_had_again(tmp_path: Path) -> None:
    first = dose("Lục Văn Sơn", "1962-05-09", "Nam", FATHER["citizen_id"])
    unclear = [
        dose("Lục Văn Sơn", None, vaccination_date="2021-09-20"),
        dose("Lục Văn Sơn", None, vaccination_date="2021-08-02"),
        dose("Lục Văn Sơn", None, vaccination_date="2021-09-20", dose_number=2),
    ]
    linked = link_sample(Sample([first, *unclear], [*crowd(), FATHER, SON]), tmp_path)
    best = dict.fromkeys((2, 3, 4), 0.0)
    best |= {
        c["source_row"]: c["match_probability"]
        for c in linked.candidates
        if c["citizen_id"] == SON["citizen_id"]
    }
    assert best[2] > 0.85 and max(best[3], best[4]) < 0.55


def test_whom_nobody_vaccinates_is_an_unlikely_candidate(tmp_path: Path) -> None:
    neighbours = crowd()
    children = [
        row | {"citizen_id": f"002215{i:06d}", "birth_date": "2015-06-15"} for i, row in enumerate(neighbours)
    ]
    given = [dose(p["full_name"], p["birth_date"], p["sex"], p["citizen_id"]) for p in neighbours[:1000]]
    grandson = citizen("002215777777", "Lục Văn Sơn", "2015-02-02")
    people = [FATHER, grandson, *children]
    alone = _link([dose("Lục Văn Sơn", None)], people, tmp_path / "alone")[-1]
    among = _link([*given, dose("Lục Văn Sơn", None)], people, tmp_path / "among")[-1]
    assert (alone["citizen_id"], among["citizen_id"]) == (None, FATHER["citizen_id"])


def _vang(number: int, middle: str) -> Row:
    born = f"19{60 + number % 30}-0{1 + number % 9}-1{number % 10}"
    return citizen(
        f"0020{born[2:4]}8{number:05d}", f"Vàng {middle} {['Pó', 'Dế', 'Sính', 'Lử', 'Nô'][number % 5]}", born
    )


@pytest.mark.parametrize(("renamed", "expected"), [(0, None), (60, "matched")])
def test_where_men_are_renamed_another_middle_name_says_little(
    renamed: int, expected: str | None, tmp_path: Path
) -> None:
    men = [_vang(i, "Mí") for i in range(100)]
    rows = [
        dose(man["full_name"].replace("Mí", "Chứ") if i < renamed else man["full_name"], man["birth_date"],
             "Nam", man["citizen_id"])
        for i, man in enumerate(men)
    ]  # fmt: skip
    later = {"vaccination_date": "2021-09-20"}
    person = citizen("002085131313", "Vàng Mí Say", "1985-09-14")
    unclear = [
        dose("Vàng Nhìa Say", "1985", "Nữ", birth_precision="year", **later),
        dose("Vàng Nhìa Say", "1988-02-03", "Nam", person["citizen_id"], **later),
    ]
    links = _link([*rows, *unclear], [*men, person], tmp_path)[-2:]
    assert [link["link_status"] for link in links] == [expected or "clerical_review"] * 2


def _rows_of(step: Step, **tables: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        for table, query in tables.items():
            con.execute(f"CREATE TABLE {table} AS {query}")
        return con.execute(step.query).fetchall()


@pytest.mark.parametrize(("linked", "share"), [(0, 0.97), (98, 0.98), (100, 0.99)])
def test_no_more_rows_lack_their_citizen_than_are_unlinked(linked: int, share: float) -> None:
    step = share_step(replace(read_model(), share_in_registry=0.97))
    rows = {"searched": 100, "settled_links": linked}
    tables = {name: f"SELECT range AS row_no FROM range({count})" for name, count in rows.items()}
    assert _rows_of(step, **tables) == [(share,)]


def test_without_rows_the_share_is_the_models() -> None:
    step = share_step(replace(read_model(), share_in_registry=0.97))
    nothing = "SELECT 1 AS row_no WHERE false"
    assert _rows_of(step, searched=nothing, settled_links=nothing) == [(0.97,)]


def test_doses_of_more_citizens_than_the_extract_holds_leave_a_share_below_one() -> None:
    """Decisions may name citizens whom a short extract lacks; no logarithm of zero may come of it."""
    found = "SELECT range AS citizen_id, 1 AS dose_number, DATE '2021-08-01' AS first_on, first_on AS last_on"
    _, shares = found_steps("linked")
    tables = {
        "people": "SELECT range AS citizen_id FROM range(10)",
        "found_doses": f"{found} FROM range(2000)",
    }
    assert [row[1] for row in _rows_of(shares, **tables)] == [0.99]


MAI = citizen("002190777888", "Lù Thị Mai", "1990-05-21", "Nữ")
HOA = citizen("002190999000", "Vàng Thị Hoa", "1993-02-03", "Nữ")
UNKNOWN_NUMBER = "073222333"  # no citizen's in the extract


def _of_mai(birth: str = "1990-05-21", **other: Any) -> Row:
    return dose("Lù Thị Mai", birth, "Nữ", UNKNOWN_NUMBER, **other)


@pytest.mark.parametrize(
    ("others", "citizen_id"),
    [
        pytest.param([_of_mai()], MAI["citizen_id"], id="her own row has the number"),
        pytest.param([], None, id="no other row has it"),
        pytest.param([dose("Vàng Thị Hoa", "1993-02-03", "Nữ", UNKNOWN_NUMBER)], None, id="another's row has it"),
        pytest.param(
            [_of_mai(), dose("Vàng Thị Hoa", "1993-02-03", "Nữ", UNKNOWN_NUMBER)], None, id="two citizens' rows have it"
        ),
    ],
)  # fmt: skip
def test_a_number_the_registry_lacks_leads_to_whose_other_row_has_it(
    others: list[Row], citizen_id: str | None, tmp_path: Path
) -> None:
    doubtful = _of_mai("1984", birth_precision="year", dose_number=2, vaccination_date="2021-10-01")
    links = _link([*others, doubtful], [MAI, HOA], tmp_path)
    assert links[-1]["citizen_id"] == citizen_id


def test_a_sister_with_the_number_of_anothers_row_is_not_taken_for_her(tmp_path: Path) -> None:
    sister = dose("Lù Thị Lan", "1995-09-30", "Nữ", UNKNOWN_NUMBER)
    assert [link["citizen_id"] for link in _link([_of_mai(), sister], [MAI], tmp_path)] == [
        MAI["citizen_id"],
        None,
    ]
