"""What the past weeks of a group tell about the pace to come: the features of the growth model.

All are logs of weekly gains or shares, so that they mean the same in a district and in a country. The
coverage is in percent of the whole population. The floor keeps a week without doses from being infinite.
"""

import numpy as np

from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import Panel, weekly_gains

GAIN_FLOOR = 0.05  # points a week added before taking logs
PEAK_WEEKS = 3  # the peak is that of the mean gain of three weeks
UNEVEN_WEEKS = 7
DEFAULT_UNEVENNESS = 0.5

Features = dict[str, FloatArray]

MOMENTUM = (
    "constant",
    "gain_2_to_1",
    "gain_4_to_2",
    "group_gain_1_to_4",
    "group_gain_2_to_8",
    "below_peak",
    "log_gain_4",
    "group_below_peak",
    "own_week",
    "uneven_gain_4_to_1",
    "level",
    "level_squared",
)
SPREAD = ("constant", "log_gain_4", "unevenness", "group_unevenness", "below_peak", "own_week_size")


def log_gain(gains: FloatArray) -> FloatArray:
    """Return the log of weekly gains in points, floored."""
    result: FloatArray = np.log(np.maximum(gains, 0.0) + GAIN_FLOOR)
    return result


def fill_from_group(values: FloatArray, default: float) -> FloatArray:
    """Give units without a value the group's median, or the default when no unit has one."""
    known = values[np.isfinite(values)]
    result: FloatArray = np.where(np.isfinite(values), values, np.median(known) if known.size else default)
    return result


def mean_known(values: FloatArray) -> FloatArray:
    """Return each unit's mean over its known weeks; NaN where none is known."""
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1)
    result: FloatArray = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return result


def _over_group(values: FloatArray) -> FloatArray:
    return np.full(values.shape, values.mean())


def momentum_features(past: Panel, status: str) -> Features:
    """Return the features of a status at the panel's last week, one value per unit.

    `log_gain_1` is the pace all others are relative to. A unit of one week takes the group's gains; a
    unit without a count now has NaN in `level` and so no forecast.
    """
    values = past.values[status]
    gains = weekly_gains(values)
    logs = {k: log_gain(fill_from_group(mean_known(gains[:, -k:]), 0.0)) for k in (1, 2, 4, 8)}
    group = {k: _over_group(value) for k, value in logs.items()}
    below = _below_peak(gains)
    uneven = _unevenness(gains)
    level = values[:, -1] / 100.0
    own_week = (logs[1] - group[1]) - (logs[4] - group[4])
    return {
        "constant": np.ones(level.size),
        "log_gain_1": logs[1],
        "gain_2_to_1": logs[2] - logs[1],
        "gain_4_to_2": logs[4] - logs[2],
        "group_gain_1_to_4": group[1] - group[4],
        "group_gain_2_to_8": group[2] - group[8],
        "below_peak": below,
        "log_gain_4": logs[4],
        "group_below_peak": _over_group(below) - below,
        "own_week": own_week,
        "own_week_size": np.abs(own_week),
        # Where weeks are uneven the last one tells less, and the pace returns further to the month's.
        "uneven_gain_4_to_1": uneven * (logs[4] - logs[1]),
        "level": level,
        "level_squared": level**2,
        "unevenness": uneven,
        "group_unevenness": _over_group(uneven),
    }


def _below_peak(gains: FloatArray) -> FloatArray:
    """Return the log of the last three weeks' gain over the highest three weeks so far (0: at the peak)."""
    known = np.nan_to_num(gains, nan=0.0)
    now = fill_from_group(mean_known(gains[:, -PEAK_WEEKS:]), 0.0)
    sums = np.cumsum(np.pad(known, ((0, 0), (1, 0))), axis=1)
    peak = now
    if gains.shape[1] >= PEAK_WEEKS:
        means = (sums[:, PEAK_WEEKS:] - sums[:, :-PEAK_WEEKS]) / PEAK_WEEKS
        peak = np.maximum(now, means.max(axis=1))
    result: FloatArray = log_gain(now) - log_gain(peak)
    return result


def _unevenness(gains: FloatArray) -> FloatArray:
    """Return the mean absolute change of the log gain from week to week over the last seven weeks."""
    recent = gains[:, -UNEVEN_WEEKS:]
    steps = np.abs(np.diff(np.where(np.isfinite(recent), log_gain(recent), np.nan), axis=1))
    return fill_from_group(mean_known(steps), DEFAULT_UNEVENNESS)
