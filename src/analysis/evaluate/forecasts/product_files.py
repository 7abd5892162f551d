"""First doses by product from a file, for the countries of a backtest."""

from pathlib import Path

import pandas as pd

from analysis.errors import RequestError
from analysis.evaluate.forecasts.read_series import read_text_table
from analysis.trends.forecast.product_intervals import share_products
from analysis.trends.forecast.series import Panel

COLUMNS = ("vaccination_date", "unit_code", "product", "dose_number", "doses")


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


def with_products(panel: Panel, rows: pd.DataFrame) -> Panel:
    """Return a panel of the backtest with the product shares of a file that holds all its units."""
    if not set(panel.unit_codes) <= set(rows["unit_code"]):
        return panel
    shares = share_products(rows, panel.unit_codes, panel.weeks)
    return Panel(panel.country, panel.unit_codes, panel.weeks, panel.values, shares)
