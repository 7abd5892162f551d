"""What a run writes is what the descriptions say: closed lists (`columns.csv`), columns of published tables."""

import csv
from pathlib import Path

import duckdb

from analysis.columns import describe_column
from analysis.engine import sql_path
from analysis.tables import TABLES, Table
from conftest import PublishedRun
from interface_pages import published_columns


def outside_the_list(table: Table, path: Path) -> list[str]:
    """Return the values of a table's file that its columns' closed lists do not have."""
    found = []
    for column, kind in table.columns.items():
        if known := describe_column(table.name, column).values:
            value = f'unnest("{column}")' if kind.endswith("[]") else f'"{column}"'
            query = f"SELECT DISTINCT {value} AS value FROM read_parquet({sql_path(path)})"
            met = {row[0] for row in duckdb.sql(query).fetchall()} - {None}
            found += [f"{table.name}.{column}: {other}" for other in sorted(met - set(known))]
    return found


def test_a_value_outside_its_list_is_found(tmp_path: Path) -> None:
    duckdb.sql("SELECT 'VN' AS unit_code, 'region' AS unit_level").write_parquet(str(tmp_path / "a.parquet"))
    columns = {"unit_code": "VARCHAR", "unit_level": "VARCHAR"}
    table = Table("a", TABLES["coverage"].zone, "a row", columns, ("unit_code",))
    assert outside_the_list(table, tmp_path / "a.parquet") == ["a.unit_level: region"]


def test_every_value_of_a_run_is_in_its_list(tiny: PublishedRun) -> None:
    written = {name: table.path(tiny.run) for name, table in TABLES.items()}
    found = {name: outside_the_list(TABLES[name], path) for name, path in written.items()}
    assert {name: values for name, values in found.items() if values} == {}


def test_published_tables_have_the_columns_that_the_page_names(tiny: PublishedRun) -> None:
    for name, columns in published_columns().items():
        with (tiny.folder / "tables" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            assert next(csv.reader(file)) == [*columns, "note"], name
