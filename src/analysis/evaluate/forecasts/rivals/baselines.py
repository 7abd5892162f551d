"""Forecasts without a model: what any model must beat (`docs/trends.md` gives their measured scores).

Each takes the repaired past of one group (units × weeks, cumulative percent) and returns
units × horizons × 23 quantiles in percent. None sees anything later than the last column.
"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from analysis.trends.forecast.quantiles import QUANTILES, FloatArray, keep_cumulative
from analysis.trends.forecast.series import Panel, last_pace, weekly_gains

ERROR_WEEKS = 12  # origins whose errors make the interval: the last 12 weeks (trends protocol)
# Without any past error: a spread of half the pace (at least half a point a week) per standard normal.
PRIOR_SPREAD = 0.5
MIN_PRIOR_PACE = 0.5


def pooled_error_quantiles(errors: FloatArray, pace: FloatArray, horizon: int) -> FloatArray:
    """Return 23 quantiles (units × 23) of the group's past errors; a stated prior when there are none."""
    known = errors[np.isfinite(errors)]
    if known.size:
        return np.broadcast_to(np.quantile(known, QUANTILES), (pace.size, QUANTILES.size))
    # Logistic quantiles: a bell with heavier tails, scaled to unit standard deviation.
    bell = np.log(QUANTILES / (1 - QUANTILES)) * np.sqrt(3) / np.pi
    spread = horizon * PRIOR_SPREAD * np.maximum(pace, MIN_PRIOR_PACE)
    return np.asarray(spread[:, None] * bell)


def forecast_pace(past: Panel, status: str, horizons: Sequence[int], pace_weeks: int) -> FloatArray:
    """Carry the pace of the last `pace_weeks` weeks on, with the group's errors of the last 12 weeks."""
    values = past.values[status]
    pace = last_pace(values, pace_weeks)
    result = np.empty((values.shape[0], len(horizons), QUANTILES.size))
    for k, horizon in enumerate(horizons):
        errors = past_pace_errors(values, horizon, pace_weeks)
        band = pooled_error_quantiles(errors, pace, horizon)
        result[:, k, :] = (values[:, -1] + horizon * pace)[:, None] + band
    return keep_cumulative(result, values[:, -1])


def past_pace_errors(values: FloatArray, horizon: int, pace_weeks: int) -> FloatArray:
    """Return the errors the same method made at the last 12 origins whose outcome is known."""
    weeks = values.shape[1]
    first = max(pace_weeks, weeks - horizon - ERROR_WEEKS)
    origins = np.arange(first, weeks - horizon)
    if origins.size == 0:
        return np.empty((values.shape[0], 0))
    pace = (values[:, origins] - values[:, origins - pace_weeks]) / pace_weeks
    errors: FloatArray = values[:, origins + horizon] - values[:, origins] - horizon * pace
    return errors


def flat7(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Carry the last week's pace on, the group's past errors around it."""
    return forecast_pace(past, status, horizons, 1)


def flat14(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Carry the pace of the last two weeks on, the group's past errors around it."""
    return forecast_pace(past, status, horizons, 2)


def drift(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Walk at random with drift: the unit's mean weekly gain so far, with the normal interval of theory."""
    values = past.values[status]
    gains = weekly_gains(values)
    known = np.isfinite(gains)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known.any(axis=1), np.where(known, gains, 0.0).sum(axis=1) / count, last_pace(values))
    away = np.where(known, gains - mean[:, None], 0.0)
    spread = np.sqrt((away**2).sum(axis=1) / np.maximum(count - 1, 1))
    ahead = np.asarray(horizons, dtype=np.float64)
    width = np.sqrt(ahead[None] * (1.0 + ahead[None] / count[:, None])) * spread[:, None]
    middle = values[:, [-1]] + ahead[None] * mean[:, None]
    return keep_cumulative(middle[..., None] + width[..., None] * norm.ppf(QUANTILES), values[:, -1])


def hub(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Repeat the hubs' baseline: flat weekly gain, its own past changes, mirrored, added week by week.

    Each unit's changes of the weekly gain, with both signs, are drawn independently for each coming
    week (their number is small, so a fixed low-discrepancy sample stands for the draws); cumulative
    gains give the quantiles. The median is kept at the flat line.
    """
    values = past.values[status]
    pace = last_pace(values)
    changes = np.diff(weekly_gains(values), axis=1)
    result = np.empty((values.shape[0], len(horizons), QUANTILES.size))
    draws = _fixed_uniforms(max(horizons))
    for unit in range(values.shape[0]):
        known = changes[unit][np.isfinite(changes[unit])]
        steps = (
            np.sort(np.concatenate([known, -known])) if known.size else np.array([-pace[unit], pace[unit]])
        )
        gains = np.maximum(pace[unit] + np.cumsum(np.quantile(steps, draws), axis=0), 0.0)
        paths = np.cumsum(gains, axis=0)
        for k, horizon in enumerate(horizons):
            band = np.quantile(paths[horizon - 1], QUANTILES)
            result[unit, k] = values[unit, -1] + band - band[QUANTILES.size // 2] + horizon * pace[unit]
    return keep_cumulative(result, values[:, -1])


def _fixed_uniforms(weeks: int, size: int = 1000) -> FloatArray:
    """Return weeks × size evenly spread numbers in (0, 1) (a Kronecker lattice: the same every time)."""
    # Fractional parts of multiples of the plastic-number powers (generalised golden ratio, d = weeks).
    root = 2.0
    for _ in range(50):
        root = (1 + root) ** (1 / (weeks + 1))
    steps = root ** -np.arange(1, weeks + 1)
    points: FloatArray = (0.5 + np.outer(steps, np.arange(1, size + 1))) % 1.0
    return points
