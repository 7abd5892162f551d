"""The three bases: who is counted where, against what, and what is left unknown."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from analysis.reference import read_units
from analysis.settings import Settings
from coverage_samples import (
    COMMUNE,
    COMMUNES_OF_DISTRICTS,
    HANOI_COMMUNE,
    OTHER_COMMUNE,
    Counts,
    Row,
    Week,
    citizen,
    count_sample,
    cover_sample,
    denominator,
    dose,
    report,
)

AGES = {
    "just 18": "2003-11-07",
    "tomorrow": "2003-11-08",
    "year": "2003",
    "month": "2009-12",
    "unknown": None,
}


def lived_in(district: str, *names: str, **other: object) -> list[Row]:
    """Return people of a district with one linked first dose each; `other` goes to the registry."""
    return [citizen(name, commune=COMMUNES_OF_DISTRICTS[district], **other) for name in names]


def given_in(district: str, *names: str | None, **other: object) -> list[Row]:
    return [dose(name, commune=COMMUNES_OF_DISTRICTS[district], **other) for name in names]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Count one week of Hà Giang in which every district shows one rule."""
    people = [
        citizen("moved", commune=COMMUNE, current_commune_code=OTHER_COMMUNE),
        citizen("at home", commune=COMMUNE, current_commune_code=None),
        citizen("moved to Hà Nội", commune=COMMUNE, current_commune_code=HANOI_COMMUNE),
        *lived_in("027", "dead", life_status="dead", death_date="2021-10-31"),
        *lived_in("027", "dead some day", life_status="dead"),
        *lived_in("027", "alive"),
        *(c for name, birth in AGES.items() for c in lived_in("028", name, birth=birth)),
        *lived_in("029", "twice entered"),
        *lived_in("030", "known"),
    ]
    doses = [
        *given_in("024", "moved", "at home"),
        *given_in("027", "dead", "dead some day", "alive"),
        *given_in("028", *AGES),
        *given_in("029", "twice entered"),
        *given_in("029", "twice entered", duplicate_of="a:1"),
        *given_in("029", "twice entered", number=2, day="2021-10-01"),
        *given_in("029", "a total row", link_status="rejected"),
        *given_in("029", "after as_of", is_counted=False),
        *given_in("029", None, number=2),
        *given_in("030", "known", None),
        *given_in("030", None, number=2, birth_date=None),
        *given_in("030", None, duplicate_of="a:1"),
        *given_in("030", None, link_status="out_of_scope"),
        dose(None, commune=None, given=COMMUNES_OF_DISTRICTS["031"]),
        dose("guest", commune=HANOI_COMMUNE),
    ]
    reports = [
        report("2021-08-01", 1, district_code="032"),
        report("2021-08-01", 7, district_code="033"),
        report("2021-08-01", 7, district_code="034"),
        report("2021-08-01", 10**9, district_code="035"),
        report("2021-08-01", 5, province_code="01"),
    ]
    population = [
        *(denominator(code, n) for code, n in (("032", 8), ("033", 3), ("034", 0), ("035", 1))),
        denominator("024", 10, reference_date="2020-01-01"),
        denominator("024", 20, source="b", reference_date="2021-06-01"),
        denominator("024", 30, source="a", reference_date="2021-06-01"),
        denominator("024", 40, reference_date="2021-11-08"),
    ]
    return cover_sample(Week(doses, people, reports, population), tmp_path_factory.mktemp("bases"))


def test_residence_is_the_registrys_current_one(counts: Counts) -> None:
    assert counts.coverage(OTHER_COMMUNE, "reconciled")["people"] == 1
    assert counts.coverage(COMMUNE, "reconciled")["people"] == 1
    assert counts.coverage(COMMUNE, "recorded")["people"] == 2  # as typed


def test_the_dead_are_not_counted_from_the_day_of_death(counts: Counts) -> None:
    weeks = [counts.coverage("027", "reconciled", reference_date=d) for d in ("2021-10-24", "2021-10-31")]
    assert [w["people"] for w in weeks] == [2, 1]
    assert [w["registry_population"] for w in weeks] == [2, 1]
    assert counts.coverage("027", "recorded")["people"] == 3


