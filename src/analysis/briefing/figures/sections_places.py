"""The sections on what is to be done: hands and doses needed by place, and the requests once more."""

from decimal import ROUND_HALF_UP, Decimal

from analysis.briefing.figures.layout import Section, section, table
from analysis.briefing.figures.page_one.needs import Needs, unit_needs
from analysis.briefing.figures.page_one.requests import requests
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.sums import unit_rest
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words

ROWS_SHOWN = 25


def places_sections(tables: UnitTables, words: Words) -> list[Section]:
    """Return the sections of tasks by place and of requests."""
    needs = unit_needs(tables)
    asked = section("requests", "plan", words("request_section.title"), requests(tables, needs, words))
    return [_places_section(tables, needs, words), asked]


def _places_section(tables: UnitTables, needs: Needs, words: Words) -> Section:
    """Return first doses, doses to enter and the days that takes, by place; places without any are left out."""
    first = {unit.code: people for unit, people in needs.first}
    rows = [(unit, first.get(code, 0), _backlog(tables, code)) for code, unit in tables.parts.items()]
    rows = sorted((r for r in rows if r[1] or r[2]), key=lambda r: (-r[1], -r[2], r[0].code))
    title = words("places.title")
    if not rows:
        return section("places", "plan", title, [words("places.none")])
    lines = _lines(tables, needs, rows, words)
    last = len(lines) - 1
    target = needs.target
    first_title = (
        words("places.first", target=words.percent(target, 0)) if target else words("places.first_none")
    )
    titles = [words(f"parts.{tables.unit.level}.unit"), first_title]
    titles += [words(f"places.{name}") for name in ("backlog", "person_days", "per_adult")]
    sums = [(last, range(last))]
    listing = table(words("places.caption"), titles, lines, strong_rows=[last], sums=sums)
    rate = words.whole(tables.run.settings.entry_rate_per_person_day)
    return section("places", "plan", title, [words("places.lead", rate=rate)], [listing])


def _lines(
    tables: UnitTables, needs: Needs, rows: list[tuple[Unit, int, int]], words: Words
) -> list[list[str]]:
    """Return the places, the rest in one line, and the total."""
    shown, rest = rows[:ROWS_SHOWN], rows[ROWS_SHOWN:]
    named = [
        (unit.short_name, people, doses, _doses_per_adult(tables, unit)) for unit, people, doses in shown
    ]
    if rest:
        level = words(f"level.below_{tables.unit.level}")
        more = words("list.more", count=words.whole(len(rest)), level=level)
        named.append((more, sum(r[1] for r in rest), sum(r[2] for r in rest), None))
    total = _backlog(tables, tables.unit.code)
    unknown = unit_rest(total, [doses for *_, doses in rows])
    if unknown:
        named.append((words("parts.rest"), 0, unknown, None))
    days = shared_days(
        [doses for _, _, doses, _ in named], total, tables.run.settings.entry_rate_per_person_day
    )
    named.append((words("parts.total"), needs.first_doses, total, _doses_per_adult(tables, tables.unit)))
    return [
        [name, words.whole(people), words.whole(doses), words.whole(day), words.decimal(per_adult)]
        for (name, people, doses, per_adult), day in zip(named, [*days, sum(days)], strict=True)
    ]


def shared_days(doses: list[int], total: int, rate: int) -> list[int]:
    """Return whole person-days by place that sum to those of the whole: rounded up where most is left over."""
    days = [max(0, count) // rate for count in doses]  # below 0 more was entered than reported
    missing = -(-max(0, total) // rate) - sum(days)
    most = sorted(range(len(doses)), key=lambda i: (-(doses[i] % rate), i))
    for i in most[: max(0, missing)]:
        days[i] += 1
    return days


def _backlog(tables: UnitTables, code: str) -> int:
    return int(tables.entered(code).get("backlog") or 0)


def _doses_per_adult(tables: UnitTables, unit: Unit) -> Decimal | None:
    allocated = tables.supplied(unit.code).get("doses_allocated")
    adults = tables.covered(unit.code, "reported", "at_least_one").get("population")
    if allocated is None or not adults:
        return None
    return (Decimal(int(allocated)) / int(adults)).quantize(Decimal("0.01"), ROUND_HALF_UP)
