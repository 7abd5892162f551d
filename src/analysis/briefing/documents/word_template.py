"""The template of the editable document: layout of Decree 30/2020/NĐ-CP (annex I; sources page-1) with real Word styles.

Built by code, so that no binary file lies in the repository; docxtpl fills the marks in braces.
"""

import io
from functools import cache
from typing import Any

import docx
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor

FONT = "Times New Roman"
BLUE = RGBColor(0x14, 0x48, 0x7A)
RED = RGBColor(0x9B, 0x1C, 0x1C)
CENTRE, JUSTIFIED, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY, WD_ALIGN_PARAGRAPH.LEFT


@cache
def template_bytes() -> bytes:
    """Return the template as the bytes of a DOCX file."""
    document = docx.Document()
    _set_page(document)
    _set_styles(document)
    _add_letterhead(document)
    _add_front(document)
    _add_sections(document, "body")
    _add_closing(document)
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    _add_sections(document, "annexes")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_page(document: Any) -> None:
    """A4, the decree's margins; page number top centre from page 2; mark and footer on every page."""
    part = document.sections[0]
    part.start_type = WD_SECTION.NEW_PAGE
    part.page_width, part.page_height = Mm(210), Mm(297)
    part.top_margin, part.bottom_margin = Mm(22), Mm(20)
    part.left_margin, part.right_margin = Mm(30), Mm(17)
    part.header_distance, part.footer_distance = Mm(9), Mm(9)
    part.different_first_page_header_footer = True
    number = part.header.paragraphs[0]
    number.alignment = CENTRE
    _add_page_number(number)
    for paragraph in (part.header.add_paragraph(), part.first_page_header.paragraphs[0]):
        _add_text(paragraph, "{{ marks }}", size=9.5, bold=True, colour=RED)
    for footer in (part.footer, part.first_page_footer):
        _add_text(footer.paragraphs[0], "{{ page.footer }}", size=9)


def _add_page_number(paragraph: Any) -> None:
    for kind, text in (("begin", None), (None, " PAGE "), ("end", None)):
        run = paragraph.add_run()
        run.font.size = Pt(13)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


def _set_styles(document: Any) -> None:
    styles = document.styles
    _set_font(styles["Normal"], 13)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    styles["Normal"].paragraph_format.line_spacing = 1.05
    _set_font(styles["Heading 1"], 13.5, bold=True, colour=BLUE)
    styles["Heading 1"].paragraph_format.space_before = Pt(12)
    styles["Heading 1"].paragraph_format.space_after = Pt(6)
    _set_font(styles["Heading 2"], 13, bold=True, colour=BLUE)
    styles["Heading 2"].paragraph_format.space_before = Pt(10)
    styles["Heading 2"].paragraph_format.space_after = Pt(5)
    _set_font(styles["Caption"], 11.5, bold=True, colour=RGBColor(0, 0, 0))
    styles["Caption"].paragraph_format.keep_with_next = True
    styles["Caption"].paragraph_format.space_after = Pt(3)
    for name in ("List Number", "List Bullet", "Header", "Footer"):
        _set_font(styles[name], 13 if name.startswith("List") else 9.5)
    language = OxmlElement("w:lang")
    for kind in ("w:val", "w:eastAsia", "w:bidi"):
        language.set(qn(kind), "vi-VN")
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(language)


def _set_font(style: Any, size: float, bold: bool = False, colour: RGBColor | None = None) -> None:
    """Give a style the decree's font in every script, without the theme's fonts."""
    style.font.name, style.font.size, style.font.bold, style.font.italic = FONT, Pt(size), bold, False
    if colour is not None:
        style.font.color.rgb = colour
    fonts = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(kind), FONT)


def _add_text(
    paragraph: Any,
    text: str,
    size: float | None = None,
    bold: bool = False,
    italic: bool = False,
    colour: RGBColor | None = None,
    align: Any = CENTRE,
) -> Any:
    """Append a run and set the paragraph's side; returns the paragraph."""
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    if size is not None:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(0)
    return paragraph


