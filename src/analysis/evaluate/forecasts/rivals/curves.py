"""The S-curves of textbooks, as baselines: logistic, Gompertz, Richards.

Each is fitted to a unit's past weeks by least squares (its size in closed form, its other numbers on a
grid), then carried on from the last count (anchored). Around it stand the group's own past errors of the
same curve. They are here because readers expect them: each loses to a flat line (`docs/trends.md`).
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from analysis.evaluate.forecasts.rivals.baselines import ERROR_WEEKS, pooled_error_quantiles
from analysis.trends.forecast.growth import Forecaster
from analysis.trends.forecast.quantiles import QUANTILES, FloatArray, keep_cumulative
from analysis.trends.forecast.series import Panel, last_pace

Curve = Callable[
    [FloatArray, FloatArray], FloatArray
]  # (standardised weeks, shape) → share of the final size

MIDPOINTS = np.arange(-10.0, 61.0, 1.5)  # week of the steepest rise, counted from the unit's first week
SPEEDS = np.geomspace(0.05, 0.8, 18)  # per week
SHAPES = np.array([0.1, 0.3, 1.0, 3.0, 8.0])  # of the Richards curve; 1 is the logistic
LARGEST_SIZE = 130.0  # percent: coverage over a nominal denominator can pass 100
LEAST_WEEKS = 4


def _logistic(moments: FloatArray, shape: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-moments)))


def _gompertz(moments: FloatArray, shape: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-np.exp(-np.clip(moments, -30.0, None))))


def _richards(moments: FloatArray, shape: FloatArray) -> FloatArray:
    return np.asarray((1.0 + shape * np.exp(-np.clip(moments, -60.0, None))) ** (-1.0 / shape))


CURVES: dict[str, tuple[Curve, FloatArray]] = {
    "logistic": (_logistic, np.ones(1)),
    "gompertz": (_gompertz, np.ones(1)),
    "richards": (_richards, SHAPES),
}


def make_curve(name: str) -> Forecaster:
    """Return the forecaster of one curve by its name in CURVES."""

    def forecast(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
        """Carry the fitted curve on from the last count, the group's past errors around it."""
        values = past.values[status]
        result = np.empty((values.shape[0], len(horizons), QUANTILES.size))
        gains = _curve_gains(name, values, max(horizons))
        weeks = range(max(LEAST_WEEKS, values.shape[1] - max(horizons) - ERROR_WEEKS), values.shape[1])
        earlier = {week: _curve_gains(name, values[:, :week], max(horizons)) for week in weeks}
        for k, horizon in enumerate(horizons):
            errors = [
                values[:, week - 1 + horizon] - values[:, week - 1] - given[:, horizon - 1]
                for week, given in earlier.items()
                if week - 1 + horizon < values.shape[1]
            ][-ERROR_WEEKS:]
            band = pooled_error_quantiles(np.array(errors), last_pace(values), horizon)
            result[:, k] = (values[:, -1] + gains[:, horizon - 1])[:, None] + band
        return keep_cumulative(result, values[:, -1])

    return forecast


def _curve_gains(name: str, values: FloatArray, ahead: int) -> FloatArray:
    """Return the gains after 1 … `ahead` weeks of the best curve of each unit (units × weeks).

    A unit with fewer than four known weeks keeps its pace.
    """
    known = np.isfinite(values)
    first = np.where(known.any(axis=1), known.argmax(axis=1), values.shape[1])
    pace = last_pace(values)[:, None] * np.arange(1, ahead + 1)
    gains: FloatArray = pace
    for start in np.unique(first[first <= values.shape[1] - LEAST_WEEKS]):
        units = first == start
        gains[units] = _fit_and_carry(name, values[units, start:], ahead)
    return gains


def _fit_and_carry(name: str, values: FloatArray, ahead: int) -> FloatArray:
    """Fit units that began in the same week, and return their gains after the last."""
    weeks = values.shape[1]
    shares = _grid(name, weeks + ahead)
    past = shares[:, :weeks]
    size = (past @ values.T) / (past**2).sum(axis=1, keepdims=True)
    size = np.clip(size, 0.0, LARGEST_SIZE)
    loss = size**2 * (past**2).sum(axis=1, keepdims=True) - 2 * size * (past @ values.T)
    best = loss.argmin(axis=0)
    chosen = size[best, np.arange(best.size)][:, None] * shares[best]
    return np.asarray(chosen[:, weeks:] - chosen[:, [weeks - 1]])


@cache
def _grid(name: str, weeks: int) -> FloatArray:
    """Return the shares of the final size of every curve of the grid (curves × weeks)."""
    curve, shapes = CURVES[name]
    middle, speed, shape = (
        numbers.reshape(-1, 1) for numbers in np.meshgrid(MIDPOINTS, SPEEDS, shapes, indexing="ij")
    )
    return np.maximum(curve(speed * (np.arange(weeks) - middle), shape), 1e-12)
