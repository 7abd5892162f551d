"""The slides as a PPTX file: real titles, charts that can be edited, the marks on every slide, no clock."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Cm, Pt

from analysis.briefing.charts.charts import ChartFiles
from analysis.briefing.documents.slides import Bar, Slide, slides_of
from analysis.briefing.documents.web_page import marks_line
from analysis.briefing.documents.word_document import repacked
from analysis.briefing.figures.wording import held_name, read_words

FONT = "Arial"
BLUE, RED, INK = RGBColor(0x14, 0x48, 0x7A), RGBColor(0x9B, 0x1C, 0x1C), RGBColor(0x1B, 0x1B, 0x1B)
PALE = RGBColor(0xEA, 0xF1, 0xF8)
OCHRE = RGBColor(0xA8, 0x5A, 0x06)  # of a list's lower end: darker than 3:1 on white
WIDTH, HEIGHT, MARGIN = Cm(33.87), Cm(19.05), Cm(1.6)
TEXT_WIDTH = WIDTH - 2 * MARGIN
TITLE_ONLY = 5  # layout of the built-in template
BODY_TOP, BODY_BOTTOM = Cm(4.3), Cm(17.4)
PICTURE_TOP = Cm(1.4)  # of a tall picture, below the marks
SHORT_FIGURE = 9  # letters of a figure that fits a card at its largest
LETTER_WIDTH = 0.62  # of the font's size: of bold letters, rather more than their mean
NOTES_ROOM = 58  # letters of a line of speaker's notes
LINE_HEIGHT, HIGHEST_BAR = Cm(1.5), Cm(2.6)
FIXED_TIME = "2000-01-01T00:00:00Z"


def write_pptx(context: dict[str, Any], charts: Mapping[str, ChartFiles], folder: Path) -> Path:
    """Write the slides; the same context and charts give the same bytes."""
    show = Presentation()
    show.slide_width, show.slide_height = WIDTH, HEIGHT
    slides = slides_of(context, read_words(context["language"]))
    for number, slide in enumerate(slides, start=1):
        _add_slide(show, slide, number, context, charts)
    _set_properties(show, context)
    buffer = io.BytesIO()
    show.save(buffer)
    path = folder / f"{context['file_stem']}.pptx"
    path.write_bytes(repacked(buffer.getvalue()))
    return path


def _add_slide(
    show: Any, slide: Slide, number: int, context: Mapping[str, Any], charts: Mapping[str, ChartFiles]
) -> None:
    page = show.slides.add_slide(show.slide_layouts[TITLE_ONLY])
    language = "vi-VN" if context["language"] == "vi" else "en-GB"
    is_cover = slide.name == "title"
    title = page.shapes.title
    title.left, title.top, title.width, title.height = MARGIN, Cm(7 if is_cover else 1.6), TEXT_WIDTH, Cm(2.6)
    size = 36 if is_cover else 28
    _write(title.text_frame, TEXT_WIDTH, [slide.title], size, language, BLUE, is_bold=True)
    top = Cm(10) if is_cover else BODY_TOP
    width = TEXT_WIDTH // 3 if slide.picture else TEXT_WIDTH
    top = BODY_BOTTOM - LINE_HEIGHT if slide.cards else top
    if slide.lines:
        size = 20 if slide.bars else 26
        height = LINE_HEIGHT * sum(1 + (len(text) - 1) // _room(width, size) for text in slide.lines)
        lines = page.shapes.add_textbox(MARGIN, top, width, height)
        _write(lines.text_frame, width, slide.lines, size, language, INK)
        top += height if slide.bars else 0
    # Figures side by side are of one size: that in which the longest fits.
    large = 48 if all(len(card[1]) <= SHORT_FIGURE for card in slide.cards) else 32
    for place, card in enumerate(slide.cards):
        _add_card(page, card, place, len(slide.cards), large, language)
    if slide.bars:
        _add_bars(page, slide, top)
    if slide.picture:
        _add_picture(page, charts[slide.picture], slide, MARGIN + width)
    _add_frame(page, context, number, language)
    if slide.notes:
        page.notes_slide.notes_text_frame.text = held_name("\n".join(slide.notes), NOTES_ROOM)


def _write(
    frame: Any,
    width: int,
    lines: Any,
    size: float,
    language: str,
    colour: RGBColor,
    is_bold: bool = False,
    side: Any = None,
) -> None:
    """Write lines as paragraphs of a width, one run each, in one font and the document's language."""
    frame.word_wrap = True
    for i, text in enumerate(lines):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        _write_line(
            paragraph,
            held_name(text, _room(width, size)),
            size,
            language,
            colour,
            is_bold,
            side or PP_ALIGN.LEFT,
        )


def _room(width: int, size: float) -> int:
    """Return how many letters a line holds at least."""
    return int(width / Pt(size) / LETTER_WIDTH)


def _write_line(
    paragraph: Any, text: str, size: float, language: str, colour: RGBColor, is_bold: bool, side: Any
) -> None:
    paragraph.alignment, paragraph.space_after = side, Pt(size / 3)
    for i, line in enumerate(text.split("\n")):
        if i:
            paragraph.add_line_break()
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold, run.font.name = Pt(size), is_bold, FONT
        run.font.color.rgb = colour
        run._r.get_or_add_rPr().set("lang", language)


