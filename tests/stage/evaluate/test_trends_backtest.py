"""Baselines, scores and refusals of the backtest; what a model does with awkward series."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.__main__ import main
from analysis.evaluate.forecasts.clusters import ratio_interval
from analysis.evaluate.forecasts.date_scores import score_dates
from analysis.evaluate.forecasts.origins import HORIZONS, Tasks
from analysis.evaluate.forecasts.rivals.methods import METHODS, PLAIN_METHODS
from analysis.evaluate.forecasts.score_tables import score_reliability, score_tasks
from analysis.settings import RunParameters, open_run
from analysis.trends import project_coverage
from analysis.trends.forecast.quantiles import MEDIAN, QUANTILES
from analysis.trends.forecast.series import Panel, repair_past
from analysis.trends.previous import draw_previous, score_previous
from trends_samples import AS_OF, read_rows, unit_rows, write_inputs

WEEKS = 30


def _panel(first: np.ndarray, second: np.ndarray | None = None) -> Panel:
    """Return a panel of cumulative percents (units × weeks) up to 2021-11-07."""
    weeks = np.datetime64("2021-11-07") - 7 * np.arange(first.shape[1] - 1, -1, -1)
    values = {"at_least_one": first, "primary_complete": first * 0.5 if second is None else second}
    return Panel("XX", tuple(f"u{k}" for k in range(len(first))), weeks, values)


def _logistic(units: int = 3) -> np.ndarray:
    weeks = np.arange(WEEKS)
    return np.stack([60 / (1 + np.exp(-0.35 * (weeks - 18 - k))) for k in range(units)])


@pytest.mark.parametrize("method", PLAIN_METHODS)
def test_every_method_gives_rising_quantiles_above_the_count(method: str) -> None:
    past = _panel(_logistic())
    values = METHODS[method](past, "primary_complete", HORIZONS)
    assert values.shape == (3, len(HORIZONS), QUANTILES.size)
    assert (np.diff(values, axis=2) >= -1e-9).all()
    assert (values >= past.values["primary_complete"][:, -1][:, None, None] - 1e-9).all()


def test_a_logistic_curve_is_found_as_near_as_the_grid_is_fine() -> None:
    whole = _logistic()
    past = Panel("XX", ("u0", "u1", "u2"), _panel(whole).weeks[:-8], {"at_least_one": whole[:, :-8]})
    values = METHODS["logistic"](past, "at_least_one", HORIZONS)
    assert np.abs(values[:, -1, MEDIAN] - whole[:, -1]).max() < 5
    flat = METHODS["flat7"](past, "at_least_one", HORIZONS)
    assert np.abs(flat[:, -1, MEDIAN] - whole[:, -1]).max() > 10


def test_drift_walks_on_at_the_mean_gain() -> None:
    past = _panel(np.array([[0.0, 1.0, 5.0, 6.0]]))
    assert METHODS["drift"](past, "at_least_one", (3,))[0, 0, MEDIAN] == pytest.approx(12.0)


def test_convolution_finds_the_interval_between_doses() -> None:
    first = np.cumsum(np.random.default_rng(2).uniform(1, 4, size=(6, WEEKS)), axis=1)
    second = np.pad(first, ((0, 0), (6, 0)))[:, :WEEKS]
    values = METHODS["convolution"](_panel(first, second), "primary_complete", (1, 4))
    known = np.stack([first[:, WEEKS - 6], first[:, WEEKS - 3]], axis=1)
    assert np.abs(values[..., MEDIAN] - known).max() < 1.5
    assert np.isnan(METHODS["convolution"](_panel(first, second), "at_least_one", (1,))).all()


def test_mixture_lies_between_its_two() -> None:
    past = _panel(_logistic())
    ours, hub, both = (METHODS[m](past, "at_least_one", (4,)) for m in ("pooled", "hub", "pooled_with_hub"))
    assert np.allclose(both, ours * 2 / 3 + hub / 3)


def _tasks(middle: float, truth: list[float], now: float = 60.0) -> Tasks:
    """Return one unit's four horizons with a middle that rises by `middle` a week."""
    rows = pd.DataFrame(
        {
            "country": "XX",
            "unit_code": "u",
            "series_status": "at_least_one",
            "origin": np.datetime64("2021-06-06"),
        }
        | {"horizon_weeks": HORIZONS, "now": now, "truth": truth},
        index=range(len(HORIZONS)),
    )
    centre = now + middle * np.array(HORIZONS, dtype=float)
    values = centre[:, None] + np.linspace(-1, 1, QUANTILES.size)
    return Tasks(rows, {"flat7": values, "pooled": values})


