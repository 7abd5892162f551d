"""What the vaccine at hand and on its way allows: forecasts bend where the doses will not suffice.

Past weeks do not tell of a shortage before it is felt; stock and allocations do. What can be given within so
many weeks is the stock (allocated − administered − discarded) and what is allocated in between, thought to go
on as in the last four weeks. Where the doses that a forecast asks for are more, both statuses give way alike.
Without allocations, or with plenty, nothing changes. Boosters are not forecast and take no part.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.settings import RunParameters
from analysis.trends.forecast.histories import History
from analysis.trends.forecast.quantiles import QUANTILES, FloatArray, keep_cumulative

PACE_WEEKS = 4
# Allocations of coming weeks are as uncertain as this: by a factor of e^0.5 up or down two times in three.
ALLOCATION_SPREAD = 0.5
COLUMNS = ["doses_left", "doses_per_week"]


def read_supply(con: duckdb.DuckDBPyConnection, run: RunParameters) -> pd.DataFrame:
    """Return per unit (index `unit_level, unit_code`) the doses left and the pace of allocations.

    `doses_left`: allocated − administered − discarded at `as_of`; `doses_per_week`: mean of what was
    allocated a week over the last four, NaN where the allocations of four weeks ago are unknown. Needs the
    view `supply`. A unit whose allocation is unknown is absent.
    """
    frame: pd.DataFrame = con.execute(
        """
        WITH known AS (
            SELECT unit_level, unit_code, reference_date, CAST(doses_allocated AS DOUBLE) AS allocated,
                   CAST(coalesce(doses_administered, 0) + coalesce(doses_discarded, 0) AS DOUBLE) AS used
            FROM supply WHERE reference_date <= $as_of AND doses_allocated IS NOT NULL
        )
        SELECT n.unit_level, n.unit_code, n.allocated - n.used AS doses_left,
               greatest(n.allocated - b.allocated, 0) / $weeks AS doses_per_week
        FROM known AS n
        LEFT JOIN known AS b ON b.unit_level = n.unit_level AND b.unit_code = n.unit_code
             AND b.reference_date = n.reference_date - CAST(7 * $weeks AS INTEGER)
        QUALIFY row_number() OVER (
            PARTITION BY n.unit_level, n.unit_code ORDER BY n.reference_date DESC) = 1
        ORDER BY ALL
        """,
        {"as_of": run.as_of, "weeks": PACE_WEEKS},
    ).df()
    return frame.set_index(["unit_level", "unit_code"])[COLUMNS].astype(np.float64)


def supply_of(supply: pd.DataFrame, history: History) -> pd.DataFrame:
    """Return the rows of a group's units in their order, NaN where nothing is known."""
    keys = pd.MultiIndex.from_product([[history.unit_level], history.panel.unit_codes])
    return supply.reindex(keys)


def supply_share(
    history: History, forecasts: dict[str, FloatArray], supply: pd.DataFrame, horizons: Sequence[int]
) -> FloatArray:
    """Return what part of its forecast gains a unit has the doses for (units × horizons × 23, at most 1).

    `forecasts[status]` are percents of the group's population; its counts must be those of the unit's own
    reports, as the supply is.
    """
    given = supply_of(supply, history)
    left, pace = (given[name].to_numpy()[:, None, None] for name in COLUMNS)
    ahead = np.asarray(horizons, dtype=np.float64)[None, :, None]
    # In step with the demand: high quantiles of need meet high quantiles of supply.
    allowed = np.maximum(left, 0.0) + pace * ahead * np.exp(ALLOCATION_SPREAD * norm.ppf(QUANTILES))
    needed = np.zeros_like(allowed)
    for status, values in forecasts.items():
        now = history.panel.values[status][:, [-1]][..., None]
        gains = np.nan_to_num(values - now) * history.population[:, None, None] / 100.0
        needed = needed + np.maximum(gains, 0.0)
    short = np.isfinite(allowed) & np.isfinite(needed) & (needed > allowed)
    return np.asarray(np.divide(allowed, needed, out=np.ones_like(needed), where=short))


def limit_gains(values: FloatArray, now: FloatArray, share: FloatArray) -> FloatArray:
    """Return a forecast (units × horizons × 23) of which only a share of the gains since `now` is possible."""
    gains = np.maximum.accumulate((values - now[:, None, None]) * share, axis=1)
    limited = keep_cumulative(now[:, None, None] + gains, now)
    is_short = np.asarray((share < 1.0).any(axis=(1, 2)))
    return np.where(is_short[:, None, None], limited, values)
