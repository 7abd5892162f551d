"""The parts a page is made of: sections, tables and charts, as plain data for every renderer."""

import itertools
from collections.abc import Sequence
from typing import Any

from analysis.briefing.figures.wording import Words

Section = dict[str, Any]
TableSpec = dict[str, Any]
ChartSpec = dict[str, Any]


def section(
    name: str,
    group: str,
    title: str,
    paragraphs: Sequence[str] = (),
    tables: Sequence[TableSpec] = (),
    charts: Sequence[ChartSpec] = (),
    notes: Sequence[str] = (),
) -> Section:
    """Return one section; `group` says in which cell of the notebook it is shown."""
    return {
        "name": name,
        "group": group,
        "title": title,
        "paragraphs": [text for text in paragraphs if text],
        "charts": list(charts),
        "tables": [table for table in tables if table["rows"]],
        "notes": [text for text in notes if text],
    }


def table(
    caption: str,
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    texts: Sequence[int] = (0,),
    strong_rows: Sequence[int] = (),
    weights: Sequence[float] = (),
    sums: Sequence[tuple[int, Sequence[int]]] = (),
) -> TableSpec:
    """Return one table of strings; columns other than `texts` are numbers and stand to the right.

    `weights` are the columns' shares of the width; by default a text takes twice the place of a number.
    `sums` says which row is the sum of which others (positions): no document shows it, a test adds it up.
    """
    shares = weights or [2.0 if i in texts else 1.0 for i in range(len(titles))]
    columns = [
        {"title": title, "kind": "text" if i in texts else "number", "weight": share}
        for i, (title, share) in enumerate(zip(titles, shares, strict=True))
    ]
    return {
        "caption": caption,
        "columns": columns,
        "rows": [{"cells": list(row), "strong": i in strong_rows} for i, row in enumerate(rows)],
        "sums": [{"total": total, "parts": list(parts)} for total, parts in sums],
    }


def chart(
    name: str,
    kind: str,
    caption: str,
    title: str,
    alt: str,
    foot: Sequence[str],
    data: dict[str, Any],
    width_mm: int = 104,
) -> ChartSpec:
    """Return one picture: what to draw (numbers as the page's tables have them) and how to say it.

    `title` is its finding and `foot` what it rests on (counts, denominator, day, source): both stand inside the
    picture, as `number` does once `numbered` has given it; `width_mm` is its width on A4.
    """
    return {
        "name": name,
        "kind": kind,
        "number": "",
        "caption": caption,
        "title": title,
        "alt": alt,
        "foot": " ".join(text for text in foot if text),
        "width_mm": width_mm,
        "data": data,
    }


def numbered(sections: Sequence[Section], words: Words) -> list[Section]:
    """Return the sections with their pictures numbered in the order of the page: "Hình 1"."""
    count = itertools.count(1)
    return [
        part | {"charts": [_with_number(c, next(count), words) for c in part["charts"]]} for part in sections
    ]


def _with_number(item: ChartSpec, place: int, words: Words) -> ChartSpec:
    number = words("picture.number", number=words.whole(place))
    return item | {"number": number, "caption": f"{number}. {item['caption']}"}
