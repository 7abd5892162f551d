"""Score tables of a backtest: interval scores by horizon, Brier scores of reaching a target."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.evaluate.forecasts.clusters import ratio_interval
from analysis.evaluate.forecasts.interval_scores import (
    brier_score,
    interval_share,
    median_bias,
    weighted_interval_score,
)
from analysis.evaluate.forecasts.origins import Tasks
from analysis.trends.forecast.chances import bend_chance
from analysis.trends.forecast.quantiles import (
    INTERVAL_50,
    INTERVAL_95,
    MEDIAN,
    QUANTILES,
    FloatArray,
    probability_above,
)

IndexArray = NDArray[np.int64]

TARGETS_PCT = (40.0, 50.0, 60.0, 70.0, 80.0)
HOLDING_95 = (0.88, 0.99)  # shares in 95 % of one country that count as holding
TENTHS = 10
KEYS = ["series_status", "horizon_weeks", "method"]


def score_tasks(tasks: Tasks) -> pd.DataFrame:
    """Return WIS, WIS relative to flat7, interval shares and bias by status, horizon and method.

    `rel_wis_flat7` is pooled over all tasks, `rel_wis_by_country` the mean of the countries' own ratios.
    `rel_wis_low` and `rel_wis_high` are the 95 % interval of the pooled one over (country, origin) clusters;
    `n_holding_95` counts the countries of which 88 to 99 % of truths are inside the 95 % interval. A method
    that does not forecast a status (NaN) has no row for it.
    """
    if tasks.rows.empty:
        return pd.DataFrame(columns=KEYS)
    countries = score_countries(tasks)
    countries["is_holding"] = countries["coverage_95"].between(*HOLDING_95)
    of_countries = countries.groupby(KEYS, sort=False).agg(
        rel_wis_by_country=("rel_wis_flat7", "mean"),
        n_countries=("country", "size"),
        n_holding_95=("is_holding", "sum"),
    )
    rows = []
    for chosen, part, method, given in _given(tasks):
        row = _score(tasks, chosen, given)
        truth = part["truth"].to_numpy(dtype=np.float64)
        flat = weighted_interval_score(tasks.values["flat7"][chosen], truth)
        low, high = ratio_interval(part, weighted_interval_score(given, truth), flat)
        status, horizon = part["series_status"].iloc[0], part["horizon_weeks"].iloc[0]
        first = {"series_status": status, "horizon_weeks": horizon, "method": method}
        rows.append(first | row | {"rel_wis_low": low, "rel_wis_high": high})
    return pd.DataFrame(rows).merge(of_countries.reset_index(), on=KEYS, validate="1:1")


def score_countries(tasks: Tasks) -> pd.DataFrame:
    """Return the same scores of each country by itself, without intervals of the comparison."""
    rows = []
    for _, part, method, given in _given(tasks):
        positions = np.arange(len(part))
        for country, own in part.groupby("country", sort=True):
            inside = positions[(part["country"] == country).to_numpy()]
            status, horizon = own["series_status"].iloc[0], own["horizon_weeks"].iloc[0]
            first = {"country": country, "series_status": status, "horizon_weeks": horizon, "method": method}
            rows.append(first | _score(tasks, own.index.to_numpy(), given[inside]))
    return pd.DataFrame(rows)


def _given(tasks: Tasks) -> Iterator[tuple[IndexArray, pd.DataFrame, str, FloatArray]]:
    """Give the tasks of each status and horizon with each method's forecasts, where it makes them."""
    for _, part in tasks.rows.groupby(["series_status", "horizon_weeks"], sort=True):
        chosen = part.index.to_numpy()
        for method, values in tasks.values.items():
            if not np.isnan(values[chosen]).any():
                yield chosen, part, method, values[chosen]


