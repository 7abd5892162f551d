"""Second doses follow first doses: the interval estimated from the group's own recent weeks.

The second doses of a week are a weighted sum of the first doses of the weeks before (a convolution). The
weights are the shares of people who come back after 0 … 13 weeks; they are estimated anew at each origin
over a moving window, because they drift within a campaign (a product's interval is shortened, another
product takes over). Where first doses are known by product, each product has its own weights.
"""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

from analysis.trends.forecast.momentum import Features, log_gain
from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import Panel, weekly_gains

LAGS = 14  # weeks 0 … 13 after the first dose
WINDOW_WEEKS = 10
HALF_LIFE_WEEKS = 12.0  # of a week's weight in the least squares
ROUGHNESS = 0.03  # penalty on the second differences of the weights, relative to the data
SHRINKAGE = 0.009  # penalty on the weights themselves
DEFAULT_LAG = 4  # without any second dose: everyone after four weeks
RETURNING = 0.95  # share of first-dose people who come for the second (published schedules: all)
WAITING_FLOOR = 0.5  # points
PRODUCT_WEEKS = 2
MONTH_WEEKS = 4

SECOND_DOSES = ("interval_ahead", "interval_now", "interval_month", "waiting_ahead")


def estimate_kernels(parts: list[FloatArray], second: FloatArray) -> FloatArray:
    """Estimate the shares of people who get the second dose after 0 … 13 weeks (products × lags).

    `parts` are the weekly first doses of each product and `second` all weekly second doses (units × weeks,
    NaN where unknown). Non-negative least squares over the last ten weeks of all units, with a small
    penalty on roughness. Without any second dose the answer is "all after four weeks".
    """
    padded = [_padded(np.nan_to_num(part, nan=0.0)) for part in parts]
    weeks = second.shape[1]
    rows, truths = [], []
    for week in range(max(1, weeks - WINDOW_WEEKS), weeks):
        usable = np.isfinite(second[:, week])
        weight = 0.5 ** ((weeks - 1 - week) / HALF_LIFE_WEEKS)
        rows.append(weight * np.hstack([_lagged(part, week) for part in padded])[usable])
        truths.append(weight * second[usable, week])
    given = np.concatenate(truths) if truths else np.zeros(0)
    if given.sum() <= 0:
        return np.stack([_one_lag(DEFAULT_LAG)] * len(parts))
    design = np.concatenate(rows)
    scale = np.sqrt((design**2).sum() / LAGS + 1e-9)
    each = np.eye(len(parts))
    rough = ROUGHNESS * np.kron(each, np.diff(np.eye(LAGS), 2, axis=0))
    penalty = np.concatenate([rough, SHRINKAGE * np.eye(LAGS * len(parts))])
    # The triangular factor holds the same least squares in a few dozen rows instead of thousands. By einsum:
    # the threads of a matrix product cost more here than they save.
    normal = np.einsum("ri,rj->ij", design, design) / scale**2 + np.einsum("ri,rj->ij", penalty, penalty)
    factor = np.linalg.cholesky(normal)
    kernels, _ = nnls(
        factor.T, solve_triangular(factor, np.einsum("ri,r->i", design, given) / scale**2, lower=True)
    )
    return np.asarray(kernels, dtype=np.float64).reshape(len(parts), LAGS)


def expect_second_doses(past: Panel, ahead: FloatArray, since: int = 0) -> FloatArray:
    """Return the second doses that first doses announce for each known and coming week (units × weeks).

    `ahead`: first doses of the coming weeks, taken to be of the products of the last two weeks. `since`: the first
    week that is wanted.
    """
    first = weekly_gains(past.values["at_least_one"])
    shares = np.ones((*first.shape, 1)) if past.shares is None else past.shares
    parts = [first * shares[:, :, k] for k in range(shares.shape[2])]
    kernels = estimate_kernels(parts, weekly_gains(past.values["primary_complete"]))
    latest = shares[:, -PRODUCT_WEEKS:].mean(axis=1)
    expected = [
        convolve_kernel(part, ahead * latest[:, [k]], kernels[k], since) for k, part in enumerate(parts)
    ]
    return np.asarray(np.sum(expected, axis=0))


def _one_lag(lag: int) -> FloatArray:
    """Return the kernel of a group in which everyone comes back after `lag` weeks."""
    kernel: FloatArray = np.where(np.arange(LAGS) == lag, 1.0, 0.0)
    return kernel


def _padded(first: FloatArray) -> FloatArray:
    """Put 14 weeks without doses before the series, so that every lag exists."""
    return np.pad(first, ((0, 0), (LAGS, 0)))


def _lagged(padded: FloatArray, week: int) -> FloatArray:
    """Return the first doses 0 … 13 weeks before `week` (units × lags)."""
    lagged: FloatArray = padded[:, week + LAGS - np.arange(LAGS)]
    return lagged


def convolve_kernel(first: FloatArray, ahead: FloatArray, kernel: FloatArray, since: int = 0) -> FloatArray:
    """Return the second doses that the kernel expects in each known and coming week from `since` on (units × weeks)."""
    padded = _padded(np.concatenate([np.nan_to_num(first, nan=0.0), ahead], axis=1))
    weeks = range(since, first.shape[1] + ahead.shape[1])
    return np.stack([_lagged(padded, week) @ kernel for week in weeks], axis=1)


def second_dose_features(
    past: Panel, ahead: FloatArray, horizons: Sequence[int], momentum: Features
) -> dict[int, Features]:
    """Return, per horizon, the momentum and what first doses tell about second doses, relative to their pace.

    `ahead`: forecast first doses of the coming weeks (units × weeks, points). `interval_*`: the kernel's
    expectation for the coming weeks, the last week and the last month against what was given;
    `waiting_ahead`: people with one dose who wait for the other.
    """
    weeks = past.values["at_least_one"].shape[1]
    expected = expect_second_doses(past, ahead, since=max(0, weeks - MONTH_WEEKS))
    known = expected.shape[1] - ahead.shape[1]
    pace, month = momentum["log_gain_1"], momentum["log_gain_4"]
    reached = RETURNING * np.nan_to_num(past.values["at_least_one"][:, -1])
    waiting = np.maximum(reached - past.values["primary_complete"][:, -1], 0.0) + WAITING_FLOOR
    now = momentum | {
        "interval_now": log_gain(expected[:, known - 1]) - pace,
        "interval_month": log_gain(expected[:, :known].mean(axis=1)) - month,
    }
    return {
        h: now
        | {
            "interval_ahead": log_gain(expected[:, known : known + h].mean(axis=1)) - pace,
            "waiting_ahead": np.log(waiting + ahead[:, :h].sum(axis=1) / 2) - month,
        }
        for h in horizons
    }
