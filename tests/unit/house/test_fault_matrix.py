"""The matrix of faults names tests that exist, for every row, and says nothing is met that has none."""

import re

from house_files import ROOT

PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
ROWS = [line.strip("|").split(" | ") for line in PAGE.splitlines() if re.match(r"\| \d", line)]


def missing(text: str) -> list[str]:
    """Return the tests that a text names and that do not exist."""
    return [
        f"{file}::{test}"
        for file, test in NAMED.findall(text)
        if f"def {test}(" not in (ROOT / "tests" / file).read_text("utf-8")
    ]


def test_every_fault_has_its_row() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 59))


def test_every_named_test_exists() -> None:
    assert missing(PAGE) == []
    assert missing("`unit/house/test_fault_matrix.py::test_none`") == [
        "unit/house/test_fault_matrix.py::test_none"
    ]


def test_what_is_met_has_a_test() -> None:
    for row in ROWS:
        result = row[-1].strip(" |")
        assert result.split(":")[0].split(" ")[0] in ("met", "partly", "not")
        assert NAMED.search(row[3]) or result == "not yet", row[0]
