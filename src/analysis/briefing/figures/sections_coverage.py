"""Sections on where the unit stands: its parts, and the weeks so far with the forecast."""

from datetime import date
from decimal import Decimal
from typing import Any

from analysis.briefing.figures.front import COMPLETE, ONE, REPORTED
from analysis.briefing.figures.layout import ChartSpec, Section, TableSpec, section, table
from analysis.briefing.figures.outlook import past_forecast_sentences, suspicious_sentence
from analysis.briefing.figures.page_one.grades import grade_text, low_grades_note
from analysis.briefing.figures.pictures_coverage import (
    map_picture,
    parts_picture,
    place_picture,
    weeks_picture,
)
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.sections_bases import bases_section
from analysis.briefing.figures.sums import unit_rest
from analysis.briefing.figures.units import COUNTRY, Unit
from analysis.briefing.figures.wording import Words, without_controls

HUNDRED = Decimal(100)
STATUSES = (ONE, COMPLETE)
# The band shown around the forecast, and its middle (23 quantiles are kept, three are drawn).
LOW, MIDDLE, HIGH = Decimal("0.025"), Decimal("0.5"), Decimal("0.975")
WEEKS_TOLD = (1, 2, 4, 8)


def coverage_sections(tables: UnitTables, words: Words) -> list[Section]:
    """Return the sections of the group `coverage`."""
    return [parts_section(tables, words), weeks_section(tables, words), bases_section(tables, words)]


def parts_section(tables: UnitTables, words: Words) -> Section:
    """Return districts (or provinces) with their counts, percentages and the week's change."""
    level = f"parts.{tables.unit.level}"
    units = sorted(tables.parts.values(), key=lambda unit: _rank(tables, unit))
    rows = [_part_row(tables, unit, words) for unit in units]
    rows += _rest_row(tables, words)
    rows.append(_part_row(tables, tables.unit, words, words("parts.total")))
    counted = [u for u in units if tables.covered(u.code, REPORTED, ONE).get("people") is not None]
    known = [u for u in counted if tables.covered(u.code, REPORTED, ONE).get("coverage_pct") is not None]
    if not counted:
        return section("parts", "coverage", words(f"{level}.title"), [words("front.districts_missing")])
    titles = [words(f"{level}.unit")] + [words(f"parts.{name}") for name in _PART_COLUMNS]
    weights = (1.6, 1.05, 1.05, 1, 0.95, 1, 1, 1.2)
    last = [len(rows) - 1]
    sums = [(last[0], range(last[0]))]
    caption = words(f"{level}.caption")
    listing = table(caption, titles, rows, (0, 7), strong_rows=last, weights=weights, sums=sums)
    charts = _parts_charts(tables, known, words)
    missing = len(units) - len(counted)
    notes = [
        _over_hundred_note(tables, units, words),
        words("parts.without", count=words.whole(missing)) if missing else "",
        denominator_note(tables, words),
        low_grades_note(tables, words),
    ]
    title = words(f"{level}.title")
    return section("parts", "coverage", title, tables=[listing], charts=charts, notes=notes)


_PART_COLUMNS = ("population", "one", "one_pct", "week", "two", "two_pct", "grade")


def _rank(tables: UnitTables, unit: Unit) -> tuple[bool, Decimal, str]:
    pct = tables.covered(unit.code, REPORTED, ONE).get("coverage_pct")
    return (pct is None, -(pct or Decimal(0)), unit.code)


def _part_row(tables: UnitTables, unit: Unit, words: Words, name: str = "") -> list[str]:
    one, two = (tables.covered(unit.code, REPORTED, status) for status in STATUSES)
    before = tables.covered(unit.code, REPORTED, ONE, tables.week_before)
    return [
        name or unit.short_name,
        words.whole(one.get("population")),
        words.whole(one.get("people")),
        words.percent(one.get("coverage_pct")),
        words.points(_difference(one.get("coverage_pct"), before.get("coverage_pct"))),
        words.whole(two.get("people")),
        words.percent(two.get("coverage_pct")),
        grade_text(tables, unit, words),
    ]


