"""The engine behind the steps: a DuckDB connection with its limits, and the few verbs by which steps touch it.

A second engine is a second implementation of `Engine`, and of nothing else.
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from analysis.errors import MachineError, RequestError
from analysis.safeguards.folders import SPILL
from analysis.safeguards.guarded_process import forbid_core_dumps
from analysis.settings import RunParameters

if TYPE_CHECKING:  # pandas takes half a second: a process that opens files need not load it
    import pandas as pd

# DuckDB 2.0.0 can stop with an internal error ("changed identity") when statistics cross a join.
WITHOUT_STATISTICS = "SET disabled_optimizers = 'statistics_propagation'"
# Values held in Python at a time while they are mapped: some tens of megabytes.
CHUNK_VALUES = 50_000
# Rows that wait to be sorted are written in groups of so many: each thread holds a group of all columns.
FEW_ROWS = 20_480
# How a file that only this engine reads, and only in this run, is packed: columns of many values get no dictionary.
QUICK = "lz4, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 5000"
# The types of mapped columns as pandas holds them with nulls; dates travel as text.
_HELD_AS = {"BIGINT": "Int64", "INTEGER": "Int64", "BOOLEAN": "boolean"}


_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def memory_bytes(limit: str) -> int:
    """Return the bytes of a memory limit as the engine reads it ("4GB", "512 MiB"); raises RequestError.

    >>> memory_bytes("4GB"), memory_bytes("1.5 MiB")
    (4000000000, 1500000)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?(?:ytes?)?\s*", limit.lower())
    if not found:
        raise RequestError("--memory-limit: write a size such as 4GB")
    return int(float(found[1]) * _UNITS[found[2]])


def sql_text(path: Path | str) -> str:
    """Quote a path or a word as an SQL string literal."""
    return "'" + str(path).replace("'", "''") + "'"


def sql_path(path: Path) -> str:
    """Return a path as an SQL string literal with forward slashes, as DuckDB reads it on every system."""
    return sql_text(path.as_posix())


def sql_equal(**values: object) -> str:
    """Return an SQL condition: each column holds its value, a missing one included."""
    literals = {
        column: "NULL" if value is None or value != value else sql_text(str(value))  # NaN is not itself
        for column, value in values.items()
    }
    return " AND ".join(f'"{column}" IS NOT DISTINCT FROM {text}' for column, text in literals.items())


def sql_files(files: Sequence[Path], is_numbered: bool = False) -> str:
    """Return SQL that reads parquet files as one table; numbered: with `file_row_number`, from 0 in each file."""
    paths = ", ".join(sql_path(path) for path in files)
    listed = paths if len(files) == 1 else f"[{paths}]"
    return f"read_parquet({listed}{', file_row_number = true' if is_numbered else ''})"


def as_is(query: str) -> str:
    """Return a query as it is: what is written without a declared shape."""
    return query


