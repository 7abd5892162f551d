"""Sections on the records behind the figures: entry, verification, feedback, quality of files."""

from decimal import Decimal

from analysis.briefing.figures.changes import accepted_sentence
from analysis.briefing.figures.layout import Section, TableSpec, section, table
from analysis.briefing.figures.outlook import nowcast_sentence, way_out
from analysis.briefing.figures.pictures_work import entry_picture
from analysis.briefing.figures.reading import Row, UnitTables
from analysis.briefing.figures.sections_verification import verification_section
from analysis.briefing.figures.sums import rest_of, unit_rest
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words


def data_sections(tables: UnitTables, words: Words) -> list[Section]:
    """Return the sections of the group `data`."""
    makers = (entry_section, verification_section, feedback_section, quality_section)
    return [maker(tables, words) for maker in makers]


def entry_section(tables: UnitTables, words: Words) -> Section:
    """Return entry progress and backlog by place given, with what clearing the backlog takes."""
    title = words("entry.title")
    units = sorted(tables.parts.values(), key=lambda unit: _entry_rank(tables, unit))
    units = [u for u in units if tables.entered(u.code).get("doses_recorded") is not None]
    lead = _backlog_plan(tables, words)
    if tables.entered(tables.unit.code).get("doses_recorded") is None:
        lead = words(f"entry.no_platform_{tables.unit.level}")
        if not units:
            return section("entry", "data", title, [lead])
    rows = [_entry_row(tables, unit, words) for unit in units]
    rows += _entry_rest_row(tables, units, words)
    rows.append(_entry_row(tables, tables.unit, words, words("parts.total")))
    titles = [words(f"parts.{tables.unit.level}.unit")] + [words(f"entry.{c}") for c in _ENTRY_COLUMNS]
    weights = (1.7, 1.1, 1.1, 1, 1.1, 1.1, 1.1)
    last = len(rows) - 1
    sums = [(last, range(last))]
    listing = table(words("entry.caption"), titles, rows, strong_rows=[last], weights=weights, sums=sums)
    charts = entry_picture(tables, units, words)
    notes = [_duplicates_note(tables, words), _bodies_note(tables, words)]
    return section("entry", "data", title, [lead, nowcast_sentence(tables, words)], [listing], charts, notes)


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
        return section("feedback", "data", title, [words("feedback.missing")])
    own = rows[0]
    hours = words.whole(tables.run.settings.feedback_service_hours)
    titles = [words("feedback.what"), words("feedback.count")]
    listings = [_outcome_table(own, titles, words), _deadline_table(own, titles, hours, words)]
    return section("feedback", "data", title, [words("feedback.lead", hours=hours)], listings)


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
    """Return how many files and rows came in and what became of them; counts only, no file name."""
    title = words("quality.title")
    rows = tables.lists["quality"]
    files = sum(int(r["files"]) for r in rows if r["status"] == "ok" and r["is_total"])
    aside = sum(int(r["files"]) for r in rows if r["status"] == "quarantined")
    if not files + aside:
        return section("quality", "data", title, [words("quality.missing")])
    totals = [r for r in rows if r["status"] == "ok" and r["is_total"]]
    counts = {
        name: sum(int(r[name] or 0) for r in totals) for name in ("rows_in", "rows_kept", "rows_rejected")
    }
    shown = [[words("quality.files"), words.whole(files)], [words("quality.quarantined"), words.whole(aside)]]
    shown += [[words(f"quality.{name}"), words.whole(count)] for name, count in counts.items()]
    titles = [words("quality.what"), words("quality.count")]
    caption = words("quality.caption")
    accepted = accepted_sentence(tables.mark, words)
    listing = table(caption, titles, shown, weights=(4, 1), sums=[(2, (3, 4))])
    return section("quality", "data", title, [accepted], [listing], notes=[words("quality.note")])
