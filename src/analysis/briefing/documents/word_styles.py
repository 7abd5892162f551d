"""The styles of the editable document: layout of Decree 30/2020/NĐ-CP (annex I; sources page-1), all text black.

Every paragraph takes its look from one of these styles and has none of its own, so that whoever edits the document
changes one style and not hundreds of paragraphs.
"""

from dataclasses import dataclass
from typing import Any

import docx
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor

FONT = "Times New Roman"
BLACK = RGBColor(0, 0, 0)
CENTRE, JUSTIFIED, LEFT, RIGHT = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.RIGHT,
)
TAGS = {"vi": "vi-VN", "en": "en-GB"}


@dataclass(frozen=True)
class Look:
    """A paragraph style: its name in Word, and of its letters and lines what differs from plain text (points)."""

    name: str
    size: float = 13
    bold: bool = False
    italic: bool = False
    side: Any = CENTRE
    before: float = 0
    after: float = 0
    indent: float = 0  # of the first line, centimetres
    rule: float = 0  # centimetres left free on each side of a line drawn below; 0: none
    keeps: bool = False  # stays with what follows
    level: int = 0  # of a heading
    built_in: bool = False


# Sizes are the decree's: 12–13 for the issuing body, 13–14 for the rest, 12 and 11 for the recipients.
LOOKS = {
    "mark": Look("Dấu chỉ lưu hành", 9.5, bold=True),
    "page": Look("Số trang", 13),
    "foot": Look("Nguồn số liệu", 9),
    "superior": Look("Cơ quan chủ quản", 12.5),
    "organisation": Look("Cơ quan ban hành", 12.5, bold=True, rule=2.1),
    "number": Look("Số và ký hiệu", 12.5),
    "state": Look("Quốc hiệu", 12.5, bold=True),
    "motto": Look("Tiêu ngữ", 13, bold=True, rule=2.4),
    "place": Look("Địa danh và ngày", 13, italic=True),
    "kind": Look("Title", 14, bold=True, before=10, built_in=True),
    "subject": Look("Trích yếu", 14, bold=True),
    "day": Look("Ngày số liệu", 12.5, italic=True, rule=6.4),
    "addressee": Look("Kính gửi", 13, before=2, after=6),
    "front": Look("Lời đọc", 13, side=JUSTIFIED, after=6, indent=1),
    "caution": Look("Lưu ý", 13, italic=True, side=JUSTIFIED, after=6, indent=1),
    "confirmed": Look("Đã xác nhận", 13, bold=True, side=LEFT, after=6),
    "part": Look("Tiêu đề trang đầu", 13, bold=True, side=LEFT, before=6, after=3, keeps=True),
    "task": Look("List Number", 13, side=JUSTIFIED, after=2, built_in=True),
    "request": Look("List Bullet", 13, side=JUSTIFIED, after=2, built_in=True),
    "card_label": Look("Ô số – tên", 10.5),
    "card_value": Look("Ô số – số", 16, bold=True),
    "card_detail": Look("Ô số – chi tiết", 10.5),
    "card_change": Look("Ô số – thay đổi", 10.5, italic=True),
    "card_tone": Look("Ô số – nhận xét", 10.5, bold=True),
    "chapter": Look("Heading 1", 13.5, bold=True, side=LEFT, before=12, after=6, keeps=True, level=1, built_in=True),
    "section": Look("Heading 2", 13, bold=True, side=LEFT, before=10, after=5, keeps=True, level=2, built_in=True),
    "text": Look("Body Text", 13, side=JUSTIFIED, after=6, indent=1, built_in=True),
    "caption": Look("Caption", 11.5, bold=True, side=LEFT, before=4, after=3, keeps=True, built_in=True),
    "picture": Look("Hình", 13, after=4),
    "note": Look("Ghi chú", 11.5, side=JUSTIFIED, after=5),
    "gap": Look("Khoảng cách", 6),
    "head": Look("Bảng – đầu cột", 10.5, bold=True, keeps=True),
    "cell": Look("Bảng – chữ", 10.5, side=LEFT),
    "figure": Look("Bảng – số", 10.5, side=RIGHT),
    "cell_strong": Look("Bảng – chữ, dòng cộng", 10.5, bold=True, side=LEFT),
    "figure_strong": Look("Bảng – số, dòng cộng", 10.5, bold=True, side=RIGHT),
    "recipients": Look("Nơi nhận", 12, bold=True, italic=True, side=LEFT),
    "recipient": Look("Nơi nhận – tên", 11, side=LEFT),
    "signed_as": Look("Chức vụ người ký", 13, bold=True, keeps=True),
    "signature": Look("Chỗ ký", 13, before=72, bold=True),
}  # fmt: skip


def new_document(language: str) -> tuple[Any, dict[str, str]]:
    """Return an empty A4 document with our styles, and the identifier of each by our name for it."""
    document = docx.Document()
    _set_page(document.sections[0])
    _set_defaults(document.styles, TAGS[language])
    return document, {key: _add_look(document.styles, key, look) for key, look in LOOKS.items()}


def _set_page(part: Any) -> None:
    """A4 and the decree's margins; the first page has a head of its own, without a number."""
    part.start_type = WD_SECTION.NEW_PAGE
    part.page_width, part.page_height = Mm(210), Mm(297)
    part.top_margin, part.bottom_margin = Mm(22), Mm(20)
    part.left_margin, part.right_margin = Mm(30), Mm(17)
    part.header_distance, part.footer_distance = Mm(9), Mm(9)
    part.different_first_page_header_footer = True


def _set_defaults(styles: Any, tag: str) -> None:
    """Give plain text the decree's font and the document its language."""
    _set_font(styles["Normal"], Look("Normal"))
    styles["Normal"].paragraph_format.space_after = Pt(0)
    styles["Normal"].paragraph_format.line_spacing = 1.05
    language = OxmlElement("w:lang")
    for kind in ("w:val", "w:eastAsia", "w:bidi"):
        language.set(qn(kind), tag)
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(language)


def _set_font(style: Any, look: Look) -> None:
    """Give a style the decree's font in every script, black, without the theme's fonts."""
    font = style.font
    font.name, font.size, font.bold, font.italic = FONT, Pt(look.size), look.bold, look.italic
    font.color.rgb, font.all_caps = BLACK, None
    fonts = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(kind), FONT)


def _add_look(styles: Any, key: str, look: Look) -> str:
    """Add a style, or give Word's own of that name our look; returns its identifier."""
    if look.built_in:
        style = styles[look.name]
    else:
        style = styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.quick_style = styles["Normal"], True
        style.element.set(qn("w:styleId"), "BaoPhu" + key.title().replace("_", ""))
    _set_font(style, look)
    form = style.paragraph_format
    form.alignment, form.keep_with_next = look.side, look.keeps
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    if look.indent:
        form.first_line_indent = Cm(look.indent)
    _without_borders(style)
    return str(style.style_id)


def _without_borders(style: Any) -> None:
    """Take away the line that Word's own title has below it."""
    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)
