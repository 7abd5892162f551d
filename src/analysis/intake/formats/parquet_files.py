"""Parquet exports: columns of any type, read as the text their values print as."""

import duckdb

from analysis.engine import sql_path
from analysis.intake.formats.delimited import SAMPLE_ROWS, legacy_columns
from analysis.intake.headers.finding import Header, Schema, find_header
from analysis.intake.sources import FileRefusedError, Leaf, StagedFile, check_width
from analysis.intake.staging import (
    Cells,
    Staging,
    control_character_fault,
    conversion_functions,
    stage_relation,
    usable_header,
)


def stage_parquet(con: duckdb.DuckDBPyConnection, leaf: Leaf, schema: Schema, staging: Staging) -> StagedFile:
    """Stage one parquet file; raises FileRefusedError when it cannot be used."""
    source = f"read_parquet({sql_path(leaf.path)})"
    try:
        names = [str(row[0]) for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        check_width(len(names))
        header = find_header([names], schema)
        if header is None:
            raise FileRefusedError("header_not_found", "no two known columns")
        header = usable_header(header, schema)
        cells = [f"CAST({_quoted(name)} AS VARCHAR)" for name in names]
        sample = con.execute(f"SELECT {', '.join(cells)} FROM {source} LIMIT {SAMPLE_ROWS}").fetchall()
        legacy = legacy_columns([[cell or "" for cell in row] for row in sample], header)
        rows = _stage_cells(con, source, cells, legacy, header, schema, staging)
    except duckdb.Error as error:
        raise FileRefusedError("file_unreadable", "the parquet file is damaged or cut short") from error
    if not rows:
        raise FileRefusedError("file_empty", "there are columns but no row")
    kind = "+".join(("parquet", *sorted(set(legacy.values()))))
    return StagedFile(
        staging.source_id, leaf.source_file, staging.target, header.unknown, kind, header=header
    )


def _stage_cells(
    con: duckdb.DuckDBPyConnection,
    source: str,
    cells: list[str],
    legacy: dict[int, str],
    header: Header,
    schema: Schema,
    staging: Staging,
) -> int:
    names = [f"c{i}" for i in range(len(cells))]
    listed = ", ".join(f"{cell} AS {name}" for cell, name in zip(cells, names, strict=True))
    numbers = {"row_fault": control_character_fault(names)}
    with conversion_functions(con, legacy.values()):
        relation = f"(SELECT {listed} FROM {source})"
        return stage_relation(con, relation, Cells(legacy=legacy), header, schema, staging, numbers)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
