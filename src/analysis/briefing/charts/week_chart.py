"""The chart of the weeks: coverage so far, the fan of the forecast and the target line."""

from datetime import date
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.briefing.charts.canvas import (
    DASHES,
    FIRST,
    GRID,
    NOTE_POINTS,
    SECOND,
    TARGET,
    add_legend,
    new_picture,
)

COLOURS = {"at_least_one": FIRST, "primary_complete": SECOND}
DAY_LABELS = 6
SCALE_STEP = 20


def draw_weeks(data: dict[str, Any]) -> Figure:
    """Draw the weeks so far as lines, the forecast as a fan around a dashed line."""
    figure, axes = new_picture(2.9, left=0.42, right=0.12, top=0.3, bottom=0.22)
    days, values = _extent(data)
    # Where a forecast runs above all that was counted, it leaves the picture at the top.
    highest = max(100.0, *values) * 1.05
    axes.set_xlim(days[0], days[-1])
    axes.set_ylim(0, highest)
    _draw_scales(axes, days, highest)
    for status, colour in COLOURS.items():
        _draw_series(axes, data["past"][status], data["ahead"][status], colour)
    axes.axhline(data["target"], color=TARGET, linewidth=1.1, linestyle=DASHES)
    labels = data["labels"]
    entries: list[Patch | Line2D] = [
        Line2D([], [], color=colour, linewidth=1.8, label=labels[status])
        for status, colour in COLOURS.items()
        if data["past"][status]
    ]
    if any(data["ahead"].values()):
        entries.append(Patch(color=FIRST, alpha=0.25, linewidth=0, label=labels["band"]))
    entries.append(Line2D([], [], color=TARGET, linewidth=1.1, linestyle=DASHES, label=labels["target"]))
    add_legend(figure, entries)
    return figure


def _extent(data: dict[str, Any]) -> tuple[list[int], list[float]]:
    """Return all days drawn, in order, and all percentages counted so far."""
    rows = [row for part in ("past", "ahead") for series in data[part].values() for row in series]
    days = sorted({_day(row[0]) for row in rows})
    values = [row[1] for series in data["past"].values() for row in series]
    return days if len(days) > 1 else [days[0] - 7, days[0]], values


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _draw_scales(axes: Axes, days: list[int], highest: float) -> None:
    """Draw percentages at the left and days below, a week or some weeks apart."""
    for step in range(0, int(highest) + 1, SCALE_STEP):
        axes.axhline(step, color=GRID, linewidth=0.6, zorder=0)
        axes.annotate(
            f"{step}%",
            (0, step),
            (-4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=NOTE_POINTS,
            color="#555555",
        )
    weeks = max(1, -(-(days[-1] - days[0]) // (7 * DAY_LABELS)))
    for day in range(days[-1], days[0] - 1, -7 * weeks):
        text = date.fromordinal(day).strftime("%d/%m")
        side = "right" if day == days[-1] else "center"
        axes.text(day, -highest * 0.03, text, ha=side, va="top", fontsize=NOTE_POINTS, color="#555555")


def _draw_series(axes: Axes, past: list[Any], ahead: list[Any], colour: str) -> None:
    if not past:
        return
    axes.plot([_day(d) for d, _ in past], [v for _, v in past], color=colour, linewidth=1.8)
    axes.plot([_day(past[-1][0])], [past[-1][1]], color=colour, marker="o", markersize=3.5)
    if not ahead:
        return
    fan = [[past[-1][0], *[past[-1][1]] * 3], *ahead]
    days = [_day(row[0]) for row in fan]
    low, middle, high = ([row[i] for row in fan] for i in (1, 2, 3))
    axes.fill_between(days, low, high, color=colour, alpha=0.22, linewidth=0)
    axes.plot(days, middle, color=colour, linewidth=1.2, linestyle=(0, (2, 1.5)))
