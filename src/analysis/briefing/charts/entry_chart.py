"""Entry by place: doses still to enter, and the week's new doses (○) against the week's entries (●)."""

from typing import Any

from analysis.briefing.charts.frame import EDGE, Scale
from analysis.briefing.charts.lettering import LINE, SMALL, WIDTH, widest, wrapped
from analysis.briefing.charts.palette import BARELY, FIRST, INK, NOTE, PAPER, QUIET, SECOND, TARGET
from analysis.briefing.charts.sheet import Sheet

NAME_ROOM = 88.0
ROW, BAR = 12.5, 7.5
GROUP = 5
RADIUS = 3.2
BACKLOG_SHARE = 0.42  # of the room right of the names


def draw_entry(sheet: Sheet, top: float, data: dict[str, Any]) -> float:
    """Draw a bar and a pair of marks a row; returns the height used."""
    rows = data["rows"]
    names = [wrapped(row["name"], NAME_ROOM) for row in rows]
    flags = [row["flag"] for row in rows]
    # Names of places that entered nothing are bold, the flag stands below them: beside marks there is no sure room.
    left = EDGE + widest([*flags, *(line for lines in names for line in lines)], bold=any(flags)) + 8
    room = widest([row["text"] for row in rows]) + 6
    split = left + BACKLOG_SHARE * (WIDTH - EDGE - left)
    bars = Scale(
        0, max(1, *(max(0, row["backlog"] or 0) for row in rows)), left, max(left + 12, split - room)
    )
    heaviest = max(1, *(value or 0 for row in rows for value in (row["given"], row["entered"])))
    flows = Scale(0, heaviest, split + 14, WIDTH - EDGE - RADIUS - 2)
    y = _draw_heads(sheet, top, data, left, split + 8)
    for place, (row, lines) in enumerate(zip(rows, names, strict=True)):
        lines = [*lines, row["flag"]] if row["flag"] else lines
        height = max(ROW, LINE * len(lines) + 2)
        if place and place % GROUP == 0:
            sheet.line([(EDGE, y), (WIDTH - EDGE, y)], BARELY, 0.5)
        middle = y + height / 2
        for i, line in enumerate(lines):
            colour = TARGET if line == row["flag"] else INK
            level = middle + LINE * (i - (len(lines) - 1) / 2)
            sheet.write(EDGE, level, line, SMALL, colour, bold=bool(row["flag"]))
        _draw_backlog(sheet, middle, row, bars)
        _draw_flow(sheet, middle, row, flows)
        y += height
    return _draw_scale(sheet, y + 2, flows, data["most"], heaviest)


def _draw_heads(sheet: Sheet, top: float, data: dict[str, Any], left: float, flow: float) -> float:
    """Write what the bars and the marks stand for."""
    heads = data["heads"]
    lines = wrapped(heads["backlog"], flow - left - 12)
    for place, line in enumerate(lines):
        sheet.write(left, top + LINE * (place + 0.5), line, SMALL, NOTE)
    for place, name in enumerate(("given", "entered")):
        y = top + LINE * (place + 0.5)
        _draw_mark(sheet, flow + RADIUS, y, name)
        sheet.write(flow + 11, y, heads[name], SMALL, NOTE)
    return top + LINE * max(2, len(lines)) + 4


def _draw_mark(sheet: Sheet, x: float, y: float, name: str) -> None:
    is_given = name == "given"
    sheet.dot(x, y, RADIUS, PAPER if is_given else FIRST, FIRST, 1.4)


def _draw_backlog(sheet: Sheet, middle: float, row: dict[str, Any], bars: Scale) -> None:
    end = bars(max(0, row["backlog"] or 0))
    if end > bars.start:
        sheet.block((bars.start, middle - BAR / 2, max(end, bars.start + 0.8), middle + BAR / 2), SECOND)
    sheet.write(end + 4, middle, row["text"], SMALL, INK)


def _draw_flow(sheet: Sheet, middle: float, row: dict[str, Any], flows: Scale) -> None:
    given, entered = row["given"], row["entered"]
    if given is not None and entered is not None:
        ends = sorted((flows(given), flows(entered)))
        # More given than entered: the pile grows, and the line is broken.
        sheet.line([(ends[0], middle), (ends[1], middle)], QUIET, 1.3, () if entered >= given else (2.5, 1.5))
    for name, value in (("given", given), ("entered", entered)):
        if value is not None:
            _draw_mark(sheet, flows(value), middle, name)


def _draw_scale(sheet: Sheet, y: float, flows: Scale, most: str, heaviest: int) -> float:
    """Draw the axis of the week's doses: zero and the most."""
    sheet.line([(flows.start, y), (flows.end, y)], NOTE, 0.7)
    for value, text, side in ((0, "0", "center"), (heaviest, most, "right")):
        sheet.line([(flows(value), y), (flows(value), y + 2.5)], NOTE, 0.7)
        sheet.write(
            WIDTH - EDGE if side == "right" else flows(value), y + 3.5 + LINE / 2, text, SMALL, NOTE, side
        )
    return y + 3.5 + LINE
