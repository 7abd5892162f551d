"""One plan on both engines, every table kept and compared: what `test_statements` and its like share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from analysis.engine import Engine, connect, sql_path
from analysis.pipeline import Stage
from analysis.settings import RunParameters
from analysis.steps import Plan, run_plan, unrolled

if TYPE_CHECKING:  # what it imports is not in the lock: these tests are read, and skipped, without it
    from analysis.spark.engine import SparkEngine

PLACES = 9  # of a floating point number: the last digits of a logarithm are the engine's own
# Small data, many statements: a query that is interpreted begins sooner than one that is compiled.
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.driver.memory": "1500m",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.files.minPartitionNum": "1",
}
# What the two engines have under other names, or mean otherwise by the same one (analysis/spark/dialect.py).
SELECTS = (
    "SELECT hash(NULL, 'a') = hash('a', NULL), hash('a', 'b') = hash('b', 'a'), hash('a', 1) = hash('a', 1)",
    "SELECT list(x ORDER BY x), list(x ORDER BY x DESC), count(*) FILTER (x > 1) FROM (VALUES (2), (NULL), (1)) AS t(x)",
    "SELECT ['a', 'b'][1], ['a', 'b'][3], len(['a', NULL]), length('ở')",
    "SELECT list_has_any(['a', 'b'], ['b']), list_has_all(['a', 'b'], ['b', 'a']), list_has_all(['a'], ['b'])",
    "SELECT list_where(['a', 'b', 'c'], [true, false, true]), list_concat(['a'], ['b'])",
    "SELECT list_reduce([1, 2, 3], lambda a, b: a - b), list_filter([1, 2], lambda x: x > 1)",
    "SELECT list_sort(split('cab', '')), split('a.b c', '.'), split_part('a b c', ' ', -1), split_part('a', ' ', 3)",
    "SELECT 7 / 2, 7 // 2, -7 // 2, 0.1 / 3, 1::DECIMAL(18, 1) / 7, 7 % -3, sign(-5) * 2, round(2.5), pow(2, -1)",
    "SELECT product(1 - x ORDER BY x) FROM (VALUES (0.25::DOUBLE), (0.5::DOUBLE), (NULL)) AS t(x)",
    "SELECT arg_max(x, y) FROM (VALUES ('a', 1), (NULL, 2)) AS t(x, y)",
    "SELECT y, count_if(x) FROM (VALUES (NULL, 1), (true, 2), (false, 3), (NULL, 3)) AS t(x, y) GROUP BY y ORDER BY y",
    "SELECT quantile_disc(x, 0.5), quantile_disc(x, 0.9), arg_max(x, (x % 3, x)) FROM (SELECT unnest(range(10)) AS x)",
    "SELECT date_diff('day', DATE '2020-02-28', DATE '2020-03-01'), dayofyear(DATE '2020-12-31')",
    "SELECT CAST(DATE '2020-02-29' + INTERVAL 18 YEAR AS DATE), DATE '2020-12-30' + 3, DATE '2020-01-01' - 1",
    "SELECT TIMESTAMP '2021-11-08 00:00:00' - INTERVAL 48 HOUR",
    "SELECT x FROM (VALUES (2), (NULL), (1)) AS t(x) ORDER BY x",
    "SELECT rank() OVER (ORDER BY x) FROM (VALUES (2), (NULL), (1)) AS t(x) ORDER BY x",
    "SELECT x, sum(x) OVER (ORDER BY x) FROM (VALUES (2), (NULL), (1)) AS t(x) QUALIFY count(*) OVER () = 3 ORDER BY x",
    "SELECT any_value(x) FROM (VALUES (NULL), (1)) AS t(x)",
    "SELECT greatest(1, NULL), least(NULL, 2), NULL IS DISTINCT FROM 1, concat_ws(' ', 'a', NULL, 'b'), 'a' || 1",
    "SELECT strip_accents('Đường Hoà ở'), nfc_normalize(x) = 'Hoà' FROM (VALUES ('Hoa\u0300')) AS t(x)",
    "SELECT TRY_CAST('2021-02-30' AS DATE), TRY_CAST('12x' AS INTEGER), TRY_CAST(12345.678 AS DECIMAL(5, 2))",
    r"SELECT regexp_matches('o ap 3', '\bap\b'), regexp_replace('1a2.0', '[^0-9]', '', 'g'), 'ab c' LIKE '% %'",
    "SELECT levenshtein('nguyen', 'nguen'), left('abc', 2), right('abc', 2), substr('abcd', 2, 2), lpad('7', 2, '0')",
)


@contextmanager
def open_spark(folder: Path, variables: dict[str, str]) -> Iterator[Any]:
    """Lend a session in this process and a Java of its own: statements are compared, not clusters."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.local.dir", str(folder))
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    own = {
        "PYTHONPATH": variables["PYTHONPATH"],
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    with patch.dict(os.environ, own):
        session = builder.getOrCreate()
        try:
            yield session
        finally:
            session.stop()


class KeepingEngine(Engine):
    """An engine that forgets nothing."""

    def drop(self, table: str) -> None:
        """Keep the table."""


def keeping_spark(con: Any, session: Any, folder: Path) -> SparkEngine:
    """Return the second engine, which forgets nothing either."""
    from analysis.spark.engine import SparkEngine

    class KeepingSpark(SparkEngine):
        def drop(self, table: str) -> None:
            """Keep the table."""

    return KeepingSpark(con, session, folder)


@dataclass
class Compared:
    """What two engines made of one plan: the statements compared, and rows of one alone by table."""

    statements: int = 0
    rows: int = 0
    differing: dict[str, tuple[int, int]] = field(default_factory=dict)


def compare(stage: Stage, one: RunParameters, other: RunParameters, session: Any) -> Compared:
    """Run a stage's plan on each engine for its own copy of a run, and compare every table that a SELECT makes."""
    found = Compared()
    with connect(one, extra_folders=(other.processed,)) as mine, connect(other) as theirs:
        duck = KeepingEngine(mine)
        spark = keeping_spark(theirs, session, other.restricted / "spill" / "spark_tables")
        with stage.open_plan(mine, one) as plan:
            plan = unrolled(plan)
            run_plan(duck, one, plan)
        with stage.open_plan(theirs, other) as same:
            run_plan(spark, other, unrolled(same))
        for table in tables_of(plan):
            rows, alone = _compare(duck, spark, table, other.restricted / "spill" / "compared.parquet")
            found.statements, found.rows = found.statements + 1, found.rows + rows
            if any(alone):
                found.differing[table] = alone
    return found


def tables_of(plan: Plan) -> list[str]:
    """Return the tables that a SELECT makes."""
    return [step.table for step in plan if step.query]


def _compare(duck: Engine, spark: SparkEngine, table: str, path: Path) -> tuple[int, tuple[int, int]]:
    """Return the rows of a table, and how many rows each engine has that the other lacks."""
    folder = spark.folder / table
    if not folder.is_dir():  # a view, or written
        spark.write_table(path, f'SELECT * FROM "{table}"')
    files = sql_path(folder / "*.parquet" if folder.is_dir() else path)
    columns = {str(name): str(kind) for name, kind, *_ in duck.fetch(f'DESCRIBE SELECT * FROM "{table}"')}
    ours = comparable(f'SELECT * FROM "{table}"', columns)
    theirs = comparable(f"SELECT * FROM read_parquet({files})", columns)
    counts = duck.fetch(
        f"WITH a AS MATERIALIZED ({ours}), b AS MATERIALIZED ({theirs}) SELECT (SELECT count(*) FROM a), "
        "(SELECT count(*) FROM (FROM a EXCEPT ALL FROM b)), (SELECT count(*) FROM (FROM b EXCEPT ALL FROM a))"
    )[0]
    return counts[0], (counts[1], counts[2])


def comparable(query: str, columns: dict[str, str]) -> str:
    """Return a query's rows with numbers as exact as they are compared, and each hash as the rows that bear it.

    The engines hash differently: what is to be equal is which rows share a hash (DuckDB's have the type UBIGINT).
    """
    plain = {
        name: f'round(CAST("{name}" AS DOUBLE), {PLACES})'
        if kind == "DOUBLE"
        else f'CAST("{name}" AS {kind})'
        for name, kind in columns.items()
        if kind != "UBIGINT"
    }
    selected = "".join(f'{value} AS "{name}", ' for name, value in plain.items())
    hashes = [name for name in columns if name not in plain]
    if not hashes:
        return f"SELECT {selected.removesuffix(', ')} FROM ({query})"
    text = ", ".join(f"coalesce(CAST({value} AS VARCHAR), '')" for value in plain.values()) or "''"
    # Of a hash's bearers: how many, and the sum of what they are. A list of them would be long for a common name.
    bearers = f"SELECT {selected}hash(concat_ws('|', {text})) AS row_text, {', '.join(hashes)} FROM ({query})"
    classes = "".join(
        f" JOIN (SELECT {name}, count(*) AS {name}_bearers, sum(CAST(row_text AS HUGEINT)) AS {name}_sum"
        f" FROM bearers GROUP BY {name}) USING ({name})"
        for name in hashes
    )
    return (
        f"WITH bearers AS ({bearers}) SELECT * EXCLUDE (row_text, {', '.join(hashes)}) FROM bearers{classes}"
    )
