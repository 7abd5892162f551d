"""What past forecasts missed, and how wide it makes the next ones.

None of the coefficients is refitted to the series at hand: that was tried and made every score worse. Only
widths follow recent errors. The errors of one week widen or narrow a unit's whole spread: the group's lean on
what was learned, the unit's on its group's. The errors of a longer horizon are few and shared by all units of
a group: where they were small lately, the tails of the group's forecasts draw in.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.trends.forecast.fits import GrowthModel, HorizonFit, features_at, location_of, spread_of
from analysis.trends.forecast.momentum import log_gain
from analysis.trends.forecast.quantiles import INTERVAL_50, INTERVAL_95, QUANTILES, FloatArray
from analysis.trends.forecast.series import Panel

# Width from the one-week errors of the last 12 weeks: the group's lean on a prior worth three of them, the
# unit's on its group by eight (chosen leave-country-out: docs/trends.md).
ERROR_WEEKS = 12
HALF_LIFE = 12.0  # weeks after which an error counts half
PRIOR_WEEKS, GROUP_WEEKS = 3.0, 8.0
LARGEST_ERROR = 4.0  # half interquartile ranges: one wild week must not open all intervals
EXPECTED_ERROR = 1.25  # mean of the so limited error when the spread is right
MIN_SCORED_PCT = 2.0

# Tails from the errors of a horizon's own forecasts, of the latest 24 weeks whose outcome is known. Only where
# such errors were seen to last: not those of first doses, nor so far ahead that hardly any outcome is known.
TAILED = {"at_least_one": (), "primary_complete": (1, 2, 3, 4, 6, 8, 12)}
TAIL_WEEKS = 24
TAIL_PRIOR_WEEKS = 9.0
TAIL_EXPECTED_ERROR = 1.2  # the same mean where the spread follows one-week errors already
WIDEST_TAIL = 1.0  # up to 1.1 and 1.2 tried: cost more than they held

Errors = dict[int, FloatArray]  # horizon → (weeks since the forecast was made, from one on) × units


def past_errors(
    past: Panel, kind: str, status: str, model: GrowthModel, horizons: Sequence[int], reach: int
) -> Errors:
    """Return what forecasts of the last `reach` weeks missed, in learned spreads; NaN where not known yet."""
    values, fits = past.values[status], model[kind]
    units, weeks = values.shape
    count = max(0, min(reach, weeks - 2))
    errors = {h: np.full((count, units), np.nan) for h in horizons}
    for ago in range(1, count + 1):
        known = [h for h in horizons if h <= ago]
        if not known:
            continue
        features = features_at(past.first_weeks(weeks - ago), kind, status, model, known)
        start = values[:, -1 - ago]
        scored = np.nan_to_num(start) >= MIN_SCORED_PCT
        for h in known:
            gain = log_gain((values[:, -1 - ago + h] - start) / h)
            missed = gain - location_of(features[h], fits[h], kind)
            errors[h][ago - 1] = np.where(scored, missed / spread_of(features[h], fits[h]), np.nan)
    return errors


def recent_errors(past: Panel, kind: str, status: str, model: GrowthModel) -> Errors:
    """Return the past errors that widths and tails follow: of one week ahead, and of the horizons with tails."""
    horizons = [h for h in TAILED[kind] if h in model[kind]]
    reach = max(horizons) + TAIL_WEEKS + ERROR_WEEKS if horizons else ERROR_WEEKS
    return past_errors(past, kind, status, model, tuple({1, *horizons}), reach)


def recent_width(errors: Errors, fits: dict[int, HorizonFit]) -> FloatArray:
    """Return by what factor recent one-week errors widen each unit's learned spread."""
    return width_of(errors[1], fits[1].half_range)


def width_of(errors: FloatArray, half_range: float) -> FloatArray:
    """Return the factor of each unit from one-week errors (weeks, the latest first × units).

    A group that became erratic widens all of its units, an erratic unit only itself.
    """
    sizes = np.minimum(np.abs(errors[:ERROR_WEEKS]) / half_range, LARGEST_ERROR) / EXPECTED_ERROR
    weights = (0.5 ** (np.arange(len(sizes)) / HALF_LIFE))[:, None]
    group, scored = _means(sizes)
    of_group = (PRIOR_WEEKS + weights[scored, 0] @ group[scored]) / (PRIOR_WEEKS + weights[scored].sum())
    known = np.isfinite(sizes)
    total, weight = np.where(known, weights * sizes, 0.0).sum(axis=0), (known * weights).sum(axis=0)
    return np.asarray(np.sqrt((GROUP_WEEKS * of_group + total) / (GROUP_WEEKS + weight)))


def _means(sizes: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the mean over the known units of each week, and in which weeks there is any."""
    known = np.isfinite(sizes)
    total, scored = np.where(known, sizes, 0.0).sum(axis=1), np.asarray(known.any(axis=1))
    return np.asarray(total / np.maximum(known.sum(axis=1), 1)), scored


def recent_tails(errors: Errors, kind: str, fits: dict[int, HorizonFit]) -> dict[int, float]:
    """Return, per learned horizon, by what factor the group's past errors there draw its tails in."""
    horizons = [h for h in TAILED[kind] if h in fits]
    widths = [width_of(errors[1][ago:], fits[1].half_range) for ago in range(1, len(errors[1]) + 1)]
    of_spread = {h: errors[h] / np.array(widths).reshape(errors[h].shape) for h in horizons}
    return dict.fromkeys(fits, 1.0) | {h: _tail(of_spread[h], h, fits[h]) for h in horizons}


def _tail(errors: FloatArray, horizon: int, fit: HorizonFit) -> float:
    """Return the factor of one horizon from the errors of its forecasts (weeks since made × units)."""
    half_range = (fit.shape[INTERVAL_50[1]] - fit.shape[INTERVAL_50[0]]) / 2
    known = errors[horizon - 1 : horizon - 1 + TAIL_WEEKS]
    sizes = np.minimum(np.abs(known) / half_range, LARGEST_ERROR) / TAIL_EXPECTED_ERROR
    weights = 0.5 ** (np.arange(len(sizes)) / HALF_LIFE)
    group, scored = _means(sizes)
    found = TAIL_PRIOR_WEEKS + weights[scored] @ group[scored]
    return min(float(found / (TAIL_PRIOR_WEEKS + weights[scored].sum())), WIDEST_TAIL)


def move_tails(shape: FloatArray, factor: float) -> FloatArray:
    """Return the 23 standard quantiles with those from 95 % on moved by a factor, the middle half as it was."""
    moved: FloatArray = shape * np.interp(
        np.abs(QUANTILES - 0.5), (0.25, QUANTILES[INTERVAL_95[1]] - 0.5), (1.0, factor)
    )
    return moved
