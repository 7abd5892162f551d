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
_DAY = re.compile(r"\d\d/\d\d/\d{4}")
_DOSES = re.compile(r"\d[\d.,]* (?:liều|(?:more )?doses)")  # of the first request, which asks for them


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its printed figure and the number that draws it."""

    name: str
    label: str
    value: float
    is_low: bool = False  # of the lower end of a list


@dataclass(frozen=True)
class Slide:
    """What a slide says: title, lines, its cards, bars or a picture's name, and the notes for who speaks.

    A card is a figure with what it is of and what is told of it: label, value, detail.
    """

    name: str
    title: str
    lines: Sequence[str] = ()
    cards: Sequence[tuple[str, str, str]] = ()
    bars: Sequence[Bar] = ()
    picture: str = ""
    notes: Sequence[str] = ()


def slides_of(context: Mapping[str, Any], words: Words) -> list[Slide]:
    """Return the nine slides of a unit, in their order; one without figures says so."""
    parts = {part["name"]: part for part in context["sections"]}
    front, figures = context["front"], context["front"]["figures"]
    makers = [
        Slide("messages", words("slides.messages"), cards=_cards(figures[:3]), notes=front["sentences"]),
        _place(context, words),
        _bars_slide("ends", parts, words, "parts", is_rate=True, has_ends=True),
        _supply(parts, words, [_told(figures[3]), *_need(parts, words)]),
        _bars_slide("entry", parts, words, "entry", [_told(figures[2])], is_rate=True),
        _bars_slide("verification", parts, words, "verification", [front["confirmed"]]),
        _tasks(front, words),
        Slide("method", words("slides.method"), _method(words), notes=parts["method"]["notes"]),
    ]  # fmt: skip
    title = context["title"]
    cover = Slide(
        "title", _in_two(title["subject"], words), [title["cut_off"], context["letterhead"]["organisation"]]
    )
    return [_fitting(slide) for slide in (cover, *makers)]


def _in_two(subject: str, words: Words) -> str:
    """Return the subject with the unit on a line of its own, so that its name stands whole."""
    head = words("head.subject", unit="").rstrip()
    return subject.replace(f"{head} ", f"{head}\n", 1)


def count_slide_words(slide: Slide) -> int:
    """Return the words of a slide's title, lines and cards."""
    cards = [text for card in slide.cards for text in card]
    return len(" ".join([slide.title, *slide.lines, *cards]).split())


def _cards(figures: Sequence[Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Return label, value, and people or doses with the week's change of each figure."""
    return [
        (f["label"], f["value"], "\n".join(text for text in (f["detail"], f["change"]) if text))
        for f in figures
    ]


def _told(figure: Mapping[str, str]) -> str:
    detail = f" ({figure['detail']})" if figure["detail"] else ""
    return f"{figure['label']}: {figure['value']}{detail}"


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


def _tasks(front: Mapping[str, Any], words: Words) -> Slide:
    """Return the tasks, each with its figure and its day as fully as there is room, and the doses asked for."""
    rows = front["task_rows"]
    asked = [found[0] for text in front["requests"] if (found := _DOSES.search(text))][:1]
    lines = [words("slides.asked", doses=doses) for doses in asked]
    slide = Slide("tasks", words("slides.tasks"), lines, notes=[*front["tasks"], *front["requests"]])
    if not rows:
        return replace(slide, lines=[*front["tasks"], *lines])
    forms = [
        replace(slide, cards=[(row["work"], row["figure"] or "–", told(row["due"])) for row in rows])
        for told in (str, lambda due: words("slides.due", day=_day_of(due)), _day_of, lambda due: "")
    ]
    return next((form for form in forms if count_slide_words(form) <= WORD_LIMIT), forms[-1])


def _day_of(due: str) -> str:
    """Return the day alone of what is said of a task's due day."""
    found = _DAY.search(due)
    return found[0] if found else ""


def _method(words: Words) -> list[str]:
    return words("slides.counted").split("\n")


def _supply(parts: Mapping[str, Any], words: Words, lines: Sequence[str]) -> Slide:
    """Return what is left of the vaccine beside what is needed, as the picture of both has it."""
    pictures = [chart for chart in parts.get("supply", {"charts": ()})["charts"] if chart["kind"] == "supply"]
    if not pictures:
        return _bars_slide("supply", parts, words, "supply", lines)
    bars = [
        Bar(part["name"], part["text"], float(part["doses"]), is_low=place > 0)
        for place, bar in enumerate(pictures[0]["data"]["bars"])
        for part in bar["parts"]
        if parse_printed(part["text"], words)
    ]
    notes = [pictures[0]["alt"], *lines, *parts["supply"]["paragraphs"]]
    return Slide("supply", words("slides.supply"), [pictures[0]["title"], *lines[:1]], bars=bars, notes=notes)


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
    title = shown[0]["caption"].split(". ", 1)[1]
    return Slide("place", title, [shown[0]["title"]], picture=shown[0]["name"], notes=[shown[0]["alt"]])


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
    return Slide(name, words(f"slides.{name}"), kept, bars=bars, notes=part["paragraphs"])


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
