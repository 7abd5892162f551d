"""Doses whose day cannot be used: in no count, in the bounds and in the estimate of whom they are."""

from pathlib import Path
from typing import Any

import pytest

from coverage_samples import (
    COMMUNE,
    COMMUNES_OF_DISTRICTS,
    OTHER_COMMUNE,
    Counts,
    Row,
    Week,
    citizen,
    count_sample,
    dose,
)

ONE, COMPLETE = "at_least_one", "primary_complete"
NOBODY_ADDED = (0, 0, 0)
# District: the numbers of a person's doses with a usable day and without, and whether these complete the series.
SERIES: dict[str, tuple[list[int], list[int | None], int]] = {
    "024": ([], [1], 0),
    "026": ([], [1, 2], 1),  # by number
    "027": ([], [1, 1], 0),  # one dose entered twice
    "028": ([1], [2], 1),
    "029": ([1], [1], 0),  # the dose that counts, entered again
    "030": ([1], [None], 1),  # by count
    "031": ([1, 2], [2], 0),  # complete already
}
# District: days without use, of doses that were given all the same.
SLIPS: dict[str, Row] = {
    "024": {"day": None},
    "026": {"day": "2020-08-01"},  # before the campaign
    "027": {"day": "2021-12-01"},  # no plan, says the day of its entry
    "028": {"day": "2021-11-09"},  # after its own entry
}
# Rows that count for nobody, and for good reason.
OTHERS: tuple[Row, ...] = (
    {"entry_date": "2021-11-08"},  # entered after as_of
    {"day": "2021-11-10", "entry_date": None},  # given after as_of: the export was drawn some days later
    {"is_rejected": True},
    {"duplicate_of": "platform/02.csv:1"},
    {"link_status": "rejected"},
)


def undated(name: str | None, number: int | None = 1, **other: Any) -> Row:
    """Return a row that does not count for its day, entered in time; linked when a name is given."""
    return dose(
        name, **({"day": None, "number": number, "entry_date": "2021-09-01", "is_counted": False} | other)
    )


def added(counts: Counts, unit: str = "02", status: str = ONE) -> tuple[int, int, int]:
    """Return the count, what the estimate adds to it, and how far the upper bound lies above it."""
    row = counts.coverage(unit, "reconciled", status)
    estimate = counts.rows("coverage_estimate", unit_code=unit, series_status=status)[0]
    assert row["people_low"] <= estimate["people_low"] <= estimate["people"] <= estimate["people_high"]
    assert estimate["people_high"] <= row["people_high"]
    people = row["people"]
    return people, estimate["people"] - people, row["people_high"] - people


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Count one person a district, with the doses of `SERIES`."""
    people = [citizen(unit, commune=COMMUNES_OF_DISTRICTS[unit]) for unit in SERIES]
    doses = [dose(u, f"2021-0{5 + n}-01", n) for u, (dated, _, _) in SERIES.items() for n in dated]
    doses += [undated(u, number) for u, (_, without_day, _) in SERIES.items() for number in without_day]
    return count_sample(Week(doses, people), tmp_path_factory.mktemp("series"))


def test_a_series_is_completed_by_number_or_by_another_dose(series: Counts) -> None:
    for unit, (dated, _, completes) in SERIES.items():
        assert added(series, unit) == (int(bool(dated)), int(not dated), int(not dated)), unit
        assert added(series, unit, COMPLETE) == (int(2 in dated), completes, completes), unit


def test_every_slip_in_a_day_leaves_a_dose_given(tmp_path: Path) -> None:
    people = [citizen(unit, commune=COMMUNES_OF_DISTRICTS[unit]) for unit in SLIPS]
    counts = count_sample(Week([undated(unit, **other) for unit, other in SLIPS.items()], people), tmp_path)
    assert [added(counts, unit) for unit in SLIPS] == [(0, 1, 1)] * len(SLIPS)


def test_other_rows_that_do_not_count_add_nobody(tmp_path: Path) -> None:
    people = [citizen(str(i)) for i in range(len(OTHERS))]
    doses = [undated(str(i), **other) for i, other in enumerate(OTHERS)]
    doses.append(undated(None, link_status="out_of_scope"))
    assert added(count_sample(Week(doses, people), tmp_path)) == NOBODY_ADDED


def test_without_an_entry_a_row_is_as_likely_by_as_of_as_those_of_its_file(tmp_path: Path) -> None:
    names = [f"p{i}" for i in range(50)]
    doses = [dose(name) for name in names[:10]]
    doses += [dose(name, "2021-11-10", is_counted=False) for name in names[10:15]]
    doses += [undated(name, entry_date=None) for name in names[15:30]]
    # Rows in review have their candidates' chances, with a day or without; of nobody known they are bounds alone.
    doses += [undated(None, link_status="clerical_review") for _ in names[30:]] + [undated(None, number=2)]
    key = {"source_file": "platform/02.csv", "match_probability": 0.7}
    candidates = [key | {"source_row": i, "citizen_id": name} for i, name in enumerate(names[30:], start=31)]
    counts = count_sample(Week(doses, [citizen(n) for n in names], candidates=candidates), tmp_path)
    assert added(counts) == (10, 15 * 10 // 15 + 14, 15 + 20 + 1)
    assert added(counts, status=COMPLETE) == (0, 0, 1)
    assert counts.coverage("02", "recorded")["people"] == 10
    # For want of its day a row stands at the day of its entry, else at as_of.
    assert counts.coverage("02", "reconciled", reference_date="2021-10-31")["people_high"] == 10 + 21


def test_people_stand_where_the_registry_has_them_and_only_who_can_be_counted(tmp_path: Path) -> None:
    people = [
        citizen("moved", commune=COMMUNE, current_commune_code=OTHER_COMMUNE),
        citizen("child", "2010-01-01"),
        citizen("dead", life_status="dead", death_date="2021-09-01"),
        citizen("known"),
    ]
    doses = [dose("known"), *(undated(name) for name in ("known", "moved", "child", "dead", "absent"))]
    counts = count_sample(Week(doses, people), tmp_path)
    assert (added(counts, "026"), added(counts, "024")) == ((0, 1, 1), (1, 0, 0))
    assert counts.coverage("024", "reconciled", age_group="5-11")["people_high"] == 1
