"""The workbook of a unit (XLSX): contents, read-me, and one sheet a table of its context, read back cell by cell.

Text is written as text, whatever it begins with; a figure is a number only where it prints the same again.
"""

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from analysis.briefing.documents.data_package import short_description
from analysis.briefing.documents.printed_numbers import parse_printed
from analysis.briefing.documents.web_page import marks_line
from analysis.briefing.documents.word_document import repacked
from analysis.briefing.figures.wording import Words, held_name, read_words
from analysis.columns import describe_column
from analysis.tables import TABLES

ROWS_A_SHEET = 1000
HEAD_ROWS = 7  # marks, subject, title, source, a blank one, header, units
NARROWEST, WIDEST = 9, 34  # characters
LEAST_WIDTH = 84  # of a sheet: what stands around a narrow table is read in lines of this length
FILLED = 0.8  # of a column's width in letters: rather less than a line holds
LINE_HEIGHT = 16.5  # points, of letters of 12
# Never a formula, a link or a number by a spreadsheet's own guess.
AS_TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
STYLES: dict[str, dict[str, Any]] = {
    "mark": {"bold": True, "font_color": "#9b1c1c", "text_wrap": True},
    "title": {"bold": True, "font_size": 14, "text_wrap": True},
    "part": {"bold": True, "font_size": 12, "font_color": "#14487a", "text_wrap": True},
    "quiet": {"font_color": "#444444", "text_wrap": True},
    "text": {"text_wrap": True},
    "link": {"font_color": "#14487a", "underline": 1},
    "header": {"bold": True, "text_wrap": True, "border": 1, "bg_color": "#eaf1f8", "align": "center"},
    "unit": {"italic": True, "text_wrap": True, "border": 1, "align": "center", "font_color": "#444444"},
    "cell": {"text_wrap": True, "border": 1},
    "figure": {"border": 1, "align": "right"},
}


# The published table a section's figures come from, and the columns whose meaning its sheets explain.
DESCRIBED = {
    "parts": ("coverage", ("people", "population", "coverage_pct")),
    "supply": ("supply", ("doses_allocated", "doses_received", "doses_administered", "used_pct")),
    "targets": ("targets", ("probability", "expected_date")),
    "entry": ("entry_progress", ("doses_recorded", "entry_pct", "backlog", "median_entry_days")),
    "verification": ("verification", ("link_status",)),
    "feedback": ("feedback", ("received_due", "closed_in_time", "open_late")),
    "due": ("due_counts", ("state", "next_dose")),
    "bases": ("coverage_bridge", ("step", "people")),
}


@dataclass(frozen=True)
class _Sheet:
    """One table on one sheet: its name, the section it stands in, its rows of this sheet."""

    name: str
    part: dict[str, Any]
    table: dict[str, Any]
    rows: Sequence[dict[str, Any]]


@dataclass
class _Page:
    """An open sheet and the widths of its columns; texts run over all of them and wrap."""

    sheet: Any
    widths: Sequence[int]

    def write_text(self, row: int, text: str, style: Any) -> None:
        """Write a text over the sheet's width, its row as high as its lines."""
        self.sheet.set_row(row, LINE_HEIGHT * lines_of(text, sum(self.widths)))
        if len(self.widths) > 1:
            self.sheet.merge_range(row, 0, row, len(self.widths) - 1, "", style)
        self.sheet.write_string(row, 0, held_name(text, int(FILLED * sum(self.widths))), style)


@dataclass
class _Book:
    """An open workbook with its formats, made once each."""

    book: Any
    words: Words
    marks: str
    _formats: dict[tuple[str, bool, str], Any] = field(default_factory=dict)

    def style(self, name: str, is_strong: bool = False, number: str = "") -> Any:
        key = (name, is_strong, number)
        if key not in self._formats:
            # quote_prefix: what is edited later in a spreadsheet stays text as well.
            form = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"} | STYLES[name]
            form |= {"bold": True} if is_strong else {}
            form |= {"num_format": number} if number else {"num_format": "@", "quote_prefix": True}
            self._formats[key] = self.book.add_format(form)
        return self._formats[key]

    def sheet(self, name: str, widths: Sequence[int], is_wide: bool = False) -> _Page:
        """Add a sheet that prints on A4, its width on one page, the marks at its head."""
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_header("&C" + self.marks.replace("&", "&&"))
        if is_wide:
            sheet.set_landscape()
        for i, width in enumerate(widths):
            sheet.set_column(i, i, width)
        return _Page(sheet, widths)


