"""Reading one header: what may be left out of it, and which field the rest names.

A header is matched by its letters and digits, first whole, then without what says nothing about its meaning: a
column's number, a format or unit in brackets, whose it is as long as it is the vaccinated person's. What is left
must be a listed text (`header_lists`) or the words of a level of units. Any other word makes it unknown: "Ngày cấp",
"SĐT người giám hộ" and "Ngày tiêm (dự kiến)" name no field.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from analysis.intake.headers.lists import FOLDER_HEADERS, PART_HEADERS, WEAK_HEADERS
from analysis.intake.headers.notes import forms_of, note_fields, plain_words, unnumbered, word_set

# Longer cells are data or letterhead, never the name of a column.
MAX_HEADER_CHARACTERS = 120
_PARTS = re.compile(r"[/\n|;,()\[\]]|\s[-–]\s|\bhoặc\b", re.IGNORECASE)
# Whose a column is, when it is the person's who was vaccinated; and of which disease.
_OWNERS = re.compile(
    r"\b(?:(?:cua )?(?:nguoi (?:dan )?(?:duoc|da|dang ky) tiem(?: chung)?(?: vac xin)?|nguoi dang ky|nguoi dan"
    r"|(?:cac )?doi tuong(?: (?:duoc|da))?(?: tiem)?(?: chung)?|cong dan|hoc sinh|tre em|tre(?: duoc)?(?: tiem)?(?: chung)?)"
    r"|theo (?:qd|nq|cv|kh|tt|quyet dinh|nghi quyet|cong van|ke hoach|thong tu)\b.*"
    r"|(?:phong|chong|ngua|phong chong|phong benh)? ?covid ?(?:19)?)(?= |$)"
)
_LIVING = re.compile(
    r"\b(?:noi|cho) o\b|\b(?:dia chi )?(?:noi|cho)? ?(?:dang )?(?:o|cu tru)(?: hien (?:nay|tai))?\b|\bdia chi\b|\bhien (?:nay|tai)\b"
)
_REGISTERED = re.compile(
    r"\b(?:noi )?(?:dang ky |dk)?(?:ho khau )?(?:thuong|tam) ?tru\b|\bhktt\b|\bho khau\b|\bnoi dkhktt\b"
)
_PAIRS = {"thi xa": "tx", "thi tran": "tt", "thanh pho": "tp", "dac khu": "dk"}
# Identity papers and insurance numbers, in any order and number: one of the first words, and none beyond the second.
_PAPERS = {"can cuoc": "cancuoc", "ho chieu": "hochieu", "chung minh": "chungminh", "dinh danh": "dinhdanh"}
_ABOUT_NUMBERS = word_set("so ma the cong dan nhan ca thu va hoac giay to tuy than gan chip hieu cu 9 12")
_IDENTITY = word_set("cmnd cccd cmt cmtnd cmnd cancuoc chungminh dinhdanh ddcn")
_PASSPORT = word_set("hc hochieu passport")
_INSURANCE = word_set("bhyt bhxh")
_LEVELS = (
    ("province", {"tinh"}, {"tinh", "tp", "thanh", "truc", "thuoc", "tw"}),
    ("district", {"quan", "huyen"}, {"quan", "huyen", "tx", "tp"}),
    ("commune", {"xa", "phuong"}, {"xa", "phuong", "tt", "dk"}),
)
_PEOPLE = ("platform", "rosters")
# Words that are those of a field only once their accents are gone: "tính" of "giới tính" is no "tỉnh", and "DT" may
# be "dân tộc" as well as "ĐT", "điện thoại".
_OTHER_WORDS = {
    "province": re.compile(r"\btính\b"),
    "province_typed_code": re.compile(r"\btính\b"),
    "province_code": re.compile(r"\btính\b"),
    "unit_code": re.compile(r"\btính\b"),
    "phone": re.compile(r"\A\W*dt\W*\Z"),
}
# Words around the number of a dose in a count of that day; any other (lũy kế, kế hoạch, tỷ lệ, đủ) makes it another figure.
_COUNT_WORDS = word_set("so nguoi luot tiem mui lieu duoc da trong ngay thu ket qua cac")
# "Người tiêm 1 mũi" have had one dose by now; "mũi 1" are the first doses of a day.
_AMOUNT = re.compile(r"\b(?:\d|mot|hai|ba) (?:mui|lieu)\b")
_COUNTED: dict[frozenset[str], str] = {
    word_set(words): count
    for count, forms in {
        "dose_1": ("1", "nhat", "dau", "i"),
        "dose_2": ("2", "hai", "ii"),
        "dose_3_plus": ("3", "3 tro len", "ba", "ba tro len", "bo sung nhac lai", "3 nhac lai"),
    }.items()
    for words in forms
}


class Match(NamedTuple):
    """The field that a header names: weakly when only in the absence of another column, typed by the settings."""

    field: str
    is_weak: bool = False
    is_typed: bool = False


@lru_cache(maxsize=20_000)
def header_key(text: str) -> str:
    """Reduce a header to its letters and digits: no case, accents, Unicode form, spacing or marks.

    >>> header_key("  Số CMND/CCCD/HC (*)")
    'socmndcccdhc'
    """
    if len(text) > MAX_HEADER_CHARACTERS:
        return ""
    plain = unicodedata.normalize("NFKD", text.lower().replace("đ", "d").replace("ð", "d"))
    return "".join(c for c in plain if c.isascii() and c.isalnum())


@cache
def listed_headers(kind: str) -> Mapping[str, Match]:
    """Return the listed texts of a folder by their keys, a field's own name among them."""
    weak = {
        header_key(text): Match(field, True)
        for field, texts in WEAK_HEADERS.get(kind, {}).items()
        for text in texts
    }
    strong = {
        header_key(text): Match(field)
        for field, texts in FOLDER_HEADERS.get(kind, {}).items()
        for text in (field, *texts)
        if text
    }
    return weak | strong


