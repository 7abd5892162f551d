"""The rules of series (sources count-8, vaccine-2, vaccine-4) as a table: a person's doses, and what they prove on which day."""

from datetime import date
from pathlib import Path

import pytest

from coverage_samples import Week, dose, series_sample

A, B, C = "2021-06-01", "2021-08-01", "2021-10-01"
# (what is shown, doses as (day, number, product), first, complete, additional, booster)
SERIES_RULES = [
    ("one dose begins a series", [(A, 1, "AstraZeneca")], A, None, None, None),
    ("two doses complete it", [(A, 1, "AstraZeneca"), (B, 2, "AstraZeneca")], A, B, None, None),
    ("one Janssen is complete", [(A, 1, "Janssen")], A, A, None, None),
    ("a second dose alone proves the first", [(B, 2, "Comirnaty")], B, B, None, None),
    ("two without numbers count", [(A, None, "Vero Cell"), (B, None, "Vero Cell")], A, B, None, None),
    ("two first doses count as two", [(A, 1, "Vero Cell"), (B, 1, "Vero Cell")], A, B, None, None),
    ("two Abdala are not three", [(A, 1, "Abdala"), (B, 2, "Abdala")], A, None, None, None),
    ("three Abdala are", [(A, 1, "Abdala"), (B, 2, "Abdala"), (C, 3, "Abdala")], A, C, None, None),
    ("a third Abdala proves two", [(C, 3, "Abdala")], C, C, None, None),
    ("three Abdala by count", [(A, 1, "Abdala"), (B, 2, "Abdala"), (C, None, "Abdala")], A, C, None, None),
    ("mixed products need two", [(A, 1, "Abdala"), (B, 2, "Comirnaty")], A, B, None, None),
    ("an unknown product needs two", [(A, 1, "unknown"), (B, 2, "Abdala")], A, B, None, None),
    ("two unknown need two", [(A, 1, None), (B, 2, None)], A, B, None, None),
    ("Janssen after another", [(A, 1, "AstraZeneca"), (B, 2, "Janssen")], A, B, None, None),
    ("a second after Janssen is extra", [(A, 1, "Janssen"), (B, 2, "Comirnaty")], A, A, B, None),
    ("a third dose soon", [(A, 1, "Comirnaty"), (B, 2, "Comirnaty"), (C, 3, "Comirnaty")], A, B, C, None),
    ("a third after six months", [("2021-03-10", 1, "Comirnaty"), ("2021-03-31", 2, "Comirnaty"),
                                  (C, 3, "Comirnaty")], "2021-03-10", "2021-03-31", None, C),
    ("a fourth Abdala is extra", [(C, 3, "Abdala"), ("2021-11-05", 4, "Abdala")], C, C, "2021-11-05", None),
    ("a repeated second is no third", [(A, 1, "Comirnaty"), (B, 2, "Comirnaty"), (C, 2, "Comirnaty")],
     A, B, None, None),
    ("too short an interval counts", [(A, 1, "AstraZeneca"), ("2021-06-05", 2, "AstraZeneca")],
     A, "2021-06-05", None, None),
]  # fmt: skip


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """Count every rule's person in one week: the person is named after the rule."""
    doses = [
        dose(rule[0], day, number, vaccine=product)
        for rule in SERIES_RULES
        for day, number, product in rule[1]
    ]
    return series_sample(Week(doses), tmp_path_factory.mktemp("series"))


@pytest.mark.parametrize("rule", SERIES_RULES, ids=[r[0] for r in SERIES_RULES])
def test_series_rule(counted: dict[str, dict[str, object]], rule: tuple[object, ...]) -> None:
    columns = ("first_date", "complete_date", "additional_date", "booster_date")
    found = tuple(counted[str(rule[0])][c] for c in columns)
    assert found == tuple(day and date.fromisoformat(str(day)) for day in rule[2:])


def test_duplicates_rejected_and_uncounted_rows_are_no_doses(tmp_path: Path) -> None:
    doses = [
        dose("A", A, 1),
        dose("A", B, 2, duplicate_of="platform/02.csv:1"),
        dose("B", A, 1, is_counted=False),
        dose("C", A, 1, link_status="rejected"),
        dose("D", A, 1, link_status="clerical_review"),
    ]
    series = series_sample(Week(doses), tmp_path)
    assert list(series) == ["A"]
    assert series["A"]["complete_date"] is None


def added(citizen_id: str, value: str) -> dict[str, object]:
    return {"decision": "add_dose", "citizen_id": citizen_id, "value": value}


def test_added_doses_count_once_and_only_when_readable(tmp_path: Path) -> None:
    decisions = [
        added("A", "AstraZeneca|2|2021-10-01"),
        added("B", "AstraZeneca|1|2021-08-01"),  # the platform has it by now
        added("C", "Comirnaty|1|2021-09-01"),  # nothing else is known of this person
        added("D", "Comirnaty|1|2021-11-08"),  # after as_of
        added("E", "Comirnaty|1|tháng 9"),
        {"decision": "withdrawn", "citizen_id": "F", "value": "Comirnaty|1|2021-09-01"},
    ]
    doses = [dose("A", "2021-08-01", 1), dose("B", "2021-08-01", 1)]
    series = series_sample(Week(doses, decisions=decisions), tmp_path)
    assert {c: (s["first_date"], s["complete_date"]) for c, s in series.items()} == {
        "A": (date(2021, 8, 1), date(2021, 10, 1)),
        "B": (date(2021, 8, 1), None),
        "C": (date(2021, 9, 1), None),
    }
