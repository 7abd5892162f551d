"""Scores of a probabilistic forecast, as the epidemic-forecast hubs define them.

A forecast is 23 quantiles. The weighted interval score is written from the pinball loss: the
`weighted_interval_score` of scoringrules 0.10.0 adds w·median where w·|observation − median| is meant.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# The 23 quantiles of the COVID-19 forecast hubs (US, Europe).
QUANTILES: FloatArray = np.array(
    [0.01, 0.025, *[round(0.05 * k, 2) for k in range(1, 20)], 0.975, 0.99], dtype=np.float64
)
MEDIAN = int(np.flatnonzero(QUANTILES == 0.5)[0])
INTERVAL_50 = (int(np.flatnonzero(QUANTILES == 0.25)[0]), int(np.flatnonzero(QUANTILES == 0.75)[0]))
INTERVAL_95 = (int(np.flatnonzero(QUANTILES == 0.025)[0]), int(np.flatnonzero(QUANTILES == 0.975)[0]))


def pinball_losses(values: FloatArray, truth: FloatArray) -> FloatArray:
    """Return the pinball loss of each quantile; the last axis of `values` is the 23 quantiles."""
    miss = truth[..., None] - values
    losses: FloatArray = np.maximum(QUANTILES * miss, (QUANTILES - 1.0) * miss)
    return losses


def weighted_interval_score(values: FloatArray, truth: FloatArray) -> FloatArray:
    """Return the WIS of each forecast in the unit of the values: twice the mean pinball loss."""
    score: FloatArray = 2.0 * pinball_losses(values, truth).mean(axis=-1)
    return score


def interval_share(values: FloatArray, truth: FloatArray, interval: tuple[int, int]) -> float:
    """Return the share of truths inside an interval, its ends included; NaN without any forecast."""
    if truth.size == 0:
        return float("nan")
    low, high = values[..., interval[0]], values[..., interval[1]]
    return float(((truth >= low) & (truth <= high)).mean())


def median_bias(values: FloatArray, truth: FloatArray) -> float:
    """Return the mean of median − truth in the unit of the values; above 0: forecasts too high."""
    return float((values[..., MEDIAN] - truth).mean()) if truth.size else float("nan")


def probability_above(values: FloatArray, threshold: FloatArray | float) -> FloatArray:
    """Return P(value >= threshold) of each forecast, linear between quantiles and 0/1 in steps outside.

    Outside the outermost quantiles half of the remaining 1 % is taken: no forecast of 23 quantiles can
    say more. Where all quantiles are equal the answer is 0 or 1.
    """
    limit = np.broadcast_to(np.asarray(threshold, dtype=np.float64), values.shape[:-1])
    below = (values < limit[..., None]).sum(axis=-1)
    upper = np.clip(below, 1, QUANTILES.size - 1)
    low = np.take_along_axis(values, (upper - 1)[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(values, upper[..., None], axis=-1)[..., 0]
    width = np.where(high > low, high - low, 1.0)
    share = np.clip((limit - low) / width, 0.0, 1.0)
    level = QUANTILES[upper - 1] + share * (QUANTILES[upper] - QUANTILES[upper - 1])
    level = np.where(
        below == 0, QUANTILES[0] / 2, np.where(below == QUANTILES.size, 1 - QUANTILES[0] / 2, level)
    )
    certain = values[..., 0] == values[..., -1]
    level = np.where(certain, np.where(below == 0, 0.0, 1.0), level)
    result: FloatArray = 1.0 - level
    return result


def brier_score(probability: FloatArray, happened: FloatArray) -> float:
    """Return the mean squared distance of probabilities from 0/1 outcomes; NaN without any."""
    return float(((probability - happened) ** 2).mean()) if happened.size else float("nan")
