"""The paper a picture is drawn on: points from its upper left corner, and what already lies where.

Labels are placed by hand: matplotlib's ticks and automatic layout take most of a chart's time, and a run draws
hundreds. Everything drawn is remembered as boxes and segments, so that a label finds a place where it covers
no line, no mark and no other label.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from analysis.briefing.charts.lettering import SMALL, WIDTH, text_width
from analysis.briefing.charts.palette import INK, PAPER

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom
ABOVE, BELOW = 0.80, 0.24  # of the size: how far letters reach above and below their base line
LOWERED = 0.36  # of the size: the base line below the middle of a line of text
MARGIN = 1.5
STEP = 4.0


class Sheet:
    """One picture while it is drawn; `close` gives it its height."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, 1), dpi=72, facecolor=PAPER)
        self._points = Affine2D()  # from points of the sheet to pixels; known when the height is
        self._dots: dict[tuple[float, str, str, float], list[Point]] = {}
        self._taken: list[Box] = []
        self._lines: list[tuple[Point, Point]] = []

    def close(self, height: float) -> Figure:
        """Cut the sheet at a height and return the picture."""
        self.figure.set_size_inches(WIDTH / 72, height / 72)
        self._points.scale(1, -1).translate(0, height)
        for (radius, fill, edge, width), points in self._dots.items():
            xs, ys = zip(*points, strict=True)
            look: Any = {
                "markerfacecolor": fill,
                "markeredgecolor": edge,
                "markeredgewidth": width,
                "zorder": 3,
            }
            self._add(Line2D(xs, ys, linestyle="", marker="o", markersize=2 * radius - width, **look))
        return self.figure

    def _add(self, artist: Any) -> None:
        """Draw in points of the sheet (figure-wide artists: axes only cost time here)."""
        artist.set_transform(self._points)
        self.figure.add_artist(artist)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float = SMALL,
        colour: str = INK,
        side: str = "left",
        bold: bool = False,
    ) -> None:
        """Write a line whose middle is at `y`; `side` is which of its ends (or its center) is at `x`."""
        weight = "bold" if bold else "normal"
        box = text_box(x, y, text, size, side, bold)
        look: Any = {"fontsize": size, "color": colour, "fontweight": weight, "va": "baseline"}
        self._add(Text(box[0], y + LOWERED * size, text, **look))
        self._taken.append(box)

    def line(
        self, points: Sequence[Point], colour: str, width: float = 0.8, dashes: tuple[float, ...] = ()
    ) -> None:
        """Draw a line through points."""
        xs, ys = zip(*points, strict=True)
        style: Any = (0, dashes) if dashes else "-"
        self._add(Line2D(xs, ys, color=colour, linewidth=width, linestyle=style))
        self._lines += list(pairwise(points))

    def block(
        self, box: Box, fill: str, edge: str = "none", width: float = 0.8, dashes: tuple[float, ...] = ()
    ) -> None:
        """Draw a rectangle; an outline lies inside it."""
        inner = width / 2 if edge != "none" else 0.0
        left, top, right, bottom = box
        size = (max(0.0, right - left - 2 * inner), max(0.0, bottom - top - 2 * inner))
        look: Any = {"facecolor": fill, "edgecolor": edge, "linewidth": width if inner else 0}
        if dashes:
            look["linestyle"] = (0, dashes)
        self._add(Rectangle((left + inner, top + inner), *size, **look))
        self._taken.append(box)

    def dot(self, x: float, y: float, radius: float, fill: str, edge: str, width: float = 1.2) -> None:
        """Draw a round mark of an outer radius."""
        self._dots.setdefault((radius, fill, edge, width), []).append((x, y))
        self._taken.append((x - radius, y - radius, x + radius, y + radius))

    def diamond(self, x: float, y: float, radius: float, fill: str) -> None:
        """Draw a mark of four corners."""
        corners = [(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)]
        self._add(Polygon(corners, facecolor=fill, edgecolor=PAPER, linewidth=0.6, zorder=3))
        self._taken.append((x - radius, y - radius, x + radius, y + radius))

    def area(self, points: Sequence[Point], colour: str, opacity: float) -> None:
        """Draw a shade within edges of its own colour; labels keep off the edges and off the shade."""
        self._add(Polygon(points, facecolor=colour, alpha=opacity, linewidth=0, zorder=0))
        self._lines += list(zip(points, [*points[1:], points[0]], strict=True))

    def label(
        self,
        text: str,
        places: Iterable[tuple[float, float, str]],
        within: Box,
        colour: str = INK,
        bold: bool = False,
    ) -> bool:
        """Write a text at the first place (x, y, side) where it covers nothing, else at the nearest that is free.

        Returns False, with nothing written, where there is no room at all within the box.
        """
        wanted = list(places)
        for x, y, side in [*wanted, *self._round(wanted[0], within)]:
            box = text_box(x, y, text, SMALL, side, bold)
            if _inside(box, within) and self.is_free(box):
                self.write(x, y, text, colour=colour, side=side, bold=bold)
                return True
        return False

    @staticmethod
    def _round(start: tuple[float, float, str], within: Box) -> list[tuple[float, float, str]]:
        """Return places all over a box, the nearest to a start first."""
        left, top, right, bottom = within
        columns, rows = int((right - left) / STEP) + 1, int((bottom - top) / STEP) + 1
        places = [(left + STEP * i, top + STEP * j, "center") for i in range(columns) for j in range(rows)]
        # A text is wide: a step aside costs less than a step up or down.
        return sorted(places, key=lambda p: (abs(p[0] - start[0]) / 2 + abs(p[1] - start[1]), p))

    def is_free(self, box: Box) -> bool:
        """Tell whether nothing drawn so far lies in a box."""
        left, top, right, bottom = box
        grown = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
        return not any(_overlap(grown, other) for other in self._taken) and not any(
            _crosses(grown, one, other) for one, other in self._lines
        )


def text_box(x: float, y: float, text: str, size: float, side: str, bold: bool = False) -> Box:
    """Return where a line of text lies."""
    width = text_width(text, size, bold)
    left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[side] * width
    base = y + LOWERED * size
    return (left, base - ABOVE * size, left + width, base + BELOW * size)


def _inside(box: Box, within: Box) -> bool:
    return box[0] >= within[0] and box[1] >= within[1] and box[2] <= within[2] and box[3] <= within[3]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _crosses(box: Box, start: Point, end: Point) -> bool:
    """Tell whether a segment meets a box (Liang and Barsky's clipping)."""
    enter, leave = 0.0, 1.0
    for axis in (0, 1):
        run = end[axis] - start[axis]
        low, high = box[axis] - start[axis], box[axis + 2] - start[axis]
        if run == 0:
            if low > 0 or high < 0:
                return False
            continue
        near, far = sorted((low / run, high / run))
        enter, leave = max(enter, near), min(leave, far)
    return enter <= leave
