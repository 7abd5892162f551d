"""Dates in words, and dates whose figures or marks are others than meant (sources date-14)."""

import re

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_NAMED_MONTH = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?[ \-/]([a-z]{3})[a-z]*[ \-/,]+(\d{4}|\d{2})$")
_NAMED_MONTH_FIRST = re.compile(r"^([a-z]{3})[a-z]*[ .\-]+(\d{1,2})(?:st|nd|rd|th)?[ ,]+(\d{4})$")
_WORDS = re.compile(
    r"^(?:ngày|ngay)?\s*(\d{1,2})[\s\-]*(?:tháng|thang|thg)\s*(\d{1,2})[\s,\-]*(?:năm|nam)?\s*(\d{4}|(?<=-)\d{2})$"
)
# "Th8 15, 2021", "15/T8/2021", "15 tháng tám, 2021", "15/VIII/2021" (sources date-14).
_MONTH_FIRST_WORDS = re.compile(r"^(?:tháng|thang|thg|th) ?(\d{1,2})[ ,]+(\d{1,2})[ ,]+(\d{4})$")
_DAY_FIRST_WORDS = re.compile(
    r"^(?:ngày |ngay )?(\d{1,2})[ ,/\-]*(?:tháng|thang|thg|th|t)\.? ?(\d{1,2})[ ,/\-]*(?:năm |nam )?(\d{4})$"
)
_NAMED_VIETNAMESE = re.compile(
    r"^(?:ngày |ngay )?(\d{1,2})[ ,]*(?:tháng|thang) ([^\W\d]+(?: (?:một|mot|hai))?)[ ,]*(?:năm |nam )?(\d{4})$"
)
_ROMAN_MONTH = re.compile(r"^(\d{1,2})[/\-. ]([ivx]{1,4})[/\-. ](\d{4})$")
_NUMBER_WORDS = (
    "giêng|một",
    "hai",
    "ba",
    "tư|bốn",
    "năm",
    "sáu",
    "bảy|bẩy",
    "tám",
    "chín",
    "mười",
    "mười một",
    "chạp|mười hai",
)
_MONTH_WORDS = {word: n for n, words in enumerate(_NUMBER_WORDS, start=1) for word in words.split("|")}
_ROMANS = {
    r: n
    for n, r in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), start=1)
}
# Letters typed for figures among four figures at least; no name of a month is made of these alone.
_LETTERED = re.compile(r"(?=(?:\D*\d){4})(?=.*[oilsbz])[\doilsbz]{1,4}(?:[/.\- ]+[\doilsbz]{1,4}){2}", re.A)
_FIGURES_FOR_LETTERS = str.maketrans("oilsbz", "011582")
# Other marks that stand between figures, and what nobody sees.
_OTHER_MARKS = str.maketrans(
    dict.fromkeys("–—−‐‑", "-")
    | dict.fromkeys("∕⁄／", "/")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", "")
)
_MARK_BETWEEN = re.compile(r"(?<=\d)[_|;`´](?=\d)")
# What is said beside a date: the day of the week, the part of the day, that it is a date, that it is about right.
_WEEKDAY = "chủ nhật|chu nhat|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|thu (?:hai|ba|tu|nam|sau|bay|[2-7])"
BESIDE_THE_DATE = re.compile(
    rf"^(?:(?:sáng|trưa|chiều|tối|ngày|năm|khoảng|{_WEEKDAY})\b[\s,:]*|~\s*)+(?=\d)"
    r"|^(?:cn|t\.?[2-7])[\s,:]+(?:ngày\s*)?(?=\d{1,2}[/.\-])"  # "T2 2021" is a month
    r"|[\s,]*\(?\b(?:buổi )?(?:sáng|trưa|chiều|tối)\)?$|\s*[?.;,]$"
)


def with_usual_marks(typed: str) -> str:
    """Return a text with strokes and hyphens for other marks between figures, without what nobody sees.

    >>> with_usual_marks("15–08–2021"), with_usual_marks("15|08|2021")
    ('15-08-2021', '15/08/2021')
    """
    return _MARK_BETWEEN.sub("/", typed.translate(_OTHER_MARKS))


def with_figures(typed: str) -> str:
    """Return a date in which O was typed for 0, l or i for 1, S for 5, B for 8, Z for 2.

    >>> with_figures("1s/o8/2021"), with_figures("15-jul-2021")
    ('15/08/2021', '15-jul-2021')
    """
    return typed.translate(_FIGURES_FOR_LETTERS) if _LETTERED.fullmatch(typed) else typed


def find_worded(typed: str) -> tuple[str, int, int] | None:
    """Return the year's figures, month and day of a date in words; None for any other text.

    >>> find_worded("ngày 7 tháng 11 năm 2021"), find_worded("th11 7, 2021"), find_worded("7/xi/2021")
    (('2021', 11, 7), ('2021', 11, 7), ('2021', 11, 7))
    """
    for form in (_WORDS, _DAY_FIRST_WORDS):
        if found := form.match(typed):
            return found[3], int(found[2]), int(found[1])
    if found := _MONTH_FIRST_WORDS.match(typed):
        return found[3], int(found[1]), int(found[2])
    if (found := _NAMED_MONTH_FIRST.match(typed)) and found[1] in _MONTHS:
        return found[3], _MONTHS[found[1]], int(found[2])
    for form, months in ((_NAMED_MONTH, _MONTHS), (_NAMED_VIETNAMESE, _MONTH_WORDS), (_ROMAN_MONTH, _ROMANS)):
        if (found := form.match(typed)) and found[2] in months:
            return found[3], months[found[2]], int(found[1])
    return None
