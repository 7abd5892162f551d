"""The list of file faults can be walked: every row has tests that bear its number."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
# Rows 1 to 28 of the fault list in the reliability rules: the faults of input files.
FILE_FAULTS = range(1, 29)


def rows_tested(text: str) -> set[int]:
    """Return the rows that the names of a module's tests bear: `test_07_08_…` bears two."""
    found = re.findall(r"^def test_((?:\d\d_)+)", text, re.MULTILINE)
    return {int(number) for numbers in found for number in numbers.strip("_").split("_")}


def test_numbers_are_found() -> None:
    assert rows_tested("def test_07_08_a() -> None: ...\ndef test_x(): ...\ndef test_15_b(): ...") == {
        7,
        8,
        15,
    }


def test_every_row_of_the_list_of_file_faults_is_tested() -> None:
    tested = {row for path in TESTS.rglob("test_*.py") for row in rows_tested(path.read_text("utf-8"))}
    assert sorted(set(FILE_FAULTS) - tested) == []