def _add_card(
    page: Any, card: tuple[str, str, str], place: int, count: int, large: int, language: str
) -> None:
    """Add one of the figures that stand side by side: its name, the figure large, what is told of it."""
    gap = Cm(0.8)
    width = (TEXT_WIDTH - gap * (count - 1)) // count
    left = MARGIN + (width + gap) * place
    box = page.shapes.add_shape(MSO_SHAPE.RECTANGLE, left, Cm(5), width, Cm(8.4))
    box.fill.solid()
    box.fill.fore_color.rgb = PALE
    box.line.color.rgb = BLUE
    box.shadow.inherit = False
    frame = box.text_frame
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    for i, (text, size, colour) in enumerate(
        ((card[0], 20, INK), (card[1], large, BLUE), (card[2], 18, INK))
    ):
        for line in text.split("\n"):
            paragraph = frame.paragraphs[0] if not frame.text else frame.add_paragraph()
            _write_line(
                paragraph,
                held_name(line, _room(width, size)),
                size,
                language,
                colour,
                i == 1,
                PP_ALIGN.CENTER,
            )


def _add_frame(page: Any, context: Mapping[str, Any], number: int, language: str) -> None:
    """Add what every slide bears: the marks above, the source with the slide's number below."""
    marks = marks_line(context["mark"])
    foot = f"{context['page']['footer']} · {number}"
    for text, top, colour in ((marks, Cm(0.4), RED), (foot, HEIGHT - Cm(1.2), INK)):
        if text:
            box = page.shapes.add_textbox(MARGIN, top, TEXT_WIDTH, Cm(0.8))
            _write(box.text_frame, TEXT_WIDTH, [text], 12, language, colour, side=PP_ALIGN.RIGHT)


def _add_bars(page: Any, slide: Slide, top: int) -> None:
    """Add a bar chart, first row uppermost, each bar labelled as its cell is printed."""
    data = CategoryChartData()
    data.categories = [bar.name for bar in slide.bars]
    data.add_series(slide.title, [bar.value for bar in slide.bars])
    height = min(BODY_BOTTOM - top, HIGHEST_BAR * len(slide.bars))
    frame = page.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, MARGIN, top, TEXT_WIDTH, height, data)
    described = "; ".join(f"{bar.name}: {bar.label}" for bar in slide.bars)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{slide.title}. {described}")
    chart = frame.chart
    chart.has_legend = chart.has_title = False
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(14), FONT, INK
    chart.category_axis.reverse_order = True
    chart.category_axis.format.line.fill.background()
    chart.value_axis.visible = chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale = min(0.0, *(bar.value for bar in slide.bars))
    plot = chart.plots[0]
    plot.gap_width = 45
    for i, bar in enumerate(slide.bars):
        _dress_bar(plot.series[0].points[i], bar)
    workbook = chart.part.chart_workbook
    workbook.update_from_xlsx_blob(without_clock(workbook.xlsx_part.blob))


def _dress_bar(point: Any, bar: Bar) -> None:
    """Colour a bar, and write its figure at its end as it is printed."""
    point.format.fill.solid()
    point.format.fill.fore_color.rgb = OCHRE if bar.is_low else BLUE
    point.data_label.position = XL_LABEL_POSITION.OUTSIDE_END
    run = point.data_label.text_frame.paragraphs[0].add_run()
    run.text = bar.label
    run.font.size, run.font.name = Pt(14), FONT


def without_clock(xlsx: bytes) -> bytes:
    """Return a chart's own workbook without the time of its making, which its maker takes from the clock."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb">\d{4}-\d\d-\d\dT[\d:]+Z<", f">{FIXED_TIME}<".encode(), data)
            new.writestr(name, data)
    return repacked(buffer.getvalue())


def _add_picture(page: Any, files: ChartFiles, slide: Slide, left: int) -> None:
    """Add a picture where PowerPoint has no chart of its own for it: beside its finding, as large as fits.

    One that is tall stands beside the title too.
    """
    room = WIDTH - MARGIN - left
    picture = page.shapes.add_picture(str(files.png), left, BODY_TOP, height=BODY_BOTTOM - BODY_TOP)
    if picture.width > room:
        picture.height, picture.width = int(picture.height * room / picture.width), room
    elif picture.width < room // 2:
        height = BODY_BOTTOM - PICTURE_TOP
        picture.width, picture.height = int(picture.width * height / picture.height), height
        picture.top = PICTURE_TOP
        page.shapes.title.width = left + (room - picture.width) // 2 - MARGIN
    picture.left = left + (room - picture.width) // 2
    picture._element.nvPicPr.cNvPr.set("descr", " ".join(slide.notes))


def _set_properties(show: Any, context: Mapping[str, Any]) -> None:
    day = datetime.combine(date.fromisoformat(context["as_of"]), datetime.min.time())
    properties = show.core_properties
    properties.title, properties.language = context["page"]["title"], context["language"]
    properties.author = properties.last_modified_by = context["letterhead"]["organisation"]
    properties.created = properties.modified = day
    properties.comments = marks_line(context["mark"])
    properties.revision = 1
