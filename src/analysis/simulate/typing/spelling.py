"""Letters and tone marks of Vietnamese as people and machines write them.

Two placements of the tone mark are in use (hòa and hoà, thúy and thuý), and both are correct; the unit list
of 2021 itself mixes them. Telex and VNI are the usual typing methods; their keystrokes stay in the text when
the typing program is off.
"""

import re
import unicodedata
from collections.abc import Callable

import numpy as np

from analysis.simulate.draws import Texts

_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_TONE_DIGITS = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_MARKS = {"\u0302": "", "\u0306": "w", "\u031b": "w"}
_MARK_DIGITS = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}
_TONE = "[\u0300\u0301\u0309\u0303\u0323]"
_END = "(?![a-zA-Z\u0300-\u031b\u0323])"
_OLD = re.compile(f"([oO])({_TONE})([aeAE]){_END}|([uU])({_TONE})([yY]){_END}")
_NEW = re.compile(f"([oO])([aeAE])({_TONE}){_END}|(?<![qQ])([uU])([yY])({_TONE}){_END}")


def _exchange_last_two(match: re.Match[str]) -> str:
    first, second, third = (g for g in match.groups() if g is not None)
    return first + third + second


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def tone_on_second_vowel(text: str) -> str:
    """Rewrite hòa, thúy as hoà, thuý (quy and qua keep their only form)."""
    return unicodedata.normalize("NFC", _OLD.sub(_exchange_last_two, _decomposed(text)))


def tone_on_first_vowel(text: str) -> str:
    """Rewrite hoà, thuý as hòa, thúy; after q the u is part of the consonant."""
    return unicodedata.normalize("NFC", _NEW.sub(_exchange_last_two, _decomposed(text)))


def without_diacritics(text: str) -> str:
    """Return the letters alone, Đ as D."""
    plain = "".join(c for c in _decomposed(text) if not unicodedata.combining(c))
    return plain.replace("Đ", "D").replace("đ", "d")


def _keystrokes(word: str, tones: dict[str, str], marks: dict[str, str], stroke: str) -> str:
    letters, tail, last = [], "", ""
    for char in _decomposed(word):
        if char in tones:
            tail = tones[char]
        elif char in marks:
            letters.append(marks[char] or last.lower())
        elif char in "Đđ":
            letters.append(("D" if char == "Đ" else "d") + stroke)
        else:
            letters.append(char)
            last = char
    return "".join(letters) + tail


def telex_keystrokes(text: str) -> str:
    """Return what Telex keystrokes leave when nothing composes them: Nguyễn → Nguyeenx."""
    return " ".join(_keystrokes(w, _TONES, _MARKS, "d") for w in text.split(" "))


def vni_keystrokes(text: str) -> str:
    """Return what VNI keystrokes leave when nothing composes them: Nguyễn → Nguye6n4."""
    return " ".join(_keystrokes(w, _TONE_DIGITS, _MARK_DIGITS, "9") for w in text.split(" "))


def rewrite(texts: Texts, function: Callable[[str], str]) -> Texts:
    """Apply a text function once to each distinct text."""
    distinct = list(dict.fromkeys(texts.tolist()))
    written = {text: function(str(text)) for text in distinct}
    return np.array([written[t] for t in texts.tolist()], dtype=object)
