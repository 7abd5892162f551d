"""Sections on the records behind the figures: entry, verification, feedback, quality of files."""

from decimal import Decimal

from analysis.briefing.figures.changes import accepted_sentence
from analysis.briefing.figures.front import ratio_pct
from analysis.briefing.figures.layout import Section, TableSpec, section, table
from analysis.briefing.figures.outlook import nowcast_sentence, way_out
from analysis.briefing.figures.pictures_work import entry_picture
from analysis.briefing.figures.reading import Row, UnitTables
from analysis.briefing.figures.sections.by_place import by_place_table
from analysis.briefing.figures.sections.duties import kinds_of
from analysis.briefing.figures.sections.verification import verification_section
from analysis.briefing.figures.sums import rest_of, told_sum, unit_rest
from analysis.briefing.figures.tasks import rows_by_status
from analysis.briefing.figures.units import COUNTRY, Unit
from analysis.briefing.figures.wording import Words
from analysis.disclosure.policy import Status


def data_sections(tables: UnitTables, words: Words) -> list[Section]:
    """Return entry, and the annexes on the records behind the figures."""
    makers = (
        *(entry_section, all_entry_section, by_place_section),
        *(verification_section, feedback_section, quality_section),
    )
    return [maker(tables, words) for maker in makers]


def entry_section(tables: UnitTables, words: Words) -> Section:
    """Return the picture of entry by place given beside the rows that matter, with what clearing it takes."""
    title = words("entry.title")
    units = _entering(tables)
    lead = _backlog_plan(tables, words)
    if tables.entered(tables.unit.code).get("doses_recorded") is None:
        lead = words(f"entry.no_platform_{tables.unit.level}")
        if not units:
            return section("entry", "data", title, [lead])
    shown, rest = units[:LOWEST_SHOWN], units[LOWEST_SHOWN:]
    shown, rest = (units, []) if len(rest) <= 2 else (shown, rest)
    rows = [_short_row(tables, unit, words) for unit in shown]
    if rest:
        rows.append(_others_row(tables, rest, words))
    rows += [[row[0], row[3], row[4]] for row in _entry_rest_row(tables, units, words)]
    rows.append(_short_row(tables, tables.unit, words, words("parts.total")))
    titles = [words(f"parts.{tables.unit.level}.unit")] + [words(f"entry.{c}") for c in ("pct", "backlog")]
    last = len(rows) - 1
    charts = entry_picture(tables, units, words)
    listing = table(
        words("entry.short_caption"),
        titles,
        rows,
        strong_rows=[last],
        weights=(1.5, 0.9, 1),
        sums=[(last, range(last))],
        is_beside=bool(charts),
        whole="entry_all",
    )
    notes = [words("entry.whole")]
    return section("entry", "data", title, [lead], [listing], charts, notes)


LOWEST_SHOWN = 12  # places of the lowest entry that the body names


def all_entry_section(tables: UnitTables, words: Words) -> Section:
    """Return the whole table of entry by place given."""
    units = _entering(tables)
    rows = [_entry_row(tables, unit, words) for unit in units]
    rows += _entry_rest_row(tables, units, words)
    rows.append(_entry_row(tables, tables.unit, words, words("parts.total")))
    titles = [words(f"parts.{tables.unit.level}.unit")] + [words(f"entry.{c}") for c in _ENTRY_COLUMNS]
    last = len(rows) - 1
    listing = table(
        words("entry.caption"),
        titles,
        rows if units else [],
        strong_rows=[last],
        weights=(1.7, 1.1, 1.1, 1, 1.1, 1.1, 1.1),
        sums=[(last, range(last))],
        name="entry_all",
    )
    missing = [] if units else [words(f"entry.no_platform_{tables.unit.level}")]
    notes = [_duplicates_note(tables, words), _bodies_note(tables, words), nowcast_sentence(tables, words)]
    return section("all_entry", "method", words("entry.all_title"), missing, [listing], notes=notes)


def by_place_section(tables: UnitTables, words: Words) -> Section:
    """Return the duties of 8/11/2021 by place."""
    listing = by_place_table(tables, words)
    missing = [] if listing["rows"] else [words("by_place.missing")]
    notes = [words("by_place.note") if listing["rows"] else "", words("duty.note")]
    return section("by_place", "method", words("by_place.title"), missing, [listing], notes=notes)


def _entering(tables: UnitTables) -> list[Unit]:
    """Return the parts whose doses on the platform are known, the lowest progress first."""
    units = sorted(tables.parts.values(), key=lambda unit: _entry_rank(tables, unit))
    return [u for u in units if tables.entered(u.code).get("doses_recorded") is not None]


