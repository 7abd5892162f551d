"""How the forecasts of all kept runs came out, by horizon: what was said against what happened."""

import re
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
from matplotlib.figure import Figure

from analysis.earlier_runs import read_mark
from analysis.engine import sql_path
from analysis.pictures import Picture, as_picture
from analysis.settings import RunParameters
from analysis.tables import TABLES
from analysis.trends.shown import COLOURS, WORDS

COLUMNS = [
    "unit_level",
    "basis",
    "series_status",
    "horizon_weeks",
    "runs",
    "forecasts",
    "inside_50",
    "inside_95",
    "mean_error",
]
DAY = re.compile(r"\d{4}-\d\d-\d\d")

# What happened is told by this run: its counts of the day a forecast was made for. Rows entered since then
# belong to it, late entries still to come do not.
_JUDGED = """
WITH told AS (
    SELECT unit_level, unit_code, basis, age_group, series_status, as_of, target_date,
           least(quantile, 1 - quantile) AS tail, min(value) AS low, max(value) AS high
    FROM read_parquet([{earlier}]) WHERE target_date <= DATE '{as_of}' GROUP BY ALL
), happened AS (
    SELECT unit_level, unit_code, basis, age_group, series_status, reference_date AS target_date,
           100.0 * people / nullif(population, 0) AS pct
    FROM read_parquet({coverage})
), judged AS (
    SELECT *, date_diff('day', as_of, target_date) // 7 AS horizon_weeks, 1 - 2 * tail AS nominal,
           (low + high) / 2 - pct AS error, CAST(pct BETWEEN low AND high AS INTEGER) AS inside
    FROM told JOIN happened USING (unit_level, unit_code, basis, age_group, series_status, target_date)
    WHERE pct IS NOT NULL
)
SELECT unit_level, basis, series_status, horizon_weeks, count(DISTINCT as_of) AS runs,
       count(*) FILTER (nominal = 0) AS forecasts,
       round(avg(inside) FILTER (nominal = 0.5), 3) AS inside_50,
       round(avg(inside) FILTER (nominal = 0.95), 3) AS inside_95,
       round(avg(error) FILTER (nominal = 0), 3) AS mean_error
FROM judged GROUP BY ALL ORDER BY ALL"""


def score_kept_runs(run: RunParameters) -> pd.DataFrame:
    """Return how the forecasts of the runs kept beside this one came out, by level, basis and horizon.

    Columns: runs and forecasts counted, inside_50 and inside_95 (shares), mean_error (median − what happened,
    points). Only earlier runs that passed their checks count; empty when there is none.
    """
    earlier = kept_forecasts(run)
    if not earlier:
        return pd.DataFrame(columns=COLUMNS)
    query = _JUDGED.format(
        earlier=", ".join(sql_path(path) for path in earlier),
        coverage=sql_path(TABLES["coverage"].path(run)),
        as_of=run.as_of,
    )
    with duckdb.connect() as con:
        frame: pd.DataFrame = con.execute(query).df()
    return frame[COLUMNS]


def kept_forecasts(run: RunParameters) -> list[Path]:
    """Return the forecast tables of earlier runs that stand beside this one and passed their checks."""
    beside = run.processed.parent
    if not beside.is_dir():
        return []
    folders = sorted(f for f in beside.iterdir() if DAY.fullmatch(f.name) and _is_earlier(f, run.as_of))
    files = [folder / "aggregate" / "forecast.parquet" for folder in folders if read_mark(folder)]
    return [file for file in files if file.is_file()]


def _is_earlier(folder: Path, as_of: date) -> bool:
    return folder.name < as_of.isoformat()


def draw_kept_runs(run: RunParameters) -> Picture | None:
    """Draw the share inside the 50 % and 95 % intervals by horizon (provinces and districts, reported basis).

    None without an earlier run whose forecasts have come due.
    """
    scores = score_kept_runs(run)
    scores = scores[(scores["basis"] == "reported") & (scores["unit_level"] != "country")]
    if scores.empty:
        return None
    figure = Figure(figsize=(5.6, 4.0), layout="constrained")
    axes = figure.subplots()
    for nominal in (0.5, 0.95):
        axes.axhline(nominal, color="#333333", linewidth=0.8, linestyle=":")
    for status, rows in scores.groupby("series_status", sort=True):
        for name, style in (("inside_50", "--"), ("inside_95", "-")):
            weight = rows["forecasts"]
            share = (rows[name] * weight).groupby(rows["horizon_weeks"]).sum()
            share = share / weight.groupby(rows["horizon_weeks"]).sum()
            label = WORDS[str(status)] if style == "-" else None
            axes.plot(
                share.index, share, color=COLOURS[str(status)], linestyle=style, marker="o", label=label
            )
    axes.set(xlabel="dự báo trước, tuần", ylabel="tỷ lệ nằm trong khoảng 50% và 95%", ylim=(0, 1.02))
    axes.legend(loc="lower left", frameon=False)
    return as_picture(figure)
