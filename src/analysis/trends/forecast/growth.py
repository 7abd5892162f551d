"""The pooled damped-gain model: one set of shipped coefficients for every unit of every country.

For each horizon the mean weekly gain to come is the last week's gain times exp(location), where location
is linear in the features of `momentum` (and `second_doses`); its spread is exp(linear) and its shape 23
numbers. All were learned from other countries' whole campaigns (`docs/trends.md`) and none is refitted to
the series at hand: that was tried and made every score worse. Only the width of the intervals follows the
recent errors of the unit and of its group (`recent_width`).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from analysis.reference import reference_path
from analysis.trends.forecast.momentum import (
    GAIN_FLOOR,
    MOMENTUM,
    SPREAD,
    Features,
    log_gain,
    momentum_features,
)
from analysis.trends.forecast.quantiles import QUANTILES, FloatArray, keep_cumulative
from analysis.trends.forecast.second_doses import SECOND_DOSES, second_dose_features
from analysis.trends.forecast.series import Panel

Forecaster = Callable[[Panel, str, Sequence[int]], FloatArray]

COEFFICIENTS_FILE = "growth_coefficients.json"
LOCATION = {"at_least_one": MOMENTUM, "primary_complete": (*MOMENTUM, *SECOND_DOSES)}
LOG_RANGE = (-8.0, 4.0)  # weekly gains between 0 and 55 points: keeps a far tail from overflowing
SPREAD_RANGE = (-5.0, 1.5)

# Width from the one-week errors of the last 12 weeks: the group's lean on a prior worth three of them, the
# unit's on its group by eight (chosen leave-country-out: docs/trends.md).
ERROR_WEEKS = 12
ERROR_HALF_LIFE = 12.0
PRIOR_WEEKS, GROUP_WEEKS = 3.0, 8.0
LARGEST_ERROR = 4.0  # half interquartile ranges: one wild week must not open all intervals
EXPECTED_ERROR = 1.25  # mean of the so limited error when the spread is right
MIN_SCORED_PCT = 2.0


@dataclass(frozen=True)
class HorizonFit:
    """Coefficients of one status and horizon: location, log spread, and the 23 standard quantiles.

    `half_range` is half the interquartile range that errors were measured to have where the coefficients
    were learned: what recent errors are set against. The shape may be wider, for countries never seen.
    """

    location: FloatArray
    spread: FloatArray
    shape: FloatArray
    half_range: float


GrowthModel = dict[str, dict[int, HorizonFit]]


@cache
def read_model() -> GrowthModel:
    """Read the shipped coefficients."""
    document = json.loads(reference_path(COEFFICIENTS_FILE).read_text(encoding="utf-8"))
    return parse_model(document["fits"])


def parse_model(fits: dict[str, dict[str, dict[str, Any]]]) -> GrowthModel:
    """Turn coefficients (status → weeks → named numbers) into arrays in feature order."""
    model: GrowthModel = {}
    for status, horizons in fits.items():
        model[status] = {
            int(weeks): HorizonFit(
                _in_order(fit["location"], LOCATION[status]),
                _in_order(fit["spread"], SPREAD),
                np.asarray(fit["shape"], dtype=np.float64),
                float(fit["half_range"]),
            )
            for weeks, fit in horizons.items()
        }
    return model


def _in_order(named: dict[str, float], names: tuple[str, ...]) -> FloatArray:
    return np.array([named[name] for name in names], dtype=np.float64)


def stack_features(features: Features, names: tuple[str, ...]) -> FloatArray:
    """Return features as a matrix (units × features) in the order of the coefficients."""
    return np.stack([features[name] for name in names], axis=1)


def location_of(features: Features, fit: HorizonFit, status: str) -> FloatArray:
    """Return the log of the mean weekly gain expected (its median), per unit."""
    location: FloatArray = features["log_gain_1"] + stack_features(features, LOCATION[status]) @ fit.location
    return location


def spread_of(features: Features, fit: HorizonFit) -> FloatArray:
    """Return the spread of the log gain, per unit."""
    spread: FloatArray = np.exp(np.clip(stack_features(features, SPREAD) @ fit.spread, *SPREAD_RANGE))
    return spread


def gain_quantiles(location: FloatArray, spread: FloatArray, shape: FloatArray, horizon: int) -> FloatArray:
    """Return the gain over `horizon` weeks in points: units × quantiles."""
    logs = np.clip(location[:, None] + spread[:, None] * shape, *LOG_RANGE)
    gains: FloatArray = horizon * np.maximum(np.exp(logs) - GAIN_FLOOR, 0.0)
    return gains


def first_doses_ahead(past: Panel, model: GrowthModel, weeks: int) -> FloatArray:
    """Return the median first doses of each coming week (units × weeks, points)."""
    fits = model["at_least_one"]
    features = momentum_features(past, "at_least_one")
    totals = [np.zeros(len(past.unit_codes))]
    for horizon, fit in fits.items():
        location = location_of(features, fit, "at_least_one")
        middle = gain_quantiles(location, np.zeros(location.size), np.zeros(1), horizon)
        totals.append(np.nan_to_num(middle[:, 0]))
    reached = np.maximum.accumulate(np.stack(totals, axis=1), axis=1)
    nodes = np.array([0, *fits], dtype=np.float64)
    path = np.stack([np.interp(np.arange(weeks + 1), nodes, row) for row in reached])
    return np.diff(path, axis=1)


def features_at(
    past: Panel, kind: str, status: str, model: GrowthModel, horizons: Sequence[int]
) -> dict[int, Features]:
    """Return, per horizon, the features at the panel's last week that the coefficients of `kind` need."""
    momentum = momentum_features(past, status)
    if kind == "at_least_one":
        return dict.fromkeys(horizons, momentum)
    ahead = first_doses_ahead(past, model, max(horizons))
    return second_dose_features(past, ahead, horizons, momentum)


