"""Cells of the public tables: what a spreadsheet would run stays text, other text stays as it is."""

import duckdb
import pytest

from analysis.briefing.documents.public_tables import CELL_TEXT


def cell(text: str) -> str:
    with duckdb.connect() as con:
        con.execute(CELL_TEXT)
        return str(con.execute("SELECT cell_text(?)", [text]).fetchall()[0][0])


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+84", "-2", "@SUM(A1)", "\t=1", "\r=1", " =HYPERLINK()", "\u00a0=1", "\u200b=1", "\n@x", "\tx"],
)
def test_what_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert cell(text).startswith("'") and cell(text)[1:].lstrip("\u00a0 ") in text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("02", "02"),
        ("a\x1bb\u202ec", "a b c"),
        ("Kế hoạch (1=2)", "Kế hoạch (1=2)"),
        ("it's", "it's"),
        ("", ""),
    ],
)
def test_other_text_is_written_as_it_is(text: str, written: str) -> None:
    assert cell(text) == written
