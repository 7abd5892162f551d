"""An empty picture with its margins, and the marks that all charts share."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

WIDTH_INCHES = 4.3
# Blue and orange are told apart by colour-blind readers and as grey; both keep 3:1 against white.
FIRST, SECOND, GAIN, TARGET, GRID, INK = "#1f5f99", "#d9822b", "#4f8f5b", "#b3261e", "#dedede", "#222222"
LABEL_POINTS, NOTE_POINTS = 8.0, 7.5
LEGEND_INCHES, MARK_INCHES = 0.28, 0.16
DASHES = (0, (4, 2))


@cache
def _font(points: float) -> FT2Font:
    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"))
    font.set_size(points, 72)
    return font


def text_inches(texts: Iterable[str], points: float = LABEL_POINTS) -> float:
    """Return the width of the widest text."""
    font = _font(points)
    widest = 0.0
    for text in texts:
        font.set_text(text)
        widest = max(widest, font.get_width_height()[0] / 64)
    return widest / 72


def new_picture(
    height: float, left: float = 0.05, right: float = 0.05, top: float = LEGEND_INCHES, bottom: float = 0.05
) -> tuple[Figure, Axes]:
    """Return a picture and its bare axes; all sizes in inches, a strip for the mark is added below."""
    whole = height + MARK_INCHES
    figure = Figure(figsize=(WIDTH_INCHES, whole), facecolor="white")
    low = (bottom + MARK_INCHES) / whole
    width = (WIDTH_INCHES - left - right) / WIDTH_INCHES
    axes = figure.add_axes((left / WIDTH_INCHES, low, width, 1 - low - top / whole))
    axes.set_axis_off()
    return figure, axes


def add_legend(figure: Figure, entries: list[Patch | Line2D]) -> None:
    """Put the legend in one line above the chart."""
    figure.legend(
        handles=entries,
        loc="upper left",
        bbox_to_anchor=(0, 1),
        ncols=len(entries),
        frameon=False,
        fontsize=NOTE_POINTS,
        handlelength=1.5,
        columnspacing=1.2,
        borderaxespad=0.3,
        borderpad=0.1,
    )
