"""The chance of reaching a target: read off the quantiles, then bent to what came true elsewhere.

On countries never seen, targets of which the quantiles tell so many per cent came true more or less often.
Two numbers a status and horizon, learned there, shift and stretch the log odds; where that did not help on
countries not seen they leave them alone. The quantiles themselves, and the dates read off them, stay.
"""

import numpy as np
from scipy.special import expit, logit

from analysis.trends.forecast.fits import HorizonFit
from analysis.trends.forecast.quantiles import FloatArray


def bend_chance(chance: FloatArray, bend: FloatArray) -> FloatArray:
    """Return chances with log odds of shift + slope × their own (`bend`: … × 2); 0, 1 and NaN stay."""
    certain = ~((chance > 0) & (chance < 1))
    odds = logit(np.where(certain, 0.5, chance))
    bent: FloatArray = np.where(certain, chance, expit(bend[..., 0] + bend[..., 1] * odds))
    return bent


def bend_at(fits: dict[int, HorizonFit], weeks: float) -> FloatArray:
    """Return shift and slope at a moment, between learned horizons on straight lines."""
    return np.array([np.interp(weeks, list(fits), [fit.chance[k] for fit in fits.values()]) for k in (0, 1)])
