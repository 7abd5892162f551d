"""Products and dose numbers: any spelling to the contract's names (domain facts, section F)."""

import re
import unicodedata
from typing import NamedTuple

from analysis.clean.reason_codes import bit_of
from analysis.intake.syllables import unaccented

UNKNOWN = "unknown"
PRODUCTS = (
    "AstraZeneca",
    "Comirnaty",
    "Spikevax",
    "Vero Cell",
    "Sputnik V",
    "Janssen",
    "Hayat-Vax",
    "Abdala",
    "Covaxin",
)
# Tested in this order on the text reduced to letters and digits: "Hayat-Vax (Sinopharm)" is Hayat-Vax.
_SIGNS: tuple[tuple[str, str], ...] = (
    ("Hayat-Vax", "hayat"),
    ("Spikevax", "spikevax|spikevac|moderna|modena|mordena|mrna1273|mrna1237"),
    ("Comirnaty", "comirnat|comimat|cominat|corminat|pfizer|pfize|pfzer|fizer|pizer|bnt162|biontech"),
    ("AstraZeneca", "astra|zeneca|zenneca|azd1222|vaxzev|vazevr|covishield|chadox"),
    ("Sputnik V", "sputnik|sputnic|sputink|gamcovid|gamaleya|gamcovit"),
    ("Janssen", "janssen|jansen|jonson|johnson|jnj|ad26"),
    ("Abdala", "abdala|abdalla|cigb66|adbala"),
    ("Covaxin", "covaxin|bbv152|bharat"),
    (
        "Vero Cell",
        "verocell|verocel|verrocell|sinopharm|sinopham|sinofarm|sinophram|cnbg|bibp|inactivated|verocen",
    ),
)
_SHORT = {"az": "AstraZeneca", "pf": "Comirnaty", "pfz": "Comirnaty", "vero": "Vero Cell", "jj": "Janssen"}
_WORD_NUMBERS = {
    "nhat": 1, "mot": 1, "dau": 1, "dautien": 1, "i": 1, "hai": 2, "nhi": 2, "ii": 2,
    "ba": 3, "iii": 3, "tu": 4, "bon": 4, "iv": 4, "nam": 5, "v": 5,
}  # fmt: skip
MAX_DOSE_NUMBER = 9


class ParsedDose(NamedTuple):
    """A dose number with its kind: `numbered`, `additional` (bổ sung) or `booster` (nhắc lại)."""

    number: int | None
    kind: str | None
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
    if short in _SHORT:
        return _SHORT[short], 0
    for product, signs in _SIGNS:
        if re.search(signs, reduced):
            return product, 0
    return UNKNOWN, bit_of("vaccine_unknown")


def parse_dose_number(text: str | None) -> ParsedDose:
    """Read a dose number: "1", "Mũi 1", "Mũi tiêm thứ nhất", "bổ sung", "nhắc lại", "1.0"; never raises.

    "Bổ sung" and "nhắc lại" without a number get none here: it depends on the product
    (`additional_number`).
    """
    typed = " ".join(unaccented(unicodedata.normalize("NFKC", text or "").lower()).split())
    if not typed:
        return ParsedDose(None, None, bit_of("dose_number_missing"))
    kind = "booster" if "nhac" in typed else "additional" if "bo sung" in typed else "numbered"
    number = _number_in(re.sub(r"(\d)[.,]0+\b", r"\1", typed))
    if kind != "numbered":
        return ParsedDose(None if number is None or "lan" in typed else number, kind)
    if number is None or not 1 <= number <= MAX_DOSE_NUMBER:
        return ParsedDose(None, None, bit_of("dose_number_unreadable"))
    return ParsedDose(number, kind)


def _number_in(typed: str) -> int | None:
    """Return the one number a text names, by digits or by word; "Mũi 1 Mũi 1" names one number."""
    digits = set(re.findall(r"\d+", re.sub(r"covid\W?19", "", typed)))
    if digits:
        return int(digits.pop()) if len(digits) == 1 else None
    words = {w for w in re.split(r"[^a-z]+", typed) if w in _WORD_NUMBERS}
    return _WORD_NUMBERS[words.pop()] if len(words) == 1 else None


def additional_number(product: str) -> int:
    """Return the number of the first dose after the basic series: Janssen 2, Abdala 4, others 3."""
    return {"Janssen": 2, "Abdala": 4}.get(product, 3)
