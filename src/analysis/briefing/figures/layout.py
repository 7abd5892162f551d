"""The parts a page is made of: sections, tables and charts, as plain data for every renderer."""

import itertools
from collections.abc import Sequence
from typing import Any, TypeVar

from analysis.briefing.figures.wording import Words

Section = dict[str, Any]
TableSpec = dict[str, Any]
ChartSpec = dict[str, Any]
Item = TypeVar("Item")


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
    name: str = "",
    is_beside: bool = False,
    whole: str = "",
) -> TableSpec:
    """Return one table of strings; columns other than `texts` are numbers and stand to the right.

    `weights` are the columns' shares of the width; by default a text takes twice the place of a number.
    `sums` says which row is the sum of which others (positions): no document shows it, a test adds it up.
    On A4 a table that `is_beside` stands to the right of its section's picture. `whole` names the table of an
    annex of which this one shows the rows that matter.
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
        "name": name,
        "number": "",
        "is_beside": is_beside,
        "whole": whole,
    }


def chart(
    name: str,
    kind: str,
    caption: str,
    title: str,
    alt: str,
    foot: Sequence[str],
    data: dict[str, Any],
    width_mm: int = 90,
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
    """Return the sections with pictures and tables numbered in the order of the page: "Hình 1", "Bảng 1".

    Where a text names a table (`§name§`) the table's number stands.
    """
    pictures, listed = itertools.count(1), itertools.count(1)
    made = [
        part
        | {"charts": [_with_number(c, "picture", next(pictures), words) for c in part["charts"]]}
        | {"tables": [_with_number(t, "table", next(listed), words) for t in part["tables"]]}
        for part in sections
    ]
    numbers = {f"§{t['name']}§": t["number"] for part in made for t in part["tables"] if t["name"]}
    return [_with_names(part, numbers) for part in made]


def _with_names(part: Section, numbers: dict[str, str]) -> Section:
    texts = {key: _naming(part[key], numbers) for key in ("paragraphs", "notes")}
    captions = _naming([t["caption"] for t in part["tables"]], numbers)
    tables = [t | {"caption": text} for t, text in zip(part["tables"], captions, strict=True)]
    return part | texts | {"tables": tables}


def _naming(texts: Sequence[str], numbers: dict[str, str]) -> list[str]:
    found = []
    for text in texts:
        for mark, number in numbers.items():
            text = text.replace(mark, number)
        found.append(text)
    return found


def _with_number(item: dict[str, Any], kind: str, place: int, words: Words) -> dict[str, Any]:
    number = words(f"{kind}.number", number=words.whole(place))
    return item | {"number": number, "caption": f"{number}. {item['caption']}"}


def shown_and_rest(items: Sequence[Item], first: int, last: int) -> tuple[list[Item], list[Item]]:
    """Return the items that a table of the body shows, its two ends, and those that are told as one row."""
    if len(items) <= first + last + 2:
        return list(items), []
    return [*items[:first], *items[len(items) - last :]], list(items[first : len(items) - last])
