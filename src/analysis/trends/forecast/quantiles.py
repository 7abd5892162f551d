"""A forecast is 23 quantiles, those of the epidemic-forecast hubs; what can be read off them."""

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


def keep_cumulative(values: FloatArray, last: FloatArray) -> FloatArray:
    """Order the quantiles and keep them at or above the last count: a cumulative count cannot fall."""
    ordered: FloatArray = np.maximum(np.sort(values, axis=-1), last[:, None, None])
    return ordered


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
