"""The chain ladder: how much of a day is still to come, learned by unit and weekday.

Each step from one look at the register to the next has a ratio: the doses then over the doses before, of
the last eight days of that weekday. A unit's ratio leans on its group's (stretched by how late the unit is
on the whole) as far as its own doses are few.
"""

import numpy as np

from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.nowcast.triangle import WEEKDAYS, Triangle

HISTORY_WEEKS = 8
PRIOR_DAYS, PRIOR_DOSES = 1.0, 10.0  # what the group's ratio weighs: a mean day, and at least so many doses
# A day on which a whole register came late must not become the rule: steps beyond three times the usual,
# and beyond two in a hundred and the noise of counting, are cut.
LARGEST_STEP, STEP_SLACK, NOISE = 3.0, 0.02, 1.0
LATENESS = (0.05, 5.0)  # a unit's lateness relative to its group


def learn_growth(triangle: Triangle, as_of: int) -> FloatArray:
    """Return final ÷ known of units × 7 weekdays × steps, from what was known at the end of a period."""
    before, after = _known_pairs(triangle.known_at(as_of))
    after = _cut_shocks(before, after)
    known, grown = before.sum(axis=1), after.sum(axis=1)
    group = _ratio(known.sum(axis=0), grown.sum(axis=0))
    weight = PRIOR_DAYS * _ratio((before > 0).sum(axis=1), known, default=0.0) + PRIOR_DOSES
    ratio = np.maximum((grown + weight * _prior_ratios(known, grown, group)) / (known + weight), 0.0)
    growth = np.ones((*ratio.shape[:2], ratio.shape[2] + 1))
    growth[:, :, :-1] = ratio[:, :, ::-1].cumprod(axis=2)[:, :, ::-1]
    return growth


def _known_pairs(known: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the doses known at each step and at the next: units × days of a weekday × 7 × steps.

    Only the last eight days of a weekday for which both are known keep their doses; others are 0.
    """
    units, days, steps = known.shape
    cells = np.pad(known, ((0, 0), (0, -days % WEEKDAYS), (0, 0)), constant_values=np.nan)
    cells = cells.reshape(units, -1, WEEKDAYS, steps)
    before, after = cells[..., :-1], cells[..., 1:]
    both = np.isfinite(before) & np.isfinite(after)
    told = np.asarray(both.any(axis=0))
    recent = told[::-1].cumsum(axis=0)[::-1] <= HISTORY_WEEKS
    used = both & recent
    return np.where(used, before, 0.0), np.where(used, after, 0.0)


def _ratio(whole: FloatArray, part: FloatArray, default: float = 1.0) -> FloatArray:
    """Return part ÷ whole, the default where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, default), where=whole > 0))


def _cut_shocks(before: FloatArray, after: FloatArray) -> FloatArray:
    """Pull steps far beyond the unit's usual one (the median of its days) down to the stated limits."""
    group = _ratio(before.sum(axis=(0, 1)), after.sum(axis=(0, 1)))
    own = np.where(before > 0, _ratio(before, after), np.nan)
    usual = _median_known(own)
    usual = (np.where(np.isfinite(usual), usual, group) - 1.0)[:, None]
    noise = STEP_SLACK * before + NOISE * np.sqrt(np.maximum(group - 1.0, 0.0) * before) + NOISE
    low = before * (1.0 + LARGEST_STEP * np.minimum(usual, 0.0)) - noise
    high = before * (1.0 + LARGEST_STEP * np.maximum(usual, 0.0)) + noise
    return np.where(before > 0, np.clip(after, low, high), after)


def _median_known(values: FloatArray) -> FloatArray:
    """Return the median over axis 1 of the known values, NaN where none is known (fast: one sort)."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    last = np.isfinite(values).sum(axis=1) - 1
    middle = [
        np.take_along_axis(ordered, np.maximum(k, 0)[:, None], axis=1)[:, 0]
        for k in (last // 2, (last + 1) // 2)
    ]
    return np.asarray((middle[0] + middle[1]) / 2)


def _prior_ratios(known: FloatArray, grown: FloatArray, group: FloatArray) -> FloatArray:
    """Return the group's ratios for each unit, stretched by how late it is against its group."""
    expected = (known * (group - 1.0)).sum(axis=(1, 2)) + PRIOR_DOSES
    found = (grown - known).sum(axis=(1, 2)) + PRIOR_DOSES
    lateness = np.clip(_ratio(expected, found), *LATENESS)
    return np.asarray(1.0 + (group - 1.0) * lateness[:, None, None])
