"""Every row of the decision tables of cleaning, and the page that shows them."""

from collections.abc import Iterator

import pytest

from analysis.clean.quality.reason_codes import ROW_CODES
from decision_tables import PAGE, DecisionTable, clean_tables, page_text, read_tables

TABLES = read_tables()
CASES = [(table, number) for table in TABLES for number in range(len(table.rows))]
# Reasons that the shape of a file or a person's decision gives, not a cell: tested with those.
NOT_OF_CELLS = {
    *("row_ragged", "control_characters"),
    *("trailing_cells_missing", "cell_as_above", "date_shifted", "sex_codes_exchanged", "sex_by_blank"),
    *("deleted_by_decision", "corrected_by_decision"),
}


def _label(case: object) -> str:
    return case.name if isinstance(case, DecisionTable) else str(case)


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, int], dict[str, str]]]:
    yield clean_tables(TABLES, tmp_path_factory.mktemp("tables"))


@pytest.mark.parametrize(("table", "number"), CASES, ids=_label)
def test_row(cleaned: dict[tuple[str, int], dict[str, str]], table: DecisionTable, number: int) -> None:
    row = table.rows[number]
    assert cleaned[table.name, number] == {f: row[f"→{f}"] for f in table.expected}, row["why"]


def test_the_tables_meet_every_reason_of_a_cell() -> None:
    met = {code for table in TABLES for row in table.rows for code in row.get("→reasons", "").split()}
    assert set(ROW_CODES) - met == NOT_OF_CELLS


def test_the_page_shows_the_tables() -> None:
    assert PAGE.read_text("utf-8") == page_text(TABLES), "run: python tests/decision_tables.py"
