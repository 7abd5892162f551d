"""Names of people: one canonical form, comparison keys, and what was wrong with the typed form.

Canonical: NFC, single spaces, every syllable capitalised (Nghị định 30/2020/NĐ-CP, phụ lục II), Đ for its
look-alikes, tone marks in the old placement. What the cell said is kept beside it by the caller. Variants
(Huỳnh and Hoàng, Vũ and Võ, y and i) are different spellings of different papers: never rewritten
(sources name-1 to name-4).
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from analysis.clean.fields.name_additions import is_told_by_kin, span_of_name, without_note
from analysis.clean.fields.name_words import (
    ABBREVIATION,
    NEVER_GIVEN,
    SPECIMEN_NAME,
    SURNAME_KEYS,
    SURNAMES,
    TEST_KEY,
    TEST_NAME,
    TOTAL_NAME,
)
from analysis.clean.fields.typing_residue import (
    is_sure_residue,
    read_residue,
    with_marks_in_order,
    with_words_as_meant,
)
from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.formats.legacy_text import repair_text
from analysis.intake.syllables import is_plain_syllable, is_syllable, place_tone, unaccented

MAX_NAME_CHARACTERS = 100
MAX_STEPS = 5
_LOOK_ALIKES = str.maketrans(
    {"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ", "’": "'", "ʼ": "'", "‘": "'", "`": "'", "–": "-", "‐": "-"}
    | dict(zip("АВЕКМНОРСТУХаеорсухіІ", "ABEKMHOPCTYXaeopcyxiI", strict=True))
)
_INVISIBLE = re.compile("\x1b\\[[0-9;]*[A-Za-z]|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NOT_NAME = re.compile(r"[^\w\s'\-.]|_")
_JOINED_BY_STOP = re.compile(r"\.(?=[^\W\d])")
_H_OF_WOMEN = re.compile(r"\bh'(?=[a-z])")
_LOST = re.compile(r"\ufffd|(?<=\w)\?|\?(?=\w)")
# First words after which a name cell may hold something else than a person's name, and such endings.
DOUBTFUL_FIRST = frozenset(
    word
    for line in (
        "tổng cộng lũy người thủ xác ghi nơi họ tên nhập kiểm chạy thử",
        "tong cong luy nguoi ghi ho ten full nhap kiem chay",
    )
    for word in line.split()
)
_DOUBTFUL_END = "thử nghiệm"
_SPECIMEN = re.compile(SPECIMEN_NAME)
_SPECIMEN_END = (" a", " b", " c")
_HEADER_KEYS = frozenset({"ho va ten", "ho ten", "ten doi tuong", "full name", "ho va ten doi tuong"})


class CleanName(NamedTuple):
    """A cleaned name with its keys; `bits` are the reasons found."""

    full_name: str | None
    name_key: str | None
    name_accented: str | None
    bits: int = 0


class Word(NamedTuple):
    """An ordinary word of a name: canonical form, plain key, and whether it has marks or must have them."""

    canonical: str
    key: str
    is_plain: bool
    needs_marks: bool


_MISSING = CleanName(None, None, None, bit_of("name_missing"))


@lru_cache(maxsize=200_000)
def read_word(typed: str) -> Word | None:
    """Read one word; None when it is not simply a syllable, typed with or without its marks."""
    word = unicodedata.normalize("NFC", typed).lower()
    if not word.isalpha() or word.translate(_LOOK_ALIKES) != word or "oo" in word:
        return None
    as_written = is_syllable(word)
    if not as_written and not (word.isascii() and is_plain_syllable(word)):
        return None
    return Word(_capitalised(word), unaccented(word), word.isascii(), not as_written)


@lru_cache(maxsize=100_000)
def _capitalised(word: str) -> str:
    """Return a lower-case word with its tone mark placed and capitals (also after ' and -)."""
    parts = re.split(r"(['\-])", word)
    return "".join(p[:1].upper() + p[1:] for p in map(place_tone, parts))


def parse_name(text: str | None) -> CleanName:
    """Clean one typed name; never raises."""
    if not text:
        return _MISSING
    if ordinary := _parse_ordinary(text):
        return _without_title(ordinary)
    name = _parse_unusual(text)
    return name if name.full_name == text else _settled(name)


def _parse_ordinary(text: str) -> CleanName | None:
    """Clean a name of two or more ordinary words; None for any other."""
    typed = text.split()
    words = [word for word in map(read_word, typed) if word]
    if len(words) < max(2, len(typed)) or len(text) > MAX_NAME_CHARACTERS:
        return None
    canonical, keys, are_plain, _ = zip(*words, strict=True)
    return _finish([*canonical], [*keys], _accent_bits(words) if all(are_plain) else 0)


def _without_title(name: CleanName) -> CleanName:
    """Return an ordinary name with the reasons that only its own words give, once a title is gone."""
    is_shorter = name.full_name and name.bits & bit_of("name_characters_removed")
    own = _parse_ordinary(name.full_name or "") if is_shorter else None
    return name._replace(bits=name.bits | own.bits) if own else name


def _settled(name: CleanName) -> CleanName:
    """Return a name on which cleaning again changes nothing: what one step uncovers the next one reads."""
    for _ in range(MAX_STEPS):
        if not name.full_name:
            break
        again = _parse_ordinary(name.full_name) or _parse_unusual(name.full_name)
        if again[:3] == name[:3]:
            break
        name = again._replace(bits=again.bits | name.bits)
    return name


def _accent_bits(words: list[Word]) -> int:
    """Flag a name typed without diacritics: no mark anywhere, though a word needs one."""
    for word in words:
        if not word.is_plain:
            return 0
    missing = any(word.needs_marks for word in words) or words[0].key in SURNAME_KEYS
    # In the middle these two are Thị and Văn (sources name-5); as a given name Thi needs no mark.
    missing = missing or (len(words) > 2 and words[1].key in ("thi", "van"))
    return bit_of("name_without_accents") if missing else 0


def plain_text(text: str) -> str:
    """Return a text in NFC with single spaces, without invisible or control characters."""
    seen = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    if not seen.isprintable():
        seen = "".join(c if c.isprintable() else " " for c in seen)
    return " ".join(seen.split())


def _parse_unusual(text: str) -> CleanName:
    """Clean a name with something beyond ordinary syllables in it."""
    start = with_marks_in_order(text[: 4 * MAX_NAME_CHARACTERS])
    repaired = repair_text(start)
    typed = plain_text(repaired)
    if not typed:
        return _MISSING
    bits = bit_of("name_too_long") if len(text) > MAX_NAME_CHARACTERS else 0
    if repaired != start or _LOST.search(typed):
        bits |= bit_of("text_damaged")
    whole = _LOST.sub("", typed).translate(_LOOK_ALIKES)
    name_only = without_note(whole)
    named = name_only if len(name_only.split()) > 1 else whole
    letters = _JOINED_BY_STOP.sub(". ", with_words_as_meant(_NOT_NAME.sub(" ", named)).lower())
    if len("".join(letters.split())) < len("".join(whole.split())):
        bits |= bit_of("name_characters_removed")
    if TEST_KEY.search(name_key(letters)):
        return CleanName(*_joined(letters.split()), bits | bit_of("test_row"))
    words, residue_bits = _without_residue(letters.split())
    words = [w for w in (_unabbreviated(w, i) for i, w in enumerate(words)) if w]
    kept = "\n".join(words)[:MAX_NAME_CHARACTERS].split("\n") if words else []
    canonical = [c for c in (_capitalised(w).strip("-'") for w in kept) if c]
    if any(ABBREVIATION.match(w) for w in letters.split()[span_of_name(canonical)[0] :]):
        bits |= bit_of("name_abbreviated")
    return _finish(
        canonical, [k for k in map(_word_key, canonical) if k], bits | residue_bits | _plain_bits(kept)
    )


@lru_cache(maxsize=100_000)
def _word_key(word: str) -> str:
    return name_key(word)


def _joined(words: list[str]) -> tuple[str, str, str]:
    name = " ".join(map(_capitalised, words))[:MAX_NAME_CHARACTERS]
    return name, name_key(name), name.lower()


def _plain_bits(words: list[str]) -> int:
    read = [word for word in map(read_word, words) if word is not None]
    return _accent_bits(read) if len(read) == len(words) > 0 else 0


def _without_residue(words: list[str]) -> tuple[list[str], int]:
    """Read Telex and VNI residue; drop digits that are none.

    A digit inside a word is proof enough; letters are residue only beside words that are Vietnamese, and
    those that words of the highlands have too (Ber, Moong) only beside surer ones or behind a surname.
    """
    read = [read_residue(word) or word for word in words]
    changed = [typed for word, typed in zip(read, words, strict=True) if word != typed]
    proved = not all(map(str.isalpha, changed))
    sure = any(map(is_sure_residue, changed)) or any(map(_is_usual_surname, read[:1]))
    if changed and (proved or (sure and all(not w.isascii() or is_plain_syllable(w) for w in read))):
        words, bits = read, bit_of("name_typing_residue")
    else:
        bits = 0
    without = [word if word.isalpha() else re.sub(r"\d", "", word) for word in words]
    return without, bits | (bit_of("name_characters_removed") if without != words else 0)


def _is_usual_surname(word: str) -> bool:
    return word.capitalize() in SURNAMES or unaccented(word) in SURNAME_KEYS


def _unabbreviated(word: str, position: int) -> str:
    """Write out Ng. for Nguyễn at the front; drop full stops elsewhere."""
    bare = word.strip(".'-").replace(".", " ").strip()
    return "nguyễn" if position == 0 and bare in ("ng", "ngx") else bare.replace(" ", "")


def _finish(words: list[str], keys: list[str], bits: int) -> CleanName:
    """Join words in the right order and add what the whole name tells."""
    if not words:
        return CleanName(None, None, None, bits | bit_of("name_missing"))
    begin, end = span_of_name(words)
    if end - begin < len(words):
        words, keys = words[begin:end], keys[begin:end]
        bits |= bit_of("name_characters_removed")
    if order := _surname_first(words):
        words, keys = [words[i] for i in order], [keys[i] for i in order]
        bits |= bit_of("name_order_swapped")
    if len(words) == 1 or is_told_by_kin(words):
        bits |= bit_of("name_incomplete")
    name = " ".join(words)
    accented = name.lower()
    return CleanName(name, " ".join(keys), accented, bits | _kind_bits(accented))


def _surname_first(words: list[str]) -> list[int]:
    """Return the order that puts the surname first, when it evidently stands elsewhere; else empty.

    An initial in front is left there: C Nguyễn Văn is somebody, Nguyễn Văn C the name of a specimen form.
    """
    if len(words) < 3 or words[0] in SURNAMES or words[0] in ("A", "B", "C"):
        return []
    last = len(words) - 1
    if words[last] in NEVER_GIVEN and last == 2 and words[1] in ("Văn", "Thị"):
        return [2, 1, 0]
    if words[last] in NEVER_GIVEN:
        return [last, *range(last)]
    if words[1] in NEVER_GIVEN and words[last] in ("Văn", "Thị"):
        return [*range(1, last + 1), 0]
    return []


def _kind_bits(name: str) -> int:
    """Recognise what stands in a name cell without being a person's name (lower case, accented)."""
    first, _, rest = name.partition(" ")
    doubtful = first in DOUBTFUL_FIRST
    if doubtful and TOTAL_NAME.match(name):
        return bit_of("total_row")
    if doubtful and name_key(name) in _HEADER_KEYS:
        return bit_of("repeated_header_row")
    if (doubtful or rest.endswith(_DOUBTFUL_END)) and TEST_NAME.search(name):
        return bit_of("test_row")
    if rest.endswith(_SPECIMEN_END) and _SPECIMEN.fullmatch(name):
        return bit_of("test_row")
    return 0


def name_key(text: str | None) -> str:
    """Return a name's unaccented key: lower case, đ as d, letters and single spaces only.

    H' of the highlands is a word of its own, as in H Bliă Niê.

    >>> name_key("Đặng Thị Hòa"), name_key("Y-Bham Niê"), name_key("H'Rin K'Brếu")
    ('dang thi hoa', 'y bham nie', 'h rin kbreu')
    """
    plain = unaccented(unicodedata.normalize("NFC", text or "").translate(_LOOK_ALIKES).lower())
    if not plain.replace(" ", "").isalpha():
        plain = _H_OF_WOMEN.sub("h ", plain)
        plain = "".join(c if c.isalpha() else "" if c == "'" else " " for c in plain)
    return " ".join(plain.split())
