"""The three tasks of the first page, chosen from the figures by a rule that the page states.

Each task belongs to one duty: vaccinating, entering records, verifying people. The first task found in
each duty is shown; where a duty has none, the next tasks of the others fill the place. An input that
did not come is itself a task.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from analysis.briefing.figures.front import ONE, REPORTED
from analysis.briefing.figures.reading import Row, UnitTables, is_told
from analysis.briefing.figures.sums import told_sum
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words
from analysis.disclosure.policy import Status

# Quyết định 4800/QĐ-BYT (12/10/2021): 70% of adults with at least one dose, a threshold of the levels.
FIRST_DOSE_TARGET_PCT = Decimal(70)
# Where every unit has passed it, the next of the bands in which the ministry lists provinces.
FIRST_DOSE_STEPS = (FIRST_DOSE_TARGET_PCT, Decimal(80), Decimal(95))
TASKS_SHOWN = 3
NAMES_SHOWN = 3
VACCINATE, ENTER, VERIFY = "vaccinate", "enter", "verify"
TO_VERIFY = ("matched", "clerical_review", "insufficient", "not_in_registry")


@dataclass(frozen=True)
class Task:
    """One task: the duty it belongs to and its sentence."""

    duty: str
    sentence: str


def all_tasks(tables: UnitTables, words: Words) -> list[Task]:
    """Return every task the figures give, in order of importance within each duty."""
    makers = (
        _missing_reports,
        _first_doses,
        _overdue_second_doses,
        _pace_to_target,
        _missing_platform,
        _suspicious_reports,
        _backlog,
        _late_feedback,
        _missing_registry,
        _to_verify,
        _to_sign,
    )
    return [task for maker in makers if (task := maker(tables, words)) is not None]


def three_tasks(tasks: list[Task], words: Words) -> list[str]:
    """Return the three sentences of the first page; with nothing open the page says so."""
    first = [next((t for t in tasks if t.duty == duty), None) for duty in (VACCINATE, ENTER, VERIFY)]
    chosen = [t for t in first if t is not None]
    chosen += [t for t in tasks if t not in chosen]
    return [t.sentence for t in chosen[:TASKS_SHOWN]] or [words("task.none")]


def below_target(tables: UnitTables, target: Decimal) -> list[tuple[Unit, Row]]:
    """Return the units below whose first-dose coverage is under a percentage, lowest first."""
    rows = [(u, tables.covered(code, REPORTED, ONE)) for code, u in tables.parts.items()]
    low = [(u, r) for u, r in rows if r.get("coverage_pct") is not None and r["coverage_pct"] < target]
    return sorted(low, key=lambda pair: (pair[1]["coverage_pct"], pair[0].code))


def people_missing(row: Row, target_pct: Decimal) -> int:
    """Return how many more people a unit needs to reach a share of its adults."""
    need = (Decimal(row["population"]) * target_pct / 100).to_integral_value(ROUND_CEILING)
    return max(0, int(need) - int(row["people"]))


def _names(units: list[Unit], words: Words) -> str:
    """Name the first few units."""
    return words.listed([unit.short_name for unit in units[:NAMES_SHOWN]])


def _level(tables: UnitTables, words: Words) -> str:
    return words(f"level.below_{tables.unit.level}")


def _missing_reports(tables: UnitTables, words: Words) -> Task | None:
    row = tables.covered(tables.unit.code, REPORTED, ONE)
    if row.get("people") is not None:
        return None
    unread = tables.unread_report_files
    key = "task.unread_reports" if unread else "task.no_reports"
    return Task(VACCINATE, words(key, files=words.whole(unread)))


def _first_doses(tables: UnitTables, words: Words) -> Task | None:
    target = next((step for step in FIRST_DOSE_STEPS if below_target(tables, step)), None)
    if target is None:
        return None
    low = below_target(tables, target)
    # A few are all named; of many only the first.
    sentence = words(
        "task.first_doses_named" if len(low) <= NAMES_SHOWN else "task.first_doses",
        count=words.whole(len(low)),
        level=_level(tables, words),
        target=words.percent(target, 0),
        names=_names([unit for unit, _ in low], words),
        people=words.whole(sum(people_missing(row, target) for _, row in low)),
    )
    return Task(VACCINATE, sentence)


def overdue_people(tables: UnitTables) -> int:
    """Return the residents whose second dose is overdue and who may be invited at once; 0 where that is not told."""
    rows = [r for r in tables.lists["due"] if r["state"] == "overdue" and r["next_dose"] == 2]
    return sum(int(r["people"]) for r in rows if is_told(r["people"]))


def _overdue_second_doses(tables: UnitTables, words: Words) -> Task | None:
    people = overdue_people(tables)
    return Task(VACCINATE, words("task.second_doses", people=words.whole(people))) if people else None


def _pace_to_target(tables: UnitTables, words: Words) -> Task | None:
    """Name the nearest dated target of the reported basis that is not reached yet."""
    open_targets = [
        r
        for r in tables.lists["targets"]
        if r["basis"] == REPORTED and r["reached_on"] is None and r["due_date"] and r["doses_per_day_needed"]
    ]
    if not open_targets:
        return None
    nearest = min(open_targets, key=lambda r: (r["due_date"], r["target_code"]))
    sentence = words(
        "task.pace",
        doses=words.whole(int(nearest["doses_per_day_needed"])),
        target=words.either(f"target.{nearest['target_code']}", "target.other", pct=_pct(nearest, words)),
        day=words.day(nearest["due_date"]),
    )
    return Task(VACCINATE, sentence)


def _pct(row: Row, words: Words) -> str:
    return words.percent(row["target_pct"], 0)


def _missing_platform(tables: UnitTables, words: Words) -> Task | None:
    if tables.entered(tables.unit.code).get("doses_recorded") is not None:
        return None
    return Task(ENTER, words(f"task.no_platform_{tables.unit.level}"))


def _suspicious_reports(tables: UnitTables, words: Words) -> Task | None:
    """Ask for the reported counts that cannot be their day's, the one with the largest excess named."""
    rows = tables.lists["suspicious"]
    if not rows:
        return None
    days = words.whole(len({(r["of_unit_code"], r["report_date"]) for r in rows}))
    return Task(ENTER, words("task.suspicious", days=days, day=words.day(rows[0]["report_date"])))


