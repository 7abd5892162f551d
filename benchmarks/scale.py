"""What a row costs at several sizes of the country: CPU, wall and peak memory of each stage and of its dearest steps.

    python benchmarks/scale.py [--scales 0.001 0.01] [--raw DIR …] [--steps 6] [--methods exact_id splink_vietnamese]

For each scale a country is simulated (or the intakes of `--raw` are taken), and each of the four stages that write
tables runs in a process of its own, the processes it starts counted in; while it works, the sizes of its spill and of
the run's folder are looked at twice a second. Floors are measured in the same run: DuckDB
turning all exports, as one CSV, into parquet; the exact number joined (`linkage_methods/plain.py`); Splink, where it is
installed. The last lines say how the cost of a row grows from the smallest intake to the largest.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import resource
import tempfile
import time
from importlib import import_module
from pathlib import Path

import duckdb
from clean_time import AS_OF, OUT, measure, read_by_duckdb, stage_exports, write_csv
from linkage import prepare, start_one

from analysis.errors import RequestError
from analysis.pipeline import PLANNED_STAGES
from analysis.safeguards.folders import RESTRICTED, SPILL, wipe_spill
from analysis.settings import open_run
from analysis.simulate import simulate_country
from analysis.steps import read_log
from analysis.tables import TABLES

# Stage → module and function that makes all its tables from a run.
STAGES = {
    "clean": ("analysis.clean.stage", "clean_intake"),
    "reconcile": ("analysis.reconcile.stage", "link_doses"),
    "coverage": ("analysis.coverage.stage", "count_coverage"),
    "trends": ("analysis.trends.stage", "project_coverage"),
}
METHODS = ("exact_id", "splink_vietnamese")
LINE = "{:<34} {:>12,.0f} rows/s {:>9.2f} CPU s {:>9.1f} CPU s a million rows {:>9.1f} s wall{}"

LOOK_SECONDS = 0.5

Costs = dict[str, float]


def folder_size(folder: Path) -> float:
    """Return the megabytes of a folder's files, those that vanish meanwhile left out."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            size += 0 if path.is_dir() else path.stat().st_size
    return size / 1e6


def run_stage(stage: str, raw: Path, processed: Path, limit: str, result: Path) -> None:
    """Run one stage in this process and write its CPU, wall and peak memory, those of processes it started included."""
    module, function = STAGES[stage]
    run = open_run(processed.name, raw=str(raw), processed=str(processed), memory_limit=limit)
    make = getattr(import_module(module), function)
    wall, before = time.perf_counter(), os.times()
    make(run)
    cpu = sum(after - start for after, start in zip(os.times()[:4], before[:4], strict=True))
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cost = {"cpu": cpu, "wall": time.perf_counter() - wall, "peak": peak / 1024}
    result.write_text(json.dumps(cost), encoding="utf-8")


def measure_stage(stage: str, raw: Path, processed: Path, limit: str) -> Costs:
    """Run one stage in a fresh process; raises SystemExit where it does not end well."""
    result = processed.parent / "cost.json"
    process = multiprocessing.get_context("spawn").Process(
        target=run_stage, args=(stage, raw, processed, limit, result)
    )
    process.start()
    spill = folder = 0.0
    while process.is_alive():
        process.join(LOOK_SECONDS)
        spill = max(spill, folder_size(processed / RESTRICTED / SPILL))
        folder = max(folder, folder_size(processed))
    if process.exitcode:
        raise SystemExit(f"{stage} ended with {process.exitcode}")
    cost: Costs = json.loads(result.read_text(encoding="utf-8"))
    wipe_spill(processed / RESTRICTED)
    return cost | {"spill": spill, "folder": folder}


def show(name: str, cost: Costs, rows: int) -> None:
    """Print the line of one stage, step or floor."""
    peak = f" {cost['peak']:>7,.0f} MB" if cost.get("peak") else ""
    if "spill" in cost:
        peak += f", disk {cost['folder']:,.0f} MB, of it spill {cost['spill']:,.0f}"
    wall, million = max(cost["wall"], 1e-9), rows / 1e6
    print(LINE.format(name, rows / wall, cost["cpu"], cost["cpu"] / million, cost["wall"], peak), flush=True)


