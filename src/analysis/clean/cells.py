"""The cells of an intake as they were typed: which table holds them, and what the tables made of them are called."""

from dataclasses import dataclass

import pandas as pd

from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.headers.finding import Schema
from analysis.intake.sources import StagedFile
from analysis.steps import Plan, Step


@dataclass(frozen=True)
class Cells:
    """A table of typed cells; tables made of it are called by `prefix` and what they are (`roster_names`).

    `corrects`: the cells of which these are some rows, corrected; they share files, date conventions and numbers
    that several people give.
    """

    table: str
    prefix: str = ""
    corrects: "Cells | None" = None

    def name(self, table: str) -> str:
        """Return the name of a table made of these cells."""
        return self.prefix + table

    def names(self, tables: str) -> str:
        """Return the names of several tables made of these cells, with blanks between."""
        return " ".join(map(self.name, tables.split()))

    def common(self, table: str) -> str:
        """Return the name of a table that corrected cells share with those they correct."""
        return (self.corrects or self).name(table)


DOSE_CELLS = Cells("dose_cells")
# Those of rows that decisions are about, read with the lookups of all.
BOUND_CELLS = Cells("bound_cells")
ROSTER_CELLS = Cells("roster_cells", "roster_")
# What decisions change, twice: a decision may name a row as an earlier one corrected it.
CORRECTED_CELLS = Cells("corrected_cells", "corrected_", DOSE_CELLS)
RECORRECTED_CELLS = Cells("recorrected_cells", "recorrected_", DOSE_CELLS)


def staged_step(cells: Cells, files: list[StagedFile]) -> Step:
    """Return the step that opens staged files as they stand."""
    paths = tuple(f.path for f in files)
    row = "one row of an opened file, every cell as text"
    return Step(cells.name("staged_files"), row, files=paths, is_numbered=True, is_view=True)


def files_step(cells: Cells, files: list[StagedFile]) -> Step:
    """Return the step of the files' numbers and names."""
    pairs = [(f.source_id, f.source_file) for f in files]
    types = {"source_id": "int32", "source_file": "str"}
    row = "one opened file: its number and its name"
    return Step(
        cells.name("files"), row, frame=lambda: pd.DataFrame(pairs, columns=list(types)).astype(types)
    )


# What a file's form says of a row that is read all the same.
ROW_FLAGS = ("trailing_cells_missing", "cell_as_above")


def _flag_bits() -> str:
    whens = " ".join(f"WHEN '{flag}' THEN {bit_of(flag)}" for flag in ROW_FLAGS)
    return f"CAST(CASE row_flag {whens} ELSE 0 END AS BIGINT)"


def cell_steps(cells: Cells, files: list[StagedFile], schema: Schema) -> Plan:
    """Return the steps from staged files to their typed cells, blank rows left out, and the files' names."""
    staged = cells.name("staged_files")
    query = (
        "SELECT source_id, coalesce(source_row, file_row_number + 1) AS source_row, row_fault, lead, "
        f"{_flag_bits()} AS extra_bits, {', '.join(schema.headers)} FROM {staged} WHERE has_content"
    )
    row = "one row of the files, its cells as they were typed"
    return (
        staged_step(cells, files),
        Step(cells.table, row, staged, query, is_view=True),
        files_step(cells, files),
    )
