"""How the earlier run's forecasts for this day came out."""

from pathlib import Path

import duckdb
import pandas as pd
from matplotlib.figure import Figure

from analysis.engine import sql_path
from analysis.pictures import Picture, as_picture
from analysis.pipeline import newest_audit
from analysis.settings import RunParameters
from analysis.tables import TABLES, empty_table, write_table
from analysis.trends.shown import COLOURS, WORDS

SCORE_COLUMNS = ["unit_level", "basis", "series_status", "forecasts", "inside_50", "inside_95", "mean_error"]

# What happened on the bases of entered rows is this run's nowcast: entries of the last days are still to
# come, and the forecast was of the doses given.
_HAPPENED = """
WITH happened AS (
    SELECT unit_level, unit_code, basis, age_group, series_status,
           100.0 * coalesce(n.people_nowcast, c.people) / nullif(c.population, 0) AS pct
    FROM read_parquet({coverage}) AS c
    LEFT JOIN {nowcast} AS n USING (unit_level, unit_code, basis, age_group, series_status, reference_date)
    WHERE reference_date = DATE '{as_of}')"""

_TOLD = (
    _HAPPENED
    + """, told AS (
    SELECT unit_level, unit_code, basis, age_group, series_status, least(quantile, 1 - quantile) AS tail,
           min(value) AS low, max(value) AS high
    FROM read_parquet({earlier}) WHERE target_date = DATE '{as_of}' GROUP BY ALL
), judged AS (
    SELECT unit_level, basis, series_status, 1 - 2 * tail AS nominal, (low + high) / 2 - pct AS error,
           CAST(pct BETWEEN low AND high AS INTEGER) AS inside
    FROM told JOIN happened USING (unit_level, unit_code, basis, age_group, series_status)
    WHERE pct IS NOT NULL)"""
)

_SCORES = """
SELECT unit_level, basis, series_status, count(*) FILTER (nominal = 0) AS forecasts,
       round(avg(inside) FILTER (nominal = 0.5), 3) AS inside_50,
       round(avg(inside) FILTER (nominal = 0.95), 3) AS inside_95,
       round(avg(error) FILTER (nominal = 0), 3) AS mean_error
FROM judged GROUP BY ALL ORDER BY ALL"""

_SHARES = """
SELECT series_status, CAST(nominal AS DOUBLE) AS nominal, avg(inside) AS inside
FROM judged WHERE basis = 'reported' AND unit_level <> 'country' AND nominal > 0
GROUP BY ALL ORDER BY ALL"""


_PAST = """
SELECT e.unit_level, e.unit_code, e.basis, e.age_group, e.series_status, e.as_of AS made_on, e.target_date,
       max(e.value) FILTER (e.quantile = 0.025) AS value_low, max(e.value) FILTER (e.quantile = 0.5) AS value,
       max(e.value) FILTER (e.quantile = 0.975) AS value_high, any_value(h.pct) AS happened
FROM read_parquet({earlier}) AS e
JOIN happened AS h USING (unit_level, unit_code, basis, age_group, series_status)
WHERE e.target_date = DATE '{as_of}' AND h.pct IS NOT NULL GROUP BY ALL"""


def write_past_forecasts(con: duckdb.DuckDBPyConnection, run: RunParameters) -> int:
    """Write `past_forecasts`: the previous run's forecasts of this day beside what happened; returns rows.

    Empty without a previous run, or when none of its target days is this run's day.
    """
    earlier = _earlier_forecast(run)
    if earlier is None:
        nothing = ", ".join(f"NULL AS {c}" for c in TABLES["past_forecasts"].columns)
        return write_table(con, "past_forecasts", f"SELECT {nothing} WHERE false", run)
    return write_table(con, "past_forecasts", (_HAPPENED + _PAST).format(**_sources(run, earlier)), run)


def write_link_audit(con: duckdb.DuckDBPyConnection, run: RunParameters) -> int:
    """Write `link_audit`: what the newest audit of an earlier week found; empty where none was made."""
    found = newest_audit(run)
    query = f"SELECT * FROM read_parquet({sql_path(found)})" if found else empty_table("link_audit")
    return write_table(con, "link_audit", query, run)


def score_previous(run: RunParameters) -> pd.DataFrame:
    """Return how the earlier run's forecasts for this run's day came out, by level, basis and status.

    Columns: forecasts, inside_50 and inside_95 (shares), mean_error (median − what happened, points).
    Empty without an earlier run, or when none of its target days is this run's day.
    """
    return _query(run, _SCORES, SCORE_COLUMNS)


def draw_previous(run: RunParameters) -> Picture | None:
    """Draw the share of provinces and districts inside each interval of the earlier run (reported basis).

    None without an earlier run's forecast of this day.
    """
    shares = _query(run, _SHARES, ["series_status", "nominal", "inside"])
    if shares.empty:
        return None
    figure = Figure(figsize=(4.6, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#333333", linewidth=0.8)
    for status, rows in shares.groupby("series_status", sort=True):
        axes.plot(
            rows["nominal"], rows["inside"], marker="o", color=COLOURS[str(status)], label=WORDS[str(status)]
        )
    axes.set(xlabel="khoảng dự báo", ylabel="tỷ lệ đơn vị nằm trong khoảng", xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="upper left", frameon=False)
    return as_picture(figure)


def _query(run: RunParameters, select: str, columns: list[str]) -> pd.DataFrame:
    earlier = _earlier_forecast(run)
    if earlier is None:
        return pd.DataFrame(columns=columns)
    with duckdb.connect() as con:
        frame: pd.DataFrame = con.execute(_TOLD.format(**_sources(run, earlier)) + select).df()
    return frame[columns]


def _earlier_forecast(run: RunParameters) -> Path | None:
    path = run.compared / "aggregate" / "forecast.parquet" if run.compared else None
    return path if path is not None and path.is_file() else None


def _sources(run: RunParameters, earlier: Path) -> dict[str, str]:
    return {
        "coverage": sql_path(TABLES["coverage"].path(run)),
        "nowcast": _nowcast_source(TABLES["nowcast"].path(run)),
        "earlier": sql_path(earlier),
        "as_of": str(run.as_of),
    }


def _nowcast_source(path: Path) -> str:
    """Return SQL for the run's nowcast, or for an empty one where the run has none."""
    if path.is_file():
        return f"read_parquet({sql_path(path)})"
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in TABLES["nowcast"].columns.items())
    return f"(SELECT {columns} WHERE false)"
