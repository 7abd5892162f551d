"""Every unit's documents of a run, made on warm kernels side by side; those of an interrupted run are kept."""

import shutil
from functools import partial
from pathlib import Path

from analysis.briefing.documents.documents import document_stem, export_html, languages_of, unit_folder
from analysis.notebook_runner import KernelPool, WarmKernel, finish_all, run_notebook
from analysis.pipeline import BRIEFING
from analysis.progress import Progress
from analysis.safeguards import run_record
from analysis.safeguards.disks import move_file
from analysis.settings import RunParameters


def brief_units(
    pool: KernelPool,
    run: RunParameters,
    run_id: str,
    units: tuple[str, ...],
    staging: Path,
    parameters: dict[str, str | int],
    progress: Progress,
    seconds: float,
    cell_seconds: int,
) -> None:
    """Make every unit's documents on the warm kernels; those already made for this run are kept."""

    def brief(unit: str, kernel: WarmKernel) -> None:
        progress.begin(f"báo cáo {unit}")
        _brief_unit(kernel, run, run_id, unit, staging, parameters, cell_seconds)
        progress.advance(seconds)

    waiting = [u for u in units if not _is_briefed(run, run_id, u, staging)]
    progress.advance(seconds * (len(units) - len(waiting)))
    finish_all([pool.submit(partial(brief, unit)) for unit in waiting], progress.tick)
    progress.say(f"{BRIEFING.name}: {len(waiting)} made, {len(units) - len(waiting)} up to date")


def _unit_record(run: RunParameters, unit: str) -> Path:
    return run_record.record_path(run, f"{BRIEFING.name}-{unit}")


def _is_briefed(run: RunParameters, run_id: str, unit: str, staging: Path) -> bool:
    return run_record.is_up_to_date(_unit_record(run, unit), run_id, staging)


def _brief_unit(
    kernel: WarmKernel,
    run: RunParameters,
    run_id: str,
    unit: str,
    staging: Path,
    parameters: dict[str, str | int],
    cell_seconds: int,
) -> None:
    """Make one unit's documents, in each language of the run; the record is written last."""
    shutil.rmtree(unit_folder(run, unit), ignore_errors=True)
    made = [
        name
        for language in languages_of(run)
        for name in _brief_in(kernel, run, unit, language, staging, parameters, cell_seconds)
    ]
    run_record.write_record(_unit_record(run, unit), run_id, run_record.output_hashes(staging, made))


def _brief_in(
    kernel: WarmKernel,
    run: RunParameters,
    unit: str,
    language: str,
    staging: Path,
    parameters: dict[str, str | int],
    cell_seconds: int,
) -> list[str]:
    """Run one unit's notebook in its own folder, export its page, then move the documents to staging."""
    stem, folder = document_stem(run, unit, language), unit_folder(run, unit, language)
    folder.mkdir(parents=True)
    executed = run.restricted / "run" / f"{BRIEFING.name}-{unit}{stem[len(document_stem(run, unit)) :]}.ipynb"
    extra: dict[str, str | int] = {
        "unit_code": unit,
        "folder": str(folder.absolute()),
        "language": language,
    }
    run_notebook(kernel, BRIEFING.notebook, executed, parameters | extra, cell_seconds)
    export_html(executed, folder / f"{stem}.html")
    made = sorted(path.name for path in folder.glob(f"{stem}.*"))
    for name in made:
        move_file(folder / name, staging / name)
    return made
