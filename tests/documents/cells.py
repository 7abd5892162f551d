"""The cells of every table of a unit, read back out of each format and held against the context they were made from.

    python tests/documents/cells.py PROCESSED FOLDER [UNIT …]

makes the documents of a finished run's units (all 64 where none is named) in both languages below FOLDER and prints, per
format, how many cells were compared and which differ, and the units with a table that does not add up.
"""

import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

import docx
from lxml import etree
from pptx import Presentation
from pypdf import PdfReader

from analysis.briefing.charts.charts import draw_charts
from analysis.briefing.documents.documents import show_front, show_sections, write_documents
from analysis.briefing.documents.web_page import write_page
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.languages import languages_of
from analysis.briefing.figures.units import COUNTRY, provinces
from analysis.briefing.figures.wording import read_words
from analysis.settings import NONE, RunParameters, open_run

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMATS = ("html", "pdf", "docx", "pptx", "xlsx")
GROUPS = ("coverage", "data", "plan", "method")
HEAD_ROWS = 7  # of a sheet, before its table's rows
Rows = list[list[str]]


@dataclass(frozen=True)
class Cell:
    """A cell of a workbook as it is stored: its text or number, and the format that shows it."""

    value: str | Decimal
    form: str

    def shown(self, language: str = "vi") -> str:
        """Return what a spreadsheet set to the language shows: of number;negative;zero the part that fits."""
        if isinstance(self.value, str):
            return self.value
        positive, negative, zero = self.form.split(";")
        part = zero if not self.value else negative if self.value < 0 else positive
        value = abs(self.value) * (100 if part.endswith("%") else 1)
        places = len(part.rstrip("%").partition(".")[2])
        sign = part[: part.index("#")]
        return sign + read_words(language).decimal(value, places) + ("%" if part.endswith("%") else "")


def read_workbook(path: Path) -> dict[str, list[list[Cell]]]:
    """Return sheet → rows → cells; a cell that is not there is an empty text."""
    with zipfile.ZipFile(path) as archive:
        parts = {n: etree.fromstring(archive.read(n)) for n in archive.namelist() if n.endswith(".xml")}
    strings = ["".join(item.itertext()) for item in parts["xl/sharedStrings.xml"].iter(f"{S}si")]
    styles = parts["xl/styles.xml"]
    forms = {e.get("numFmtId"): e.get("formatCode") for e in styles.iter(f"{S}numFmt")}
    by_style = [forms.get(x.get("numFmtId"), "") for x in styles.find(f"{S}cellXfs")]
    names = [sheet.get("name") for sheet in parts["xl/workbook.xml"].iter(f"{S}sheet")]
    sheets = (parts[f"xl/worksheets/sheet{i + 1}.xml"] for i in range(len(names)))
    return {n: _sheet_rows(sheet, strings, by_style) for n, sheet in zip(names, sheets, strict=True)}


def _sheet_rows(sheet: Any, strings: list[str], forms: list[str]) -> list[list[Cell]]:
    assert sheet.find(f".//{S}f") is None, "a formula"
    rows: dict[int, list[Cell]] = {}
    for element in sheet.iter(f"{S}c"):
        row = int(re.sub(r"\D", "", element.get("r")))
        value = element.findtext(f"{S}v")
        is_text = element.get("t") == "s"
        if value is not None:
            cell = Cell(strings[int(value)] if is_text else Decimal(value), forms[int(element.get("s"))])
            rows.setdefault(row, []).append(cell)
    return [rows.get(i + 1, []) for i in range(max(rows, default=0))]


class TablesOfPage(HTMLParser):
    """Collects the tables of an HTML page: rows of texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[Rows] = []
        self._is_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._is_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = self._is_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.tables[-1][-1][-1] += data


def tables_of(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of a context in their order."""
    return [table for part in context["sections"] for table in part["tables"]]


def rows_of(table: dict[str, Any]) -> Rows:
    """Return the header of a table and its rows."""
    return [[column["title"] for column in table["columns"]], *(row["cells"] for row in table["rows"])]


def count(text: str, language: str) -> int | None:
    """Return a printed count as a number; None for what is no count, such as a rate."""
    plain = text.replace("." if language == "vi" else ",", "").replace("−", "-").replace("+", "")
    return int(plain) if re.fullmatch(r"-?\d+", plain) else None