def test_age_is_completed_years_on_the_reference_date(counts: Counts) -> None:
    assert counts.coverage("028", "reconciled")["people"] == 2  # the birthday is today; 2003 is 1 July
    assert counts.coverage("028", "reconciled", reference_date="2021-10-31")["people"] == 1
    assert counts.coverage("028", "reconciled", age_group="12-17")["people"] == 1
    assert counts.coverage("028", "reconciled", age_group="5-11")["people"] == 1
    assert counts.coverage("028", "reconciled", age_group="all")["people"] == 5


def test_recorded_is_the_platforms_own_count_with_duplicates(counts: Counts) -> None:
    assert counts.coverage("029", "recorded")["people"] == 2
    assert counts.coverage("029", "recorded", "primary_complete")["people"] == 2
    assert counts.coverage("029", "reconciled")["people"] == 1
    assert counts.coverage("029", "reconciled", "primary_complete")["people"] == 1


def test_low_and_high_enclose_rows_of_nobody_known(counts: Counts) -> None:
    row = counts.coverage("030", "reconciled")
    assert (row["people_low"], row["people"], row["people_high"]) == (1, 1, 3)
    assert counts.coverage("030", "reconciled", "primary_complete")["people_high"] == 1
    assert counts.coverage("030", "reconciled", age_group="65+")["people_high"] == 1  # of unknown age
    assert counts.coverage("031", "reconciled")["people_high"] == 1  # no residence: the place given
    assert counts.coverage("030", "recorded")["people_high"] is None


def test_a_province_without_files_is_unknown_and_so_is_the_country(counts: Counts) -> None:
    assert counts.provinces_with_files == ("02",)
    for basis in ("recorded", "reconciled"):
        assert counts.coverage("01", basis)["people"] is None
        assert counts.coverage("VN", basis)["people"] is None
        assert counts.rows("coverage", unit_code="001", basis=basis) == []
    assert counts.coverage("02", "recorded")["people"] == 2 + 3 + 5 + 2 + 4


def test_a_registry_of_one_province_says_nothing_of_others(counts: Counts) -> None:
    assert counts.coverage("02", "reported")["registry_population"] == 7
    assert counts.coverage("01", "reported")["registry_population"] is None
    assert counts.coverage("VN", "reported")["registry_population"] is None


def test_percentages_are_half_up_never_capped_and_null_without_denominator(counts: Counts) -> None:
    percents = {
        code: counts.coverage(code, "reported")["coverage_pct"] for code in ("032", "033", "034", "035")
    }
    assert percents["032"] == Decimal("12.50")
    assert percents["033"] == Decimal("233.33")
    assert percents["034"] is None  # a denominator of 0
    assert percents["035"] is None  # 100,000,000,000 % fits no column and means nothing
    assert counts.coverage("034", "reported")["people"] == 7
    row = counts.coverage("027", "reconciled")
    assert (row["people"], row["population"], row["coverage_pct"]) == (1, None, None)


def test_the_latest_denominator_not_after_as_of_wins(counts: Counts) -> None:
    row = counts.coverage("024", "recorded")
    assert (row["population"], row["population_source"]) == (30, "a")
    assert row["population_date"] == date(2021, 6, 1)


def test_communes_have_rows_at_as_of_only(counts: Counts) -> None:
    assert {str(r["reference_date"]) for r in counts.rows("coverage", unit_level="commune")} == {"2021-11-07"}


def test_denominators_and_the_day_of_a_birth_year_are_settings(tmp_path: Path) -> None:
    population = [
        denominator("02", 10, source="điều tra's", reference_date="2020-01-01"),
        denominator("02", 20, source="khác", reference_date="2021-06-01"),
        denominator("024", 7, source="khác"),
    ]
    settings = replace(
        Settings(), population_sources=("không có", "điều tra's"), birth_year_only_month_day="12-31"
    )
    week = Week([dose("A")], [citizen("A", "2003")], population=population, settings=settings)
    counts = cover_sample(week, tmp_path)
    assert counts.coverage("02", "recorded")["population"] == 10
    assert counts.coverage("024", "recorded")["population"] == 7
    assert counts.coverage("02", "reconciled")["people"] == 0


