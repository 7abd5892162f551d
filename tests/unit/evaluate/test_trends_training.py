"""Coefficients: learned without the countries they are scored on, shipped with their sources and the day."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.evaluate.forecasts import coefficients
from analysis.evaluate.forecasts.__main__ import main
from analysis.evaluate.forecasts.coefficients import list_sources, read_learned
from analysis.evaluate.forecasts.origins import Tasks
from analysis.evaluate.forecasts.training import bending, fitting, learning, stretching
from analysis.evaluate.forecasts.training import rows as training_rows
from analysis.evaluate.forecasts.training.bending import Cases, fit_bend
from analysis.evaluate.forecasts.training.learning import learn, several_units
from analysis.evaluate.forecasts.training.rows import Rows, join_rows
from analysis.reference import reference_path
from analysis.trends.forecast.fits import COEFFICIENTS_FILE, LOCATION, GrowthModel, read_model
from analysis.trends.forecast.momentum import SPREAD
from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import Panel
from analysis.trends.targets.ways import TARGET_HORIZONS

WEEKS = 24


def _country(name: str, seed: int, units: int = 5) -> Panel:
    draws = np.random.default_rng(seed)
    moments = np.arange(WEEKS) - draws.uniform(6, 12) - draws.uniform(-2, 2, (units, 1))
    gains = np.diff(70 / (1 + np.exp(-draws.uniform(0.2, 0.4) * moments)), axis=1, prepend=0)
    first = (gains * draws.lognormal(0, 0.2, gains.shape)).cumsum(axis=1)
    weeks = np.datetime64("2021-01-10") + 7 * np.arange(WEEKS)
    values = {"at_least_one": first, "primary_complete": np.pad(first, ((0, 0), (5, 0)))[:, :WEEKS] * 0.9}
    return Panel(name, tuple(f"{name}{k}" for k in range(units)), weeks, values)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn little: two horizons, three folds, one pseudo-country, a few steps."""
    recipe = learning.make_recipes()[0]
    monkeypatch.setattr(learning, "make_recipes", lambda: [recipe])
    monkeypatch.setattr(training_rows, "LEARNED_HORIZONS", (1, 4))
    monkeypatch.setattr(learning, "LEARNED_HORIZONS", (1, 4))
    monkeypatch.setattr(learning, "FOLDS", 3)
    monkeypatch.setattr(fitting, "MAX_ITERATIONS", 5)


def _numbers(model: GrowthModel) -> FloatArray:
    fits = [fit for status in model.values() for fit in status.values()]
    return np.concatenate([np.concatenate([f.location, f.spread, f.shape, [f.half_range]]) for f in fits])


def test_the_set_of_a_fold_never_saw_its_countries(quick: None) -> None:
    panels = [_country(name, seed) for seed, name in enumerate(("AA", "BB", "CC", "DD"))]
    learned = learn(panels)
    assert learned.folds == (("AA", "DD"), ("BB",), ("CC",))
    halved = {status: values / 2 for status, values in panels[1].values.items()}
    other = learn([panels[0], replace(panels[1], values=halved), *panels[2:]])
    same = [
        np.array_equal(_numbers(a), _numbers(b)) for a, b in zip(learned.without, other.without, strict=True)
    ]
    assert same == [False, True, False]
    assert learned.model_for("BB") is learned.without[1] and learned.model_for("ZZ") is learned.model
    assert not np.array_equal(_numbers(learned.model), _numbers(other.model))


def test_learning_twice_gives_the_same_numbers(quick: None) -> None:
    panels = [_country(name, seed) for seed, name in enumerate(("AA", "BB", "CC"))]
    assert np.array_equal(_numbers(learn(panels).model), _numbers(learn(panels[::-1]).model))


def test_no_country_rules_by_its_number_of_units_or_the_size_of_its_gains() -> None:
    width = 1 + len(LOCATION["at_least_one"]) + len(SPREAD)

    def rows(count: int, size: float) -> tuple[dict[int, Rows], float, int]:
        """Return rows of a country whose plainest forecast errs by `size`."""
        return {1: Rows(np.zeros((count, width)), np.full(count, size), size)}, 1.0, 700

    joined = join_rows([rows(600, 3.0), rows(60, 0.5)], "at_least_one", 1)
    share = [(joined.weight * joined.gain)[joined.gain == size].sum() for size in (3.0, 0.5)]
    assert share == pytest.approx([share[0]] * 2)
    few = join_rows([rows(600, 3.0), rows(5, 0.5)], "at_least_one", 1)
    assert set(few.gain) == {3.0}


