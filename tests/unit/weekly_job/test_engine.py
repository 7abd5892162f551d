"""The engine's verbs: mapped values keep their types, files get a name, what is dropped is gone."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analysis.engine import Engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Return an engine of its own."""
    with duckdb.connect() as connection:
        yield Engine(connection)


def test_a_rare_large_number_after_many_small_ones_is_kept(engine: Engine) -> None:
    query = "SELECT CAST(range AS VARCHAR) AS typed FROM range(120000)"
    bits = {"bits": "BIGINT"}
    assert engine.map_values("found", query, bits, lambda t: (2**40 if t == "119999" else 1,)) == 120000
    assert engine.fetch("SELECT max(bits), count(*) FROM found") == [(2**40, 120000)]


def test_null_inputs_are_kept(engine: Engine) -> None:
    query = "SELECT * FROM (VALUES (NULL), ('x')) AS t(typed)"
    engine.map_values("found", query, {"seen": "VARCHAR"}, lambda t: (t or "none",))
    assert engine.fetch("SELECT t0, seen FROM found ORDER BY seen") == [(None, "none"), ("x", "x")]


def test_nothing_to_map_is_an_empty_table_of_the_same_types(engine: Engine) -> None:
    query = "SELECT 'a' AS typed WHERE false"
    assert engine.map_values("found", query, {"day": "DATE"}, lambda t: (t,)) == 0
    assert engine.frame("SELECT * FROM found").columns.tolist() == ["t0", "day"]


def test_mapped_values_read_what_was_made_before(engine: Engine) -> None:
    engine.create("typed", "SELECT 'a' AS cell")
    engine.map_values("found", "SELECT cell FROM typed", {"seen": "VARCHAR"}, lambda t: (t * 2,))
    assert engine.fetch("SELECT * FROM found") == [("a", "aa")]


def test_files_are_written_and_viewed_under_a_name(engine: Engine, tmp_path: Path) -> None:
    for number in (1, 2):
        engine.write_table(tmp_path / f"{number}.parquet", f"SELECT {number} AS n FROM range({number})")
    engine.view_table("numbered", [tmp_path / "1.parquet", tmp_path / "2.parquet"], is_numbered=True)
    assert engine.fetch("SELECT n, file_row_number FROM numbered ORDER BY ALL") == [(1, 0), (2, 0), (2, 1)]


def test_tables_views_and_frames_can_be_dropped(engine: Engine) -> None:
    engine.register("units", pd.DataFrame({"code": ["01"]}))
    engine.create_view("codes", "SELECT code FROM units")
    engine.append("units", "SELECT '02'")
    assert engine.fetch("SELECT count(*) FROM codes") == [(2,)]
    for table in ("codes", "units", "never_made"):
        engine.drop(table)
    assert engine.fetch("SELECT count(*) FROM duckdb_tables()") == [(0,)]


def test_rows_that_cannot_be_sorted_in_memory_as_they_are_made_wait_unsorted(tmp_path: Path) -> None:
    """No memory for the first statement: the file has the same rows in the same order, and nothing else is left."""
    rows = "SELECT (range * 7919) % 50021 AS key, 'x' || range % 40 AS text FROM range(50021)"
    typed = tmp_path / "typed.parquet"
    query = f"SELECT key, text, key % 3 = 0 AS is_third FROM read_parquet('{typed}')"

    class Narrow(Engine):
        refused = 0

        def _count(self, statement: str) -> int:
            if "ORDER BY" in statement and "typed" in statement:
                self.refused += 1
                raise duckdb.OutOfMemoryException("no room")
            return super()._count(statement)

    with duckdb.connect() as connection:
        narrow = Narrow(connection)
        narrow.write_table(typed, rows)
        for engine, name in ((Engine(connection), "wide"), (narrow, "narrow")):
            shaped = "SELECT * FROM ({}) ORDER BY key".format
            assert engine.write_table(tmp_path / f"{name}.parquet", query, shaped=shaped) == 50021
        with pytest.raises(duckdb.OutOfMemoryException):
            narrow.write_table(tmp_path / "more.parquet", f"{query} ORDER BY key")
        wide, late = (
            connection.read_parquet(str(tmp_path / f"{name}.parquet")).fetchall()
            for name in ("wide", "narrow")
        )
    assert narrow.refused == 2
    assert {path.name for path in tmp_path.iterdir()} == {"typed.parquet", "wide.parquet", "narrow.parquet"}
    assert wide == late == sorted(wide)
