"""The forecasts a backtest makes: which unit, at which origin, how far ahead, and what came true."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.trends.forecast.growth import Forecaster
from analysis.trends.forecast.quantiles import QUANTILES, FloatArray
from analysis.trends.forecast.series import SERIES, WEEK, Panel

BoolArray = NDArray[np.bool_]

HORIZONS = (1, 2, 4, 8)  # weeks, of the protocol
FURTHER_HORIZONS = (3, 6, 12, 16, 26)  # that the way to a target is read off as well
ALL_HORIZONS = tuple(sorted((*HORIZONS, *FURTHER_HORIZONS)))
FIRST_ORIGIN = np.datetime64("2021-02-14")
LAST_ORIGIN = np.datetime64("2021-12-26")
ORIGIN_STEP = 3 * WEEK
MIN_COVERAGE_PCT = 2.0


@dataclass(frozen=True)
class Tasks:
    """Forecast tasks (`rows`) and the 23 quantiles each method gave (`values[method]`, rows × 23).

    Columns of `rows`: country, unit_code, series_status, origin, horizon_weeks, target_date, now (percent
    at the origin), truth (percent at the target day, NaN when the series does not tell). `bends[method]`
    (rows × 2) bends the chances of a method that tells them otherwise than its quantiles do.
    """

    rows: pd.DataFrame
    values: dict[str, FloatArray]
    bends: dict[str, FloatArray] = field(default_factory=dict)

    def where(self, chosen: BoolArray) -> "Tasks":
        """Return the tasks for which `chosen` holds."""
        rows = self.rows[chosen].reset_index(drop=True)
        values, bends = ({name: v[chosen] for name, v in of.items()} for of in (self.values, self.bends))
        return Tasks(rows, values, bends)

    def at_horizons(self, horizons: tuple[int, ...]) -> "Tasks":
        """Return the tasks of some horizons."""
        return self.where(self.rows["horizon_weeks"].isin(horizons).to_numpy(dtype=np.bool_))


def origins_of(panel: Panel) -> Iterator[np.datetime64]:
    """Give, for each origin of the protocol, the panel's own week that ends on it or up to 6 days before."""
    for nominal in np.arange(FIRST_ORIGIN, LAST_ORIGIN + WEEK, ORIGIN_STEP):
        known = panel.weeks[panel.weeks <= nominal]
        if known.size and nominal - known[-1] < WEEK:
            yield known[-1]


def make_tasks(panels: list[Panel], methods: Mapping[str, Forecaster]) -> Tasks:
    """Forecast every unit of every panel at every origin with every method.

    A method is given the past up to the origin only: nothing later can reach it.
    """
    rows: list[pd.DataFrame] = [_no_rows()]
    values: dict[str, list[FloatArray]] = {m: [np.empty((0, QUANTILES.size))] for m in methods}
    for panel in panels:
        for origin in origins_of(panel):
            past = panel.until(origin)
            for status in SERIES:
                entered = _entered(panel, past, status)
                if not entered.any():
                    continue
                rows.append(_task_rows(panel, status, origin, entered))
                for name, method in methods.items():
                    given = method(past, status, ALL_HORIZONS)[entered]
                    values[name].append(given.reshape(-1, QUANTILES.size))
    return Tasks(
        pd.concat(rows, ignore_index=True), {name: np.concatenate(given) for name, given in values.items()}
    )


def _entered(panel: Panel, past: Panel, status: str) -> BoolArray:
    """Say which units are forecast: those with a count of their own at the origin of at least 2 %."""
    now = panel.values[status][:, len(past.weeks) - 1]
    entered: BoolArray = np.nan_to_num(now, nan=0.0) >= MIN_COVERAGE_PCT
    return entered


def _no_rows() -> pd.DataFrame:
    names = [
        "country",
        "unit_code",
        "series_status",
        "origin",
        "horizon_weeks",
        "target_date",
        "now",
        "truth",
    ]
    return pd.DataFrame({name: pd.Series(dtype=object) for name in names})


def _task_rows(panel: Panel, status: str, origin: np.datetime64, entered: BoolArray) -> pd.DataFrame:
    """Return the tasks of one origin, unit by unit and horizon by horizon."""
    units = np.flatnonzero(entered)
    position = int(np.searchsorted(panel.weeks, origin))
    ahead = position + np.tile(ALL_HORIZONS, units.size)
    rows = np.repeat(units, len(ALL_HORIZONS))
    inside = ahead < len(panel.weeks)
    truth = np.where(inside, panel.values[status][rows, np.minimum(ahead, len(panel.weeks) - 1)], np.nan)
    horizons = np.tile(ALL_HORIZONS, units.size)
    return pd.DataFrame(
        {
            "country": panel.country,
            "unit_code": [panel.unit_codes[k] for k in rows],
            "series_status": status,
            "origin": origin,
            "horizon_weeks": horizons,
            "target_date": origin + horizons * WEEK,
            "now": panel.values[status][rows, position],
            "truth": truth,
        }
    )
