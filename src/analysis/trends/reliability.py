"""How far the forecasts were to be trusted on countries they had never seen, as a picture for the notebook."""

import pandas as pd
from matplotlib.figure import Figure

from analysis.pictures import Picture, as_picture
from analysis.reference import read_reference

RELIABILITY_FILE = "forecast_reliability.csv"
LEAST_CASES = 100
WEEKS_DRAWN = (1, 4, 8, 16)
TITLES = {
    ("interval", "at_least_one"): "khoảng dự báo, ít nhất 1 mũi",
    ("interval", "primary_complete"): "khoảng dự báo, đủ 2 mũi",
    ("chance", "at_least_one"): "khả năng đạt chỉ tiêu, ít nhất 1 mũi",
    ("chance", "primary_complete"): "khả năng đạt chỉ tiêu, đủ 2 mũi",
}


def read_reliability() -> pd.DataFrame:
    """Return, by kind, status and horizon, what was promised and what came true on countries not seen.

    Columns: kind (`interval`: share of truths inside; `chance`: share of targets reached, by tenth of the
    chance), series_status, horizon_weeks, promised, came_true, cases.
    """
    table = read_reference(RELIABILITY_FILE)
    numbers = {"horizon_weeks": int, "promised": float, "came_true": float, "cases": int}
    return table.astype(numbers)


def draw_reliability() -> Picture:
    """Draw intervals and chances against what came true; on the diagonal a promise is kept."""
    table = read_reliability()
    figure = Figure(figsize=(9, 8), layout="constrained")
    for axes, ((kind, status), title) in zip(figure.subplots(2, 2).flat, TITLES.items(), strict=True):
        part = table[(table["kind"] == kind) & (table["series_status"] == status)]
        axes.plot([0, 1], [0, 1], color="#333333", linewidth=0.8)
        for weeks in WEEKS_DRAWN:
            rows = part[(part["cases"] >= LEAST_CASES) & (part["horizon_weeks"] == weeks)]
            axes.plot(rows["promised"], rows["came_true"], marker="o", markersize=3, label=f"{weeks} tuần")
        axes.set(title=title, xlabel="hứa", ylabel="xảy ra", xlim=(0, 1), ylim=(0, 1))
        axes.legend(frameon=False, loc="upper left")
    return as_picture(figure)
