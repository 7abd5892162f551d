"""Sections on where the unit stands: its parts, and the weeks so far with the forecast."""

from datetime import date
from decimal import Decimal

from analysis.briefing.figures.front import COMPLETE, ONE, REPORTED, ratio_pct
from analysis.briefing.figures.layout import ChartSpec, Section, section, shown_and_rest, table
from analysis.briefing.figures.outlook import (
    deadline_sentence,
)
from analysis.briefing.figures.page_one.caution import named_and_more
from analysis.briefing.figures.page_one.grades import grade_text, low_grades_note
from analysis.briefing.figures.pictures_coverage import (
    map_picture,
    parts_picture,
    weeks_picture,
)
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.sections.ahead import ahead_section, forecast_days
from analysis.briefing.figures.sections.bases import bases_section
from analysis.briefing.figures.sections.plan import short_targets_table
from analysis.briefing.figures.sums import unit_rest
from analysis.briefing.figures.units import COUNTRY, Unit, unit_in_sentence
from analysis.briefing.figures.wording import Words, without_controls

HUNDRED = Decimal(100)
OVER_NAMED = 5  # places above 100% of one cause; the others are counted
STATUSES = (ONE, COMPLETE)


def coverage_sections(tables: UnitTables, words: Words) -> list[Section]:
    """Return the sections of results with their annexes: all places, all columns; the forecast as a table."""
    return [
        parts_section(tables, words),
        all_parts_section(tables, words),
        weeks_section(tables, words),
        ahead_section(tables, words),
        bases_section(tables, words),
    ]


def parts_section(tables: UnitTables, words: Words) -> Section:
    """Return the picture of districts (or provinces) beside the rows that matter of their table."""
    level = f"parts.{tables.unit.level}"
    title = words(f"{level}.title")
    units, counted, known = _ranked(tables)
    if not counted:
        return section("parts", "coverage", title, [words("front.districts_missing")])
    shown, rest = shown_and_rest(units, *ENDS_SHOWN[tables.unit.level])
    rows = [_short_row(tables, unit, words) for unit in shown]
    if rest:
        rows.insert(ENDS_SHOWN[tables.unit.level][0], _others_row(tables, rest, words))
    rows += [row[:1] + row[2:5] for row in _rest_row(tables, words)]
    rows.append(_short_row(tables, tables.unit, words, words("parts.total")))
    titles = [words(f"{level}.unit")] + [words(f"parts.{name}") for name in ("one", "one_pct", "week")]
    last = len(rows) - 1
    caption, sums = words(f"{level}.short_caption"), [(last, range(last))]
    charts = _parts_charts(tables, known, words)
    listing = table(
        caption,
        titles,
        rows,
        strong_rows=[last],
        weights=(1.4, 1, 0.95, 0.95),
        sums=sums,
        is_beside=bool(charts),
        whole="parts_all",
    )
    missing = len(units) - len(counted)
    notes = [
        _over_hundred_note(tables, units, words),
        words("parts.without", count=words.whole(missing)) if missing else "",
        low_grades_note(tables, words),
        words("parts.whole"),
    ]
    return section("parts", "coverage", title, tables=[listing], charts=charts, notes=notes)


# How many of the highest and of the lowest places the body names; the annex has them all.
ENDS_SHOWN = {"country": (8, 8), "province": (5, 9)}


def all_parts_section(tables: UnitTables, words: Words) -> Section:
    """Return the whole table of districts (or provinces): counts, percentages, the week's change, the grade."""
    level = f"parts.{tables.unit.level}"
    units, counted, _ = _ranked(tables)
    rows = [_part_row(tables, unit, words) for unit in units if counted]
    rows += _rest_row(tables, words)
    rows.append(_part_row(tables, tables.unit, words, words("parts.total")))
    titles = [words(f"{level}.unit")] + [words(f"parts.{name}") for name in _PART_COLUMNS]
    weights = (1.6, 1.05, 1.05, 1, 0.95, 1, 1, 1.2)
    last = [len(rows) - 1]
    sums = [(last[0], range(last[0]))]
    listing = table(
        words(f"{level}.caption"),
        titles,
        rows if counted else [],
        (0, 7),
        strong_rows=last,
        weights=weights,
        sums=sums,
        name="parts_all",
    )
    missing = [] if counted else [words("front.districts_missing")]
    notes = [denominator_note(tables, words)]
    return section("all_parts", "method", words(f"{level}.all_title"), missing, [listing], notes=notes)


