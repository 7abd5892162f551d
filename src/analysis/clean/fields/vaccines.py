"""Products and dose numbers: any spelling to the names of `vaccines.csv`, which alone knows the spellings.

Sources vaccine-1, vaccine-5.
"""

import re
import unicodedata
from typing import NamedTuple

from analysis.clean.fields.unit_names import edit_distance
from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.syllables import unaccented
from analysis.reference.product_facts import FILLED_FROM, LONG_NAMES, SHORT_FORMS, SIGNS, series_doses_sql

UNKNOWN = "unknown"
# Looked for in the text reduced to letters and digits.
_SIGNS = {product: re.compile("|".join(signs)) for product, signs in SIGNS.items()}
_WORD_NUMBERS = {
    "nhat": 1, "mot": 1, "dau": 1, "dautien": 1, "i": 1, "hai": 2, "nhi": 2, "ii": 2,
    "ba": 3, "iii": 3, "tu": 4, "bon": 4, "iv": 4, "nam": 5, "v": 5,
}  # fmt: skip
MAX_DOSE_NUMBER = 9


class ParsedDose(NamedTuple):
    """A dose number, or how many doses behind the basic series (bổ sung, nhắc lại), and reason bits."""

    number: int | None
    behind_series: int | None = None
    bits: int = 0


def _reduced(text: str) -> str:
    plain = unaccented(unicodedata.normalize("NFKC", text).lower())
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def parse_vaccine(text: str | None) -> tuple[str, int]:
    """Return the product of a typed name (`unknown` when none is recognised) and reason bits."""
    reduced = _reduced(text or "")
    if not reduced:
        return UNKNOWN, bit_of("vaccine_missing")
    short = re.sub(r"^(vacxin|vaccine|vaccin|vx|vac|covid19|covid)+", "", reduced)
    if short in SHORT_FORMS:
        return SHORT_FORMS[short], 0
    found = {product for product, signs in _SIGNS.items() if signs.search(reduced)}
    found |= {
        SHORT_FORMS[word] for word in _words(text or "") if word in SHORT_FORMS
    }  # "AZ + Pfizer" names two
    found -= {maker for product, maker in FILLED_FROM.items() if product in found}  # "Hayat-Vax (Sinopharm)"
    found = found or _misspelt(text or "")
    if len(found) == 1:
        return found.pop(), 0
    return UNKNOWN, bit_of("vaccine_unknown")


def _words(text: str) -> set[str]:
    return {_reduced(word) for word in re.split(r"[\s/(),;+&-]+", text)}


def _misspelt(text: str) -> set[str]:
    """Return the products of which a word of the text is one letter away."""
    words = _words(text) | {_reduced(text)}
    return {
        product
        for product, names in LONG_NAMES.items()
        if any(edit_distance(word, name, 1) <= 1 for word in words for name in names)
    }


def parse_dose_number(text: str | None) -> ParsedDose:
    """Read a dose number: "1", "Mũi 1", "Mũi tiêm thứ nhất", "bổ sung", "nhắc lại", "1.0"; never raises.

    "Bổ sung" and "nhắc lại" without a number get none here: it depends on the product's series. So does a 1 beside
    them, which counts such doses; a 2 may do either ("nhắc lại 2"; Janssen's "mũi 2 nhắc lại") and gets both.
    """
    typed = " ".join(unaccented(unicodedata.normalize("NFKC", text or "").lower()).split())
    if not typed:
        return ParsedDose(None, bits=bit_of("dose_number_missing"))
    number = _number_in(re.sub(r"(\d)[.,]0+\b", r"\1", typed))
    if number is not None and not 1 <= number <= MAX_DOSE_NUMBER:
        number = None
    if "nhac" in typed or "bo sung" in typed:
        if number in (None, 1) or "lan" in typed:
            return ParsedDose(None, number or 1)
        return ParsedDose(number, number if number == 2 else None)
    return ParsedDose(number, bits=0 if number else bit_of("dose_number_unreadable"))


def _number_in(typed: str) -> int | None:
    """Return the one number a text names, by digits or by word; "Mũi 1 Mũi 1" names one number.

    The number of a campaign's round (đợt 2) is none of a dose.
    """
    typed = re.sub(r"\bdot(?: tiem)?(?: thu| so)? ?(?:\d+|[ivx]+)\b", " ", typed)
    digits = set(re.findall(r"\d+", re.sub(r"covid\W?19", "", typed)))
    if digits:
        return int(digits.pop()) if len(digits) == 1 else None
    words = {w for w in re.split(r"[^a-z]+", typed) if w in _WORD_NUMBERS}
    return _WORD_NUMBERS[words.pop()] if len(words) == 1 else None


def dose_number_sql(number: str, behind: str, product: str) -> str:
    """Return SQL for a dose's number from the typed one and how many doses `behind` the basic series it is.

    A typed number stands but where a dose behind the series cannot have it: a series has one, two or three doses.
    """
    series = series_doses_sql(product)
    return f"CASE WHEN {number} > {series} OR {behind} IS NULL THEN {number} ELSE {behind} + {series} END"
