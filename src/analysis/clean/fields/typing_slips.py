"""Slips of typing that a name's letters alone put right: marks in the wrong order, words stuck together."""

import re
import unicodedata

from analysis.clean.fields.name_words import MIDDLE_WORDS, OTHER_SURNAMES, SURNAMES
from analysis.intake.syllables import is_plain_syllable, is_syllable

# A circumflex or breve typed behind the tone stays apart in NFC: à and a circumflex make no ầ.
_HAT_BEHIND_TONE = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")
_WELL_KNOWN = SURNAMES | OTHER_SURNAMES | MIDDLE_WORDS
_BLANK_BEHIND_H = re.compile(r"\b([Hh]')\s+(?=[^\W\d_])")


def with_marks_in_order(text: str) -> str:
    """Return a text with each tone that was typed before its letter's own mark put behind it.

    >>> with_marks_in_order("Thua\u0300\u0302n")
    'Thuần'
    """
    composed = unicodedata.normalize("NFC", text)
    if "\u0302" not in composed and "\u0306" not in composed:
        return text
    apart = unicodedata.normalize("NFD", composed)
    return unicodedata.normalize("NFC", _HAT_BEHIND_TONE.sub(r"\2\1", apart))


def with_words_as_meant(text: str) -> str:
    """Part words stuck together at a capital (NguyễnThị), and join H' of the highlands with its name.

    >>> with_words_as_meant("NguyễnThị Hoa"), with_words_as_meant("Ksor H' Rin")
    ('Nguyễn Thị Hoa', "Ksor H'Rin")
    """
    parted = " ".join(part for word in text.split() for part in _parted(word))
    return _BLANK_BEHIND_H.sub(r"\1", parted)


def _parted(word: str) -> list[str]:
    """Return the words stuck in one: each a capital and small letters, all but the last well known in names."""
    if word[1:].islower() or word.isupper():
        return [word]
    cuts = [i for i in range(1, len(word)) if word[i].isupper() and word[i - 1].islower()]
    parts = [word[i:j] for i, j in zip([0, *cuts], [*cuts, len(word)], strict=True)]
    known = all(part in _WELL_KNOWN for part in parts[:-1])
    return parts if known and all(map(_is_capitalised_syllable, parts)) else [word]


def _is_capitalised_syllable(word: str) -> bool:
    lower = word.lower()
    written = is_syllable(lower) or (lower.isascii() and is_plain_syllable(lower))
    return written and word == lower.capitalize()
