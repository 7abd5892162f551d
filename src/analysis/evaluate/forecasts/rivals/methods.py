"""The forecasting methods by name: ours first, then what it must beat (sources forecast-2)."""

from collections.abc import Sequence

from analysis.evaluate.forecasts.coefficients import read_learned
from analysis.evaluate.forecasts.rivals.baselines import drift, flat7, flat14, hub
from analysis.evaluate.forecasts.rivals.bench_methods import BENCH_METHODS
from analysis.evaluate.forecasts.rivals.curves import CURVES, make_curve
from analysis.evaluate.forecasts.rivals.mixtures import convolution, mix_with_hub
from analysis.evaluate.forecasts.training.learning import Learned
from analysis.trends.forecast.growth import Forecaster, forecast_growth
from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import Panel

OURS = "pooled"
REFERENCE = "flat7"


def unseen(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Forecast with the shipped coefficients, or for a country they were learned from, with a set without it."""
    return forecast_growth(read_learned().model_for(past.country), past, status, horizons)


def make_unseen(learned: Learned) -> Forecaster:
    """Return the same forecaster of coefficients just learned."""

    def forecast(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
        """Forecast with the coefficients that did not see the country."""
        return forecast_growth(learned.model_for(past.country), past, status, horizons)

    return forecast


PLAIN_METHODS: dict[str, Forecaster] = {
    OURS: unseen,
    "pooled_with_hub": mix_with_hub(unseen),
    REFERENCE: flat7,
    "flat14": flat14,
    "hub": hub,
    "drift": drift,
    **{name: make_curve(name) for name in CURVES},
    "convolution": convolution,
}
METHODS: dict[str, Forecaster] = PLAIN_METHODS | BENCH_METHODS
