"""Counts by state: verification, feedback against 48 hours, rosters, registry findings."""

from decimal import Decimal
from pathlib import Path

import pytest

from coverage_samples import OTHER_COMMUNE, Counts, Week, citizen, count_sample, dose


def item(
    received_at: str, closed_at: str | None = None, status: str = "open", **other: object
) -> dict[str, object]:
    place = {"province_code": "02", "district_code": "024"} | other
    return {"received_at": received_at, "closed_at": closed_at, "status": status} | place


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Count one week with every kind of state."""
    states = {"police_result": "đúng", "signature_status": "đã ký", "four_field_match": True}
    doses = [
        dose("A", **states),
        dose("A", "2021-10-01", 2, **states),
        dose("B", differing_fields=["full_name"], link_status="matched"),
        dose("B", differing_fields=["sex", "full_name"], link_status="matched", number=2),
        dose(None, name_key="x", commune=OTHER_COMMUNE),
        dose(None, name_key="x", commune=OTHER_COMMUNE, number=2),
        dose(None, name_key="y", commune=None),
        dose(None, link_status="rejected", is_rejected=True, is_counted=False),
    ]
    feedback = [
        item("2021-11-01 08:00", "2021-11-03 08:00", "approved"),  # exactly 48 hours: in time
        item("2021-11-01 08:00", "2021-11-03 08:01", "refused"),
        item("2021-11-06 00:00"),  # exactly 48 hours before the end of as_of: due, and late
        item("2021-11-06 00:01"),  # not due yet
        item("2021-11-07 23:59", "2021-11-08 00:00", "approved"),  # closed after as_of: still open then
        item("2021-11-01 08:00", None, "needs_information", district_code="026"),
        item("2021-11-01 08:00", "2021-10-31 08:00", "approved"),  # closed before it came: not in time
        item("2021-11-01 08:00", None, "approved"),  # closed, nobody knows when
        item("2021-11-08 00:00"),  # after as_of
    ]
    rosters = [
        {"province_code": "02", "district_code": "024", "link_status": "verified"},
        {"province_code": "02", "district_code": None, "link_status": "verified"},
        {"province_code": None, "district_code": None, "link_status": "insufficient"},
    ]
    findings = [
        {"kind": "dose_after_death", "citizen_id": "A", "evidence": "1"},
        {"kind": "dose_after_death", "citizen_id": "A", "evidence": "2"},
        {"kind": "confirmed_but_absent", "citizen_id": "nobody", "evidence": "3"},
    ]
    week = Week(doses, [citizen("A"), citizen("B")], feedback=feedback, rosters=rosters, findings=findings)
    return count_sample(week, tmp_path_factory.mktemp("counts"))


def test_every_record_is_in_one_state_of_the_country(counts: Counts) -> None:
    rows = counts.rows("verification", unit_code="VN")
    assert sum(r["rows"] for r in rows) == 8
    province = counts.rows("verification", unit_code="02")
    assert sum(r["rows"] for r in province) == 7  # one residence could not be read


def test_people_are_counted_once_in_a_state(counts: Counts) -> None:
    verified = counts.rows("verification", unit_code="02", link_status="verified")
    assert [(r["rows"], r["people"], r["police_result"], r["four_field_match"]) for r in verified] == [
        (2, 1, "đúng", True)
    ]
    unlinked = counts.rows("verification", unit_code="026")
    assert [(r["rows"], r["people"]) for r in unlinked] == [(2, 1)]


def test_more_than_one_differing_field_is_several(counts: Counts) -> None:
    rows = counts.rows("verification", unit_code="024", link_status="matched")
    assert {r["differing_field"]: r["rows"] for r in rows} == {"full_name": 1, "several": 1}


def test_feedback_follows_the_48_hours_as_they_stood_at_as_of(counts: Counts) -> None:
    row = counts.rows("feedback", unit_code="02")[0]
    assert (row["received"], row["received_due"]) == (8, 6)
    assert (row["closed_in_time"], row["open_late"]) == (1, 2)
    assert (row["approved"], row["refused"], row["needs_information"]) == (3, 1, 1)
    assert row["in_time_pct"] == Decimal("16.67")
    district = counts.rows("feedback", unit_code="026")[0]
    assert (district["received"], district["open_late"], district["in_time_pct"]) == (1, 1, 0)


def test_rosters_and_findings_by_unit(counts: Counts) -> None:
    rosters = {(r["unit_code"], r["link_status"]): r["rows"] for r in counts.table("rosters")}
    assert rosters == {
        ("VN", "verified"): 2,
        ("VN", "insufficient"): 1,
        ("02", "verified"): 2,
        ("024", "verified"): 1,
    }
    findings = {(r["unit_code"], r["kind"]): r["findings"] for r in counts.table("registry_findings_counts")}
    assert findings == {
        ("VN", "dose_after_death"): 2,
        ("02", "dose_after_death"): 2,
        ("024", "dose_after_death"): 2,
        ("VN", "confirmed_but_absent"): 1,
    }


def test_notes_say_what_the_figures_rest_on(tmp_path: Path) -> None:
    doses = [
        dose("short", "2021-06-01", 1),
        dose("short", "2021-06-20", 2),  # AstraZeneca after 19 days
        dose("exact", "2021-06-01", 1, vaccine="Comirnaty"),
        dose("exact", "2021-06-22", 2, vaccine="Comirnaty"),  # 21 days: not short
        dose("mixed", "2021-06-01", 1),
        dose("mixed", "2021-09-01", 2, vaccine="Comirnaty"),
        dose("second only", "2021-09-01", 2, vaccine="unknown", birth_date="1950"),
        dose("dead", "2021-09-01", 1, birth_date=None),
    ]
    people = [citizen(name) for name in ("short", "exact", "mixed")]
    people += [citizen("second only", "1950"), citizen("dead", life_status="dead", death_date="2021-10-01")]
    rows = count_sample(Week(doses, people), tmp_path).rows("series_notes", unit_code="02")
    notes = {(r["basis"], r["note"]): (r["people"], r["of_people"]) for r in rows}
    assert notes == {
        ("reconciled", "interval_too_short"): (1, 4),
        ("reconciled", "mixed_products"): (1, 4),
        ("reconciled", "unknown_product"): (1, 4),
        ("reconciled", "dose_not_recorded"): (1, 4),
        ("reconciled", "too_many_doses"): (0, 4),
        ("reconciled", "birth_year_only"): (1, 4),
        ("reconciled", "birth_date_missing"): (0, 4),
        ("registry", "birth_year_only"): (1, 4),
        ("registry", "birth_date_missing"): (0, 4),
        ("recorded", "birth_year_only"): (1, 8),
        ("recorded", "birth_date_missing"): (1, 8),
    }
