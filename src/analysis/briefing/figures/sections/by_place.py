"""The duties of 8/11/2021 by district (or province): entered at once, feedback, cards, numbers typed."""

from analysis.briefing.figures.layout import TableSpec, table
from analysis.briefing.figures.reading import Row, UnitTables
from analysis.briefing.figures.sections.duties import (
    by_place_rows,
    kinds_of,
    row_of,
    same_day_share,
    share,
    without_card_share,
)
from analysis.briefing.figures.sums import Count, rest_or_rounding
from analysis.briefing.figures.wording import Words


def by_place_table(tables: UnitTables, words: Words) -> TableSpec:
    """Return one row a place, what the places leave of the total, and the total."""
    units = by_place_rows(tables)
    own = _counts(tables, tables.unit.code)
    each = [_counts(tables, unit.code) for unit in units]
    rows = [_line(tables, unit.code, unit.short_name, words) for unit in units]
    rests = [rest_or_rounding(own[i], [counts[i] for counts in each]) for i in range(len(own))]
    if rows and any(rests):
        late, cards = (words.whole(rest) for rest in rests[1:])
        none = words("none")
        rows.append([words("parts.rounding"), none, words.whole(rests[0]), none, late, cards, none, none])
    total = len(rows)
    if rows:
        rows.append(_line(tables, tables.unit.code, words("parts.total"), words))
    hours = words.whole(tables.run.settings.feedback_service_hours)
    titles = [words(f"parts.{tables.unit.level}.unit")]
    titles += [words(f"by_place.{name}", hours=hours) for name in _COLUMNS]
    sums = [(total, range(total))]
    # The count that is withheld most often has room for its marker in one line.
    weights = (1.5, 0.85, 0.85, 0.85, 1.05, 1.1, 0.85, 1.05)
    caption = words("by_place.caption")
    return table(caption, titles, rows, (0,), [total], weights, sums, name="by_place")


_COLUMNS = ("same_day", "received", "in_time", "late", "without_card", "without_pct", "other_number")


def _feedback(tables: UnitTables, code: str) -> Row:
    if code == tables.unit.code:
        return next(iter(tables.lists["feedback"]), {})
    return row_of(tables, "feedback_parts", code)


def _counts(tables: UnitTables, code: str) -> tuple[Count, Count, Count]:
    """Return the counts that sum over places."""
    feedback, cards = _feedback(tables, code), row_of(tables, "cards", code)
    return feedback.get("received"), feedback.get("open_late"), cards.get("without_card")


def _line(tables: UnitTables, code: str, name: str, words: Words) -> list[str]:
    received, late, without = _counts(tables, code)
    kinds, cards = kinds_of(tables, code), row_of(tables, "cards", code)
    typed = share(kinds.get("citizen_number", 0), kinds.get(None))
    return [
        name,
        words.percent(same_day_share(row_of(tables, "new_entries", code)), 1),
        words.whole(received),
        words.percent(_feedback(tables, code).get("in_time_pct"), 1),
        words.whole(late),
        words.whole(without),
        words.percent(without_card_share(cards), 1),
        words.percent(None if typed is None else 100 - typed, 1),
    ]
