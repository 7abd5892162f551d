"""A province's place among all: a dot a province in order, its own and its region's marked, the region's median."""

from typing import Any

from analysis.briefing.charts.frame import EDGE, Scale
from analysis.briefing.charts.lettering import LINE, SMALL, WIDTH, text_width, widest
from analysis.briefing.charts.palette import FIRST, INK, NOTE, PAPER, QUIET, SECOND
from analysis.briefing.charts.sheet import Sheet

HEIGHT = 118.0
RADIUS = {"own": 4.2, "region": 2.9, "other": 2.3}
FILL = {"own": SECOND, "region": FIRST, "other": PAPER}
EDGE_COLOUR = {"own": SECOND, "region": FIRST, "other": QUIET}


def draw_place(sheet: Sheet, top: float, data: dict[str, Any]) -> float:
    """Draw the dots from the highest to the lowest; returns the height used."""
    y = _draw_key(sheet, top, data["key"])
    low, high = data["low"], data["high"]
    steps = [(float(v), f"{v}%") for v in range(int(low), int(high) + 1, 10)]
    left = EDGE + widest([text for _, text in steps]) + 6
    down = Scale(low, high, y + HEIGHT, y)
    for value, text in steps:
        sheet.write(left - 5, down(value), text, SMALL, NOTE, "right")
        sheet.line([(left - 3, down(value)), (left, down(value))], NOTE, 0.7)
    sheet.line([(left, y), (left, y + HEIGHT)], NOTE, 0.7)
    count = len(data["dots"])
    along = Scale(1, max(2, count), left + 8, WIDTH - EDGE - 6)
    median = data["median"]
    sheet.line([(left, down(median["value"])), (WIDTH - EDGE, down(median["value"]))], FIRST, 1.0, (4, 2))
    dots = sorted(
        enumerate(data["dots"], start=1), key=lambda pair: pair[1]["kind"] == "own"
    )  # its own on top
    for place, dot in dots:
        kind = dot["kind"]
        sheet.dot(along(place), down(dot["value"]), RADIUS[kind], FILL[kind], EDGE_COLOUR[kind], 0.9)
    _draw_labels(sheet, data, along, down, (left + 3, y, WIDTH - EDGE, y + HEIGHT))
    return _draw_ends(sheet, y + HEIGHT + 3, left, data["ends"])


def _draw_ends(sheet: Sheet, y: float, left: float, ends: list[str]) -> float:
    """Write which province is first and which is last, each at its end of the row of dots."""
    sheet.write(left, y + LINE / 2, ends[0], SMALL, NOTE)
    if left + text_width(ends[0]) + 8 > WIDTH - EDGE - text_width(ends[1]):
        y += LINE
    sheet.write(WIDTH - EDGE, y + LINE / 2, ends[1], SMALL, NOTE, "right")
    return y + LINE


def _draw_key(sheet: Sheet, top: float, key: dict[str, str]) -> float:
    """Write what the dots stand for, side by side, on a second line where they do not fit."""
    x, y = EDGE, top
    for kind in ("own", "region", "other"):
        if kind not in key:
            continue
        width = 11 + text_width(key[kind])
        if x > EDGE and x + width > WIDTH - EDGE:
            x, y = EDGE, y + LINE + 1
        sheet.dot(x + 4.2, y + LINE / 2, RADIUS[kind], FILL[kind], EDGE_COLOUR[kind], 0.9)
        sheet.write(x + 11, y + LINE / 2, key[kind], SMALL, INK)
        x += width + 12
    return y + LINE + 8


def _draw_labels(
    sheet: Sheet, data: dict[str, Any], along: Scale, down: Scale, within: tuple[float, float, float, float]
) -> None:
    own = next((i, dot) for i, dot in enumerate(data["dots"], start=1) if dot["kind"] == "own")
    x, y = along(own[0]), down(own[1]["value"])
    sheet.label(
        data["own"],
        [(x + 8, y - 8, "left"), (x - 8, y + 9, "right"), (x, y - 13, "center"), (x, y + 14, "center")],
        within,
        bold=True,
    )
    level = down(data["median"]["value"])
    text = data["median"]["text"]
    sheet.label(
        text,
        [
            (within[0] + 2, level + 8, "left"),
            (within[2] - 2, level - 8, "right"),
            (within[0] + 2, level - 8, "left"),
        ],
        within,
        FIRST,
    )