def _score(tasks: Tasks, chosen: IndexArray, given: FloatArray) -> dict[str, float]:
    """Return the scores of forecasts of the chosen tasks."""
    truth = tasks.rows["truth"].to_numpy(dtype=np.float64)[chosen]
    flat = weighted_interval_score(tasks.values["flat7"][chosen], truth).mean()
    wis = weighted_interval_score(given, truth).mean()
    return {
        "n_tasks": truth.size,
        "wis": wis,
        "rel_wis_flat7": wis / flat if flat > 0 else float("nan"),
        "coverage_50": interval_share(given, truth, INTERVAL_50),
        "coverage_95": interval_share(given, truth, INTERVAL_95),
        "bias": median_bias(given, truth),
    }


def score_reliability(tasks: Tasks) -> pd.DataFrame:
    """Return the share of truths inside each of the 11 central intervals by status, horizon and method."""
    rows = []
    for _, part, method, given in _given(tasks):
        truth = part["truth"].to_numpy(dtype=np.float64)
        for k in range(MEDIAN - 1, -1, -1):
            rows.append(
                {
                    "series_status": part["series_status"].iloc[0],
                    "horizon_weeks": part["horizon_weeks"].iloc[0],
                    "method": method,
                    "nominal": round(1 - 2 * QUANTILES[k], 3),
                    "inside": interval_share(given, truth, (k, QUANTILES.size - 1 - k)),
                    "n_tasks": truth.size,
                }
            )
    return pd.DataFrame(rows)


def score_targets(tasks: Tasks) -> pd.DataFrame:
    """Return the Brier score of "reached within so many weeks" by status, horizon and method.

    Targets are 40, 50 … 80 %; a unit counts at each target it has not reached at the origin.
    """
    rows = []
    for _, part, method, given in _given(tasks):
        probability, happened = _told_outcomes(tasks, part, method, given)
        rows.append(
            {
                "series_status": part["series_status"].iloc[0],
                "horizon_weeks": part["horizon_weeks"].iloc[0],
                "method": method,
                "n_targets": happened.size,
                "brier": brier_score(probability, happened),
            }
        )
    return pd.DataFrame(rows)


def score_chances(tasks: Tasks) -> pd.DataFrame:
    """Return how often targets came true by tenth of the chance given: n_targets, mean chance, share reached."""
    rows = []
    for _, part, method, given in _given(tasks):
        probability, happened = _told_outcomes(tasks, part, method, given)
        tenth = np.minimum((probability * TENTHS).astype(np.int64), TENTHS - 1)
        for k in sorted(set(tenth.tolist())):
            rows.append(
                {
                    "series_status": part["series_status"].iloc[0],
                    "horizon_weeks": part["horizon_weeks"].iloc[0],
                    "method": method,
                    "tenth": k,
                    "n_targets": int((tenth == k).sum()),
                    "chance": probability[tenth == k].mean(),
                    "reached": happened[tenth == k].mean(),
                }
            )
    return pd.DataFrame(rows)


def _told_outcomes(
    tasks: Tasks, part: pd.DataFrame, method: str, given: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities as the method tells them, bent where it bends them, and what came true."""
    probability, happened, row = target_outcomes(part, given)
    bend = tasks.bends.get(method)
    if bend is None:
        return probability, happened
    return bend_chance(probability, bend[part.index.to_numpy()][row]), happened


def target_outcomes(rows: pd.DataFrame, values: FloatArray) -> tuple[FloatArray, FloatArray, IndexArray]:
    """Return probabilities and 0/1 outcomes of every (task, target) still open, and which task each is of."""
    now, truth = rows["now"].to_numpy(dtype=np.float64), rows["truth"].to_numpy(dtype=np.float64)
    chances, outcomes, tasks = [], [], []
    for target in TARGETS_PCT:
        still_open = np.flatnonzero(now < target)
        chances.append(probability_above(values[still_open], target))
        outcomes.append((truth[still_open] >= target).astype(np.float64))
        tasks.append(still_open)
    return np.concatenate(chances), np.concatenate(outcomes), np.concatenate(tasks)
