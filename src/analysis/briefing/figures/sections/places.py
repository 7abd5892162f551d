"""The sections on what is to be done: hands and doses needed by place, who leads, and what is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from analysis.briefing.figures.layout import Section, TableSpec, section, table
from analysis.briefing.figures.page_one.needs import ONE, REPORTED, Needs, unit_needs
from analysis.briefing.figures.page_one.requests import all_requests, product_sentence
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.sums import Count, rest_or_rounding, told_sum
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words

ROWS_SHOWN = {"country": 14, "province": 8}  # places that the body names, those with most to do first


@dataclass(frozen=True)
class Load:
    """What one place has to do: people for a first and for a second dose, doses to enter, records to verify."""

    name: str
    first: Count
    second: Count
    backlog: Count
    verify: Count
    per_adult: Decimal | None = None

    @property
    def counts(self) -> tuple[Count, Count, Count, Count]:
        """Return the counts in the order of the table."""
        return self.first, self.second, self.backlog, self.verify


def places_sections(tables: UnitTables, words: Words) -> list[Section]:
    """Return the sections of what is to be done by place and of requests, and the annex of all places."""
    needs = unit_needs(tables)
    loads = _loads(tables, needs)
    shown = ROWS_SHOWN[tables.unit.level]
    shown = len(loads) if len(loads) <= shown + 2 else shown
    title = words("places.title")
    if not loads:
        own = tables.covered(tables.unit.code, REPORTED, ONE).get("people")
        is_known = own is not None or tables.has_platform_files
        said = [words("places.none" if is_known else "places.missing")]
        body = section("places", "plan", title, said)
        whole = section("all_places", "method", words("places.all_title"), said)
        return [body, whole, requests_section(tables, needs, words)]
    rate = words.whole(tables.run.settings.entry_rate_per_person_day)
    listing = _listing(tables, needs, loads, shown, words)
    is_whole = shown == len(loads)
    notes = [words("places.leads") + ("" if is_whole else " " + words("places.whole"))]
    body = section("places", "plan", title, [words("places.lead", rate=rate)], [listing], notes=notes)
    every = table("", [], []) if is_whole else _listing(tables, needs, loads, len(loads), words, "places_all")
    told = [words("places.in_body")] if is_whole else []
    whole = section("all_places", "method", words("places.all_title"), told, [every])
    return [body, whole, requests_section(tables, needs, words)]


def requests_section(tables: UnitTables, needs: Needs, words: Words) -> Section:
    """Return every request, first doses against what is left, and second doses by product."""
    said = [*all_requests(tables, needs, words), product_sentence(tables, words)]
    return section("requests", "plan", words("request_section.title"), said)


def _loads(tables: UnitTables, needs: Needs) -> list[Load]:
    """Return the places with anything to do, those furthest from the target first."""
    first = {unit.code: people for unit, people in needs.first}
    place = {code: i for i, code in enumerate(first)}  # the lowest rate first, as on the first page
    found = []
    for code, unit in tables.parts.items():
        due = [r["people"] for r in tables.lists["due_parts"] if r["unit_code"] == code]
        load = Load(
            unit.short_name,
            first.get(code, 0),
            told_sum(due) if due else None,
            _backlog(tables, code),
            _verify(tables, code),
            _doses_per_adult(tables, unit),
        )
        found.append((load, code))
    found = [pair for pair in found if any(pair[0].counts)]
    found.sort(key=lambda p: (place.get(p[1], len(place)), -_known(p[0].second), -_known(p[0].backlog), p[1]))
    return [load for load, _ in found]


def _known(count: Count) -> int:
    return count if isinstance(count, int) else 0


def _verify(tables: UnitTables, code: str) -> Count:
    rows = tables.lists["plan_parts"]
    return next((r["backlog"] for r in rows if r["unit_code"] == code and r["task"] == "verify"), None)


def _listing(
    tables: UnitTables, needs: Needs, loads: Sequence[Load], shown: int, words: Words, name: str = ""
) -> TableSpec:
    """Return the first places, the others in one line, what none of them has, and the total."""
    rows = [*loads[:shown]]
    if shown < len(loads):
        level = words(f"level.below_{tables.unit.level}")
        others = words("list.more", count=words.whole(len(loads) - shown), level=level)
        columns = zip(*(load.counts for load in loads[shown:]), strict=True)
        first, second, backlog, verify = (_told_part(column) for column in columns)
        rows.append(Load(others, first, second, backlog, verify))
    whole = _whole(tables, needs, words)
    columns = zip(*(load.counts for load in rows), strict=True)
    rests = [rest_or_rounding(total, parts) for total, parts in zip(whole.counts, columns, strict=True)]
    if any(rests):
        first, second, backlog, verify = rests
        rows.append(Load(words("parts.rounding"), first, second, backlog, verify))
    return _table(
        [*rows, whole], tables, needs, words, name, "" if name or shown == len(loads) else "places_all"
    )


def _told_part(counts: Sequence[Count]) -> Count:
    """Return the sum of those of the counts that are told; what is not is in the last row but one."""
    told = [count for count in counts if isinstance(count, int)]
    return sum(told) if told else None


def _whole(tables: UnitTables, needs: Needs, words: Words) -> Load:
    due = [
        r["people"] for r in tables.lists["due"] if r["next_dose"] == 2 and r["state"] in ("due", "overdue")
    ]
    rows = tables.lists["plan"]
    return Load(
        words("parts.total"),
        needs.first_doses,
        told_sum(due) if due else None,
        _backlog(tables, tables.unit.code),
        next((r["backlog"] for r in rows if r["task"] == "verify"), None),
        _doses_per_adult(tables, tables.unit),
    )


def _table(
    rows: Sequence[Load], tables: UnitTables, needs: Needs, words: Words, name: str, whole: str
) -> TableSpec:
    target, level = needs.target, tables.unit.level
    has_doses = level == "country"  # districts are given out of their province's allocation
    first = words("places.first", target=words.percent(target, 0)) if target else words("places.first_none")
    titles = [words(f"parts.{level}.unit"), first]
    titles += [words(f"places.{column}") for column in ("second", "backlog", "person_days", "verify")]
    titles += [words("places.per_adult")] if has_doses else []
    days = _days(rows, tables.run.settings.entry_rate_per_person_day)
    lines = [
        [load.name, *map(words.whole, (load.first, load.second, load.backlog, day, load.verify))]
        + ([words.decimal(load.per_adult)] if has_doses else [])
        for load, day in zip(rows, days, strict=True)
    ]
    last = len(lines) - 1
    # A second dose's count is the one that is withheld most often: its marker has room in one line.
    weights = (1.6, 1, 1.25, 0.9, 0.9, 1.05, 0.9)[: len(titles)]
    caption = words("places.caption")
    sums = [(last, range(last))]
    return table(caption, titles, lines, (0,), [last], weights, sums, name, whole=whole)


def _days(rows: Sequence[Load], rate: int) -> list[Count]:
    """Return the person-days of each row, those of the last being the sum of the others."""
    *parts, total = (_known(load.backlog) for load in rows)
    days = shared_days(parts, total, rate)
    return [*days, sum(days)]


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
