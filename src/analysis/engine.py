"""The DuckDB connection: its limits, its spill folder, and the paths of SQL text."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analysis.errors import MachineError, RequestError
from analysis.settings import RunParameters


def sql_text(path: Path | str) -> str:
    """Quote a path or a word as an SQL string literal."""
    return "'" + str(path).replace("'", "''") + "'"


def sql_path(path: Path) -> str:
    """Return a path as an SQL string literal with forward slashes, as DuckDB reads it on every system."""
    return sql_text(path.as_posix())


@contextmanager
def connect(
    run: RunParameters, *, extra_folders: tuple[Path, ...] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory engine for one run, with its memory limit, and close it afterwards.

    It may read and write the run's own folders only, loads no extension, and spills inside the
    restricted folder, because spill files hold names in plain text. Raises RequestError for a memory
    limit that cannot be read and MachineError when the spill folder cannot be made.
    """
    spill = run.restricted / "spill"
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
    # DuckDB 2.0.0 can stop with an internal error ("changed identity") when statistics cross a join.
    con.execute("SET disabled_optimizers = 'statistics_propagation'")
    con.execute("SET lock_configuration = true")


def drop_tables(con: duckdb.DuckDBPyConnection, names: str) -> None:
    """Drop temporary tables (names with blanks between): what nobody reads any more would be spilled to disk."""
    for name in names.split():
        con.execute(f'DROP TABLE IF EXISTS "{name}"')


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
