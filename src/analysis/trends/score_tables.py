"""Score tables of a backtest: interval scores by horizon, Brier scores of reaching a target."""

import numpy as np
import pandas as pd

from analysis.trends.clusters import ratio_interval
from analysis.trends.scoring import (
    INTERVAL_50,
    INTERVAL_95,
    MEDIAN,
    QUANTILES,
    FloatArray,
    brier_score,
    interval_share,
    median_bias,
    probability_above,
    weighted_interval_score,
)
from analysis.trends.tasks import Tasks

TARGETS_PCT = (40.0, 50.0, 60.0, 70.0, 80.0)
TARGET_WEEKS = (4, 8)


def score_tasks(tasks: Tasks) -> pd.DataFrame:
    """Return WIS, WIS relative to flat7, interval shares and bias by status, horizon and method.

    `rel_wis_low` and `rel_wis_high` are the 95 % interval of the relative WIS over (country, origin)
    clusters. A method that does not forecast a status (NaN) has no row for it.
    """
    rows = []
    for (status, horizon), part in tasks.rows.groupby(["series_status", "horizon_weeks"], sort=True):
        chosen = part.index.to_numpy()
        truth = part["truth"].to_numpy(dtype=np.float64)
        flat = weighted_interval_score(tasks.values["flat7"][chosen], truth)
        for method, values in tasks.values.items():
            given = values[chosen]
            if np.isnan(given).any():
                continue
            scores = weighted_interval_score(given, truth)
            low, high = ratio_interval(part, scores, flat)
            rows.append(
                {
                    "series_status": status,
                    "horizon_weeks": horizon,
                    "method": method,
                    "n_tasks": truth.size,
                    "wis": scores.mean(),
                    "rel_wis_flat7": scores.mean() / flat.mean() if flat.mean() > 0 else np.nan,
                    "coverage_50": interval_share(given, truth, INTERVAL_50),
                    "coverage_95": interval_share(given, truth, INTERVAL_95),
                    "bias": median_bias(given, truth),
                    "rel_wis_low": low,
                    "rel_wis_high": high,
                }
            )
    return pd.DataFrame(rows)


def score_reliability(tasks: Tasks) -> pd.DataFrame:
    """Return the share of truths inside each of the 11 central intervals by status, horizon and method."""
    rows = []
    for (status, horizon), part in tasks.rows.groupby(["series_status", "horizon_weeks"], sort=True):
        truth = part["truth"].to_numpy(dtype=np.float64)
        for method, values in tasks.values.items():
            given = values[part.index.to_numpy()]
            if np.isnan(given).any():
                continue
            for k in range(MEDIAN - 1, -1, -1):
                rows.append(
                    {
                        "series_status": status,
                        "horizon_weeks": horizon,
                        "method": method,
                        "nominal": round(1 - 2 * QUANTILES[k], 3),
                        "inside": interval_share(given, truth, (k, QUANTILES.size - 1 - k)),
                    }
                )
    return pd.DataFrame(rows)


def score_targets(tasks: Tasks) -> pd.DataFrame:
    """Return the Brier score of "reached within 4/8 weeks" by status, horizon and method.

    Targets are 40, 50 … 80 %; a unit counts at each target it has not reached at the origin.
    """
    rows = []
    for status in sorted(set(tasks.rows["series_status"])):
        for weeks in TARGET_WEEKS:
            chosen = (
                (tasks.rows["series_status"] == status) & (tasks.rows["horizon_weeks"] == weeks)
            ).to_numpy()
            part = tasks.where(chosen)
            for method, values in part.values.items():
                if np.isnan(values).any():
                    continue
                probability, happened = _target_outcomes(part.rows, values)
                rows.append(
                    {
                        "series_status": status,
                        "horizon_weeks": weeks,
                        "method": method,
                        "n_targets": happened.size,
                        "brier": brier_score(probability, happened),
                    }
                )
    return pd.DataFrame(rows)


def _target_outcomes(rows: pd.DataFrame, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return probabilities and 0/1 outcomes of every (unit, origin, target) still open at the origin."""
    now, truth = rows["now"].to_numpy(dtype=np.float64), rows["truth"].to_numpy(dtype=np.float64)
    chances, outcomes = [], []
    for target in TARGETS_PCT:
        still_open = now < target
        chances.append(probability_above(values[still_open], target))
        outcomes.append((truth[still_open] >= target).astype(np.float64))
    return np.concatenate(chances), np.concatenate(outcomes)
