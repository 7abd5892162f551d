"""The one source of every document: all figures of a unit, rounded and worded, as plain data."""

from collections.abc import Iterator
from typing import Any

from analysis.briefing.charts.glyphs import check_glyphs
from analysis.briefing.figures.first_page import (
    READ_OUT_LIMIT,
    WORD_LIMIT,
    check_first_page,
    count_words,
    first_page_texts,
)
from analysis.briefing.figures.front import (
    LIST_LENGTHS,
    confirmed_line,
    read_out_paragraph,
)
from analysis.briefing.figures.languages import INDEX, name_in, other_version
from analysis.briefing.figures.layout import Section, numbered, section
from analysis.briefing.figures.page_one.cards import four_cards
from analysis.briefing.figures.page_one.caution import caution_line
from analysis.briefing.figures.page_one.grades import grade_line
from analysis.briefing.figures.page_one.letterhead import closing_block, letterhead, title_block
from analysis.briefing.figures.page_one.needs import unit_needs
from analysis.briefing.figures.page_one.requests import requests
from analysis.briefing.figures.reading import UnitTables, read_unit_tables
from analysis.briefing.figures.sections.coverage import coverage_sections
from analysis.briefing.figures.sections.data import data_sections
from analysis.briefing.figures.sections.duties import duties_section
from analysis.briefing.figures.sections.last_week import last_week_section
from analysis.briefing.figures.sections.places import places_sections
from analysis.briefing.figures.sections.plan import plan_sections
from analysis.briefing.figures.tasks import TASKS_SHOWN, all_tasks, three_tasks
from analysis.briefing.figures.units import document_stem, unit_file_stem
from analysis.briefing.figures.wording import Words, read_words, without_controls
from analysis.settings import RunParameters

METHOD_NOTES = (
    "headline",
    "recorded",
    "reconciled",
    "entry",
    "supply",
    "tasks",
    "requests",
    "grade",
    "words",
    "privacy",
    "withheld",
)


def build_context(run: RunParameters, unit_code: str, language: str = "") -> dict[str, Any]:
    """Return everything the briefing of one unit (`VN` or a two-digit province) says.

    `language` is one of the run's; empty: its first. Counts and percentages are strings as printed; numbers appear
    only as what a chart draws. Reads the run's aggregate tables and the job's mark, nothing else. Raises
    RequestError for an unknown unit, CheckError when the first page breaks its rules and MachineError when a
    letter could not be drawn.
    """
    words = read_words(language or run.settings.language)
    tables = read_unit_tables(run, unit_code).named_in(words.language)
    context: dict[str, Any] = {
        "language": words.language,
        "unit_code": unit_code,
        "unit_name": tables.unit.name,
        "file_stem": document_stem(run, unit_code, language),
        "as_of": tables.as_of.isoformat(),
        "mark": page_mark(tables, words),
        "letterhead": letterhead(tables, words),
        "title": title_block(tables, words),
        "closing": closing_block(tables, words),
        "sections": _sections(tables, words),
        "fixed": {name: words(f"head.{name}") for name in _FIXED_WORDS},
    }
    context["page"] = _page(run, context, words)
    context["front"] = next(_fitting_fronts(tables, words, context))
    check_first_page(context, [tables.unit, *tables.parts.values()])
    check_glyphs(context)
    return context


_FIXED_WORDS = ("figures", "back")


def page_mark(tables: UnitTables, words: Words) -> dict[str, str]:
    """Return what stands on every page: for whom it is, the mark of simulated data, cut-off, run.

    `internal`, and `draft` of what is signed, are empty in a released copy, and no document shows them there
    (released_copy.py).
    """
    mark = tables.mark
    run_id = without_controls(mark.run_id, 60)
    return {
        "internal": words("head.internal"),
        "draft": words("head.draft"),
        "simulated": words("head.simulated") if mark.is_simulated else "",
        "chart": words("head.chart_mark") if mark.is_simulated else "",
        "source": words("head.source", day=words.day(tables.as_of)),
        "run": words("head.run", run_id=run_id) if run_id else "",
    }


