"""The four cards of the first page: value, what it counts, the week's change, and a word where it is clear."""

from decimal import Decimal

from analysis.briefing.figures.front import COMPLETE, ONE, REPORTED, entry_gap
from analysis.briefing.figures.page_one.needs import Needs
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.wording import Words
from analysis.trends.needs import FIRST_DOSE_STEPS, FIRST_DOSE_TARGET_PCT

HUNDRED = Decimal(100)
GOOD, HEED = "good", "heed"
# Entry is on its way from here on, and worth a word below there (sources page-9).
ENTRY_GOOD_PCT, ENTRY_HEED_PCT = Decimal(95), Decimal(90)
ENTRY_FALL_POINTS = Decimal(1)
DAYS_OF_WEEK = 7


def four_cards(tables: UnitTables, needs: Needs, words: Words) -> list[dict[str, str]]:
    """Return the four cards: label, value, detail, change, and a word (`tone`) where one is clear."""
    return [
        _coverage_card(tables, words, ONE),
        _coverage_card(tables, words, COMPLETE),
        _entry_card(tables, words),
        _supply_card(tables, needs, words),
    ]


def _card(label: str, value: str, detail: str, change: str, tone: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "detail": detail, "change": change, "tone": tone}


def _said(tone: str, words: Words) -> str:
    return words(f"figure.{tone}") if tone else ""


def _coverage_card(tables: UnitTables, words: Words, status: str) -> dict[str, str]:
    row = tables.covered(tables.unit.code, REPORTED, status)
    before = tables.covered(tables.unit.code, REPORTED, status, tables.week_before)
    label = words(f"figure.{status}")
    if row.get("people") is None:
        return _card(label, words("none"), words("figure.no_reports"), "")
    if tables.is_country_of_some:
        of_some = words("figure.some_provinces", provinces=words.whole(tables.reporting_provinces))
        return _card(label, words.whole(row["people"]), of_some, "")
    if row.get("coverage_pct") is None:
        return _card(label, words.whole(row["people"]), words("figure.no_population"), "")
    key = "figure.people_of" if row.get("population") is not None else "figure.people"
    people = words(key, people=words.whole(row["people"]), population=words.whole(row.get("population")))
    pct, last = row["coverage_pct"], before.get("coverage_pct")
    tone = _coverage_tone(status, pct, last)
    return _card(label, words.percent(pct), people, change_text(pct, last, words), _said(tone, words))


def _coverage_tone(status: str, pct: Decimal, last: Decimal | None) -> str:
    """Return a word where a rate is clear: impossible, falling, or past the highest level and rising."""
    if pct > HUNDRED or (last is not None and pct < last):
        return HEED
    if status != ONE:
        return ""
    if pct < FIRST_DOSE_TARGET_PCT:
        return HEED
    return GOOD if pct >= FIRST_DOSE_STEPS[-1] else ""


def _entry_card(tables: UnitTables, words: Words) -> dict[str, str]:
    row, before = tables.entered(tables.unit.code), tables.entered(tables.unit.code, tables.week_before)
    label, pct, last = words("figure.entry"), row.get("entry_pct"), before.get("entry_pct")
    if pct is None:
        return _card(label, words("none"), words(f"figure.{entry_gap(tables)}"), "")
    backlog = int(row.get("backlog") or 0)
    detail = words("figure.backlog" if backlog >= 0 else "figure.surplus", doses=words.whole(abs(backlog)))
    return _card(
        label, words.percent(pct), detail, change_text(pct, last, words), _said(_entry_tone(pct, last), words)
    )


def _entry_tone(pct: Decimal, last: Decimal | None) -> str:
    falls = last is not None and last - pct >= ENTRY_FALL_POINTS
    if falls or pct < ENTRY_HEED_PCT or pct > HUNDRED:
        return HEED
    return GOOD if pct >= ENTRY_GOOD_PCT else ""


def _supply_card(tables: UnitTables, needs: Needs, words: Words) -> dict[str, str]:
    """Return doses on hand, allocated and not received, and the days they last at the week's pace."""
    label, stock = words("figure.supply"), needs.stock
    if stock is None:
        return _card(label, words("none"), words("figure.no_reports"), "")
    detail = words("figure.to_come", doses=words.whole(stock.to_come))
    left, days = words("figure.doses", doses=words.whole(stock.on_hand)), _days_left(tables, stock.on_hand)
    if days is None:
        return _card(label, left, detail, words("figure.no_pace"))
    tone = HEED if needs.asked or days < DAYS_OF_WEEK else GOOD
    lasting = words("figure.days", days=words.whole(days)) if days else words("figure.under_a_day")
    return _card(label, left, detail, lasting, _said(tone, words))


def _days_left(tables: UnitTables, on_hand: int) -> int | None:
    """Return the whole days that doses on hand last at the last 7 days' pace; None without a pace."""
    now, before = (
        tables.supplied(tables.unit.code, day).get("doses_administered") for day in (None, tables.week_before)
    )
    if now is None or before is None or now <= before:
        return None
    return on_hand * DAYS_OF_WEEK // int(now - before)


def change_text(now: Decimal, before: Decimal | None, words: Words) -> str:
    """Say the change of a percentage over the week, in percentage points, with the side it goes to."""
    if before is None:
        return words("figure.no_week")
    change = now - before
    key = "figure.up" if change > 0 else "figure.down" if change < 0 else "figure.same"
    return words(key, points=words.decimal(abs(change)))
