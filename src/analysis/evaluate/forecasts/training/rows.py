"""What a panel teaches: the features of every week and what was gained after it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.evaluate.forecasts.interval_scores import weighted_interval_score
from analysis.evaluate.forecasts.rivals.baselines import flat7
from analysis.evaluate.forecasts.training.fitting import Samples
from analysis.trends.forecast.fits import LOCATION, GrowthModel, features_at, stack_features
from analysis.trends.forecast.momentum import SPREAD, Features
from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import SERIES, Panel

LEARNED_HORIZONS = (1, 2, 3, 4, 6, 8, 12, 16, 26)
FIRST_WEEK = 4  # weeks a series must have had
MIN_COVERAGE_PCT = 2.0
LEAST_ROWS = 20  # a panel that shows less at a horizon says nothing there
ROWS_PER_PANEL = 700


@dataclass(frozen=True)
class Rows:
    """Training rows of one panel and status at one horizon: features, gains, the mean score of `flat7`."""

    features: FloatArray
    gains: FloatArray
    reference: float


PanelRows = dict[int, Rows]
Weighted = tuple[PanelRows, float, int]  # a panel's rows, its weight, and how many of them are used at most


def gather_rows(panel: Panel, status: str, model: GrowthModel) -> PanelRows:
    """Return the rows of a panel by horizon; `model` forecasts the first doses that second doses follow."""
    features: dict[int, list[FloatArray]] = {h: [] for h in LEARNED_HORIZONS}
    gains: dict[int, list[FloatArray]] = {h: [] for h in LEARNED_HORIZONS}
    scores: dict[int, list[FloatArray]] = {h: [] for h in LEARNED_HORIZONS}
    values = panel.values[status]
    for week in range(FIRST_WEEK, panel.weeks.size - 1):
        past = panel.until(panel.weeks[week])
        usable = np.nan_to_num(values[:, week]) >= MIN_COVERAGE_PCT
        for other in SERIES[: SERIES.index(status)]:
            usable &= np.isfinite(past.values[other][:, -1])
        if not usable.any():
            continue
        ahead = tuple(h for h in LEARNED_HORIZONS if week + h < panel.weeks.size)
        made = features_at(past, status, status, model, ahead)
        flat = flat7(past, status, ahead)
        for k, h in enumerate(ahead):
            known = usable & np.isfinite(values[:, week + h])
            features[h].append(_matrix(made[h], status)[known])
            gains[h].append((values[:, week + h] - values[:, week])[known])
            scores[h].append(weighted_interval_score(flat[known, k], values[known, week + h]))
    return {h: _rows(features[h], gains[h], scores[h]) for h in LEARNED_HORIZONS if features[h]}


def _rows(features: list[FloatArray], gains: list[FloatArray], scores: list[FloatArray]) -> Rows:
    reference = np.concatenate(scores)
    mean = float(reference.mean()) if reference.size else 0.0
    return Rows(np.concatenate(features), np.concatenate(gains), mean)


def _matrix(features: Features, status: str) -> FloatArray:
    """Return pace, location and spread features side by side."""
    return stack_features(features, ("log_gain_1", *LOCATION[status], *SPREAD))


def join_rows(gathered: Iterable[Weighted], status: str, horizon: int) -> Samples:
    """Join panels for one horizon, each with its weight, in units of flat7's mean score there.

    So no country rules by its number of units or by the size of its weekly gains.
    """
    matrices, gains, weights = [], [], []
    for rows, weight, cap in gathered:
        part = rows.get(horizon)
        if part is None or part.gains.size < LEAST_ROWS or not part.reference > 0:
            continue
        chosen = slice(None, None, max(1, part.gains.size // cap))
        matrices.append(part.features[chosen])
        gains.append(part.gains[chosen])
        weights.append(np.full(gains[-1].size, weight / (part.reference * gains[-1].size)))
    joined, weight_of = np.concatenate(matrices), np.concatenate(weights)
    columns = 1 + len(LOCATION[status])
    return Samples(
        pace=joined[:, 0],
        location=joined[:, 1:columns],
        spread=joined[:, columns:],
        gain=np.concatenate(gains),
        weight=weight_of / weight_of.sum(),
        horizon=horizon,
    )