def _fitting_fronts(tables: UnitTables, words: Words, context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield first pages that fit, longest list of units first; the shortest of all comes last, fit or not."""
    fronts = [_front(tables, words, longest) for longest in LIST_LENGTHS]
    for front in fronts:
        is_short = count_words(front["sentences"]) <= READ_OUT_LIMIT
        if is_short and count_words(first_page_texts(context | {"front": front})) <= WORD_LIMIT:
            yield front
    yield fronts[-1]


def _front(tables: UnitTables, words: Words, longest: int) -> dict[str, Any]:
    needs = unit_needs(tables)
    tasks = three_tasks(all_tasks(tables, needs, words))
    return {
        "sentences": read_out_paragraph(tables, words, longest),
        "caution": caution_line(tables, words),
        "confirmed": " ".join(
            text for text in (confirmed_line(tables, words), grade_line(tables, words)) if text
        ),
        "figures": four_cards(tables, needs, words),
        "tasks": [task.sentence(words) for task in tasks] or [words("task.none")],
        "task_rows": [task.cells() for task in tasks],
        "tasks_title": words("head.tasks" if len(tasks) == TASKS_SHOWN else "head.few_tasks"),
        "requests_title": words("head.requests"),
        "requests": requests(tables, needs, words),
    }


# Results, what is wrong, what is to be done and asked for; then annexes: group of the page and its sections.
ORDER = (
    ("coverage", ("last_week", "parts", "supply", "weeks")),
    ("data", ("entry", "duties")),
    ("plan", ("places", "requests")),
    (
        "method",
        (
            *("bases", "all_parts", "rankings", "ahead", "targets", "all_entry", "by_place", "verification"),
            *("feedback", "all_places", "due", "quality", "method"),
        ),
    ),
)


# A chapter of one section: on paper its own title would say the same once more.
ALONE = ("places", "requests")


def _sections(tables: UnitTables, words: Words) -> list[Section]:
    """Return all sections in the order of a report, numbered; `chapter` heads the first of each."""
    makers = (coverage_sections, data_sections, plan_sections, places_sections)
    made = [last_week_section(tables, words), duties_section(tables, words)]
    made += [part for maker in makers for part in maker(tables, words)]
    by_name = {part["name"]: part for part in [*made, _method_section(tables, words)]}
    listed = [(group, name) for group, names in ORDER for name in names]
    parts = [
        by_name[name]
        | {"group": group, "title": f"{i}. {by_name[name]['title']}"}
        | {"chapter": words(f"chapter.{name}") if words.has(f"chapter.{name}") else ""}
        | {"is_alone": name in ALONE}
        for i, (group, name) in enumerate(listed, start=1)
    ]
    return numbered(parts, words)


def _method_section(tables: UnitTables, words: Words) -> Section:
    notes = [words("method.cut_off", day=words.day(tables.as_of))]
    notes += [words(f"method.{name}") for name in METHOD_NOTES]
    if tables.mark.note:
        notes.append(words("method.note", note=without_controls(tables.mark.note)))
    return section("method", "method", words("method.title"), notes=notes)


def _page(run: RunParameters, context: dict[str, Any], words: Words) -> dict[str, str]:
    subject, cut_off = context["title"]["subject"], context["title"]["cut_off"]
    footer = " · ".join(text for text in (context["mark"]["source"], context["mark"]["run"]) if text)
    return {
        "title": words("head.page_title", subject=subject, cut_off=cut_off),
        "description": words("head.description", subject=subject, cut_off=cut_off),
        "footer": footer,
        "index": name_in(run, INDEX, words.language),
        **other_version(run, f"{unit_file_stem(context['unit_code'])}.html", words.language),
    }
