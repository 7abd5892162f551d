"""The slides of a unit (PPTX): nine for the conference, few words each, charts that PowerPoint itself draws.

What a slide cuts short stands whole in its speaker's notes. Every figure is a cell of the context's tables; a
chart is labelled with the cell as printed, so that no reader's settings write it differently.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.briefing.documents.printed_numbers import parse_printed
from analysis.briefing.figures.wording import Words

WORD_LIMIT = 40  # of a slide's title and lines, beside the marks and the source that every slide bears
ENDS_SHOWN = 5
BARS_SHOWN = 8
# Where a task's first half ends: what is to be done, and of how many. "tỉnh, thành phố" is one expression.
_HALF = re.compile(r"(?<!tỉnh), |: | để | to bring ")


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its printed figure and the number that draws it."""

    name: str
    label: str
    value: float
    is_low: bool = False  # of the lower end of a list


@dataclass(frozen=True)
class Slide:
    """What a slide says: title, lines, its bars or a picture's name, and the notes for who speaks."""

    name: str
    title: str
    lines: Sequence[str] = ()
    bars: Sequence[Bar] = ()
    picture: str = ""
    notes: Sequence[str] = ()


def slides_of(context: Mapping[str, Any], words: Words) -> list[Slide]:
    """Return the nine slides of a unit, in their order; one without figures says so."""
    parts = {part["name"]: part for part in context["sections"]}
    front, figures = context["front"], context["front"]["figures"]
    makers = [
        Slide("messages", words("slides.messages"), [_told(f) for f in figures[:3]], notes=front["sentences"]),
        _place(context, words),
        _bars_slide("ends", parts, words, "parts", is_rate=True, has_ends=True),
        _bars_slide("supply", parts, words, "supply", [_told(figures[3]), *_need(parts, words)]),
        _bars_slide("entry", parts, words, "entry", [_told(figures[2])], is_rate=True),
        _bars_slide("verification", parts, words, "verification", [front["confirmed"]]),
        Slide("tasks", front["tasks_title"], [_short(t) for t in front["tasks"]], notes=front["tasks"]),
        Slide("method", words("slides.method"), [words("slides.counted")], notes=parts["method"]["notes"]),
    ]  # fmt: skip
    title = context["title"]
    cover = Slide("title", title["subject"], [title["cut_off"], context["letterhead"]["organisation"]])
    return [_fitting(slide) for slide in (cover, *makers)]


def count_slide_words(slide: Slide) -> int:
    """Return the words of a slide's title and lines."""
    return len(" ".join([slide.title, *slide.lines]).split())


def _told(figure: Mapping[str, str]) -> str:
    detail = f" ({figure['detail']})" if figure["detail"] else ""
    return f"{figure['label']}: {figure['value']}{detail}"


def _short(text: str) -> str:
    return _HALF.split(text, maxsplit=1)[0].rstrip(".") + "."


def _fitting(slide: Slide) -> Slide:
    """Return a slide without its last lines where it has too many words; all of them stand in the notes."""
    kept = list(slide.lines)
    while kept and count_slide_words(replace(slide, lines=kept)) > WORD_LIMIT:
        kept.pop()
    return (
        slide
        if len(kept) == len(slide.lines)
        else replace(slide, lines=kept, notes=[*slide.lines, *slide.notes])
    )


def _need(parts: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Yield the line of who is due: the first row of its table, with the titles of its columns."""
    for table in parts.get("due", {"tables": ()})["tables"][:1]:
        name, *cells = table["rows"][0]["cells"]
        titles = [column["title"] for column in table["columns"][1:]]
        told = "; ".join(f"{title} {cell}" for title, cell in zip(titles, cells, strict=True))
        yield words("slides.need", name=name, told=told)


def _place(context: Mapping[str, Any], words: Words) -> Slide:
    """Return the map, where there is one; else the weeks behind the unit, which every unit has."""
    charts = [chart for part in context["sections"] for chart in part["charts"]]
    shown = [c for kind in ("tiles", "place", "weeks") for c in charts if c["kind"] == kind]
    if not shown:
        return Slide("place", words("slides.place"), [words("slides.none")])
    return Slide("place", shown[0]["caption"], picture=shown[0]["name"], notes=[shown[0]["alt"]])


def _bars_slide(
    name: str,
    parts: Mapping[str, Any],
    words: Words,
    section: str,
    lines: Sequence[str] = (),
    is_rate: bool = False,
    has_ends: bool = False,
) -> Slide:
    part = parts.get(section, {"tables": (), "paragraphs": ()})
    bars = _bars(part["tables"][0], words, is_rate) if part["tables"] else []
    if has_ends and len(bars) > 2 * ENDS_SHOWN:
        bars = [*bars[:ENDS_SHOWN], *(replace(bar, is_low=True) for bar in bars[-ENDS_SHOWN:])]
    bars = bars if has_ends else bars[:BARS_SHOWN]
    kept = list(lines) if bars else [*lines, words("slides.none")]
    return Slide(name, words(f"slides.{name}"), kept, bars, notes=part["paragraphs"])


def _bars(table: Mapping[str, Any], words: Words, is_rate: bool) -> list[Bar]:
    """Return the rows of a table by its first column of rates, or of counts.

    Totals are left out, and what is not told: a slide shows no bar for it.
    """
    rows = [row["cells"] for row in table["rows"] if not row["strong"]]
    for i, column in enumerate(table["columns"]):
        figures = [(cells, parse_printed(cells[i], words)) for cells in rows]
        bars = [
            Bar(cells[0], cells[i], float(n.value)) for cells, n in figures if n and n.is_percent == is_rate
        ]
        if column["kind"] == "number" and bars:
            return bars
    return []
