"""Fit the growth model's coefficients by minimising the interval score itself, in points, with a ridge."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import t as student

from analysis.trends.forecast.fits import LOG_RANGE, SPREAD_RANGE, HorizonFit
from analysis.trends.forecast.momentum import GAIN_FLOOR
from analysis.trends.forecast.quantiles import INTERVAL_50, MEDIAN, QUANTILES, FloatArray

RIDGE_LOCATION, RIDGE_SPREAD, RIDGE_SHAPE = 1e-2, 1e-3, 1e-3  # 1e-1 … 1e-4 tried: flat around these
START_LOG_SPREAD = -1.0
START_STEPS = np.log(np.diff(student.ppf(QUANTILES, 5)))  # of a t with 5 degrees of freedom
MAX_ITERATIONS = 400


@dataclass(frozen=True)
class Samples:
    """Training rows of one status and horizon: features, what was gained, and a weight each.

    `pace` is the log gain of the last week, `gain` the points gained over `horizon` weeks.
    """

    pace: FloatArray
    location: FloatArray
    spread: FloatArray
    gain: FloatArray
    weight: FloatArray
    horizon: int


def shape_of(steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return 23 rising quantiles, 0 at the median, from the logs of their 22 steps; and the steps."""
    widths = np.exp(steps)
    shape = np.zeros(QUANTILES.size)
    shape[MEDIAN + 1 :] = np.cumsum(widths[MEDIAN:])
    shape[:MEDIAN] = -np.cumsum(widths[:MEDIAN][::-1])[::-1]
    return shape, widths


def fit_horizons(samples: Iterable[Samples]) -> dict[int, HorizonFit]:
    """Return the fits of several horizons; each search starts where the one before ended."""
    fits: dict[int, HorizonFit] = {}
    start: FloatArray | None = None
    for given in samples:
        start = _best(given, start)
        fits[given.horizon] = _fit_of(start, given)
    return fits


def _best(samples: Samples, start: FloatArray | None) -> FloatArray:
    """Return what minimises the weighted interval score of the samples plus the ridge."""
    plain = np.zeros(samples.location.shape[1] + samples.spread.shape[1] + START_STEPS.size)
    plain[samples.location.shape[1]] = START_LOG_SPREAD
    plain[-START_STEPS.size :] = START_STEPS
    found = minimize(
        _score_and_slope,
        plain if start is None else start,
        args=(samples, plain),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MAX_ITERATIONS},
    )
    return np.asarray(found.x, dtype=np.float64)


def _fit_of(best: FloatArray, samples: Samples) -> HorizonFit:
    sizes = (samples.location.shape[1], samples.spread.shape[1])
    location, spread, steps = np.split(best, np.cumsum(sizes))
    shape = shape_of(steps)[0]
    return HorizonFit(location, spread, shape, float(shape[INTERVAL_50[1]] - shape[INTERVAL_50[0]]) / 2)


def _score_and_slope(theta: FloatArray, samples: Samples, start: FloatArray) -> tuple[float, FloatArray]:
    """Return the penalised interval score and its gradient (constants carry no penalty)."""
    sizes = (samples.location.shape[1], samples.spread.shape[1])
    location, spread, steps = np.split(theta, np.cumsum(sizes))
    shape, widths = shape_of(steps)
    centre = samples.pace + samples.location @ location
    scale = np.exp(np.clip(samples.spread @ spread, *SPREAD_RANGE))
    risen = np.exp(np.clip(centre[:, None] + scale[:, None] * shape, *LOG_RANGE))
    gains = samples.horizon * (risen - GAIN_FLOOR)
    miss = samples.gain[:, None] - np.maximum(gains, 0.0)
    score = float((2 * np.maximum(QUANTILES * miss, (QUANTILES - 1) * miss).mean(axis=1)) @ samples.weight)
    push = np.where(miss > 0, -QUANTILES, 1 - QUANTILES) * (gains > 0)
    slope = push * samples.horizon * risen * samples.weight[:, None] * (2 / QUANTILES.size)
    by_shape = (slope * scale[:, None]).sum(axis=0)
    by_step = np.concatenate([-np.cumsum(by_shape[:MEDIAN]), np.cumsum(by_shape[MEDIAN + 1 :][::-1])[::-1]])
    gradient = np.concatenate(
        [
            samples.location.T @ slope.sum(axis=1),
            samples.spread.T @ ((slope * shape).sum(axis=1) * scale),
            by_step * widths,
        ]
    )
    ridge = np.repeat([RIDGE_LOCATION, RIDGE_SPREAD, RIDGE_SHAPE], [*sizes, steps.size])
    ridge[[0, sizes[0]]] = 0.0
    away = theta - start
    return score + float(ridge @ away**2), gradient + 2 * ridge * away