def test_half_of_a_files_rows_make_a_province_known_but_not_without_residents(tmp_path: Path) -> None:
    counts = cover_sample(Week([dose("A"), dose("C", commune=HANOI_COMMUNE)], [citizen("A")]), tmp_path)
    assert counts.provinces_with_files == ("01", "02")
    assert counts.coverage("01", "recorded")["people"] == 1
    assert counts.coverage("02", "reconciled")["people"] == 1
    assert counts.coverage("01", "reconciled")["people"] is None


def test_the_country_is_known_when_all_provinces_have_files(tmp_path: Path) -> None:
    first = read_units().query("commune_code != ''").drop_duplicates("province_code")
    doses = [
        dose(f"{i}", source_file=f"{row.province_code}.csv", commune=None)
        | {"province_code": row.province_code, "district_code": row.district_code}
        for i, row in enumerate(first.itertuples())
    ]
    people = [citizen(f"{i}", commune=code) for i, code in enumerate(first["commune_code"])]
    counts = cover_sample(Week(doses, people), tmp_path)
    assert counts.coverage("VN", "recorded")["people"] == 63
    row = counts.coverage("VN", "reconciled")
    assert (row["people"], row["registry_population"], row["coverage_registry_pct"]) == (63, 63, 100)


def test_without_a_registry_the_reconciled_basis_is_absent(tmp_path: Path) -> None:
    doses = [dose(None), dose(None, duplicate_of="a:1")]
    counts = count_sample(Week(doses, reports=[report("2021-08-01", 5)]), tmp_path)
    assert counts.rows("coverage", basis="reconciled") == []
    assert counts.table("coverage_bridge") == []
    assert counts.table("due") == counts.table("due_counts") == []
    row = counts.coverage("02", "recorded")
    assert (row["people"], row["registry_population"], row["coverage_registry_pct"]) == (2, None, None)
    assert counts.coverage("02", "reported")["people"] == 5


def test_without_daily_reports_the_reported_basis_is_absent(tmp_path: Path) -> None:
    counts = count_sample(Week([dose("A")], [citizen("A")]), tmp_path)
    assert counts.rows("coverage", basis="reported") == []
    assert counts.table("supply") == counts.table("coverage_bridge") == []
    entry = counts.rows("entry_progress", unit_code="02", reference_date="2021-11-07")[0]
    assert entry["doses_recorded"] == 1
    assert (entry["doses_administered"], entry["entry_pct"], entry["backlog"]) == (None, None, None)


def test_files_without_one_countable_row(tmp_path: Path) -> None:
    counts = count_sample(Week([dose(None, is_counted=False)]), tmp_path)
    rows = counts.rows("coverage", unit_code="02", age_group="18+", series_status="at_least_one")
    assert {str(r["reference_date"]): r["people"] for r in rows} == {"2021-10-31": 0, "2021-11-07": 0}


def test_additional_and_booster_rows_begin_with_the_first_of_them(tmp_path: Path) -> None:
    doses = [dose("A", "2021-08-01", 1), dose("A", "2021-10-01", 2), dose("A", "2021-11-01", 3)]
    counts = cover_sample(Week(doses, [citizen("A")], [report("2021-08-01", 1)]), tmp_path)
    keys = {"unit_code": "02", "basis": "reconciled", "age_group": "18+", "series_status": "additional"}
    found = {str(r["reference_date"]): r["people"] for r in counts.rows("coverage", **keys)}
    assert found == {"2021-10-31": 0, "2021-11-07": 1}
    assert counts.coverage("02", "recorded", "additional")["people"] is None
    assert counts.coverage("02", "reported", "booster")["people"] is None


def test_the_same_tables_give_the_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    doses = [
        dose(f"{i % 40}", f"2021-0{5 + i % 5}-01", 1 + i % 2, source_file=f"{i % 3}.csv") for i in range(80)
    ]
    week = Week(doses, [citizen(f"{i}") for i in range(40)], [report("2021-08-01", 3)])
    one = count_sample(week, tmp_path / "one", threads=1)
    four = count_sample(replace(week, doses=doses[::-1]), tmp_path / "four", threads=4)
    names = sorted(p.name for p in one.run.aggregate.iterdir())
    assert "coverage.parquet" in names
    for name in names:
        assert (one.run.aggregate / name).read_bytes() == (four.run.aggregate / name).read_bytes(), name
