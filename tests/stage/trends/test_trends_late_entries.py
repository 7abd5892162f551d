"""Late entries laid over the histories: what starts from the nowcast, and what does not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.settings import RunParameters, open_run
from analysis.trends import project_coverage
from analysis.trends.forecast.histories import History
from analysis.trends.forecast.quantiles import INTERVAL_95, MEDIAN, QUANTILES
from analysis.trends.forecast.series import Panel
from analysis.trends.forecast.sums import country_from_provinces, sum_quantiles
from coverage_samples import OTHER_COMMUNE, Week, count_sample, dose
from trends_samples import AS_OF, read_rows, steady_entries, unit_rows, write_inputs, write_triangle

SHARES = (0.6, 0.3, 0.1)  # entered in the week, the next, the one after


def _on_basis(rows: list[tuple[object, ...]], basis: str) -> list[tuple[object, ...]]:
    return [(*r[:5], basis, *r[6:]) for r in rows if r[3] == "18+"]


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    """Write two provinces of 100.000 adults on both kinds of basis; 1.000 first doses a day in 01, late."""
    run = open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))
    rows: list[tuple[object, ...]] = []
    for code in ("01", "02"):
        reported = unit_rows("province", code, 100_000)
        rows += reported + _on_basis(reported, "recorded")
    write_inputs(run, rows)
    write_triangle(run, steady_entries("province", "01", 1000, SHARES))
    return run


def test_what_is_missing_is_added_to_the_entered_basis_alone(run: RunParameters) -> None:
    project_coverage(run)
    told = read_rows(run, "nowcast").set_index(["unit_code", "series_status"])
    assert set(told["basis"]) == {"recorded"}
    first = told.loc[("01", "at_least_one")]
    forecast = read_rows(run, "forecast").set_index(["unit_code", "basis", "series_status"])
    start = forecast.loc[("01", "recorded", "at_least_one")]["value"].astype(float).max()
    assert first["people_nowcast_low"] <= first["people_nowcast"] <= first["people_nowcast_high"]
    assert first["people"] < first["people_nowcast"] and start > 100 * first["people_nowcast"] / 100_000
    # 40 % of the last week's rows and 10 % of the week before are still to come: half a week's rows,
    # times the people that came with a row of the last four weeks.
    weekly = np.array([r[6] for r in unit_rows("province", "01", 100_000) if r[4] == "at_least_one"][:20])
    entered = 7 * 1000 * (0.6 + 0.9 + 1 + 1)
    share = min(1.5, (weekly[-1] - weekly[-5]) / entered)
    assert first["people_nowcast"] - first["people"] == pytest.approx(0.5 * 7000 * share, rel=0.05)


def test_forecasts_never_fall_below_what_is_entered(run: RunParameters) -> None:
    project_coverage(run)
    told = read_rows(run, "nowcast").set_index("unit_code")
    forecast = read_rows(run, "forecast")
    recorded = forecast[(forecast["basis"] == "recorded") & (forecast["unit_code"] == "01")]
    recorded = recorded[recorded["series_status"] == "at_least_one"]
    assert (recorded["value"].astype(float) >= 100 * told.loc["01", "people"] / 100_000 - 1e-4).all()


def test_a_unit_without_entries_keeps_its_count(run: RunParameters) -> None:
    project_coverage(run)
    other = read_rows(run, "nowcast").set_index(["unit_code", "series_status"]).loc[("02", "at_least_one")]
    assert other["people"] == other["people_nowcast"] == other["people_nowcast_high"]


def test_sums_share_a_shock() -> None:
    bell = np.linspace(-2, 2, QUANTILES.size)
    parts = np.stack([100 + 10 * bell] * 25)
    total = sum_quantiles(parts)
    width = total[INTERVAL_95[1]] - total[INTERVAL_95[0]]
    one = parts[0, INTERVAL_95[1]] - parts[0, INTERVAL_95[0]]
    assert total[MEDIAN] == pytest.approx(2500)
    assert 5 * one < width < 25 * one  # wider than if they erred apart, narrower than all together


def _history(level: str, codes: tuple[str, ...], people: list[float], population: list[float]) -> History:
    counts = {"at_least_one": np.array(people)[:, None]}
    size = np.array(population)
    percent = {"at_least_one": 100 * counts["at_least_one"] / size[:, None]}
    panel = Panel(level, codes, np.array(["2021-11-07"], dtype="datetime64[D]"), percent)
    return History(level, "reported", "18+", panel, counts, size, counts)


def test_the_country_is_its_provinces_and_the_unallocated() -> None:
    provinces = _history("province", ("01", "02"), [40.0, 50.0], [100.0, 100.0])
    country = _history("country", ("VN",), [99.0], [220.0])  # nine people of no province
    own = np.full((1, 1, QUANTILES.size), 7.0)
    values = np.stack([np.linspace(44, 46, 23), np.linspace(59, 61, 23)])[:, None]
    made = country_from_provinces("at_least_one", country, own, provinces, values)
    assert made[0, 0, MEDIAN] == pytest.approx(100 * (45 + 60) * (99 / 90) / 220)
    # A province with people and no denominator cannot be summed: the country's own series answers.
    lacking = np.concatenate([values[:1], np.full((1, 1, QUANTILES.size), np.nan)])
    assert (country_from_provinces("at_least_one", country, own, provinces, lacking) == 7.0).all()
    # A province without anybody yet has nothing to add.
    empty = _history("province", ("01", "02"), [40.0, 0.0], [100.0, 100.0])
    small = _history("country", ("VN",), [44.0], [220.0])
    made = country_from_provinces("at_least_one", small, own, empty, lacking)
    assert made[0, 0, MEDIAN] == pytest.approx(100 * 45 * (44 / 40) / 220)


def test_late_entries_of_the_country_are_those_of_its_provinces(run: RunParameters) -> None:
    parts = [
        _on_basis(unit_rows("province", code, 100_000, c), "recorded")
        for code, c in (("01", 0.9), ("02", 0.5))
    ]
    total = [("country", "VN", *a[2:6], a[6] + b[6], a[7] + b[7]) for a, b in zip(*parts, strict=True)]
    write_inputs(run, [*parts[0], *parts[1], *total])
    entries = steady_entries("province", "01", 1000, SHARES) + steady_entries("province", "02", 400, SHARES)
    write_triangle(run, entries + steady_entries("country", "VN", 1400, (0.2, 0.2, 0.6)))
    project_coverage(run)
    told = read_rows(run, "nowcast")
    told = told[told["series_status"] == "at_least_one"].set_index("unit_code")["people_nowcast"]
    assert told["VN"] == pytest.approx(told["01"] + told["02"], abs=2)


def test_country_lies_within_its_provinces(tmp_path: Path) -> None:
    run = open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))
    parts = [unit_rows("province", code, 100_000, ceiling) for code, ceiling in (("01", 0.9), ("02", 0.3))]
    total = [
        ("country", "VN", *a[2:6], a[6] + b[6], a[7] + b[7])
        for a, b in zip(*parts, strict=True)
        if a[6] is not None
    ]
    write_inputs(run, [*parts[0], *parts[1], *total])
    project_coverage(run)
    wide = read_rows(run, "forecast").astype({"quantile": float, "value": float})
    wide = wide[wide["quantile"] == 0.5].pivot(
        index=["series_status", "target_date"], columns="unit_code", values="value"
    )
    assert np.allclose(wide["VN"], (wide["01"] + wide["02"]) / 2, atol=1e-3)


def test_coverage_writes_the_triangle_by_residence_and_week_of_entry(tmp_path: Path) -> None:
    late = [
        dose("A", "2021-11-01", entry_date="2021-11-02"),
        dose("B", "2021-11-01", entry_date="2021-11-07"),
        dose("C", "2021-10-31", entry_date="2021-10-31"),
        dose("D", "2021-10-30", entry_date="2021-11-01", commune=OTHER_COMMUNE),
        dose("E", "2021-10-30", entry_date=None),  # cannot tell how late
        dose("F", "2021-10-30", number=3),  # no dose of the two statuses
        dose("G", "2021-06-30", entry_date="2021-11-01"),  # older than the triangle
    ]
    counts = count_sample(Week(late, []), tmp_path)
    rows = counts.rows("reporting_triangle", unit_level="district")
    assert [(r["unit_code"], str(r["vaccination_date"]), str(r["entered_by"]), r["doses"]) for r in rows] == [
        ("024", "2021-10-31", "2021-10-31", 1),
        ("024", "2021-11-01", "2021-11-07", 2),
        ("026", "2021-10-30", "2021-11-07", 1),
    ]
    assert sum(r["doses"] for r in counts.rows("reporting_triangle", unit_code="02")) == 4


def test_an_old_run_without_triangle_is_projected_from_its_counts(tmp_path: Path) -> None:
    run = open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))
    write_inputs(run, _on_basis(unit_rows("province", "01", 100_000), "recorded"))
    assert project_coverage(run).forecast_rows > 0
    assert read_rows(run, "nowcast").empty


def test_deadlines_follow_the_settings(run: RunParameters) -> None:
    project_coverage(run)
    rows = read_rows(run, "first_dose_deadlines").set_index(["target_code", "vaccine"])
    last = rows.loc["who_complete_2021"]["last_first_dose_date"]
    assert last["AstraZeneca"] == pd.Timestamp("2021-12-31") - pd.Timedelta(days=56)
    assert last["Abdala"] == pd.Timestamp("2021-12-31") - pd.Timedelta(days=28)  # three doses
    assert last["Janssen"] == pd.Timestamp("2021-12-31")
    assert (
        rows.loc[("qd4800_aged_50_complete", "AstraZeneca"), "days_left"]
        == (pd.Timestamp("2021-11-30") - pd.Timedelta(days=56) - AS_OF).days
    )
