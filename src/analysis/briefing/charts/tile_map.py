"""The national map as a grid of tiles: one for each of the 63 provinces and the two archipelagos.

No freely licensed border drawing of the 63 provinces shows Hoàng Sa (Đà Nẵng) and Trường Sa
(Khánh Hòa), which every official national map must show; a tile grid draws no border at all
(sources page-3).
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.briefing.charts.canvas import new_picture

BAND_COLOURS = ("#14487a", "#4f8fc4", "#f2b36b", "#c4551f")
MISSING_COLOUR = "#dddddd"
GAP = 0.06
TILE_HEIGHT = 0.66


def draw_map(data: dict[str, Any]) -> Figure:
    """Draw the tiles with name and percentage, coloured by band, and the legend of the bands."""
    figure, axes = new_picture(6.2, left=0.03, right=0.03, top=0.03, bottom=0.02)
    for tile in data["tiles"]:
        _draw_tile(axes, tile, [band["low"] for band in data["bands"]])
    columns = 1 + max(t["column"] for t in data["tiles"])
    rows = 1 + max(t["row"] for t in data["tiles"])
    _draw_legend(axes, data)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows * TILE_HEIGHT, 0)
    return figure


def _draw_tile(axes: Axes, tile: dict[str, Any], lows: list[float]) -> None:
    left, top = tile["column"] + GAP / 2, tile["row"] * TILE_HEIGHT + GAP / 2
    colour = tile_colour(tile["value"], lows)
    islands = tile["kind"] != "province"
    axes.add_patch(
        Rectangle(
            (left, top),
            1 - GAP,
            TILE_HEIGHT - GAP,
            facecolor="white" if islands else colour,
            edgecolor="#14487a" if islands else "none",
            linewidth=0.8,
        )
    )
    ink = "white" if colour in (BAND_COLOURS[0], BAND_COLOURS[3]) and not islands else "#111111"
    middle = left + (1 - GAP) / 2
    axes.text(middle, top + 0.2, tile["label"], ha="center", va="center", fontsize=5.6, color=ink)
    size = 4.7 if islands else 6.4
    axes.text(middle, top + 0.43, tile["text"], ha="center", va="center", fontsize=size, color=ink)


def tile_colour(value: float | None, lows: list[float]) -> str:
    """Return the colour of a percentage: that of the first band whose lower bound it reaches."""
    if value is None:
        return MISSING_COLOUR
    return BAND_COLOURS[next(i for i, low in enumerate(lows) if value >= low)]


def _draw_legend(axes: Axes, data: dict[str, Any]) -> None:
    entries = [(c, b["label"]) for c, b in zip(BAND_COLOURS, data["bands"], strict=True)]
    entries.append((MISSING_COLOUR, data["missing"]))
    for i, (colour, label) in enumerate(entries):
        top = (12.2 + 0.8 * i) * TILE_HEIGHT
        axes.add_patch(Rectangle((0.1, top), 0.4, 0.36, facecolor=colour))
        axes.text(0.62, top + 0.19, label, va="center", fontsize=6.8, color="#222222")
