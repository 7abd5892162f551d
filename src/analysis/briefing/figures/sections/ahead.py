"""The annex of the forecast: what the coming weeks may bring, as a table, and how earlier forecasts came out."""

from datetime import date
from decimal import Decimal
from typing import Any

from analysis.briefing.figures.front import COMPLETE, ONE
from analysis.briefing.figures.layout import Section, TableSpec, section, table
from analysis.briefing.figures.outlook import past_forecast_sentences, suspicious_sentence
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.wording import Words

HUNDRED = Decimal(100)
STATUSES = (ONE, COMPLETE)
# The band shown around the forecast, and its middle (23 quantiles are kept, three are drawn).
LOW, MIDDLE, HIGH = Decimal("0.025"), Decimal("0.5"), Decimal("0.975")
WEEKS_TOLD = (1, 2, 4, 8)


def ahead_section(tables: UnitTables, words: Words) -> Section:
    """Return the forecast as a table, with what its range means."""
    ahead = {status: forecast_days(tables, status) for status in STATUSES}
    title = words("weeks.ahead_title")
    if not any(ahead.values()):
        notes = [suspicious_sentence(tables, words)]
        return section("ahead", "method", title, [words("weeks.no_forecast")], notes=notes)
    is_over = any(values[-1] > HUNDRED for series in ahead.values() for _, values in series)
    notes = [words("weeks.over_note")] if is_over else []
    notes += [suspicious_sentence(tables, words), *past_forecast_sentences(tables, words)]
    return section(
        "ahead", "method", title, [words("weeks.lead")], [_ahead_table(tables, ahead, words)], notes=notes
    )


def forecast_days(tables: UnitTables, status: str) -> list[tuple[date, tuple[Decimal, Decimal, Decimal]]]:
    """Return low, middle and high of each forecast day."""
    days: dict[date, dict[Decimal, Decimal]] = {}
    for row in tables.lists["forecast"]:
        if row["series_status"] == status:
            days.setdefault(row["target_date"], {})[Decimal(row["quantile"]).normalize()] = row["value"]
    wanted = [q.normalize() for q in (LOW, MIDDLE, HIGH)]
    return [
        (day, (values[wanted[0]], values[wanted[1]], values[wanted[2]]))
        for day, values in sorted(days.items())
        if all(q in values for q in wanted)
    ]


def _ahead_table(tables: UnitTables, ahead: dict[str, Any], words: Words) -> TableSpec:
    told = {week * 7 for week in WEEKS_TOLD}
    by_day = {s: dict(ahead[s]) for s in STATUSES}
    days = [d for d in sorted(set(by_day[ONE]) | set(by_day[COMPLETE])) if (d - tables.as_of).days in told]
    rows = [[words.day(d), *(_range(by_day[s].get(d), words) for s in STATUSES)] for d in days]
    titles = [words("weeks.day"), *(words(f"status.{s}") for s in STATUSES)]
    return table(words("weeks.caption"), titles, rows, weights=(1, 1.5, 1.5), name="ahead")


def _range(values: tuple[Decimal, Decimal, Decimal] | None, words: Words) -> str:
    if values is None:
        return words("none")
    low, middle, high = (_forecast_text(v, words) for v in values)
    if values[0] > HUNDRED:
        return low
    return words("weeks.range", middle=middle, low=low, high=high)


def _forecast_text(value: Decimal, words: Words) -> str:
    """Write a forecast percentage; above 100 it only says that the pace suffices, not how many people."""
    return words("weeks.over") if value > HUNDRED else words.decimal(value, 1)
