"""The products of first doses: each has its own interval, so second doses are told better by product."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analysis.errors import RequestError
from analysis.trends.read_series import read_text_table
from analysis.trends.scoring import FloatArray
from analysis.trends.series import WEEK, DateArray, Panel

LARGEST_PRODUCTS = 2  # the others together are one more: each has 14 weights to be learned from ten weeks
PRIOR_DOSES = 20.0  # of the group's products of that week, for units with few doses
OTHER = "other"
COLUMNS = ("vaccination_date", "unit_code", "product", "dose_number", "doses")


def read_products(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return rows `unit_level, unit_code, day, product, doses`; needs the view `first_doses_by_product`."""
    frame: pd.DataFrame = con.execute(
        "SELECT unit_level, unit_code, reference_date AS day, vaccine AS product, "
        "CAST(doses AS DOUBLE) AS doses FROM first_doses_by_product ORDER BY ALL"
    ).df()
    return frame


def read_product_file(path: Path) -> pd.DataFrame:
    """Return rows `unit_code, day, product, doses` of first doses from a CSV of doses per day.

    Columns `vaccination_date` (YYYY-MM-DD), `unit_code`, `product`, `dose_number`, `doses`. Raises
    RequestError for anything else.
    """
    text = read_text_table(path, "--products", COLUMNS)
    day = pd.to_datetime(text["vaccination_date"], format="%Y-%m-%d", errors="coerce")
    doses = pd.to_numeric(text["doses"], errors="coerce")
    if day.isna().any() or doses.isna().any():
        raise RequestError(
            "--products: a vaccination_date or a number of doses cannot be read; correct the file"
        )
    frame = text[["unit_code", "product"]].assign(day=day, doses=doses)
    return frame[text["dose_number"] == "1"]


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


def with_products(panel: Panel, rows: pd.DataFrame) -> Panel:
    """Return a panel of the backtest with the product shares of a file that holds all its units."""
    if not set(panel.unit_codes) <= set(rows["unit_code"]):
        return panel
    shares = share_products(rows, panel.unit_codes, panel.weeks)
    return Panel(panel.country, panel.unit_codes, panel.weeks, panel.values, shares)
