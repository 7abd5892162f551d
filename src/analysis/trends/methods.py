"""The forecasting methods by name: ours first, then what it must beat."""

from analysis.trends.baselines import Forecaster, flat7, flat14, hub
from analysis.trends.growth import pooled

OURS = "pooled"
METHODS: dict[str, Forecaster] = {OURS: pooled, "flat7": flat7, "flat14": flat14, "hub": hub}
