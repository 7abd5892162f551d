"""The chart of the weeks: coverage so far, the fan of the forecast, the target and what was reached when."""

from datetime import date
from typing import Any

from analysis.briefing.charts.frame import EDGE, Scale
from analysis.briefing.charts.lettering import LINE, SMALL, WIDTH, text_width, widest
from analysis.briefing.charts.palette import FIRST, INK, NOTE, QUIET, SECOND, TARGET
from analysis.briefing.charts.sheet import Box, Point, Sheet

HEIGHT = 136.0
COLOURS = {"at_least_one": FIRST, "primary_complete": SECOND}
FAN = 0.16
SCALE_STEP = 20


def draw_weeks(sheet: Sheet, top: float, data: dict[str, Any]) -> float:
    """Draw the weeks so far as lines, the forecast as a fan around a dashed line; returns the height used."""
    days, values = _extent(data)
    # Where a forecast runs above all that was counted, it leaves the picture at the top.
    highest = max(100.0, *values) * 1.04
    left = EDGE + widest([f"{SCALE_STEP * (int(highest) // SCALE_STEP)}%"]) + 6
    top = _draw_target_key(sheet, top, data["target"]["text"])
    y = top + LINE + 3
    along = Scale(days[0], days[-1], left + 4, WIDTH - EDGE - 4)
    up = Scale(0, highest, y + HEIGHT, y)
    _draw_scales(sheet, along, up, left)
    _draw_as_of(sheet, data, along, up, top)
    target = up(data["target"]["value"])
    sheet.line([(left, target), (WIDTH - EDGE, target)], TARGET, 1.0, (4, 2))
    shown = [status for status in COLOURS if data["past"][status]]
    for status in shown:
        _draw_series(sheet, data["past"][status], data["ahead"][status], COLOURS[status], along, up)
    marks = [_draw_milestone(sheet, mark, along, up) for mark in data["milestones"]]
    within = (left + 3, y, WIDTH - EDGE, y + HEIGHT - 3)
    for status in shown:
        _label_series(sheet, data, status, along, up, within)
    for x, level, text in marks:
        sheet.label(text, [(x + 5, level + 9, "left"), (x - 5, level - 9, "right")], within)
    if data["as_of"]["then"]:
        sheet.label(data["labels"]["band"], [(within[2] - 2, within[3] - 12, "right")], within, NOTE)
    return y + HEIGHT + _draw_days(sheet, days, along, y + HEIGHT)


def _draw_target_key(sheet: Sheet, top: float, text: str) -> float:
    """Name the target above the chart, beside a piece of its line: inside there is not always room."""
    sheet.line([(EDGE, top + LINE / 2), (EDGE + 18, top + LINE / 2)], TARGET, 1.0, (4, 2))
    sheet.write(EDGE + 23, top + LINE / 2, text, SMALL, TARGET)
    return top + LINE + 3


def _extent(data: dict[str, Any]) -> tuple[list[int], list[float]]:
    """Return all days drawn, in order, and all percentages counted so far."""
    rows = [row for part in ("past", "ahead") for series in data[part].values() for row in series]
    days = sorted({_day(row[0]) for row in rows})
    values = [row[1] for series in data["past"].values() for row in series]
    return days if len(days) > 1 else [days[0] - 7, days[0]], values


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _draw_scales(sheet: Sheet, along: Scale, up: Scale, left: float) -> None:
    for step in range(0, int(up.high) + 1, SCALE_STEP):
        sheet.write(left - 5, up(step), f"{step}%", SMALL, NOTE, "right")
        sheet.line([(left - 3, up(step)), (left, up(step))], NOTE, 0.7)
    sheet.line([(left, up.end), (left, up.start)], NOTE, 0.7)
    sheet.line([(left, up.start), (along.end + 4, up.start)], NOTE, 0.7)


