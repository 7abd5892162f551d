"""What every column means: one description in Vietnamese and in English, its unit, its closed list of values.

The texts stand in `columns.csv`. A row without `tables` holds for a column wherever it stands; a row that
names tables holds for these, where the same name means something else. `tables/` has the types.
"""

import csv
import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from analysis.tables import TABLES

DESCRIPTIONS = Path(__file__).with_name("columns.csv")
# Words of the units: Vietnamese, English. liều is supplied, mũi is given, người is people: never mixed.
UNITS = {
    "people": ("người", "people"),
    "doses": ("mũi", "doses given"),
    "supplied_doses": ("liều", "doses supplied"),
    "rows": ("bản ghi", "rows"),
    "entries": ("mũi hoặc bản ghi", "doses given or rows"),
    "doses_per_day": ("mũi mỗi ngày", "doses given a day"),
    "entries_per_day": ("mũi hoặc bản ghi mỗi ngày", "doses given or rows a day"),
    "feedback": ("phản ánh", "items of feedback"),
    "findings": ("phát hiện", "findings"),
    "units": ("đơn vị", "units"),
    "percent": ("%", "percent"),
    "share": ("từ 0 đến 1", "from 0 to 1"),
    "times": ("lần", "times"),
    "days": ("số ngày", "days"),
    "counted": ("người, mũi, bản ghi hoặc liều", "people, doses or rows"),
    "number": ("số thứ tự", "ordinal number"),
    "date": ("ngày tháng năm", "date"),
    "partial_date": ("năm, tháng hoặc ngày", "date, or its year and month"),
    "time": ("ngày giờ", "date and time"),
    "code": ("mã", "code"),
    "codes": ("danh sách mã", "list of codes"),
    "text": ("chữ", "text"),
    "flag": ("có hoặc không", "true or false"),
}
# Columns that are in no table: readers and the published CSV files add them.
ADDED = {
    "readers": (
        *("unit_name", "district_name", "province_name", "score_pct"),
        *("given_province_name", "residence_province_name"),
    ),
    "published": ("unit_name", "note"),
}
LINE_CHARACTERS = 100

Reader = TypeVar("Reader", bound=Callable[..., Any])


@dataclass(frozen=True)
class ColumnText:
    """What one column means: a key of UNITS, both descriptions, and its values where the list is closed."""

    column: str
    unit: str
    values: tuple[str, ...]
    vietnamese: str
    english: str


@cache
def read_columns() -> dict[tuple[str, str], ColumnText]:
    """Read every description by (table, column); an empty table stands for every table not named."""
    with DESCRIPTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    texts: dict[tuple[str, str], ColumnText] = {}
    for row in rows:
        values = tuple(row["values"].split(";")) if row["values"] else ()
        text = ColumnText(row["column"], row["unit"], values, row["vietnamese"], row["english"])
        texts |= {(table, row["column"]): text for table in row["tables"].split() or [""]}
    return texts


def describe_column(table: str, column: str) -> ColumnText:
    """Return what a column of a table means; raises KeyError for one that nobody described."""
    texts = read_columns()
    return texts.get((table, column)) or texts["", column]


def described_tables() -> dict[str, tuple[str, ...]]:
    """Return the columns of every declared table, and those that readers and published files add."""
    return {name: tuple(table.columns) for name, table in TABLES.items()} | ADDED


def list_columns(table: str, columns: Iterable[str]) -> str:
    """Return one entry a column, for a docstring: name, English unit and description, closed values."""
    return "\n".join(_entry(describe_column(table, column)) for column in columns)


def _entry(text: ColumnText) -> str:
    values = f" One of: {', '.join(text.values)}." if text.values else ""
    line = f"{text.column} ({UNITS[text.unit][1]}): {text.english}.{values}"
    return textwrap.fill(line, LINE_CHARACTERS, initial_indent="  ", subsequent_indent="      ")


def lists_columns(table: str, columns: Iterable[str]) -> Callable[[Reader], Reader]:
    """Return a decorator that ends a reader's docstring with the columns it gives, as the table has them."""

    def with_columns(reader: Reader) -> Reader:
        text = inspect.cleandoc(reader.__doc__ or "")
        reader.__doc__ = f"{text}\n\nColumns:\n{list_columns(table, columns)}"
        return reader

    return with_columns
