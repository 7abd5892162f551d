"""The verbs of the engine over Spark: the same SELECTs, carried over by `dialect`, their tables files of a shared folder.

Spark makes tables of rows; the driver's DuckDB does the rest, and the two exchange parquet files in the run's spill
folder, which driver and workers must both see. So whatever is written of a run is written by DuckDB, in the same order
and to the same bytes as on one machine, and a worker that dies loses no table that was made.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from analysis.engine import Engine, as_is, make_private_folder, sql_path
from analysis.safeguards.folders import SPILL
from analysis.settings import RunParameters
from analysis.spark.dialect import to_spark
from analysis.spark.functions import register_functions

if TYPE_CHECKING:
    import pandas as pd

# As DuckDB has it: what cannot be cast or counted ends the query, a time of day is that of the intake's clocks.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "Asia/Ho_Chi_Minh",
}

TABLES_FOLDER = "spark_tables"  # of the spill folder: what Spark makes, until its last reader has read it
EXCHANGED = "exchanged_rows"  # the folder of what goes from Spark to the driver


class SparkEngine(Engine):
    """The verbs of an engine whose tables Spark makes; `connection` is the driver's DuckDB.

    A table is a folder of parquet files in `folder`; `drop` deletes it, and what is left of an earlier engine goes when
    the next one begins.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, session: Any, folder: Path) -> None:
        super().__init__(connection)
        self.driver = Engine(connection)
        self.session, self.folder = session, folder.resolve()
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
        register_functions(session)
        shutil.rmtree(self.folder, ignore_errors=True)
        make_private_folder(self.folder)

    def create(self, table: str, query: str) -> int:
        """Make a table of a query's rows."""
        return self._made(table, query, "overwrite")

    def append(self, table: str, query: str) -> int:
        """Add a query's rows to a table."""
        before = self.driver.fetch(f"SELECT count(*) FROM {self._files(table)}")[0][0]
        return self._made(table, query, "append") - int(before)

    def create_view(self, table: str, query: str) -> None:
        """Give a query a table's name; its rows are made by whoever reads it."""
        self.session.sql(to_spark(query)).createOrReplaceTempView(table)

    def view_table(self, table: str, files: Sequence[Path], is_numbered: bool = False) -> None:
        """Give parquet files a table's name; numbered: with the number of a row in its file, from 0."""
        opened = self.session.read.parquet(*(_spark_path(file) for file in files))
        if is_numbered:
            opened = opened.selectExpr("*", "_metadata.row_index AS file_row_number")
        opened.createOrReplaceTempView(table)

    def fetch(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a small query."""
        return [
            tuple(row) for row in self.session.sql(to_spark(query, keeps_order=True), list(values)).collect()
        ]

    def frame(self, query: str) -> pd.DataFrame:
        """Return a query's rows as a DataFrame."""
        return self.driver.frame(f"SELECT * FROM {self._exchanged(query)}")

    def register(self, table: str, frame: pd.DataFrame) -> int:
        """Make a table of a DataFrame's rows."""
        rows = self.driver.register(table, frame)
        self._take_over(table)
        return rows

    def map_values(
        self,
        table: str,
        query: str,
        columns: dict[str, str],
        clean: Callable[..., Sequence[Any]],
        ordinary: str = "",
    ) -> int:
        """Make a table of the query's columns and what `clean` makes of each row of them, on the driver.

        `ordinary` spares one machine what `clean` gives as well: here it is not asked.
        """
        rows = self.driver.map_values(table, f"SELECT * FROM {self._exchanged(query)}", columns, clean)
        self._take_over(table)
        return rows

    def write_table(
        self,
        target: Path,
        query: str,
        compression: str = "zstd",
        shaped: Callable[[str], str] = as_is,
    ) -> int:
        """Write a query's rows as a parquet file: made by Spark, shaped, ordered and written by the driver."""
        return self.driver.write_table(target, f"SELECT * FROM {self._exchanged(query)}", compression, shaped)

    def parts(self, bounds: str) -> list[tuple[Any, ...]]:
        """Return no bounds: Spark spreads the rows itself, and every step is taken in one part."""
        return []

    def drop(self, table: str) -> None:
        """Forget a table or view and delete its files."""
        self.session.catalog.dropTempView(table)
        shutil.rmtree(self.folder / table, ignore_errors=True)

    def _made(self, table: str, query: str, mode: str) -> int:
        """Write a query's rows into the table's folder; returns the rows that stand there."""
        rows = self.session.sql(to_spark(query))
        # A column of nothing but NULL is a whole number of DuckDB's, and nothing that a file could hold of Spark's.
        void = [field.name for field in rows.schema if field.dataType.simpleString() == "void"]
        for name in void:
            rows = rows.withColumn(name, rows[name].cast("int"))
        path = _spark_path(self.folder / table)
        rows.write.mode(mode).parquet(path)
        self.session.read.schema(rows.schema).parquet(path).createOrReplaceTempView(table)
        return int(self.driver.fetch(f"SELECT count(*) FROM {self._files(table)}")[0][0])

    def _exchanged(self, query: str) -> str:
        """Return the SQL by which the driver reads what Spark makes of a query."""
        self._made(EXCHANGED, query, "overwrite")
        return self._files(EXCHANGED)

    def _files(self, table: str) -> str:
        return f"read_parquet({sql_path(self.folder / table / '*.parquet')})"

    def _take_over(self, table: str) -> None:
        """Move a table of the driver's to where Spark reads it."""
        path = self.folder / table / "driver.parquet"
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        self.driver.write_table(path, f'SELECT * FROM "{table}"')
        self.driver.drop(table)
        self.view_table(table, [path])


def open_engine(run: RunParameters, connection: duckdb.DuckDBPyConnection) -> SparkEngine:
    """Return the Spark engine of a run; `open_session` says what it raises where none can be had."""
    from analysis.spark.session import open_session

    return SparkEngine(connection, open_session(run), run.restricted / SPILL / TABLES_FOLDER)


def _spark_path(path: Path) -> str:
    """Return a path as Spark reads it on every worker: whole, and no letter of it a pattern."""
    return re.sub(r"([\[\]{}*?\\])", r"\\\1", path.resolve().as_posix())
