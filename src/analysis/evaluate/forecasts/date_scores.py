"""How far the foretold day of reaching a target is from the day it was reached, in days."""

import numpy as np
import pandas as pd

from analysis.evaluate.forecasts.origins import ALL_HORIZONS, HORIZONS, Tasks
from analysis.evaluate.forecasts.score_tables import TARGETS_PCT
from analysis.trends.forecast.quantiles import INTERVAL_95, MEDIAN, FloatArray

WINDOWS = (HORIZONS, ALL_HORIZONS)  # horizons between which the paths are straight: 8 and 26 weeks ahead


def score_dates(tasks: Tasks) -> pd.DataFrame:
    """Return the error of the date reached by status and method, for targets of 40, 50 … 80 %.

    One case is a unit, an origin and a target still open then, reached within the window (`within_weeks`,
    8 or 26) in truth. Days are read off straight lines between the horizons. Columns: n_reached (cases),
    n_foretold (of them the middle of the forecast is there within the window too), mean_error_days (signed:
    above 0 foretold too late) and mean_abs_error_days over those, n_false (foretold, but not reached within
    the window), inside_95 (share of the cases open at the origin whose day, or that there was none, lies
    in the 95 % interval).
    """
    rows = []
    for horizons in WINDOWS:
        whole = _whole_paths(tasks.at_horizons(horizons), horizons)
        for status in sorted(set(whole.rows["series_status"])):
            part = whole.where((whole.rows["series_status"] == status).to_numpy())
            now = part.rows["now"].to_numpy(dtype=np.float64)[:: len(horizons)]
            reached = _crossings(now, part.rows["truth"].to_numpy(dtype=np.float64), horizons)
            first = {"series_status": status, "within_weeks": horizons[-1]}
            for method, values in part.values.items():
                if np.isnan(values).any():
                    continue
                late, foretold, early = (
                    _crossings(now, values[:, k], horizons) for k in (INTERVAL_95[0], MEDIAN, INTERVAL_95[1])
                )
                inside = ((reached >= early) & (reached <= late))[~np.isnan(reached)]
                found = _errors(foretold, reached) | {"inside_95": inside.mean() if inside.size else np.nan}
                rows.append(first | {"method": method} | found)
    return pd.DataFrame(rows)


def _whole_paths(tasks: Tasks, horizons: tuple[int, ...]) -> Tasks:
    """Return the tasks of units and origins whose truth is known at every horizon."""
    keys = ["country", "unit_code", "series_status", "origin"]
    known = tasks.rows.groupby(keys)["truth"].transform("size") == len(horizons)
    return tasks.where(known.to_numpy(dtype=np.bool_))


def _crossings(now: FloatArray, ahead: FloatArray, horizons: tuple[int, ...]) -> FloatArray:
    """Return the week in which each path reaches each target (paths × targets).

    Infinite where it is not reached within the last horizon, NaN where it was reached before.
    """
    nodes = np.array([0, *horizons], dtype=np.float64)
    paths = np.concatenate([now[:, None], ahead.reshape(-1, len(horizons))], axis=1)
    weeks = np.full((len(paths), len(TARGETS_PCT)), np.inf)
    for k, target in enumerate(TARGETS_PCT):
        above = paths >= target
        at = above.argmax(axis=1)
        right = np.maximum(at, 1)
        index = np.arange(len(paths))
        low, high = paths[index, right - 1], paths[index, right]
        share = np.divide(target - low, high - low, out=np.zeros_like(low), where=high > low)
        week = nodes[right - 1] + share * (nodes[right] - nodes[right - 1])
        weeks[:, k] = np.where(above[:, 0], np.nan, np.where(above.any(axis=1), week, np.inf))
    return weeks


def _errors(foretold: FloatArray, reached: FloatArray) -> dict[str, float]:
    both = np.isfinite(foretold) & np.isfinite(reached)
    days = 7.0 * (foretold[both] - reached[both])
    return {
        "n_reached": int(np.isfinite(reached).sum()),
        "n_foretold": int(both.sum()),
        "n_false": int((np.isfinite(foretold) & np.isinf(reached)).sum()),
        "mean_error_days": float(days.mean()) if days.size else float("nan"),
        "mean_abs_error_days": float(np.abs(days).mean()) if days.size else float("nan"),
    }
