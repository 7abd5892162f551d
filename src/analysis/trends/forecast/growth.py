"""The pooled damped-gain model: what the coefficients and recent errors make of a group's coming weeks.

The coefficients (`fits`) tell the middle and the spread of the gain to come; the width of the intervals
follows the recent errors of the unit and of its group (`past_errors`).
"""

from collections.abc import Callable, Sequence

import numpy as np

from analysis.trends.forecast.fits import (
    GrowthModel,
    features_at,
    gain_quantiles,
    location_of,
    read_model,
    spread_of,
)
from analysis.trends.forecast.past_errors import (
    Errors,
    move_tails,
    recent_errors,
    recent_tails,
    recent_width,
)
from analysis.trends.forecast.quantiles import QUANTILES, FloatArray, keep_cumulative
from analysis.trends.forecast.series import Panel

Forecaster = Callable[[Panel, str, Sequence[int]], FloatArray]


def pooled(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Forecast every unit of a group with the shipped coefficients (units × horizons × 23, percent)."""
    return forecast_growth(read_model(), past, status, horizons)


def forecast_growth(model: GrowthModel, past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Forecast every unit of a group with given coefficients (units × horizons × 23, percent).

    Second doses of a unit whose first doses are not known are forecast from their own momentum alone,
    with the coefficients of first doses. First doses are never forecast from second doses.
    """
    known = np.isfinite(past.values["at_least_one"][:, -1])
    if status == "at_least_one" or not known.any():
        return _forecast_kind(model, past, "at_least_one", status, horizons)
    told = _forecast_kind(model, past, status, status, horizons)
    if known.all():
        return told
    alone = _forecast_kind(model, past, "at_least_one", status, horizons)
    return np.where(known[:, None, None], told, alone)


def _forecast_kind(
    model: GrowthModel, past: Panel, kind: str, status: str, horizons: Sequence[int]
) -> FloatArray:
    """Forecast a status with the coefficients of `kind`; between learned horizons on straight lines."""
    values, fits = past.values[status], model[kind]
    nodes = np.zeros((values.shape[0], len(fits) + 1, QUANTILES.size))
    errors = recent_errors(past, kind, status, model)
    tails = recent_tails(errors, kind, fits)
    for k, (horizon, (location, spread)) in enumerate(
        predict_logs(model, past, kind, status, errors).items(), 1
    ):
        shape = move_tails(fits[horizon].shape, tails[horizon])
        nodes[:, k] = gain_quantiles(location, spread, shape, horizon)
    gains = between_horizons(nodes, (0, *fits), horizons)
    return keep_cumulative(values[:, -1][:, None, None] + gains, values[:, -1])


def predict_logs(
    model: GrowthModel, past: Panel, kind: str, status: str, errors: Errors
) -> dict[int, tuple[FloatArray, FloatArray]]:
    """Return, per learned horizon, the location and the spread of the log gain of each unit; see `recent_errors`."""
    fits = model[kind]
    features = features_at(past, kind, status, model, tuple(fits))
    width = recent_width(errors, fits)
    return {
        horizon: (location_of(features[horizon], fit, kind), spread_of(features[horizon], fit) * width)
        for horizon, fit in fits.items()
    }


def between_horizons(nodes: FloatArray, learned: Sequence[int], horizons: Sequence[int]) -> FloatArray:
    """Return gains at the asked horizons on straight lines between the learned ones (units × asked × 23)."""
    position = np.interp(horizons, learned, np.arange(len(learned)))
    left = np.minimum(position.astype(np.int64), len(learned) - 2)
    share = (position - left)[None, :, None]
    result: FloatArray = nodes[:, left] * (1 - share) + nodes[:, left + 1] * share
    return result