class Engine:
    """The verbs of an engine: tables from queries, values mapped in Python, files written and viewed.

    Every query is a SELECT; the number of rows made comes back where the engine tells it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def create(self, table: str, query: str) -> int:
        """Make a table of a query's rows."""
        return self._count(f'CREATE OR REPLACE TABLE "{table}" AS {query}')

    def append(self, table: str, query: str) -> int:
        """Add a query's rows to a table."""
        return self._count(f'INSERT INTO "{table}" {query}')

    def create_view(self, table: str, query: str) -> None:
        """Give a query a table's name; its rows are made by whoever reads it."""
        self.connection.execute(f'CREATE OR REPLACE VIEW "{table}" AS {query}')

    def view_table(self, table: str, files: Sequence[Path], is_numbered: bool = False) -> None:
        """Give parquet files a table's name (see `sql_files`)."""
        self.create_view(table, f"SELECT * FROM {sql_files(files, is_numbered)}")

    def fetch(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a small query."""
        rows: list[tuple[Any, ...]] = self.connection.execute(query, list(values)).fetchall()
        return rows

    def frame(self, query: str) -> pd.DataFrame:
        """Return a query's rows as a DataFrame."""
        found: pd.DataFrame = self.connection.execute(query).df()
        return found

    def register(self, table: str, frame: pd.DataFrame) -> int:
        """Make a table of a DataFrame's rows."""
        self.connection.register("registered_frame", frame)
        try:
            return self.create(table, "SELECT * FROM registered_frame")
        finally:
            self.connection.unregister("registered_frame")

    def map_values(
        self,
        table: str,
        query: str,
        columns: dict[str, str],
        clean: Callable[..., Sequence[Any]],
        ordinary: str = "",
    ) -> int:
        """Make a table of the query's columns (t0, t1, …) and what `clean` makes of each row of them.

        `clean` takes one row's values and returns a value for each of `columns` (name to SQL type). Null
        inputs are kept, so that a join with IS NOT DISTINCT FROM finds them. `ordinary` is a SELECT from
        {values}, the distinct rows of the query, of the table's rows for values that need no Python: only the
        others are given to `clean`.
        """
        import pandas as pd

        described = self.fetch(f"DESCRIBE {query}")
        given = {f"t{i}": str(row[1]) for i, row in enumerate(described)}
        listed = given | columns
        typed = ", ".join(f"CAST({c} AS {kind}) AS {c}" for c, kind in listed.items())
        nothing = ", ".join(f"CAST(NULL AS {kind}) AS {c}" for c, kind in listed.items())
        values = f"{table}_values"
        if ordinary:
            self.create(values, f"SELECT * FROM ({query}) AS v({', '.join(given)})")
            made = self.create(table, f"SELECT {typed} FROM ({ordinary.replace('{values}', values)})")
            same = " AND ".join(f"v.{c} IS NOT DISTINCT FROM o.{c}" for c in given)
            query = f"SELECT * FROM {values} AS v ANTI JOIN {table} AS o ON {same}"
        else:
            made = self.create(table, f"SELECT {nothing} WHERE false")
        for rows in self._chunks(query):
            with _collector_paused():
                cleaned = [*zip(*((*row, *clean(*row)) for row in rows), strict=True)]
            frame = pd.DataFrame(
                {c: _series(values, kind) for (c, kind), values in zip(listed.items(), cleaned, strict=True)}
            )
            self.connection.register("mapped_values", frame)
            made += self.append(table, f"SELECT {typed} FROM mapped_values")
            self.connection.unregister("mapped_values")
        if ordinary:
            self.drop(values)
        return made

    def write_table(
        self,
        target: Path,
        query: str,
        compression: str = "zstd",
        shaped: Callable[[str], str] = as_is,
    ) -> int:
        """Write a query's rows as a parquet file; `shaped` gives the query its columns' types and its order.

        Where memory does not suffice to make rows and to sort them at once, they wait on the disk unsorted, written
        a few at a time.
        """
        try:
            return self._copy(shaped(query), target, compression)
        except duckdb.OutOfMemoryException:
            if shaped is as_is:
                raise
        waiting = target.with_suffix(".unsorted")
        try:
            self._copy(query, waiting, f"{QUICK}, ROW_GROUP_SIZE {FEW_ROWS}")
            return self._copy(shaped(f"SELECT * FROM {sql_files([waiting])}"), target, compression)
        finally:
            waiting.unlink(missing_ok=True)

    def _copy(self, query: str, target: Path, compression: str) -> int:
        return self._count(
            f"COPY ({query}) TO {sql_path(target)} (FORMAT parquet, COMPRESSION {compression})"
        )

    def parts(self, bounds: str) -> list[tuple[Any, ...]]:
        """Return the first and last row number of each part in which a step is taken; none: all rows at once."""
        return self.fetch(bounds)

    def drop(self, table: str) -> None:
        """Forget a table or view: what nobody reads any more would be spilled to disk."""
        is_view = self.fetch("SELECT 1 FROM duckdb_views() WHERE view_name = ? AND NOT internal", [table])
        self.connection.execute(f'DROP {"VIEW" if is_view else "TABLE"} IF EXISTS "{table}"')

    def _count(self, statement: str) -> int:
        return int(self.connection.execute(statement).fetchall()[0][0])

    def _chunks(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the query's rows in lists; a cursor of its own leaves the connection free."""
        cursor = self.connection.cursor()
        cursor.execute(query)
        while rows := cursor.fetchmany(CHUNK_VALUES):
            yield rows
        cursor.close()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the collector of cycles from looking through tens of thousands of tuples of which none is one."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _series(values: Sequence[Any], kind: str) -> pd.Series[Any]:
    import pandas as pd

    return pd.Series(values, dtype="object" if kind.endswith("[]") else _HELD_AS.get(kind, "str"))


@contextmanager
def connect(
    run: RunParameters, *, extra_folders: tuple[Path, ...] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory engine for one run, with its memory limit, and close it afterwards.

    It may read and write the run's own folders only, loads no extension, and spills inside the
    restricted folder, because spill files hold names in plain text; no core dump is left of it. Raises RequestError for a memory
    limit that cannot be read and MachineError when the spill folder cannot be made.
    """
    forbid_core_dumps()
    spill = run.restricted / SPILL
    make_private_folder(run.restricted)
    make_private_folder(spill)
    earlier = [folder for folder in (run.previous, run.compared) if folder]
    folders = [run.raw, run.processed, *earlier, *extra_folders]
    connection = duckdb.connect()
    try:
        _limit(connection, run, spill, [f.resolve() for f in folders] + folders)
        yield connection
    finally:
        connection.close()


def _limit(con: duckdb.DuckDBPyConnection, run: RunParameters, spill: Path, folders: list[Path]) -> None:
    try:
        con.execute(f"SET memory_limit = {sql_text(run.memory_limit)}")
    except duckdb.Error as error:
        raise RequestError("--memory-limit: write a size such as 4GB") from error
    con.execute(f"SET threads = {int(run.threads)}")
    con.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
    con.execute(f"SET temp_directory = {sql_path(spill)}")
    con.execute("SET autoinstall_known_extensions = false")
    con.execute("SET autoload_known_extensions = false")
    allowed = ", ".join(sql_path(f).removesuffix("'") + "/'" for f in folders)
    con.execute(f"SET allowed_directories = [{allowed}]")
    con.execute("SET enable_external_access = false")
    # In a kernel without ipywidgets the bar is off already, and the very attempt to set it is refused.
    if con.execute("SELECT current_setting('enable_progress_bar')").fetchall()[0][0]:
        con.execute("SET enable_progress_bar = false")
    con.execute(WITHOUT_STATISTICS)
    con.execute("SET lock_configuration = true")


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can open (on Windows: the profile's own rights apply)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            folder.chmod(0o700)
    except OSError as error:
        raise MachineError(
            f"the folder '{folder.name}' cannot be made or made private; check the permissions of its parent"
        ) from error