def broken_sums(table: dict[str, Any], language: str = "vi") -> list[str]:
    """Return the columns of a table that do not add up; a cell that is withheld is no mismatch."""
    found = []
    for k, column in enumerate(table["columns"]):
        for wanted in table["sums"]:
            cells = [table["rows"][i]["cells"][k] for i in (wanted["total"], *wanted["parts"])]
            total, *parts = (count(cell, language) for cell in cells)
            if any(cell.startswith("[") for cell in cells) or total is None:
                continue
            if total != sum(part or 0 for part in parts):
                found.append(f"{table['caption']}, {column['title']}: {cells}")
    return found


def compare(context: dict[str, Any], folder: Path) -> tuple[Counter[str], list[str]]:
    """Return the cells compared per format, and what differs: format, table or cell."""
    compared: Counter[str] = Counter()
    wrong: list[str] = []
    for kind, differing in _differences(context, folder / context["file_stem"]):
        compared[kind] += 1
        wrong += [f"{context['unit_code']} {kind}: {differing}"] * bool(differing)
    return compared, wrong


def _differences(context: dict[str, Any], stem: Path) -> Iterator[tuple[str, str]]:
    """Yield for each cell its format, and what it should be where it is not so."""
    files = {kind: stem.parent / f"{stem.name}.{kind}" for kind in FORMATS}
    html = [
        [[_line(text) for text in row] for row in t] for t in TablesOfPage(files["html"].read_text()).tables
    ]
    word = [[[c.text for c in row.cells] for row in t.rows] for t in docx.Document(str(files["docx"])).tables]
    pdf = _packed("".join(page.extract_text() for page in PdfReader(files["pdf"]).pages))
    sheets = list(read_workbook(files["xlsx"]).values())[2:]  # behind contents and read-me
    shown = [[c.shown(context["language"]) for c in row] for sheet in sheets for row in sheet[HEAD_ROWS:]]
    for table in tables_of(context):
        rows = rows_of(table)
        whole = {"html": [[_line(text) for text in row] for row in rows] in html, "docx": rows in word}
        for text in (text for row in rows for text in row):
            yield from ((kind, "" if is_there else table["caption"]) for kind, is_there in whole.items())
            yield "pdf", "" if _packed(text) in pdf else text
        for row in table["rows"]:
            is_there = row["cells"] in shown
            yield from (("xlsx", "" if is_there else text) for text in row["cells"])
    told = {(row[0], text) for table in tables_of(context) for row in rows_of(table) for text in row}
    told |= {(part["name"], part["text"]) for part in _supply_parts(context)}
    for bar in bars_of(files["pptx"]):
        yield "pptx", "" if bar in told else " ".join(bar)


def bars_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield name and label of every bar of a show's charts."""
    for shape in (shape for slide in Presentation(str(path)).slides for shape in slide.shapes):
        if shape.has_chart:
            plot: Any = shape.chart.plots[0]
            points = plot.series[0].points
            yield from (
                (name, points[i].data_label.text_frame.text) for i, name in enumerate(plot.categories)
            )


def _supply_parts(context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    charts = [chart for part in context["sections"] for chart in part["charts"] if chart["kind"] == "supply"]
    yield from (part for chart in charts for bar in chart["data"]["bars"] for part in bar["parts"])


def _line(text: str) -> str:
    return " ".join(text.split())


def _packed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def main(processed: str, target: str, *units: str) -> int:
    """Make, compare and add up the documents of a finished run's units; returns 1 where something differs."""
    day = Path(processed).name
    run = open_run(day, processed=processed, previous=NONE, settings=NONE, language="both")
    compared: Counter[str] = Counter()
    wrong: list[str] = []
    broken: list[str] = []
    for unit, language in product(units or (COUNTRY, *provinces()), languages_of(run)):
        context = write_all(run, unit, language, Path(target) / unit / language)
        found, differing = compare(context, Path(target) / unit / language)
        compared += found
        wrong += differing
        sums = [text for table in tables_of(context) for text in broken_sums(table, language)]
        broken += [f"{unit} {language}"] * bool(sums)
    print("\n".join([*wrong, f"{dict(compared)}: {sum(compared.values())} cells, {len(wrong)} mismatches"]))
    print(f"units with a table that does not add up: {broken or 0}")
    return int(bool(wrong or broken))


def write_all(run: RunParameters, unit: str, language: str, folder: Path) -> dict[str, Any]:
    """Make every document of a unit in a language into a folder and return the context they were made from."""
    folder.mkdir(parents=True, exist_ok=True)
    context = build_context(run, unit, language)
    charts = draw_charts(context, folder)
    write_documents(context, charts, folder)
    parts = [show_front(context), *(show_sections(context, charts, group) for group in GROUPS)]
    write_page([(part.html, part.about) for part in parts], folder / f"{context['file_stem']}.html")
    return context


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
