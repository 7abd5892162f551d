"""Keys left in a name by an input method that was off: Telex letters (Nguyeenx) and VNI digits (Nguye64n)."""

import re
import unicodedata
from functools import lru_cache

from analysis.clean.fields.name_words import MIDDLE_WORDS, OTHER_SURNAMES, SURNAMES
from analysis.intake.syllables import is_plain_syllable, is_syllable, place_tone

# A circumflex or breve typed behind the tone stays apart in NFC: à and a circumflex make no ầ.
_HAT_BEHIND_TONE = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")
_WELL_KNOWN = SURNAMES | OTHER_SURNAMES | MIDDLE_WORDS
_BLANK_BEHIND_H = re.compile(r"\b([Hh]')\s+(?=[^\W\d_])")

_TELEX_TONES = {"f": "\u0300", "s": "\u0301", "r": "\u0309", "x": "\u0303", "j": "\u0323", "z": ""}
_VNI_TONES = {"2": "\u0300", "1": "\u0301", "3": "\u0309", "4": "\u0303", "5": "\u0323", "0": ""}
_TELEX_LETTERS = (
    ("dd", "đ"), ("uow", "ươ"), ("uwow", "ươ"), ("aa", "â"), ("ee", "ê"), ("oo", "ô"), ("aw", "ă"), ("ow", "ơ"), ("uw", "ư"),
)  # fmt: skip
_VNI_MARKS = {
    "6": {"a": "â", "e": "ê", "o": "ô"},
    "7": {"u": "ư", "o": "ơ"},
    "8": {"a": "ă"},
    "9": {"d": "đ"},
}
_VOWEL = re.compile("[aeiouyăâêôơư]")


# What only a key can be. Ber, Ur and Moong are words of the highlands and of the Khơ Mú.
_SURE_KEYS = re.compile(r"\d|(?<=.)[wjfzx]|aa|ee|dd")


def is_sure_residue(word: str) -> bool:
    """Say whether a word proves by itself that keys are left in it: by more than a tone key r or s, or oo.

    >>> is_sure_residue("vawn"), is_sure_residue("hungf"), is_sure_residue("ber"), is_sure_residue("moong")
    (True, True, False, False)
    """
    return _SURE_KEYS.search(word) is not None


@lru_cache(maxsize=50_000)
def read_residue(word: str) -> str | None:
    """Return the syllable a lower-case word stands for, or None when it is no such residue.

    >>> read_residue("nguyeenx"), read_residue("nguye64n"), read_residue("dduwcs"), read_residue("hoa")
    ('nguyễn', 'nguyễn', 'đức', None)
    """
    plain = word.isascii() and word.isalpha() and is_plain_syllable(word)
    # `oo` is a rare rime of its own (xoong), in no name: there it is a Telex ô.
    if (is_syllable(word) or plain) and "oo" not in word:
        return None
    for read in (_read_vni, _read_telex):
        found = read(word)
        if found is not None and is_syllable(found):
            return place_tone(found)
    return None


def _with_tone(plain: str, tone: str) -> str | None:
    """Put a tone on the first vowel; `place_tone` moves it afterwards. None when there is no vowel."""
    seat = _VOWEL.search(plain)
    if seat is None:
        return None
    end = seat.end()
    return unicodedata.normalize("NFC", plain[:end] + tone) + plain[end:]


def _read_telex(word: str) -> str | None:
    if not word.isascii() or not word.isalpha():
        return None
    vowel = _VOWEL.search(word)
    if vowel is None:
        return None
    head, tail = word[: vowel.end()], word[vowel.end() :]
    tones = [i for i, c in enumerate(tail) if c in _TELEX_TONES]
    # The tone key may stand right behind its vowel or at the end; one is one too few to be doubted.
    candidates = [(tail, "")] + [(tail[:i] + tail[i + 1 :], _TELEX_TONES[tail[i]]) for i in reversed(tones)]
    for rest, tone in candidates:
        plain = head + rest
        for keys, letter in _TELEX_LETTERS:
            plain = plain.replace(keys, letter)
        plain = plain.replace("uơ", "ươ") if plain not in ("huơ", "thuơ", "quơ") else plain
        found = _with_tone(plain, tone)
        if found and found != word and is_syllable(found):
            return found
    return None


def _read_vni(word: str) -> str | None:
    if not re.fullmatch(r"[a-zđăâêôơư]+\d[a-z0-9đăâêôơư]*", word):
        return None
    letters: list[str] = []
    tone = ""
    for char in word:
        if char in _VNI_TONES:
            tone = _VNI_TONES[char]
        elif char in _VNI_MARKS:
            letters = _marked(letters, _VNI_MARKS[char])
        else:
            letters.append(char)
    return _with_tone("".join(letters), tone)


def _marked(letters: list[str], marks: dict[str, str]) -> list[str]:
    """Put a mark on the last letters that can carry it (both of `uo`)."""
    result = list(letters)
    for i in range(len(result) - 1, -1, -1):
        if result[i] in marks:
            result[i] = marks[result[i]]
            if not (result[i] == "ơ" and i and result[i - 1] == "u"):
                break
    return result


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