@lru_cache(maxsize=50_000)
def match_header(kind: str, text: str) -> Match | None:
    """Return the field that a header names in files of a folder, or None."""
    if not text.strip() or len(text) > MAX_HEADER_CHARACTERS:
        return None
    listed = listed_headers(kind)
    for form, allowed in forms_of(text):
        found = listed.get(header_key(form)) or _match_words(kind, plain_words(form))
        if found and (allowed is None or found.field in allowed):
            return found
    return _match_parts(kind, text)


def is_another_word(field: str, text: str) -> bool:
    """Say whether a header has a field's letters, yet as typed, with its accents, is another word or may be one.

    >>> is_another_word("province", "Tính"), is_another_word("province", "Tỉnh"), is_another_word("phone", "DT")
    (True, False, True)
    """
    other = _OTHER_WORDS.get(field)
    return bool(other and other.search(unicodedata.normalize("NFC", text.lower())))


def _match_words(kind: str, words: str) -> Match | None:
    """Match a header's words without their owner, as a level of units, or as the count of a dose."""
    owned = " ".join(_OWNERS.sub(" ", words).split())
    if owned and owned != words and (found := listed_headers(kind).get(owned.replace(" ", ""))):
        return found
    if kind == "daily_reports" and (counted := _counted_dose(words)):
        return Match(counted)
    if kind in _PEOPLE and (number := _match_number(owned or words)):
        return number
    return _match_level(kind, owned or words)


def _match_number(words: str) -> Match | None:
    """Match the words of identity papers or insurance: "Số CMND hoặc thẻ căn cước công dân"."""
    for pair, one in _PAPERS.items():
        words = words.replace(pair, one)
    given = set(words.split())
    if given & (_IDENTITY | _PASSPORT) and given <= _IDENTITY | _PASSPORT | _ABOUT_NUMBERS:
        return Match("id_number", not given & _IDENTITY)
    if given & _INSURANCE and given <= _INSURANCE | _ABOUT_NUMBERS:
        return Match("health_insurance_number")
    return None


