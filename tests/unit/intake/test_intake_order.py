"""Staged rows keep the order of the file, by which they are numbered, and words for no value are no values."""

from pathlib import Path

import duckdb
import pytest

from analysis.engine import connect
from analysis.intake.folder import open_folder
from analysis.intake.headers.schemas import PLATFORM
from analysis.intake.staging import ERRORS, NO_VALUES, Cells
from analysis.settings import open_run

ROWS = 150_000  # some twenty megabytes: enough for the engine to read the file in pieces side by side
PADDING = "một địa chỉ dài để tệp đủ lớn cho việc đọc song song, " * 2


def test_a_large_file_is_staged_in_its_own_order(tmp_path: Path) -> None:
    (tmp_path / "raw" / "platform").mkdir(parents=True)
    lines = (f"Người số {n};15/08/2021;{PADDING}" for n in range(1, ROWS + 1))
    text = "\n".join(["Họ và tên;Ngày tiêm;Địa chỉ", *lines])
    (tmp_path / "raw" / "platform" / "a.csv").write_text(text + "\n", encoding="utf-8")
    run = open_run(
        "2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "p"), previous="-", threads=4
    )
    with connect(run) as con:
        (staged,) = open_folder(con, run, "platform", PLATFORM).staged
        moved = con.execute(
            "SELECT count(*) FROM read_parquet(?, file_row_number = true) "
            "WHERE full_name <> 'Người số ' || (coalesce(source_row - 1, file_row_number) + 1)",
            [staged.path.as_posix()],
        ).fetchall()
    assert moved == [(0,)]


@pytest.mark.parametrize("cells", [Cells(), Cells(formulas=True), Cells(errors=False)], ids=repr)
def test_no_reading_of_a_cell_becomes_a_join(cells: Cells) -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS SELECT range::VARCHAR AS c0 FROM range(10)")
        plan = con.execute(f"EXPLAIN SELECT {cells.sql(0)} FROM t").fetchall()[0][1]
    assert "Join" not in plan


@pytest.mark.parametrize("word", sorted({*NO_VALUES, *ERRORS, "", "  ", " NULL "}))
def test_a_word_for_no_value_is_none(word: str) -> None:
    with duckdb.connect() as con:
        assert con.execute(f"SELECT {Cells().sql(0)} FROM (SELECT ? AS c0)", [word]).fetchall() == [(None,)]


@pytest.mark.parametrize("word", ["Nam", "Nan", "Na", "Nul", "nonet", "-1", "không có gì", "N", "A", "0"])
def test_a_word_that_only_looks_like_one_stays(word: str) -> None:
    with duckdb.connect() as con:
        assert con.execute(f"SELECT {Cells().sql(0)} FROM (SELECT ? AS c0)", [word]).fetchall() == [(word,)]
