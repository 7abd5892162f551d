"""Dates as cells hold them: text to year, month, day with a precision, under a file's own convention.

A convention (order of day and month, base of serial numbers) is decided per file and column from its own
values by `analysis.clean.fields.date_conventions`; parsing one text here is pure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from analysis.clean.fields.date_words import BESIDE_THE_DATE, find_worded, with_figures, with_usual_marks

# With the offsets of former years (+8 from 1960 to 1975, sources date-7): midnight of a birth is an hour of the day before else.
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS_BETWEEN_BASES = 1462  # a spreadsheet that counts days from 1904 is that much behind
_EXCEL_1900 = date(1899, 12, 30)
_EXCEL_1904 = date(1904, 1, 1)
MIN_YEAR, MAX_YEAR = 1850, 2100
# A year typed into a cell that shows days becomes the day of that number: 1962 is 15 May 1905 (sources date-11).
FIRST_OF_YEARS, LAST_OF_YEARS = "1905-03-14", "1905-12-31"
_MILLISECONDS_OF_DAY = 86_400_000
_FEWEST_OF_MOMENT = 7


@dataclass(frozen=True)
class DateConvention:
    """How one column of one file writes dates.

    `order` is dmy or mdy; `decided` is False where the file's values allow both; `serial_1904` where
    serial numbers count from 1904; `epoch` where most plain numbers are milliseconds since 1970. `exchanged`
    where day and month of dates with the year in front are exchanged, `real_open` where they may be wrong and
    nothing decides; `days_early` is what a whole column lacks (numbers excepted). `six_figures`: day, month and year
    are run together with two figures each.
    """

    order: str = "dmy"
    decided: bool = True
    serial_1904: bool = False
    epoch: bool = False
    exchanged: bool = False
    real_open: bool = False
    days_early: int = 0
    six_figures: bool = False


@dataclass(frozen=True)
class ParsedDate:
    """A reading of a date cell: value `YYYY[-MM[-DD]]` or None, precision, and how safe the reading is."""

    value: str | None
    precision: str | None = None
    ambiguous: bool = False
    other_order: bool = False
    moved: bool = False
    is_restored: bool = False


UNREADABLE = ParsedDate(None)
_FIGURES_ONLY = re.compile(r"\d[\d/.\-]*")
_BETWEEN = r"(?:/{1,2}|\.{1,2}|[,\- ])"
_DAY_MONTH_YEAR = re.compile(rf"^(\d{{1,2}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{4}}|\d{{2}})$")
_YEAR_FIRST = re.compile(r"^(\d{4})[/.\-](\d{1,2})(?:[/.\-](\d{1,2}))?$")
_MONTH_YEAR = re.compile(r"^(?:(?:[0?x*_.\-]{1,2})[/.\-])?(\d{1,2})[/.\-](\d{4})$")
_YEAR_ONLY = re.compile(r"^(?:[0?x*_.\-]{1,2}[/.\-][0?x*_.\-]{1,2}[/.\-])?(\d{4})(?:\.0+)?$")
_WORDS_MONTH = re.compile(r"^(?:tháng|thang|thg)\s*(\d{1,2})\s*[/,\-]?\s*(?:năm|nam)?\s*(\d{4})$")
_WORDS_YEAR = re.compile(r"^(?:năm|nam|sinh năm|sn)\s*:?\s*(\d{4})$")
# 202108150930: the day and time of hospitals' exports, no milliseconds (sources date-13).
_DAY_AND_TIME = re.compile(r"(?:19|20)\d{2}[01]\d[0-3]\d(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
_INTEGER = re.compile(r"^(-?\d+)(?:[.,](\d+))?$")
_TIME = re.compile(
    r"[t ,\-]*\d{1,2}[:hg]\d{0,2}(?::\d{2}(?:\.\d+)?)?\s*(?:am|pm|sa|ch)?$"
    r"|^\d{1,2}[:h]\d{2}(?::\d{2})?\s*(?:am|pm|sa|ch)?[\s,]+"
)
_TIME_IN_FRONT = re.compile(r"^\d{1,2} ?(?:h|giờ|gio) ?\d{0,2} ?(?:phút|phut|p)?[\s,]+(?:ngày |ngay )?")
_POWER_OF_TEN = re.compile(r"^-?\d(?:[.,]\d+)?e[+]?1[0-3]$")
_ISO_WITH_ZONE = re.compile(
    r"^\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:z|[+\-]\d{2}(?::?\d{2})?)$"
)
# What programs write around a moment: the zone of Viet Nam, an English day of the week; and a clerk: at.
_OWN_ZONE = re.compile(r"\s*\(?(?:gmt|utc)\s*\+0?7(?::?00)?\)?(?:\s*\([^)]*\))?$")
_ENGLISH_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+(?=[a-z]|\d{1,2} [a-z])")
_AT = re.compile(r"^(?:vào |hồi |lúc |luc )+(?=\d)")


def parse_date(text: str | None, convention: DateConvention, latest_year: int) -> ParsedDate:
    """Read one typed date; `latest_year` (that of as_of) decides the century of a two-digit year.

    Never raises; what cannot be read gives a ParsedDate whose value is None.
    """
    typed = _tidy(text)
    figures = with_figures(typed)
    is_lettered, typed = figures != typed, figures
    for wording in dict.fromkeys((typed, BESIDE_THE_DATE.sub("", typed))):
        for read in _READERS if wording else ():
            found = read(wording, convention, latest_year)
            if found is not None:
                if is_lettered:
                    found = replace(found, is_restored=found.value is not None)
                is_number = read in (_read_number, _read_power_of_ten)
                return found if is_number else _moved(_year_of_day(found, latest_year), convention)
    return UNREADABLE


def _year_of_day(found: ParsedDate, latest_year: int) -> ParsedDate:
    """Return the year whose number is a day of 1905, in the place of that day."""
    day = found.value or ""
    if found.precision != "day" or not FIRST_OF_YEARS <= day <= LAST_OF_YEARS:
        return found
    year = (date.fromisoformat(day) - _EXCEL_1900).days
    return ParsedDate(str(year), "year", is_restored=True) if year <= latest_year else found


def _moved(found: ParsedDate, convention: DateConvention) -> ParsedDate:
    """Return a reading moved by what its whole column is early or late."""
    if not convention.days_early or found.value is None or found.precision != "day":
        return found
    day = date.fromisoformat(found.value) + timedelta(days=convention.days_early)
    return replace(found, value=day.isoformat(), moved=True)


def _tidy(text: str | None) -> str:
    """Lower-case a cell, drop a leading apostrophe, spaces around separators, and a time of day."""
    if text and _FIGURES_ONLY.fullmatch(text):
        return text
    typed = with_usual_marks(" ".join((text or "").strip().strip("'\"").lower().split()))
    typed = re.sub(r"\s*([/.\-])\s*", r"\1", typed) if not _ISO_WITH_ZONE.match(typed) else typed
    typed = _AT.sub("", _ENGLISH_WEEKDAY.sub("", _OWN_ZONE.sub("", typed)))
    typed = _TIME_IN_FRONT.sub("", typed)
    if re.search(r"\d[:hg]", typed) and not _ISO_WITH_ZONE.match(typed):
        typed = re.sub(r"[ ,t\-]+$", "", _TIME.sub("", typed)).lstrip(" ,")
    return typed.replace("\\", "/")


def _made(
    year: int, month: int | None, day: int | None, ambiguous: bool = False, other_order: bool = False
) -> ParsedDate | None:
    """Return a reading when the numbers make a date, else None."""
    if not MIN_YEAR <= year <= MAX_YEAR:
        return None
    if month is None:
        return ParsedDate(f"{year:04d}", "year", ambiguous)
    if day is None:
        return ParsedDate(f"{year:04d}-{month:02d}", "month", ambiguous) if 1 <= month <= 12 else None
    try:
        return ParsedDate(date(year, month, day).isoformat(), "day", ambiguous, other_order)
    except ValueError:
        return None


def full_year(digits: str, latest_year: int) -> int:
    """Return the year of two or four digits: a two-digit year is the last one not after `latest_year`."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return 2000 + year if 2000 + year <= latest_year else 1900 + year


