"""The whole path on a province written by hand: each row's verdict, and figures counted another way."""

import duckdb
import pandas as pd
import pytest

from conftest import PublishedRun
from golden.tiny_intake import CITIZENS, COMMUNES, DOSES, FILES, POPULATION, REPORTS, Dose

ROW_OF = {d.record_id: (name, row) for name, doses in FILES.items() for row, d in enumerate(doses, start=1)}


def table(tiny: PublishedRun, zone: str, name: str) -> pd.DataFrame:
    path = tiny.run.processed / zone / f"{name}.parquet"
    with duckdb.connect() as con:
        return con.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()


@pytest.fixture(scope="module")
def verdicts(tiny: PublishedRun) -> dict[str, dict[str, object]]:
    links = table(tiny, "restricted", "links")
    doses = table(tiny, "restricted", "doses")[["source_file", "source_row", "reason_codes", "is_counted"]]
    both = links.merge(doses, on=["source_file", "source_row"], validate="1:1")
    assert len(both) == len(links) == len(doses)
    return {str(row["dose_record_id"]): row for row in both.to_dict("records") if row["dose_record_id"]}


@pytest.mark.parametrize("dose", DOSES, ids=lambda d: d.record_id)
def test_every_row_gets_its_verdict(dose: Dose, verdicts: dict[str, dict[str, object]]) -> None:
    got = verdicts[dose.record_id]
    expected_citizen = CITIZENS[dose.citizen].citizen_id if dose.citizen else None
    assert got["link_status"] == dose.status
    assert (None if pd.isna(got["citizen_id"]) else got["citizen_id"]) == expected_citizen  # type: ignore[call-overload]
    assert bool(got["four_field_match"]) == dose.four_field
    if dose.status == "matched":
        assert set(got["differing_fields"]) == dose.differing  # type: ignore[call-overload]
    assert dose.reasons <= set(got["reason_codes"])  # type: ignore[call-overload]


@pytest.mark.parametrize("dose", DOSES, ids=lambda d: d.record_id)
def test_duplicates_name_the_record_that_is_kept(dose: Dose, verdicts: dict[str, dict[str, object]]) -> None:
    got = verdicts[dose.record_id]["duplicate_of"]
    kept = dose.duplicate_of_record
    expected = "{}:{}".format(*ROW_OF[kept]) if kept else None
    assert (None if pd.isna(got) else got) == expected  # type: ignore[call-overload]


def test_rows_in_are_kept_or_rejected_in_every_file(tiny: PublishedRun) -> None:
    quality = table(tiny, "aggregate", "quality")
    totals = quality[quality["reason_code"].isna() & (quality["folder"] == "platform")]
    counts = totals.set_index("source_file")[["rows_in", "rows_kept", "rows_rejected"]]
    # The second file adds a repeated header and a total row; its blank line takes a number and is no row.
    assert counts.sort_index().to_numpy().tolist() == [[12, 12, 0], [13, 10, 3]]


def reported(district: str, column: int) -> int:
    rows = [r.split(",") for r in REPORTS]
    return sum(int(r[column]) for r in rows if r[2] == district and r[10] == "province")


def coverage(tiny: PublishedRun, basis: str, unit: str, status: str = "at_least_one") -> pd.Series:
    rows = table(tiny, "aggregate", "coverage")
    at_as_of = rows["reference_date"].astype(str).str.startswith(tiny.run.as_of.isoformat())
    chosen = rows[
        at_as_of
        & (rows["basis"] == basis)
        & (rows["unit_code"] == unit)
        & (rows["age_group"] == "18+")
        & (rows["series_status"] == status)
    ]
    assert len(chosen) == 1
    return chosen.iloc[0]


@pytest.mark.parametrize("unit", ["024", "030"])
def test_the_reported_basis_is_the_sum_of_the_daily_reports(tiny: PublishedRun, unit: str) -> None:
    population = {u: n for u, age, n in POPULATION if age == "18+"}[unit]
    row = coverage(tiny, "reported", unit)
    assert row["people"] == reported(unit, 6)
    assert float(row["coverage_pct"]) == round(100 * reported(unit, 6) / population, 2)
    assert coverage(tiny, "reported", unit, "primary_complete")["people"] == reported(unit, 7)


def test_the_province_is_its_districts_when_it_sends_no_row_of_its_own(tiny: PublishedRun) -> None:
    row = coverage(tiny, "reported", "02")
    assert row["people"] == reported("024", 6) + reported("030", 6) == 18
    assert str(row["coverage_pct"]).startswith("64.29")


def adults_vaccinated(district: str) -> int:
    """Count the planted people: linked, alive, adult, living in the district."""
    who = {d.citizen for d in DOSES if d.citizen and d.record_id != "A02"}
    left_out = {"teen", "dead", "away"}
    names = {"024": "Thành phố Hà Giang", "030": "Huyện Vị Xuyên"}
    return sum(COMMUNES[CITIZENS[w].commune][0] == names[district] for w in who - left_out)


@pytest.mark.parametrize("unit", ["024", "030"])
def test_the_reconciled_basis_counts_living_adults_once_where_they_live(
    tiny: PublishedRun, unit: str
) -> None:
    assert coverage(tiny, "reconciled", unit)["people"] == adults_vaccinated(unit)


def test_the_bridge_adds_up(tiny: PublishedRun) -> None:
    bridge = table(tiny, "aggregate", "coverage_bridge")
    for _, steps in bridge.groupby(["unit_level", "unit_code", "series_status"]):
        people = steps.set_index("step")["people"]
        between = people.drop(["reported", "reconciled"]).sum()
        assert people["reported"] + between == people["reconciled"]
    assert set(bridge["unit_code"]) >= {"02", "024", "030"}


def test_other_bodies_are_counted_apart(tiny: PublishedRun) -> None:
    supply = table(tiny, "aggregate", "supply")
    row = supply[(supply["unit_code"] == "02")].sort_values("reference_date").iloc[-1]
    assert row["doses_administered"] == reported("024", 5) + reported("030", 5) == 22
    assert row["other_bodies_administered"] == 4


def test_adults_by_sex_are_the_reconciled_coverage(tiny: PublishedRun) -> None:
    with duckdb.connect() as con:
        for name in ("coverage", "coverage_by_sex"):
            con.execute(f"CREATE VIEW {name} AS FROM '{tiny.run.aggregate / f'{name}.parquet'}'")
        whole = con.execute(
            "SELECT count(*), count(*) FILTER (s.people <> c.people) FROM coverage_by_sex AS s "
            "JOIN coverage AS c USING (unit_level, unit_code, series_status) WHERE sex IS NULL "
            "AND basis = 'reconciled' AND age_group = '18+' AND reference_date = DATE '2021-11-07'"
        ).fetchall()
        parts = con.execute(
            "SELECT unit_code, series_status, sum(people) FILTER (sex IS NOT NULL) - sum(people) FILTER (sex IS NULL) "
            "FROM coverage_by_sex GROUP BY ALL HAVING 3 <> 0"
        ).fetchall()
    assert whole[0][0] > 2 and whole[0][1] == 0
    assert all(difference == 0 for *_, difference in parts)
