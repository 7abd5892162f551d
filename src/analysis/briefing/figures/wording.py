"""How numbers, dates and units are written on the page, and the phrases of each language.

The phrases stand in `templates/words_<language>.toml`, so that an official can review them without
reading code; this module only fills them. Numbers follow the ministry's usage: 387.978 and 65,85%
(sources page-2).
"""

import re
import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from analysis.disclosure.policy import Status

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
MILLION = 1_000_000
# "trên 90,8 triệu", "gần 29 triệu": the ministry's own figures carry at most three digits.
ROUNDED_DIGITS = 3
Number = int | Decimal
ILLNESS = "COVID-19"  # a name that no line may break at its hyphen
HELD_HYPHEN = "\u2011"
# Nor may a line break inside the number of a document: 9458/BYT-CNTT. briefing.typ says the same.
HELD_NAMES = re.compile(rf"{ILLNESS}|\d+/[A-ZĐ]+(?:-[A-ZĐ]+)+")
# What English counts in its sentences: one of them has another form.
ENGLISH_ONE = {"people": "person", "entries": "entry"} | {
    f"{noun}s": noun
    for noun in (
        *("dose", "district", "province", "place", "record", "message", "day", "person-day"),
        *("file", "unit", "finding", "adult", "update", "count", "task"),
    )
}
_ONE_OF_MANY = re.compile(
    rf"(?<![\w.,/%−+–])1 ((?:other |first |second |more )?)({'|'.join(ENGLISH_ONE)})(?![\w-])"
)


class Words:
    """The phrases of one language and its way of writing numbers and dates."""

    def __init__(self, language: str, phrases: dict[str, str]) -> None:
        self.language = language
        self._phrases = phrases
        self._point, self._thousands = (",", ".") if language == "vi" else (".", ",")

    def __call__(self, key: str, **figures: str) -> str:
        """Return the phrase `key` with its figures filled in; a phrase that lacks is a KeyError."""
        text = self._phrases[key].format(**figures)
        return one_of_many(text) if self.language == "en" else text

    def has(self, key: str) -> bool:
        """Tell whether there is such a phrase."""
        return key in self._phrases

    def either(self, key: str, otherwise: str, **figures: str) -> str:
        """Return the phrase `key`, or another one where the first does not exist."""
        return self(key if self.has(key) else otherwise, **figures)

    def document(self, name: str) -> str:
        """Name a cited document: its kind in words, its number as it is."""
        return name.replace("Quyết định", self("document.decision"))

    def whole(self, value: int | Status | None) -> str:
        """Write a count: 387.978; an unknown one is a dash, one that is not told a marker."""
        if isinstance(value, Status):
            return self(f"withheld.{value.value}")
        if value is None:
            return self("none")
        return f"{value:,}".replace(",", self._thousands).replace("-", "−")

    def signed(self, value: int | Status | None) -> str:
        """Write a count with its sign: +8.123, −12, 0."""
        return (
            self.whole(value)
            if isinstance(value, Status) or not value or value < 0
            else f"+{self.whole(value)}"
        )

    def decimal(self, value: Decimal | None, places: int = 2) -> str:
        """Write a decimal half up: 65,85."""
        if value is None:
            return self("none")
        quantum = Decimal(1).scaleb(-places)
        text = f"{value.quantize(quantum, ROUND_HALF_UP):,}"
        marks = {",": self._thousands, ".": self._point, "-": "−"}
        return "".join(marks.get(letter, letter) for letter in text)

    def percent(self, value: Decimal | None, places: int = 2) -> str:
        """Write a percentage: 65,85%."""
        return self("none") if value is None else f"{self.decimal(value, places)}%"

    def points(self, value: Decimal | None) -> str:
        """Write a signed difference of percentages: +2,31."""
        if value is None:
            return self("none")
        return f"+{self.decimal(value)}" if value > 0 else self.decimal(value)

    def rounded(self, value: int) -> str:
        """Write a large count in millions to three digits, with "trên" or "gần" after its true side.

        Below a million a count is written whole. An exact figure gets neither word.
        """
        if abs(value) < MILLION:
            return self.whole(value)
        shown = rounded_millions(value)
        side = (value > shown * MILLION) - (value < shown * MILLION)
        key = {1: "rounded.above", 0: "rounded.exact", -1: "rounded.below"}[side]
        return self(key, millions=self._plain(shown))

    def _plain(self, value: Decimal) -> str:
        text = f"{value.normalize():f}"
        return text.replace(".", self._point)

    def day(self, day: date | None) -> str:
        """Write a date: 07/11/2021."""
        return self("none") if day is None else day.strftime("%d/%m/%Y")

    def short_day(self, day: date) -> str:
        """Write a day of the year: 07/11."""
        return day.strftime("%d/%m")

    def listed(self, items: Sequence[str]) -> str:
        """Join items as a sentence does: A, B và C."""
        if len(items) < 2:
            return "".join(items)
        return self("list.and", first=", ".join(items[:-1]), last=items[-1])


def one_of_many(text: str) -> str:
    """Return an English text with what is counted once in the singular.

    >>> one_of_many("1 other districts, 21 people, 1 people")
    '1 other district, 21 people, 1 person'
    """
    return _ONE_OF_MANY.sub(lambda found: f"1 {found[1]}{ENGLISH_ONE[found[2]]}", text)


def rounded_millions(value: int) -> Decimal:
    """Return a count in millions, rounded half up to three significant digits."""
    millions = Decimal(value) / MILLION
    places = max(0, ROUNDED_DIGITS - 1 - millions.adjusted())
    return millions.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@cache
def read_words(language: str) -> Words:
    """Read the phrases of a language (`vi` or `en`); nested tables become dotted keys."""
    text = (TEMPLATES / f"words_{language}.toml").read_text(encoding="utf-8")
    return Words(language, dict(_flat(tomllib.loads(text))))


def _flat(table: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{before}{key}"
        pairs += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, str(value))]
    return pairs


def held_name(text: str, room: int) -> str:
    """Return a text for a place whose lines wrap after `room` letters or later, where the illness's name never breaks.

    Where it ends within a line's first `room` letters nothing breaks it, and its hyphen stays the plain one that a
    search finds; elsewhere it is one at which no line breaks.

    >>> held_name("Phòng COVID-19", 20) == "Phòng COVID-19"
    True
    >>> held_name("Phòng COVID-19", 10) == "Phòng COVID\u201119"
    True
    """
    return "\n".join(_held_line(line, room) for line in text.split("\n"))


def _held_line(line: str, room: int) -> str:
    kept = line[:room]
    whole = kept.rfind(ILLNESS) + len(ILLNESS) if ILLNESS in kept else 0
    return line[:whole] + line[whole:].replace(ILLNESS, ILLNESS.replace("-", HELD_HYPHEN))


def without_controls(text: str, limit: int = 300) -> str:
    """Return free text fit for a page: no control or direction marks, bounded in length.

    >>> without_controls("Kế hoạch (suy ra: 387.978 người)", 24)
    'Kế hoạch (suy ra…'
    """
    kept = "".join(c if c.isprintable() else " " for c in text)
    kept = " ".join(kept.split())
    if len(kept) <= limit:
        return kept
    # Cut between words: half a number would be read as another one.
    return (kept[: limit - 1].rpartition(" ")[0].rstrip(" ,;:(") or kept[: limit - 1]) + "…"
