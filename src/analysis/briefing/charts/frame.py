"""What every picture has: its finding as title above, number, counts, denominator, date and source below."""

from typing import Any

from analysis.briefing.charts.lettering import LINE, SMALL, TITLE, TITLE_LINE, WIDTH, balanced, wrapped
from analysis.briefing.charts.palette import BARELY, INK, NOTE, TARGET
from analysis.briefing.charts.sheet import Sheet

EDGE = 2.0
ROOM = WIDTH - 2 * EDGE


def draw_title(sheet: Sheet, title: str) -> float:
    """Write the finding; returns the height used."""
    y = 2.0
    for line in balanced(title, ROOM, TITLE, bold=True):
        sheet.write(EDGE, y + TITLE_LINE / 2, line, TITLE, INK, bold=True)
        y += TITLE_LINE
    return y + 5


def draw_foot(sheet: Sheet, top: float, chart: dict[str, Any], mark: str) -> float:
    """Write what the picture rests on, and the mark of a simulated run; returns the height of the whole."""
    y = top + 6
    sheet.line([(EDGE, y), (WIDTH - EDGE, y)], BARELY, 0.6)
    y += 2
    for line in wrapped(f"{chart['number']}. {chart['foot']}", ROOM):
        sheet.write(EDGE, y + LINE / 2, line, SMALL, NOTE)
        y += LINE
    if mark:
        sheet.write(EDGE, y + LINE / 2, mark, SMALL, TARGET, bold=True)
        y += LINE
    return y + 2


def draw_axis(
    sheet: Sheet, y: float, scale: "Scale", texts: list[tuple[float, str]], colour: str = NOTE
) -> float:
    """Draw a horizontal axis with its steps below; returns the height used."""
    sheet.line([(scale.start, y), (scale.end, y)], colour, 0.7)
    for value, text in texts:
        x = scale(value)
        sheet.line([(x, y), (x, y + 2.5)], colour, 0.7)
        sheet.write(x, y + 3.5 + LINE / 2, text, SMALL, colour, "center")
    return y + 3.5 + LINE


class Scale:
    """A straight scale from values to points."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
