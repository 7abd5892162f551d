"""Foreigners whose nationality nobody typed: told by a number and the form of the name (sources link-11, link-14)."""

import re
import unicodedata
from collections.abc import Sequence

from analysis.clean.fields.identity_numbers import citizen_prefixes, parse_identity
from analysis.clean.fields.name_words import (
    FREQUENT_SURNAMES,
    HIGHLAND_WORDS,
    OTHER_SURNAMES,
    SURNAMES,
)
from analysis.clean.fields.typing_residue import read_residue
from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.syllables import is_plain_syllable, unaccented

_FREQUENT = frozenset(unaccented(name.lower()) for name in FREQUENT_SURNAMES)
_KNOWN = frozenset(unaccented(name.lower()) for name in SURNAMES | OTHER_SURNAMES)
# Of a row `s` of typed cells: its number, where the row has no nationality, and either the number letters or the row no
# people, no citizen number, and a name without accents (blanks of any kind are none) and without a frequent surname in
# front. Few rows have one.
UNSAID_NUMBER = (
    "CASE WHEN nullif(trim(s.nationality), '') IS NULL "
    "AND (regexp_matches(s.id_number, '[A-Za-z]') OR s.ethnicity IS NULL "
    "AND (strlen(s.full_name) = length(s.full_name) OR NOT regexp_matches(s.full_name, '[^\\x00-\\x7F\\pZ\\p{Cf}]')) "
    "AND NOT regexp_full_match(coalesce(s.id_number, ''), '0[0-9]{11}') "
    f"AND NOT regexp_matches(lower(s.full_name), '^({'|'.join(sorted(_FREQUENT))}) | (van|thi) ')) "
    "THEN coalesce(s.id_number, '') END"
)
# One letter and seven figures: Vietnamese passports had no other form before July 2022, and others' have it too.
_VIETNAMESE_PASSPORT = re.compile(r"[A-Z]\d{7}", re.A)
# What the police may have given: an old number, or one of these or of a citizen without its zeros in front.
_OURS = re.compile(
    rf"\d{{8}}|(?:0[1-9]|[12]\d|3[0-8])\d{{7}}|0*(?:{'|'.join(p.lstrip('0') for p in citizen_prefixes())})[0-3]\d{{8}}",
    re.A,
)
_PHONE = re.compile(
    r"(?:0|84)?(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)\d{7}|(?:0|84)?1(?:2\d|6[2-9]|8[68]|99)\d{7}", re.A
)
_JOINED = re.compile("(?:[yh]|k(?!h))[b-df-hj-np-tv-xz]")
_LEAST_FIGURES = 5


def read_unsaid(name: str | None, number: str | None) -> tuple[bool, int]:
    """Return whether a row without a nationality is a foreigner's, by its typed name and number, and reason bits.

    A name without any Vietnamese syllable and without a paper of Viet Nam leaves the nationality open.
    """
    if is_unsaid_foreigner(name, number):
        return True, bit_of("foreigner")
    is_open = _is_foreign_name(_words(name)) and not re.fullmatch(
        r"\d{12}", parse_identity(number).digits or ""
    )
    return False, bit_of("nationality_unknown") if is_open else 0


def is_unsaid_foreigner(name: str | None, number: str | None) -> bool:
    """Say whether a row without a nationality is a foreigner's, by its typed name and its typed number.

    A passport of a form that Viet Nam does not issue, and a name without accents that has a word no Vietnamese
    syllable can be, or begins with no surname known here; with a passport of Viet Nam's form, or figures alone that
    are no number of Viet Nam's, no word may be a Vietnamese syllable. Accents, keys left by an input method and
    frequent surnames keep a row among citizens.
    """
    identity = parse_identity(number)
    words = _words(name)
    if identity.shape == "digits":
        return _is_foreign_name(words) and _is_nobody_of_ours(identity.digits or "")
    if identity.shape not in ("passport", "lettered") or len(words) < 2 or not all(map(str.isascii, words)):
        return False
    if identity.shape == "lettered":
        return _is_foreign_name(words)
    read = [read_residue(word) or word for word in words]
    has_impossible = any(not is_plain_syllable(unaccented(word)) for word in read)
    surname = unaccented(read[0])
    is_written_plain = any(map(is_plain_syllable, words))
    if words[0] in _FREQUENT or (surname in _FREQUENT and is_written_plain):  # Lee may be Lê
        return False
    if _VIETNAMESE_PASSPORT.fullmatch(identity.digits or ""):
        return has_impossible and surname not in _KNOWN and not is_written_plain
    return has_impossible or surname not in _KNOWN


def _words(name: str | None) -> list[str]:
    return re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", name or "").lower())


def _is_foreign_name(words: Sequence[str]) -> bool:
    """Say whether no word of a name can be Vietnamese, nor one of the peoples of Viet Nam known here.

    Single letters stand before names of the highlands (H Ber, K Srai), joined to them at times (Ywang, Hblinh).
    """
    if len(words) < 2 or any(len(word) == 1 or not word.isascii() or _JOINED.match(word) for word in words):
        return False
    return not any(
        is_plain_syllable(word) or read_residue(word) or word in _KNOWN or word in HIGHLAND_WORDS
        for word in words
    )


def _is_nobody_of_ours(digits: str) -> bool:
    """Say whether figures are neither a number of Viet Nam's police, whole or without its zeros, nor a telephone."""
    return len(digits) >= _LEAST_FIGURES and not _OURS.fullmatch(digits) and not _PHONE.fullmatch(digits)
