"""Time of the forecasts of all provinces and districts, as a ratio to the plainest method in the same run.

63 provinces and 705 districts of invented weekly coverage × 2 statuses × all horizons of the way to a target ×
23 quantiles: what the trends stage asks of its model for one basis and age group. The plain method is `flat7`. The nowcast is timed
on an invented triangle of the same units.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter

import numpy as np

from analysis.evaluate.forecasts.rivals.methods import METHODS, OURS
from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import SERIES, Panel
from analysis.trends.nowcast.entry_lag import measure_lag
from analysis.trends.nowcast.triangle import Triangle
from analysis.trends.targets.ways import TARGET_HORIZONS

SEED = 5
PROVINCES, DISTRICTS, WEEKS = 63, 705, 35
TRIANGLE_DAYS, STEPS = 112, 13
REPEATS = 3
LARGEST_SECONDS = 2.0


def make_group(level: str, units: int, draws: np.random.Generator) -> Panel:
    """Return invented campaigns of one level: logistic, uneven, second doses five weeks later."""
    weeks = np.arange(WEEKS)
    middle, speed = draws.uniform(18, 30, (units, 1)), draws.uniform(0.15, 0.5, (units, 1))
    share = 70 / (1 + np.exp(-speed * (weeks - middle)))
    gains = np.diff(share, axis=1, prepend=0) * draws.lognormal(0, 0.3, (units, WEEKS))
    first = gains.cumsum(axis=1)
    second = np.pad(first, ((0, 0), (5, 0)))[:, :WEEKS] * 0.9
    days = np.datetime64("2021-11-07") - 7 * weeks[::-1]
    codes = tuple(f"{level}{k}" for k in range(units))
    return Panel(level, codes, days, {"at_least_one": first, "primary_complete": second})


def make_triangle(units: int, draws: np.random.Generator) -> Triangle:
    """Return an invented weekly triangle: counts of days, entered over thirteen weeks."""
    arrived = np.cumsum(draws.dirichlet(0.5 ** np.arange(STEPS) * 20, (units, TRIANGLE_DAYS)), axis=2)
    final = draws.integers(0, 400, (units, TRIANGLE_DAYS, 1))
    days = np.datetime64("2021-11-07") - np.arange(TRIANGLE_DAYS)[::-1]
    triangle = Triangle(tuple(map(str, range(units))), days, 7, np.floor(final * arrived))
    last = int(triangle.periods[-1])
    return Triangle(triangle.unit_codes, days, 7, triangle.known_at(last))


def forecast_all(method: str, groups: list[Panel]) -> FloatArray:
    """Forecast every unit and status once; return the quantiles (checked by their number)."""
    made = [METHODS[method](group, status, TARGET_HORIZONS) for group in groups for status in SERIES]
    return np.concatenate(made)


def best_time(run: Callable[[], object]) -> float:
    """Return the least of three times, in seconds."""
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


def main() -> None:
    """Print time per unit, the ratio to flat7, and the absolute times for information."""
    draws = np.random.default_rng(SEED)
    groups = [make_group("province", PROVINCES, draws), make_group("district", DISTRICTS, draws)]
    units = PROVINCES + DISTRICTS
    quantiles = forecast_all(OURS, groups).size
    ours, plain = (best_time(partial(forecast_all, m, groups)) for m in (OURS, "flat7"))
    triangle = make_triangle(DISTRICTS, draws)
    nowcast = best_time(partial(measure_lag, triangle))
    print(f"{units} units, 2 statuses, {len(TARGET_HORIZONS)} horizons: {quantiles} quantiles")
    print(f"{OURS}: {1000 * ours / units:.2f} ms a unit, {ours / plain:.1f} times flat7")
    print(f"nowcast of {DISTRICTS} districts: {nowcast / plain:.1f} times flat7")
    print(
        f"for information: {OURS} {ours:.2f} s, flat7 {plain:.3f} s, nowcast {nowcast:.2f} s on this machine"
    )
    if ours > LARGEST_SECONDS:
        raise SystemExit(f"the forecasts take longer than {LARGEST_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
