"""The index page of a run: every unit's documents by region, readable without a network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.briefing.documents.public_tables import COMMUNES, public_names
from analysis.briefing.documents.web_page import (
    marks_line,
    page_style,
    page_templates,
    security_policy,
    without_internal,
)
from analysis.briefing.figures.changes import accepted_sentence
from analysis.briefing.figures.context import page_mark
from analysis.briefing.figures.front import ONE, REPORTED
from analysis.briefing.figures.reading import UnitTables, read_unit_tables
from analysis.briefing.figures.units import COUNTRY, map_tiles, province_region, provinces, unit_file_stem
from analysis.briefing.figures.wording import Words, read_words
from analysis.settings import RunParameters


def write_index(
    run: RunParameters,
    units: Sequence[str],
    folder: Path,
    is_internal: bool = True,
    tables_in: Path | None = None,
) -> Path:
    """Write `index.html`: the country first, then the provinces of each region with their coverage.

    `units` are the unit codes that were briefed; a released copy is not `is_internal` and does not say so.
    Links are relative; nothing is loaded from elsewhere. `tables_in` is where the tables stand already, where that
    is not beside the page.
    """
    words = read_words(run.settings.language)
    tables = read_unit_tables(run, COUNTRY)
    mark = page_mark(tables, words)
    style = page_style()
    html = (
        page_templates()
        .get_template("index.html.j2")
        .render(
            language=words.language,
            style=style,
            policy=security_policy(style),
            title=words("portal.title"),
            cut_off=words("head.cut_off", day=words.day(run.as_of)),
            lead=words("portal.lead"),
            accepted=accepted_sentence(tables.mark, words),
            mark=marks_line(mark if is_internal else without_internal(mark)),
            run=mark["run"],
            groups=_groups(units, tables, words, tables_in or folder / "tables"),
            communes_word=words("portal.communes"),
            empty=words("portal.empty"),
            page_word=words("portal.page"),
            tables_word=words("portal.tables"),
            tables_lead=words("portal.tables_lead"),
            table_names=public_names(run),
        )
    )
    path = folder / "index.html"
    path.write_bytes(html.encode("utf-8"))
    return path


def _groups(units: Sequence[str], tables: UnitTables, words: Words, folder: Path) -> list[dict[str, Any]]:
    """Return the units under their headings: the country, then the regions from north to south."""
    groups: dict[str, list[dict[str, Any]]] = {}
    if COUNTRY in units:
        groups[words("portal.national")] = [_entry(COUNTRY, words("portal.national"), tables, words, folder)]
    regions = dict.fromkeys(tile.region for tile in map_tiles())
    for region in regions:
        own = [code for code in sorted(units) if code != COUNTRY and province_region(code) == region]
        if own:
            heading = words(f"region.{region}")
            groups[heading] = [
                _entry(code, provinces()[code].short_name, tables, words, folder) for code in own
            ]
    return [{"heading": heading, "units": entries} for heading, entries in groups.items()]


def _entry(code: str, name: str, tables: UnitTables, words: Words, folder: Path) -> dict[str, Any]:
    pct = tables.covered(code, REPORTED, ONE).get("coverage_pct")
    detail = words("portal.no_coverage") if pct is None else words("portal.coverage", pct=words.percent(pct))
    communes = f"{COMMUNES}/{code}.csv"
    found = f"tables/{communes}" if (folder / communes).is_file() else ""
    return {"name": name, "detail": detail, "stem": unit_file_stem(code), "communes": found}
