"""The editable document (DOCX): the template filled by docxtpl, packed with fixed times."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from docx.oxml.ns import qn
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from analysis.briefing.charts.charts import ChartFiles
from analysis.briefing.documents.web_page import marks_line
from analysis.briefing.documents.word_template import template_bytes

TEXT_WIDTH = 9240  # twentieths of a point between the margins: 163 mm
ANNEX = "method"  # the group of sections that stand behind the signature
# A table of no more rows than this stays on one page.
UNBROKEN_ROWS = 14
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class DescribedImage(InlineImage):  # type: ignore[misc]
    """A picture with the alternative text that a screen reader says."""

    def __init__(self, template: DocxTemplate, path: Path, width: Any, description: str) -> None:
        super().__init__(template, str(path), width=width)
        self.description = description

    def _insert_image(self) -> str:
        inline = self.tpl.current_rendering_part.new_pic_inline(self.image_descriptor, self.width, None)
        inline.docPr.set("descr", self.description)
        return f'</w:t></w:r><w:r><w:drawing>{inline.xml}</w:drawing></w:r><w:r><w:t xml:space="preserve">'


def write_docx(context: dict[str, Any], charts: Mapping[str, ChartFiles], folder: Path) -> Path:
    """Write the document to be edited; the same context gives the same bytes."""
    template = DocxTemplate(io.BytesIO(template_bytes()))
    sections = [_with_layout(part) for part in context["sections"]]
    described = {c["name"]: c for part in sections for c in part["charts"]}
    values = context | {
        "sections": sections,
        "body": [part for part in sections if part["group"] != ANNEX],
        "annexes": [part for part in sections if part["group"] == ANNEX],
        "pictures": {name: _picture(template, charts[name], c) for name, c in described.items()},
        "marks": marks_line(context["mark"]),
        "recipients": context["fixed"]["recipients_list"].split("\n"),
    }
    template.render(values, autoescape=True)
    _fit_grids(template.docx)
    _set_properties(template.docx, context)
    buffer = io.BytesIO()
    template.save(buffer)
    path = folder / f"{context['file_stem']}.docx"
    path.write_bytes(repacked(buffer.getvalue()))
    return path


def _picture(template: DocxTemplate, files: ChartFiles, chart: dict[str, Any]) -> DescribedImage:
    return DescribedImage(template, files.png, Mm(chart["width_mm"]), chart["alt"])


def _with_layout(part: dict[str, Any]) -> dict[str, Any]:
    """Add to a section what only Word asks for: widths, sides and weights of cells."""
    tables = [_table_layout(table) for table in part["tables"]]
    return part | {"tables": tables, "keep_notes": int(part["name"] == "method")}


def _table_layout(table: dict[str, Any]) -> dict[str, Any]:
    columns = table["columns"]
    is_short = len(table["rows"]) <= UNBROKEN_ROWS
    unit = TEXT_WIDTH / sum(c["weight"] for c in columns)
    return table | {
        "columns": [
            c | {"width": round(unit * c["weight"]), "side": "left" if c["kind"] == "text" else "right"}
            for c in columns
        ],
        "rows": [
            row | {"bold": int(row["strong"]), "keep": int(is_short and i < len(table["rows"]) - 1)}
            for i, row in enumerate(table["rows"])
        ],
    }


def _fit_grids(document: Any) -> None:
    """Make each table's grid say what its cells say; docxtpl leaves the template's three columns."""
    for table in document.element.body.iter(qn("w:tbl")):
        cells = table.find(qn("w:tr")).findall(qn("w:tc"))
        widths = [cell.tcPr.find(qn("w:tcW")).get(qn("w:w")) for cell in cells]
        grid = table.find(qn("w:tblGrid"))
        for column in list(grid):
            grid.remove(column)
        for width in widths:
            column = grid.makeelement(qn("w:gridCol"), {qn("w:w"): width})
            grid.append(column)


def _set_properties(document: Any, context: dict[str, Any]) -> None:
    """Set the document's properties from the context; no clock and no name of a machine's user."""
    day = datetime.combine(date.fromisoformat(context["as_of"]), datetime.min.time())
    properties = document.core_properties
    properties.title, properties.language = context["page"]["title"], context["language"]
    properties.author = properties.last_modified_by = context["letterhead"]["organisation"]
    properties.created = properties.modified = day
    properties.comments = marks_line(context["mark"])
    properties.revision = 1


def repacked(archive: bytes) -> bytes:
    """Return a zip archive with the same members, sorted and without times of its making."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        # Word wants the list of contents first.
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            info.create_system = 3
            new.writestr(info, old.read(name))
    return buffer.getvalue()
