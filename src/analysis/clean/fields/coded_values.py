"""Fields with few values: sex, nationality, age groups, and what the platform says of a record."""

import re
from functools import cache

from babel import Locale

from analysis.clean.fields.dates import DateConvention, parse_date
from analysis.clean.fields.typing_residue import read_residue
from analysis.clean.fields.unit_names import edit_distance
from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.formats.legacy_text import repair_text
from analysis.intake.syllables import unaccented

_MALE = {"nam", "m", "male", "1", "1 nam", "nam 1", "trai", "ong", "b", "boy", "n am", "nam gioi", "gioi nam"}
_FEMALE = {
    "nu",
    "f",
    "female",
    "2",
    "0",
    "2 nu",
    "nu 2",
    "gai",
    "ba",
    "nuu",
    "nux",
    "nu4",
    "g",
    "girl",
    "n u",
    "nu gioi",
    "gioi nu",
}
_VIETNAMESE = {"", "viet nam", "vietnam", "vn", "vnm", "kinh", "viet nam vn", "vie", "84", "vietnamese"}
# Peoples of Viet Nam, when they stand in the wrong column (sources name-7); Lào is a nationality as well.
_PEOPLES = {
    *("tay", "thai", "muong", "kho me", "khmer", "hoa", "nung", "mong", "h mong", "hmong", "dao", "giay"),
    *("co lao", "lo lo", "la chi", "ngai", "san diu", "san chay", "bo y", "pa then", "pu peo"),
}
_UNKNOWN = {"khong ro", "khong", "khong co", "chua ro", "0", "khac"}
# How an answer begins, in this order (words of 9438/BYT-CNTT and of the reports on it).
_POLICE = (
    ("chưa xác thực", ("chua",)),
    ("không tìm thấy", ("khong tim thay", "khong co trong", "so dinh danh khong co trong")),
    ("không xác minh được", ("khong xac minh", "khong xac thuc")),
    ("sai", ("sai", "khong khop", "khong trung khop", "khong dung")),
    ("đúng", ("dung", "khop", "trung khop")),
)
_SIGNED = {"da ky", "da ky so", "ky", "co", "1", "true", "x", "da"}
_UNSIGNED = {"chua ky", "chua ky so", "khong", "0", "false", "chua"}


def _plain(text: str | None) -> str:
    letters = unaccented((text or "").strip().lower())
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split()).removesuffix(" 0")


def _readable(text: str) -> str:
    """Return a text with a wrong encoding and keys of an input method turned back."""
    words = repair_text(text).lower().split()
    return " ".join(read_residue(word) or word for word in words)


def parse_sex(text: str | None) -> tuple[str | None, int]:
    """Return Nam or Nữ (1 is Nam and 2 is Nữ on the platform) and reason bits."""
    if not _plain(text):
        return None, bit_of("sex_missing")
    for plain in (_plain(text), _plain(_readable(text or ""))):
        if plain in _MALE:
            return "Nam", 0
        if plain in _FEMALE:
            return "Nữ", 0
    return None, bit_of("sex_unreadable")


# What people write for a nationality beside the country's name in Vietnamese or English and its two letters.
_OTHER_NATIONALITIES = {
    *(
        "my",
        "hoa ky",
        "usa",
        "us",
        "american",
        "anh",
        "uk",
        "british",
        "phap",
        "french",
        "duc",
        "german",
        "nga",
    ),
    *(
        "russian",
        "uc",
        "australian",
        "canada",
        "canadian",
        "y",
        "italian",
        "han",
        "han quoc",
        "trieu tien",
        "korea",
    ),
    *(
        "korean",
        "nhat",
        "japanese",
        "trung",
        "china",
        "chinese",
        "trung hoa",
        "dai loan",
        "taiwan",
        "taiwanese",
    ),
    *("lao", "laotian", "cpc", "khmer campuchia", "cambodian", "thai lan", "thai land", "indian", "an do"),
    *(
        "malaysian",
        "singaporean",
        "indonesian",
        "filipino",
        "myanmar",
        "mien dien",
        "ha lan",
        "dutch",
        "bo dao nha",
    ),
    *(
        "kor",
        "jpn",
        "chn",
        "twn",
        "khm",
        "fra",
        "gbr",
        "deu",
        "rus",
        "aus",
        "can",
        "ind",
        "mys",
        "sgp",
        "phl",
    ),
    *("nuoc ngoai", "nguoi nuoc ngoai", "ngoai quoc", "foreigner", "foreign", "khong quoc tich", "stateless"),
}
LEAST_LETTERS_FOR_A_SLIP = 6  # in a shorter name one other letter may make another country


@cache
def _countries() -> frozenset[str]:
    """Return the plain names of all countries but Việt Nam, in Vietnamese and English (CLDR)."""
    names = {_plain(_territories(lang).get(code)) for lang in ("vi", "en") for code in _codes()} - {""}
    return frozenset(names | _OTHER_NATIONALITIES)


