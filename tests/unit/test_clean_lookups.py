"""Lookups keep every value's type, however rare the value is."""

import duckdb

from analysis.clean.lookups import build_lookup


def test_a_rare_large_number_after_many_small_ones_is_kept() -> None:
    with duckdb.connect() as con:
        query = "SELECT CAST(range AS VARCHAR) AS typed FROM range(5000)"
        build_lookup(con, "found", query, {"bits": "BIGINT"}, lambda t: (2**40 if t == "4999" else 1,))
        assert con.execute("SELECT max(bits), count(*) FROM found").fetchall() == [(2**40, 5000)]


def test_null_inputs_are_kept() -> None:
    with duckdb.connect() as con:
        query = "SELECT * FROM (VALUES (NULL), ('x')) AS t(typed)"
        build_lookup(con, "found", query, {"seen": "VARCHAR"}, lambda t: (t or "none",))
        rows = con.execute("SELECT t0, seen FROM found ORDER BY seen").fetchall()
        assert rows == [(None, "none"), ("x", "x")]
