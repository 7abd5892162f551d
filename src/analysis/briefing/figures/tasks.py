"""The three tasks of the first page, chosen from the figures by a rule that the page states.

Each task belongs to one duty: vaccinating, entering records, verifying people. The first task found in
each duty is shown; where a duty has none, the next tasks of the others fill the place. An input that
did not come is itself a task. Who leads, who answers for it and by when stands with each (sources page-10).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from analysis.briefing.figures.front import ONE, REPORTED
from analysis.briefing.figures.page_one.needs import Needs
from analysis.briefing.figures.reading import Row, UnitTables, is_told
from analysis.briefing.figures.sums import rest_of, told_sum
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words
from analysis.coverage.entry.plan import PLAN_DAYS
from analysis.disclosure.policy import Status
from analysis.trends.needs import FIRST_DOSE_DAYS, OVERDUE_DAYS

TASKS_SHOWN = 3
NAMES_SHOWN = 3
VACCINATE, ENTER, VERIFY = "vaccinate", "enter", "verify"
TO_VERIFY = ("matched", "not_in_registry", "insufficient", "clerical_review")
# Days in which we propose that what did not come be sent (sources page-10).
SEND_DAYS = 3
HOURS_A_DAY = 24


@dataclass(frozen=True)
class Task:
    """One task in the order in which it is read out: what, how much, where, who, by when.

    `figure` and `where` are empty for what did not come in. `due` is a day with a word on who set it.
    """

    duty: str
    name: str
    work: str
    figure: str
    where: str
    lead: str
    person: str
    due: str

    def sentence(self, words: Words) -> str:
        """Return the task as one paragraph."""
        what = words("task.what", work=self.work, figure=self.figure) if self.figure else self.work
        if self.where:
            what = words("task.where", what=what, where=self.where)
        return words("task.who", what=what, lead=self.lead, person=self.person, due=self.due)

    def cells(self) -> dict[str, str]:
        """Return the parts by name."""
        return asdict(self)


def all_tasks(tables: UnitTables, needs: Needs, words: Words) -> list[Task]:
    """Return every task the figures give, in order of importance within each duty."""
    made = [
        _missing_reports(tables, words),
        _first_doses(tables, needs, words),
        _overdue_second_doses(tables, needs, words),
        _pace_to_target(tables, words),
        _missing_platform(tables, words),
        _suspicious_reports(tables, words),
        _backlog(tables, words),
        _late_feedback(tables, words),
        _missing_registry(tables, words),
        _to_verify(tables, words),
        _to_sign(tables, words),
    ]
    return [task for task in made if task is not None]


def three_tasks(tasks: list[Task]) -> list[Task]:
    """Return the tasks of the first page."""
    first = [next((t for t in tasks if t.duty == duty), None) for duty in (VACCINATE, ENTER, VERIFY)]
    chosen = [t for t in first if t is not None]
    chosen += [t for t in tasks if t not in chosen]
    return chosen[:TASKS_SHOWN]


def parts_named(tables: UnitTables, amounts: Sequence[tuple[Unit, int]], total: int, words: Words) -> str:
    """Name the first places with their counts and put the rest in one, so that a sum stands in full."""
    if not amounts or [unit for unit, _ in amounts] == [tables.unit]:
        return ""
    shown = [words("task.part", unit=u.short_name, count=words.whole(n)) for u, n in amounts[:NAMES_SHOWN]]
    rest, left = total - sum(n for _, n in amounts[:NAMES_SHOWN]), amounts[NAMES_SHOWN:]
    if left:
        level = level_word(tables, [unit for unit, _ in left], words)
        shown.append(words("task.rest", count=words.whole(len(left)), level=level, rest=words.whole(rest)))
    elif rest:
        shown.append(words("task.unknown", rest=words.whole(rest)))
    return "; ".join(shown)


def level_word(tables: UnitTables, units: Sequence[Unit], words: Words) -> str:
    """Return what units are called together: "huyện" where all are, else "địa bàn"."""
    kinds = {kind for kind in ("Huyện", "Quận") for unit in units if unit.name.startswith(f"{kind} ")}
    alike = len(kinds) == 1 and all(unit.name.startswith(f"{next(iter(kinds))} ") for unit in units)
    if alike:
        return words(f"level.{'rural' if 'Huyện' in kinds else 'urban'}")
    return words(f"level.below_{tables.unit.level}")


def _task(
    tables: UnitTables,
    words: Words,
    duty: str,
    name: str,
    days: int,
    work: str,
    figure: str = "",
    where: str = "",
) -> Task:
    """Return a task with those who lead it and the day we propose."""
    level = tables.unit.level
    day = words.day(tables.as_of + timedelta(days=days))
    return Task(
        duty,
        name,
        work,
        figure,
        where,
        words(_who("lead", name, level, words)),
        words(_who("person", name, level, words)),
        words("task.proposed", day=day),
    )


def _who(kind: str, name: str, level: str, words: Words) -> str:
    """Return the phrase of who leads or answers for a task: for the country those of the provinces, mostly."""
    if level != "country":
        return f"{kind}.{name}"
    return f"{kind}.{name}_country" if words.has(f"{kind}.{name}_country") else f"{kind}.country"


def _missing_reports(tables: UnitTables, words: Words) -> Task | None:
    row = tables.covered(tables.unit.code, REPORTED, ONE)
    if row.get("people") is not None:
        return None
    unread = tables.unread_report_files
    work = words("task.unread_reports" if unread else "task.no_reports", files=words.whole(unread))
    return _task(tables, words, VACCINATE, "send", SEND_DAYS, work)


def _first_doses(tables: UnitTables, needs: Needs, words: Words) -> Task | None:
    if needs.target is None or not needs.first_doses:
        return None
    places = [unit for unit, _ in needs.first]
    work = words(
        "task.first_doses",
        count=words.whole(len(places)),
        level=level_word(tables, places, words),
        target=words.percent(needs.target, 0),
    )
    figure = words("task.people", count=words.whole(needs.first_doses))
    where = parts_named(tables, needs.first, needs.first_doses, words)
    if len(places) > 1:
        where = words("task.lowest_first", places=where)
    return _task(tables, words, VACCINATE, "first_doses", FIRST_DOSE_DAYS, work, figure, where)


def _overdue_second_doses(tables: UnitTables, needs: Needs, words: Words) -> Task | None:
    if not needs.overdue:
        return None
    figure = words("task.people", count=words.whole(needs.overdue))
    return _task(tables, words, VACCINATE, "second_doses", OVERDUE_DAYS, words("task.second_doses"), figure)


def _pace_to_target(tables: UnitTables, words: Words) -> Task | None:
    """Name the nearest dated target of the reported basis that is not reached and that the vaccine suffices for."""
    rows = [r for r in tables.lists["targets"] if r["basis"] == REPORTED and r["reached_on"] is None]
    rows = [r for r in rows if r["due_date"] and r["doses_per_day_needed"] and r["supply_sufficient"]]
    if not rows:
        return None
    nearest = min(rows, key=lambda r: (r["due_date"], r["target_code"]))
    target = words.either(f"target.{nearest['target_code']}", "target.other", pct=_pct(nearest, words))
    figure = words("task.doses_a_day", doses=words.whole(int(nearest["doses_per_day_needed"])))
    task = _task(tables, words, VACCINATE, "first_doses", 0, words("task.pace", target=target), figure)
    return _with_due(task, words("task.set_by_target", day=words.day(nearest["due_date"])))


def _with_due(task: Task, due: str) -> Task:
    return Task(**(task.cells() | {"due": due}))


def _pct(row: Row, words: Words) -> str:
    return words.percent(row["target_pct"], 0)


def _missing_platform(tables: UnitTables, words: Words) -> Task | None:
    if tables.entered(tables.unit.code).get("doses_recorded") is not None:
        return None
    return _task(tables, words, ENTER, "send", SEND_DAYS, words(f"task.no_platform_{tables.unit.level}"))


def _suspicious_reports(tables: UnitTables, words: Words) -> Task | None:
    """Ask for the reported counts that cannot be their day's, the one with the largest excess named."""
    rows = tables.lists["suspicious"]
    if not rows:
        return None
    days = words.whole(len({(r["of_unit_code"], r["report_date"]) for r in rows}))
    work = words("task.suspicious", days=days, day=words.day(rows[0]["report_date"]))
    return _task(tables, words, ENTER, "send", SEND_DAYS, work)


