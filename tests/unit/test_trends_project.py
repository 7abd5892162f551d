"""The trends stage writes honest tables from invented aggregate tables, whatever is missing."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.engine import connect
from analysis.settings import RunParameters, open_run
from analysis.tables import write_table
from analysis.trends import project_coverage

AS_OF = pd.Timestamp("2021-11-07")
WEEKS = 20


def _series(size: int, ceiling: float, delay: int) -> list[int]:
    weeks = np.arange(WEEKS)
    return [int(v) for v in size * ceiling / (1 + np.exp(-(weeks - 10 - delay) / 3))]


def _unit_rows(level: str, code: str, size: int, ceiling: float = 0.9) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for status, delay in (("at_least_one", 0), ("primary_complete", 5)):
        for k, people in enumerate(_series(size, ceiling, delay)):
            day = AS_OF - pd.Timedelta(days=7 * (WEEKS - 1 - k))
            rows.append((level, code, day, "18+", status, "reported", people, size))
    rows.append((level, code, AS_OF, "all", "at_least_one", "reconciled", None, int(size * 1.4)))
    return rows


def _write_inputs(run: RunParameters, rows: list[tuple[object, ...]], left: int = 10_000) -> None:
    names = ["unit_level", "unit_code", "reference_date", "age_group", "series_status", "basis"]
    names += ["people", "population"]
    coverage = pd.DataFrame(rows, columns=names)
    with connect(run) as con:
        con.register("rows_given", coverage)
        write_table(
            con,
            "coverage",
            "SELECT *, NULL AS coverage_pct, 'invented' AS population_source, NULL AS population_date, "
            "NULL AS people_low, NULL AS people_high, NULL AS registry_population, "
            "NULL AS coverage_registry_pct FROM rows_given",
            run,
        )
        write_table(
            con,
            "supply",
            f"SELECT DISTINCT unit_level, unit_code, DATE '2021-11-07' AS reference_date, "
            f"1000000 + {left} AS doses_allocated, NULL AS doses_received, 1000000 AS doses_administered, "
            "NULL AS doses_discarded, NULL AS used_pct, NULL AS other_bodies_administered FROM rows_given",
            run,
        )


def _read(run: RunParameters, name: str) -> pd.DataFrame:
    path = (run.aggregate / f"{name}.parquet").as_posix()
    return duckdb.connect().execute(f"FROM read_parquet('{path}')").df()


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    return open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))


@pytest.fixture
def country(run: RunParameters) -> RunParameters:
    rows = _unit_rows("country", "VN", 300_000)
    for code, ceiling in (("01", 0.95), ("02", 0.6), ("04", 0.3), ("06", 0.02)):
        rows += _unit_rows("province", code, 100_000, ceiling)
    _write_inputs(run, rows)
    return run


def test_every_unit_status_and_horizon_has_23_rising_quantiles(country: RunParameters) -> None:
    summary = project_coverage(country)
    forecast = _read(country, "forecast")
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
    assert summary.missing is not None and "daily reports" in summary.missing
    assert _read(run, "forecast").empty and _read(run, "targets").empty


def test_reached_target_is_certain_and_needs_nothing(country: RunParameters) -> None:
    project_coverage(country)
    targets = _read(country, "targets").set_index(["unit_code", "target_code"])
    row = targets.loc[("01", "qd3355_adults_2021")]
    assert row["probability"] == 1 and row["doses_per_day_needed"] == 0
    assert pd.notna(row["reached_on"]) and pd.isna(row["expected_date"])


def test_target_out_of_reach_gives_not_before_instead_of_a_date(country: RunParameters) -> None:
    project_coverage(country)
    targets = _read(country, "targets").set_index(["unit_code", "target_code"])
    row = targets.loc[("06", "qd4800_adults_first")]
    assert pd.isna(row["reached_on"]) and pd.isna(row["expected_date"]) and pd.isna(row["not_after"])
    assert row["not_before"] > AS_OF and pd.isna(row["due_date"]) and pd.isna(row["probability"])


def test_doses_needed_count_both_doses_of_those_without_any(country: RunParameters) -> None:
    project_coverage(country)
    targets = _read(country, "targets").set_index(["unit_code", "target_code"])
    row = targets.loc[("04", "who_complete_2021")]
    need = 0.4 * 140_000
    first, complete = _series(100_000, 0.3, 0)[-1], _series(100_000, 0.3, 5)[-1]
    assert first < need
    assert row["doses_per_day_needed"] == np.ceil((need - complete + need - first) / 54)
    assert not row["supply_sufficient"]


def test_unit_without_denominator_is_left_out_not_invented(run: RunParameters) -> None:
    rows = _unit_rows("province", "01", 100_000) + [(*r[:7], 0) for r in _unit_rows("province", "02", 90_000)]
    _write_inputs(run, rows)
    project_coverage(run)
    assert set(_read(run, "forecast")["unit_code"]) == {"01"}
    assert set(_read(run, "targets")["unit_code"]) == {"01"}
