"""Foreigners whose nationality nobody typed: told by a passport and the form of the name (sources link-11)."""

import re
import unicodedata

from analysis.clean.fields.identity_numbers import parse_identity
from analysis.clean.fields.name_words import FREQUENT_SURNAMES, OTHER_SURNAMES, SURNAMES
from analysis.clean.fields.typing_residue import read_residue
from analysis.intake.syllables import is_plain_syllable, unaccented

# Of a row `s` of typed cells: its number, where it has letters and the row no nationality. Few rows have one.
UNSAID_NUMBER = "CASE WHEN nullif(trim(s.nationality), '') IS NULL AND regexp_matches(s.id_number, '[A-Za-z]') THEN s.id_number END"
# One letter and seven figures: Vietnamese passports had no other form before July 2022, and others' have it too.
_VIETNAMESE_PASSPORT = re.compile(r"[A-Z]\d{7}", re.A)
_FREQUENT = frozenset(unaccented(name.lower()) for name in FREQUENT_SURNAMES)
_KNOWN = frozenset(unaccented(name.lower()) for name in SURNAMES | OTHER_SURNAMES)


def is_unsaid_foreigner(name: str | None, number: str | None) -> bool:
    """Say whether a row without a nationality is a foreigner's, by its typed name and its typed number.

    A passport of a form that Viet Nam does not issue, and a name without accents that has a word no Vietnamese
    syllable can be, or begins with no surname known here; with a passport of Viet Nam's form no word may be a
    Vietnamese syllable. Accents, keys left by an input method and frequent surnames keep a row among citizens.
    """
    identity = parse_identity(number)
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", name or "").lower())
    if identity.shape != "passport" or len(words) < 2 or not all(map(str.isascii, words)):
        return False
    read = [read_residue(word) or word for word in words]
    has_impossible = any(not is_plain_syllable(unaccented(word)) for word in read)
    surname = unaccented(read[0])
    is_written_plain = any(map(is_plain_syllable, words))
    if words[0] in _FREQUENT or (surname in _FREQUENT and is_written_plain):  # Lee may be Lê
        return False
    if _VIETNAMESE_PASSPORT.fullmatch(identity.digits or ""):
        return has_impossible and surname not in _KNOWN and not is_written_plain
    return has_impossible or surname not in _KNOWN
