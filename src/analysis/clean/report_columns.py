"""How one column of a report file is to be read, decided from all of its cells: counts, days, codes of units.

A spreadsheet on the way drops zeros, writes thousands marks and turns days around, and it does so to a whole column.
So a cell that could be read in two ways is decided by the others of its column, else by the file's other columns of
the same kind; what stays open is not read at all, and the row is named.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from analysis.clean.fields.date_conventions import FEWEST_PROOFS, parse_vaccination
from analysis.clean.fields.dates import DAYS_BETWEEN_BASES, DateConvention, parse_date
from analysis.clean.fields.places import CODE_WIDTHS, Unit, UnitIndex, unit_indexes
from analysis.clean.fields.unit_names import read_unit_name
from analysis.settings import FIRST_DOSE_IN_COUNTRY

MARKS = (".", ",", " ")
_FIGURES = frozenset("0123456789")
_WHOLE = re.compile(r"[+-]?\d+")
# A spreadsheet writes 12 as 12.0; three zeros may be a thousand.
_ZERO_FRACTION = re.compile(r"([+-]?\d+)[.,](?:0{1,2}|0{4,})|([+-]?\d{4,})[.,]0+")
_GROUPS = {mark: re.compile(rf"[+-]?\d{{1,3}}(?:\{mark}\d{{3}})+") for mark in MARKS}
# Digits behind a mark that cannot be a group of three, or in front of it that would have had a mark themselves.
_FRACTIONS = {
    mark: re.compile(rf"[+-]?(?:\d+\{mark}(?:\d{{1,2}}|\d{{4,}})|\d{{4,}}\{mark}\d+)") for mark in MARKS
}
_TWO_NUMBERS = re.compile(r"\s*(\d{1,2})\s*[/\-]\s*(\d{1,2})(?!\d)")
_REAL_DATE = re.compile(r"\d{4}-\d\d-\d\d")
DAYS_AFTER_AS_OF = 7  # a later day is impossible, as for vaccinations
# Days of one order run on, of the other they jump from month to month: so much closer is proof.
RUNNING_DAYS, TIMES_CLOSER = 3, 4


@dataclass(frozen=True)
class Marks:
    """What the cells of a column prove of its marks: which stand between thousands, which before a fraction."""

    thousands: frozenset[str]
    decimal: frozenset[str]

    def meaning(self, mark: str) -> str | None:
        """Return `thousands` or `decimal`; None where nothing or both are proved."""
        proved = [name for name in ("thousands", "decimal") if mark in getattr(self, name)]
        return proved[0] if len(proved) == 1 else None


def find_marks(cells: Iterable[str]) -> Marks:
    """Return what cells prove: 387.978 people can only be thousands, 12.5 only a fraction."""
    given = [_plain(cell) for cell in cells]
    thousands, decimal = {" "}, set()
    for mark in MARKS:
        groups = [cell for cell in given if _GROUPS[mark].fullmatch(cell)]
        if any(cell.count(mark) > 1 or not cell.endswith("000") for cell in groups):
            thousands.add(mark)
        if any(_FRACTIONS[mark].fullmatch(cell) for cell in given):
            decimal.add(mark)
    return Marks(frozenset(thousands), frozenset(decimal))


def read_count(cell: str, own: Marks, of_file: Marks) -> int | None:
    """Return the whole number of a cell; None for a fraction, another text, or two readings that nothing decides."""
    text = _plain(cell)
    if _WHOLE.fullmatch(text):
        return int(text)
    if found := _ZERO_FRACTION.fullmatch(text):
        return int(found[1] or found[2])
    for mark in MARKS:
        if _GROUPS[mark].fullmatch(text):
            meaning = own.meaning(mark) or (None if mark in own.decimal else of_file.meaning(mark))
            if meaning == "thousands":
                return int(text.replace(mark, ""))
            is_zero = text.endswith(f"{mark}000") and text.count(mark) == 1
            return int(text.split(mark)[0]) if meaning == "decimal" and is_zero else None
    return None


# What is counted may stand behind a number; brackets around one are an accountant's minus.
_COUNTED = re.compile(r"\s*(?:mũi|liều|người)\.?$", re.IGNORECASE)
_BRACKETED = re.compile(r"\(([\d.,\s]*\d)\)")


def _plain(cell: str) -> str:
    text = re.sub(r"[\s\u00a0\u202f]+", " ", cell.strip().strip("'")).replace("−", "-")
    return _BRACKETED.sub(r"-\1", _COUNTED.sub("", text)) if text[-1:] not in _FIGURES else text


@dataclass(frozen=True)
class Days:
    """The readings of a column's cells (YYYY-MM-DD or None), and whether nothing proved their order.

    `convention` is set where a spreadsheet changed the column: by exchanged days and months, or by 1,462 days.
    """

    days: tuple[str | None, ...]
    is_order_open: bool = False
    order: str = "dmy"
    convention: DateConvention | None = None


def read_days(cells: Sequence[str], as_of: date, earliest: date = FIRST_DOSE_IN_COUNTRY) -> Days:
    """Return the days of a column's distinct cells, all in the one order of day and month that fits.

    The order that leaves fewer cells unread wins, then the one with fewer days before `earliest` or after the run,
    then the one whose days run on; without any proof the day stands first, as it does in Viet Nam. Where a
    spreadsheet converted half of a column (sources date-5), or moved it by 1,462 days (date-6), the days that are
    possible so, and only so, stand.
    """
    limits = earliest.isoformat(), (as_of + timedelta(days=DAYS_AFTER_AS_OF)).isoformat()
    if earliest == FIRST_DOSE_IN_COUNTRY and _is_day_first(cells):
        cells = [_with_year(cell, as_of) for cell in cells]
    found = _in_one_order(cells, as_of, limits)
    wrong = _outside(found.days, *limits)
    for convention in _other_readings(found.order, cells) if wrong else ():
        days = tuple(_read_day(cell, convention, as_of) for cell in cells)
        is_whole = days.count(None) == found.days.count(None) and not _outside(days, *limits)
        if is_whole and wrong >= FEWEST_PROOFS:
            return replace(found, days=days, is_order_open=False, convention=convention)
    return found


def _other_readings(order: str, cells: Sequence[str]) -> list[DateConvention]:
    """Return the ways in which a spreadsheet may have changed a column: half of it exchanged, all of it moved."""
    real = [cell for cell in cells if _REAL_DATE.match(cell)]
    half = DateConvention(order, exchanged=True)
    moved = [DateConvention(order, days_early=sign * DAYS_BETWEEN_BASES) for sign in (1, -1)]
    moved.append(DateConvention(order, serial_1904=True))
    return [half, *moved] if len(real) < len(cells) else moved


def _in_one_order(cells: Sequence[str], as_of: date, limits: tuple[str, str]) -> Days:
    day_first, month_first = (
        tuple(_read_day(cell, DateConvention(order), as_of) for cell in cells) for order in ("dmy", "mdy")
    )
    if day_first == month_first:
        return Days(day_first)
    wrong = [(days.count(None), _outside(days, *limits)) for days in (day_first, month_first)]
    if wrong[0] != wrong[1]:
        return Days(day_first) if wrong[0] < wrong[1] else Days(month_first, order="mdy")
    spans = [_span(days) for days in (day_first, month_first)]
    if len(cells) >= RUNNING_DAYS and max(spans) >= TIMES_CLOSER * min(spans):
        return Days(day_first) if spans[0] < spans[1] else Days(month_first, order="mdy")
    return Days(day_first, is_order_open=True)


def _is_day_first(cells: Sequence[str]) -> bool:
    """Say whether some cell proves that the day stands first, and none the month."""
    pairs = [(int(found[1]), int(found[2])) for cell in cells if (found := _TWO_NUMBERS.match(cell))]
    return any(a > 12 for a, _ in pairs) and not any(b > 12 for _, b in pairs)


def _with_year(cell: str, as_of: date) -> str:
    """Return a day without its year ("7/11") as the one day of the campaign that it can be."""
    found = parse_vaccination(cell, DateConvention(), (FIRST_DOSE_IN_COUNTRY, as_of))
    return found.value if found.is_restored and found.precision == "day" and found.value else cell


def _read_day(cell: str, convention: DateConvention, as_of: date) -> str | None:
    found = parse_date(cell, convention, as_of.year)
    return found.value if found.precision == "day" else None


def _outside(days: Iterable[str | None], first: str, last: str) -> int:
    return sum(day is not None and not first <= day <= last for day in days)


def _span(days: Iterable[str | None]) -> int:
    known = [date.fromisoformat(day) for day in days if day]
    return (max(known) - min(known)).days if known else 0


COUNTRY = "VN"
_DIGITS = re.compile(r"'?(\d{1,5})(?:[.,]0+)?")


def read_units(cells: Sequence[str]) -> list[str | None]:
    """Return the unit codes of a file's distinct cells: VN, or 2, 3 or 5 digits of a unit that exists.

    Codes of their full width stand as they are. Where a spreadsheet took zeros off (26 may be province 26 or
    district 026), the one way to read the whole file decides: all codes of one level, or all of one province.
    Names are read within that province. What has two readings, or none, is None.
    """
    digits = {cell: found[1] for cell in cells if (found := _DIGITS.fullmatch(cell.strip()))}
    codes = _as_they_stand(digits) or _restored(digits)
    provinces = {province for code in codes.values() if (province := _province_of(code))}
    home = provinces.pop() if len(provinces) == 1 else None
    words = [cell for cell in cells if cell not in digits]
    if home is None:
        named = {code for cell in words if (code := _named(cell, None)) in unit_indexes()[0].units}
        home = named.pop() if len(named) == 1 and not codes else None
    read: list[str | None] = [codes.get(cell) if cell in digits else _named(cell, home) for cell in cells]
    if home is None or home in read:
        return read
    # "Hà Giang" beside "TP Hà Giang" is the province; without the latter it may be either.
    cities = {code for code in read if code and len(code) == CODE_WIDTHS["district"]}
    return [
        home if code is None and cell not in digits and _is_province_beside(cell, home, cities) else code
        for cell, code in zip(cells, read, strict=True)
    ]


def _is_province_beside(cell: str, home: str, cities: set[str]) -> bool:
    """Say whether a name is its province's, and a city's that another cell names."""
    provinces, districts, _ = unit_indexes()
    named = provinces.find(cell, frozenset({""}))
    city = districts.find(cell, frozenset({home}))
    return named.codes == {home} and not named.respelt and bool(city.codes) and city.codes <= cities


def _as_they_stand(digits: dict[str, str]) -> dict[str, str]:
    """Return cell → code when every code has a width and exists; empty when zeros were lost."""
    known = {index.width: index.units for index in unit_indexes()}
    stand = all(code in known.get(len(code), ()) for code in digits.values())
    has_zero = any(code.startswith("0") for code in digits.values())
    if stand:
        return digits
    # Zeros are there: none was lost, and what exists nowhere is unknown by itself.
    return (
        {cell: code for cell, code in digits.items() if code in known.get(len(code), ())} if has_zero else {}
    )


def _restored(digits: dict[str, str]) -> dict[str, str]:
    """Return cell → code with the zeros put back, where the whole file has one reading; else empty."""
    readings = [_of_level(digits, index) for index in unit_indexes()]
    readings += [_of_province(digits, province) for province in unit_indexes()[0].units]
    fitting = [reading for reading in readings if reading]
    return fitting[0] if fitting and all(reading == fitting[0] for reading in fitting) else {}


def _of_level(digits: dict[str, str], index: UnitIndex) -> dict[str, str]:
    filled = {cell: code.zfill(index.width) for cell, code in digits.items()}
    return filled if all(code in index.units for code in filled.values()) else {}


def _of_province(digits: dict[str, str], province: str) -> dict[str, str]:
    """Return cell → the one unit of a province (itself, a district, a commune) that a code can be; else empty."""
    reading = {}
    for cell, code in digits.items():
        filled = (code.zfill(width) for width in CODE_WIDTHS.values())
        fitting = [unit for unit in filled if _province_of(unit) == province]
        if len(fitting) != 1:
            return {}
        reading[cell] = fitting[0]
    return reading


def _province_of(code: str) -> str | None:
    """Return the province of a unit's code; None for the country and for what does not exist."""
    provinces, districts, communes = unit_indexes()
    if code in provinces.units:
        return code
    district = communes.units[code].parent if code in communes.units else code
    return districts.units[district].parent if district in districts.units else None


def _named(cell: str, home: str | None) -> str | None:
    """Return the code of the one unit that a cell names, a district or commune only within its province."""
    if cell.strip().upper() in (COUNTRY, "VIỆT NAM", "CẢ NƯỚC", "TOÀN QUỐC"):
        return COUNTRY
    provinces, districts, communes = unit_indexes()
    found = [provinces.find(cell, frozenset({""}))]
    if home:
        within = frozenset(unit.code for unit in districts.by_parent[home])
        found += [districts.find(cell, frozenset({home})), communes.find(cell, within)]
    codes = {code for level in found if not level.respelt for code in level.codes}
    kind = read_unit_name(cell).kind
    same_kind = {code for code in codes if kind and kind == _unit(code).name.kind}
    if (
        kind
        and not same_kind
        and any(districts.units[c].name.kind == kind for c in districts.find(cell, None).codes)
    ):
        return None  # Thành phố Hà Giang is no province, and nothing tells that it is meant
    best = same_kind or codes
    return best.pop() if len(best) == 1 else None


def _unit(code: str) -> Unit:
    return next(index.units[code] for index in unit_indexes() if code in index.units)
