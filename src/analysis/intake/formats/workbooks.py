"""Workbooks: every visible sheet with a header is a table; values only, real dates as dates."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import fastexcel

from analysis.engine import sql_path
from analysis.intake.formats.archives import check_sizes
from analysis.intake.formats.delimited import HEADER_SEARCH_ROWS, SAMPLE_ROWS, legacy_columns
from analysis.intake.formats.sheet_rows import SHEET as _SHEET
from analysis.intake.formats.sheet_rows import filled_rows, numbered_rows, parted_rows, rows_as_above
from analysis.intake.formats.workbook_parts import (
    cells_of_first_row,
    counts_from_1904,
    read_merged,
    repeats_content,
    with_plain_properties,
)
from analysis.intake.headers.finding import Header, Schema, find_header, find_legacy_header
from analysis.intake.headers.inner import find_other_orders
from analysis.intake.headers.whole_names import with_whole_names
from analysis.intake.sources import SAME_AS, FileRefusedError, Leaf, SetAside, StagedFile, check_width
from analysis.intake.split_rows import refuse_split_rows
from analysis.intake.staging import (
    Cells,
    Staging,
    control_character_fault,
    conversion_functions,
    stage_relation,
    usable_header,
)

_MOST_BLANK_ROWS = 800
# Sheets beside the data: hidden ones, empty ones, instructions and lists without a header.
_NOT_A_TABLE = ("sheet_hidden", "file_empty", "header_not_found")


def stage_workbook(
    con: duckdb.DuckDBPyConnection, leaf: Leaf, schema: Schema, stagings: Iterator[Staging]
) -> list[StagedFile | SetAside]:
    """Stage the sheets of a workbook; raises FileRefusedError when none of them is a table.

    Hidden sheets and visible ones without a header are named, not read.
    """
    reader, data = _open_workbook(leaf)
    results: list[StagedFile | SetAside] = []
    refusals: list[FileRefusedError] = []
    for name in reader.sheet_names:
        source_file = f"{leaf.source_file}#{name}"
        try:
            results.append(_stage_sheet(con, _Sheet(reader, data, name, source_file), schema, stagings))
        except FileRefusedError as refused:
            refusals.append(refused)
            quiet = refused.reason_code in _NOT_A_TABLE
            reason = "sheet_ignored" if quiet else refused.reason_code
            results.append(SetAside(source_file, reason, refused.detail, refused.header))
    if all(isinstance(r, SetAside) for r in results):
        raise _worst(refusals)
    return _without_copies(con, results)


def _without_copies(
    con: duckdb.DuckDBPyConnection, results: list[StagedFile | SetAside]
) -> list[StagedFile | SetAside]:
    """Set a sheet aside that holds the same rows as one before it: whoever copies a sheet counts nobody twice."""
    if sum(isinstance(result, StagedFile) for result in results) < 2:
        return results
    kept: list[StagedFile | SetAside] = []
    seen: dict[tuple[int, int], str] = {}
    for result in results:
        if isinstance(result, StagedFile):
            rows = f"SELECT * EXCLUDE (source_id) FROM read_parquet({sql_path(result.path)})"
            held = con.execute(
                f"SELECT count(*), sum(CAST(hash(t) AS HUGEINT)) FROM ({rows}) AS t"
            ).fetchall()[0]
            first = seen.setdefault(held, result.source_file)
            if first != result.source_file:
                result.path.unlink()
                result = SetAside(result.source_file, "file_repeated", f"{SAME_AS}{first}")
        kept.append(result)
    return kept


def _worst(refusals: list[FileRefusedError]) -> FileRefusedError:
    """Return the refusal that tells most about a workbook without a usable sheet."""
    loud = [r for r in refusals if r.reason_code not in _NOT_A_TABLE]
    if loud:
        return loud[0]
    # A sheet with a header and no row tells more than guides and lists beside it.
    for refused in refusals:
        if refused.reason_code == "file_empty" and refused.detail:
            return refused
    codes = [r.reason_code for r in refusals]
    return FileRefusedError("header_not_found" if "header_not_found" in codes else "file_empty")


@dataclass(frozen=True)
class _Sheet:
    """One sheet of an opened workbook; `data` is an .xlsx file's bytes, empty for another container."""

    reader: fastexcel.ExcelReader
    data: bytes
    name: str
    source_file: str


