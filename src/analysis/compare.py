"""Which published figures differ between two runs: for the reader of next week's briefing and for review."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.tables import TABLES

LINES_SHOWN = 40


def read_public_table(path: Path) -> pd.DataFrame:
    """Read a published CSV table as text; a missing one is empty."""
    if not path.is_file():
        return pd.DataFrame()
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def grain_of(name: str, *tables: pd.DataFrame) -> list[str]:
    """Return the columns that tell the rows of public tables apart: as declared, else the first columns that do."""
    columns = next((list(map(str, table)) for table in tables if not table.empty), [])
    declared = [c for c in TABLES[name].grain if c in columns] if name in TABLES else []
    tried = [declared or columns[:2], *(columns[:count] for count in range(2, len(columns) + 1))]
    return next(
        (t for t in tried if not any(table.duplicated(t).any() for table in tables if len(table))), columns
    )


def _cells(table: pd.DataFrame, grain: list[str]) -> pd.DataFrame:
    """Return the cells of one published table: `key` (the row's grain as text), `column`, `figure`."""
    if table.empty:
        return pd.DataFrame(columns=["key", "column", "figure"], dtype=str)
    keyed = table.drop(columns=grain).assign(key=table[grain].agg(" · ".join, axis=1))
    # A table may have a column of its own called "value": the cells need a name that none has.
    cells = keyed.melt("key", var_name="column", value_name="_figure")
    return cells.rename(columns={"_figure": "figure"})


@dataclass(frozen=True)
class TableChanges:
    """What differs in one table: cells of rows both runs have (`key`, `column`, `figure_a`, `figure_b`),
    and the numbers of rows that only one of them has."""

    changed: pd.DataFrame
    rows_only_a: int
    rows_only_b: int


def changed_figures(name: str, run_a: Path, run_b: Path) -> TableChanges:
    """Compare one published table of two runs; weeks that only the later one has are its new rows."""
    tables = [read_public_table(run / "tables" / f"{name}.csv") for run in (run_a, run_b)]
    a, b = (_cells(table, grain_of(name, *tables)) for table in tables)
    both = a.merge(b, on=["key", "column"], suffixes=("_a", "_b"), validate="1:1")
    rows_a, rows_b = set(a["key"]), set(b["key"])
    changed = both[both["figure_a"] != both["figure_b"]]
    return TableChanges(changed, len(rows_a - rows_b), len(rows_b - rows_a))


def compare_runs(run_a: Path, run_b: Path) -> str:
    """Return a printable list of the published figures that differ, table by table."""
    lines = [f"{run_a.name} → {run_b.name}"]
    for name in _table_names(run_a, run_b):
        lines += _table_lines(name, changed_figures(name, run_a, run_b))
    return "\n".join(lines)


def compare_as_json(run_a: Path, run_b: Path) -> str:
    """Return the same as data, with every figure that differs: `tables` by name, each with its `changed` cells.

    A cell: `key` (the row), `column`, `a` and `b` as published. `rows_only_a` and `rows_only_b` count rows.
    """
    tables = {}
    for name in _table_names(run_a, run_b):
        found = changed_figures(name, run_a, run_b)
        cells = found.changed.rename(columns={"figure_a": "a", "figure_b": "b"})
        tables[name] = {
            "rows_only_a": found.rows_only_a,
            "rows_only_b": found.rows_only_b,
            "changed": cells[["key", "column", "a", "b"]].to_dict("records"),
        }
    return json.dumps(
        {"a": run_a.name, "b": run_b.name, "tables": tables}, ensure_ascii=False, sort_keys=True
    )


def _table_names(*runs: Path) -> list[str]:
    return sorted({path.stem for run in runs for path in (run / "tables").glob("*.csv")})


def _table_lines(name: str, changes: TableChanges) -> list[str]:
    found = changes.changed
    head = (
        f"{name}: {len(found)} figures differ; rows only in the first {changes.rows_only_a}, "
        f"only in the second {changes.rows_only_b}"
    )
    columns = [found.head(LINES_SHOWN)[c] for c in ("key", "column", "figure_a", "figure_b")]
    shown = zip(*columns, strict=True)
    lines = [head, *(f"  {key} · {column}: {a or '–'} → {b or '–'}" for key, column, a, b in shown)]
    more = len(found) - LINES_SHOWN
    return [*lines, f"  … and {more} more"] if more > 0 else lines
