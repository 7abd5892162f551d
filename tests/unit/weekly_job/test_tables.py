"""Writing a declared table: no two rows of one key."""

from pathlib import Path

import duckdb
import pytest

from analysis.errors import CheckError
from analysis.settings import RunParameters, open_run
from analysis.tables import write_table

MANY = "SELECT lpad(CAST({key} AS VARCHAR), 6, '0') AS province_code, 'found' AS place_state, 1 AS rows FROM range(130000)"


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    return open_run("2021-11-07", raw=str(tmp_path), processed=str(tmp_path / "processed"))


def written(run: RunParameters, query: str) -> int:
    with duckdb.connect() as con:
        return write_table(con, "place_counts", query, run)


def test_keys_with_nothing_in_them_are_keys(run: RunParameters) -> None:
    rows = "(NULL, NULL, 1), (NULL, 'found', 1), ('01', NULL, 1), ('01', 'found', 1)"
    assert written(run, f"SELECT * FROM (VALUES {rows}) AS t(province_code, place_state, rows)") == 4
    assert written(run, "SELECT NULL AS province_code, NULL AS place_state, 1 AS rows") == 1


@pytest.mark.parametrize(
    ("query", "repeated"),
    [
        ("SELECT unnest([NULL, '01', NULL]) AS province_code, NULL AS place_state, 1 AS rows", 1),
        (MANY.format(key="range // 2"), 65000),
        # Rows are written 122,880 at a time: these two stand on either side.
        (MANY.format(key="range - (range >= 122880)::INT"), 1),
    ],
)
def test_rows_that_repeat_a_key_are_told_and_not_written(
    run: RunParameters, query: str, repeated: int
) -> None:
    with pytest.raises(CheckError, match=f"place_counts.: {repeated} rows repeat its key"):
        written(run, query)
    assert not list((run.processed / "aggregate").glob("place_counts*"))
