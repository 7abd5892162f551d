"""Workbooks: every visible sheet with a header is a table; values only, real dates as dates."""

from collections.abc import Iterator

import duckdb
import fastexcel

from analysis.intake.archives import check_sizes
from analysis.intake.delimited import HEADER_SEARCH_ROWS, SAMPLE_ROWS, legacy_columns
from analysis.intake.headers import Header, Schema, find_header, find_legacy_header
from analysis.intake.sources import FileRefusedError, Leaf, SetAside, StagedFile
from analysis.intake.staging import (
    Staging,
    control_character_fault,
    conversion_functions,
    stage_relation,
    usable_header,
)

_SHEET = "sheet_rows"
# Sheets beside the data: hidden ones, empty ones, instructions and lists without a header.
_NOT_A_TABLE = ("sheet_hidden", "file_empty", "header_not_found")


def stage_workbook(
    con: duckdb.DuckDBPyConnection, leaf: Leaf, schema: Schema, stagings: Iterator[Staging]
) -> list[StagedFile | SetAside]:
    """Stage the sheets of a workbook; raises FileRefusedError when none of them is a table.

    Hidden sheets and visible ones without a header are named, not read.
    """
    reader = _open_workbook(leaf)
    results: list[StagedFile | SetAside] = []
    refusals: list[FileRefusedError] = []
    for name in reader.sheet_names:
        source_file = f"{leaf.source_file}#{name}"
        try:
            results.append(_stage_sheet(con, reader, name, Leaf(source_file, leaf.path), schema, stagings))
        except FileRefusedError as refused:
            refusals.append(refused)
            quiet = refused.reason_code in _NOT_A_TABLE
            results.append(
                SetAside(source_file, "sheet_ignored" if quiet else refused.reason_code, refused.detail)
            )
    if all(isinstance(r, SetAside) for r in results):
        raise _worst(refusals)
    return results


def _worst(refusals: list[FileRefusedError]) -> FileRefusedError:
    """Return the refusal that tells most about a workbook without a usable sheet."""
    loud = [r for r in refusals if r.reason_code not in _NOT_A_TABLE]
    if loud:
        return loud[0]
    codes = [r.reason_code for r in refusals]
    return FileRefusedError("header_not_found" if "header_not_found" in codes else "file_empty")


def _open_workbook(leaf: Leaf) -> fastexcel.ExcelReader:
    with leaf.path.open("rb") as file:
        is_zip = file.read(2) == b"PK"
    if is_zip:
        check_sizes(leaf.path)
    try:
        return fastexcel.read_excel(leaf.path.read_bytes())
    except Exception as error:  # the reader's own errors, and panics of its native part
        raise FileRefusedError("file_unreadable", "the workbook is damaged or cut short") from error


def _stage_sheet(
    con: duckdb.DuckDBPyConnection,
    reader: fastexcel.ExcelReader,
    name: str,
    leaf: Leaf,
    schema: Schema,
    stagings: Iterator[Staging],
) -> StagedFile:
    try:
        sheet = reader.load_sheet(name, header_row=None, dtypes="string")
        if sheet.visible != "visible":
            raise FileRefusedError("sheet_hidden", "a hidden sheet")
        if not sheet.height or not sheet.width:
            raise FileRefusedError("file_empty")
        con.register(_SHEET, sheet)
        header, legacy = _sheet_layout(con, sheet.width, schema)
        staging = next(stagings)
        rows = _stage_rows(con, header, legacy, schema, staging)
    except FileRefusedError:
        raise
    except (fastexcel.FastExcelError, duckdb.Error) as error:
        raise FileRefusedError("file_unreadable", "the sheet cannot be read") from error
    finally:
        con.unregister(_SHEET)
    if not rows:
        raise FileRefusedError("file_empty", "there is a header but no row")
    kind = "+".join(("workbook", *sorted(set(legacy.values()))))
    return StagedFile(staging.source_id, leaf.source_file, staging.target, header.unknown, kind)


def _sheet_layout(
    con: duckdb.DuckDBPyConnection, width: int, schema: Schema
) -> tuple[Header, dict[int, str]]:
    """Find a sheet's header and the columns typed in a legacy code."""
    sample = con.execute(f"SELECT * FROM {_SHEET} LIMIT {SAMPLE_ROWS}").fetchall()
    rows = [[str(cell) if cell is not None else "" for cell in row] for row in sample]
    first = rows[:HEADER_SEARCH_ROWS]
    header = find_header(first, schema)
    if header is None or header.missing:
        header = find_legacy_header(first, schema) or header
    if header is None:
        raise FileRefusedError("header_not_found", "no row of the first 40 names two known columns")
    return usable_header(header, schema), legacy_columns(rows[header.row + 1 :], header)


def _stage_rows(
    con: duckdb.DuckDBPyConnection, header: Header, legacy: dict[int, str], schema: Schema, staging: Staging
) -> int:
    """Stage the rows below a sheet's header; blank ones take a number and give no row."""
    names = [f"c{i}" for i in range(header.width)]
    relation = (
        f"(SELECT row_number() OVER () - {header.row + 1} AS number, * "
        f"FROM {_SHEET} AS s({', '.join(names)})) "
        f"WHERE number > 0 AND trim(concat({', '.join(names)})) <> ''"
    )
    numbers = {"source_row": "number", "row_fault": control_character_fault(names)}
    with conversion_functions(con, legacy.values()):
        return stage_relation(con, relation, "c{}", header, schema, staging, numbers, legacy=legacy)