def _open_workbook(leaf: Leaf) -> tuple[fastexcel.ExcelReader, bytes]:
    """Open a workbook; returns its reader and, of an .xlsx file, its bytes."""
    data = leaf.path.read_bytes()
    is_zip = data.startswith(b"PK")
    if is_zip:
        check_sizes(leaf.path)
        if repeats_content(data):
            raise FileRefusedError("archive_bomb", "filled cells are repeated thousands of times")
    try:
        if is_zip and counts_from_1904(data):
            data = with_plain_properties(data)
        return fastexcel.read_excel(data), data if is_zip else b""
    except Exception as error:  # the reader's own errors, and panics of its native part
        raise FileRefusedError("file_unreadable", "the workbook is damaged or cut short") from error


def _stage_sheet(
    con: duckdb.DuckDBPyConnection, source: _Sheet, schema: Schema, stagings: Iterator[Staging]
) -> StagedFile:
    if source.data:
        check_width(cells_of_first_row(source.data, source.name))  # the reader takes minutes over them
    try:
        sheet = source.reader.load_sheet(source.name, header_row=None, skip_rows=0, dtypes="string")
        if sheet.visible != "visible":
            raise FileRefusedError("sheet_hidden", "a hidden sheet")
        if not sheet.height or not sheet.width:
            raise FileRefusedError("file_empty")
        check_width(sheet.width)
        con.register(_SHEET, sheet)
        header, legacy = _sheet_layout(con, sheet.width, schema)
        staging = next(stagings)
        areas, first_column = read_merged(source.data, source.name) if source.data else ([], 0)
        filled = filled_rows(numbered_rows(header), header, areas, first_column)
        rows = _stage_rows(con, filled, header, legacy, schema, staging)
    except FileRefusedError:
        raise
    except (fastexcel.FastExcelError, duckdb.Error) as error:
        raise FileRefusedError("file_unreadable", "the sheet cannot be read") from error
    finally:
        con.unregister(_SHEET)
    if not rows:
        raise FileRefusedError("file_empty", "there is a header but no row")
    kind = "+".join(("workbook", *sorted(set(legacy.values()))))
    from_1904 = bool(source.data) and counts_from_1904(source.data)
    return StagedFile(
        *(staging.source_id, source.source_file, staging.target, header.unknown, kind, from_1904),
        header=header,
        first_column=first_column,
    )


def _sheet_layout(
    con: duckdb.DuckDBPyConnection, width: int, schema: Schema
) -> tuple[Header, dict[int, str]]:
    """Find a sheet's header and the columns typed in a legacy code; blank rows above it count as rows."""
    sample = con.execute(f"SELECT * FROM {_SHEET} LIMIT {SAMPLE_ROWS + _MOST_BLANK_ROWS}").fetchall()
    rows = [[str(cell) if cell is not None else "" for cell in row] for row in sample]
    blank = next((number for number, row in enumerate(rows) if any(map(str.strip, row))), 0)
    first = rows[: blank + HEADER_SEARCH_ROWS]
    header = find_header(first, schema)
    if header is None or header.missing:
        header = find_legacy_header(first, schema) or header
    if header is None:
        raise FileRefusedError("header_not_found", "no row of the first 40 names two known columns")
    below = rows[header.row + 1 : header.row + 1 + SAMPLE_ROWS]
    whole = with_whole_names(usable_header(header, schema), below)
    refuse_split_rows(whole, below, schema)
    return whole, legacy_columns(below, header)


def _stage_rows(
    con: duckdb.DuckDBPyConnection,
    filled: str,
    header: Header,
    legacy: dict[int, str],
    schema: Schema,
    staging: Staging,
) -> int:
    """Stage the rows below a sheet's header, `filled` as SQL; blank ones take a number and give no row."""
    names = [f"c{i}" for i in range(header.width)]
    numbers = {"source_row": "number", "row_fault": control_character_fault(names)}
    with conversion_functions(con, legacy.values()):
        rows = stage_relation(con, filled, Cells(legacy=legacy), header, schema, staging, numbers)
        inner = find_other_orders(con, staging, header, schema)
        if inner:
            parts, wider = parted_rows(con, filled, inner, header, schema)
            numbers["row_fault"] = f"coalesce(header_fault, {numbers['row_fault']})"
            rows = stage_relation(con, parts, Cells(), wider, schema, staging, numbers)
        elif above := rows_as_above(con, filled, header):
            numbers["row_flag"] = "CASE WHEN as_above THEN 'cell_as_above' END"
            rows = stage_relation(con, above, Cells(legacy=legacy), header, schema, staging, numbers)
    return rows
