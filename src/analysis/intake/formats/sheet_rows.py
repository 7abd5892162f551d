"""The rows of a sheet as SQL: numbered from the header, cells filled from above, parts under headers of their own."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import duckdb

from analysis.engine import sql_text
from analysis.intake.formats.workbook_parts import Merged
from analysis.intake.headers.finding import Header, Schema, read_header
from analysis.intake.headers.lists import COUNT_FIELDS, ROW_IDENTITIES
from analysis.intake.headers.tiers import plain_labels
from analysis.intake.sources import FileRefusedError

# The view of the sheet that is being read.
SHEET = "sheet_rows"
_LAST = 1 << 31
# What a list typed by hand says in the place of the cell above, and of which fields: no person's own (sources in-18).
_AS_ABOVE = sql_text("[-–.\\s]*(?:n\\.?t\\.?|như trên|nhu tren|[\"“”″〃]|''|//)[-–.\\s]*")
_OFTEN_ALIKE = (
    *(
        "province",
        "district",
        "commune",
        "address",
        "ethnicity",
        "nationality",
        "priority_group",
        "workplace",
    ),
    *("dose_number", "vaccine", "lot_number", "vaccination_date", "facility_name", "entry_date"),
)


def numbered_rows(header: Header) -> str:
    """Return SQL for the rows below a header with their `number` from 1, blank rows left out but counted."""
    names = ", ".join(f"c{i}" for i in range(header.width))
    return (
        f"(SELECT * FROM (SELECT row_number() OVER () - {header.row + 1} AS number, * FROM {SHEET} AS s({names})) "
        f"WHERE number > 0 AND trim(concat({names})) <> '')"
    )


def filled_rows(rows: str, header: Header, areas: Iterable[Merged], first_column: int) -> str:
    """Return SQL for rows in which a cell merged down its column stands in every row of the merged area.

    A count is not: it was given once for all of them. Nor is what identifies a row.
    """
    spans = list(_spans(header, areas, first_column))
    if not spans:
        return rows
    columns = sorted({column for column, _, _ in spans})
    listed = ", ".join(f"({column}, {first}, {last})" for column, first, last in spans)
    joins = " ".join(
        f"LEFT JOIN (SELECT unnest(range(first, last + 1)) AS number, any_value(r.c{column}) AS cell FROM (VALUES "
        f"{listed}) AS a(col, first, last) JOIN {rows} AS r ON r.number = a.first WHERE a.col = {column} "
        f"GROUP BY first, last) AS m{column} USING (number)"
        for column in columns
    )
    cells = ", ".join(f"coalesce(nullif(trim(c{i}), ''), m{i}.cell) AS c{i}" for i in columns)
    return f"(SELECT t.* REPLACE ({cells}) FROM {rows} AS t {joins} ORDER BY number)"


def _spans(header: Header, areas: Iterable[Merged], first_column: int) -> Iterator[tuple[int, int, int]]:
    """Give column, first and last row number of each area that repeats a value down the column of a field."""
    once = COUNT_FIELDS | ROW_IDENTITIES
    columns = {index for field, index in (*header.columns.items(), *header.joined) if field not in once}
    columns |= {*(header.by_sex or ())[1:], *(header.one_sex or ())[1:]}
    for area in areas:
        column = area.left - first_column
        if column in columns and header.row < area.top < area.bottom:
            yield column, area.top - header.row, area.bottom - header.row


def rows_as_above(con: duckdb.DuckDBPyConnection, rows: str, header: Header) -> str | None:
    """Return SQL for rows in which a cell that says "as above" holds the cell above, and whether one does (`as_above`).

    None where no cell says so. Below an empty cell it stays empty.
    """
    columns = [index for field, index in header.columns.items() if field in _OFTEN_ALIKE]
    says = {i: f"coalesce(regexp_full_match(lower(trim(c{i})), {_AS_ABOVE}), false)" for i in columns}
    counts = ", ".join(f"count(*) FILTER ({said})" for said in says.values())
    found = con.execute(f"SELECT {counts} FROM {rows}").fetchall()[0] if columns else ()
    marked = [i for i, count in zip(columns, found, strict=True) if count]
    if not marked:
        return None
    groups = ", ".join(f"count(*) FILTER (NOT {says[i]}) OVER (ORDER BY number) AS g{i}" for i in marked)
    cells = ", ".join(f"first_value(c{i}) OVER (PARTITION BY g{i} ORDER BY number) AS c{i}" for i in marked)
    whole = f"SELECT *, {' OR '.join(says[i] for i in marked)} AS as_above, {groups} FROM {rows}"
    return f"(SELECT * EXCLUDE ({', '.join(f'g{i}' for i in marked)}) REPLACE ({cells}) FROM ({whole}) ORDER BY number)"


def parted_rows(
    con: duckdb.DuckDBPyConnection, rows: str, inner: list[int], header: Header, schema: Schema
) -> tuple[str, Header]:
    """Return SQL for rows read each by the header above it, and the header of the columns that gives.

    `inner` are the numbers of the rows that are headers themselves; those have a `header_fault`. Raises
    FileRefusedError where a first header of two rows leaves the order of columns open.
    """
    if header.by_sex or header.joined or header.by_dose or header.one_sex:
        raise FileRefusedError("header_not_found", "a second header of another form; split the sheet in two")
    headers = {0: header} | _headers_at(con, rows, inner, schema)
    fields = list(dict.fromkeys(f for each in headers.values() for f in each.columns))
    bounds = pairwise([*headers, _LAST])
    parts = [
        f"SELECT number, CASE WHEN number = {first} THEN 'repeated_header_row' END AS header_fault, "
        f"{_in_order(headers[first], fields, header.width, first)} FROM {rows} WHERE number >= {first} AND number < {last}"
        for first, last in bounds
    ]
    columns = {field: header.width + place for place, field in enumerate(fields)}
    wider = replace(header, columns=columns, width=header.width + len(fields))
    return f"({' UNION ALL '.join(parts)})", wider


def _headers_at(
    con: duckdb.DuckDBPyConnection, rows: str, numbers: list[int], schema: Schema
) -> dict[int, Header]:
    listed = ", ".join(map(str, numbers))
    found = con.execute(f"SELECT * FROM {rows} WHERE number IN ({listed}) ORDER BY number").fetchall()
    headers = {
        int(n): read_header(plain_labels([c or "" for c in cells]), schema, int(n)) for n, *cells in found
    }
    return {number: head for number, head in headers.items() if not (head.missing or head.doubled)}


def _in_order(header: Header, fields: list[str], width: int, number: int) -> str:
    """Return SQL for a sheet's columns and, behind them, each field's cell by the header in a row."""
    own = [f"c{i}" for i in range(width)]
    below = f"CASE WHEN number > {number} THEN {{}} END"
    named = [below.format(f"c{header.columns[f]}") if f in header.columns else "NULL" for f in fields]
    return ", ".join([*own, *(f"{cell} AS c{width + i}" for i, cell in enumerate(named))])
