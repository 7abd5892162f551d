"""Campaigns that did not happen but could have: what the coefficients are learned from.

Two real countries would teach the model their own level, speed and interval. So each real panel is also
shown at another final uptake (scale), another speed, with uneven reporting, and with second doses after
other intervals. Scale-free habits survive this; habits of one country do not.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.trends.scoring import FloatArray
from analysis.trends.series import Panel

SEED = 5
PER_COUNTRY = 14
SCALES, SPEEDS = (
    (0.55, 1.4),
    (0.7, 1.4),
)  # final uptake of 40 … 100 % of a population; campaigns of 5 … 12 months
LATE_SHARES = (0.0, 0.3, 0.6)
INTERVALS = ("short", "long", "shortened", "two_products")
MAX_INTERVAL = 20  # weeks


@dataclass(frozen=True)
class Recipe:
    """How one pseudo-country is made; `interval` None keeps the real second doses."""

    seed: int
    scale: float = 1.0
    speed: float = 1.0
    late_share: float = 0.0
    interval: str | None = None


def make_recipes() -> list[Recipe]:
    """Return the recipes: the real country first, then 14 others drawn with a fixed seed."""
    draws = np.random.default_rng(SEED)
    recipes = [Recipe(0)]
    for k in range(1, PER_COUNTRY + 1):
        scale = float(np.exp(draws.uniform(*np.log(SCALES))))
        speed = float(np.exp(draws.uniform(*np.log(SPEEDS))))
        late = LATE_SHARES[int(draws.integers(len(LATE_SHARES)))]
        interval = INTERVALS[(k // 2) % len(INTERVALS)] if k % 2 == 0 else None
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
    for status, series in panel.values.items():
        drawn = np.stack([np.interp(moments, weeks, row) for row in np.nan_to_num(series)])
        known = moments[None, :] >= np.isfinite(series).argmax(axis=1)[:, None]
        values[status] = np.where(known, recipe.scale * _report_late(drawn, late), np.nan)
    warped = Panel(panel.country, panel.unit_codes, panel.weeks[: moments.size], values)
    return warped if recipe.interval is None else _with_interval(warped, recipe.interval, draws)


def _late_shares(draws: np.random.Generator, size: tuple[int, int], strength: float) -> FloatArray:
    """Draw the share of each week's doses reported a week late: half common to all units, half their own."""
    common, own = draws.beta(1, 4, size[1]), draws.beta(1, 4, size)
    return np.clip(strength * (common + own), 0.0, 0.8)


def _report_late(cumulative: FloatArray, late: FloatArray) -> FloatArray:
    gains = np.diff(cumulative, axis=1, prepend=0.0)
    moved = gains * late
    kept = gains - moved
    kept[:, 1:] += moved[:, :-1]
    return np.cumsum(kept, axis=1)


def _with_interval(panel: Panel, interval: str, draws: np.random.Generator) -> Panel:
    """Replace second doses by first doses of earlier weeks, held up unevenly by supply."""
    first = np.nan_to_num(panel.values["at_least_one"])
    gains = np.diff(first, axis=1, prepend=0.0)
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
