"""How far platform and registry agree, week by week: records that agree, that are resolved, that wait for a decision."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analysis.briefing.figures.front import ratio_pct
from analysis.briefing.figures.layout import TableSpec, table
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.sums import Count
from analysis.briefing.figures.tasks import rows_by_status, was_searched
from analysis.briefing.figures.wording import Words

WEEKS_SHOWN = 12
AGREEING, RESOLVED, TO_DECIDE = "verified", "matched", "clerical_review"


@dataclass(frozen=True)
class Week:
    """One week's records by how they stand with the registry, as that week published them; shares are of all received.

    `agreeing`: all four fields; `resolved`: the citizen is known, a field is to be corrected; `to_decide`: a person
    must say whose the record is. A count that was not told is its Status or None.
    """

    day: date
    received: Count
    agreeing: Count
    resolved: Count
    to_decide: Count

    @property
    def agreeing_pct(self) -> Decimal | None:
        """Return the share that agrees."""
        return _share(self.agreeing, self.received)

    @property
    def resolved_pct(self) -> Decimal | None:
        """Return the share whose citizen is known and a field is to be corrected."""
        return _share(self.resolved, self.received)


def _share(part: Count, whole: Count) -> Decimal | None:
    return ratio_pct(part, whole) if isinstance(part, int) and isinstance(whole, int) and whole else None


def agreement_shares(tables: UnitTables) -> list[Week]:
    """Return the weeks published so far and this one, oldest first; nothing where no record was looked up."""
    rows = rows_by_status(tables)
    if not rows or not was_searched(tables):
        return []
    every = next((r["rows"] for r in tables.lists["verification"] if r["link_status"] is None), None)
    now = _week(tables.as_of, {**rows, "": every})
    earlier: dict[date, dict[str, Count]] = {}
    for day, measure, value in tables.published:
        earlier.setdefault(day, {})[measure.rpartition("=")[2]] = int(value)
    weeks = [_week(day, counts) for day, counts in sorted(earlier.items())]
    return [*weeks[1 - WEEKS_SHOWN :], now]


def _week(day: date, counts: dict[str, Count]) -> Week:
    return Week(day, counts.get(""), counts.get(AGREEING), counts.get(RESOLVED), counts.get(TO_DECIDE, 0))


def agreement_table(tables: UnitTables, words: Words) -> TableSpec:
    """Return the weeks as a table, newest last."""
    rows = [
        [
            words.day(week.day),
            words.whole(week.received),
            words.whole(week.agreeing),
            words.percent(week.agreeing_pct, 1),
            words.whole(week.resolved),
            words.percent(week.resolved_pct, 1),
            words.whole(week.to_decide),
        ]
        for week in agreement_shares(tables)
    ]
    names = ("week", "received", "agreeing", "agreeing_pct", "resolved", "resolved_pct", "to_decide")
    titles = [words(f"agreement.{name}") for name in names]
    return table(words("agreement.caption"), titles, rows, weights=(1.1, 1.1, 1.1, 0.9, 1.1, 0.9, 1.1))
