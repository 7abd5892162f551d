"""The linkage against plain ways and Splink, in one run on one intake, a process of its own for each method.

    python benchmarks/linkage.py [--processed data/processed/2021-11-07] [--methods ours four_field …]

Needs a finished run of a simulated intake and its truth. Printed and written to `--out` per method: precision,
recall and F1 per dose record, share left to people, CPU seconds, wall, peak memory of the process. All methods get the
rows as the clean stage leaves them (decoded, typed, unit codes), so reading files is in nobody's figures.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from linkage_methods import METHODS, find_method

from analysis.engine import connect, sql_path
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES, empty_table, write_table

SCORE = """
SELECT count(*), count(t.citizen_id), count(a.citizen_id), count(*) FILTER (a.citizen_id = t.citizen_id),
    count(*) FILTER (coalesce(a.in_review, false))
FROM read_parquet({doses}, file_row_number = true) AS d
JOIN read_parquet({truth}) AS t USING (source_file, source_row)
LEFT JOIN read_parquet({answers}) AS a ON a.row_no = d.file_row_number + 1
WHERE NOT d.is_rejected AND NOT d.is_foreigner"""

HEADINGS = ("method", "P", "R", "F1", "review %", "CPU s", "wall s", "peak MB", "rows/CPU s")


def prepare(options: argparse.Namespace, folder: Path) -> RunParameters:
    """Copy the cleaned rows and the registry into a run of its own, without people's decisions."""
    run = open_run(
        options.processed.name,
        raw=str(options.raw),
        processed=str(folder / options.processed.name),
        memory_limit=options.memory_limit,
    )
    run.restricted.mkdir(parents=True, exist_ok=True)
    for name in ("doses", "citizens"):
        shutil.copyfile(options.processed / "restricted" / f"{name}.parquet", TABLES[name].path(run))
    with connect(run) as con:
        for name in ("roster_rows", "decisions"):
            write_table(con, name, empty_table(name), run)
    return run


def peak_megabytes() -> float | None:
    """Return the peak memory of this process; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_one(name: str, run: RunParameters) -> None:
    """Run one method in this process and print its cost as JSON; raises ImportError without its package."""
    method = find_method(name)
    wall, cpu = time.perf_counter(), time.process_time()
    with connect(run) as con:
        method(con, run)
        cost = {
            "cpu": time.process_time() - cpu,
            "wall": time.perf_counter() - wall,
            "peak": peak_megabytes(),
        }
        answers = run.restricted / f"answers_{name}.parquet"
        con.execute(f"COPY (SELECT * FROM answers ORDER BY row_no) TO {sql_path(answers)}")
    print(json.dumps(cost))


def start_one(name: str, run: RunParameters) -> dict[str, float] | None:
    """Run one method in a process of its own; None (and a line on why) when it cannot run here."""
    command = [
        sys.executable,
        __file__,
        "--one",
        name,
        "--processed",
        str(run.processed),
        "--raw",
        str(run.raw),
    ]
    done = subprocess.run(
        [*command, "--memory-limit", run.memory_limit], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        cost: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return cost
    if "No module named 'splink'" in done.stderr:
        print(f"{name}: skipped, Splink is not installed (see benchmarks/README.md)")
    else:
        print(f"{name}: failed\n{done.stderr[-2000:]}")
    return None


def score(name: str, run: RunParameters, truth: Path) -> tuple[float, float, float, float, int]:
    """Return precision, recall, F1, share in review and rows of a method's answers."""
    paths = {
        "doses": run.restricted / "doses.parquet",
        "truth": truth / "doses.parquet",
        "answers": run.restricted / f"answers_{name}.parquet",
    }
    query = SCORE.format(**{key: sql_path(path) for key, path in paths.items()})
    rows, exist, linked, right, review = duckdb.sql(query).fetchall()[0]
    precision, recall = right / max(linked, 1), right / max(exist, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9), review / rows, rows


def line_of(name: str, run: RunParameters, truth: Path) -> str | None:
    """Run and score one method; returns its printed line."""
    cost = start_one(name, run)
    if cost is None:
        return None
    precision, recall, f1, review, rows = score(name, run, truth)
    peak = "" if cost["peak"] is None else f"{cost['peak']:.0f}"
    return (
        f"{name},{precision:.5f},{recall:.4f},{f1:.4f},{100 * review:.2f},{cost['cpu']:.1f},{cost['wall']:.1f},"
        f"{peak},{rows / cost['cpu']:.0f}"
    )


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processed", type=Path, default=Path("data/processed/2021-11-07"))
    parser.add_argument("--raw", type=Path, help="default: data/raw/<as-of>")
    parser.add_argument("--truth", type=Path, help="default: <raw>_truth")
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/linkage.csv"))
    parser.add_argument("--one", choices=list(METHODS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.raw = options.raw or Path("data/raw") / options.processed.name
    options.truth = options.truth or options.raw.with_name(f"{options.raw.name}_truth")
    return options


def main() -> None:
    """Run every method in turn and print one line each."""
    options = read_options()
    if options.one:
        limit = options.memory_limit
        as_of = options.processed.name
        run_one(
            options.one,
            open_run(as_of, raw=str(options.raw), processed=str(options.processed), memory_limit=limit),
        )
        return
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = prepare(options, Path(folder))
        print(",".join(HEADINGS))
        lines = []
        for name in options.methods:
            if line := line_of(name, run, options.truth):
                print(line, flush=True)
                lines.append(line)
    options.out.write_text("\n".join([",".join(HEADINGS), *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
