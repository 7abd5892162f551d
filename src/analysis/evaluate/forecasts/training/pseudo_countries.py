"""Campaigns that did not happen but could have: how second doses follow first ones elsewhere.

Real countries show few intervals between doses, and each its own. So every real panel is also shown at
another final uptake (scale), another speed, with uneven reporting, and with second doses after other
intervals. First doses are learned from real campaigns alone: invented ones did them harm.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import Panel

SEED = 5
# Final uptake of 40 … 100 % of a population; campaigns of 5 … 12 months.
SCALES, SPEEDS = (0.55, 1.4), (0.7, 1.4)
LATE_SHARES = (0.0, 0.3, 0.6)
INTERVALS = ("long", "shortened", "two_products", "short")
MAX_INTERVAL = 20  # weeks


@dataclass(frozen=True)
class Recipe:
    """How one pseudo-country is made from a real one."""

    seed: int
    scale: float
    speed: float
    late_share: float
    interval: str


def make_recipes() -> list[Recipe]:
    """Return one recipe for each kind of interval, drawn with a fixed seed."""
    draws = np.random.default_rng(SEED)
    recipes = []
    for k, interval in enumerate(INTERVALS, start=1):
        scale = float(np.exp(draws.uniform(*np.log(SCALES))))
        speed = float(np.exp(draws.uniform(*np.log(SPEEDS))))
        late = LATE_SHARES[int(draws.integers(len(LATE_SHARES)))]
        recipes.append(Recipe(k, scale, speed, late, interval))
    return recipes


def make_pseudo_country(panel: Panel, recipe: Recipe) -> Panel:
    """Return the panel at another scale, speed, evenness of reporting and interval."""
    draws = np.random.default_rng(recipe.seed)
    weeks = np.arange(panel.weeks.size)
    moments = weeks * recipe.speed
    moments = moments[moments <= weeks[-1]]
    late = _late_shares(draws, (len(panel.unit_codes), moments.size), recipe.late_share)
    values = {}
    for status, series in panel.until(panel.weeks[-1]).values.items():
        drawn = np.stack([_at_moments(moments, row) for row in series])
        values[status] = recipe.scale * _report_late(drawn, late)
    warped = Panel(panel.country, panel.unit_codes, panel.weeks[: moments.size], values)
    return _with_interval(warped, recipe.interval, draws)


def _at_moments(moments: FloatArray, row: FloatArray) -> FloatArray:
    """Return a cumulative series between its weeks; unknown before the first and after the last known one."""
    known = np.flatnonzero(np.isfinite(row))
    if not known.size:
        return np.full(moments.size, np.nan)
    inside = (moments >= known[0]) & (moments <= known[-1])
    return np.where(inside, np.interp(moments, known, row[known]), np.nan)


def _late_shares(draws: np.random.Generator, size: tuple[int, int], strength: float) -> FloatArray:
    """Draw the share of each week's doses reported a week late: half common to all units, half their own."""
    common, own = draws.beta(1, 4, size[1]), draws.beta(1, 4, size)
    return np.clip(strength * (common + own), 0.0, 0.8)


def _report_late(cumulative: FloatArray, late: FloatArray) -> FloatArray:
    gains = _gains(cumulative)
    moved = gains * late
    kept = gains - moved
    kept[:, 1:] += moved[:, :-1]
    return np.where(np.isfinite(cumulative), np.cumsum(kept, axis=1), np.nan)


def _gains(cumulative: FloatArray) -> FloatArray:
    """Return the gains of each week, 0 where the count is not known."""
    known = np.maximum.accumulate(np.nan_to_num(cumulative), axis=1)
    return np.diff(known, axis=1, prepend=0.0)


def _with_interval(panel: Panel, interval: str, draws: np.random.Generator) -> Panel:
    """Replace second doses by first doses of earlier weeks, held up unevenly by supply."""
    gains = _gains(panel.values["at_least_one"])
    units, weeks = gains.shape
    due = np.zeros((units, weeks))
    for week, kernel in enumerate(_kernels(interval, weeks, draws)):
        reach = min(MAX_INTERVAL, weeks - week)
        due[:, week : week + reach] += gains[:, week][:, None] * kernel[:reach]
    noise = draws.uniform(0.05, 0.35)
    held = np.abs(draws.normal(0, 0.6 * noise, weeks) + draws.normal(0, noise, (units, weeks)))
    second = draws.uniform(0.85, 0.98) * np.cumsum(_hold_up(due, np.minimum(held, 0.8)), axis=1)
    second = np.where(np.isfinite(panel.values["at_least_one"]), second, np.nan)
    return replace(panel, values=panel.values | {"primary_complete": second})


def _hold_up(due: FloatArray, held: FloatArray) -> FloatArray:
    """Give what is due less the share held up, which is given in the week after."""
    given, waiting = np.zeros_like(due), np.zeros(due.shape[0])
    for week in range(due.shape[1]):
        owed = due[:, week] + waiting
        given[:, week] = owed * (1 - held[:, week])
        waiting = owed - given[:, week]
    return given


def _kernels(interval: str, weeks: int, draws: np.random.Generator) -> list[FloatArray]:
    """Return, for first doses of each week, the shares that come back after 0 … 19 weeks."""
    progress = np.minimum(1.0, np.maximum(0, np.arange(weeks) - 10) / 25)
    if interval == "short":
        lag = float(draws.choice([3, 4, 6]))
        return [_bump(lag, 0.5)] * weeks
    if interval == "long":
        lag = float(draws.choice([8, 10, 12]))
        return [_bump(lag, 1.0)] * weeks
    if interval == "shortened":
        early, late = draws.uniform(8, 13), draws.uniform(3, 5)
        return [_bump(early + (late - early) * p, 1.0) for p in progress]
    short, long = _bump(draws.uniform(3, 4), 0.6), _bump(draws.uniform(8, 12), 1.2)
    start, end = draws.uniform(0, 1, 2)
    return [short + (long - short) * (start + (end - start) * p) for p in progress]


def _bump(centre: float, width: float) -> FloatArray:
    shares = np.exp(-0.5 * ((np.arange(MAX_INTERVAL) - centre) / width) ** 2)
    return np.asarray(shares / shares.sum())
