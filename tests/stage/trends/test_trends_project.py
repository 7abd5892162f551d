"""The trends stage writes honest tables from invented aggregate tables, whatever is missing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.settings import RunParameters, open_run
from analysis.trends import project_coverage
from trends_samples import AS_OF, logistic_counts, read_rows, unit_rows, write_inputs


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    return open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))


@pytest.fixture
def country(run: RunParameters) -> RunParameters:
    rows = unit_rows("country", "VN", 300_000)
    for code, ceiling in (("01", 0.95), ("02", 0.6), ("04", 0.3), ("06", 0.02)):
        rows += unit_rows("province", code, 100_000, ceiling)
    write_inputs(run, rows)
    return run


def test_every_unit_status_and_horizon_has_23_rising_quantiles(country: RunParameters) -> None:
    summary = project_coverage(country)
    forecast = read_rows(country, "forecast")
    assert len(forecast) == summary.forecast_rows == 5 * 2 * 4 * 23
    keys = ["unit_code", "series_status", "target_date"]
    for _, quantiles in forecast.sort_values([*keys, "quantile"]).groupby(keys):
        assert len(quantiles) == 23
        assert (quantiles["value"].diff().dropna() >= 0).all()


def test_same_input_gives_the_same_bytes(country: RunParameters) -> None:
    project_coverage(country)
    first = [(country.aggregate / f"{n}.parquet").read_bytes() for n in ("forecast", "targets")]
    project_coverage(country)
    assert first == [(country.aggregate / f"{n}.parquet").read_bytes() for n in ("forecast", "targets")]


def test_without_coverage_the_tables_are_empty_and_the_reason_is_given(run: RunParameters) -> None:
    summary = project_coverage(run)
    assert (summary.forecast_rows, summary.target_rows, summary.units) == (0, 0, 0)
    assert summary.missing is not None and "không có báo cáo ngày" in summary.missing
    assert read_rows(run, "forecast").empty and read_rows(run, "targets").empty


def test_reached_target_is_certain_and_needs_nothing(country: RunParameters) -> None:
    project_coverage(country)
    targets = read_rows(country, "targets").set_index(["unit_code", "target_code"])
    row = targets.loc[("01", "qd3355_adults_2021")]
    assert row["probability"] == 1 and row["doses_per_day_needed"] == 0
    assert pd.notna(row["reached_on"]) and pd.isna(row["expected_date"])


def test_target_out_of_reach_gives_not_before_instead_of_a_date(country: RunParameters) -> None:
    project_coverage(country)
    targets = read_rows(country, "targets").set_index(["unit_code", "target_code"])
    row = targets.loc[("06", "qd4800_adults_first")]
    assert pd.isna(row["reached_on"]) and pd.isna(row["expected_date"]) and pd.isna(row["not_after"])
    assert row["not_before"] > AS_OF and pd.isna(row["due_date"]) and pd.isna(row["probability"])


def test_doses_needed_count_both_doses_of_those_without_any(country: RunParameters) -> None:
    project_coverage(country)
    targets = read_rows(country, "targets").set_index(["unit_code", "target_code"])
    row = targets.loc[("04", "who_complete_2021")]
    need = 0.4 * 140_000
    first, complete = logistic_counts(100_000, 0.3, 0)[-1], logistic_counts(100_000, 0.3, 5)[-1]
    assert first < need
    assert row["doses_per_day_needed"] == np.ceil((need - complete + need - first) / 54)
    assert not row["supply_sufficient"]


def test_unit_without_denominator_is_left_out_not_invented(run: RunParameters) -> None:
    rows = unit_rows("province", "01", 100_000) + [(*r[:7], 0) for r in unit_rows("province", "02", 90_000)]
    write_inputs(run, rows)
    project_coverage(run)
    assert set(read_rows(run, "forecast")["unit_code"]) == {"01"}
    assert set(read_rows(run, "targets")["unit_code"]) == {"01"}


def test_a_changed_denominator_changes_no_pace(run: RunParameters, tmp_path: Path) -> None:
    """Counts of all weeks stand over the latest denominator: a revised one is no leap in coverage."""
    rows = [r for code in ("01", "02") for r in unit_rows("province", code, 100_000, 0.6)]
    write_inputs(run, rows)
    project_coverage(run)
    other = open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "other"))
    before = AS_OF - pd.Timedelta(days=21)
    write_inputs(other, [(*r[:7], 80_000) if r[2] < before and r[3] == "18+" else r for r in rows])
    project_coverage(other)
    assert read_rows(run, "forecast").equals(read_rows(other, "forecast"))
