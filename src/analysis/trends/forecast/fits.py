"""The growth model's coefficients, and what they say of the gain to come before any error is looked at.

One set of shipped coefficients serves every unit of every country. For each horizon the mean weekly gain to
come is the last week's gain times exp(location), where location is linear in the features of `momentum`
(and `second_doses`); its spread is exp(linear) and its shape 23 numbers. All were learned from other
countries' whole campaigns (`docs/trends.md`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from analysis.reference import reference_path
from analysis.trends.forecast.momentum import GAIN_FLOOR, MOMENTUM, SPREAD, Features, momentum_features
from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.second_doses import SECOND_DOSES, second_dose_features
from analysis.trends.forecast.series import Panel

COEFFICIENTS_FILE = "growth_coefficients.json"
LOCATION = {"at_least_one": MOMENTUM, "primary_complete": (*MOMENTUM, *SECOND_DOSES)}
LOG_RANGE = (-8.0, 4.0)  # weekly gains between 0 and 55 points: keeps a far tail from overflowing
SPREAD_RANGE = (-5.0, 1.5)
AS_READ = (0.0, 1.0)  # a chance as the quantiles tell it


@dataclass(frozen=True)
class HorizonFit:
    """Coefficients of one status and horizon: location, log spread, and the 23 standard quantiles.

    `half_range` is half the interquartile range that errors were measured to have where the coefficients
    were learned: what recent errors are set against. The shape may be wider, for countries never seen.
    `chance` (shift, slope) bends the log odds of reaching a target that the quantiles tell (`chances`).
    """

    location: FloatArray
    spread: FloatArray
    shape: FloatArray
    half_range: float
    chance: FloatArray = field(default_factory=lambda: np.array(AS_READ))


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
                np.asarray(fit.get("chance", AS_READ), dtype=np.float64),
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
    return np.diff(on_straight_lines(np.arange(weeks + 1.0), nodes, reached), axis=1)


def on_straight_lines(at: FloatArray, nodes: FloatArray, values: FloatArray) -> FloatArray:
    """Return what `np.interp` gives for each row of `values`, of all rows at once (rows × at)."""
    left = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, nodes.size - 2)
    slopes = (np.diff(values, axis=1) / np.diff(nodes))[:, left]
    return np.where(at >= nodes[-1], values[:, [-1]], slopes * (at - nodes[left]) + values[:, left])


def features_at(
    past: Panel, kind: str, status: str, model: GrowthModel, horizons: Sequence[int]
) -> dict[int, Features]:
    """Return, per horizon, the features at the panel's last week that the coefficients of `kind` need."""
    momentum = momentum_features(past, status)
    if kind == "at_least_one":
        return dict.fromkeys(horizons, momentum)
    ahead = first_doses_ahead(past, model, max(horizons))
    return second_dose_features(past, ahead, horizons, momentum)
