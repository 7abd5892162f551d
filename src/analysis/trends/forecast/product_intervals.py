"""The products of first doses: each has its own interval, so second doses are told better by product."""

import duckdb
import numpy as np
import pandas as pd

from analysis.trends.forecast.quantiles import FloatArray
from analysis.trends.forecast.series import WEEK, DateArray

LARGEST_PRODUCTS = 2  # the others together are one more: each has 14 weights to be learned from ten weeks
PRIOR_DOSES = 20.0  # of the group's products of that week, for units with few doses
OTHER = "other"


def read_products(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return rows `unit_level, unit_code, day, product, doses`; needs the view `first_doses_by_product`."""
    frame: pd.DataFrame = con.execute(
        "SELECT unit_level, unit_code, reference_date AS day, vaccine AS product, "
        "CAST(doses AS DOUBLE) AS doses FROM first_doses_by_product ORDER BY ALL"
    ).df()
    return frame


def share_products(rows: pd.DataFrame, units: tuple[str, ...], weeks: DateArray) -> FloatArray | None:
    """Return the share of each product in the first doses of each week (units × weeks × products).

    A unit's shares lean on its group's as far as its doses are few; a week without any dose takes the
    shares of all weeks. None where no unit has a dose.
    """
    rows = rows[rows["unit_code"].isin(units) & (rows["day"] <= weeks[-1])]
    if rows.empty or rows["doses"].sum() <= 0:
        return None
    totals = rows.groupby("product", sort=True)["doses"].sum().sort_values(ascending=False, kind="stable")
    names = [*totals.index[:LARGEST_PRODUCTS], OTHER]
    doses = np.zeros((len(units), weeks.size, len(names)))
    unit = np.searchsorted(np.array(units, dtype=object), rows["unit_code"].to_numpy(dtype=object))
    days = rows["day"].to_numpy(dtype="datetime64[D]")
    week = np.maximum(weeks.size - 1 - (weeks[-1] - days) // WEEK, 0).astype(np.int64)
    place = rows["product"].map({n: k for k, n in enumerate(names)}).fillna(len(names) - 1)
    np.add.at(doses, (unit, week, place.to_numpy(dtype=np.int64)), rows["doses"].to_numpy(dtype=np.float64))
    return _lean_on_group(doses)


def _lean_on_group(doses: FloatArray) -> FloatArray:
    whole = doses.sum(axis=(0, 1))
    group = doses.sum(axis=0) + PRIOR_DOSES * whole / whole.sum()
    group = group / group.sum(axis=1, keepdims=True)
    leaning = doses + PRIOR_DOSES * group
    return np.asarray(leaning / leaning.sum(axis=2, keepdims=True))
