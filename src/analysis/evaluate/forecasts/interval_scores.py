"""Scores of a probabilistic forecast, as the epidemic-forecast hubs define them.

The weighted interval score is written from the pinball loss: the `weighted_interval_score` of scoringrules
0.10.0 adds w·median where w·|observation − median| is meant.
"""

import numpy as np

from analysis.trends.forecast.quantiles import MEDIAN, QUANTILES, FloatArray


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


def brier_score(probability: FloatArray, happened: FloatArray) -> float:
    """Return the mean squared distance of probabilities from 0/1 outcomes; NaN without any."""
    return float(((probability - happened) ** 2).mean()) if happened.size else float("nan")
