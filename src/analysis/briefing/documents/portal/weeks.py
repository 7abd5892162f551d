"""The list of the weeks kept in a folder of reports: what the index page of every week leads to.

A published run is never touched again, so the list stands above the runs and is written anew after each
publication: a week whose run is gone is not offered. It is a page of links and needs no script.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from analysis.briefing.documents.portal.archive import ARCHIVE, INDEX
from analysis.briefing.documents.public_notice import PAGE
from analysis.briefing.documents.web_page import page_style, page_templates, security_policy
from analysis.briefing.figures.units import find_unit, unit_file_stem
from analysis.briefing.figures.wording import TEMPLATES, Words, read_words
from analysis.earlier_runs import DAY
from analysis.safeguards import publishing


def write_week_list(reports: Path, language: str) -> list[Path]:
    """Write `index.html` of a reports folder, and of its folder of runs for readers who come by a redirect page."""
    words, runs = read_words(language), reports / publishing.RUNS
    weeks = list(_weeks(reports, words))
    # Where links are not allowed, a day leads to no folder: then the run's own name does.
    above = [week | {"place": _place(reports, week)} for week in weeks]
    beside = [week | {"place": week["run_id"]} for week in weeks]
    for folder, listed in ((reports, above), (runs, beside)):
        publishing.write_and_rename(folder / INDEX, _page(listed, words))
    return [reports / INDEX, runs / INDEX]


def _weeks(reports: Path, words: Words) -> Iterator[dict[str, Any]]:
    """Yield the weeks whose run stands, newest first: day, run, what it briefs, and the files it has."""
    names = publishing.published_names(reports)
    for day in sorted(filter(DAY.fullmatch, names), reverse=True):
        folder = reports / publishing.RUNS / names[day]
        if names[day] and (folder / INDEX).is_file():
            units = publishing.read_manifest(folder)["units"]
            assert isinstance(units, list)
            yield {
                "day": day,
                "shown": words.day(date.fromisoformat(day)),
                "run_id": names[day],
                "units": words("week_list.units", count=words.whole(len(units))),
                "links": list(_links(folder, [str(unit) for unit in units], words)),
            }


def _links(folder: Path, units: list[str], words: Words) -> Iterator[tuple[str, str]]:
    """Yield the first briefing of a run, the page for the public and the archive, where they are."""
    first = find_unit(units[0], words("portal.national"))
    named = {
        f"{unit_file_stem(units[0])}.html": first.short_name,
        PAGE: words("week_list.public"),
        ARCHIVE: words("week_list.archive"),
    }
    yield from ((name, text) for name, text in named.items() if (folder / name).is_file())


def _place(reports: Path, week: Mapping[str, Any]) -> str:
    day, run_id = str(week["day"]), str(week["run_id"])
    return day if (reports / day).is_dir() else f"{publishing.RUNS}/{run_id}"


def _page(weeks: list[dict[str, Any]], words: Words) -> str:
    style = page_style() + (TEMPLATES / "portal.css").read_text(encoding="utf-8")
    return (
        page_templates()
        .get_template("weeks.html.j2")
        .render(
            language=words.language,
            style=style,
            policy=security_policy(style),
            title=words("portal.title"),
            weeks_title=words("portal.weeks"),
            mark=words("head.internal"),
            newest=words("week_list.newest"),
            empty=words("portal.empty"),
            weeks=weeks,
        )
    )