def _backlog(tables: UnitTables, words: Words) -> Task | None:
    backlog = int(tables.entered(tables.unit.code).get("backlog") or 0)
    if backlog <= 0:
        return None
    waiting = [(u, int(tables.entered(code).get("backlog") or 0)) for code, u in tables.parts.items()]
    most = sorted((p for p in waiting if p[1]), key=lambda pair: (-pair[1], pair[0].code))
    figure = words("task.doses", count=words.whole(backlog))
    where = parts_named(tables, most, backlog, words)
    return _task(tables, words, ENTER, "backlog", PLAN_DAYS, words("task.backlog"), figure, where)


def _late_feedback(tables: UnitTables, words: Words) -> Task | None:
    """Ask for answers that are late: their limit is set by the dispatch, and it has passed."""
    late = next((r["open_late"] for r in tables.lists["feedback"]), None)
    if not late:
        return None
    limit = tables.run.settings.feedback_service_hours
    hours, figure = words.whole(limit), words("task.feedbacks", count=words.whole(late))
    task = _task(tables, words, ENTER, "feedback", 0, words("task.feedback", hours=hours), figure)
    day: date = tables.as_of + timedelta(days=-(-limit // HOURS_A_DAY))
    return _with_due(task, words("task.set_by_dispatch", day=words.day(day), hours=hours))


def _missing_registry(tables: UnitTables, words: Words) -> Task | None:
    rows = rows_by_status(tables)
    if not rows or was_searched(tables):
        return None
    return _task(tables, words, VERIFY, "registry", SEND_DAYS, words("task.no_registry"))


def rows_by_status(tables: UnitTables) -> dict[str, int | Status]:
    """Return the dose records of the unit by verdict, told or not; none without exports of its own."""
    if not tables.has_platform_files:
        return {}
    listed = [r for r in tables.lists["verification"] if r["link_status"] not in (None, "none")]
    return {str(r["link_status"]): r["rows"] for r in listed}


def was_searched(tables: UnitTables) -> bool:
    """Tell whether records were looked up in a registry: without one none is found and none is missed.

    Without a registry nothing is compared, so the plain four-field result of every record is unknown.
    """
    return any(r["is_compared"] for r in tables.lists["plain"])


def _to_verify(tables: UnitTables, words: Words) -> Task | None:
    rows = rows_by_status(tables)
    counts = [rows.get(status, 0) for status in TO_VERIFY]
    total = told_sum(counts)
    if not total or not was_searched(tables):
        return None
    found = {status: rows[status] for status in TO_VERIFY[:2] if rows.get(status)}
    said = [words(f"task.{name}", count=words.whole(n)) for name, n in found.items() if is_told(n)]
    rest = rest_of(total, found.values())
    if not is_told(rest):
        said.append(words("task.untold_records"))
    elif rest:
        said.append(words("task.other_records", count=words.whole(rest)))
    key = "task.records" if is_told(total) else "task.records_at_least"
    figure = words(key, count=words.whole(sum(c for c in counts if not isinstance(c, Status))))
    return _task(tables, words, VERIFY, "verify", PLAN_DAYS, words("task.verify"), figure, "; ".join(said))


def _to_sign(tables: UnitTables, words: Words) -> Task | None:
    if not tables.has_platform_files:
        return None
    rows = [r["rows"] for r in tables.lists["signature"] if r["signature_status"] == "chưa ký"]
    unsigned = told_sum(rows)
    if not unsigned:
        return None
    figure = words("task.doses", count=words.whole(unsigned))
    return _task(tables, words, VERIFY, "sign", PLAN_DAYS, words("task.sign"), figure)
