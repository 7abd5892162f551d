"""Which published figures differ between two runs: for the reader of next week's briefing and for review."""

from pathlib import Path

import pandas as pd

from analysis.tables import TABLES

LINES_SHOWN = 40


def read_public_table(path: Path) -> pd.DataFrame:
    """Read a published CSV table as text; a missing one is empty."""
    if not path.is_file():
        return pd.DataFrame()
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def changed_figures(name: str, run_a: Path, run_b: Path) -> pd.DataFrame:
    """Return the cells of one table that differ.

    Columns: `key` (the row's grain as text), `column`, `a`, `b`; a row that only one run has shows
    empty text on the other side.
    """
    sides = []
    for run in (run_a, run_b):
        table = read_public_table(run / "tables" / f"{name}.csv")
        grain = [c for c in TABLES[name].grain if c in table] if name in TABLES else list(table)[:2]
        key = table[grain].agg(" · ".join, axis=1) if len(table) else pd.Series(dtype=str)
        sides.append(table.drop(columns=grain).assign(key=key).melt("key", var_name="column"))
    both = sides[0].merge(sides[1], on=["key", "column"], how="outer", suffixes=("_a", "_b"), validate="1:1")
    both = both.fillna("").rename(columns={"value_a": "a", "value_b": "b"})
    return both[both["a"] != both["b"]]


def compare_runs(run_a: Path, run_b: Path) -> str:
    """Return a printable list of the published figures that differ, table by table."""
    names = sorted({p.stem for run in (run_a, run_b) for p in (run / "tables").glob("*.csv")})
    lines = [f"{run_a.name} → {run_b.name}"]
    for name in names:
        changes = changed_figures(name, run_a, run_b)
        lines.append(f"{name}: {len(changes)} figures differ")
        shown = changes.head(LINES_SHOWN)
        rows = zip(*(shown[c].astype(str).tolist() for c in ("key", "column", "a", "b")), strict=True)
        lines += [f"  {key} · {column}: {a or '–'} → {b or '–'}" for key, column, a, b in rows]
        if len(changes) > LINES_SHOWN:
            lines.append(f"  … and {len(changes) - LINES_SHOWN} more")
    return "\n".join(lines)
