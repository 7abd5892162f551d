"""Opening small invented tables: what a file becomes before anything is cleaned."""

import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from analysis.engine import connect
from analysis.intake.folder import open_folder
from analysis.intake.headers.finding import PLATFORM, Schema
from analysis.intake.headers.typed import check_typed_headers
from analysis.intake.sources import Intake
from analysis.settings import Settings
from clean_samples import make_run

Cells = Sequence[Sequence[Any]]


def delimited(rows: Cells, delimiter: str = ",") -> str:
    """Return rows as delimited text, cells quoted where that is needed."""
    lines = [
        [f'"{c}"' if delimiter in str(c) or "\n" in str(c) else str(c or "") for c in row] for row in rows
    ]
    return "".join(delimiter.join(line) + "\n" for line in lines)


def workbook(
    rows: Cells,
    merged: Sequence[tuple[int, int, int, int]] = (),
    at: tuple[int, int] = (0, 0),
    **options: Any,
) -> bytes:
    """Return a workbook of one sheet with the rows from a cell on; merged areas are first and last row and column."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate(rows, start=at[0]):
            for column, cell in enumerate(row, start=at[1]):
                if cell not in ("", None):
                    sheet.write(number, column, cell)
        for top, left, bottom, right in merged:
            cell = rows[top][left]
            sheet.merge_range(top + at[0], left + at[1], bottom + at[0], right + at[1], cell)
    return buffer.getvalue()


def open_files(
    base: Path,
    files: dict[str, str | bytes],
    schema: Schema = PLATFORM,
    headers: dict[str, Any] | None = None,
) -> tuple[Intake, list[dict[str, Any]]]:
    """Open the files of a folder; returns the intake and the staged rows that have content, in their order."""
    run = make_run(base, {f"{schema.kind}/{name}": content for name, content in files.items()})
    settings = Settings(headers=check_typed_headers(headers or {}))
    run = dataclasses.replace(run, settings=settings)
    rows: list[dict[str, Any]] = []
    with connect(run) as con:
        intake = open_folder(con, run, schema.kind, schema)
        for staged in intake.staged:
            con.execute(
                "SELECT * EXCLUDE (source_row, file_row_number), coalesce(source_row, file_row_number + 1) AS "
                "source_row FROM read_parquet(?, file_row_number = true) WHERE has_content ORDER BY source_row",
                [staged.path.as_posix()],
            )
            names = [column[0] for column in con.description or []]
            rows += [dict(zip(names, row, strict=True)) for row in con.fetchall()]
    return intake, rows


def open_one(base: Path, content: str | bytes, **options: Any) -> list[dict[str, Any]]:
    """Open one file and return its staged rows; fails when it is set aside."""
    name = "a.xlsx" if isinstance(content, bytes) else "a.csv"
    intake, rows = open_files(base, {name: content}, **options)
    assert intake.set_aside == []
    return rows


def refusal(base: Path, content: str | bytes, **options: Any) -> tuple[str, str]:
    """Return the reason and the detail with which one file is set aside."""
    intake, rows = open_files(base, {"a.dat": content}, **options)
    assert rows == []
    (aside,) = intake.set_aside
    return aside.reason_code, aside.detail
