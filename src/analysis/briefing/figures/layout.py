"""The parts a page is made of: sections, tables and charts, as plain data for every renderer."""

from collections.abc import Sequence
from typing import Any

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


def chart(name: str, kind: str, caption: str, alt: str, data: dict[str, Any]) -> ChartSpec:
    """Return one chart: what to draw (numbers as the page's tables have them) and how to say it."""
    return {"name": name, "kind": kind, "caption": caption, "alt": alt, "data": data}
