"""What was published, kept for good: one file a published run with every figure as it was told."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from analysis.disclosure.opening import open_protected
from analysis.disclosure.protected import ProtectedTable
from analysis.disclosure.public_tables import PUBLIC_TABLES, PublicTable
from analysis.disclosure.releases import HISTORY, run_id_of
from analysis.engine import sql_files, sql_path, sql_text
from analysis.settings import RunParameters

NUMBERS = ("BIGINT", "INTEGER", "HUGEINT", "DOUBLE")
UNITS = ("unit_level", "unit_code")
# What a table's rows are of, where its keys are not named by disclosure control.
OTHER_KEYS = {
    "coverage_bridge": ("series_status", "step"),
    "supply": ("reference_date",),
    "nowcast": ("basis", "age_group", "series_status", "reference_date"),
    "forecast": ("basis", "age_group", "series_status", "target_date", "quantile"),
    "past_forecasts": ("basis", "age_group", "series_status", "target_date"),
    "targets": ("target_code", "basis"),
}


def write_history(run: RunParameters, run_id: str) -> Path:
    """Write `figures_history/<as-of>_<run id>.parquet`, one row a published figure, and return its path.

    Columns: as_of, run_id, table, unit_level, unit_code, measure (the column and, behind it, the row's other
    keys), value (null where it is not told), status.
    """
    folder = run.processed.parent / HISTORY
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{run_id}.parquet"
    tables = open_protected(run)
    with duckdb.connect() as con:
        selects = [
            select
            for name, public in PUBLIC_TABLES.items()
            if tables[name].is_made
            for select in figures_of(con, tables[name], public)
        ]
        head = f"SELECT DATE {sql_text(run.as_of.isoformat())} AS as_of, {sql_text(run_id)} AS run_id, *"
        rows = f"{head} FROM ({' UNION ALL '.join(selects)}) ORDER BY ALL"
        part = target.with_suffix(".part")
        con.execute(f"COPY ({rows}) TO {sql_path(part)} (FORMAT parquet, COMPRESSION zstd)")
        part.replace(target)
    return target


def published_before(run: RunParameters, table: str, unit_code: str) -> list[tuple[date, str, Decimal]]:
    """Return what earlier weeks published of a unit: as_of, measure and value of every figure told, oldest first.

    Of several runs of one week the one that stands beside this run counts, else the last by its name.
    """
    files: dict[str, Path] = {}
    for path in sorted((run.processed.parent / HISTORY).glob("*.parquet")):
        day = path.name[:10]
        if day < run.as_of.isoformat() and files.get(day, path).stem != _kept_run(run, day):
            files[day] = path
    if not files:
        return []
    query = (
        f'SELECT as_of, measure, value FROM {sql_files(list(files.values()))} WHERE "table" = ? '
        "AND unit_code = ? AND value IS NOT NULL ORDER BY ALL"
    )
    with duckdb.connect() as con:
        rows: list[tuple[date, str, Decimal]] = con.execute(query, [table, unit_code]).fetchall()
        return rows


def _kept_run(run: RunParameters, day: str) -> str:
    """Return the run's id of a week that stands beside this one; empty without it."""
    return run_id_of(run.processed.parent / day)


def figures_of(
    con: duckdb.DuckDBPyConnection, table: ProtectedTable, public: PublicTable, prefix: str = ""
) -> list[str]:
    """Return a SELECT for each column of figures of a table: what was told of every unit, row by row.

    Columns: table, unit_level, unit_code, measure, value, status. The table is read under its name behind `prefix`.
    """
    view = f"{prefix}{table.name}"
    table.view(con, view)
    described = {str(c): str(kind) for c, kind, *_ in con.execute(f"DESCRIBE {view}").fetchall()}
    keys = public.keys or OTHER_KEYS.get(table.name, ())
    if not set(UNITS) <= set(described):
        return []
    labels = "".join(f" || '|{key}=' || coalesce({key}::VARCHAR, '')" for key in keys if key in described)
    columns = [c for c, kind in described.items() if kind.startswith(("DECIMAL", *NUMBERS)) and c not in keys]
    return [
        f"SELECT {sql_text(table.name)} AS \"table\", unit_level, unit_code, '{column}'{labels} AS measure, "
        f'"{column}"::DECIMAL(18, 4) AS value, '
        + (f'"{column}_status"' if f"{column}_status" in described else "'shown'")
        + f" AS status FROM {view} WHERE "
        + (f'"{column}_status"' if f"{column}_status" in described else f'"{column}"')
        + " IS NOT NULL"
        for column in columns
    ]
