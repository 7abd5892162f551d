"""What stands in a name's cell beside the name: titles, aliases, notes, and commas inside a name or before a note."""

import re
from functools import cache

from analysis.clean.fields.name_words import (
    AND,
    FREQUENT_SURNAMES,
    KIN,
    NEVER_MIDDLE,
    NOT_OF_A_NAME,
    OF_KIN,
    OTHER_SURNAMES,
    PLAIN_TITLES,
    SURNAMES,
    TITLES,
)
from analysis.intake.syllables import VOWELS, unaccented
from analysis.reference import read_units

LONGEST_USUAL_NAME = 5  # words: longer names are rare (sources name-5)
# Brackets, a note after a dash, a comma or a slash, and the year of birth (SN: sinh năm).
_NOTE = re.compile(r"\([^)]*\)?|\[[^\]]*\]?|<[^>]*>|(?<=\w)\s*(?:\s-+\s|[,;/]|\s(?i:sn)[\s.:]*(?=\d)).*$")
_ALL_SURNAMES = SURNAMES | OTHER_SURNAMES
_HIGHLAND_FIRST = re.compile("[YH](?:$|['\\-]|[bcdđghjklmnñprstvw])")
_KIND = re.compile("^(?:Tỉnh|Thành phố|Huyện|Quận|Thị xã|Xã|Phường|Thị trấn) ")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*\.?")


def without_note(text: str) -> str:
    """Return the text of a name's cell without what stands behind or around the name."""
    return _NOTE.sub(" ", _joined_at_commas(text) if "," in text else text)


def _joined_at_commas(text: str) -> str:
    """Put a blank for each comma that stands inside a name: what follows it can go on with the name."""
    name, *parts = re.split(r"\s*,\s*", text)
    for position, part in enumerate(parts):
        if not _goes_on(name.split(), part.split()):
            return ", ".join([name, *parts[position:]])
        name = f"{name} {part}".rstrip()
    return name


def _goes_on(name: list[str], words: list[str]) -> bool:
    """Say whether words behind a comma can belong to the name before it.

    A note has figures, abbreviations, small letters or words of places and kin; a surname with two more words
    is another person, and behind a name that could be whole a unit's name is a residence.
    """
    lower = [word.lower() for word in words]
    if not all(_NAME_WORD.fullmatch(word) and VOWELS.intersection(unaccented(word)) for word in lower):
        return False
    if NOT_OF_A_NAME.intersection(lower) or len(name) + len(words) > LONGEST_USUAL_NAME:
        return False
    if words and words[0].islower() and not name[0].islower():
        return False
    if len(name) > 1 and len(words) > 2 and words[0].capitalize() in SURNAMES:
        return False
    return len(name) < 3 or unaccented(" ".join(lower)) not in _unit_keys()


@cache
def _unit_keys() -> frozenset[str]:
    """Return the plain keys of the units' names of two or more words, without Tỉnh, Huyện, Xã and the like."""
    units = read_units()
    names = {*units["province_name"], *units["district_name"], *units["commune_name"].dropna()}
    keys = (unaccented(_KIND.sub("", name).lower()) for name in names)
    return frozenset(key for key in keys if " " in key)


def span_of_name(words: list[str]) -> tuple[int, int]:
    """Return where the name itself begins and ends among canonical words: behind a title, before an alias or a note on kin."""
    end = min(_alias_at(words), _kin_at(words))
    return _title_length(words[:end]), end


def _alias_at(words: list[str]) -> int:
    """Return where `tức Hà` (that is, Hà) begins, behind two words at least; else the number of words."""
    end = len(words)
    return words.index("Tức", 2, end - 1) if "Tức" in words[2 : end - 1] else end


def _kin_at(words: list[str]) -> int:
    """Return where `con ông Hùng` or a second person (`và Lê Thị Hoa`) begins, behind two words at least."""
    for i in range(2, len(words) - 1):
        is_kin = words[i] in KIN and words[i + 1] in OF_KIN
        if is_kin or (words[i] == AND and len(words) > i + 2 and words[i + 1] in SURNAMES):
            return i
    return len(words)


def is_told_by_kin(words: list[str]) -> bool:
    """Say whether a name only says whose kin somebody is: Con bà Lan, Vợ anh Hùng, Con Nguyễn Thị Lan (sources name-11)."""
    return len(words) > 2 and words[0] in KIN and (words[1] in OF_KIN or words[1] in SURNAMES)


def _title_length(words: list[str]) -> int:
    """Return how many words of title a name begins with: before a surname, and with a whole name left behind it (sources name-10).

    Ông is a surname too (Ông Cao Thắng, Ông Ích Khiêm): it is a title before a frequent surname and two words
    more, before a name with Văn, Thị or the A of the Mông, and before what is no middle name: a surname that never is
    one, the Y and H' of the highlands, joined to the name or not. Without accents Ong and Ba are titles
    where Ông is.
    """
    if words[:2] == ["Đ", "C"]:
        return 2 if len(words) > 3 and _is_surname(words[2]) else 0
    if len(words) < 3:
        return 0
    is_plain = all(map(str.isascii, words[1:]))
    title = PLAIN_TITLES.get(words[0], words[0]) if is_plain and len(words) > 3 else words[0]
    is_sure = title in PLAIN_TITLES.values()
    if is_sure and _is_no_middle_name(words[1]):
        return 1
    if title not in TITLES or not _is_surname(words[1], is_plain and is_sure):
        return 0
    if title == "Ông" or title != words[0]:
        proved = _is_one_of(words[1], FREQUENT_SURNAMES, is_plain) or words[2] in (
            "Văn",
            "Thị",
            "Van",
            "Thi",
            "A",
        )
        return int(len(words) > 3 and proved)
    return 1


def _is_surname(word: str, is_plain: bool = False) -> bool:
    return _is_one_of(word, _ALL_SURNAMES, is_plain) or word.startswith("H'")


def _is_one_of(word: str, surnames: frozenset[str], is_plain: bool) -> bool:
    """Say whether a word is one of these surnames, as it is written or (`is_plain`) without its accents."""
    return word in surnames or (is_plain and word.lower() in _plain_keys(surnames))


@cache
def _plain_keys(words: frozenset[str]) -> frozenset[str]:
    return frozenset(unaccented(word.lower()) for word in words)


def _is_no_middle_name(word: str) -> bool:
    """Say whether a word can only begin a name: a surname that is no middle name, or the Y and H' of the highlands."""
    return word in NEVER_MIDDLE or bool(_HIGHLAND_FIRST.match(word))