def show_steps(stage: str, raw: Path, processed: Path, rows: int, count: int) -> None:
    """Print the steps of a stage that took most CPU, from what the run noted."""
    run = open_run(processed.name, raw=str(raw), processed=str(processed))
    log = next((read_log(run, s.name) for s in PLANNED_STAGES if s.package == stage), [])
    for line in sorted(log, key=lambda line: -line.get("cpu_seconds", 0))[:count]:
        show(f"  {line['table']}", {"cpu": line["cpu_seconds"], "wall": line["seconds"]}, rows)


def show_floors(raw: Path, processed: Path, rows: int, options: argparse.Namespace) -> None:
    """Print what plain reading of the same rows and other linkages of them take."""
    with tempfile.TemporaryDirectory(dir=options.out) as name:
        folder = Path(name)
        csv = folder / "export.csv"
        written = write_csv(stage_exports(raw, folder), rows, csv)
        plain = measure(read_by_duckdb, csv, written)
        show("floor: CSV to parquet", plain | {"peak": plain["peak_mb"]}, written)
        csv.unlink()
        asked = argparse.Namespace(processed=processed, raw=raw, memory_limit=options.memory_limit)
        run = prepare(asked, folder)
        for method in options.methods:
            if cost := start_one(method, run):
                show(f"floor: {method}", cost, rows)


def measure_intake(raw: Path, options: argparse.Namespace) -> dict[str, float]:
    """Print all lines of one intake and return CPU seconds a million rows by stage."""
    with tempfile.TemporaryDirectory(dir=options.out) as name:
        processed = Path(name) / options.as_of
        found: dict[str, Costs] = {}
        for stage in STAGES:
            found[stage] = measure_stage(stage, raw, processed, options.memory_limit)
            if stage == "clean":
                doses = TABLES["doses"].path(open_run(options.as_of, raw=str(raw), processed=str(processed)))
                rows = int(duckdb.sql(f"SELECT count(*) FROM '{doses}'").fetchall()[0][0])
                print(f"{raw.name}: {rows:,} records", flush=True)
            show(stage, found[stage], rows)
            show_steps(stage, raw, processed, rows, options.steps)
        show("four stages", {k: sum(c[k] for c in found.values()) for k in ("cpu", "wall")}, rows)
        show_floors(raw, processed, rows, options)
    return {stage: cost["cpu"] / rows * 1e6 for stage, cost in found.items()}


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scales", type=float, nargs="*", default=[0.001, 0.01])
    parser.add_argument("--raw", type=Path, nargs="*", default=[], help="intakes instead of simulated ones")
    parser.add_argument("--as-of", default=AS_OF)
    parser.add_argument("--steps", type=int, default=6, help="how many of each stage's steps are shown")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), help="linkages beside ours")
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--out", type=Path, default=OUT, help="a folder with room for four times the intake")
    return parser.parse_args()


def main() -> None:
    """Measure every intake, smallest first, and print how the cost of a row grows."""
    options = read_options()
    options.out.mkdir(parents=True, exist_ok=True)
    costs = [measure_intake(raw, options) for raw in options.raw]
    for scale in () if options.raw else sorted(options.scales):
        with tempfile.TemporaryDirectory(dir=options.out) as name:
            raw = Path(name) / f"scale-{scale:g}"
            start, cpu = time.perf_counter(), time.process_time()
            try:
                made = simulate_country(raw, open_run(options.as_of, raw=str(raw)).as_of, scale)
            except RequestError as error:
                raise SystemExit(str(error)) from error
            cost = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - start}
            show(f"simulated at {scale:g}", cost, made.rows)
            costs.append(measure_intake(raw, options))
    if len(costs) > 1:
        grown = ", ".join(f"{stage} {costs[-1][stage] / costs[0][stage]:.2f}" for stage in STAGES)
        print(f"CPU of a row, largest intake ÷ smallest: {grown}")


if __name__ == "__main__":
    main()
