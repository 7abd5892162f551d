"""The parts of the editable document: paragraphs and tables as Word's own XML, by style alone."""

from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from analysis.briefing.charts.charts import ChartFiles
from analysis.briefing.figures.wording import HELD_HYPHEN, HELD_NAMES

NAMESPACES = nsdecls("w", "r")
HEADER_FILL = "E3EBF3"
# Word draws the vectors where it can and the points elsewhere.
SVG_EXTENSION = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{}"/>'
    "</a:ext></a:extLst>"
)
GRID = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def run_xml(text: str) -> str:
    """Return a text as runs; the illness's name and a document's number never break, a line break in the text is one."""
    held = HELD_NAMES.sub(lambda name: name[0].replace("-", HELD_HYPHEN), escape(text))
    for letter, element in ((HELD_HYPHEN, "<w:noBreakHyphen/>"), ("\n", "<w:br/>")):
        held = held.replace(letter, f'</w:t>{element}<w:t xml:space="preserve">')
    return f'<w:r><w:t xml:space="preserve">{held}</w:t></w:r>'


def paragraph_xml(
    style: str, text: str = "", keeps: bool | None = None, breaks: bool = False, inner: str = ""
) -> str:
    """Return a paragraph of a style; `keeps` overrides whether it stays with the next, `breaks` begins a page."""
    form = "" if keeps is None else f'<w:keepNext w:val="{int(keeps)}"/>'
    form += "<w:pageBreakBefore/>" if breaks else ""
    body = inner or (run_xml(text) if text else "")
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{form}</w:pPr>{body}</w:p>'


def rule_xml(style: str, side_cm: float) -> str:
    """Return the decree's line under a text: `side_cm` narrower than its column on either side."""
    twentieths = round(side_cm * 567)
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:pBdr><w:top w:val="single" w:sz="6" w:space="1" '
        f'w:color="000000"/></w:pBdr><w:spacing w:before="0" w:after="40" w:line="80" w:lineRule="exact"/>'
        f'<w:ind w:left="{twentieths}" w:right="{twentieths}" w:firstLine="0"/></w:pPr></w:p>'
    )


def table_xml(widths: Sequence[int], rows: Iterable[str], has_grid: bool = True) -> str:
    """Return a table of given widths (twentieths of a point) and rows."""
    borders = f"<w:tblBorders>{GRID}</w:tblBorders>" if has_grid else ""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    margins = '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
    return (
        f'<w:tbl {NAMESPACES}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{borders}'
        f'<w:tblLayout w:type="fixed"/>{margins}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def row_xml(cells: Iterable[str], is_header: bool = False) -> str:
    """Return a row that no page divides; a header stands again on each page."""
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' * is_header}</w:trPr>{''.join(cells)}</w:tr>"


def cell_xml(width: int, paragraphs: str, fill: str = "", side: str = "center") -> str:
    """Return a cell with its paragraphs."""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    form = f'<w:tcW w:w="{width}" w:type="dxa"/>{shade}<w:vAlign w:val="{side}"/>'
    return f"<w:tc><w:tcPr>{form}</w:tcPr>{paragraphs}</w:tc>"


def append_xml(document: Any, xml: str) -> Any:
    """Append an element to a document, before what describes its page; returns it."""
    element = parse_xml(xml if NAMESPACES in xml else xml.replace(">", f" {NAMESPACES}>", 1))
    document.element.body.sectPr.addprevious(element)
    return element


def append_picture(document: Any, style: str, files: ChartFiles, chart: dict[str, Any]) -> None:
    """Append a picture as vectors with points for older programs, and with the words a screen reader says."""
    part = document.part
    inline = part.new_pic_inline(str(files.png), Mm(chart["width_mm"]), None)
    inline.docPr.set("descr", chart["alt"])
    address = PackURI(f"/word/media/{files.name}.svg")
    drawing = Part(address, "image/svg+xml", _vectors(files), part.package)
    blip = next(inline.iter(qn("a:blip")))
    blip.append(parse_xml(SVG_EXTENSION.format(part.relate_to(drawing, RELATIONSHIP_TYPE.IMAGE))))
    paragraph = append_xml(document, paragraph_xml(style))
    run = paragraph.add_r()
    run.add_drawing(inline)


def _vectors(files: ChartFiles) -> bytes:
    """Return a picture with its references in the older form, the only one that Word follows."""
    svg = files.svg.read_bytes().replace(b' href="#', b' xlink:href="#')
    return (
        svg
        if b"xmlns:xlink" in svg
        else svg.replace(b"<svg ", b'<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1)
    )
