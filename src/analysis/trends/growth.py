"""The pooled damped-gain model: one set of shipped coefficients for every unit of every country.

For each horizon the mean weekly gain to come is the last week's gain times exp(location), where location
is linear in the features of `momentum` (and `second_doses`); its spread is exp(linear) and its shape 23
numbers. All were learned from other countries' whole campaigns (`training.py`, `coefficients.json`) and
none is refitted to the series at hand: that was tried and made every score worse. Only the width of the
intervals follows the group's own recent errors.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.reference import reference_path
from analysis.trends.baselines import keep_cumulative
from analysis.trends.momentum import GAIN_FLOOR, MOMENTUM, SPREAD, Features, log_gain, momentum_features
from analysis.trends.scoring import INTERVAL_50, QUANTILES, FloatArray
from analysis.trends.second_doses import SECOND_DOSES, second_dose_features
from analysis.trends.series import Panel

COEFFICIENTS_FILE = "growth_coefficients.json"
LOCATION = {"at_least_one": MOMENTUM, "primary_complete": (*MOMENTUM, *SECOND_DOSES)}
LOG_RANGE = (-8.0, 4.0)  # weekly gains between 0 and 55 points: keeps a far tail from overflowing
SPREAD_RANGE = (-5.0, 1.5)

# Width from the group's own one-week errors: 12 weeks, a prior worth five of them (chosen
# leave-country-out, with the widening for a country never seen that the coefficients file states).
ERROR_WEEKS = 12
ERROR_HALF_LIFE = 12.0
PRIOR_WEEKS = 5.0
LARGEST_ERROR = 4.0  # half interquartile ranges: one wild week must not open all intervals
EXPECTED_ERROR = 1.25  # mean of the so limited error when the spread is right
MIN_SCORED_PCT = 2.0


@dataclass(frozen=True)
class HorizonFit:
    """Coefficients of one status and horizon: location, log spread, and the 23 standard quantiles."""

    location: FloatArray
    spread: FloatArray
    shape: FloatArray


GrowthModel = dict[str, dict[int, HorizonFit]]


def read_model(country: str) -> GrowthModel:
    """Read the shipped coefficients; for a country they were learned from, the set learned without it."""
    sets = _read_sets()
    return sets.get(f"without_{country}", sets["all"])


@cache
def _read_sets() -> dict[str, GrowthModel]:
    document = json.loads(reference_path(COEFFICIENTS_FILE).read_text(encoding="utf-8"))
    return {name: parse_model(fits) for name, fits in document["fits"].items()}


def parse_model(fits: dict[str, dict[str, dict[str, dict[str, float] | list[float]]]]) -> GrowthModel:
    """Turn the coefficients of one set (status → weeks → named numbers) into arrays in feature order."""
    model: GrowthModel = {}
    for status, horizons in fits.items():
        model[status] = {
            int(weeks): HorizonFit(
                _in_order(fit["location"], LOCATION[status]),
                _in_order(fit["spread"], SPREAD),
                np.asarray(fit["shape"], dtype=np.float64),
            )
            for weeks, fit in horizons.items()
        }
    return model


def _in_order(named: dict[str, float] | list[float], names: tuple[str, ...]) -> FloatArray:
    assert isinstance(named, dict)
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
        totals.append(
            np.nan_to_num(gain_quantiles(location, np.zeros(location.size), np.zeros(1), horizon)[:, 0])
        )
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


def recent_width(past: Panel, kind: str, status: str, model: GrowthModel) -> float:
    """Return by what factor the group's one-week errors of the last 12 weeks widen the learned spread."""
    weeks = past.values[status].shape[1]
    weight = total = 0.0
    for age in range(min(ERROR_WEEKS, weeks - 2)):
        error = _one_week_error(past, kind, status, model, weeks - 1 - age)
        if np.isfinite(error):
            weight += 0.5 ** (age / ERROR_HALF_LIFE)
            total += 0.5 ** (age / ERROR_HALF_LIFE) * error / EXPECTED_ERROR
    return float(np.sqrt((PRIOR_WEEKS + total) / (PRIOR_WEEKS + weight)))


def _one_week_error(past: Panel, kind: str, status: str, model: GrowthModel, week: int) -> float:
    """Return the group's mean error of the forecast for one past week, in half interquartile ranges."""
    before, values, fit = past.first_weeks(week), past.values[status], model[kind][1]
    features = features_at(before, kind, status, model, (1,))[1]
    miss = log_gain(values[:, week] - values[:, week - 1]) - location_of(features, fit, kind)
    half_range = (fit.shape[INTERVAL_50[1]] - fit.shape[INTERVAL_50[0]]) / 2 * spread_of(features, fit)
    errors = np.minimum(np.abs(miss) / half_range, LARGEST_ERROR)
    scored = np.isfinite(errors) & (np.nan_to_num(values[:, week - 1]) >= MIN_SCORED_PCT)
    return float(errors[scored].mean()) if scored.any() else float("nan")


def pooled(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Forecast every unit of a group with the shipped coefficients (units × horizons × 23, percent).

    Second doses of a unit whose first doses are not known are forecast from their own momentum alone,
    with the coefficients of first doses.
    """
    alone = _pooled(past, "at_least_one", status, horizons)
    first_known = np.isfinite(past.values["at_least_one"][:, -1])
    if status == "at_least_one" or not first_known.any():
        return alone
    result: FloatArray = np.where(first_known[:, None, None], _pooled(past, status, status, horizons), alone)
    return result


def _pooled(past: Panel, kind: str, status: str, horizons: Sequence[int]) -> FloatArray:
    """Forecast a status with the coefficients of `kind`; between learned horizons on straight lines."""
    model = read_model(past.country)
    values, fits = past.values[status], model[kind]
    features = features_at(past, kind, status, model, tuple(fits))
    width = recent_width(past, kind, status, model)
    nodes = np.zeros((values.shape[0], len(fits) + 1, QUANTILES.size))
    for k, (horizon, fit) in enumerate(fits.items(), start=1):
        location = location_of(features[horizon], fit, kind)
        spread = spread_of(features[horizon], fit) * width
        nodes[:, k] = gain_quantiles(location, spread, fit.shape, horizon)
    gains = between_horizons(nodes, (0, *fits), horizons)
    return keep_cumulative(values[:, -1][:, None, None] + gains, values[:, -1])


def between_horizons(nodes: FloatArray, learned: Sequence[int], horizons: Sequence[int]) -> FloatArray:
    """Return gains at the asked horizons on straight lines between the learned ones (units × asked × 23)."""
    position = np.interp(horizons, learned, np.arange(len(learned)))
    left = np.minimum(position.astype(np.int64), len(learned) - 2)
    share = (position - left)[None, :, None]
    result: FloatArray = nodes[:, left] * (1 - share) + nodes[:, left + 1] * share
    return result