def recent_width(past: Panel, kind: str, status: str, model: GrowthModel) -> FloatArray:
    """Return by what factor recent one-week errors widen each unit's learned spread.

    The group's errors of the last 12 weeks lean on what was learned, the unit's on its group's: a group
    that became erratic widens all of its units, an erratic unit only itself.
    """
    weeks = past.values[status].shape[1]
    ages = np.arange(min(ERROR_WEEKS, weeks - 2))
    if not ages.size:
        return np.ones(len(past.unit_codes))
    errors = np.stack([_one_week_errors(past, kind, status, model, weeks - 1 - age) for age in ages])
    weights = (0.5 ** (ages / ERROR_HALF_LIFE))[:, None]
    known = np.isfinite(errors)
    scored = known.any(axis=1)
    group = np.where(known, errors, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    of_group = (PRIOR_WEEKS + weights[scored, 0] @ group[scored]) / (PRIOR_WEEKS + weights[scored].sum())
    total, weight = np.where(known, weights * errors, 0.0).sum(axis=0), (known * weights).sum(axis=0)
    return np.asarray(np.sqrt((GROUP_WEEKS * of_group + total) / (GROUP_WEEKS + weight)))


def _one_week_errors(past: Panel, kind: str, status: str, model: GrowthModel, week: int) -> FloatArray:
    """Return each unit's error of the forecast for one past week, 1 when as learned; NaN where none."""
    before, values, fit = past.first_weeks(week), past.values[status], model[kind][1]
    features = features_at(before, kind, status, model, (1,))[1]
    miss = log_gain(values[:, week] - values[:, week - 1]) - location_of(features, fit, kind)
    errors = np.abs(miss) / (fit.half_range * spread_of(features, fit))
    errors = np.minimum(errors, LARGEST_ERROR) / EXPECTED_ERROR
    return np.where(np.nan_to_num(values[:, week - 1]) >= MIN_SCORED_PCT, errors, np.nan)


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
    for k, (horizon, (location, spread)) in enumerate(predict_logs(model, past, kind, status).items(), 1):
        nodes[:, k] = gain_quantiles(location, spread, fits[horizon].shape, horizon)
    gains = between_horizons(nodes, (0, *fits), horizons)
    return keep_cumulative(values[:, -1][:, None, None] + gains, values[:, -1])


def predict_logs(
    model: GrowthModel, past: Panel, kind: str, status: str
) -> dict[int, tuple[FloatArray, FloatArray]]:
    """Return, per learned horizon, the location and the spread of the log gain of each unit."""
    fits = model[kind]
    features = features_at(past, kind, status, model, tuple(fits))
    width = recent_width(past, kind, status, model)
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
