"""Districts (or provinces) one below the other: ○ at least one dose, ● complete, the target named above."""

from typing import Any

from analysis.briefing.charts.frame import EDGE, Scale, draw_axis
from analysis.briefing.charts.lettering import LINE, SMALL, WIDTH, text_width, widest, wrapped
from analysis.briefing.charts.palette import BARELY, FIRST, INK, NOTE, PAPER, QUIET, SECOND, TARGET
from analysis.briefing.charts.sheet import Sheet

NAME_ROOM = 100.0
ROW = 12.0
RADIUS = 3.4
GROUP = 5  # a guide line after so many rows
HEADS = ("at_least_one", "primary_complete")


def draw_districts(sheet: Sheet, top: float, data: dict[str, Any]) -> float:
    """Draw the rows; returns the height used."""
    rows, heads = data["rows"], [data["heads"][name] for name in HEADS]
    names = [wrapped(row["name"], NAME_ROOM) for row in rows]
    left = EDGE + widest([line for lines in names for line in lines]) + 9
    columns = _column_ends(rows, heads)
    highest = max(100.0, *(row["at_least_one"] for row in rows))
    scale = Scale(0, highest, left, columns[0][0] - 12)
    y = draw_target(sheet, top, scale, data["target"])
    line_top = y
    y = _draw_heads(sheet, y, heads, columns)
    for place, (row, lines) in enumerate(zip(rows, names, strict=True)):
        height = max(ROW, LINE * len(lines) + 2)
        if place and place % GROUP == 0:
            sheet.line([(EDGE, y), (WIDTH - EDGE, y)], BARELY, 0.5)
        _draw_row(sheet, y, height, lines, row, scale, columns)
        y += height
    target = scale(data["target"]["value"])
    sheet.line([(target, line_top), (target, y + 2)], TARGET, 1.0, (4, 2))
    return draw_axis(sheet, y + 2, scale, steps_of(scale, "%"))


def draw_target(sheet: Sheet, top: float, scale: Scale, target: dict[str, Any]) -> float:
    """Write the target's name above its line, as near to it as the edges of the picture let it."""
    half = text_width(target["text"]) / 2
    x = min(max(scale(target["value"]), EDGE + half), WIDTH - EDGE - half)
    sheet.write(x, top + LINE / 2, target["text"], SMALL, TARGET, "center")
    return top + LINE + 1


def _column_ends(rows: list[dict[str, Any]], heads: list[list[str]]) -> list[tuple[float, float]]:
    """Return left and right of the two columns of figures."""
    ends: list[tuple[float, float]] = []
    right = WIDTH - EDGE
    for name, head in reversed(list(zip(HEADS, heads, strict=True))):
        width = max(widest([row["texts"][name] for row in rows], bold=True), widest(head) + 10)
        ends.insert(0, (right - width, right))
        right -= width + 8
    return ends


def _draw_heads(sheet: Sheet, y: float, heads: list[list[str]], columns: list[tuple[float, float]]) -> float:
    """Write the heads of the figures with the mark that stands for each."""
    for name, head, (_, right) in zip(HEADS, heads, columns, strict=True):
        draw_mark(sheet, right - text_width(head[0]) - 6.5, y + LINE / 2, name)
        for place, line in enumerate(head):
            sheet.write(right, y + LINE * (place + 0.5), line, SMALL, NOTE, "right")
    return y + LINE * max(map(len, heads)) + 3


def draw_mark(sheet: Sheet, x: float, y: float, name: str) -> None:
    """Draw ○ for at least one dose, ● for complete: shape and lightness differ, not the colour alone."""
    is_first = name == "at_least_one"
    sheet.dot(x, y, RADIUS, PAPER if is_first else SECOND, FIRST if is_first else SECOND, 1.4)


def _draw_row(
    sheet: Sheet,
    y: float,
    height: float,
    lines: list[str],
    row: dict[str, Any],
    scale: Scale,
    columns: list[tuple[float, float]],
) -> None:
    middle = y + height / 2
    for place, line in enumerate(lines):
        sheet.write(EDGE, middle + LINE * (place - (len(lines) - 1) / 2), line)
    first, second = row["at_least_one"], row["primary_complete"]
    if second is not None:
        ends = sorted((scale(first), scale(second)))
        sheet.line([(ends[0], middle), (ends[1], middle)], QUIET, 1.3)
        draw_mark(sheet, scale(second), middle, "primary_complete")
    draw_mark(sheet, scale(first), middle, "at_least_one")
    for name, (_, right) in zip(HEADS, columns, strict=True):
        is_below = row["is_below"] and name == "at_least_one"
        sheet.write(
            right, middle, row["texts"][name], SMALL, TARGET if is_below else INK, "right", bold=is_below
        )


def steps_of(scale: Scale, unit: str = "") -> list[tuple[float, str]]:
    """Return round percentages along a scale, as many as stand beside each other without touching."""
    for step in (10, 20, 25, 50, 100):
        values = list(range(-(-int(scale.low) // step) * step, int(scale.high) + 1, step))
        room = (scale(step) - scale(0)) if len(values) > 1 else 99.0
        if abs(room) >= text_width(f"{values[-1]}{unit}") + 6:
            return [(float(v), f"{v}{unit}") for v in values]
    return [(100.0, f"100{unit}")]