def _short_row(tables: UnitTables, unit: Unit, words: Words, name: str = "") -> list[str]:
    """Return name, progress and backlog of a place."""
    row = _entry_row(tables, unit, words, name)
    return [row[0], row[3], row[4]]


def _others_row(tables: UnitTables, units: list[Unit], words: Words) -> list[str]:
    """Return the row of the places that the body does not name."""
    rows = [tables.entered(unit.code) for unit in units]
    known = [r for r in rows if r.get("backlog") is not None]
    given, recorded = (sum(int(r[n]) for r in known) for n in ("doses_administered", "doses_recorded"))
    pct = ratio_pct(recorded, given) if given and len(known) == len(rows) else None
    level = words(f"level.below_{tables.unit.level}")
    name = words("list.more", count=words.whole(len(units)), level=level)
    return [name, words.percent(pct), words.whole(sum(int(r["backlog"]) for r in known))]


_ENTRY_COLUMNS = ("administered", "recorded", "pct", "backlog", "week", "days")


def _entry_rank(tables: UnitTables, unit: Unit) -> tuple[bool, Decimal, str]:
    pct = tables.entered(unit.code).get("entry_pct")
    return (pct is None, pct or Decimal(0), unit.code)


def _entry_row(tables: UnitTables, unit: Unit, words: Words, name: str = "") -> list[str]:
    row = tables.entered(unit.code)
    return [
        name or unit.short_name,
        words.whole(row.get("doses_administered")),
        words.whole(row.get("doses_recorded")),
        words.percent(row.get("entry_pct")),
        words.whole(row.get("backlog")),
        words.whole(row.get("doses_entered_last_7_days")),
        words.decimal(row.get("median_entry_days"), 1),
    ]


def _entry_rest_row(tables: UnitTables, units: list[Unit], words: Words) -> list[list[str]]:
    """Return the row of what the unit counts beyond the parts listed; none where they agree."""
    counts = ("doses_administered", "doses_recorded", "backlog", "doses_entered_last_7_days")
    own = tables.entered(tables.unit.code)
    rests = [unit_rest(own.get(c), [tables.entered(u.code).get(c) for u in units]) for c in counts]
    if not any(rests):
        return []
    given, recorded, backlog, week = (words.whole(rest) for rest in rests)
    none = words("none")
    return [[words("parts.rest"), given, recorded, none, backlog, week, none]]