def _counted_dose(words: str) -> str | None:
    """Return the count that words like "số tiêm mũi 1" or "tổng số mũi tiêm trong ngày" name."""
    given = words.replace("covid 19", "").split()
    if _AMOUNT.search(words):
        return None
    rest = set(given) - _COUNT_WORDS
    # "Tổng số mũi đã tiêm" may be the campaign's; "… trong ngày" is the day's.
    if rest and rest <= {"tong", "cong"} and "tiem" in given and ("da" not in given or "ngay" in given):
        return "doses_administered"
    return _COUNTED.get(frozenset(rest)) if {"mui", "lieu"} & set(given) else None


def is_living_place(group: str) -> bool:
    """Say whether words speak of where a person lives, and of nothing else."""
    words = plain_words(group)
    return bool(words) and not _LIVING.sub(" ", words).split()


def is_registered_place(group: str) -> bool:
    """Say whether words speak of where a person is registered, and of nothing else."""
    words = plain_words(group)
    left = _REGISTERED.sub(" ", words)
    return left != words and not _LIVING.sub(" ", left).split()


def _match_level(kind: str, words: str) -> Match | None:
    """Match the name or code of a province, district or commune: "Mã quận/huyện", "Tỉnh/TP nơi ở hiện nay"."""
    is_weak = False
    if kind in _PEOPLE:
        registered = _REGISTERED.sub(" ", words)
        is_weak = registered != words
        words = _LIVING.sub(" ", registered)
    for pair, short in _PAIRS.items():
        words = re.sub(rf"\b{pair}\b", short, words)
    given = words.split()
    is_code = given[:1] == ["ma"]
    rest = set(given[1:] if given[:1] in (["ma"], ["ten"]) else given)
    level = next((name for name, some, all_ in _LEVELS if rest & some and rest <= all_), None)
    return _level_field(kind, level, is_code, is_weak) if level else None


def _level_field(kind: str, level: str, is_code: bool, is_weak: bool) -> Match | None:
    if kind in _PEOPLE:
        return Match(f"{level}_typed_code" if is_code else level, is_weak)
    if kind == "population":
        # Several of them together would make the province the unit of a commune's row.
        return Match("unit_code", True)
    if f"{level}_code" in FOLDER_HEADERS.get(kind, {}):
        return Match(f"{level}_code", not is_code)
    return None


def names_person_and_birth(kind: str, text: str) -> bool:
    """Say whether a header names the person and the birth in one column ("Họ và tên, năm sinh"; sources in-19).

    >>> names_person_and_birth("platform", "Họ tên (năm sinh)"), names_person_and_birth("platform", "Họ và tên/Name")
    (True, False)
    """
    parts = [part for part in _PARTS.split(unnumbered(text)) if plain_words(part)]
    found = [match.field if (match := match_header(kind, part)) else "" for part in parts]
    return found == ["full_name", "birth_date"]


def _match_parts(kind: str, text: str) -> Match | None:
    """Match a header of several parts that all name one field: "Họ và tên/Name", "Số CCCD/CMT/hộ chiếu/ID"."""
    split = [part for part in _PARTS.split(unnumbered(text)) if plain_words(part)]
    named = [(part, _part_fields(kind, part)) for part in split]
    named = [(part, fields) for part, fields in named if fields or note_fields(part, "") == frozenset()]
    if len(named) < 2:
        return None
    found = [fields for _, fields in named]
    common = frozenset.intersection(*found)
    if len(common) != 1:
        return None
    (field,) = common
    listed = listed_headers(kind)
    own = [match for part, _ in named if (match := listed.get(header_key(part))) and match.field == field]
    return Match(field, all(match.is_weak for match in own)) if own else None


def _part_fields(kind: str, part: str) -> frozenset[str]:
    """Return the fields that one part may name; words without a meaning of their own may name several."""
    key = header_key(part)
    fields = {
        field
        for field, texts in PART_HEADERS.items()
        if field in FOLDER_HEADERS.get(kind, {}) and key in {header_key(text) for text in texts}
    }
    match = listed_headers(kind).get(key) or _match_words(kind, plain_words(part))
    return frozenset(fields | ({match.field} if match else set()))
