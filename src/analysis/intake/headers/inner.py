"""A second header inside the data, in another order: joined exports, two lists in one sheet."""

import duckdb

from analysis.engine import sql_path
from analysis.intake.headers.finding import Header, Schema
from analysis.intake.headers.lists import COUNT_FIELDS, DATE_FIELDS
from analysis.intake.staging import Staging

# Rows that have words where a day or a count belongs: beyond these the column is no such thing.
_MOST_ROWS = 10_000
_LEAST_NAMES = 3


def find_other_orders(
    con: duckdb.DuckDBPyConnection, staging: Staging, header: Header, schema: Schema
) -> list[int]:
    """Return the row numbers of the headers in a staged table, where one of them is in another order.

    The same header again and again is left to cleaning: nothing below it is misread.
    """
    probe = next((f for f in header.columns if f in DATE_FIELDS | COUNT_FIELDS), None)
    if probe is None:
        return []
    fields = list(header.columns)
    rows = con.execute(
        f"SELECT coalesce(source_row, file_row_number + 1), {', '.join(fields)} "
        f"FROM read_parquet({sql_path(staging.target)}, file_row_number = true) "
        f"WHERE {probe} IS NOT NULL AND NOT regexp_matches({probe}, '[0-9]') LIMIT {_MOST_ROWS}"
    ).fetchall()
    headers = {
        int(row[0]): named
        for row in rows
        if (named := _named(dict(zip(fields, row[1:], strict=True)), schema))
    }
    differ = any(field != name for named in headers.values() for field, name in named.items())
    return sorted(headers) if differ else []


def _named(cells: dict[str, str | None], schema: Schema) -> dict[str, str]:
    """Return the fields that a row's cells name, by the fields they stand in; nothing when it is no header."""
    given = [(field, cell) for field, cell in cells.items() if cell]
    found = {field: name for field, cell in given if (name := schema.field_of(cell))}
    return found if len(found) >= _LEAST_NAMES and len(found) * 2 >= len(given) else {}