def test_error_of_the_date_is_in_days() -> None:
    dates = score_dates(_tasks(5.0, [62.5, 65.0, 70.0, 80.0])).set_index("method").loc["pooled"]
    # 70 % foretold in week 2, reached in week 4; 80 % foretold in week 4, reached in week 8.
    assert dates["n_reached"] == dates["n_foretold"] == 2
    assert dates["mean_error_days"] == pytest.approx(-(14 + 28) / 2)
    late = score_dates(_tasks(0.5, [62.5, 65.0, 70.0, 80.0])).set_index("method").loc["pooled"]
    assert late["n_reached"] == 2 and late["n_foretold"] == 0 and np.isnan(late["mean_error_days"])
    never = score_dates(_tasks(5.0, [60.0, 60.0, 60.0, 60.0])).set_index("method").loc["pooled"]
    assert never["n_false"] == 2


def test_a_method_without_forecast_has_no_score() -> None:
    tasks = _tasks(1.0, [61.0, 62.0, 64.0, 68.0])
    tasks.values["convolution"] = np.full_like(tasks.values["flat7"], np.nan)
    for table in (score_tasks(tasks), score_reliability(tasks), score_dates(tasks)):
        assert set(table["method"]) == {"flat7", "pooled"}


def test_intervals_of_a_comparison_come_from_whole_clusters() -> None:
    draws = np.random.default_rng(3)
    rows = pd.DataFrame({"country": "XX", "origin": np.repeat(np.arange(8), 50)})
    shared = np.repeat(draws.uniform(0.5, 1.5, 8), 50)
    low, high = ratio_interval(rows, shared, np.ones(400))
    apart = ratio_interval(pd.DataFrame({"country": "XX", "origin": np.arange(400)}), shared, np.ones(400))
    assert low < shared.mean() < high and high - low > 3 * (apart[1] - apart[0])
    assert np.isnan(ratio_interval(rows.head(50), shared[:50], np.ones(50))).all()


