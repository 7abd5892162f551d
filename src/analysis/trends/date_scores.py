"""How far the foretold day of reaching a target is from the day it was reached, in days."""

import numpy as np
import pandas as pd

from analysis.trends.score_tables import TARGETS_PCT
from analysis.trends.scoring import MEDIAN, FloatArray
from analysis.trends.tasks import HORIZONS, Tasks

NODES = np.array([0, *HORIZONS], dtype=np.float64)


def score_dates(tasks: Tasks) -> pd.DataFrame:
    """Return the error of the date reached by status and method, for targets of 40, 50 … 80 %.

    One case is a unit, an origin and a target still open then, reached within 8 weeks in truth. Both days
    are read off straight lines between the horizons. Columns: n_reached (cases), n_foretold (of them the
    middle of the forecast is there within 8 weeks too), mean_error_days (signed: above 0 foretold too
    late) and mean_abs_error_days over those, n_false (foretold, but not reached within 8 weeks).
    """
    whole = _whole_paths(tasks)
    rows = []
    for status in sorted(set(whole.rows["series_status"])):
        part = whole.where((whole.rows["series_status"] == status).to_numpy())
        now = part.rows["now"].to_numpy(dtype=np.float64)[:: len(HORIZONS)]
        reached = _crossings(now, part.rows["truth"].to_numpy(dtype=np.float64))
        for method, values in part.values.items():
            if np.isnan(values).any():
                continue
            foretold = _crossings(now, values[:, MEDIAN])
            rows.append({"series_status": status, "method": method} | _errors(foretold, reached))
    return pd.DataFrame(rows)


def _whole_paths(tasks: Tasks) -> Tasks:
    """Return the tasks of units and origins whose truth is known at every horizon."""
    keys = ["country", "unit_code", "series_status", "origin"]
    known = tasks.rows.groupby(keys)["truth"].transform("size") == len(HORIZONS)
    return tasks.where(known.to_numpy(dtype=np.bool_))


def _crossings(now: FloatArray, ahead: FloatArray) -> FloatArray:
    """Return the week in which each path reaches each target (paths × targets).

    Infinite where it is not reached within the last horizon, NaN where it was reached before.
    """
    paths = np.concatenate([now[:, None], ahead.reshape(-1, len(HORIZONS))], axis=1)
    weeks = np.full((len(paths), len(TARGETS_PCT)), np.inf)
    for k, target in enumerate(TARGETS_PCT):
        above = paths >= target
        at = above.argmax(axis=1)
        right = np.maximum(at, 1)
        index = np.arange(len(paths))
        low, high = paths[index, right - 1], paths[index, right]
        share = np.divide(target - low, high - low, out=np.zeros_like(low), where=high > low)
        week = NODES[right - 1] + share * (NODES[right] - NODES[right - 1])
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
