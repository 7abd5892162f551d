"""The order of rows to decide: what is found most quickly first, a household's rows together."""

from typing import Any

from analysis.worklists.lines import review_order


def row(number: int, gain: float = 0.0, **other: Any) -> dict[str, Any]:
    """Return a row in review of a person of its own, in no house that is known."""
    return {
        "source_file": "platform/a.csv",
        "source_row": number,
        "gain": gain,
        "link_status": "clerical_review",
        "id_kind": "missing",
        "candidate": None,
        "person": f"person {number}",
        "address": None,
    } | other


def order(*rows: dict[str, Any]) -> list[tuple[int, int]]:
    return [(found["source_row"], found["group"]) for found in review_order(list(rows))]


def test_the_likeliest_stand_first_and_equals_by_hamlet() -> None:
    rows = [
        row(1, 0.2),
        row(2, 0.91, address="Thôn 10, xã A"),
        row(3, 0.88, address="Thôn 2, xã A"),
        row(4, 0.7),
    ]
    assert order(*rows) == [(3, 0), (2, 0), (4, 0), (1, 0)]


def test_where_nobody_is_likely_a_number_goes_before_none() -> None:
    nobody = {"link_status": "not_in_registry"}
    rows = [
        row(1, link_status="insufficient"),
        row(2, **nobody),
        row(3, **nobody, id_kind="citizen_number"),
        row(4),
    ]
    assert [number for number, _ in order(*rows)] == [4, 3, 2, 1]


def test_a_household_is_shown_together_and_numbered() -> None:
    """Two persons of one house: (.9 + .1) / 2 a look-up; a person's two rows are one look-up."""
    rows = [
        row(1, 0.9, address="Số 5, tổ 3, phường A"),
        row(2, 0.6),
        row(3, 0.1, address="số 5,  Tổ 3"),
        row(4, 0.8, person="one person"),
        row(5, 0.8, person="one person"),
    ]
    assert order(*rows) == [(4, 1), (5, 1), (2, 0), (1, 2), (3, 2)]


def test_rows_of_one_candidate_are_looked_up_together_and_a_hamlet_is_no_house() -> None:
    rows = [row(1, candidate="c"), row(2, address="Thôn 2"), row(3, address="Thôn 2"), row(4, candidate="c")]
    assert order(*rows) == [(2, 0), (3, 0), (1, 1), (4, 1)]


def test_every_row_stands_once() -> None:
    rows = [row(n, gain=n % 7 / 7, candidate=str(n % 5), person=str(n % 11)) for n in range(40)]
    assert sorted(number for number, _ in order(*rows)) == list(range(40))
