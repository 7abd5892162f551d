"""The forecasting methods by name: ours first, then what it must beat (sources forecast-2)."""

from analysis.trends.baselines import Forecaster, drift, flat7, flat14, hub
from analysis.trends.bench_methods import BENCH_METHODS
from analysis.trends.curves import CURVES, make_curve
from analysis.trends.growth import pooled
from analysis.trends.mixtures import convolution, pooled_with_hub

OURS = "pooled"
PLAIN_METHODS: dict[str, Forecaster] = {
    OURS: pooled,
    "pooled_with_hub": pooled_with_hub,
    "flat7": flat7,
    "flat14": flat14,
    "hub": hub,
    "drift": drift,
    **{name: make_curve(name) for name in CURVES},
    "convolution": convolution,
}
METHODS: dict[str, Forecaster] = PLAIN_METHODS | BENCH_METHODS