def _add_letterhead(document: Any) -> None:
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    left, right = table.rows[0].cells
    left.width, right.width = Cm(6.0), Cm(10.3)
    _add_text(left.paragraphs[0], "{{ letterhead.superior }}", 12.5)
    organisation = _add_text(left.add_paragraph(), "{{ letterhead.organisation }}", 12.5, bold=True)
    _underline(organisation, Cm(1.9))
    _add_text(left.add_paragraph(), "{{ letterhead.number }}", 12.5)
    _add_text(right.paragraphs[0], "{{ letterhead.state }}", 12.5, bold=True)
    _underline(_add_text(right.add_paragraph(), "{{ letterhead.motto }}", 13, bold=True), Cm(2.2))
    _add_text(right.add_paragraph(), "{{ letterhead.place_and_day }}", 13, italic=True)
    kind = _add_text(document.add_paragraph(), "{{ title.kind }}", 14, bold=True)
    kind.paragraph_format.space_before = Pt(10)
    _add_text(document.add_paragraph(), "{{ title.subject }}", 14, bold=True)
    _add_text(document.add_paragraph(), "{{ title.cut_off }}", 12.5, italic=True)
    _add_text(document.add_paragraph(), "{{ title.addressee }}", 13).paragraph_format.space_after = Pt(6)


def _underline(paragraph: Any, indent: Any) -> None:
    """Draw the decree's rule under a line, narrower than the column."""
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = 0
    rule = paragraph.insert_paragraph_before("")
    paragraph._p.addnext(rule._p)
    rule.paragraph_format.left_indent = rule.paragraph_format.right_indent = indent
    rule.paragraph_format.space_after = Pt(3)
    rule.paragraph_format.line_spacing = Pt(3)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    rule._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )


def _add_front(document: Any) -> None:
    sentences = document.add_paragraph("{{ front.sentences | join(' ') }}")
    sentences.alignment = JUSTIFIED
    sentences.paragraph_format.first_line_indent = Cm(1)
    document.add_paragraph("{%p if front.caution %}")
    _add_text(document.add_paragraph(), "{{ front.caution }}", 13, italic=True, align=JUSTIFIED)
    document.add_paragraph("{%p endif %}")
    confirmed = _add_text(document.add_paragraph(), "{{ front.confirmed }}", 13, bold=True, align=LEFT)
    _shade(confirmed._p.get_or_add_pPr(), "EAF1F8")
    confirmed.paragraph_format.space_after = Pt(6)
    _add_text(document.add_paragraph(), "{{ fixed.figures }}", 13, bold=True, align=LEFT)
    _add_figures(document)
    for name, style in (("tasks", "List Number"), ("requests", "List Bullet")):
        title = f"{{{{ front.{name}_title }}}}"
        _add_text(
            document.add_paragraph(), title, 13, bold=True, align=LEFT
        ).paragraph_format.space_before = Pt(6)
        document.add_paragraph(f"{{%p for text in front.{name} %}}")
        item = document.add_paragraph("{{ text }}", style=style)
        item.alignment, item.paragraph_format.space_after = JUSTIFIED, Pt(2)
        document.add_paragraph("{%p endfor %}")
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _add_figures(document: Any) -> None:
    table = document.add_table(rows=1, cols=4, style="Table Grid")
    for i, cell in enumerate(table.rows[0].cells):
        item = f"front.figures[{i}]"
        _add_text(cell.paragraphs[0], f"{{{{ {item}.label }}}}", 10.5)
        _add_text(cell.add_paragraph(), f"{{{{ {item}.value }}}}", 16, bold=True, colour=BLUE)
        _add_text(cell.add_paragraph(), f"{{{{ {item}.detail }}}}", 10.5)
        _add_text(cell.add_paragraph(), f"{{{{ {item}.change }}}}", 10.5, italic=True)
        _add_text(cell.add_paragraph(), f"{{{{ {item}.tone }}}}", 10.5, bold=True)


