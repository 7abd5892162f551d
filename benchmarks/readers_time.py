"""Time of the ten questions of docs/questions.md, first and again, beside a plain reading of the coverage table.

python benchmarks/readers_time.py [PROCESSED] [EARLIER]
"""

import re
import sys
from pathlib import Path
from time import perf_counter, process_time

import duckdb

from analysis import readers
from analysis.tables import TABLES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "questions.md"
AS_OF = "2021-11-07"
LARGEST_SECONDS = 0.3  # of processor time, of a question that was asked before


def questions(page: str) -> list[tuple[str, str]]:
    """Return the page's questions: title and code."""
    return re.findall(r"^## (\d[^\n]*)\n.*?^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def times(code: str, names: dict[str, object]) -> tuple[float, float]:
    """Return the seconds of running a block once, by the wall and by the processor."""
    wall, cpu = perf_counter(), process_time()
    exec(code, names)
    return perf_counter() - wall, process_time() - cpu


def main(processed: str = "", earlier: str = "") -> int:
    """Print lines and seconds of each question; returns 1 where one asked again takes too long."""
    run = readers.open_counts(AS_OF, processed)
    names: dict[str, object] = {
        "readers": readers,
        "run": run,
        "earlier": readers.open_counts(AS_OF, earlier or processed),
    }
    start = process_time()
    with duckdb.connect() as con:
        con.read_parquet(str(TABLES["coverage"].path(run))).df()
    plain = process_time() - start
    print(f"plain reading of `coverage` into pandas: {plain:.2f} s of the processor")
    slowest = 0.0
    for title, code in questions(PAGE.read_text("utf-8")):
        first, first_cpu = times(code, names)
        again = [times(code, names) for _ in range(3)]
        wall, cpu = (min(seconds) for seconds in zip(*again, strict=True))
        slowest = max(slowest, cpu)
        print(
            f"{title}: {len(code.splitlines())} lines, first {first:.2f} s ({first_cpu:.2f} of the processor), "
            f"again {wall:.2f} s ({cpu:.2f})"
        )
    return int(slowest > LARGEST_SECONDS)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