def _draw_as_of(sheet: Sheet, data: dict[str, Any], along: Scale, up: Scale, top: float) -> None:
    """Draw the day to whose end everything is counted; what is right of it is forecast."""
    x, as_of = along(_day(data["as_of"]["day"])), data["as_of"]
    end = max(x - 4, EDGE + text_width(as_of["text"]))
    sheet.write(end, top + LINE / 2, as_of["text"], SMALL, NOTE, "right")
    if as_of["then"]:
        start = min(max(x, end) + 4, WIDTH - EDGE - text_width(as_of["then"]))
        sheet.write(start, top + LINE / 2, as_of["then"], SMALL, NOTE)
    upper = top + (LINE + 2 if end > x else 1)  # the line begins between the two, or below what lies over it
    sheet.line([(x, upper), (x, up.start)], QUIET, 0.9, (1.5, 1.5))


def _draw_days(sheet: Sheet, days: list[int], along: Scale, y: float) -> float:
    """Write days from the last one back, a whole number of weeks apart, and the year where it begins."""
    weeks = 1
    while 7 * weeks * (along.end - along.start) / (along.high - along.low) < text_width("30/10") + 9:
        weeks += 1
    listed = [date.fromordinal(day) for day in range(days[-1], days[0] - 1, -7 * weeks)][::-1]
    for place, day in enumerate(listed):
        x = along(day.toordinal())
        side = "right" if x + text_width("30/10") / 2 > WIDTH - EDGE else "center"
        x = WIDTH - EDGE if side == "right" else max(x, EDGE + text_width("30/10") / 2)
        sheet.line([(along(day.toordinal()), y), (along(day.toordinal()), y + 2.5)], NOTE, 0.7)
        sheet.write(x, y + 3.5 + LINE / 2, day.strftime("%d/%m"), SMALL, NOTE, side)
        if place == 0 or day.year != listed[place - 1].year:
            sheet.write(x, y + 3.5 + LINE * 1.5, str(day.year), SMALL, NOTE, side, bold=True)
    return 3.5 + 2 * LINE


def _draw_series(
    sheet: Sheet, past: list[Any], ahead: list[Any], colour: str, along: Scale, up: Scale
) -> None:
    line = [(along(_day(d)), up(v)) for d, v in past]
    if ahead:
        fan = [[past[-1][0], *[past[-1][1]] * 3], *ahead]
        low, middle, high = ([(along(_day(row[0])), up(row[i])) for row in fan] for i in (1, 2, 3))
        sheet.area(below_top([*low, *high[::-1]], up.end, is_closed=True), colour, FAN)
        for points, width, dashes in ((low, 0.6, ()), (high, 0.6, ()), (middle, 1.2, (2, 1.5))):
            cut = below_top(points, up.end)
            if len(cut) > 1:
                sheet.line(cut, colour, width, dashes)
    if len(line) > 1:
        sheet.line(line, colour, 1.9)
    is_first = colour == FIRST
    sheet.dot(*line[-1], 3.0, "#ffffff" if is_first else colour, colour, 1.4)


def below_top(points: list[Point], top: float, is_closed: bool = False) -> list[Point]:
    """Cut a line, or a closed shape, at the upper edge of the picture (a smaller y is higher)."""
    kept: list[Point] = []
    pairs = list(zip(points, [*points[1:], points[0]], strict=True))
    for (x, y), (next_x, next_y) in pairs if is_closed else pairs[:-1]:
        if y >= top:
            kept.append((x, y))
        if (y - top) * (next_y - top) < 0:
            kept.append((x + (top - y) / (next_y - y) * (next_x - x), top))
            if not is_closed and next_y < top:
                return kept
    if not is_closed and points[-1][1] >= top:
        kept.append(points[-1])
    return kept


def _draw_milestone(sheet: Sheet, mark: dict[str, Any], along: Scale, up: Scale) -> tuple[float, float, str]:
    x, y = along(_day(mark["day"])), up(mark["value"])
    sheet.diamond(x, y, 4.0, INK)
    return (x, y, mark["text"])


def _label_series(
    sheet: Sheet, data: dict[str, Any], status: str, along: Scale, up: Scale, within: Box
) -> None:
    """Write a series' name and its last figure beside its last point, or where there is room nearest to it."""
    day, value = data["past"][status][-1]
    x, y = along(_day(day)), up(value)
    places = [(x - 7, y - 11, "right"), (x - 7, y + 12, "right"), (x + 7, y + 12, "left")]
    sheet.label(data["labels"][status], places, within, COLOURS[status], bold=True)
