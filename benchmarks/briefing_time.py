"""Time of one province's briefing as a ratio to a bare papermill run, measured in turn in one run.

    python benchmarks/briefing_time.py [--processed data/processed/2021-11-07]

The bare run is papermill's own engine on a notebook with one parameter and one `print`; the briefing is
the notebook 5_briefing with its charts, PDF and DOCX on a warm kernel, and the HTML export after it.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import nbformat
import papermill

from analysis.briefing.documents.documents import export_html
from analysis.briefing.figures.units import unit_file_stem
from analysis.notebook_runner import WarmKernel, run_notebook
from analysis.pipeline import BRIEFING

UNITS = ("02", "01", "79", "48", "92")


def write_bare_notebook(path: Path) -> None:
    """Write the smallest notebook that papermill can parameterise."""
    cells = [
        nbformat.v4.new_code_cell('unit_code = "VN"', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print(unit_code)"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def seconds(work: Callable[[], object]) -> float:
    """Return the wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare_run(folder: Path, unit: str) -> None:
    """Run the bare notebook by papermill's own engine, kernel start included."""
    papermill.execute_notebook(
        str(folder / "bare.ipynb"), str(folder / "out.ipynb"), {"unit_code": unit}, progress_bar=False
    )


def briefing(kernel: WarmKernel, processed: Path, folder: Path, unit: str) -> None:
    """Make one unit's documents on the warm kernel."""
    parameters = {
        "as_of": processed.name,
        "processed": str(processed.absolute()),
        "unit_code": unit,
        "folder": str(folder),
    }
    executed = folder / f"{unit}.ipynb"
    run_notebook(kernel, BRIEFING.notebook, executed, parameters)
    export_html(executed, folder / f"{unit_file_stem(unit)}.html")


def main() -> None:
    """Measure in turn and print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processed", type=Path, default=Path("data/processed/2021-11-07"))
    processed = parser.parse_args().processed
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_bare_notebook(folder / "bare.ipynb")
        kernel = WarmKernel().start()
        briefing(kernel, processed, folder, UNITS[0])
        bare, ours = [], []
        for unit in UNITS:
            bare.append(seconds(partial(bare_run, folder, unit)))
            ours.append(seconds(partial(briefing, kernel, processed, folder, unit)))
        kernel.stop()
    base, mine = statistics.median(bare), statistics.median(ours)
    print(f"bare papermill run {base:.2f} s · one briefing {mine:.2f} s · ratio {mine / base:.2f}")


if __name__ == "__main__":
    main()
