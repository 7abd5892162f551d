"""How wide the intervals must be on countries never seen: two factors a horizon, from held-out errors.

Coefficients fitted to some countries promise too much of others. Models that did not see a country are set
against it; the middle half of their errors stretches the middle of the shape, their 95 % its tails.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.evaluate.forecasts.origins import origins_of
from analysis.trends.forecast.fits import GrowthModel, HorizonFit
from analysis.trends.forecast.growth import predict_logs
from analysis.trends.forecast.momentum import log_gain
from analysis.trends.forecast.past_errors import ERROR_WEEKS, past_errors
from analysis.trends.forecast.quantiles import INTERVAL_50, INTERVAL_95, QUANTILES, FloatArray
from analysis.trends.forecast.series import SERIES, Panel

MIN_COVERAGE_PCT = 2.0
LEAST_ERRORS = 50  # below, nothing is said and nothing stretched
LARGEST_STRETCH = 2.0

Test = tuple[GrowthModel, Sequence[Panel]]  # a model, and panels that it did not see
Errors = list[FloatArray]  # standardised errors, an array a panel


def stretch_status(fits: dict[int, HorizonFit], status: str, tests: Sequence[Test]) -> dict[int, HorizonFit]:
    """Return the fits of a status with their shapes stretched by what the tests say."""
    errors: dict[int, Errors] = {horizon: [] for horizon in fits}
    for model, panels in tests:
        for panel in panels:
            _add_errors(errors, panel, status, model)
    shapes = {h: np.mean([model[status][h].shape for model, _ in tests], axis=0) for h in fits}
    return {h: _stretched(fit, _factors(errors[h], shapes[h])) for h, fit in fits.items()}


def _stretched(fit: HorizonFit, factors: tuple[float, float]) -> HorizonFit:
    """Return a fit with its shape stretched: one factor up to the middle half, one from 95 % on."""
    return replace(fit, shape=fit.shape * np.interp(np.abs(QUANTILES - 0.5), (0.25, 0.475), factors))


def _add_errors(errors: dict[int, Errors], panel: Panel, status: str, model: GrowthModel) -> None:
    """Add a panel's standardised errors at the origins of the protocol."""
    values = panel.values[status]
    found: dict[int, Errors] = {horizon: [] for horizon in errors}
    for origin in origins_of(panel):
        week = int(np.searchsorted(panel.weeks, origin))
        past = panel.until(origin)
        usable = np.nan_to_num(values[:, week]) >= MIN_COVERAGE_PCT
        for other in SERIES[: SERIES.index(status)]:
            usable &= np.isfinite(past.values[other][:, -1])
        if not usable.any():
            continue
        missed = past_errors(past, status, status, model, (1,), ERROR_WEEKS)
        for horizon, (location, spread) in predict_logs(model, past, status, status, missed).items():
            if week + horizon < panel.weeks.size:
                gain = log_gain((values[:, week + horizon] - values[:, week]) / horizon)
                error = ((gain - location) / spread)[usable]
                found[horizon].append(error[np.isfinite(error)])
    for horizon, parts in found.items():
        if parts:
            errors[horizon].append(np.concatenate(parts))


def _factors(errors: Errors, shape: FloatArray) -> tuple[float, float]:
    """Return how much wider the middle half and the 95 % of the errors are than the shape's."""
    if sum(part.size for part in errors) < LEAST_ERRORS:
        return 1.0, 1.0
    found = _quantiles(errors)
    middle, tails = (
        float(np.clip((found[high] - found[low]) / (shape[high] - shape[low]), 1.0, LARGEST_STRETCH))
        for low, high in (INTERVAL_50, INTERVAL_95)
    )
    return middle, tails


def _quantiles(errors: Errors) -> FloatArray:
    """Return the quantiles of errors, a country weighing as the root of its number of them."""
    given = np.concatenate(errors)
    weight = np.concatenate([np.full(part.size, part.size**-0.5) for part in errors if part.size])
    order = np.argsort(given, kind="stable")
    position = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    return np.interp(QUANTILES, position, given[order])
