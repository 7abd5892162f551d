"""The list of the weeks kept in a folder of reports: what the index page of every week leads to.

A published run is never touched again, so the list stands above the runs and is written anew after each
publication: a week whose run is gone is not offered. It is a page of links and needs no script.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analysis.briefing.documents.portal.archive import ARCHIVE
from analysis.briefing.documents.public_notice import PAGE
from analysis.briefing.documents.web_page import page_style, page_templates, security_policy, unbroken
from analysis.briefing.figures.languages import INDEX, NAMES, named_for
from analysis.briefing.figures.units import find_unit, unit_file_stem
from analysis.briefing.figures.wording import TEMPLATES, Words, read_words
from analysis.earlier_runs import DAY
from analysis.safeguards import publishing


def write_week_list(reports: Path, language: str) -> list[Path]:
    """Write `index.html` of a reports folder, and of its folder of runs for readers who come by a redirect page.

    Once more (`index.en.html`) for every second language in which a week's own index page stands.
    """
    weeks = list(_weeks(reports))
    lists = {INDEX: language}
    for second in NAMES:
        name = named_for(INDEX, second)
        if any((week.folder / name).is_file() for week in weeks):
            lists[name] = second
        else:
            for folder in (reports, reports / publishing.RUNS):
                (folder / name).unlink(missing_ok=True)
    return [path for name in lists for path in _write_lists(reports, name, lists, weeks)]


@dataclass(frozen=True)
class _Week:
    """A week whose run stands: its day, the run's folder, and what it briefs."""

    day: str
    folder: Path
    units: Sequence[str]


def _weeks(reports: Path) -> Iterator[_Week]:
    """Yield the weeks whose run stands, newest first."""
    names = publishing.published_names(reports)
    for day in sorted(filter(DAY.fullmatch, names), reverse=True):
        folder = reports / publishing.RUNS / names[day]
        if names[day] and (folder / INDEX).is_file():
            units = publishing.read_manifest(folder)["units"]
            assert isinstance(units, list)
            yield _Week(day, folder, [str(unit) for unit in units])


def _write_lists(
    reports: Path, name: str, lists: Mapping[str, str], weeks: Sequence[_Week]
) -> Iterator[Path]:
    """Write the list called `name`, one of `lists` (name → language), above the runs and beside them."""
    words = read_words(lists[name])
    for folder in (reports, reports / publishing.RUNS):
        listed = [_listed(week, name, _place(week, folder, reports), words) for week in weeks]
        publishing.write_and_rename(folder / name, _page(listed, lists, words))
        yield folder / name


def _place(week: _Week, folder: Path, reports: Path) -> str:
    """Return how a list in `folder` reaches a week; where links are not allowed, by the run's own name."""
    if folder != reports:
        return week.folder.name
    return week.day if (reports / week.day).is_dir() else f"{publishing.RUNS}/{week.folder.name}"


def _listed(week: _Week, name: str, place: str, words: Words) -> dict[str, Any]:
    """Return what the list says of a week, and its files: in the list's language where they are."""
    own = words.language if name != INDEX else ""
    index = named_for(INDEX, own) if own else INDEX
    return {
        "page": f"{place}/{index if (week.folder / index).is_file() else INDEX}",
        "shown": words.day(date.fromisoformat(week.day)),
        "units": words("week_list.units", count=words.whole(len(week.units))),
        "links": [(f"{place}/{file}", text) for file, text in _links(week, own, words)],
    }


def _links(week: _Week, own: str, words: Words) -> Iterator[tuple[str, str]]:
    """Yield the first briefing of a run, the page for the public and the archive, where they are."""
    first = find_unit(week.units[0], words("portal.national"))
    named = {
        f"{unit_file_stem(week.units[0])}.html": first.short_name,
        PAGE: words("week_list.public"),
        ARCHIVE: words("week_list.archive"),
    }
    for name, text in named.items():
        marked = [named_for(name, own)] if own else []
        yield from [(n, text) for n in (*marked, name) if (week.folder / n).is_file()][:1]


def _page(weeks: list[dict[str, Any]], lists: Mapping[str, str], words: Words) -> str:
    style = page_style() + (TEMPLATES / "portal.css").read_text(encoding="utf-8")
    others = [(page, language) for page, language in lists.items() if language != words.language]
    other_page, other_language = others[0] if others else ("", "")
    page = page_templates().get_template("weeks.html.j2")
    html = page.render(
        language=words.language,
        style=style,
        policy=security_policy(style),
        title=words("portal.title"),
        weeks_title=words("portal.weeks"),
        mark=words("head.internal"),
        newest=words("week_list.newest"),
        empty=words("portal.empty"),
        weeks=weeks,
        other_page=other_page,
        other_language=other_language,
        other_name=NAMES.get(other_language, ""),
    )
    return unbroken(html)
