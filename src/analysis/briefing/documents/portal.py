"""The index page of a run: every unit's figures and documents in one table, readable without a network or script."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.briefing.documents.data_package import PACKAGE, table_title
from analysis.briefing.documents.documents import FORMATS
from analysis.briefing.documents.portal_rows import COLUMNS, cautions, unit_rows
from analysis.briefing.documents.public_notice import PAGE, PRESS_NOTE
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
from analysis.briefing.figures.reading import read_unit_tables
from analysis.briefing.figures.units import COUNTRY
from analysis.briefing.figures.wording import TEMPLATES, Words, read_words
from analysis.settings import RunParameters

_WORDS = (
    *("lead", "units", "search", "shown", "sort", "unit", "files", "cautions", "no_cautions"),
    *("communes", "tables", "tables_lead", "public", "press", "empty"),
)


def write_index(
    run: RunParameters,
    units: Sequence[str],
    folder: Path,
    is_internal: bool = True,
    tables_in: Path | None = None,
) -> Path:
    """Write `index.html`: a table of all units, what needs care, and every file to be downloaded.

    `units` are the unit codes that were briefed; a released copy is not `is_internal` and does not say so.
    Links are relative; nothing is loaded from elsewhere. `tables_in` is where the tables stand already, where that
    is not beside the page.
    """
    words = read_words(run.settings.language)
    tables = read_unit_tables(run, COUNTRY)
    mark = page_mark(tables, words)
    style, script = page_style() + _template("portal.css"), _template("portal.js")
    rows = unit_rows(units, tables, words)
    html = (
        page_templates()
        .get_template("index.html.j2")
        .render(
            language=words.language,
            style=style,
            script=script,
            policy=security_policy(style, script),
            title=words("portal.title"),
            cut_off=words("head.cut_off", day=words.day(run.as_of)),
            words={name: _phrase(name, words) for name in _WORDS},
            columns=[words(f"portal.{column}") for column in COLUMNS],
            accepted=accepted_sentence(tables.mark, words),
            mark=marks_line(mark if is_internal else without_internal(mark)),
            run=mark["run"],
            rows=[_with_files(row, tables_in or folder / "tables") for row in rows],
            cautions=cautions(rows, tables, words),
            files=[*((name, _table_title(name, words)) for name in public_names(run)), (PACKAGE, "")],
            notices=[(PAGE, words("portal.public")), (PRESS_NOTE, words("portal.press"))],
        )
    )
    path = folder / "index.html"
    path.write_bytes(html.encode("utf-8"))
    return path


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