def _read_day_month_year(typed: str, convention: DateConvention, latest: int) -> ParsedDate | None:
    found = _DAY_MONTH_YEAR.match(typed)
    if not found:
        return None
    return _made_in_order(int(found[1]), int(found[2]), full_year(found[3], latest), convention) or UNREADABLE


def _made_in_order(first: int, second: int, year: int, convention: DateConvention) -> ParsedDate | None:
    """Return day and month in the file's order, or in the other one where only that makes a date."""
    if first == 0:
        return _made(year, second or None, None)
    day, month = (first, second) if convention.order == "dmy" else (second, first)
    unsure = not convention.decided and first <= 12 and second <= 12 and first != second
    made = _made(year, month, day, ambiguous=unsure)
    return made or _made(year, day, month, other_order=True)


def _read_year_first(typed: str, convention: DateConvention, latest: int) -> ParsedDate | None:
    found = _YEAR_FIRST.match(typed)
    if not found:
        return None
    day = int(found[3]) if found[3] else None
    if found[2] in ("00", "0"):
        return _made(int(found[1]), None, None)
    month = int(found[2])
    is_year = FIRST_OF_YEARS <= typed[:10] <= LAST_OF_YEARS  # that was never a day whose month could be meant
    if day and day <= 12 and day != month and convention.exchanged and not is_year:
        return _made(int(found[1]), day, month, other_order=True) or UNREADABLE
    made = _made(int(found[1]), month, day or None, ambiguous=convention.real_open)
    turned = _made(int(found[1]), day, month, other_order=True) if day and month > 12 else None
    return made or turned or UNREADABLE