def test_national_series_teach_nothing() -> None:
    panels = [_country("AA", 1), _country("BB", 2, units=1)]
    assert [p.country for p in several_units(panels)] == ["AA"]


def test_errors_on_unseen_countries_stretch_the_intervals(quick: None) -> None:
    panels = [_country(name, seed) for seed, name in enumerate(("AA", "BB", "CC"))]
    model = learn(panels).model
    narrow = {h: replace(fit, shape=fit.shape / 4) for h, fit in model["at_least_one"].items()}
    tests = [(model | {"at_least_one": narrow}, panels)]
    stretched = stretching.stretch_status(narrow, "at_least_one", tests)
    assert all(stretched[h].shape[-1] > 1.4 * narrow[h].shape[-1] for h in narrow)


def _cases(true: float, seed: int = 1) -> Cases:
    """Return cases of four countries whose log odds come true stretched by `true`."""
    draws = np.random.default_rng(seed)
    told = draws.normal(0, 1.5, 8000)
    reached = draws.uniform(size=told.size) < 1 / (1 + np.exp(-true * told))
    country = np.repeat(np.arange(4.0), 2000)
    return Cases(1 / (1 + np.exp(-told)), reached.astype(float), country % 2, country)


def test_chances_that_promise_too_little_are_stretched() -> None:
    shift, slope = fit_bend(_cases(1.5))
    assert slope == pytest.approx(1.5, abs=0.1) and abs(shift) < 0.1
    shift, slope = fit_bend(_cases(1.0))
    assert slope == pytest.approx(1.0, abs=0.05) and abs(shift) < 0.05


def test_chances_of_a_fold_are_bent_without_its_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    learned = read_learned()
    monkeypatch.setattr(bending, "gather_cases", lambda *_: {("primary_complete", 8): _cases(1.5)})
    tasks = Tasks(pd.DataFrame(), {})
    bent = bending.bend_learned(learned, tasks, "pooled")
    slopes = [m["primary_complete"][8].chance[1] for m in (bent.model, *bent.without)]
    assert len({round(s, 6) for s in slopes[:3]}) == 3 and slopes[3] == pytest.approx(slopes[0])
    assert bent.model["at_least_one"][8].chance[1] == learned.model["at_least_one"][8].chance[1]


def test_shipped_coefficients_name_sources_licences_and_the_day() -> None:
    document = json.loads(reference_path(COEFFICIENTS_FILE).read_text("utf-8"))
    assert pd.Timestamp(document["learned_on"])
    learned = read_learned()
    countries = sorted(country for fold in learned.folds for country in fold)
    assert sorted(c for source in document["sources"] for c in source["countries"]) == countries
    assert all(s["licence"] != "not stated" and s["source"] for s in document["sources"])
    assert len(countries) == len(set(countries)) and len(learned.without) == len(learned.folds)
    assert [s["countries"] for s in list_sources(["DE", "XX"])] == [["DE"], ["XX"]]
    assert list_sources(["XX"])[0]["licence"] == "not stated"


def test_shipped_coefficients_reach_as_far_as_the_targets_ask() -> None:
    for fits in read_model().values():
        assert max(fits) == TARGET_HORIZONS[-1]
        assert all((np.diff(fit.shape) > 0).all() for fit in fits.values())


def test_one_command_learns_and_prints(
    quick: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.evaluate.forecasts.training.command.FOLDS", 3)
    frames = []
    for seed, name in enumerate(("AA", "BB", "CC")):
        panel = _country(name, seed)
        for k, code in enumerate(panel.unit_codes):
            columns = {f"{status}_pct": values[k] for status, values in panel.values.items()}
            frames.append(
                pd.DataFrame({"country": name, "unit_code": code, "week_ending": panel.weeks} | columns)
            )
    file = tmp_path / "series.csv"
    pd.concat(frames).to_csv(file, index=False)
    given = ["train", "--series", str(file), "--out", str(tmp_path / "out"), "--date", "2021-12-01"]
    assert main([*given, "--methods", "hub"]) == 0
    printed = capsys.readouterr().out
    assert "mean by country" in printed and "pooled" in printed and "hub" in printed
    written = json.loads((tmp_path / "out" / COEFFICIENTS_FILE).read_text("utf-8"))
    assert written["learned_on"] == "2021-12-01" and written["sources"][0]["countries"] == ["AA", "BB", "CC"]
    assert (tmp_path / "out" / coefficients.HELD_OUT_FILE).is_file()
    few = tmp_path / "few.csv"
    frames[0].to_csv(few, index=False)
    assert main([*given[:1], "--series", str(few), *given[3:]]) == 2
    assert "3 countries" in capsys.readouterr().err
