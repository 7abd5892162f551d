"""Each distinct typed value is cleaned once, in Python, and joined back to the rows in SQL."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import pandas as pd

# Values held in Python at a time: some tens of megabytes.
CHUNK_VALUES = 50_000


def build_lookup(
    con: duckdb.DuckDBPyConnection,
    name: str,
    distinct_query: str,
    columns: dict[str, str],
    clean: Callable[..., Sequence[Any]],
) -> None:
    """Make the table `name`: the query's columns (t0, t1, …) and the cleaned `columns`.

    `clean` takes one row's values and returns a value for each of `columns` (name to SQL type). Null
    inputs are kept, so that a join with IS NOT DISTINCT FROM finds them.
    """
    described = con.execute(f"DESCRIBE {distinct_query}").fetchall()
    listed = {f"t{i}": str(row[1]) for i, row in enumerate(described)} | columns
    declared = ", ".join(f"{c} {kind}" for c, kind in listed.items())
    con.execute(f"CREATE OR REPLACE TABLE {name} ({declared})")
    casts = ", ".join(f"CAST({c} AS {kind}) AS {c}" for c, kind in listed.items())
    for rows in _chunks(con, distinct_query):
        cleaned = zip(*((*row, *clean(*row)) for row in rows), strict=True)
        frame = pd.DataFrame(
            {c: _series(values, kind) for (c, kind), values in zip(listed.items(), cleaned, strict=True)}
        )
        con.register("lookup_rows", frame)
        con.execute(f"INSERT INTO {name} SELECT {casts} FROM lookup_rows")
        con.unregister("lookup_rows")


# The types of a lookup's columns as pandas holds them with nulls; dates travel as text.
_HELD_AS = {"BIGINT": "Int64", "INTEGER": "Int64", "BOOLEAN": "boolean"}


def _series(values: Sequence[Any], kind: str) -> "pd.Series[Any]":
    return pd.Series(values, dtype=_HELD_AS.get(kind, "str"))


def _chunks(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the query's rows in lists; a cursor of its own leaves the connection free."""
    cursor = con.cursor()
    cursor.execute(query)
    while rows := cursor.fetchmany(CHUNK_VALUES):
        yield rows
    cursor.close()
