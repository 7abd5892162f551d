"""Figures read back from the page's own printed form, so that a spreadsheet can sum and a slide can draw them.

A text becomes a number only where printing that number again gives the very same text; all else stays text.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from analysis.briefing.figures.wording import Words

_FORM = re.compile(
    r"(?P<sign>[+−]?)(?P<digits>\d{1,3}(?:[.,]\d{3})*)(?:[.,](?P<places>\d{1,2}))?(?P<percent>%?)"
)


@dataclass(frozen=True)
class PrintedNumber:
    """A printed figure as a number: 65,85% is 65.85; `places` and the signs are what its print shows."""

    value: Decimal
    places: int
    is_percent: bool
    is_signed: bool

    @property
    def stored(self) -> float:
        """What a spreadsheet stores: of a percentage its hundredth."""
        return float(self.value / 100 if self.is_percent else self.value)

    @property
    def format(self) -> str:
        """The spreadsheet's format that shows the figure as printed, with the reader's own marks."""
        shown = "#,##0" + ("." + "0" * self.places if self.places else "") + ("%" if self.is_percent else "")
        return f"{'+' if self.is_signed else ''}{shown};−{shown};{shown}"


def parse_printed(text: str, words: Words) -> PrintedNumber | None:
    """Return the number that a cell shows; None for a dash, a marker, a range or any other text."""
    found = _FORM.fullmatch(text)
    if not found:
        return None
    digits = re.sub(r"\D", "", found["digits"])
    places = len(found["places"] or "")
    value = Decimal(digits + (found["places"] or "")).scaleb(-places) * (-1 if found["sign"] == "−" else 1)
    number = PrintedNumber(value, places, bool(found["percent"]), found["sign"] == "+")
    is_same = print_number(number, words) == text and not (value.is_zero() and value.is_signed())
    return number if is_same else None


def print_number(number: PrintedNumber, words: Words) -> str:
    """Write a number as the page does: 387.978, +9,27, −4.952, 65,85%."""
    sign = "+" if number.is_signed and number.value > 0 else ""
    return sign + words.decimal(number.value, number.places) + ("%" if number.is_percent else "")
