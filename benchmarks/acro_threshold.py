"""The threshold rule beside ACRO's, cell by cell: on random tables and on the tables of a finished run.

ACRO (github.com/AI-SDC/ACRO) checks tabulations of persons' rows and marks cells below a threshold. It is no dependency
of the project: run this in a venv of its own with `acro` and `duckdb`, see benchmarks/README.md.

PYTHONPATH=src python benchmarks/acro_threshold.py --processed data/processed/2021-11-07 [--tables 500]
"""

import argparse
import contextlib
import io
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.disclosure.suppression import COUNTED, first_statuses
from analysis.disclosure.system import UNDER_10

# Table of a run → the columns whose values are crossed, its count.
OF_A_RUN = {
    "verification": ("unit_code", "link_status", "rows"),
    "due_counts": ("unit_code", "state", "people"),
    "coverage_by_sex": ("unit_code", "sex", "people"),
}
LARGEST = 2_000  # a larger count is cut to this: ACRO wants a row for each, and far above the threshold all are alike


def verdicts_of_acro(counts: pd.DataFrame) -> pd.DataFrame:
    """Return which cells of a table ACRO's threshold rule marks, from a row for every person."""
    from acro import ACRO

    rows, columns = np.meshgrid(np.arange(len(counts)), np.arange(counts.shape[1]), indexing="ij")
    times = counts.to_numpy().ravel()
    persons = pd.DataFrame(
        {"row": np.repeat(rows.ravel(), times), "column": np.repeat(columns.ravel(), times)}
    )
    with contextlib.redirect_stdout(io.StringIO()):
        session: Any = ACRO(suppress=False)
        session.crosstab(persons["row"], persons["column"])
        outcome = session.results.get_index(0).outcome
    marked = outcome.apply(lambda column: column.astype(str).str.contains("MinimumThreshold"))
    marked.index, marked.columns = marked.index.astype(int), marked.columns.astype(int)
    everywhere = marked.reindex(index=range(len(counts)), columns=range(counts.shape[1]))
    return everywhere.set_axis(counts.index, axis=0).set_axis(counts.columns, axis=1)


def our_verdicts(counts: pd.DataFrame) -> pd.DataFrame:
    """Return which cells our threshold withholds by themselves."""
    values = counts.to_numpy(dtype=np.int64).ravel()
    alone = np.full(len(values), -1, dtype=np.int64)
    status = first_statuses(values, alone, np.full(len(values), COUNTED, dtype=np.int64), alone)
    marked = (status == UNDER_10).reshape(counts.shape)
    return pd.DataFrame(marked, index=counts.index, columns=counts.columns)


def random_tables(number: int) -> Iterator[pd.DataFrame]:
    """Yield tables of small and large counts, some empty."""
    chance = np.random.default_rng(7)
    for _ in range(number):
        shape = tuple(chance.integers(2, 8, size=2))
        yield pd.DataFrame(chance.integers(0, chance.choice([15, 40, 200]), size=shape))


def tables_of_a_run(processed: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the counts of a run's provinces, before anything is withheld."""
    import duckdb

    for name, (row, column, count) in OF_A_RUN.items():
        path = processed / "aggregate" / f"{name}.parquet"
        if path.is_file():
            query = (
                f"SELECT {row}, {column}, least(sum({count}), {LARGEST})::BIGINT AS n FROM '{path}' "
                f"WHERE unit_level = 'province' AND {column} IS NOT NULL GROUP BY ALL"
            )
            frame = duckdb.sql(query).df()
            yield name, frame.pivot(index=row, columns=column, values="n").fillna(0).astype("int64")


def compare(counts: pd.DataFrame) -> Counter[str]:
    """Count the cells that both judge alike, and the others by what they are."""
    ours, acros = our_verdicts(counts).to_numpy(), verdicts_of_acro(counts).to_numpy()
    found: Counter[str] = Counter()
    for value, our, acro in zip(counts.to_numpy().ravel(), ours.ravel(), acros.ravel(), strict=True):
        if pd.isna(acro):
            found["row or column without a person: not in ACRO's table, zero in ours"] += 1
        elif bool(our) == bool(acro):
            found["alike"] += 1
        else:
            found["zero: ACRO marks it, we tell it" if value == 0 else "NOT EXPLAINED"] += 1
    return found


def main() -> None:
    """Print the agreement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processed", type=Path)
    parser.add_argument("--tables", type=int, default=500)
    options = parser.parse_args()
    logging.disable(logging.INFO)
    found = sum((compare(counts) for counts in random_tables(options.tables)), Counter[str]())
    print(f"{options.tables} random tables: {dict(found)}")
    for name, counts in tables_of_a_run(options.processed) if options.processed else ():
        print(f"{name}, {counts.size} cells: {dict(compare(counts))}")


if __name__ == "__main__":
    main()
