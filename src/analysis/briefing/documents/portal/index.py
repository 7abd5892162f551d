"""The index page of a run: every unit's figures and documents in one table, readable without a network or script."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.briefing.documents.data_package import PACKAGE, table_title
from analysis.briefing.documents.documents import FORMATS
from analysis.briefing.documents.portal.archive import ARCHIVE, write_archive
from analysis.briefing.documents.portal.cautions import cautions, read_heeded
from analysis.briefing.documents.portal.dataset import dataset_json
from analysis.briefing.documents.portal.rows import COLUMNS, read_tasks, unit_rows
from analysis.briefing.documents.portal.tiles import map_links
from analysis.briefing.documents.public_notice import FILES
from analysis.briefing.documents.public_tables import COMMUNES, public_names
from analysis.briefing.documents.web_page import (
    marks_line,
    page_style,
    page_templates,
    security_policy,
    unbroken,
    without_internal,
)
from analysis.briefing.figures.changes import accepted_sentence
from analysis.briefing.figures.context import page_mark
from analysis.briefing.figures.languages import INDEX, languages_of, name_in, other_version
from analysis.briefing.figures.reading import UnitTables, read_unit_tables
from analysis.briefing.figures.units import COUNTRY
from analysis.briefing.figures.wording import TEMPLATES, Words, read_words
from analysis.settings import RunParameters

_WORDS = (
    *("lead", "units", "search", "shown", "sort", "unit", "files", "cautions", "no_cautions", "skip"),
    *("communes", "tables", "tables_lead", "empty", "contents", "map", "map_lead", "downloads", "weeks"),
)
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Beside:
    """What lies beside an index page and is linked: the tables, the archive, and above it the list of weeks.

    `tables` is the folder of the CSV files, `archive` the written archive, if any. A page in the archive, or in a
    released copy, stands alone: no list of weeks lies above it.
    """

    tables: Path
    archive: Path | None = None
    has_weeks: bool = False


def write_index(
    run: RunParameters,
    units: Sequence[str],
    folder: Path,
    beside: Beside,
    is_internal: bool = True,
    language: str = "",
) -> Path:
    """Write `index.html`: a table of all units, their map, what needs care, and every file to be downloaded.

    `units` are the unit codes that were briefed; a released copy is not `is_internal` and does not say so.
    In the run's second `language` it is `index.en.html` and leads to the files of that language.
    Links are relative; nothing is loaded from elsewhere.
    """
    path = folder / name_in(run, INDEX, language)
    path.write_bytes(_page(run, units, beside, is_internal, language))
    return path


def write_everything(
    run: RunParameters, units: Sequence[str], folder: Path, is_internal: bool = True
) -> Path:
    """Write the archive of all that `folder` holds, its index pages standing alone; returns the archive."""
    tables = Beside(folder / "tables")
    alone = {
        name_in(run, INDEX, language): _page(run, units, tables, is_internal, language)
        for language in languages_of(run)
    }
    return write_archive(folder, alone, f"baophu-{run.as_of.isoformat()}")


def _page(
    run: RunParameters, units: Sequence[str], beside: Beside, is_internal: bool, language: str
) -> bytes:
    words = read_words(language or run.settings.language)
    tables = read_unit_tables(run, COUNTRY).named_in(words.language)
    mark = page_mark(tables, words)
    rows = unit_rows(units, tables, read_tasks(run), words)
    names = public_names(run)
    style, script = page_style() + _template("portal.css"), _template("portal.js")
    dataset = dataset_json(units, tables, names, ARCHIVE if beside.archive else "", words)
    html = page_templates().get_template("index.html.j2").render(
        language=words.language,
        style=style,
        script=script,
        dataset=dataset,
        policy=security_policy(style, script, dataset),
        title=words("portal.title"),
        cut_off=words("head.cut_off", day=words.day(run.as_of)),
        words={name: _phrase(name, words) for name in _WORDS},
        columns=[words(f"portal.{column}") for column in COLUMNS],
        accepted=accepted_sentence(tables.mark, words),
        mark=marks_line(mark if is_internal else without_internal(mark)),
        run=mark["run"],
        map=map_links(units, tables, words),
        rows=[_with_files(row, beside.tables) for row in rows],
        cautions=cautions(rows, tables, read_heeded(run), words),
        files=[*((name, _table_title(name, words)) for name in names), (PACKAGE, "")],
        **_around(tables, beside, words),
        **other_version(run, INDEX, words.language),
    )  # fmt: skip
    return unbroken(html).encode("utf-8")


def _around(tables: UnitTables, beside: Beside, words: Words) -> dict[str, Any]:
    """Return the links beside the units' own: the weeks, the public's files, the archive with its size."""
    size = beside.archive.stat().st_size if beside.archive else 0
    megabytes = words.whole(max(1, round(size / MEGABYTE)))
    return {
        "weeks_page": f"../{name_in(tables.run, INDEX, words.language)}" if beside.has_weeks else "",
        "notices": [
            (name_in(tables.run, name, words.language), words(f"portal.notices.{key}"))
            for key, name in FILES.items()
        ],
        "archive": (ARCHIVE, words("portal.archive", megabytes=megabytes)) if beside.archive else (),
    }


def _phrase(name: str, words: Words) -> str:
    # The number of rows found is filled in by the page's script.
    return words("portal.shown", count="{count}") if name == "shown" else words(f"portal.{name}")


def _table_title(name: str, words: Words) -> str:
    return table_title(name.removesuffix(".gz").removesuffix(".csv"), words)


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _with_files(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a row with its documents, its communes' table where there is one, and what a search finds it by."""
    communes = f"{COMMUNES}/{row['code']}.csv"
    return row | {
        "key": plain(f"{row['name']} {row['region']} {row['code']}"),
        "files": [(f"{row['stem']}.{kind}", kind.upper()) for kind in FORMATS[1:]],
        "communes": f"tables/{communes}" if (folder / communes).is_file() else "",
    }


def plain(text: str) -> str:
    """Return a text in small letters without accents: "đắk lắk" is "dak lak". The page's script does the same."""
    parts = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(letter for letter in parts if not unicodedata.combining(letter)).split())
