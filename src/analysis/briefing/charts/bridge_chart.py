"""The waterfall from the people reported to those confirmed: each step begins where the one before ended."""

from typing import Any

from analysis.briefing.charts.frame import EDGE, Scale
from analysis.briefing.charts.lettering import LINE, SMALL, WIDTH, widest, wrapped
from analysis.briefing.charts.palette import FIRST, INK, NOTE, PAPER, QUIET, SECOND
from analysis.briefing.charts.sheet import Sheet

ROW, BAR = 19.0, 10.0
NAME_ROOM = 88.0
BREAK = 9.0  # where the bars of the two totals are cut, in points from the axis


def draw_bridge(sheet: Sheet, top: float, data: dict[str, Any]) -> float:
    """Draw totals as full bars, losses as solid and gains as hollow steps between them."""
    bars = data["bars"]
    left = EDGE + widest([line for bar in bars for line in wrapped(bar["name"], NAME_ROOM)]) + 8
    room = widest([bar["text"] for bar in bars if bar["people"] is not None], bold=True) + 6
    scale = Scale(data["low"], data["high"], left + (2 * BREAK if data["is_cut"] else 0), WIDTH - EDGE - room)
    y = top
    for place, bar in enumerate(bars):
        _write_name(sheet, y + ROW / 2, bar)
        if bar["people"] is None:
            sheet.write(left, y + ROW / 2, bar["text"], SMALL, NOTE)
        else:
            _draw_step(sheet, y, bar, scale, left, data["is_cut"])
        if place + 1 < len(bars):
            x = scale(bar["end"])
            sheet.line([(x, y + (ROW + BAR) / 2), (x, y + ROW + (ROW - BAR) / 2)], QUIET, 0.8)
        y += ROW
    sheet.line([(left, top), (left, y)], NOTE, 0.7)
    if data["is_cut"]:
        sheet.write(left, y + LINE / 2 + 2, data["cut"], SMALL, NOTE)
        y += LINE + 2
    return y


def _write_name(sheet: Sheet, middle: float, bar: dict[str, Any]) -> None:
    lines = wrapped(bar["name"], NAME_ROOM)
    for place, line in enumerate(lines):
        level = middle + (LINE - 1.5) * (place - (len(lines) - 1) / 2)
        sheet.write(EDGE, level, line, SMALL, INK, bold=bar["is_total"])


def _draw_step(sheet: Sheet, y: float, bar: dict[str, Any], scale: Scale, left: float, is_cut: bool) -> None:
    upper, lower = y + (ROW - BAR) / 2, y + (ROW + BAR) / 2
    start = left if bar["is_total"] else scale(bar["start"])
    ends = sorted((start, scale(bar["end"])))
    right = max(ends[1], ends[0] + 1.0)  # a step of a few people is still a line
    if bar["is_total"]:
        sheet.block((ends[0], upper, right, lower), FIRST)
        if is_cut:
            _draw_cut(sheet, left + BREAK, upper, lower)
    elif bar["end"] == bar["start"]:
        right = ends[1]
    elif bar["end"] < bar["start"]:
        sheet.block((ends[0], upper, right, lower), SECOND)
    else:
        sheet.block((ends[0], upper, right, lower), PAPER, FIRST, 1.1)
    sheet.write(right + 4, y + ROW / 2, bar["text"], SMALL, INK, bold=bar["is_total"])


def _draw_cut(sheet: Sheet, x: float, upper: float, lower: float) -> None:
    """Draw two slanted white lines through a bar: it does not begin at zero."""
    for shift in (0.0, 3.0):
        sheet.line([(x + shift - 1.5, lower + 1), (x + shift + 1.5, upper - 1)], PAPER, 1.4)