def _shade(properties: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    properties.append(shade)


def _add_sections(document: Any, sections: str) -> None:
    """Add the loops over sections, their charts, tables and notes."""
    document.add_paragraph(f"{{%p for part in {sections} %}}")
    document.add_paragraph("{%p if part.chapter %}")
    document.add_paragraph("{{ part.chapter }}", style="Heading 1")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{{ part.title }}", style="Heading 2")
    _add_loop(document, "part.paragraphs", "{{ item }}", 13, keep="1")
    document.add_paragraph("{%p for chart in part.charts %}")
    document.add_paragraph("{{ chart.caption }}", style="Caption")
    _add_text(document.add_paragraph(), "{{ pictures[chart.name] }}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p for table in part.tables %}")
    document.add_paragraph("{{ table.caption }}", style="Caption")
    _add_table(document)
    gap = document.add_paragraph()
    gap.paragraph_format.space_after, gap.paragraph_format.line_spacing = Pt(0), Pt(8)
    document.add_paragraph("{%p endfor %}")
    _add_loop(document, "part.notes", "{{ item }}", 11.5, keep="{{ part.keep_notes }}")
    document.add_paragraph("{%p endfor %}")


def _add_loop(document: Any, items: str, text: str, size: float, keep: str) -> None:
    """Add one paragraph for each item; `keep` is 1 where it stays with what follows."""
    document.add_paragraph(f"{{%p for item in {items} %}}")
    paragraph = _add_text(document.add_paragraph(), text, size, align=JUSTIFIED)
    paragraph.paragraph_format.space_after = Pt(5)
    paragraph.paragraph_format.keep_with_next = True
    paragraph._p.pPr.find(qn("w:keepNext")).set(qn("w:val"), keep)
    document.add_paragraph("{%p endfor %}")


def _add_table(document: Any) -> None:
    """Add the one table template: columns and rows are loops, sides and bold are filled per cell."""
    table = document.add_table(rows=4, cols=3, style="Table Grid")
    header, begin, body, end = table.rows
    for row, loop in ((header, "column in table.columns"), (body, "cell in row.cells")):
        row.cells[0].paragraphs[0].add_run(f"{{%tc for {loop} %}}")
        row.cells[2].paragraphs[0].add_run("{%tc endfor %}")
    begin.cells[0].paragraphs[0].add_run("{%tr for row in table.rows %}")
    end.cells[0].paragraphs[0].add_run("{%tr endfor %}")
    column = "table.columns[loop.index0]"
    _fill_cell(header.cells[1], "{{ column.title }}", "center", "1", "1")
    _fill_cell(body.cells[1], "{{ cell }}", f"{{{{ {column}.side }}}}", "{{ row.bold }}", "{{ row.keep }}")
    _set_width(header.cells[1], "{{ column.width }}")
    _set_width(body.cells[1], f"{{{{ {column}.width }}}}")
    _shade(header.cells[1]._tc.get_or_add_tcPr(), "E3EBF3")
    for cell in (header.cells[1], body.cells[1]):
        cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    for row, mark in ((header, "w:tblHeader"), (header, "w:cantSplit"), (body, "w:cantSplit")):
        row._tr.get_or_add_trPr().append(OxmlElement(mark))


def _fill_cell(cell: Any, text: str, side: str, bold: str, keep: str) -> None:
    """Write a cell whose side, weight and tie to the next row are themselves marks for docxtpl."""
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.font.size = Pt(10.5)
    run.bold = paragraph.paragraph_format.keep_with_next = True
    run._r.rPr.find(qn("w:b")).set(qn("w:val"), bold)
    paragraph.alignment = LEFT
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph._p.pPr.find(qn("w:jc")).set(qn("w:val"), side)
    paragraph._p.pPr.find(qn("w:keepNext")).set(qn("w:val"), keep)


def _set_width(cell: Any, width: str) -> None:
    measure = cell._tc.get_or_add_tcPr().get_or_add_tcW()
    measure.set(qn("w:w"), width)
    measure.set(qn("w:type"), "dxa")


def _add_closing(document: Any) -> None:
    table = document.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    recipients = left.paragraphs[0]
    _add_text(recipients, "{{ fixed.recipients }}", 12, bold=True, italic=True, align=LEFT)
    left.add_paragraph("{%p for line in recipients %}")
    _add_text(left.add_paragraph(), "{{ line }}", 11, align=LEFT)
    left.add_paragraph("{%p endfor %}")
    _add_text(right.paragraphs[0], "{{ fixed.signer }}", 13, bold=True)
    _add_text(right.add_paragraph(), "{{ fixed.signer_hint }}", 11.5, italic=True)
