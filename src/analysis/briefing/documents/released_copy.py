"""The documents of a finished run once more, without the mark of internal circulation, and nothing else changed."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.briefing.charts.charts import ChartFiles
from analysis.briefing.documents.documents import (
    CONTEXT_FILE,
    document_stem,
    languages_of,
    show_front,
    show_sections,
    sources_of,
    unit_folder,
    write_documents,
)
from analysis.briefing.documents.portal.archive import ARCHIVE
from analysis.briefing.documents.portal.index import Beside, write_everything, write_index
from analysis.briefing.documents.public_notice import write_public_notice
from analysis.briefing.documents.web_page import without_internal, write_page
from analysis.errors import CheckError
from analysis.settings import RunParameters

GROUPS = ("coverage", "data", "plan", "method")  # in the order of the briefing notebook
CHANGED = "not what the run's pages were drawn from; run the week again and have it approved"


def write_released_copy(
    run: RunParameters, run_folder: Path, manifest: Mapping[str, Any], target: Path
) -> None:
    """Write every document and table of a published run into `target`, which exists.

    Documents are drawn from what the run kept of each unit (its context and charts), tables are copied. Raises
    CheckError where that is not what the manifest recorded, or where the pages drawn of it with the mark are not,
    byte for byte, those that the run published: the copy would not be this run's.
    """
    units = [str(unit) for unit in manifest["units"]]
    for unit in units:
        if sources_of(run, unit) != manifest.get("sources", {}).get(unit):
            raise CheckError(f"{run.processed.name}: what is kept of {unit} is {CHANGED}")
        for language in languages_of(run):
            _write_unit(run, unit, language, run_folder, target)
    shutil.copytree(run_folder / "tables", target / "tables")
    with tempfile.TemporaryDirectory() as folder:
        published = Beside(run_folder / "tables", run_folder / ARCHIVE, has_weeks=True)
        for language in languages_of(run):
            drawn = [write_index(run, units, Path(folder), published, language=language)]
            for path in (*drawn, *write_public_notice(run, units, Path(folder), language=language)):
                _check_same(path, run_folder)
    for language in languages_of(run):
        write_public_notice(run, units, target, is_internal=False, language=language)
    archive = write_everything(run, units, target, is_internal=False)
    for language in languages_of(run):
        write_index(run, units, target, Beside(target / "tables", archive), False, language)


def _write_unit(run: RunParameters, unit: str, language: str, run_folder: Path, target: Path) -> None:
    kept = unit_folder(run, unit, language)
    context: dict[str, Any] = json.loads((kept / CONTEXT_FILE).read_text(encoding="utf-8"))
    charts = _kept_charts(context, kept)
    name = f"{document_stem(run, unit, language)}.html"
    with tempfile.TemporaryDirectory() as folder:
        _check_same(_write_page(context, charts, Path(folder) / name), run_folder)
    released = context | {"mark": without_internal(context["mark"])}
    _write_page(released, charts, target / name)
    write_documents(released, charts, target)


def _kept_charts(context: Mapping[str, Any], kept: Path) -> dict[str, ChartFiles]:
    names = [chart["name"] for section in context["sections"] for chart in section["charts"]]
    folder = kept / "charts"
    return {name: ChartFiles(name, folder) for name in names}


def _write_page(context: dict[str, Any], charts: Mapping[str, ChartFiles], path: Path) -> Path:
    parts = [show_front(context), *(show_sections(context, charts, group) for group in GROUPS)]
    return write_page([(part.html, part.about) for part in parts], path)


def _check_same(drawn: Path, run_folder: Path) -> None:
    published = run_folder / drawn.name
    if not published.is_file() or drawn.read_bytes() != published.read_bytes():
        raise CheckError(
            f"{drawn.name}: this version of the programme does not draw the page that the run published; "
            "run the week again and have it approved"
        )
