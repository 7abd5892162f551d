"""A few seconds of what `python tests/faults/fuzzing.py MINUTES` does; BAOPHU_FUZZ_MINUTES makes it longer."""

import os

import pytest

from analysis.errors import CheckError
from analysis.worklists.returned import read_returned
from analysis.worklists.take_answers import BY_SHEET
from faults import hostile_files as hostile
from faults.fuzz_seeds import returned_seeds
from faults.fuzzing import fuzz

SECONDS, SEED = 6.0, 20211107


def test_any_bytes_give_a_table_or_a_refusal() -> None:
    minutes = float(os.environ.get("BAOPHU_FUZZ_MINUTES", "0"))
    outcomes = fuzz(minutes * 60 or SECONDS, SEED)
    assert sum(outcomes.values()) > 20
    assert outcomes["settings refused"] and outcomes["registry refused"] and outcomes["list refused"]
    assert len(outcomes) > 6


LIST = next(iter(returned_seeds().values()))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (hostile.damaged_member(LIST), "not a list"),
        (hostile.damaged_member(LIST, "xl/worksheets/sheet1.xml"), "not a list"),
        (hostile.unknown_method(LIST), "not a list"),
        (hostile.far_cell(), "far larger than any list"),
        (hostile.far_cell("ZZZZZZ", 4), "far larger than any list"),
        (hostile.workbook_of(f"<row>{'<c/>' * 5_000_001}</row>"), "far larger than any list"),
    ],
    ids=["damaged", "damaged-sheet", "unknown-method", "far-cell", "far-column", "many-cells"],
)
def test_40_a_returned_list_that_asks_too_much_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(CheckError, match=words):
        read_returned(data, BY_SHEET)
    assert read_returned(LIST, BY_SHEET).rows
