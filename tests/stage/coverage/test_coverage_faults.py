"""Sources fault-23 and fault-28 in the counts: doses that cannot be, denominators that do not fit."""

from decimal import Decimal
from pathlib import Path

import pytest

from coverage_samples import Counts, Week, citizen, count_sample, denominator, dose, report


def test_23_duplicates_and_further_doses_show_in_the_counts(tmp_path: Path) -> None:
    first = dose("six", "2021-04-01", 1, source_row=1)
    again = dose("six", "2021-04-02", 1, source_row=2, duplicate_of="platform/02.csv:1")
    later = [dose("six", f"2021-0{n + 3}-01", n, source_row=n + 1) for n in range(2, 7)]
    alone = dose("second only", "2021-09-01", 2, source_row=9)
    people = [citizen("six"), citizen("second only")]
    counts = count_sample(Week([first, again, *later, alone], people), tmp_path)
    notes = {r["note"]: r["people"] for r in counts.rows("series_notes", unit_code="02", basis="reconciled")}
    assert (notes["too_many_doses"], notes["dose_not_recorded"]) == (1, 1)
    entry = counts.rows("entry_progress", unit_code="02")[-1]
    assert (entry["doses_recorded"], entry["duplicate_doses"]) == (8, 1)
    # A recorded second dose proves the first; nobody is counted twice.
    assert counts.coverage("02", "reconciled")["people"] == 2
    assert counts.coverage("02", "reconciled", "primary_complete")["people"] == 2


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    reports = [report("2021-09-01", 8, 4), report("2021-09-01", 5, 0, district_code="024")]
    reports.append(report("2021-09-01", 3, 0, district_code="026"))
    population = [denominator("02", 6), denominator("024", 0)]
    return count_sample(Week([], [], reports, population), tmp_path_factory.mktemp("denominators"))


@pytest.mark.parametrize(
    ("unit", "people", "population", "percent"),
    [("02", 8, 6, Decimal("133.33")), ("024", 5, 0, None), ("026", 3, None, None)],
    ids=["below the numerator", "zero", "missing"],
)
def test_28_people_stand_whatever_their_denominator(
    counts: Counts, unit: str, people: int, population: int | None, percent: Decimal | None
) -> None:
    row = counts.coverage(unit, "reported")
    assert (row["people"], row["population"], row["coverage_pct"]) == (people, population, percent)


def test_28_a_rate_above_100_is_listed_and_a_missing_one_is_not(counts: Counts) -> None:
    above = counts.table("rates_above_100")
    assert {r["unit_code"] for r in above if r["series_status"] == "at_least_one"} == {"02"}
    assert above[0]["people_above"] == 2
