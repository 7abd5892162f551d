"""The documents of a briefing, each a pure function of its context: JSON, PDF, DOCX, PPTX, XLSX and HTML."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typst

from analysis.briefing.charts.charts import ChartFiles
from analysis.briefing.charts.glyphs import CHART_FONTS, document_font
from analysis.briefing.documents.packed_pdf import packed_pdf
from analysis.briefing.documents.slide_show import write_pptx
from analysis.briefing.documents.tagged_pdf import tagged_pdf
from analysis.briefing.documents.web_page import export_html, show_front, show_sections
from analysis.briefing.documents.word_document import write_docx
from analysis.briefing.documents.workbook import write_xlsx
from analysis.briefing.figures.languages import languages_of
from analysis.briefing.figures.units import document_stem
from analysis.briefing.figures.wording import TEMPLATES
from analysis.errors import MachineError
from analysis.safeguards.run_record import hash_folder, hash_text
from analysis.settings import RunParameters

__all__ = [
    "document_stem",
    "export_html",
    "languages_of",
    "show_front",
    "show_sections",
    "sources_of",
    "unit_folder",
    "write_context",
    "write_documents",
]

CONTEXT_FILE = "context.json"
FORMATS = ("html", "pdf", "docx", "pptx", "xlsx")  # of every unit, in the order in which they are offered
# Tagged and readable aloud; its checks also refuse a letter that the font does not have.
PDF_STANDARD: Final = "ua-1"


def context_bytes(context: dict[str, Any]) -> bytes:
    """Return a context as JSON, the same bytes for the same content."""
    return (json.dumps(context, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def write_context(context: dict[str, Any], folder: Path) -> Path:
    """Write `context.json`, the source that all documents of the unit share."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CONTEXT_FILE
    path.write_bytes(context_bytes(context))
    return path


def unit_folder(run: RunParameters, unit_code: str, language: str = "") -> Path:
    """Return where a run keeps what a unit's documents were drawn from: `context.json` and `charts/`.

    What is in its second language stands in a folder below.
    """
    folder = run.restricted / "run" / "briefing" / unit_code
    return folder if language in ("", run.settings.language) else folder / language


def sources_of(run: RunParameters, unit_code: str) -> str:
    """Return the hash of what a unit's documents were drawn from, as the manifest records it."""
    return hash_text(hash_folder(unit_folder(run, unit_code)))


def compile_pdf(files: Any, shown: str) -> bytes:
    """Return the PDF of Typst files (name → bytes, `main` first); `shown` names the document in a refusal.

    Raises MachineError when a letter is in no font at hand, instead of printing a box.
    """
    try:
        made: Any = typst.compile(
            files,
            format="pdf",
            pdf_standards=PDF_STANDARD,
            sys_inputs={"font": document_font()},
            font_paths=[str(CHART_FONTS)],
        )
        return packed_pdf(tagged_pdf(bytes(made)))
    except typst.TypstError as error:
        if "could not be displayed" in error.message:
            raise MachineError(
                f"PDF of {shown}: a letter is in no font at hand and would print as a box; "
                "install Times New Roman or Tinos, or correct the text"
            ) from None
        raise


def write_pdf(context: dict[str, Any], charts: Mapping[str, ChartFiles], folder: Path) -> Path:
    """Write the A4 document (PDF/UA-1, tagged, its language declared); the same context, the same bytes."""
    files: Any = {
        "main": (TEMPLATES / "briefing.typ").read_bytes(),
        CONTEXT_FILE: context_bytes(context),
        **{f"{name}.svg": chart.print_svg.read_bytes() for name, chart in charts.items()},
    }
    pdf = compile_pdf(files, context["unit_code"])
    path = folder / f"{context['file_stem']}.pdf"
    path.write_bytes(pdf)
    return path


def write_documents(context: dict[str, Any], charts: Mapping[str, ChartFiles], folder: Path) -> list[Path]:
    """Write every document of a unit but its web page, which is what the notebook itself shows."""
    return [
        write_pdf(context, charts, folder),
        write_docx(context, charts, folder),
        write_pptx(context, charts, folder),
        write_xlsx(context, folder),
    ]