def _backlog(tables: UnitTables, words: Words) -> Task | None:
    backlog = tables.entered(tables.unit.code).get("backlog")
    if not backlog or backlog <= 0:
        return None
    waiting = [(u, int(tables.entered(code).get("backlog") or 0)) for code, u in tables.parts.items()]
    most = sorted(
        ((u, doses) for u, doses in waiting if doses > 0), key=lambda pair: (-pair[1], pair[0].code)
    )
    names = _names([unit for unit, _ in most], words)
    key = "task.backlog_where" if names else "task.backlog"
    return Task(ENTER, words(key, doses=words.whole(int(backlog)), names=names))


def _late_feedback(tables: UnitTables, words: Words) -> Task | None:
    late = next((r["open_late"] for r in tables.lists["feedback"]), None)
    hours = words.whole(tables.run.settings.feedback_service_hours)
    return Task(ENTER, words("task.feedback", count=words.whole(late), hours=hours)) if late else None


def _missing_registry(tables: UnitTables, words: Words) -> Task | None:
    rows = rows_by_status(tables)
    return Task(VERIFY, words("task.no_registry")) if rows and not was_searched(tables) else None


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
    total = told_sum(rows.get(status, 0) for status in TO_VERIFY)
    if not total or not was_searched(tables):
        return None
    sentence = words(
        "task.verify",
        rows=words.whole(total),
        correct=words.whole(rows.get("matched", 0)),
        search=words.whole(rows.get("not_in_registry", 0)),
    )
    return Task(VERIFY, sentence)


def _to_sign(tables: UnitTables, words: Words) -> Task | None:
    if not tables.has_platform_files:
        return None
    rows = [r["rows"] for r in tables.lists["signature"] if r["signature_status"] == "chưa ký"]
    unsigned = told_sum(rows)
    return Task(VERIFY, words("task.sign", rows=words.whole(unsigned))) if unsigned else None