def _ranked(tables: UnitTables) -> tuple[list[Unit], list[Unit], list[Unit]]:
    """Return all parts from the highest rate to the lowest, those with people, those with a rate."""
    units = sorted(tables.parts.values(), key=lambda unit: _rank(tables, unit))
    counted = [u for u in units if tables.covered(u.code, REPORTED, ONE).get("people") is not None]
    known = [u for u in counted if tables.covered(u.code, REPORTED, ONE).get("coverage_pct") is not None]
    return units, counted, known


_PART_COLUMNS = ("population", "one", "one_pct", "week", "two", "two_pct", "grade")


def _short_row(tables: UnitTables, unit: Unit, words: Words, name: str = "") -> list[str]:
    """Return name, people, rate and the week's change of a place."""
    row = _part_row(tables, unit, words, name)
    return row[:1] + row[2:5]


def _others_row(tables: UnitTables, units: list[Unit], words: Words) -> list[str]:
    """Return the row of the places that the body does not name: their people and their rate together."""
    covered = [tables.covered(unit.code, REPORTED, ONE) for unit in units]
    people = [int(r["people"]) for r in covered if r.get("people") is not None]
    of = [int(r["population"]) for r in covered if r.get("population") and r.get("people") is not None]
    pct = ratio_pct(sum(people), sum(of)) if of and len(of) == len(units) else None
    level = words(f"level.below_{tables.unit.level}")
    name = words("list.more", count=words.whole(len(units)), level=level)
    return [name, words.whole(sum(people)), words.percent(pct), words("none")]


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
    causes = {r["unit_code"]: r["main_cause"] for r in tables.lists["above"]}
    by_cause: dict[str | None, list[Unit]] = {}
    for unit in units:
        if _is_over(tables, unit):
            by_cause.setdefault(causes.get(unit.code), []).append(unit)
    named = {cause: named_and_more(of, OVER_NAMED, tables, words) for cause, of in by_cause.items()}
    if _is_over(tables, tables.unit):
        own, cause = unit_in_sentence(tables.unit), causes.get(tables.unit.code)
        named = {cause: "; ".join([own, *([named[cause]] if cause in named else [])])} | {
            other: names for other, names in named.items() if other != cause
        }
    groups = [_with_cause(names, cause, words) for cause, names in named.items()]
    return words("parts.over_hundred", names="; ".join(groups)) if groups else ""


def _is_over(tables: UnitTables, unit: Unit) -> bool:
    return (tables.covered(unit.code, REPORTED, ONE).get("coverage_pct") or Decimal(0)) > HUNDRED


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
    return [parts_picture(tables, known, words)]


def weeks_section(tables: UnitTables, words: Words) -> Section:
    """Return the weeks so far with the forecast and its range, beside the targets and how far they are."""
    title = words("weeks.title")
    weeks = {status: _weeks(tables, status) for status in STATUSES}
    aims = short_targets_table(tables, words, is_beside=bool(weeks[ONE]))
    if not weeks[ONE]:
        missing = words("weeks.missing")
        if tables.is_country_of_some:
            missing = words("front.country_rates_partial", provinces=words.whole(tables.reporting_provinces))
        return section("weeks", "coverage", title, [missing], [aims])
    ahead = {status: forecast_days(tables, status) for status in STATUSES}
    lead = "" if any(ahead.values()) else words("weeks.no_forecast")
    figure = weeks_picture(tables, weeks, ahead, words)
    whole = words("weeks.whole") if any(ahead.values()) and aims["rows"] else ""
    notes = [deadline_sentence(tables, words), whole]
    return section("weeks", "coverage", title, [lead], [aims], [figure], notes)


def _weeks(tables: UnitTables, status: str) -> list[tuple[date, Decimal]]:
    code = tables.unit.code
    found = [
        (day, row["coverage_pct"])
        for (unit, basis, series, day), row in tables.coverage.items()
        if (unit, basis, series) == (code, REPORTED, status) and row["coverage_pct"] is not None
    ]
    return sorted(pair for pair in found if pair[0] <= tables.as_of)
