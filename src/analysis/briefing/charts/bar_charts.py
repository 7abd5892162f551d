"""Charts of bars: districts by coverage, places by entry progress, the bridge between two counts."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.briefing.charts.canvas import (
    DASHES,
    FIRST,
    GAIN,
    GRID,
    INK,
    LABEL_POINTS,
    NOTE_POINTS,
    SECOND,
    TARGET,
    add_legend,
    new_picture,
    text_inches,
)

BAR_INCHES = 0.21
SCALE_STEP = 20


def draw_bars(data: dict[str, Any]) -> Figure:
    """Draw a wide and a narrow bar a district: at least one dose, and two doses inside it."""
    bars, labels = data["bars"], data["labels"]
    figure, axes = _bar_axes(bars, [b["at_least_one"] for b in bars])
    places = range(len(bars))
    axes.barh(places, [b["at_least_one"] for b in bars], height=0.74, color=FIRST)
    axes.barh(places, [b["primary_complete"] or 0 for b in bars], height=0.34, color=SECOND)
    axes.axvline(data["target"], color=TARGET, linewidth=1.1, linestyle=DASHES)
    add_legend(
        figure,
        [
            Patch(color=FIRST, label=labels["at_least_one"]),
            Patch(color=SECOND, label=labels["primary_complete"]),
            Line2D([], [], color=TARGET, linewidth=1.1, linestyle=DASHES, label=labels["target"]),
        ],
    )
    return figure


def draw_entry(data: dict[str, Any]) -> Figure:
    """Draw one bar a place: doses entered as a share of doses given."""
    bars = data["bars"]
    figure, axes = _bar_axes(bars, [b["entry"] for b in bars], top=0.05)
    axes.barh(range(len(bars)), [b["entry"] for b in bars], height=0.7, color=FIRST)
    axes.axvline(data["target"], color=TARGET, linewidth=0.9, linestyle=DASHES)
    return figure


def _bar_axes(bars: list[dict[str, Any]], values: list[float], top: float = 0.28) -> tuple[Figure, Axes]:
    """Return a chart with the names at the left, the percentages behind the bars and a scale below."""
    names, labels = [b["name"] for b in bars], [b["label"] for b in bars]
    left = text_inches(names) + 0.12
    right = text_inches(labels, NOTE_POINTS) + 0.1
    height = top + BAR_INCHES * len(bars) + 0.2
    figure, axes = new_picture(height, left, right, top, bottom=0.2)
    largest = max([100.0, *values])
    axes.set_xlim(0, largest)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    scale = range(0, int(largest) + 1, SCALE_STEP)
    axes.vlines(scale, -0.5, len(bars) - 0.5, color=GRID, linewidth=0.6, zorder=0)
    for step in scale:
        axes.text(step, len(bars) - 0.35, str(step), ha="center", va="top", fontsize=7, color="#555555")
    for place, (name, label, value) in enumerate(zip(names, labels, values, strict=True)):
        axes.text(-largest * 0.015, place, name, ha="right", va="center", fontsize=LABEL_POINTS, color=INK)
        end, look = value + largest * 0.012, _ground(0.6)
        axes.text(end, place, label, va="center", fontsize=NOTE_POINTS, color=INK, bbox=look)
    return figure, axes


def _ground(pad: float) -> dict[str, Any]:
    """Return a white ground that keeps a figure legible where a line passes behind it."""
    return {"facecolor": "white", "edgecolor": "none", "pad": pad}


def draw_bridge(data: dict[str, Any]) -> Figure:
    """Draw what each step takes away (left) or adds (right); both ends stand as figures, not as bars.

    Bars from zero would hide steps of a few percent behind two large totals.
    """
    bars = data["bars"]
    left = text_inches([b["name"] for b in bars]) + 0.12
    figure, axes = new_picture(0.25 * len(bars) + 0.1, left, 0.1, top=0.05)
    steps = [0 if b["is_total"] else b["people"] for b in bars]
    reach = max(1, *map(abs, steps))
    room = 1.0 + 1.2 * text_inches([b["label"] for b in bars], NOTE_POINTS)
    axes.set_xlim(-reach * room, reach * room)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    colours = [SECOND if step < 0 else GAIN for step in steps]
    axes.barh(range(len(bars)), steps, height=0.66, color=colours)
    axes.axvline(0, color="#777777", linewidth=0.8)
    for place, (bar, step) in enumerate(zip(bars, steps, strict=True)):
        _write_step(axes, place, bar, step, reach)
    return figure


def _write_step(axes: Axes, place: int, bar: dict[str, Any], step: int, reach: int) -> None:
    """Write a step's name at the left edge and its figure behind its bar; totals are bold in the middle."""
    weight = "bold" if bar["is_total"] else "normal"
    edge = axes.get_xlim()[0] - reach * 0.03
    axes.text(edge, place, bar["name"], ha="right", va="center", fontsize=LABEL_POINTS, fontweight=weight)
    if bar["is_total"]:
        look: Any = {"fontsize": 9, "fontweight": weight, "color": FIRST, "bbox": _ground(1.5)}
        axes.text(0, place, bar["label"], ha="center", va="center", **look)
        return
    side, gap = ("right", -reach * 0.03) if step < 0 else ("left", reach * 0.03)
    axes.text(step + gap, place, bar["label"], ha=side, va="center", fontsize=NOTE_POINTS, color=INK)
