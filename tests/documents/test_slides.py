"""The slides read back: nine, few words each, native charts whose labels are cells of the context, no clock."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from analysis.briefing.charts.charts import draw_charts
from analysis.briefing.documents.printed_numbers import parse_printed
from analysis.briefing.documents.slide_show import write_pptx
from analysis.briefing.documents.slides import WORD_LIMIT, count_slide_words, slides_of
from analysis.briefing.documents.web_page import without_internal
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.wording import read_words
from analysis.safeguards.byte_texts import texts_of

VI = read_words("vi")


@pytest.fixture(params=["ha_giang", "national"])
def made(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def charts_of(show: Any) -> Iterator[Any]:
    for slide in show.slides:
        yield from (shape.chart for shape in slide.shapes if shape.has_chart)


def test_nine_slides_with_real_titles_few_words_and_the_marks(made: Any) -> None:
    show = Presentation(str(made.pptx))
    slides = slides_of(made.context, VI)
    titles = [slide.shapes.title.text_frame.text.replace("\v", "\n") for slide in show.slides]
    assert titles == [s.title for s in slides]
    assert titles[0].replace("\n", " ") == made.context["title"]["subject"]
    assert len(slides) == 9 and max(map(count_slide_words, slides)) <= WORD_LIMIT
    mark = made.context["mark"]["internal"]
    for slide in show.slides:
        assert any(shape.has_text_frame and mark in shape.text_frame.text for shape in slide.shapes)


def test_every_bar_is_a_cell_of_the_context_as_it_is_printed(made: Any) -> None:
    tables = [table for part in made.context["sections"] for table in part["tables"]]
    cells = {(row["cells"][0], cell) for table in tables for row in table["rows"] for cell in row["cells"]}
    pictures = [
        c["data"] for part in made.context["sections"] for c in part["charts"] if c["kind"] == "supply"
    ]
    cells |= {(p["name"], p["text"]) for data in pictures for bar in data["bars"] for p in bar["parts"]}
    bars = [bar for slide in slides_of(made.context, VI) for bar in slide.bars]
    assert len(bars) > 20 and {(bar.name, bar.label) for bar in bars} <= cells
    drawn = []
    for chart in charts_of(Presentation(str(made.pptx))):
        (series,) = chart.plots[0].series
        labels = [series.points[i].data_label.text_frame.text for i in range(len(series.values))]
        numbers = [parse_printed(label, VI) for label in labels]
        assert [float(n.value) for n in numbers if n] == list(series.values)
        drawn += list(zip(chart.plots[0].categories, labels, strict=True))
    assert drawn == [(bar.name, bar.label) for bar in bars]


def test_what_a_slide_cuts_short_stands_in_its_notes(made: Any) -> None:
    show = Presentation(str(made.pptx))
    tasks = next(s for s in show.slides if s.shapes.title.text_frame.text == VI("slides.tasks"))
    front = made.context["front"]
    told = tasks.notes_slide.notes_text_frame.text.split("\n")
    assert told[-len(front["tasks"]) - len(front["requests"]) :] == [*front["tasks"], *front["requests"]]
    slide = next(s for s in slides_of(made.context, VI) if s.name == "tasks")
    assert [card[1] for card in slide.cards] == [row["figure"] or "–" for row in front["task_rows"]]
    days = [due for _, _, due in slide.cards if due]
    assert len(days) in (0, len(slide.cards)), "as fully as there is room, but all alike"
    assert all(re.fullmatch(r"(hạn )?\d\d/\d\d/\d{4}( \(.*\))?", due) for due in days)
    assert all("liều" in line and line.split(": ")[1][:-1] in front["requests"][0] for line in slide.lines)


def test_the_doses_asked_for_stand_beside_the_tasks_in_both_languages(edited_run: Any) -> None:
    def scarce(tables: Any) -> None:
        tables["supply"]["doses_allocated"] = tables["supply"]["doses_received"] = 470_000

    run = edited_run(scarce)
    for language, asked in (
        ("vi", r"Đề nghị thêm: [\d.]+ liều\."),
        ("en", r"Asked for: [\d,]+ more doses\."),
    ):
        slides = slides_of(build_context(run, "02", language), read_words(language))
        slide = next(s for s in slides if s.name == "tasks")
        assert len(slide.lines) == 1 and re.fullmatch(asked, slide.lines[0]), slide.lines


def test_too_many_words_leave_the_slide_and_stay_in_the_notes(ha_giang: Any) -> None:
    long = ["một việc rất dài " * 12] * 3
    context = ha_giang.context | {"front": ha_giang.context["front"] | {"tasks": long, "task_rows": []}}
    slide = next(s for s in slides_of(context, VI) if s.name == "tasks")
    assert not slide.lines and count_slide_words(slide) <= WORD_LIMIT and long[0] in slide.notes


def test_a_unit_without_figures_says_so(ha_giang: Any, tmp_path: Path) -> None:
    bare = [part | {"tables": [], "charts": []} for part in ha_giang.context["sections"]]
    slides = slides_of(ha_giang.context | {"sections": bare}, VI)
    assert len(slides) == 9 and sum(VI("slides.none") in slide.lines for slide in slides) == 5
    write_pptx(ha_giang.context | {"sections": bare}, {}, tmp_path)


def test_the_same_context_gives_the_same_bytes_at_any_time(ha_giang: Any, tmp_path: Path) -> None:
    charts = draw_charts(ha_giang.context, tmp_path)
    first = write_pptx(ha_giang.context, charts, tmp_path).read_bytes()
    time.sleep(1.1)  # the charts' own workbooks would bear the second of their making
    assert write_pptx(ha_giang.context, charts, tmp_path).read_bytes() == first == ha_giang.pptx.read_bytes()


def test_a_released_one_has_no_internal_mark_in_any_member(ha_giang: Any, tmp_path: Path) -> None:
    assert "NỘI BỘ" in "\n".join(texts_of(ha_giang.pptx.read_bytes()))
    released = ha_giang.context | {"mark": without_internal(ha_giang.context["mark"])}
    charts = draw_charts(released, tmp_path)
    texts = "\n".join(texts_of(write_pptx(released, charts, tmp_path).read_bytes()))
    assert "NỘI BỘ" not in texts and "95,56%" in texts and "Steve" not in texts


def test_charts_and_pictures_are_described(made: Any) -> None:
    show = Presentation(str(made.pptx))
    xml = "".join(slide._element.xml for slide in show.slides)
    graphics = re.findall(r"<p:cNvPr [^>]*name=\"(?:Chart|Picture)[^>]*>", xml)
    assert graphics and all(re.search(r'descr="[^"]{20,}"', tag) for tag in graphics)


def test_the_name_of_the_illness_never_breaks(made: Any, tmp_path: Path) -> None:
    """Its hyphen is the plain one, which a search finds, where the name has room in its line; else a held one."""
    long = "Tuần này các địa phương tiếp tục nhập lên Nền tảng Quản lý tiêm chủng quốc gia về COVID-19."
    front = made.context["front"] | {"sentences": [long, *made.context["front"]["sentences"]]}
    path = write_pptx(made.context | {"front": front}, draw_charts(made.context, tmp_path), tmp_path)
    texts = "\n".join(texts_of(path.read_bytes()))
    assert "quốc gia về COVID\u201119" in texts and "phòng COVID-19" in texts
    assert "phòng COVID-19" in "\n".join(texts_of(made.pptx.read_bytes()))
