"""The spelling of unit names: prefix words, abbreviations, accents, numbers, codes with lost zeros."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from analysis.clean.fields.names import plain_text
from analysis.clean.fields.typing_residue import read_residue
from analysis.intake.formats.legacy_text import repair_text
from analysis.intake.syllables import is_syllable, place_tone, split_tone, unaccented

# Prefix words as they are written, and the kind they stand for; longest first.
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("thành phố", "thanh pho"),
    ("thị trấn", "thi tran"),
    ("thị xã", "thi xa"),
    ("phường", "phuong"),
    ("huyện", "huyen"),
    ("tỉnh", "tinh"),
    ("quận", "quan"),
    ("xã", "xa"),
)
_ABBREVIATIONS = {
    "tttn": "thi tran", "tp": "thanh pho", "tx": "thi xa", "tt": "thi tran", "h": "huyen", "q": "quan",
    "p": "phuong", "x": "xa", "t": "tinh",
}  # fmt: skip
# The words of a kind as letters without tone: phương for phường.
_PREFIX_WORDS = {
    first: [
        (words, kind)
        for prefix, kind in _PREFIXES
        for words in (prefix.split(), kind.split())
        if words[0] == first
    ]
    for prefix, kind in _PREFIXES
    for first in (prefix.split()[0], kind.split()[0])
}
_WORDS_OF_KINDS = frozenset(word for _, kind in _PREFIXES for word in kind.split())
KIND_WORDS = {kind: split_tone(prefix.replace(" ", ""))[0] for prefix, kind in _PREFIXES}
_KIND_BEHIND = re.compile(r"(\w[^()]*?)\s*\(\s*([^()]+?)\.?\s*\)")
_CODE = re.compile(r"'?(\d{1,5})(?:[.,]0+)?")
_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d])(?=\d)")
_BETWEEN_WORDS = re.compile(r"[^\w']+|_")
_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "Ɖ": "Đ", "ð": "đ"})


@dataclass(frozen=True)
class UnitName:
    """A typed unit name taken apart: prefix kind (or empty), bare name accented and plain, code digits.

    `whole` is the plain name with its prefix word, for names that only begin like one (Quan Hóa).
    """

    kind: str
    accented: str
    plain: str
    code: str = ""
    whole: str = ""

    @cached_property
    def full(self) -> str:
        """Return `plain` with its prefix words before it."""
        return self.kind.replace(" ", "") + self.plain

    @cached_property
    def digits(self) -> str:
        """Return the digits of `plain`: a numbered ward's number."""
        return "".join(filter(str.isdecimal, self.plain))

    @cached_property
    def toneless(self) -> str:
        """Return `accented` without tone marks; asked for where letters are wrong, of few names."""
        return split_tone(self.accented)[0]


@lru_cache(maxsize=100_000)
def read_unit_name(text: str | None) -> UnitName:
    """Take a typed unit name apart; digits alone are a code.

    >>> read_unit_name("TX. Kỳ Anh").kind, read_unit_name("Tịnh Ấn").plain, read_unit_name("24.0").code
    ('thi xa', 'tinhan', '24')
    """
    typed = plain_text((text or "").translate(_LOOK_ALIKES)).lower()
    if found := _CODE.fullmatch(typed):
        return UnitName("", "", "", found[1])
    words = _split_words(_kind_first(typed))
    if _is_kinds_only(words):
        return UnitName("", "", "")
    kind, used = _prefix(words)
    bare = words[used:]
    plain = _joined([unaccented(w) for w in bare])
    whole = _joined([unaccented(w) for w in words]) if used else ""
    accented = _joined([place_tone(w) for w in bare])
    return UnitName(kind, accented, plain, "", whole)


def _kind_first(typed: str) -> str:
    """Return a unit name whose kind stands in brackets behind it ("Tân Trào (xã)", "Lai Cách (TT)") with it in front."""
    found = _KIND_BEHIND.fullmatch(typed)
    kind = found[2] if found else ""
    is_kind = kind in _ABBREVIATIONS or any(kind in pair for pair in _PREFIXES)
    return f"{kind} {found[1]}" if found and is_kind else typed


def without_residue(text: str) -> str:
    """Return a unit name with a wrong encoding turned back, Telex and VNI keys read (Vij Xuyeen); unchanged when it has none.

    "Phuong1" is the first ward, not a tone key: kinds of unit are left alone.
    """
    words = plain_text(text).lower().split()
    if not all(map(is_syllable, words)):
        words = plain_text(repair_text(text)).lower().split()
    return " ".join(w if w.rstrip("0123456789") in _WORDS_OF_KINDS else read_residue(w) or w for w in words)


def _split_words(typed: str) -> list[str]:
    """Split into words at anything but letters and digits, and between a letter and a digit (q1)."""
    parted = _BEFORE_DIGIT.sub(" ", typed)
    return [w for w in _BETWEEN_WORDS.split(unicodedata.normalize("NFC", parted)) if w]


def _prefix(words: list[str]) -> tuple[str, int]:
    """Return the kind a leading prefix names and the number of words it takes.

    A prefix stands with its own accents or without any: Tịnh is not Tỉnh, Phương not Phường.
    """
    for parts, kind in _PREFIX_WORDS.get(words[0], ()) if words else ():
        if len(words) > len(parts) and words[: len(parts)] == parts:
            return kind, len(parts)
    if len(words) > 1 and words[0] in _ABBREVIATIONS:
        return _ABBREVIATIONS[words[0]], 1
    return "", 0


def _is_kinds_only(words: list[str]) -> bool:
    """Say whether words are kinds of unit and nothing else ("Tỉnh/Thành phố", a header): they name no unit."""
    plain = [unaccented(word) for word in words]
    if not _WORDS_OF_KINDS.issuperset(plain):
        return False
    rest = f" {' '.join(plain)} "
    for _, kind in _PREFIXES:
        rest = rest.replace(f" {kind} ", "  ")
    return not rest.strip()


def _joined(words: list[str]) -> str:
    if (letters := "".join(words)).isalpha():
        return letters
    return "".join(w.lstrip("0") or "0" if w.isdigit() else w.replace("'", "") for w in words)


def edit_distance(first: str, second: str, limit: int) -> int:
    """Return how many single letters differ, are lost, doubled or swapped, or `limit` + 1 when more."""
    # One letter wrong changes the letters in use by two at most: most names are far apart at a glance.
    if abs(len(first) - len(second)) > limit or len(_letters(first) ^ _letters(second)) > 2 * limit:
        return limit + 1
    # What both begin or end with costs nothing.
    shared = _shared_letters(first, second)
    first, second = first[shared:], second[shared:]
    if shared := _shared_letters(first[::-1], second[::-1]):
        first, second = first[:-shared], second[:-shared]
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(second, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


@lru_cache(maxsize=100_000)
def _letters(word: str) -> frozenset[str]:
    return frozenset(word)


def _shared_letters(first: str, second: str) -> int:
    """Return with how many same letters two words begin."""
    for position, (a, b) in enumerate(zip(first, second, strict=False)):
        if a != b:
            return position
    return min(len(first), len(second))
