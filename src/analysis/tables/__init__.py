"""Columns, types, grain and zone of every table that crosses a stage; the one place that writes them."""

from functools import partial
from pathlib import Path

import duckdb

from analysis.engine import Engine, sql_files
from analysis.errors import CheckError
from analysis.settings import RunParameters
from analysis.tables.cleaned import CLEANED
from analysis.tables.counted import COUNTED
from analysis.tables.declared import Table, Zone
from analysis.tables.linked import LINKED
from analysis.tables.trends import TRENDS

__all__ = [
    "TABLES",
    "Table",
    "Zone",
    "empty_table",
    "select_table",
    "view_empty",
    "view_table",
    "write_rows",
    "write_table",
]

TABLES: dict[str, Table] = CLEANED | LINKED | COUNTED | TRENDS


def select_table(name: str, query: str) -> str:
    """Return the SELECT of the query's rows as the table `name` holds them: cast, and ordered by its grain."""
    table = TABLES[name]
    columns = ", ".join(f'CAST("{c}" AS {kind}) AS "{c}"' for c, kind in table.columns.items())
    order = ", ".join(f'"{c}" NULLS FIRST' for c in table.grain)
    return f"SELECT {columns} FROM ({query}) ORDER BY {order}"


def write_table(con: duckdb.DuckDBPyConnection, name: str, query: str, run: RunParameters) -> int:
    """Write the query's result as the table `name`, as `write_rows` does, with the engine of one machine."""
    return write_rows(Engine(con), name, query, run)


def write_rows(engine: Engine, name: str, query: str, run: RunParameters) -> int:
    """Write the query's result as the table `name` (see `select_table`), replaced in one step.

    Returns the number of rows. The file appears whole or not at all, and the same rows give the same
    bytes. Raises CheckError when two rows share the grain.
    """
    table = TABLES[name]
    target = table.path(run)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    rows = engine.write_table(part, query, table.compression, partial(select_table, name))
    # The file is there: whoever made its rows, the engine of this machine reads it.
    _check_grain(Engine(engine.connection), table, part)
    part.replace(target)
    return rows


def _check_grain(engine: Engine, table: Table, path: Path) -> None:
    """Raise CheckError when the grain of a written table does not hold: in its order, rows of one key are neighbours."""
    same = " AND ".join(f'"{c}" IS NOT DISTINCT FROM lag("{c}") OVER ()' for c in table.grain)
    repeats = f"SELECT {same} AND lag(true) OVER () AS repeats FROM {sql_files([path])}"
    repeated = engine.fetch(f"SELECT count(*) FILTER (repeats) FROM ({repeats})")[0][0]
    if repeated:
        path.unlink()
        raise CheckError(
            f"table '{table.name}': {repeated} rows repeat its key ({', '.join(table.grain)}); "
            "this is a defect, keep the intake and report it"
        )


def view_table(con: duckdb.DuckDBPyConnection, name: str, run: RunParameters) -> None:
    """Make the table `name` of a run readable in SQL under its own name (a view on its file)."""
    Engine(con).view_table(name, [TABLES[name].path(run)])


def view_empty(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make an empty table `name` with the declared columns, for stages whose input does not exist."""
    Engine(con).create_view(name, empty_table(name))


def empty_table(name: str) -> str:
    """Return the SELECT of the table `name` without rows, for what an intake does not have."""
    columns = ", ".join(f'CAST(NULL AS {kind}) AS "{c}"' for c, kind in TABLES[name].columns.items())
    return f"SELECT {columns} WHERE false"