@cache
def _codes() -> frozenset[str]:
    """Return the two-letter codes of all countries but Việt Nam; not Namibia's, which says that nothing is known."""
    return frozenset(c for c in _territories("en") if len(c) == 2 and c.isalpha()) - {"VN", "NA", "ZZ"}


@cache
def _territories(language: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale(language).territories.items()}


def parse_nationality(text: str | None) -> tuple[str | None, bool, int]:
    """Return the nationality (empty means Việt Nam), whether the person is a foreigner, and reason bits.

    A slip in a country's name is that country; a word that names none is unknown, and makes nobody a foreigner.
    """
    plain = _plain(text)
    known = _VIETNAMESE | _PEOPLES | _UNKNOWN
    if plain in known or "viet nam" in plain or "vietnam" in plain:
        return "Việt Nam", False, 0
    typed = _plain(_readable(text or "")).replace(" ", "")
    if edit_distance(typed, "vietnam", 1) <= 1:
        return "Việt Nam", False, 0
    shown, foreigner = " ".join((text or "").split()), bit_of("foreigner")
    if shown in _codes() or plain.removeprefix("nguoi ").removeprefix("quoc tich ") in _countries():
        return shown, True, foreigner
    near = len(typed) >= LEAST_LETTERS_FOR_A_SLIP and any(
        edit_distance(typed, name.replace(" ", ""), 1) <= 1 for name in _countries()
    )
    return (shown, True, foreigner) if near else (None, False, bit_of("nationality_unknown"))


def parse_police_result(text: str | None) -> tuple[str | None]:
    """Return the registry side's last answer in the words of `doses` (sources link-3), or None."""
    plain = _plain(text)
    return (next((answer for answer, begins in _POLICE if plain.startswith(begins)), None),)


def parse_signature(text: str | None) -> tuple[str | None]:
    """Return `đã ký` or `chưa ký`, or None when the cell does not say."""
    plain = _plain(text)
    return ("đã ký" if plain in _SIGNED else "chưa ký" if plain in _UNSIGNED else None,)


_AGES = ("5-11", "12-17", "18+", "50+", "65+")
_OF_ALL = ("all", "tong", "tong so", "tong cong", "toan bo", "tat ca", "moi lua tuoi", "tat ca cac lua tuoi")
_FROM_AGE = re.compile(r"(?:>=|≥) ?(\d\d)|(?:tu )?(?:du )?(\d\d) ?(?:\+|tro len)")
_AGE_SPAN = re.compile(r"(?:tu )?(?:du )?(\d\d?) ?(?:-|den|toi|/)(?: ?den)? ?(duoi )?(\d\d)")
_SERIAL = re.compile(r"4\d{4}(?:\.0+)?")


def read_age_group(cell: str) -> str | None:
    """Return the age group of a cell: its code, the same bounds in words, or what a spreadsheet made a day of.

    5-11 typed into a spreadsheet becomes 5 November or 11 May, 12-17 December 2017. "Trên 50", "12-18" may be
    another group and are none.

    >>> read_age_group("Từ 18 tuổi trở lên"), read_age_group("2021-11-05"), read_age_group("Trên 50 tuổi")
    ('18+', '5-11', None)
    """
    words = " ".join(re.sub(r"\b(?:tuoi|nhom)\b", " ", unaccented(cell.lower().replace("–", "-"))).split())
    if words in _OF_ALL:
        return "all"
    if found := _FROM_AGE.fullmatch(words):
        group = f"{found[1] or found[2]}+"
    elif found := _AGE_SPAN.fullmatch(words):
        group = f"{found[1]}-{int(found[3]) - bool(found[2])}"
    else:
        group = _group_of_day(cell)
    return group if group in _AGES else None


def _group_of_day(cell: str) -> str:
    """Return the group that was made a day, else nothing."""
    text = cell.strip().lower()
    if found := re.fullmatch(r"(?:(\d{1,2})-)?([a-z]{3})(?:-(\d{1,2}))?", text):
        dated = [parse_date(f"1-{found[2]}-2000", DateConvention(), 2000).value]
        day, month = int(found[1] or found[3] or 0), int((dated[0] or "2000-00")[5:7])
        pairs = {(day, month), (month, day)}
    else:
        is_day = _SERIAL.fullmatch(text) or not text.replace(".", "").isdigit()
        read = parse_date(cell, DateConvention(), 2100) if is_day else None
        if read is None or read.precision != "day" or read.value is None:
            return ""
        year, month, day = map(int, read.value.split("-"))
        pairs = {(month, year % 100)} if day == 1 and month == 12 else {(day, month), (month, day)}
    return next((group for group in ("5-11", "12-17") if tuple(map(int, group.split("-"))) in pairs), "")
