"""General forecasters to measure ours against; their packages are an extra (`pip install -e .[bench]`).

They are imported only when asked for by name, and are no part of the weekly job or of requirements.lock.
"""

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import RequestError
from analysis.trends.forecast.growth import Forecaster
from analysis.trends.forecast.quantiles import MEDIAN, QUANTILES, FloatArray, keep_cumulative
from analysis.trends.forecast.series import Panel, last_pace

LEAST_WEEKS = 4  # a shorter series keeps its pace without spread
PROPHET_DRAWS = 300
SEED = 5

OneSeries = Callable[[FloatArray, int], FloatArray]  # (past weeks, weeks ahead) → weeks ahead × 23


def _import(module: str, package: str, method: str) -> Any:
    """Return a module of an optional package; raises RequestError where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise RequestError(
            f"--methods: '{method}' needs the package {package}; install the extra: pip install -e .[bench]"
        ) from error


def _statsforecast(method: str, model: str) -> OneSeries:
    """Return a forecaster of one series by a model of statsforecast (central intervals → quantiles)."""

    def forecast(series: FloatArray, ahead: int) -> FloatArray:
        """Forecast one series; the 11 central intervals give the 23 quantiles."""
        models = _import("statsforecast.models", "statsforecast", method)
        levels = [round(100 * (1 - 2 * q), 1) for q in QUANTILES[:MEDIAN]]
        given = getattr(models, model)(season_length=1).forecast(y=series, h=ahead, level=levels)
        low = [given[f"lo-{level}"] for level in levels]
        high = [given[f"hi-{level}"] for level in reversed(levels)]
        return np.stack([*low, given["mean"], *high], axis=1)

    return forecast


def _prophet(series: FloatArray, ahead: int) -> FloatArray:
    """Forecast one series by Prophet with logistic growth towards 100 percent."""
    prophet = _import("prophet", "prophet", "prophet")
    logging.getLogger("cmdstanpy").setLevel(logging.WARNING)  # two lines a series otherwise
    ceiling = max(100.0, float(series[-1]) + 1.0)
    days = pd.date_range("2021-01-03", periods=series.size, freq="7D")
    frame = pd.DataFrame({"ds": days, "y": series, "cap": ceiling})
    model = prophet.Prophet(
        growth="logistic",
        daily_seasonality=False,
        weekly_seasonality=False,
        yearly_seasonality=False,
        uncertainty_samples=PROPHET_DRAWS,
    )
    np.random.seed(SEED)
    model.fit(frame, seed=SEED)
    coming = pd.DataFrame(
        {"ds": days[-1] + pd.to_timedelta(7 * np.arange(1, ahead + 1), unit="D"), "cap": ceiling}
    )
    draws = model.predictive_samples(coming)["yhat"]
    return np.asarray(np.quantile(draws, QUANTILES, axis=1).T)


def _unit_by_unit(one: OneSeries) -> Forecaster:
    """Return a forecaster of a group from one of a single series."""

    def forecast(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
        """Forecast every unit by itself."""
        values = past.values[status]
        ahead = np.asarray(horizons)
        middle = values[:, [-1]] + last_pace(values)[:, None] * ahead
        result = np.repeat(middle[..., None], QUANTILES.size, axis=2)
        for unit, row in enumerate(values):
            series = row[np.isfinite(row)]
            if series.size >= LEAST_WEEKS and np.isfinite(row[-1]):
                result[unit] = one(series, int(ahead.max()))[ahead - 1]
        return keep_cumulative(result, values[:, -1])

    return forecast


BENCH_METHODS: dict[str, Forecaster] = {
    "autoarima": _unit_by_unit(_statsforecast("autoarima", "AutoARIMA")),
    "autotheta": _unit_by_unit(_statsforecast("autotheta", "AutoTheta")),
    "prophet": _unit_by_unit(_prophet),
}
