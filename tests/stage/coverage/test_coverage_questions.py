"""Counts that answer questions of their own: doses by product, records left to people by age, facilities' records."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from coverage_samples import HANOI_COMMUNE, Counts, Week, citizen, count_sample, dose


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Count a week of twelve doses in one facility, two in another, three of them left to people."""
    review = {"link_status": "clerical_review", "facility_code": "00003"}
    doses = [
        *(
            dose(str(i), facility_code="00001", duplicate_of="platform/02.csv:9" if i == 9 else None)
            for i in range(10)
        ),
        dose("0", "2021-10-01", 2, vaccine="Comirnaty", facility_code="00001", link_status="matched"),
        dose(None, "2021-11-07", None, vaccine=None, **review | {"facility_code": "00001"}),
        dose(None, birth_date="1956-11-07", **review),
        dose(None, birth_date="2006", **review),
        dose(None, birth_date=None, commune=HANOI_COMMUNE, is_counted=False, **review),
        dose(None, link_status="rejected", is_rejected=True, is_counted=False, facility_code="00001"),
    ]
    return count_sample(
        Week(doses, [citizen(str(i)) for i in range(10)]), tmp_path_factory.mktemp("questions")
    )


def test_products_weeks_and_numbers_sum_to_the_recorded_doses(counts: Counts) -> None:
    rows = counts.rows("doses_by_product", unit_code="02")
    by_kind = {(r["week"], r["product"], r["dose_number"]): r["doses"] for r in rows}
    first, second, last = date(2021, 8, 1), date(2021, 10, 3), date(2021, 11, 7)
    assert by_kind == {
        (first, "AstraZeneca", 1): 12,
        (second, "Comirnaty", 2): 1,
        (last, "unknown", None): 1,
    }
    recorded = counts.rows("entry_progress", unit_code="02", reference_date="2021-11-07")[0]
    assert sum(by_kind.values()) == recorded["doses_recorded"] == 14


def test_a_record_left_to_people_is_in_every_group_of_its_age(counts: Counts) -> None:
    rows = counts.rows("review_by_age")
    assert {(r["unit_code"], r["age_group"]): r["rows"] for r in rows} == {
        ("VN", "all"): 4,
        ("VN", "12-17"): 1,
        ("VN", "18+"): 2,
        ("VN", "50+"): 1,
        ("VN", "65+"): 1,  # 65 on the very day
        ("02", "all"): 3,
        ("02", "12-17"): 1,
        ("02", "18+"): 2,
        ("02", "50+"): 1,
        ("02", "65+"): 1,
        ("01", "all"): 1,  # of unknown age
    }


def test_facilities_of_ten_records_tell_what_waits(counts: Counts) -> None:
    rows = counts.rows("facility_corrections")
    assert [(r["facility_code"], r["rows"], r["rows_to_correct"], r["rows_in_review"]) for r in rows] == [
        ("00001", 12, 1, 1)
    ]


def test_review_by_age_adds_up_to_the_verdict(tmp_path: Path) -> None:
    doses = [dose(None, birth_date=f"{1950 + i}-01-01", link_status="clerical_review") for i in range(60)]
    counts = count_sample(Week(doses), tmp_path)
    rows = Counter({r["age_group"]: r["rows"] for r in counts.rows("review_by_age", unit_code="02")})
    verdict = sum(
        r["rows"] for r in counts.rows("verification", unit_code="02", link_status="clerical_review")
    )
    assert rows["all"] == verdict == 60
    assert rows["5-11"] + rows["12-17"] + rows["18+"] == 60
    assert rows["65+"] < rows["50+"] < rows["18+"]