def _read_with_zone(typed: str, convention: DateConvention, latest: int) -> ParsedDate | None:
    """Read an instant with its offset: the day it is in Viet Nam."""
    if not _ISO_WITH_ZONE.match(typed):
        return None
    try:
        moment = datetime.fromisoformat(typed.replace("z", "+00:00"))
    except ValueError:
        return UNREADABLE
    local = moment.astimezone(VIETNAM)
    return _made(local.year, local.month, local.day)


def _read_partial(typed: str, convention: DateConvention, latest: int) -> ParsedDate | None:
    if found := _MONTH_YEAR.match(typed) or _WORDS_MONTH.match(typed):
        return _made(int(found[2]), int(found[1]) or None, None) or UNREADABLE
    if found := _WORDS_YEAR.match(typed):
        return _made(int(found[1]), None, None)
    return None


def _read_words(typed: str, convention: DateConvention, latest: int) -> ParsedDate | None:
    found = find_worded(typed)
    return (_made(full_year(found[0], latest), found[1], found[2]) or UNREADABLE) if found else None


def _read_number(typed: str, convention: DateConvention, latest: int) -> ParsedDate | None:
    """Read a plain number: a year, a serial number of a spreadsheet, milliseconds, or digits run together."""
    if (found := _YEAR_ONLY.match(typed)) and MIN_YEAR <= int(found[1]) <= MAX_YEAR:
        return _made(int(found[1]), None, None)
    found = _INTEGER.match(typed)
    if not found:
        return None
    number, digits = int(found[1]), found[1].lstrip("-")
    if convention.six_figures and len(digits) in (5, 6) and number > 0:
        return _from_six_figures(digits, convention, latest)
    # Sources date-9.
    is_moment = number == 0 or len(digits) >= _FEWEST_OF_MOMENT
    if _DAY_AND_TIME.fullmatch(digits) and number % _MILLISECONDS_OF_DAY:
        return _from_figures(digits[:8], convention) or UNREADABLE
    if len(digits) >= 11 or (convention.epoch and is_moment) or (number < 0 and is_moment):
        return _from_milliseconds(number)
    if len(digits) in (4, 5) and number > 0:
        return _from_serial(number, convention)
    if len(digits) in (7, 8):
        run_together = _from_figures(digits.zfill(8), convention)
        return run_together or _whole_day_milliseconds(number) or UNREADABLE
    return _whole_day_milliseconds(number) or UNREADABLE


def _from_six_figures(digits: str, convention: DateConvention, latest: int) -> ParsedDate:
    """Read 050888, or 50888 whose zero is lost: in five figures a spreadsheet's day may stand as well (sources date-14)."""
    six = digits.zfill(6)
    made = _made(full_year(six[4:], latest), int(six[2:4]), int(six[:2]))
    serial = _from_serial(int(digits), convention) if len(digits) == 5 else None
    if serial and serial.value and int(serial.value[:4]) > latest:
        serial = None
    return UNREADABLE if made and serial else made or serial or UNREADABLE


def _from_milliseconds(number: int) -> ParsedDate | None:
    try:
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)).astimezone(VIETNAM)
    except OverflowError:
        return UNREADABLE
    return _made(local.year, local.month, local.day) or UNREADABLE


def _whole_day_milliseconds(number: int) -> ParsedDate | None:
    return _from_milliseconds(number) if number and number % _MILLISECONDS_OF_DAY == 0 else None


def _read_power_of_ten(typed: str, convention: DateConvention, latest: int) -> ParsedDate | None:
    """Read milliseconds in powers of ten (1.6289856e+12): only whole days show that no digit was lost."""
    if not _POWER_OF_TEN.match(typed):
        return None
    return _whole_day_milliseconds(int(Decimal(typed.replace(",", ".")))) or UNREADABLE


def _from_serial(number: int, convention: DateConvention) -> ParsedDate | None:
    day = (_EXCEL_1904 if convention.serial_1904 else _EXCEL_1900) + timedelta(days=number)
    return _made(day.year, day.month, day.day) or UNREADABLE


def _from_figures(digits: str, convention: DateConvention) -> ParsedDate | None:
    """Read 19620305, 19620000, 05031962, or 5031962: the year is where a plausible one stands (sources date-8)."""
    if MIN_YEAR <= int(digits[:4]) <= MAX_YEAR:
        month, day = int(digits[4:6]) or None, int(digits[6:]) or None
        made = _made(int(digits[:4]), month, day) if month or not day else None
        if made:
            return made
    return _made_in_order(int(digits[:2]), int(digits[2:4]), int(digits[4:]), convention)


_Reader = Callable[[str, DateConvention, int], ParsedDate | None]
_READERS: tuple[_Reader, ...] = (
    _read_day_month_year,
    _read_year_first,
    _read_with_zone,
    _read_number,
    _read_power_of_ten,
    _read_partial,
    _read_words,
)
