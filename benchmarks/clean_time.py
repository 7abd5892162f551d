"""Time and memory of cleaning one export, as ratios to plain reading of the same file in the same run.

    python benchmarks/clean_time.py [--raw data/raw/2021-11-07] [--rows 1000000] [--sheet-rows 100000] [--out benchmarks/out]

All exports of an intake become one CSV of about `--rows` rows (repeated with new record ids where the
intake has fewer) and one workbook of `--sheet-rows`. Each method then runs in a process of its own:

* clean: the whole first stage, from bytes to cleaned records, reasons and accounts;
* duckdb: DuckDB's read_csv to parquet, every column text; nothing is cleaned;
* polars: Polars reading the CSV, every column text (where polars is installed);
* fastexcel: the raw read of the workbook's sheet.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import fastexcel
import xlsxwriter

from analysis.clean.stage import clean_intake
from analysis.engine import connect, sql_path
from analysis.intake.folder import open_folder
from analysis.intake.headers.finding import PLATFORM
from analysis.settings import RunParameters, open_run

AS_OF = "2021-11-07"
OUT = Path(__file__).parent / "out"


def stage_exports(raw: Path, folder: Path) -> list[Path]:
    """Open every export of an intake once and return the staged files, all columns text."""
    run = open_run(AS_OF, raw=str(raw), processed=str(folder / "staging"))
    with connect(run) as con:
        staged = open_folder(con, run, "platform", PLATFORM).staged
    return [f.path for f in staged]


def write_csv(staged: list[Path], rows: int, target: Path) -> int:
    """Write one CSV of the staged rows under the platform's headers; returns its rows."""
    fields = list(PLATFORM.headers)
    titles = ", ".join(f'"{f}" AS "{next(filter(None, PLATFORM.headers[f]), f)}"' for f in fields)
    files = ", ".join(sql_path(p) for p in staged)
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = false")
        source = f"read_parquet([{files}])"
        have = con.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
        times = -(-rows // have)
        copies = f"(SELECT * REPLACE (dose_record_id || '-' || n AS dose_record_id) FROM {source}, range({times}) AS r(n))"
        con.execute(f"COPY (SELECT {titles} FROM {copies} LIMIT {rows}) TO {sql_path(target)} (HEADER)")
    return min(rows, have * times)


def write_workbook(csv: Path, rows: int, target: Path) -> None:
    """Write the first rows of a CSV as a workbook of text cells."""
    with duckdb.connect() as con:
        cursor = con.execute(f"FROM read_csv({sql_path(csv)}, all_varchar = true) LIMIT {rows}")
        titles = [c[0] for c in cursor.description]
        book = xlsxwriter.Workbook(str(target), {"constant_memory": True, "strings_to_formulas": False})
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, titles)
        for number, row in enumerate(cursor.fetchall(), start=1):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write_string(number, column, cell)
        book.close()


def clean(export: Path, scratch: Path) -> None:
    """Run the first stage on an intake of this one export."""
    (scratch / "raw" / "platform").mkdir(parents=True)
    os.link(export, scratch / "raw" / "platform" / export.name)
    clean_intake(bench_run(scratch))


def bench_run(scratch: Path) -> RunParameters:
    """Return the parameters of a run that lives in a scratch folder, under 1.5 GB for the engine."""
    run = open_run(AS_OF, raw=str(scratch / "raw"), processed=str(scratch / "p"), memory_limit="1500MB")
    assert run.as_of == date.fromisoformat(AS_OF)
    return run


def read_by_duckdb(export: Path, scratch: Path) -> None:
    """Turn the CSV into parquet with DuckDB and nothing else."""
    with duckdb.connect() as con:
        con.execute("SET memory_limit = '1500MB'")
        con.execute("SET enable_progress_bar = false")
        plain = f"FROM read_csv({sql_path(export)}, all_varchar = true)"
        con.execute(f"COPY ({plain}) TO {sql_path(scratch / 'plain.parquet')} (FORMAT parquet)")


def read_by_polars(export: Path, scratch: Path) -> None:
    """Read the CSV with Polars, every column text."""
    import polars

    polars.read_csv(export, infer_schema=False)


def read_by_fastexcel(export: Path, scratch: Path) -> None:
    """Read the workbook's sheet raw."""
    fastexcel.read_excel(export).load_sheet(0, header_row=None, dtypes="string")


def _measured(method: Callable[[Path, Path], None], export: Path, result: Path) -> None:
    """Run a method in this process and write its wall time, CPU time and peak memory."""
    with tempfile.TemporaryDirectory(dir=export.parent) as scratch:
        start, cpu = time.perf_counter(), os.times()
        method(export, Path(scratch))
        wall, used = time.perf_counter() - start, sum(os.times()[:4]) - sum(cpu[:4])  # of children, too
    result.write_text(json.dumps({"wall": wall, "cpu": used, "peak_mb": peak_megabytes()}))


def peak_megabytes() -> float:
    """Return the largest resident memory of this process; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def measure(method: Callable[[Path, Path], None], export: Path, rows: int) -> dict[str, float]:
    """Measure a method in a fresh process and print its line; empty when it could not run."""
    result = export.parent / "result.json"
    result.unlink(missing_ok=True)
    process = multiprocessing.get_context("spawn").Process(target=_measured, args=(method, export, result))
    process.start()
    process.join()
    if not result.is_file():
        print(f"{method.__name__:<18} could not run (exit {process.exitcode})")
        return {}
    found: dict[str, float] = json.loads(result.read_text())
    print(
        f"{method.__name__:<18} {found['wall']:8.1f} s wall {found['cpu']:8.1f} s CPU "
        f"{rows / found['wall']:10,.0f} rows/s {found['peak_mb']:7,.0f} MB peak"
    )
    return found


def main() -> None:
    """Build the files, measure in turn, print the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raw", type=Path, default=Path("data/raw") / AS_OF)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sheet-rows", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=OUT, help="a folder with room for ten times the CSV")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out) as name:
        folder = Path(name)
        staged = stage_exports(options.raw, folder)
        rows = write_csv(staged, options.rows, folder / "export.csv")
        print(f"CSV: {rows:,} rows, {(folder / 'export.csv').stat().st_size / 2**20:,.0f} MB")
        ours, plain, polars = (
            measure(method, folder / "export.csv", rows) for method in (clean, read_by_duckdb, read_by_polars)
        )
        print_ratios(ours, {"duckdb": plain, "polars": polars})
        write_workbook(folder / "export.csv", options.sheet_rows, folder / "export.xlsx")
        print(f"workbook: {options.sheet_rows:,} rows")
        ours, raw = (
            measure(method, folder / "export.xlsx", options.sheet_rows)
            for method in (clean, read_by_fastexcel)
        )
        print_ratios(ours, {"fastexcel": raw})


def print_ratios(ours: dict[str, float], peers: dict[str, dict[str, float]]) -> None:
    """Print how many times the peer's wall and CPU time cleaning takes."""
    for name, peer in peers.items():
        if ours and peer:
            wall, cpu = (ours[k] / max(peer[k], 1e-9) for k in ("wall", "cpu"))
            print(f"  clean / {name}: {wall:.2f} × wall, {cpu:.2f} × CPU")


if __name__ == "__main__":
    main()
