"""The files of the population registry's extract: which there are, and their rows as text."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from analysis.engine import sql_path, sql_text
from analysis.errors import IntakeError, RequestError, readable_name
from analysis.intake.folder import list_files
from analysis.intake.headers.schemas import REGISTRY_OPTIONAL, REGISTRY_REQUIRED, typed_key
from analysis.settings import RunParameters
from analysis.tables import TABLES

# Of cells as they stand, so that rows are chosen before they are trimmed: what `trim` takes off is \p{Zs}.
_USABLE = (
    r"coalesce(regexp_full_match({citizen_id}, '\p{{Zs}}*[0-9]{{9,12}}\p{{Zs}}*') "
    r"AND regexp_matches({full_name}, '[^\p{{Zs}}]'), false)"
)


def has_registry(con: duckdb.DuckDBPyConnection, run: RunParameters) -> bool:
    """Tell whether the intake of a cleaned run has a registry: its table `citizens` has rows.

    Raises RequestError for a former week whose table, a copy of persons, was removed.
    """
    path = TABLES["citizens"].path(run)
    if not path.is_file():
        raise RequestError(f"--as-of: '{run.processed.name}' no longer has its citizens; run that week again")
    return bool(con.execute(f"SELECT count(*) FROM read_parquet({sql_path(path)})").fetchall()[0][0])


def registry_rows_sql(con: duckdb.DuckDBPyConnection, run: RunParameters) -> str | None:
    """Return the query of the extract's rows: the columns of the extract (interfaces, registry/) as text, `source_file`, and `usable`.

    Usable is a row with a citizen's number and a name. None when the intake has no registry. Raises IntakeError
    when the folder is empty or a file lacks a required column.
    """
    given = run.raw / "registry"
    if not given.is_dir():
        return None
    files = list_files(given)
    if not files:
        raise IntakeError("registry: the folder is empty; put the extract there or remove the folder")
    for name in (path.name for path in files):
        if readable_name(name) != name:
            raise IntakeError(f"registry: the name of '{readable_name(name)}' is no UTF-8; rename it")
    typed = run.settings.headers.get("registry", {})
    parts = " UNION ALL ".join(
        f"SELECT {sql_text(path.relative_to(run.raw).as_posix())} AS source_file, "
        f"{_text_columns(con, path, path.relative_to(run.raw).as_posix(), typed)} FROM {_source(path)}"
        for path in files
    )
    return f"SELECT * REPLACE (lpad(citizen_id, 12, '0') AS citizen_id) FROM ({parts})"


def _source(path: Path) -> str:
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    if is_parquet:
        return f"read_parquet({sql_path(path)})"
    compression = "gzip" if path.name.lower().endswith(".gz") else "none"
    return (
        f"read_csv({sql_path(path)}, all_varchar = true, header = true, quote = '\"', "
        f"compression = '{compression}', strict_mode = true)"
    )


def registry_headers(con: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Return the headers of one file of the extract, as they stand in it."""
    return [str(row[0]) for row in con.execute(f"DESCRIBE FROM {_source(path)}").fetchall()]


def named_columns(headers: Iterable[str], typed: Mapping[str, str]) -> dict[str, str]:
    """Return the header of each column by its name in lower case, or by the field that the settings give it."""
    names = list(headers)
    found = {name.strip().lower(): name for name in names}
    return found | {typed[typed_key(name)]: name for name in names if typed_key(name) in typed}


def _text_columns(con: duckdb.DuckDBPyConnection, path: Path, name: str, typed: Mapping[str, str]) -> str:
    """Return SQL for the registry's columns of one file as text; raises IntakeError naming a missing one.

    `name` is the file's path in the intake. `typed` gives the fields of headers as the settings have them.
    """
    found = named_columns(registry_headers(con, path), typed)
    missing = [name for name in REGISTRY_REQUIRED if name not in found]
    if missing:
        raise IntakeError(
            f"registry: '{name}' has no column '{missing[0]}'; see the README for its columns", [name]
        )
    cells = {name: f'CAST("{header}" AS VARCHAR)' for name, header in found.items()}
    columns = [
        f"nullif(trim({cells[name]}), '') AS {name}" if name in cells else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in (*REGISTRY_REQUIRED, *REGISTRY_OPTIONAL)
    ]
    return ", ".join([*columns, f"{_USABLE.format_map(cells)} AS usable"])