def _backlog_plan(tables: UnitTables, words: Words) -> str:
    """Say how long the backlog takes: at last week's pace, and in person-days at the rate set."""
    row = tables.entered(tables.unit.code)
    backlog = row.get("backlog")
    if backlog is None:
        return words("entry.no_reports")
    if backlog <= 0:
        return words("entry.no_backlog")
    rate = tables.run.settings.entry_rate_per_person_day
    said = words(
        "entry.plan",
        backlog=words.whole(int(backlog)),
        week=words.whole(row.get("doses_entered_last_7_days")),
        person_days=words.whole(-(-int(backlog) // rate)),
        rate=words.whole(rate),
    )
    return " ".join([said, *way_out(tables, "enter", words)])


def _duplicates_note(tables: UnitTables, words: Words) -> str:
    doses = tables.entered(tables.unit.code).get("duplicate_doses")
    return words("entry.duplicates", doses=words.whole(doses)) if doses else ""


def _bodies_note(tables: UnitTables, words: Words) -> str:
    doses = tables.supplied(tables.unit.code).get("other_bodies_administered")
    return words("entry.other_bodies", doses=words.whole(int(doses))) if doses else ""


def feedback_section(tables: UnitTables, words: Words) -> Section:
    """Return citizens' feedback and the share answered in time (dispatch 9458/BYT-CNTT: 48 hours)."""
    title = words("feedback.title")
    rows = tables.lists["feedback"]
    if not rows or not rows[0]["received"]:
        return section("feedback", "method", title, [words("feedback.missing")])
    own = rows[0]
    hours = words.whole(tables.run.settings.feedback_service_hours)
    titles = [words("feedback.what"), words("feedback.count")]
    listings = [_outcome_table(own, titles, words), _deadline_table(own, titles, hours, words)]
    return section("feedback", "method", title, [words("feedback.lead", hours=hours)], listings)


_OUTCOMES = ("approved", "needs_information", "refused")


def _outcome_table(own: Row, titles: list[str], words: Words) -> TableSpec:
    """Return what became of the feedback received; what has no outcome yet is named."""
    counts = [(words(f"feedback.{name}"), own[name]) for name in _OUTCOMES]
    counts.append((words("feedback.no_outcome"), rest_of(own["received"], [own[name] for name in _OUTCOMES])))
    rows = [[label, words.whole(count)] for label, count in counts]
    rows.append([words("feedback.received"), words.whole(own["received"])])
    last = len(rows) - 1
    caption = words("feedback.outcomes")
    return table(caption, titles, rows, strong_rows=[last], weights=(4, 1), sums=[(last, range(last))])


def _deadline_table(own: Row, titles: list[str], hours: str, words: Words) -> TableSpec:
    """Return the same feedback by its time limit: kept, missed, not reached."""
    due = [own["closed_in_time"], own["open_late"]]
    counts = [
        ("closed_in_time", due[0]),
        ("closed_late", rest_of(own["received_due"], due)),
        ("open_late", due[1]),
        ("received_due", own["received_due"]),
        ("not_due", rest_of(own["received"], [own["received_due"]])),
        ("received", own["received"]),
    ]
    rows = [[words(f"feedback.{name}", hours=hours), words.whole(count)] for name, count in counts]
    rows.append([words("feedback.in_time_pct", hours=hours), words.percent(own["in_time_pct"])])
    sums = [(3, (0, 1, 2)), (5, (3, 4))]
    caption = words("feedback.caption")
    return table(caption, titles, rows, strong_rows=[3, 5], weights=(4, 1), sums=sums)


def quality_section(tables: UnitTables, words: Words) -> Section:
    """Return for the country what became of files and rows, for a province how its own records are."""
    if tables.unit.code != COUNTRY:
        return _record_quality(tables, words)
    title = words("quality.title")
    rows = tables.lists["quality"]
    files = sum(int(r["files"]) for r in rows if r["status"] == "ok" and r["is_total"])
    aside = sum(int(r["files"]) for r in rows if r["status"] == "quarantined")
    if not files + aside:
        return section("quality", "method", title, [words("quality.missing")])
    totals = [r for r in rows if r["status"] == "ok" and r["is_total"]]
    every, rejected = sum(int(r["rows_in"] or 0) for r in totals), _rows_rejected(tables, totals)
    counts = {"rows_in": every, "rows_kept": rest_of(every, [rejected]), "rows_rejected": rejected}
    shown = [[words("quality.files"), words.whole(files)], [words("quality.quarantined"), words.whole(aside)]]
    shown += [[words(f"quality.{name}"), words.whole(count)] for name, count in counts.items()]
    titles = [words("quality.what"), words("quality.count")]
    caption = words("quality.caption")
    accepted = accepted_sentence(tables.mark, words)
    listing = table(caption, titles, shown, weights=(4, 1), sums=[(2, (3, 4))])
    return section("quality", "method", title, [accepted], [listing], notes=[words("quality.note")])


def _rows_rejected(tables: UnitTables, totals: list[Row]) -> int | Status:
    """Return the rows left out: of exports as the verdicts tell it, where they tell it of every province."""
    is_known = not any(r["files_untold"] for r in totals) and not tables.lists["without_exports"]
    of_exports = rows_by_status(tables).get("rejected", 0)
    others = sum(int(r["rows_rejected"]) for r in totals)
    return told_sum([of_exports, others]) if is_known else Status.NOT_PUBLISHED


def _record_quality(tables: UnitTables, words: Words) -> Section:
    """Return a province's records: received, left out, by the kind of number typed."""
    title = words("quality.province_title")
    every = {r["link_status"]: r["rows"] for r in tables.lists["verification"]}
    kinds = kinds_of(tables, tables.unit.code)
    accepted = accepted_sentence(tables.mark, words)
    if not tables.has_platform_files or every.get(None) is None:
        return section("quality", "method", title, [accepted, words("quality.missing")])
    total, rejected = every[None], every.get("rejected", 0)
    counts = [(name, kinds[name]) for name in ("citizen_number", "old_number", "other") if name in kinds]
    rows = [[words(f"quality.{name}"), words.whole(count)] for name, count in counts]
    rows.append([words("quality.records"), words.whole(total)])
    last = len(rows) - 1
    rows.append([words("quality.of_rejected"), words.whole(rejected)])
    titles = [words("quality.what"), words("quality.count")]
    sums = [(last, range(last))] if counts else []
    listing = table(
        words("quality.province_caption"), titles, rows, strong_rows=[last], weights=(4, 1), sums=sums
    )
    return section("quality", "method", title, [accepted], [listing])
