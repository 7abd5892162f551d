"""Pictures and tables for the analyst's notebook: fan charts with targets, nowcasts."""

import duckdb
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.engine import sql_path
from analysis.pictures import Picture, as_picture
from analysis.settings import RunParameters
from analysis.tables import TABLES

BANDS = ((0.025, 0.975, 0.18), (0.25, 0.75, 0.35))  # (low, high, opacity): the 95 % and 50 % intervals
COLOURS = {"at_least_one": "#1b6ca8", "primary_complete": "#b3541e"}
BASES = {"reported": "theo báo cáo", "recorded": "trên nền tảng", "reconciled": "đã đối chiếu"}
WORDS = {"at_least_one": "ít nhất 1 mũi", "primary_complete": "đủ 2 mũi"}


def read_aggregate(run: RunParameters, name: str, where: str, values: list[str]) -> pd.DataFrame:
    """Return rows of one aggregate table of a run as a DataFrame, ordered by its grain."""
    order = ", ".join(TABLES[name].grain)
    path = sql_path(TABLES[name].path(run))
    with duckdb.connect() as con:
        frame: pd.DataFrame = con.execute(
            f"SELECT * FROM read_parquet({path}) WHERE {where} ORDER BY {order}", values
        ).df()
    return frame


def draw_fan(run: RunParameters, unit_code: str, basis: str = "reported") -> Picture:
    """Draw a unit's coverage so far and its forecast with 50 % and 95 % intervals, and its targets."""
    given = [unit_code, basis]
    past = read_aggregate(run, "coverage", "unit_code = ? AND basis = ? AND age_group = '18+'", given)
    ahead = read_aggregate(run, "forecast", "unit_code = ? AND basis = ? AND age_group = '18+'", given)
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    for status, colour in COLOURS.items():
        known = past[past["series_status"] == status]
        share = known["people"].astype(float) / known["population"].astype(float)
        axes.plot(known["reference_date"], 100 * share, color=colour, label=WORDS[status])
        _draw_bands(axes, ahead[ahead["series_status"] == status], colour)
    _draw_targets(axes, run, unit_code, basis)
    axes.set(
        ylabel="% dân số từ 18 tuổi",
        title=f"{unit_code}: {BASES[basis]}, tính đến hết ngày {run.as_of:%d/%m/%Y}",
    )
    axes.legend(loc="upper left", frameon=False)
    return as_picture(figure)


def _draw_bands(axes: Axes, ahead: pd.DataFrame, colour: str) -> None:
    """Shade the intervals of one status and draw its median."""
    if ahead.empty:
        return
    wide = ahead.assign(quantile=ahead["quantile"].astype(float), value=ahead["value"].astype(float))
    wide = wide.pivot(index="target_date", columns="quantile", values="value")
    for low, high, opacity in BANDS:
        axes.fill_between(wide.index, wide[low], wide[high], color=colour, alpha=opacity, linewidth=0)
    axes.plot(wide.index, wide[0.5], color=colour, linestyle="--", marker="o", markersize=3)


def _draw_targets(axes: Axes, run: RunParameters, unit_code: str, basis: str) -> None:
    """Mark the targets of adults at their due day (those of other age groups have another denominator)."""
    rows = read_aggregate(
        run, "targets", "unit_code = ? AND basis = ? AND due_date IS NOT NULL", [unit_code, basis]
    )
    adults = rows[rows["target_code"].str.contains("adults")]
    axes.scatter(
        adults["due_date"], adults["target_pct"].astype(float), marker="D", color="#333333", zorder=3
    )


def show_nowcast(run: RunParameters, unit_code: str) -> pd.DataFrame:
    """Return a unit's people as entered and as thought when late entries are in (late bases only)."""
    rows = read_aggregate(run, "nowcast", "unit_code = ?", [unit_code])
    return rows.drop(columns=["unit_level", "unit_code"])


def show_deadlines(run: RunParameters) -> pd.DataFrame:
    """Return the last useful day of a first dose by target and product."""
    return read_aggregate(run, "first_dose_deadlines", "true", [])


def show_targets(run: RunParameters, unit_code: str) -> pd.DataFrame:
    """Return a unit's way to each target, as a table to read."""
    rows = read_aggregate(run, "targets", "unit_code = ?", [unit_code])
    return rows.drop(columns=["unit_level", "unit_code"])
