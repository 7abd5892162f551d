"""What the index page tells of each unit: one row of figures, each as printed and as the number it is sorted by."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.briefing.figures.front import COMPLETE, ONE, REPORTED
from analysis.briefing.figures.page_one.grades import grade_text
from analysis.briefing.figures.reading import UnitTables, is_told
from analysis.briefing.figures.units import COUNTRY, document_stem, find_unit, province_region, provinces
from analysis.briefing.figures.wording import Words
from analysis.disclosure.opening import open_protected
from analysis.engine import connect
from analysis.settings import RunParameters
from analysis.trends.confidence import GRADES

COLUMNS = ("one", "complete", "registry", "entry", "backlog", "change", "used", "confidence", "tasks")
TEXTS = ("confidence", "tasks")  # the other columns are numbers and stand to the right
TASK_ORDER = ("first_doses", "second_doses", "ask_doses", "enter", "verify")
Tasks = Mapping[str, Sequence[str]]


def read_tasks(run: RunParameters) -> dict[str, list[str]]:
    """Return what the figures give each unit to do: unit code → names of its tasks, in the order of TASK_ORDER."""
    with connect(run) as con:
        open_protected(run)["tasks"].view(con)
        rows = con.execute("SELECT DISTINCT unit_code, task FROM tasks").fetchall()
    found: dict[str, list[str]] = {}
    for code, task in sorted(rows, key=lambda row: (row[0], TASK_ORDER.index(row[1]))):
        found.setdefault(code, []).append(task)
    return found


def unit_rows(units: Sequence[str], tables: UnitTables, tasks: Tasks, words: Words) -> list[dict[str, Any]]:
    """Return a row a unit, the country first: name, region, file stem, and its figures in the order of COLUMNS.

    A figure is what is printed, and, where it is told, the number by which the page's script sorts.
    """
    ordered = sorted(units, key=lambda code: (code != COUNTRY, code))
    return [_row(code, tables, tasks, words) for code in ordered]


def _row(code: str, tables: UnitTables, tasks: Tasks, words: Words) -> dict[str, Any]:
    is_country = code == COUNTRY
    figures = [
        *_numbers(code, tables, words),
        _grade(code, tables, words),
        _tasks(tasks.get(code, ()), words),
    ]
    return {
        "code": code,
        "name": words("portal.national") if is_country else provinces()[code].short_name,
        "region": "" if is_country else words(f"region.{province_region(code)}"),
        "stem": document_stem(tables.run, code, words.language),
        "is_country": is_country,
        "figures": [
            {
                "column": column,
                "kind": "text" if column in TEXTS else "number",
                "text": text,
                "value": str(value) if is_told(value) else "",
            }
            for column, (text, value) in zip(COLUMNS, figures, strict=True)
        ],
    }


def _numbers(code: str, tables: UnitTables, words: Words) -> Iterator[tuple[str, Any]]:
    one, complete = (tables.covered(code, REPORTED, status) for status in (ONE, COMPLETE))
    entry, supply = tables.entered(code), tables.supplied(code)
    for rate in (
        one.get("coverage_pct"),
        complete.get("coverage_pct"),
        one.get("coverage_registry_pct"),
        entry.get("entry_pct"),
    ):
        yield words.percent(rate), rate
    now, before = entry.get("backlog"), tables.entered(code, tables.week_before).get("backlog")
    change = None if now is None or before is None else now - before
    yield words.whole(now), now
    yield words.signed(change), change
    yield words.percent(supply.get("used_pct")), supply.get("used_pct")


def _grade(code: str, tables: UnitTables, words: Words) -> tuple[str, int | None]:
    """Return how far the figures can be trusted; the better the grade, the higher its number."""
    grade = tables.graded(code).get("grade")
    return grade_text(tables, find_unit(code), words), len(GRADES) - GRADES.index(grade) if grade else None


def _tasks(names: Sequence[str], words: Words) -> tuple[str, int | None]:
    """Return how many things there are to do, and which."""
    if not names:
        return words("none"), None
    listed = ", ".join(words(f"portal.task.{name}") for name in names)
    return words("portal.tasks_listed", count=words.whole(len(names)), tasks=listed), len(names)
