"""Viet Nam's own campaign, which no coefficient saw: the weekly pace of all doses, told from past weeks.

The published series is of doses of any number. Over twice the population of all ages it rises like the
coverage of a campaign of two doses, which is what the model knows; boosters of 2022 it does not know.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.evaluate.forecasts.interval_scores import weighted_interval_score
from analysis.evaluate.forecasts.origins import HORIZONS
from analysis.evaluate.forecasts.rivals.baselines import flat7
from analysis.reference import read_reference
from analysis.trends.forecast.growth import pooled
from analysis.trends.forecast.quantiles import INTERVAL_50, INTERVAL_95, MEDIAN, FloatArray
from analysis.trends.forecast.series import Panel

SERIES_FILE = "vn_total_doses_daily.csv"
POPULATION_FILE = "populations.csv"
DOSES_PER_PERSON = 2
FIRST_DAY, FIRST_ORIGIN, LAST_ORIGIN = "2021-03-14", "2021-08-01", "2022-04-24"
MILLION = 1e6


def read_weekly_doses() -> pd.Series:
    """Return cumulative doses at each week's end (Sunday), NaN after a week without any bulletin.

    Days without a bulletin repeat the last figure: a whole week of them is no week without doses.
    """
    table = read_reference(SERIES_FILE)
    day = pd.to_datetime(table["date"])
    doses = pd.to_numeric(table.set_index(day)["doses_administered_cumulative"])
    weekly = doses.loc[FIRST_DAY:].asfreq("7D")
    return weekly.mask(weekly.diff() == 0)


def read_people() -> int:
    """Return the country's population of all ages."""
    table = read_reference(POPULATION_FILE)
    return int(table[(table["unit_code"] == "VN") & (table["age_group"] == "all")]["population"].iloc[0])


def forecast_pace() -> pd.DataFrame:
    """Return a row an origin and horizon: the mean weekly pace told and what came, in million doses.

    Columns: origin, horizon_weeks, happened, flat (the last week carried on), low_95, low_50, middle, high_50,
    high_95, wis, wis_flat.
    """
    doses = read_weekly_doses()
    days = doses.index.to_numpy(dtype="datetime64[D]")
    values = (100.0 * doses.to_numpy(dtype=np.float64) / (read_people() * DOSES_PER_PERSON))[None]
    unknown = np.full_like(values, np.nan)
    panel = Panel("VN", ("VN",), days, {"at_least_one": values, "primary_complete": unknown})
    scored = (days >= np.datetime64(FIRST_ORIGIN)) & (days <= np.datetime64(LAST_ORIGIN))
    return pd.DataFrame([row for week in np.flatnonzero(scored) for row in _rows_of(panel, int(week))])


def _rows_of(panel: Panel, week: int) -> list[dict[str, object]]:
    """Return the forecasts made at one week whose outcome is known; none from a week without bulletin."""
    values = panel.values["at_least_one"][0]
    ahead = [h for h in HORIZONS if week + h < values.size and np.isfinite(values[week + h])]
    if not ahead or not np.isfinite(values[week]):
        return []
    past = panel.until(panel.weeks[week])
    told, flat = (method(past, "at_least_one", ahead)[0] - values[week] for method in (pooled, flat7))
    gained = values[[week + h for h in ahead]] - values[week]
    return [_row(panel.weeks[week], h, told[k] / h, flat[k] / h, gained[k] / h) for k, h in enumerate(ahead)]


def _row(
    origin: np.datetime64, horizon: int, told: FloatArray, flat: FloatArray, happened: float
) -> dict[str, object]:
    """Return one forecast of the mean weekly pace, from points a week to million doses."""
    scale = read_people() * DOSES_PER_PERSON / 100.0 / MILLION
    truth = np.array([happened])
    return {
        "origin": origin,
        "horizon_weeks": horizon,
        "happened": happened * scale,
        "flat": flat[MEDIAN] * scale,
        "low_95": told[INTERVAL_95[0]] * scale,
        "low_50": told[INTERVAL_50[0]] * scale,
        "middle": told[MEDIAN] * scale,
        "high_50": told[INTERVAL_50[1]] * scale,
        "high_95": told[INTERVAL_95[1]] * scale,
        "wis": weighted_interval_score(told[None], truth)[0] * scale,
        "wis_flat": weighted_interval_score(flat[None], truth)[0] * scale,
    }


def score_viet_nam(out: Path) -> str:
    """Write `viet_nam_pace.csv` and its picture; return the scores by horizon as text."""
    out.mkdir(parents=True, exist_ok=True)
    rows = forecast_pace()
    rows.to_csv(
        out / "viet_nam_pace.csv", index=False, encoding="utf-8", lineterminator="\n", float_format="%.4f"
    )
    draw_pace(rows, out / "viet_nam_pace.png")
    lines = [
        "Viet Nam, all doses, mean weekly pace in million: origins, relative WIS, in 50 %, in 95 %, bias"
    ]
    for horizon, part in rows.groupby("horizon_weeks", sort=True):
        inside = [
            part["happened"].between(part[f"low_{level}"], part[f"high_{level}"]).mean() for level in (50, 95)
        ]
        lines.append(
            f"{horizon} weeks: {len(part)}, {part['wis'].sum() / part['wis_flat'].sum():.3f}, "
            f"{inside[0]:.2f}, {inside[1]:.2f}, {(part['middle'] - part['happened']).mean():+.2f}"
        )
    return "\n".join(lines)


def draw_pace(rows: pd.DataFrame, path: Path) -> None:
    """Draw, by origin, the pace told for the coming weeks with its intervals, and the pace that came."""
    figure = Figure(figsize=(11, 7), layout="constrained")
    for axes, horizon in zip(figure.subplots(2, 2, sharex=True, sharey=True).flat, HORIZONS, strict=True):
        part = rows[rows["horizon_weeks"] == horizon]
        for level, opacity in ((95, 0.2), (50, 0.35)):
            axes.fill_between(
                part["origin"],
                part[f"low_{level}"],
                part[f"high_{level}"],
                color="#1b6ca8",
                alpha=opacity,
                linewidth=0,
            )
        axes.plot(part["origin"], part["middle"], color="#1b6ca8", label="told")
        axes.plot(part["origin"], part["happened"], color="#222222", marker="o", markersize=3, label="came")
        axes.set(title=f"mean of the next {horizon} weeks", ylim=(0, 25))
        axes.tick_params(axis="x", rotation=30)
    figure.axes[0].set_ylabel("million doses a week")
    figure.axes[0].legend(frameon=False)
    figure.savefig(path, format="png", dpi=110, metadata={"Software": None})
