"""Daily reports: which rows are the province, what falls, what stays unknown; supply and its use."""

from decimal import Decimal
from pathlib import Path

import pytest

from coverage_samples import Counts, Week, count_sample, dose, report

D1, D2, D3 = "2021-10-01", "2021-10-20", "2021-11-05"


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Count a week in which Hà Giang reports by province and by district, Hà Nội by district alone."""
    reports = [
        report(D1, 10, 1, doses_allocated=100, doses_received=80, doses_discarded=2),
        report(D1, 4, 0, district_code="024"),  # never added to the province's row of that day
        report(D2, 3, 0, district_code="024", doses_allocated=50),
        report(D2, 2, 0, district_code="026"),
        report(D3, -4, 2, doses_administered=None),  # a correction; its total is its parts' sum
        report("2021-11-08", 100, 100),  # after as_of
        report(D1, 7, 0, reporting_body="army"),
        report(D2, 5, 0, province_code="01", district_code="001"),
        report(D2, 6, 0, province_code="01", district_code="002"),
        report(D2, 9, 0, province_code="01", district_code="024"),  # a district of another province
        report(D2, 1, 0, province_code="99"),  # no province of ours
        report("2021-01-05", 0, 0, province_code="04", doses_allocated=11),  # before the first injection
    ]
    return count_sample(Week([dose("A", D1)], reports=reports), tmp_path_factory.mktemp("reported"))


def reported(counts: Counts, unit: str, status: str = "at_least_one", day: str = "2021-11-07") -> object:
    return counts.coverage(unit, "reported", status, reference_date=day)["people"]


def test_a_province_row_is_the_province_on_its_day(counts: Counts) -> None:
    assert [reported(counts, "02", day=d) for d in ("2021-10-03", "2021-10-24")] == [10, 15]


def test_a_falling_count_is_shown_as_it_is(counts: Counts) -> None:
    assert [reported(counts, "02", day=d) for d in ("2021-10-31", "2021-11-07")] == [15, 11]


def test_districts_are_their_own_rows_whatever_the_province_says(counts: Counts) -> None:
    assert reported(counts, "024") == 7
    assert reported(counts, "026") == 2
    assert reported(counts, "027") is None  # never reported: unknown, not 0


def test_a_day_with_district_rows_alone_is_their_sum(counts: Counts) -> None:
    assert reported(counts, "01") == 20
    assert reported(counts, "001") == 5
    assert reported(counts, "01", day="2021-10-03") == 0  # before its first report


def test_the_country_is_the_sum_of_the_provinces(counts: Counts) -> None:
    assert reported(counts, "VN") == 11 + 20
    assert reported(counts, "VN", "primary_complete") == 3


def test_a_report_before_the_campaign_makes_no_week_but_counts(counts: Counts) -> None:
    supply = counts.rows("supply", unit_code="04", reference_date="2021-11-07")[0]
    assert supply["doses_allocated"] == 11
    first = min(r["reference_date"] for r in counts.rows("supply", unit_code="04"))
    assert str(first) == "2021-09-26"


def test_supply_of_the_province_body_with_others_apart(counts: Counts) -> None:
    row = counts.rows("supply", unit_code="02", reference_date="2021-11-07")[0]
    assert (row["doses_allocated"], row["doses_received"], row["doses_discarded"]) == (150, 80, 2)
    assert row["doses_administered"] == 11 + 5 - 2
    assert row["used_pct"] == Decimal("9.33")
    assert row["other_bodies_administered"] == 7
    other = counts.rows("supply", unit_code="01", reference_date="2021-11-07")[0]
    assert (other["doses_allocated"], other["used_pct"], other["other_bodies_administered"]) == (None,) * 3


def test_units_that_never_reported_have_no_supply(counts: Counts) -> None:
    assert counts.rows("supply", unit_code=["06", "027"]) == []


def test_backlog_is_negative_where_more_was_entered_than_reported(tmp_path: Path) -> None:
    week = Week([dose("A"), dose("B"), dose("C", duplicate_of="a:1")], reports=[report("2021-08-01", 2)])
    row = count_sample(week, tmp_path).rows("entry_progress", unit_code="02", reference_date="2021-11-07")[0]
    assert (row["doses_recorded"], row["doses_administered"], row["backlog"]) == (3, 2, -1)
    assert (row["entry_pct"], row["duplicate_doses"]) == (Decimal("150.00"), 1)


def test_entry_follows_the_place_given_and_both_dates(tmp_path: Path) -> None:
    doses = [
        dose("A", "2021-10-01", given="00712", entry_date="2021-11-03"),
        dose("B", "2021-10-01", given="00712", entry_date="2021-10-02"),
        dose("C", "2021-11-01", given="00712", entry_date=None),
        dose("D", "2021-10-01", given=None, entry_date="2021-10-05"),
    ]
    counts = count_sample(Week(doses), tmp_path)
    rows = {str(r["reference_date"]): r for r in counts.rows("entry_progress", unit_code="026")}
    assert [rows[d]["doses_recorded"] for d in ("2021-10-31", "2021-11-07")] == [1, 3]
    assert [rows[d]["doses_entered_last_7_days"] for d in ("2021-10-31", "2021-11-07")] == [0, 1]
    assert [rows[d]["median_entry_days"] for d in ("2021-10-31", "2021-11-07")] == [1, 17]
    flows = {
        (r["given_province_code"], r["residence_province_code"]): r["doses"]
        for r in counts.table("dose_flows")
    }
    assert flows == {("02", "02"): 3, (None, "02"): 1}


def test_a_province_without_files_has_no_recorded_doses(tmp_path: Path) -> None:
    doses = [dose("A"), dose("B"), dose("C", given="00001")]
    week = Week(doses, reports=[report("2021-08-01", 2), report("2021-08-01", 9, province_code="01")])
    counts = count_sample(week, tmp_path)
    row = counts.rows("entry_progress", unit_code="01", reference_date="2021-11-07")[0]
    assert (row["doses_recorded"], row["doses_administered"]) == (None, 9)
    assert (row["entry_pct"], row["backlog"], row["median_entry_days"]) == (None, None, None)
