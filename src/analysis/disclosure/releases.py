"""The releases that a run's figures are held against, beside the week before."""

from pathlib import Path

import pandas as pd

from analysis.disclosure.protected import read_record
from analysis.earlier_runs import read_mark
from analysis.safeguards.audit_log import audit_log_of, releases_beside
from analysis.settings import RunParameters

HISTORY = "figures_history"  # beside the weeks' folders: it stays when a week is removed


def releases_beside_run(run: RunParameters) -> dict[str, Path]:
    """Return run id → figures of the releases that a run's own are held against; not of the run of the week before.

    The protected tables of that one are at hand (`previous`).
    """
    own, before = (run_id_of(folder) for folder in (run.processed, run.previous))
    found = releases_beside(audit_log_of(run.processed), run.as_of.isoformat(), own)
    folder = run.processed.parent / HISTORY
    paths = {str(e["run_id"]): folder / f"{e['run_id']}.parquet" for e in found if e["run_id"] != before}
    return {run_id: path for run_id, path in paths.items() if path.is_file()}


def held_against(run: RunParameters) -> list[str]:
    """Return the ids of all runs whose published figures a run's own are held against, the week before first."""
    before = run_id_of(run.previous) if run.previous and read_record(run.previous).get("files") else ""
    return [*([before] if before else []), *releases_beside_run(run)]


def newest_release(run: RunParameters) -> tuple[str, Path] | None:
    """Return the id and figures of the newest release of a run's day or before, where it is not the week before's."""
    found = releases_beside_run(run).items()
    return next(((i, path) for i, path in found if i[:10] <= run.as_of.isoformat()), None)


def run_id_of(folder: Path | None) -> str:
    """Return the id of the run that made a week's folder; empty without one."""
    return str(read_mark(folder).get("run_id") or "") if folder else ""


def label_of(measure: str, frame: pd.DataFrame, keys: tuple[str, ...]) -> "pd.Series[str]":
    """Return how the history names a measure of each row of a table: the column and, behind it, the row's keys."""
    label = pd.Series(measure, index=frame.index, dtype="str")
    for key in keys:
        label = label + f"|{key}=" + frame[key].astype("str").fillna("")
    return label
