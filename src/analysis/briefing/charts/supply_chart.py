"""Doses there are against doses that are needed, on one scale, and what is missing or left between them."""

from typing import Any

from analysis.briefing.charts.frame import EDGE, Scale
from analysis.briefing.charts.lettering import LINE, SMALL, WIDTH, text_width
from analysis.briefing.charts.palette import FIRST, INK, NOTE, PAPER, QUIET, SECOND, TARGET
from analysis.briefing.charts.sheet import Sheet

BAR = 15.0
# Solid what is at hand or due now, hollow what is still to come or to be won.
LOOKS = {
    "on_hand": (FIRST, FIRST),
    "to_come": (PAPER, FIRST),
    "second": (SECOND, SECOND),
    "first": (PAPER, SECOND),
}


def draw_supply(sheet: Sheet, top: float, data: dict[str, Any]) -> float:
    """Draw the two bars with the name and the count of each part below; returns the height used."""
    scale = Scale(0, max(1, data["reach"]), EDGE, WIDTH - EDGE - 4)
    y = top
    for bar in data["bars"]:
        sheet.write(EDGE, y + LINE / 2, bar["name"], SMALL, INK, bold=True)
        sheet.write(WIDTH - EDGE, y + LINE / 2, bar["text"], SMALL, INK, "right", bold=True)
        y = _draw_bar(sheet, y + LINE + 2, bar, scale)
        for part in bar["parts"]:
            fill, edge = LOOKS[part["kind"]]
            sheet.block((EDGE + 4, y + 1.9, EDGE + 13, y + LINE - 1.9), fill, edge, 1.1)
            sheet.write(EDGE + 18, y + LINE / 2, part["name"], SMALL, INK)
            sheet.write(WIDTH - EDGE, y + LINE / 2, part["text"], SMALL, INK, "right")
            y += LINE + 1
        y += 6
    return _draw_gap(sheet, y, data["gap"], scale)


def _draw_bar(sheet: Sheet, y: float, bar: dict[str, Any], scale: Scale) -> float:
    x = scale.start
    for part in bar["parts"]:
        end = x + scale(part["doses"]) - scale.start
        if part["doses"]:
            fill, edge = LOOKS[part["kind"]]
            sheet.block((x, y, max(end, x + 1.2), y + BAR), fill, edge, 1.2)
        x = end
    if not bar["doses"]:
        sheet.line([(scale.start, y), (scale.start, y + BAR)], QUIET, 1.2)
    return y + BAR + 3


def _draw_gap(sheet: Sheet, y: float, gap: dict[str, Any], scale: Scale) -> float:
    """Draw the stretch between the two bars' ends, and say what it is."""
    start, end = scale(gap["low"]), scale(gap["high"])
    colour = TARGET if gap["is_short"] else NOTE
    if end - start > 2:
        for x in (start, end):
            sheet.line([(x, y), (x, y + 6)], colour, 1.1)
        sheet.line([(start, y + 3), (end, y + 3)], colour, 1.1)
    half = text_width(gap["text"], bold=True) / 2
    x = min(max((start + end) / 2, EDGE + half), WIDTH - EDGE - half)
    sheet.write(x, y + 8 + LINE / 2, gap["text"], SMALL, colour, "center", bold=True)
    return y + 8 + LINE
