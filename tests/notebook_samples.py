"""Notebooks run by hand, as an analyst runs them, and what their cells show."""

import json
from pathlib import Path
from typing import Any

import nbformat
import papermill

from analysis.pipeline import NOTEBOOKS

DRAWS = ("draw_", ".plot(")
# Without an earlier week there is no forecast to look back at; a briefing's charts are files.
MAY_DRAW_NOTHING = ("draw_previous(run)", "draw_kept_runs(run)", "charts = draw_charts(context, target)")


def run_by_hand(name: str, into: Path, parameters: dict[str, Any]) -> Path:
    """Run a notebook by papermill's own engine, with these parameters alone, and return the executed one."""
    executed = into / f"{name}.ipynb"
    papermill.execute_notebook(
        str(NOTEBOOKS / f"{name}.ipynb"),
        str(executed),
        parameters={
            key: value if isinstance(value, int) else str(value) for key, value in parameters.items()
        },
        progress_bar=False,
    )
    return executed


def faults_of(executed: Path) -> list[str]:
    """Return what is wrong with the cells of an executed notebook: errors, bare reprs, pictures that are missing."""
    cells = [c for c in nbformat.read(executed, as_version=4).cells if c.cell_type == "code"]
    return [f"cell {number}: {fault}" for number, cell in enumerate(cells) for fault in _faults(cell)]


def _faults(cell: Any) -> list[str]:
    faults = [] if cell.execution_count else ["not run"]
    for output in cell.outputs:
        kinds = set(output.get("data", {}))
        if output.output_type == "error":
            faults.append(f"error {output.ename}")
        elif output.output_type == "stream":
            faults.append(f"prints {output.text[:80]!r}")
        elif not kinds & {"text/html", "image/png"}:
            faults.append(f"a bare repr {json.dumps(output['data'], ensure_ascii=False)[:80]}")
    if _draws(cell.source) and not any("image/png" in o.get("data", {}) for o in cell.outputs):
        faults.append("no picture")
    return faults


def _draws(source: str) -> bool:
    """Tell whether the last line of a cell, which is what it shows, draws."""
    shown = source.splitlines()[-1]
    return any(word in shown for word in DRAWS) and shown not in MAY_DRAW_NOTHING
