"""Entry plan, entry delays, rates above 100 % with their causes, and the two rankings."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from analysis.coverage.entry.plan import PLAN_DAYS
from coverage_samples import (
    OTHER_COMMUNE,
    Counts,
    Row,
    Week,
    citizen,
    count_sample,
    denominator,
    dose,
    report,
)


def only(rows: list[Row]) -> Row:
    assert len(rows) == 1
    return rows[0]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Count a week with a backlog that falls in TP Hà Giang and grows in Đồng Văn."""
    doses = [dose(f"{i}", "2021-09-01", entry_date="2021-11-04") for i in range(14)]
    doses += [dose(None, "2021-09-01", link_status="clerical_review") for _ in range(3)]
    doses += [dose("x", "2021-09-01", commune=OTHER_COMMUNE, entry_date="2021-09-08")]
    doses += [dose("y", "2021-10-30", commune=OTHER_COMMUNE, entry_date="2021-10-30")]  # too recent to judge
    people = [citizen(f"{i}") for i in range(14)]
    reports = [
        report("2021-09-01", 100, 0, district_code="024"),
        report("2021-11-05", 7, 0, district_code="024", doses_allocated=200),
        report("2021-09-01", 2, 0, district_code="026"),
        report("2021-11-05", 9, 0, district_code="026", doses_allocated=10),
    ]
    population = [denominator("024", 100), denominator("026", 1), denominator("02", 1000)]
    return count_sample(Week(doses, people, reports, population), tmp_path_factory.mktemp("plan"))


def test_a_falling_backlog_has_a_day_on_which_it_is_cleared(counts: Counts) -> None:
    row = only(counts.rows("entry_plan", unit_code="024", task="enter"))
    assert row["backlog"] == 107 - 17
    assert row["done_per_day"] == Decimal("2.0")  # 14 of the last 7 days
    assert row["fall_per_day"] == Decimal("1.0")  # 14 entered, 7 more given
    assert row["cleared_on"] == date(2022, 2, 5)  # 90 days
    assert row["needed_per_day"] == 8  # 90 in 14 days, and one more every day: 7.43
    assert (row["people_needed"], row["plan_days"]) == (1, PLAN_DAYS)


def test_a_growing_backlog_is_never_cleared_at_this_pace(counts: Counts) -> None:
    row = only(counts.rows("entry_plan", unit_code="026", task="enter"))
    assert (row["backlog"], row["fall_per_day"], row["cleared_on"]) == (9, Decimal("-1.3"), None)


def test_records_to_verify_have_no_pace_without_an_earlier_run(counts: Counts) -> None:
    row = only(counts.rows("entry_plan", unit_code="024", task="verify"))
    assert (row["backlog"], row["fall_per_day"], row["cleared_on"]) == (3, None, None)
    assert row["needed_per_day"] == 1


def test_records_to_verify_fall_since_the_previous_run(tmp_path: Path) -> None:
    doses = [dose(None, link_status="clerical_review") for _ in range(10)]
    before = count_sample(Week(doses, as_of="2021-10-31"), tmp_path)
    later = Week([*doses[:4], *(dose(f"{i}") for i in range(6))], previous=before.run.processed)
    row = only(count_sample(later, tmp_path).rows("entry_plan", unit_code="02", task="verify"))
    assert (row["backlog"], row["fall_per_day"]) == (4, Decimal("0.9"))
    assert row["cleared_on"] == date(2021, 11, 12)  # 4 left at 6 in 7 days: on the fifth day


def test_the_country_has_no_plan_unless_all_provinces_have_files(counts: Counts) -> None:
    assert counts.rows("entry_plan", unit_code="VN") == []
    assert counts.rows("entry_delays", unit_code="VN") == []


def test_delays_of_doses_old_enough_to_judge(counts: Counts) -> None:
    row = only(counts.rows("entry_delays", unit_code="026"))
    assert (row["doses"], row["median_days"], row["within_1_day_pct"], row["within_7_days_pct"]) == (
        1,
        7,
        0,
        100,
    )


def test_facilities_of_fewer_than_ten_doses_are_not_named(tmp_path: Path) -> None:
    doses = [dose(None, "2021-09-01", facility_code="02001") for _ in range(10)]
    doses += [dose(None, "2021-09-01", facility_name="Trạm y tế") for _ in range(9)]
    rows = count_sample(Week(doses), tmp_path).table("facility_delays")
    assert [(r["facility_code"], r["doses"], r["median_days"]) for r in rows] == [("02001", 10, 0)]


def test_the_two_rankings_differ(counts: Counts) -> None:
    rows = counts.rows("rankings", unit_level="district", unit_code=["024", "026"])
    ranks = {(r["ranking"], r["unit_code"]): (r["value_pct"], r["rank"], r["of_units"]) for r in rows}
    assert ranks["allocation_used", "024"] == (Decimal("53.50"), 2, 2)
    assert ranks["allocation_used", "026"] == (Decimal("110.00"), 1, 2)
    assert ranks["at_least_one", "024"] == (Decimal("107.00"), 2, 2)
    assert ranks["primary_complete", "024"][1] == ranks["primary_complete", "026"][1] == 1  # both 0


def test_a_rate_above_100_names_its_cause(tmp_path: Path) -> None:
    visitors = [dose(f"v{i}", commune=OTHER_COMMUNE, given="00688") for i in range(4)]
    doses = [*visitors, *(dose(f"h{i}") for i in range(3)), dose("h0", duplicate_of="a:1")]
    people = [citizen(f"v{i}", commune=OTHER_COMMUNE) for i in range(4)]
    people += [citizen(f"h{i}") for i in range(4)]
    reports = [report("2021-08-01", 8, district_code="024"), report("2021-08-01", 1, province_code="01")]
    population = [denominator("024", 3), denominator("026", 2), denominator("02", 9), denominator("01", 0)]
    counts = count_sample(Week(doses, people, reports, population), tmp_path)
    rows = {(r["unit_code"], r["basis"]): r for r in counts.table("rates_above_100")}
    reported = rows["024", "reported"]
    assert (reported["people_above"], reported["coverage_pct"]) == (5, Decimal("266.67"))
    assert (reported["given_to_others"], reported["duplicates"], reported["denominator_gap"]) == (4, 1, 1)
    assert reported["main_cause"] == "given_to_others"
    assert rows["026", "reconciled"]["main_cause"] == "denominator"
    assert rows["024", "recorded"]["duplicates"] == 1
    assert set(rows) == {("024", "reported"), ("024", "recorded"), ("026", "recorded"), ("026", "reconciled")}