def write_xlsx(context: dict[str, Any], folder: Path) -> Path:
    """Write the workbook; the same context gives the same bytes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **AS_TYPED})
    marks = marks_line(context["mark"])
    day = datetime.combine(date.fromisoformat(context["as_of"]), datetime.min.time())
    properties = {"title": context["page"]["title"], "author": context["letterhead"]["organisation"]}
    book.set_properties(properties | {"comments": marks, "created": day})
    opened = _Book(book, read_words(context["language"]), marks)
    sheets = list(sheets_of(context))
    _write_contents(opened, context, sheets)
    _write_read_me(opened, context)
    for sheet in sheets:
        _write_table(opened, context, sheet)
    book.close()
    path = folder / f"{context['file_stem']}.xlsx"
    path.write_bytes(repacked(buffer.getvalue()))
    return path


def sheets_of(context: Mapping[str, Any]) -> Iterator[_Sheet]:
    """Yield the tables of a context, each on a sheet of its own; a long one goes on upon the next.

    Sheets bear the numbers that tables have on the page.
    """
    for part in context["sections"]:
        # Below the rows: a blank line, the section's title and texts, what the columns mean.
        around = HEAD_ROWS + 3 + len(part["paragraphs"]) + len(part["notes"])
        for table in part["tables"]:
            step = ROWS_A_SHEET - around
            for i, start in enumerate(range(0, len(table["rows"]), step)):
                name = table["number"] + (f" ({i + 1})" if i else "")
                yield _Sheet(name, part, table, table["rows"][start : start + step])


def _write_contents(book: _Book, context: dict[str, Any], sheets: Sequence[_Sheet]) -> None:
    words = book.words
    page = book.sheet(words("workbook.contents"), (12, LEAST_WIDTH - 12))
    _write_head(book, page, context, words("workbook.contents"))
    entries = [(words("workbook.read_me"), words("workbook.read_me_holds"))]
    entries += [(sheet.name, sheet.table["caption"]) for sheet in sheets]
    for row, (name, text) in enumerate(entries, start=5):
        page.sheet.write_url(row, 0, f"internal:'{name}'!A1", book.style("link"), name)
        page.sheet.write_string(row, 1, held_name(text, int(FILLED * page.widths[1])), book.style("text"))


def _write_head(book: _Book, page: _Page, context: dict[str, Any], title: str) -> None:
    """Write the first lines of a sheet: marks, subject with its day, the sheet's title, source."""
    lines = (
        ("mark", book.marks),
        ("quiet", context["page"]["title"]),
        ("title", title),
        ("quiet", context["page"]["footer"]),
    )
    for row, (style, text) in enumerate(lines):
        page.write_text(row, text, book.style(style))


def _write_read_me(book: _Book, context: dict[str, Any]) -> None:
    """Write what is no table: the first page, sections of words alone, how all was counted."""
    page = book.sheet(book.words("workbook.read_me"), (12, LEAST_WIDTH - 12))
    _write_head(book, page, context, context["title"]["subject"])
    for row, (style, text) in enumerate(_read_me_lines(context, book.words), start=5):
        page.write_text(row, text, book.style(style))


