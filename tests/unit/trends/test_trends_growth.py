"""What the growth model does where columns, weeks or units are missing, and what its width follows."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.trends.forecast.chances import bend_at, bend_chance
from analysis.trends.forecast.fits import on_straight_lines, read_model
from analysis.trends.forecast.growth import pooled
from analysis.trends.forecast.past_errors import move_tails, recent_errors, recent_tails, recent_width
from analysis.trends.forecast.quantiles import INTERVAL_50, INTERVAL_95, MEDIAN, FloatArray
from analysis.trends.forecast.series import Panel

WEEKS, UNITS = 30, 8
HORIZONS = (1, 2, 4, 8, 26)


def _panel(first: FloatArray, second: FloatArray) -> Panel:
    """Return a panel of cumulative percents (units × weeks) up to 2021-11-07."""
    weeks = np.datetime64("2021-11-07") - 7 * np.arange(first.shape[1] - 1, -1, -1)
    codes = tuple(f"u{k}" for k in range(len(first)))
    return Panel("XX", codes, weeks, {"at_least_one": first, "primary_complete": second})


def _campaign(noise: float = 0.1, seed: int = 1) -> Panel:
    """Return an invented campaign in full swing: second doses four weeks after the first."""
    draws = np.random.default_rng(seed)
    moments = np.arange(WEEKS) - 24 - draws.uniform(-2, 2, (UNITS, 1))
    gains = np.diff(75 / (1 + np.exp(-0.25 * moments)), axis=1, prepend=0)
    first = (gains * draws.lognormal(0, noise, gains.shape)).cumsum(axis=1)
    return _panel(first, np.pad(first, ((0, 0), (4, 0)))[:, :WEEKS] * 0.95)


def _with(panel: Panel, status: str, values: FloatArray) -> Panel:
    return replace(panel, values=panel.values | {status: values})


def _gains(panel: Panel, status: str = "at_least_one") -> FloatArray:
    """Return the median gains (units × horizons)."""
    past = panel.until(panel.weeks[-1])
    return pooled(past, status, HORIZONS)[..., MEDIAN] - past.values[status][:, [-1]]


@pytest.fixture
def panel() -> Panel:
    return _campaign()


def test_first_doses_are_the_same_with_second_doses_hidden(panel: Panel) -> None:
    hidden = _with(panel, "primary_complete", np.full((UNITS, WEEKS), np.nan))
    shown, without = (pooled(p, "at_least_one", HORIZONS) for p in (panel, hidden))
    assert np.array_equal(shown, without)
    assert (_gains(hidden)[:, 3] > 5).all()


def test_without_first_doses_the_second_are_forecast_from_their_own_pace(panel: Panel) -> None:
    hidden = _with(panel, "at_least_one", np.full((UNITS, WEEKS), np.nan))
    gains = _gains(hidden, "primary_complete")
    assert np.isfinite(gains).all() and (gains[:, 2] > 1).all()


def test_a_unit_without_first_doses_leaves_the_others_alone(panel: Panel) -> None:
    first = panel.values["at_least_one"].copy()
    first[0] = np.nan
    shown, hidden = (_gains(p, "primary_complete") for p in (panel, _with(panel, "at_least_one", first)))
    assert np.isfinite(hidden[0]).all()
    assert np.allclose(hidden[1:], shown[1:], rtol=0.25)


@pytest.mark.parametrize("weeks", [1, 2, 3, 5])
def test_a_short_series_has_a_forecast(panel: Panel, weeks: int) -> None:
    late = {s: v[:, -weeks:] for s, v in panel.values.items()}
    short = Panel(panel.country, panel.unit_codes, panel.weeks[-weeks:], late)
    for status in late:
        values = pooled(short, status, HORIZONS)
        assert np.isfinite(values).all() and (np.diff(values, axis=2) >= 0).all()
        if weeks > 1:
            assert (values[:, 2, MEDIAN] - late[status][:, -1] > 1).all()


def test_missing_weeks_change_little(panel: Panel) -> None:
    gappy = {s: v.copy() for s, v in panel.values.items()}
    for values in gappy.values():
        values[:, -9:-7] = np.nan
        values[1, -6:-2] = np.nan
    shown, missing = (_gains(p) for p in (panel, replace(panel, values=gappy)))
    assert np.allclose(missing, shown, rtol=0.2)


def test_the_first_week_of_a_campaign_has_a_wide_forecast() -> None:
    weeks = np.full((UNITS, 1), 2.5)
    values = pooled(_panel(weeks, weeks * 0.1), "at_least_one", HORIZONS)
    assert np.isfinite(values).all()
    assert (values[:, 3, INTERVAL_95[1]] - values[:, 3, INTERVAL_95[0]] > 0.1).all()


def test_a_unit_that_stops_reporting_has_no_forecast_and_leaves_the_others_alone(panel: Panel) -> None:
    first = panel.values["at_least_one"].copy()
    first[0, -3:] = np.nan
    shown, stopped = (_gains(p) for p in (panel, _with(panel, "at_least_one", first)))
    assert np.isnan(stopped[0]).all()
    assert np.allclose(stopped[1:], shown[1:], rtol=0.1)


def test_a_unit_that_repeats_its_last_count_does_not_drag_the_others_down(panel: Panel) -> None:
    first = panel.values["at_least_one"].copy()
    first[0, -3:] = first[0, [-4]]
    shown, stopped = (_gains(p) for p in (panel, _with(panel, "at_least_one", first)))
    assert (stopped[0, :2] < shown[0, :2] / 3).all()
    assert np.allclose(stopped[1:, :4], shown[1:, :4], rtol=0.2)


def _widths(panel: Panel) -> FloatArray:
    errors = recent_errors(panel, "at_least_one", "at_least_one", read_model())
    return recent_width(errors, read_model()["at_least_one"])


def test_an_erratic_unit_is_wider_than_its_steady_neighbours(panel: Panel) -> None:
    gains = np.diff(panel.values["at_least_one"], axis=1, prepend=0)
    gains[0] *= np.where(np.arange(WEEKS) % 2 == 0, 0.3, 1.7)
    erratic = _with(panel, "at_least_one", gains.cumsum(axis=1))
    widths = _widths(erratic)
    assert widths[0] > 1.1 * widths[1:].max()


def test_an_erratic_group_widens_all_of_its_units() -> None:
    calm, wild = (_widths(_campaign(noise)) for noise in (0.02, 0.5))
    assert wild.min() > calm.max()


def test_small_errors_of_a_horizon_draw_the_tails_of_second_doses_in() -> None:
    for size, low, high in ((0.1, 0.3, 0.95), (9.0, 1.0, 1.0)):
        missed = {h: np.full((40, UNITS), size) for h in (1, 2, 3, 4, 6, 8, 12)}
        missed[1] = np.full((40, UNITS), 0.6)
        tails = recent_tails(missed, "primary_complete", read_model()["primary_complete"])
        assert low <= tails[4] <= high and tails[26] == 1
        of_first = recent_tails({1: missed[1]}, "at_least_one", read_model()["at_least_one"])
        assert set(of_first.values()) == {1.0}
    shape = read_model()["primary_complete"][4].shape
    moved = move_tails(shape, 0.8)
    assert np.allclose(moved[[0, -1]], 0.8 * shape[[0, -1]])
    assert np.array_equal(
        moved[INTERVAL_50[0] : INTERVAL_50[1] + 1], shape[INTERVAL_50[0] : INTERVAL_50[1] + 1]
    )


def test_chances_are_bent_between_learned_horizons_and_certain_ones_stay() -> None:
    fits = read_model()["primary_complete"]
    told = np.array([0.0, 0.3, 0.6, 1.0, np.nan])
    bent = bend_chance(told, bend_at(fits, 8))
    assert bent[0] == 0 and bent[3] == 1 and np.isnan(bent[4])
    assert bent[2] > 0.6  # second doses come true more often than the quantiles tell
    assert np.allclose(bend_at(fits, 7), (bend_at(fits, 6) + bend_at(fits, 8)) / 2)
    assert np.array_equal(bend_chance(told, bend_at(fits, 26))[:4], told[:4])


@pytest.mark.parametrize("weeks", [1, 3, 8, 12, 15])
def test_all_units_at_once_get_what_interp_gives_each(weeks: int) -> None:
    at, nodes = np.arange(weeks + 1.0), np.array([0.0, 1, 2, 3, 4, 6, 8, 12])
    values = np.random.default_rng(1).random((500, nodes.size)).cumsum(axis=1)
    one_by_one = np.stack([np.interp(at, nodes, row) for row in values])
    assert np.array_equal(on_straight_lines(at, nodes, values), one_by_one)