def _rest_row(tables: UnitTables, words: Words) -> list[list[str]]:
    """Return the row of what the unit counts beyond its parts (reports that name no part); none where they agree."""
    rests = [
        _counts_beyond(tables, name, status)
        for name, status in (("population", ONE), ("people", ONE), ("people", COMPLETE))
    ]
    if not any(rests):
        return []
    population, one, two = (words.whole(rest) for rest in rests)
    none = words("none")
    return [[words("parts.rest"), population, one, none, none, two, none, none]]


def _counts_beyond(tables: UnitTables, name: str, status: str) -> int:
    whole = tables.covered(tables.unit.code, REPORTED, status).get(name)
    return unit_rest(whole, [tables.covered(code, REPORTED, status).get(name) for code in tables.parts])


def _difference(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if now is None or before is None else now - before


def _over_hundred_note(tables: UnitTables, units: list[Unit], words: Words) -> str:
    """Explain coverage above 100%, which is shown as it is."""
    over = [
        unit
        for unit in [*units, tables.unit]
        if (tables.covered(unit.code, REPORTED, ONE).get("coverage_pct") or Decimal(0)) > HUNDRED
    ]
    causes = {r["unit_code"]: r["main_cause"] for r in tables.lists["above"]}
    by_cause: dict[str | None, list[str]] = {}
    for unit in over:
        by_cause.setdefault(causes.get(unit.code), []).append(unit.short_name)
    groups = [_with_cause(words.listed(names), cause, words) for cause, names in by_cause.items()]
    return words("parts.over_hundred", names="; ".join(groups)) if groups else ""


def _with_cause(names: str, cause: str | None, words: Words) -> str:
    """Name units with the main cause that their rates share, where the figures show one."""
    return f"{names} ({words(f'cause.{cause}')})" if cause and words.has(f"cause.{cause}") else names


def denominator_note(tables: UnitTables, words: Words) -> str:
    """Say where the denominator comes from and of which day it is."""
    row = tables.covered(tables.unit.code, REPORTED, ONE)
    if row.get("population") is None:
        return words("denominator.missing")
    return words(
        "denominator.source",
        population=words.whole(row["population"]),
        source=without_controls(str(row.get("population_source") or words("none")), 120),
        day=words.day(row.get("population_date")),
    )


def _parts_charts(tables: UnitTables, known: list[Unit], words: Words) -> list[ChartSpec]:
    """Return the map for the country; for a province its districts and its place among the provinces."""
    if not known:
        return []
    if tables.unit.code == COUNTRY:
        return [map_picture(tables, words)]
    return [parts_picture(tables, known, words), *place_picture(tables, words)]


def weeks_section(tables: UnitTables, words: Words) -> Section:
    """Return the weeks so far and the forecast with its range and the target line."""
    title = words("weeks.title")
    weeks = {status: _weeks(tables, status) for status in STATUSES}
    if not weeks[ONE]:
        missing = words("weeks.missing")
        if tables.is_country_of_some:
            missing = words("front.country_rates_partial", provinces=words.whole(tables.reporting_provinces))
        return section("weeks", "coverage", title, [missing], notes=[suspicious_sentence(tables, words)])
    ahead = {status: _ahead(tables, status) for status in STATUSES}
    lead = words("weeks.lead") if any(ahead.values()) else words("weeks.no_forecast")
    figure = weeks_picture(tables, weeks, ahead, words)
    is_over = any(values[-1] > HUNDRED for series in ahead.values() for _, values in series)
    notes = [words("weeks.over_note")] if is_over else []
    notes += [suspicious_sentence(tables, words), *past_forecast_sentences(tables, words)]
    listing = _ahead_table(tables, ahead, words)
    return section("weeks", "coverage", title, [lead], [listing], [figure], notes)


def _weeks(tables: UnitTables, status: str) -> list[tuple[date, Decimal]]:
    code = tables.unit.code
    found = [
        (day, row["coverage_pct"])
        for (unit, basis, series, day), row in tables.coverage.items()
        if (unit, basis, series) == (code, REPORTED, status) and row["coverage_pct"] is not None
    ]
    return sorted(pair for pair in found if pair[0] <= tables.as_of)


def _ahead(tables: UnitTables, status: str) -> list[tuple[date, tuple[Decimal, Decimal, Decimal]]]:
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
    return table(words("weeks.caption"), titles, rows, weights=(1, 1.5, 1.5))


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