@pytest.fixture(scope="module")
def series_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write two invented countries of three units with 44 weeks."""
    weeks = np.arange(44)
    frames = []
    for country, speed in (("XX", 0.25), ("YY", 0.4)):
        for unit in range(3):
            first = 70 / (1 + np.exp(-speed * (weeks - 14 - unit)))
            second = np.pad(first, (5, 0))[:44] * 0.9
            days = pd.date_range("2021-01-03", periods=44, freq="7D").strftime("%Y-%m-%d")
            frame = pd.DataFrame(
                {"week_ending": days, "at_least_one_pct": first, "primary_complete_pct": second}
            )
            frames.append(frame.assign(country=country, unit_code=f"{country}{unit}"))
    path = tmp_path_factory.mktemp("series") / "s.csv"
    pd.concat(frames).to_csv(path, index=False)
    return path


def test_backtest_writes_tables_and_pictures(
    series_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["backtest", "--series", str(series_file), "--out", str(tmp_path), "--methods", "hub", "drift"]
    assert main(given) == 0
    printed = capsys.readouterr().out
    assert "pooled" in printed and "days" in printed
    scores = pd.read_csv(tmp_path / "scores.csv")
    columns = "series_status horizon_weeks method n_tasks wis rel_wis_flat7 coverage_50 coverage_95 bias"
    assert list(scores.columns)[:9] == columns.split()
    assert set(scores["method"]) == {"pooled", "flat7", "hub", "drift"}
    for name in ("scores.png", "reliability.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    assert {"targets.csv", "dates.csv", "reliability.csv", "forecasts.parquet"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_unknown_and_uninstalled_methods_are_refused(
    series_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["backtest", "--series", str(series_file), "--out", str(tmp_path), "--methods"]
    assert main([*given, "oracle"]) == 2
    assert "unknown method 'oracle'" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "statsforecast.models", None)
    assert main([*given, "autoarima"]) == 2
    error = capsys.readouterr().err
    assert "needs the package statsforecast" in error and error.count("\n") == 1


def test_a_series_of_one_week_takes_the_pace_of_its_group() -> None:
    values = _logistic()
    values[2, :-1] = np.nan
    forecast = METHODS["pooled"](_panel(values), "at_least_one", HORIZONS)
    assert np.isfinite(forecast).all()
    assert forecast[2, 0, MEDIAN] > values[2, -1]


def test_a_group_of_one_unit_and_one_week_has_a_wide_forecast() -> None:
    forecast = METHODS["pooled"](_panel(np.array([[10.0]])), "at_least_one", HORIZONS)
    assert np.isfinite(forecast).all() and (forecast[0, :, -1] > 10).all()


def test_a_falling_count_was_too_high_before() -> None:
    assert repair_past(np.array([[1.0, 6.0, 4.0, np.nan, 5.0]])).tolist() == [[1.0, 4.0, 4.0, 4.5, 5.0]]


def test_a_unit_split_in_the_course_goes_on_as_two() -> None:
    values = _logistic(4)
    values[0, -5:] = np.nan  # ended five weeks ago
    values[1:3, :-5] = np.nan  # its two successors
    forecast = METHODS["pooled"](_panel(values), "at_least_one", HORIZONS)
    assert np.isnan(forecast[0]).all()
    assert np.isfinite(forecast[1:]).all()


def test_the_last_forecast_is_set_against_what_happened(tmp_path: Path) -> None:
    def open_week(as_of: str, previous: str = "") -> RunParameters:
        folder = tmp_path / as_of
        return open_run(as_of, raw=str(tmp_path / "raw"), processed=str(folder), previous=previous)

    (tmp_path / "2021-10-31").mkdir()
    now = open_week("2021-11-07", str(tmp_path / "2021-10-31"))
    rows = [r for code, c in (("01", 0.9), ("02", 0.5)) for r in unit_rows("province", code, 100_000, c)]
    write_inputs(now, rows)
    assert score_previous(now).empty and draw_previous(now) is None
    before = open_week("2021-10-31")
    write_inputs(before, [r for r in rows if r[2] < AS_OF or r[3] == "all"])
    project_coverage(before)
    scores = score_previous(now)
    assert scores["forecasts"].tolist() == [2, 2] and scores["inside_95"].between(0, 1).all()
    middle = read_rows(before, "forecast").astype({"quantile": float, "value": float})
    middle = middle[(middle["quantile"] == 0.5) & (middle["target_date"] == AS_OF)]
    truth = pd.DataFrame(rows)[[1, 2, 4, 5, 6]]
    truth = truth[(truth[2] == AS_OF) & (truth[5] == "reported")]
    told = middle.merge(truth, left_on=["unit_code", "series_status"], right_on=[1, 4], validate="1:1")
    errors = (told["value"] - told[6].astype(float) / 1000).groupby(told["series_status"]).mean()
    assert np.allclose(scores.set_index("series_status")["mean_error"], errors, atol=2e-3)
    assert draw_previous(now) is not None
    project_coverage(now)
    past = read_rows(now, "past_forecasts")
    assert len(past) == 4 and set(past["unit_code"]) == {"01", "02"}
    first = past[past["series_status"] == "at_least_one"].set_index("unit_code")
    expected = told[told["series_status"] == "at_least_one"].set_index("unit_code")
    assert np.allclose(first["value"].astype(float), expected["value"].astype(float), atol=1e-4)
    assert np.allclose(first["happened"].astype(float), expected[6].astype(float) / 1000, atol=1e-3)
    assert (first["value_low"] <= first["value_high"]).all()


def test_without_an_earlier_week_nothing_is_claimed_of_it(tmp_path: Path) -> None:
    run = open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "p"))
    write_inputs(run, list(unit_rows("province", "02", 100_000, 0.5)))
    project_coverage(run)
    assert read_rows(run, "past_forecasts").empty
