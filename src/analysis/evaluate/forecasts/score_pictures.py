"""Pictures of a backtest: relative scores by horizon, and how often truths fall inside the intervals."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis.trends.forecast.series import SERIES

TITLES = {"at_least_one": "at least one dose", "primary_complete": "primary series complete"}
OURS_COLOUR = "#b3541e"
OTHER_COLOURS = (
    "#222222",
    "#1b6ca8",
    "#7fb3d5",
    "#5a8f29",
    "#2a9d8f",
    "#7b5ea7",
    "#c39bd3",
    "#c49a00",
    "#d98880",
)
LEAST_TARGETS = 100
CHANCE_WEEKS = (2, 4, 8, 16)
TICKS = (0.25, 0.5, 1.0, 2.0, 4.0)


def draw_scores(scores: pd.DataFrame, path: Path, ours: str) -> None:
    """Draw WIS relative to flat7 by horizon, a line a method, with the cluster interval of ours."""
    figure = Figure(figsize=(11, 4.4), layout="constrained")
    others = [name for name in dict.fromkeys(scores["method"]) if name != ours]
    colours = {n: OTHER_COLOURS[k % len(OTHER_COLOURS)] for k, n in enumerate(others)} | {ours: OURS_COLOUR}
    for axes, status in zip(figure.subplots(1, 2, sharey=True), SERIES, strict=True):
        part = scores[scores["series_status"] == status]
        for method, rows in part.groupby("method", sort=False):
            horizon = rows["horizon_weeks"]
            width = 2.5 if method == ours else 1.2
            line = axes.plot(horizon, rows["rel_wis_flat7"], marker="o", markersize=4, linewidth=width)[0]
            colour = colours[str(method)]
            line.set(color=colour, label=method)
            if method == ours:
                axes.fill_between(
                    horizon, rows["rel_wis_low"], rows["rel_wis_high"], color=colour, alpha=0.2, linewidth=0
                )
        axes.set(title=TITLES[status], xlabel="weeks ahead", yscale="log")
        axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
        axes.minorticks_off()
    figure.axes[0].set_ylabel("WIS relative to flat7")
    lines = {line.get_label(): line for axes in figure.axes for line in axes.get_lines()}
    figure.legend(
        list(lines.values()),
        [str(label) for label in lines],
        loc="outside right center",
        frameon=False,
        fontsize=8,
    )
    _save(figure, path)


def draw_reliability(reliability: pd.DataFrame, path: Path, ours: str) -> None:
    """Draw the share of truths inside each central interval of ours, a line a horizon."""
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    for axes, status in zip(figure.subplots(1, 2, sharey=True), SERIES, strict=True):
        part = reliability[(reliability["series_status"] == status) & (reliability["method"] == ours)]
        axes.plot([0, 1], [0, 1], color="#333333", linewidth=0.8)
        for horizon, rows in part.groupby("horizon_weeks", sort=True):
            axes.plot(rows["nominal"], rows["inside"], marker="o", markersize=3, label=f"{horizon} weeks")
        axes.set(title=TITLES[status], xlabel="interval, nominal", xlim=(0, 1), ylim=(0, 1))
        if not part.empty:
            axes.legend(frameon=False, loc="upper left")
    figure.axes[0].set_ylabel("share of truths inside")
    _save(figure, path)


def draw_chances(chances: pd.DataFrame, path: Path, ours: str) -> None:
    """Draw how often targets came true against the chance given, a line a horizon; few cases are left out."""
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    told = chances[(chances["method"] == ours) & (chances["n_targets"] >= LEAST_TARGETS)]
    for axes, status in zip(figure.subplots(1, 2, sharey=True), SERIES, strict=True):
        axes.plot([0, 1], [0, 1], color="#333333", linewidth=0.8)
        for weeks in CHANCE_WEEKS:
            rows = told[(told["series_status"] == status) & (told["horizon_weeks"] == weeks)]
            if len(rows):
                axes.plot(rows["chance"], rows["reached"], marker="o", markersize=3, label=f"{weeks} weeks")
        axes.set(title=TITLES[status], xlabel="chance given", xlim=(0, 1), ylim=(0, 1))
        if len(axes.get_lines()) > 1:
            axes.legend(frameon=False, loc="upper left")
    figure.axes[0].set_ylabel("share that came true")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, format="png", dpi=110, metadata={"Software": None})
