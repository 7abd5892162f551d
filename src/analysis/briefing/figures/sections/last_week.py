"""The tasks of the last report and what became of them: what was open then, what was done since, what is open now."""

from dataclasses import dataclass
from datetime import date

from analysis.briefing.figures.front import COMPLETE, ONE, REPORTED
from analysis.briefing.figures.layout import Section, section, table
from analysis.briefing.figures.page_one.needs import Needs, unit_needs
from analysis.briefing.figures.reading import Row, UnitTables, is_told
from analysis.briefing.figures.sums import rest_of, told_sum
from analysis.briefing.figures.wording import Words
from analysis.disclosure.policy import Status
from analysis.trends.needs import doses_to_ask, stock_of

Count = int | Status | None
ORDER = ("first_doses", "second_doses", "enter", "verify", "ask_doses")


@dataclass(frozen=True)
class Outcome:
    """One task of the last report: `before` and `now` are what is open, `done` what was done in between."""

    task: str
    due: date | None
    before: Count
    done: Count
    now: Count

    @property
    def result(self) -> str:
        """Return the phrase of what became of it; that of the unknown where a count is not told."""
        if not is_told(self.before) or not is_told(self.now):
            return "unknown"
        if not self.now:
            return "finished"
        return "less" if self.now < self.before else "not_less"  # type: ignore[operator]


def last_week_section(tables: UnitTables, words: Words) -> Section:
    """Return the tasks of the last report with what became of them; without one the section says so."""
    title = words("last_week.title")
    listed = {r["task"]: r for r in tables.lists["earlier_tasks"]}
    if not listed:
        return section("last_week", "coverage", title, [words("last_week.missing")])
    needs = unit_needs(tables)
    outcomes = [_outcome(tables, needs, task, listed[task]) for task in ORDER if task in listed]
    rows = [_cells(outcome, words) for outcome in outcomes]
    titles = [words(f"last_week.{name}") for name in ("task", "due", "before", "done", "now", "result")]
    caption = words("last_week.caption")
    listing = table(caption, titles, rows, (0, 5), weights=(3.4, 1.05, 1.1, 1.2, 1, 1))
    return section("last_week", "coverage", title, tables=[listing])


def _cells(outcome: Outcome, words: Words) -> list[str]:
    counts = [words.whole(count) for count in (outcome.before, outcome.done, outcome.now)]
    due = words.day(outcome.due)
    return [words(f"last_week.{outcome.task}"), due, *counts, words(f"last_week.{outcome.result}")]


def _outcome(tables: UnitTables, needs: Needs, task: str, row: Row) -> Outcome:
    first = listed_first(tables)
    if task == "verify":
        before, done, now = _verified(tables)
        return Outcome(task, row["due"], before, done, now)
    figures: dict[str, tuple[Count, Count, Count]] = {
        "first_doses": (row["figure"], _people_since(tables, ONE), needs.first_doses),
        "second_doses": (
            _earlier_due(tables, "overdue"),
            _people_since(tables, COMPLETE),
            needs.overdue,
        ),
        "enter": (row["figure"], _entered(tables), _backlog(tables)),
        "ask_doses": (_earlier_asked(tables, first), _allocated(tables), needs.asked),
    }
    before, done, now = figures[task]
    return Outcome(task, row["due"], before, done, now)


def listed_first(tables: UnitTables) -> int:
    """Return the first doses that the last report's task asked for."""
    figures = (r["figure"] for r in tables.lists["earlier_tasks"] if r["task"] == "first_doses")
    return int(next(figures, 0) or 0)


def _people_since(tables: UnitTables, status: str) -> Count:
    """Return the people reported since the last report's day with a status they had not then."""
    now = tables.covered(tables.unit.code, REPORTED, status).get("people")
    day = _earlier_day(tables)
    before = tables.covered(tables.unit.code, REPORTED, status, day).get("people") if day else None
    return None if now is None or before is None else int(now) - int(before)


def _earlier_day(tables: UnitTables) -> date | None:
    day: date | None = next((r["reference_date"] for r in tables.lists["earlier_supply"]), None)
    return day


def _earlier_due(tables: UnitTables, *states: str) -> Count:
    rows = [r["people"] for r in tables.lists["earlier_due"] if r["state"] in states]
    return told_sum(rows) if rows else None


def _entered(tables: UnitTables) -> Count:
    """Return the doses that came onto the platform since the last report's day."""
    day = _earlier_day(tables)
    now = tables.entered(tables.unit.code).get("doses_recorded")
    before = tables.entered(tables.unit.code, day).get("doses_recorded") if day else None
    return None if now is None or before is None else int(now) - int(before)


def _backlog(tables: UnitTables) -> Count:
    backlog = tables.entered(tables.unit.code).get("backlog")
    return None if backlog is None else max(0, int(backlog))


def _verified(tables: UnitTables) -> tuple[Count, Count, Count]:
    """Return the records that waited, by how many they are fewer (new ones came in between), those that wait."""
    before, now = (
        next((r["backlog"] for r in tables.lists[name] if r["task"] == "verify"), None)
        for name in ("earlier_plan", "plan")
    )
    fewer = rest_of(before, [now]) if before is not None and now is not None else None
    return before, fewer if not is_told(fewer) or fewer > 0 else 0, now  # type: ignore[operator]


def _earlier_asked(tables: UnitTables, first: int) -> Count:
    """Return the doses that the last report asked for, by its own figures."""
    second, supply = _earlier_due(tables, "due", "overdue"), next(iter(tables.lists["earlier_supply"]), None)
    if supply is None or isinstance(second, Status) or supply["doses_allocated"] is None:
        return second if isinstance(second, Status) else None
    left = stock_of(
        int(supply["doses_allocated"]),
        supply["doses_received"],
        int(supply["doses_administered"] or 0),
        supply["doses_discarded"],
    )
    return doses_to_ask(first, second or 0, left)


def _allocated(tables: UnitTables) -> Count:
    """Return the doses allocated since the last report's day."""
    before = next((r["doses_allocated"] for r in tables.lists["earlier_supply"]), None)
    now = tables.supplied(tables.unit.code).get("doses_allocated")
    return None if before is None or now is None else int(now) - int(before)
