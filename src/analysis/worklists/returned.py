"""Reading a list that came back: cell values alone, and which rows hold a formula."""

import io
import re
from dataclasses import dataclass
from xml.etree import ElementTree
from zipfile import ZipFile

import duckdb
import fastexcel

from analysis.errors import DAMAGED_ZIP, CheckError
from analysis.intake.formats.workbook_parts import column_number
from analysis.worklists.kinds import REFERENCE, ROW_CODE, Section
from analysis.worklists.workbook import LIST_MARK, RUN_MARK

MAX_RETURNED_BYTES = 50 * 2**20
MAX_UNPACKED_BYTES = 500 * 2**20
# A reader makes room for every cell up to the last row and column that a sheet names (sources fault-40); the longest
# list has some 100,000 lines of 20 columns.
MAX_CELLS = 5_000_000
HEAD_ROWS = 20
TOO_LARGE = "--import: the workbook is far larger than any list; ask for the list again"
NOT_A_LIST = "--import: not a list that was issued here; give the returned .xlsx, closed or open"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(rb"<(?:\w+:)?(?:c|row)\b[^>]*?\br\s*=\s*[\"']([A-Z]*)(\d+)[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_CELL_WITH_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="[A-Z]+(\d+)"[^>]*>\s*<(?:\w+:)?f\b')


@dataclass(frozen=True)
class ReturnedRow:
    """One row of a returned sheet: its reference, its cells by heading, and whether a formula is among them."""

    section: str
    reference: str
    cells: dict[str, str]
    has_formula: bool


@dataclass(frozen=True)
class ReturnedList:
    """What a returned workbook says of itself, and its rows."""

    list_id: str
    run_id: str
    rows: tuple[ReturnedRow, ...]


def read_returned(data: bytes, sections: dict[str, Section]) -> ReturnedList:
    """Read a returned workbook; `sections` gives the section of each sheet name.

    Sheets that are not a section's are left unread. Raises CheckError for what is no issued list, is
    damaged, holds macros, or would unpack beyond all measure.
    """
    formulas = _formula_rows(data)
    try:
        reader = fastexcel.read_excel(data)
        sheets = {name: _sheet_rows(reader, name) for name in reader.sheet_names if name in sections}
    except Exception as error:  # the reader's own errors, and panics of its native part
        raise CheckError(NOT_A_LIST) from error
    heads = [row for rows in sheets.values() for row in rows[:HEAD_ROWS]]
    text = "\n".join(cell for row in heads for cell in row)
    list_id = re.search(rf"{LIST_MARK}\s*([0-9a-f]+)", text)
    run_id = re.search(rf"{RUN_MARK}\s*(\S+)", text)
    if not list_id or not run_id:
        raise CheckError(NOT_A_LIST)
    rows = [
        row
        for name, cells in sheets.items()
        for row in _section_rows(sections[name], cells, formulas.get(name, set()))
    ]
    return ReturnedList(list_id.group(1), run_id.group(1), tuple(rows))


def _sheet_rows(reader: fastexcel.ExcelReader, name: str) -> list[list[str]]:
    """Return a sheet's rows as text, the first row of the sheet first, blank ones too."""
    sheet = reader.load_sheet(name, header_row=None, dtypes="string")
    if not sheet.height:
        return []
    with duckdb.connect() as con:
        con.register("sheet_rows", sheet)
        rows = con.execute("SELECT * FROM sheet_rows").fetchall()
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def _section_rows(section: Section, rows: list[list[str]], formulas: set[int]) -> list[ReturnedRow]:
    """Return the rows below the headings; a row without a reference is one only when something is in it."""
    headings = [c.heading for c in section.columns]
    top = next((n for n, row in enumerate(rows) if REFERENCE.heading in [_tidy(c) for c in row]), None)
    if top is None:
        return []
    found = [_tidy(cell) for cell in rows[top]]
    if any(found.count(heading) != 1 for heading in headings):
        raise CheckError(
            f"--import: sheet '{section.sheet}' has other columns than were issued; ask for the list as it was sent"
        )
    places = {column.name: found.index(column.heading) for column in section.columns}
    code = found.index(ROW_CODE.heading) if found.count(ROW_CODE.heading) == 1 else None
    returned = []
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        cells = {name: row[place] for name, place in places.items()}
        cells[ROW_CODE.name] = row[code] if code is not None else ""
        if _tidy(cells[REFERENCE.name]):
            reference = _tidy(cells[REFERENCE.name])
            returned.append(ReturnedRow(section.name, reference, cells, number in formulas))
        elif _tidy(cells["answer"]) or _tidy(cells.get("value", "")):
            returned.append(ReturnedRow(section.name, "", cells, number in formulas))
    return returned


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _formula_rows(data: bytes) -> dict[str, set[int]]:
    """Return the numbers of the rows that hold a formula, by sheet name; judges the archive first."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if len(data) > MAX_RETURNED_BYTES or sum(m.file_size for m in members) > MAX_UNPACKED_BYTES:
                raise CheckError(TOO_LARGE)
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise CheckError("--import: the workbook holds macros; ask for it as .xlsx")
            paths = _sheet_paths(archive)
            return {
                sheet: {int(n) for n in _CELL_WITH_FORMULA.findall(_bounded(archive.read(path)))}
                for sheet, path in paths.items()
                if path in names
            }
    except (*DAMAGED_ZIP, ElementTree.ParseError) as error:
        raise CheckError(NOT_A_LIST) from error


def _bounded(part: bytes) -> bytes:
    """Return a sheet's part; raises CheckError where its cells, or the room up to the farthest, are beyond a list's."""
    row, column = 1, 1
    for letters, number in _PLACE.findall(part):
        row, column = max(row, int(number)), max(column, column_number(letters) + 1)
    if row * column > MAX_CELLS or len(_CELL.findall(part)) > MAX_CELLS:
        raise CheckError(TOO_LARGE)
    return part


def _sheet_paths(archive: ZipFile) -> dict[str, str]:
    """Return sheet name → member of the archive."""
    book, relations = (
        _parse(archive.read(name)) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    )
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    paths = {}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        paths[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return paths


def _parse(xml: bytes) -> ElementTree.Element:
    """Parse a small part of a workbook; a document type, which only an attack needs, is refused."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise ValueError
    return ElementTree.fromstring(xml)
