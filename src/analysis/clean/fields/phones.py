"""Phone numbers: digits with a leading 0, prefixes as the migration of 2018 left them (sources id-7)."""

import re

from analysis.clean.quality.reason_codes import bit_of

_MOBILE_PREFIXES = {
    "0162": "032",
    "0163": "033",
    "0164": "034",
    "0165": "035",
    "0166": "036",
    "0167": "037",
    "0168": "038",
    "0169": "039",
    "0120": "070",
    "0121": "079",
    "0122": "077",
    "0126": "076",
    "0128": "078",
    "0123": "083",
    "0124": "084",
    "0125": "085",
    "0127": "081",
    "0129": "082",
    "0186": "056",
    "0188": "058",
    "0199": "059",
}  # fmt: skip  (the migration of 2018: sources id-7)
# A cell that is already as it must be; the others are read one by one.
ORDINARY_PHONE_SQL = "regexp_full_match({}, '0[35789][0-9]{{8}}')"
# Nine digits whose 0 was lost, or behind the country's code.
SHORTENED_PHONES = """
SELECT t0, '0' || right(t0, 9) AS phone, 0 AS bits FROM {values} WHERE regexp_full_match(t0, '[1-9][0-9]{8}|84[0-9]{9}')"""
_SCIENTIFIC = re.compile(r"\d[.,]?\d*E\+?\d", re.I)
_SEVERAL = re.compile(r"[/;&]|\s-\s|\bhoặc\b|\bvà\b|(?<=\d{10})[\s,]+(?=0\d{9})")
_SHORTEST = 9
_FIGURES = str.maketrans("OoIlSsBZz", "001155822")
_CALLED = re.compile(r"(?:0|84)[35789]\d{8}|01[2689]\d{8}|02\d{9}", re.A)


def parse_phone(text: str | None) -> tuple[str | None, int]:
    """Return a typed phone number with its leading 0 (None when there is none) and reason bits.

    Of several numbers in a cell the first counts; a number abroad keeps its digits.
    """
    typed = _with_figures(text or "")
    if _SCIENTIFIC.search(typed):
        return None, 0
    found = (re.sub(r"[.,]0$|\D", "", part.strip()) for part in [*_SEVERAL.split(typed), typed])
    digits = next((d for d in found if len(d) >= _SHORTEST), "")
    local = _local(digits)
    current = _MOBILE_PREFIXES.get(local[:4]) if len(local) == 11 else None
    if current:
        return current + local[4:], bit_of("phone_prefix_updated")
    return local or None, 0


def _with_figures(typed: str) -> str:
    """Return a number in which O was typed for 0, l or I for 1, where that makes a number that can be called."""
    figures = typed.translate(_FIGURES)
    is_number = figures != typed and re.fullmatch(r"[\d\s.+()-]+", figures)
    return figures if is_number and _CALLED.fullmatch(re.sub(r"\D", "", figures)) else typed


def _local(digits: str) -> str:
    """Return digits without the country's code and with a lost zero put back."""
    without = re.sub(r"^(?:00)?840?(?=\d{9,10}$)", "0", digits)
    lost = (len(without) == 9 and without[0] != "0") or (len(without) == 10 and without[0] in "12")
    return "0" + without if lost else without
