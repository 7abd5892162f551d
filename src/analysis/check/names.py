"""Names from an intake as they may be shown outside the restricted zone.

A file, sheet or archive member is often named after a person or a private clinic. A name that is not wholly made of
known words is shown as a number: its position among such names, sorted.
"""

import re
from collections.abc import Iterable
from functools import cache

from analysis.check.columns import known_headers
from analysis.intake.headers.notes import word_set
from analysis.intake.syllables import unaccented
from analysis.reference import read_units

_TOKENS = re.compile(r"[a-z]+|\d+")
MOST_DIGITS = 8
_MOST_WORDS = 8
# No syllable of Vietnamese is as long.
_LONG_WORD = 8
_KINDS = word_set(
    "tinh thanhpho tp quan huyen tx tt platform registry daily reports report population decisions decision facilities "
    "facility feedback rosters roster intake json csv gz xlsx xls xlsb ods parquet zip txt sheet file data export "
    "covid vaccine vacxin thang tuan ngay jan feb mar apr may jun jul aug sep oct nov dec january february march april "
    "june july august september october november december"
)
# Many a syllable is a name as well: these count only together.
_LISTED = (
    "bao cao;dan so;dan cu;co so;phan anh;quyet dinh;danh sach;mui tiem;tiem chung;vac xin;nen tang;tong hop;cap nhat;"
    "doi tuong;trang tinh;bang tinh;du lieu;so lieu;ca nuoc;thanh pho;thi xa;thi tran;xa;phuong;xuat du lieu;"
    "bien dong;ket qua;tre em;nguoi lon"
)
_PHRASES = frozenset(_LISTED.split(";"))
# And these only in front of a number.
_NUMBERED = word_set("phan nam quy lan dot tu den ban v trang so bang mui q")
_PRECEDING = word_set("xa phuong tt tran")


@cache
def _units() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of provinces and districts, and those of communes, without their kind, as plain words."""
    units = read_units()
    wide = {_without_kind(name) for level in ("province", "district") for name in units[f"{level}_name"]}
    return frozenset(wide - {""}), frozenset({_without_kind(name) for name in units["commune_name"]} - {""})


def _without_kind(name: str) -> str:
    words = _words(name)
    for kind in (
        ["thanh", "pho"],
        ["thi", "xa"],
        ["thi", "tran"],
        ["tinh"],
        ["quan"],
        ["huyen"],
        ["xa"],
        ["phuong"],
    ):
        if words[: len(kind)] == kind:
            return " ".join(words[len(kind) :])
    return " ".join(words)


def _words(text: str) -> list[str]:
    return _TOKENS.findall(unaccented(text.lower()))


def is_known_name(name: str) -> bool:
    """Say whether a file's or sheet's name is wholly made of units, kinds of file, months, formats and short numbers.

    A commune's name counts only behind its kind: many are those of persons.

    >>> is_known_name("platform/tinh_ha_giang_2021-11.csv"), is_known_name("platform/bs_an.xlsx")
    (True, False)
    """
    return _is_known(_words(name), _KINDS, _PHRASES, _NUMBERED)


def is_known_header(kind: str, header: str) -> bool:
    """Say whether a header is wholly made of known headers of its folder, whole ones, and short numbers.

    Their single words would not do: "Lan", "Minh" and "Mai" are names.
    """
    return _is_known(_words(header), frozenset(), _header_phrases(kind), frozenset())


@cache
def _header_phrases(kind: str) -> frozenset[str]:
    phrases = frozenset(" ".join(_words(text)) for text, _ in known_headers(kind).values())
    return frozenset(phrase for phrase in phrases if " " in phrase or len(phrase) >= _LONG_WORD)


def _is_known(
    words: list[str], known: frozenset[str], phrases: frozenset[str], numbered: frozenset[str]
) -> bool:
    """Say whether words are wholly covered by short numbers, known words and phrases, and names of units."""
    wide, communes = _units()
    position = 0
    while position < len(words):
        word, following = words[position], words[position + 1 : position + 2]
        allowed = wide | phrases
        if position and words[position - 1] in _PRECEDING:
            allowed |= communes
        spans = (" ".join(words[position : position + n]) for n in range(_MOST_WORDS, 0, -1))
        length = next((span.count(" ") + 1 for span in spans if span in allowed), 0)
        if not length and word.isdigit():
            length = int(len(word) <= MOST_DIGITS)
        if not length and (word in known or (word in numbered and following and following[0].isdigit())):
            length = 1
        if not length:
            return False
        position += length
    return bool(words)


class ShownNames:
    """How names are shown: those of known words as they stand, the others by number."""

    def __init__(self, files: Iterable[str], headers: Iterable[tuple[str, str]]) -> None:
        hidden = {"file": {f for f in files if not is_known_name(f)}}
        hidden["header"] = {text for kind, text in headers if not is_known_header(kind, text)}
        self._shown = {
            (what, name): f"{what}:{number}"
            for what, names in hidden.items()
            for number, name in enumerate(sorted(names), start=1)
        }

    def show(self, what: str, name: str) -> str:
        """Return the form in which a `file` or `header` may be shown."""
        return self._shown.get((what, name), name)

    def within(self, sentence: str) -> str:
        """Return a sentence of a run in which a file may be called by its own name, without its folder."""
        for (_, name), shown in self._shown.items():
            sentence = sentence.replace(f"'{name.rsplit('/', 1)[-1]}'", shown)
        return sentence


class TypedNames(ShownNames):
    """Names as they were typed, for the operator's own terminal."""

    def __init__(self) -> None:
        super().__init__((), ())
