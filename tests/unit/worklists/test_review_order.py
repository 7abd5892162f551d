"""The order of rows to decide: what is found most quickly first, a household's rows together."""

from typing import Any

import duckdb

from analysis.worklists.lines import LINES, read_lines, review_order


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


def test_who_may_be_no_citizen_is_asked_for_a_nationality_first() -> None:
    """Not looked for before the others, and told so: nobody typed a nationality, the name is no Vietnamese one."""
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE doses AS SELECT 'a' AS source_file, n AS source_row, NULL AS dose_record_id, 'x' AS full_name_typed, "
            "NULL AS id_number_typed, NULL AS vaccination_date, 1 AS dose_number, 'x' AS vaccine, NULL AS facility_name, "
            "'1' AS commune_code, NULL AS address, 'missing' AS id_kind, NULL AS id_number, 'x' || n AS name_key, NULL AS birth_date, "
            "CASE WHEN n = 1 THEN ['nationality_unknown'] ELSE [] END AS reason_codes FROM range(1, 3) AS t(n)"
        )
        con.execute(
            "CREATE TABLE listed_rows AS SELECT 'a' AS source_file, n AS source_row, '1' AS unit_code, NULL AS citizen_id, "
            "'review' AS section, 'not_in_registry' AS link_status FROM range(1, 3) AS t(n)"
        )
        con.execute("CREATE TABLE sole_ids AS SELECT NULL::VARCHAR AS dose_record_id WHERE false")
        con.execute(
            "CREATE TABLE review_gains AS SELECT 'a' AS source_file, 9 AS source_row, 0.5 AS gain, NULL AS candidate"
        )
        con.execute(f"CREATE TABLE review_lines AS {LINES['review']}")
        lines = read_lines(con, "review", "1")
    assert [line.key.source_row for line in lines] == [2, 1]
    assert "chưa tìm thấy" in lines[0].cells["reason"]
    assert "hỏi quốc tịch, hộ chiếu trước" in lines[1].cells["reason"]
