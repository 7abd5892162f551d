"""How sure a comparison of methods is: resampling of whole clusters, a country at an origin.

Units of one country share their shocks (a holiday, a delivery): taking each forecast for an independent
trial would make any difference look certain.
"""

import numpy as np
import pandas as pd

from analysis.trends.forecast.quantiles import FloatArray

SEED = 5
DRAWS = 1000
LEVELS = (0.025, 0.975)


def ratio_interval(rows: pd.DataFrame, scores: FloatArray, reference: FloatArray) -> tuple[float, float]:
    """Return the 95 % interval of the ratio of two mean scores, resampling (country, origin) clusters.

    `rows` has `country` and `origin` of each score. With one cluster there is no interval: NaN.
    """
    cluster = rows.groupby(["country", "origin"], sort=True).ngroup().to_numpy()
    count = int(cluster.max()) + 1 if cluster.size else 0
    if count < 2:
        return float("nan"), float("nan")
    sums = [np.bincount(cluster, weights=values, minlength=count) for values in (scores, reference)]
    drawn = np.random.default_rng(SEED).integers(count, size=(DRAWS, count))
    totals = [values[drawn].sum(axis=1) for values in sums]
    ratios = np.divide(totals[0], totals[1], out=np.full(DRAWS, np.nan), where=totals[1] > 0)
    low, high = np.nanquantile(ratios, LEVELS)
    return float(low), float(high)
