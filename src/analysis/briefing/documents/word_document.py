"""The editable document (DOCX): the context laid out by Decree 30/2020/NĐ-CP, packed with fixed times."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from docx.oxml import parse_xml

from analysis.briefing.charts.charts import ChartFiles
from analysis.briefing.documents.web_page import paper_marks
from analysis.briefing.documents.word_parts import (
    HEADER_FILL,
    append_picture,
    append_xml,
    cell_xml,
    paragraph_xml,
    row_xml,
    rule_xml,
    table_xml,
)
from analysis.briefing.documents.word_styles import LOOKS, new_document

TEXT_WIDTH = 9240  # twentieths of a point between the margins: 163 mm
LEFT_HEAD = 3400  # of the letterhead's left column
ANNEX = "method"  # the group of sections that stand behind the signature
# A table of no more rows than this stays on one page.
UNBROKEN_ROWS = 14
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
PAGE_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
Styles = Mapping[str, str]


def write_docx(context: dict[str, Any], charts: Mapping[str, ChartFiles], folder: Path) -> Path:
    """Write the document to be edited; the same context gives the same bytes."""
    document, styles = new_document(context["language"])
    _set_head_and_foot(document.sections[0], context, styles)
    for xml in (*_letterhead(context, styles), *_front(context, styles)):
        append_xml(document, xml)
    body = [part for part in context["sections"] if part["group"] != ANNEX]
    annexes = [part for part in context["sections"] if part["group"] == ANNEX]
    for group in (body, annexes):
        for i, part in enumerate(group):
            _append_section(document, part, charts, styles, begins_page=i == 0)
        if group is body:
            append_xml(document, paragraph_xml(styles["gap"]))
            append_xml(document, _closing(context["closing"], styles))
    _set_properties(document, context)
    buffer = io.BytesIO()
    document.save(buffer)
    path = folder / f"{context['file_stem']}.docx"
    path.write_bytes(repacked(buffer.getvalue()))
    return path


def _set_head_and_foot(part: Any, context: Mapping[str, Any], styles: Styles) -> None:
    """Number the pages from the second on, above in the middle; the marks and the source on each."""
    marks = paragraph_xml(styles["mark"], paper_marks(context["mark"]))
    number = paragraph_xml(styles["page"], inner=PAGE_FIELD)
    foot = paragraph_xml(styles["foot"], context["page"]["footer"])
    for place, xml in (
        (part.header, (number, marks)),
        (part.first_page_header, (marks,)),
        (part.footer, (foot,)),
        (part.first_page_footer, (foot,)),
    ):
        old = [paragraph._p for paragraph in place.paragraphs]
        for text in xml:
            place._element.append(
                parse_xml(text.replace("<w:p>", f'<w:p xmlns:w="{place._element.nsmap["w"]}">', 1))
            )
        for paragraph in old:
            place._element.remove(paragraph)


def _letterhead(context: Mapping[str, Any], styles: Styles) -> Iterator[str]:
    head, title = context["letterhead"], context["title"]
    left = [paragraph_xml(styles["superior"], head["superior"])] if head["superior"] else []
    left += [*_ruled("organisation", head, styles), paragraph_xml(styles["number"], head["number"])]
    right = [paragraph_xml(styles["state"], head["state"]), *_ruled("motto", head, styles)]
    right.append(paragraph_xml(styles["place"], head["place_and_day"]))
    widths = (LEFT_HEAD, TEXT_WIDTH - LEFT_HEAD)
    cells = (cell_xml(w, "".join(texts), side="top") for w, texts in zip(widths, (left, right), strict=True))
    yield table_xml(widths, [row_xml(cells)], has_grid=False)
    yield paragraph_xml(styles["kind"], title["kind"])
    yield paragraph_xml(styles["subject"], title["subject"])
    yield paragraph_xml(styles["day"], title["cut_off"])
    yield rule_xml(styles["gap"], LOOKS["day"].rule)
    yield paragraph_xml(styles["addressee"], title["addressee"])


def _ruled(name: str, texts: Mapping[str, str], styles: Styles) -> tuple[str, str]:
    return paragraph_xml(styles[name], texts[name]), rule_xml(styles["gap"], LOOKS[name].rule)


def _front(context: Mapping[str, Any], styles: Styles) -> Iterator[str]:
    front = context["front"]
    yield paragraph_xml(styles["front"], " ".join(front["sentences"]))
    if front["caution"]:
        yield paragraph_xml(styles["caution"], front["caution"])
    yield paragraph_xml(styles["confirmed"], front["confirmed"])
    yield paragraph_xml(styles["part"], context["fixed"]["figures"])
    yield _cards(front["figures"], styles)
    for kind, style in (("tasks", "task"), ("requests", "request")):
        yield paragraph_xml(styles["part"], front[f"{kind}_title"])
        yield from (paragraph_xml(styles[style], text) for text in front[kind])


def _cards(figures: list[dict[str, str]], styles: Styles) -> str:
    width = TEXT_WIDTH // len(figures)
    cells = []
    for item in figures:
        shown = [(name, item[name]) for name in ("label", "value", "detail", "change", "tone") if item[name]]
        texts = "".join(paragraph_xml(styles[f"card_{name}"], text) for name, text in shown)
        cells.append(cell_xml(width, texts, side="top"))
    return table_xml([width] * len(figures), [row_xml(cells)])


def _append_section(
    document: Any,
    part: Mapping[str, Any],
    charts: Mapping[str, ChartFiles],
    styles: Styles,
    begins_page: bool,
) -> None:
    """Append a section: its chapter where it begins one, title, paragraphs, pictures, tables and notes."""
    if part["chapter"]:
        append_xml(document, paragraph_xml(styles["chapter"], part["chapter"], breaks=begins_page))
    append_xml(
        document, paragraph_xml(styles["section"], part["title"], breaks=begins_page and not part["chapter"])
    )
    is_led_on = bool(part["charts"] or part["tables"])
    for text in part["paragraphs"]:
        append_xml(document, paragraph_xml(styles["text"], text, keeps=is_led_on))
    for chart in part["charts"]:
        append_xml(document, paragraph_xml(styles["caption"], chart["caption"]))
        append_picture(document, styles["picture"], charts[chart["name"]], chart)
    for table in part["tables"]:
        append_xml(document, paragraph_xml(styles["caption"], table["caption"]))
        append_xml(document, _table(table, styles))
        append_xml(document, paragraph_xml(styles["gap"]))
    for text in part["notes"]:
        append_xml(document, paragraph_xml(styles["note"], text))


def _table(table: Mapping[str, Any], styles: Styles) -> str:
    """Return a table whose header repeats; a short one stays on one page."""
    columns, rows = table["columns"], table["rows"]
    unit = TEXT_WIDTH / sum(c["weight"] for c in columns)
    widths = [round(unit * c["weight"]) for c in columns]
    head = [
        cell_xml(width, paragraph_xml(styles["head"], column["title"]), HEADER_FILL)
        for width, column in zip(widths, columns, strict=True)
    ]
    lines = [row_xml(head, is_header=True)]
    for i, row in enumerate(rows):
        keeps = len(rows) <= UNBROKEN_ROWS and i < len(rows) - 1
        looks = [("cell" if c["kind"] == "text" else "figure") + "_strong" * row["strong"] for c in columns]
        lines.append(
            row_xml(
                cell_xml(width, paragraph_xml(styles[look], text, keeps=keeps))
                for width, look, text in zip(widths, looks, row["cells"], strict=True)
            )
        )
    return table_xml(widths, lines)


def _closing(closing: Mapping[str, Any], styles: Styles) -> str:
    """Return who receives the document and who signs it: the name below a space for the signature."""
    left = paragraph_xml(styles["recipients"], closing["recipients_title"])
    left += "".join(paragraph_xml(styles["recipient"], line) for line in closing["recipients"])
    right = "".join(paragraph_xml(styles["signed_as"], line) for line in closing["signed_as"])
    right += paragraph_xml(styles["signature"], closing["signer"])
    widths = (TEXT_WIDTH // 2, TEXT_WIDTH // 2)
    cells = (cell_xml(w, texts, side="top") for w, texts in zip(widths, (left, right), strict=True))
    return table_xml(widths, [row_xml(cells)], has_grid=False)


def _set_properties(document: Any, context: dict[str, Any]) -> None:
    """Set the document's properties from the context; no clock and no name of a machine's user."""
    day = datetime.combine(date.fromisoformat(context["as_of"]), datetime.min.time())
    properties = document.core_properties
    properties.title, properties.language = context["page"]["title"], context["language"]
    properties.author = properties.last_modified_by = context["letterhead"]["organisation"]
    properties.created = properties.modified = day
    properties.comments = paper_marks(context["mark"])
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