def _read_me_lines(context: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    front = context["front"]
    yield from (("text", words(f"workbook.{name}")) for name in ("numbers", "withheld"))
    yield "part", context["title"]["subject"]
    first = (*front["sentences"], front["caution"], front["confirmed"])
    yield from (("text", text) for text in first if text)
    yield "part", context["fixed"]["figures"]
    for item in front["figures"]:
        yield "text", f"{item['label']}: {' · '.join(t for t in list(item.values())[1:] if t)}"
    yield "part", front["tasks_title"]
    yield from (("text", text) for text in front["tasks"])
    for part in context["sections"]:
        texts = [*part["paragraphs"], *part["notes"]]
        if texts and not part["tables"]:
            yield "part", part["title"]
            yield from (("text", text) for text in texts)


def _write_table(book: _Book, context: dict[str, Any], sheet: _Sheet) -> None:
    """Write one sheet: head, header with units, rows, then what the page says around the table."""
    columns = sheet.table["columns"]
    page = book.sheet(sheet.name, _widths(sheet), is_wide=len(columns) > 4)
    _write_head(book, page, context, sheet.table["caption"])
    _set_height(page, HEAD_ROWS - 2, [column["title"] for column in columns])
    for i, column in enumerate(columns):
        page.sheet.write_string(HEAD_ROWS - 2, i, column["title"], book.style("header"))
        page.sheet.write_string(HEAD_ROWS - 1, i, unit_of(sheet.table, i, book.words), book.style("unit"))
    page.sheet.repeat_rows(HEAD_ROWS - 2, HEAD_ROWS - 1)
    page.sheet.freeze_panes(HEAD_ROWS, 1)
    for row, line in enumerate(sheet.rows, start=HEAD_ROWS):
        _set_height(page, row, line["cells"])
        for i, text in enumerate(line["cells"]):
            held = held_name(text, int(FILLED * page.widths[i]))
            _write_cell(book, page.sheet, (row, i), held, columns[i]["kind"] == "number", line["strong"])
    notes = [sheet.part["title"], *sheet.part["paragraphs"], *sheet.part["notes"]]
    notes += _column_notes(sheet.part, book.words)
    for row, text in enumerate(notes, start=HEAD_ROWS + 1 + len(sheet.rows)):
        page.write_text(row, text, book.style("quiet"))


def _column_notes(part: Mapping[str, Any], words: Words) -> list[str]:
    """Return what the columns mean from which a section's figures come, as the published tables describe them."""
    table, columns = DESCRIBED.get(part["name"], ("", ()))
    told = "; ".join(_meaning(table, column, words) for column in columns)
    return [words("workbook.described", told=told)] if told else []


def _meaning(table: str, column: str, words: Words) -> str:
    """Return what a column means; other columns, which the description names as the table does, in words."""
    text = _described(table, column, words)
    for name in TABLES[table].columns:
        if words.language == "vi" or "_" in name:  # else the name is a word of the language as well
            meant = short_description(_described(table, name, words))
            text = re.sub(rf"\b{name}\b", meant[:1].lower() + meant[1:], text)
    return text


def _described(table: str, column: str, words: Words) -> str:
    text = describe_column(table, column)
    return text.vietnamese if words.language == "vi" else text.english


def _set_height(page: _Page, row: int, cells: Sequence[str]) -> None:
    """Make a row as high as the longest of its cells."""
    page.sheet.set_row(row, LINE_HEIGHT * max(map(lines_of, cells, page.widths), default=1))


def lines_of(text: str, width: int) -> int:
    """Return how many lines a text takes in a column of so many characters, rather one too many."""
    return sum(math.ceil(max(len(line), 1) / width) for line in text.split("\n"))


def _write_cell(
    book: _Book, page: Any, place: tuple[int, int], text: str, is_figure: bool, is_strong: bool
) -> None:
    number = parse_printed(text, book.words) if is_figure else None
    if number is None:
        page.write_string(*place, text, book.style("figure" if is_figure else "cell", is_strong))
    else:
        page.write_number(*place, number.stored, book.style("figure", is_strong, number.format))


def _widths(sheet: _Sheet) -> list[int]:
    """Return the widths of a sheet's columns; the first takes what a narrow table leaves free."""
    widths = [_width(sheet, i) for i in range(len(sheet.table["columns"]))]
    return [widths[0] + max(0, LEAST_WIDTH - sum(widths)), *widths[1:]]


def _width(sheet: _Sheet, column: int) -> int:
    title = max(map(len, sheet.table["columns"][column]["title"].split()))
    return min(WIDEST, 2 + max([NARROWEST, title, *(len(row["cells"][column]) for row in sheet.rows)]))


def unit_of(table: Mapping[str, Any], column: int, words: Words) -> str:
    """Return the unit of a column as its title, its figures or the table's caption name it; else nothing."""
    if table["columns"][column]["kind"] != "number":
        return ""
    title = _in_brackets(table["columns"][column]["title"])
    figures = [parse_printed(row["cells"][column], words) for row in table["rows"]]
    is_percent = {figure.is_percent for figure in figures if figure} == {True}
    return title or ("%" if is_percent else _in_brackets(table["caption"]))


def _in_brackets(text: str) -> str:
    """Return what stands in brackets at a text's end: "người" of "Đủ 2 mũi (người)"."""
    return text[:-1].rpartition("(")[2] if text.endswith(")") and "(" in text else ""
