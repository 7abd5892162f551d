"""The country as the sum of its provinces: one middle for both, and an interval for their common shock.

Provinces err together (a holiday, a delivery that fails): adding their intervals as if they erred apart
would promise far too much. Part of the error variance is taken to be shared by all.
"""

import numpy as np

from analysis.trends.forecast.histories import History
from analysis.trends.forecast.quantiles import MEDIAN, QUANTILES, FloatArray

# Share of the error variance common to the units of a country: 0.45 … 0.73 measured on first doses; on sums
# of the two development countries 0.6 … 0.75 give intervals that hold (docs/trends.md).
COMMON_SHARE = 0.7


def sum_quantiles(parts: FloatArray) -> FloatArray:
    """Return quantiles of the sum over the first axis of units × … × 23 quantiles (counts)."""
    middle = parts[..., [MEDIAN]]
    away = parts - middle
    together, apart = away.sum(axis=0), np.sqrt((away**2).sum(axis=0))
    spread = np.sqrt(COMMON_SHARE * together**2 + (1.0 - COMMON_SHARE) * apart**2)
    total: FloatArray = middle.sum(axis=0) + np.sign(QUANTILES - 0.5) * spread
    return total


def country_from_provinces(
    status: str, country: History, own: FloatArray, provinces: History, values: FloatArray
) -> FloatArray:
    """Return the country's forecast (1 × horizons × 23 percent) from the provinces'.

    `own` is the country's forecast from its own series: the answer where a province of the country has no
    forecast (it has no count or no denominator). People whom no province counts (a residence that could
    not be read) are taken to grow as the provinces do.
    """
    people = provinces.people[status][:, -1]
    now = country.people[status][0, -1]
    known = np.isfinite(values).all(axis=(1, 2))
    given = np.nansum(people)
    if not known.any() or (~known & (np.nan_to_num(people) > 0)).any() or not now > 0 or not given > 0:
        return own
    counts = values[known] * provinces.population[known][:, None, None] / 100.0
    total = sum_quantiles(counts) * (now / given)
    floor = country.entered[status][0, -1]
    result: FloatArray = np.maximum(total, floor)[None] * 100.0 / country.population[0]
    return np.where(np.isfinite(result), result, own)
