"""How each file writes its dates, decided from counts over the file's own values."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from analysis.clean.fields.dates import DateConvention


@dataclass(frozen=True)
class DateEvidence:
    """Rows of one column by what they prove.

    `day_first` and `month_first`: only that order makes a date of them. `serials` and `serials_1904`:
    serial numbers that are possible vaccination days counted from 1900, or from 1904. `milliseconds`:
    plain numbers of eleven digits and more; `other_numbers`: shorter ones.
    """

    day_first: int = 0
    month_first: int = 0
    serials: int = 0
    serials_1904: int = 0
    milliseconds: int = 0
    other_numbers: int = 0


def decide_order(column: DateEvidence, file: Iterable[DateEvidence]) -> tuple[str, bool]:
    """Decide day/month order: by the column's own proof, else by the file's other columns, else dmy unproved."""
    for evidence in (column, *file):
        if evidence.day_first != evidence.month_first:
            return ("dmy" if evidence.day_first > evidence.month_first else "mdy"), True
    return "dmy", False


def decide_conventions(columns: dict[str, DateEvidence]) -> dict[str, DateConvention]:
    """Decide the convention of each date column of one file (field to evidence).

    A file counts serial days from 1904 when only so its vaccination days are possible ones.
    """
    vaccinations = columns.get("vaccination_date", DateEvidence())
    shifted = vaccinations.serials_1904 > vaccinations.serials
    conventions = {}
    for name, evidence in columns.items():
        order, decided = decide_order(evidence, columns.values())
        epoch = evidence.milliseconds > evidence.other_numbers
        conventions[name] = DateConvention(order, decided, shifted, epoch)
    return conventions


# A convention travels through the engine as a whole number: one bit a fact.
_MONTH_FIRST, _DECIDED, _SERIAL_1904, _EPOCH = 1, 2, 4, 8


def convention_number(convention: DateConvention) -> int:
    """Return a convention as a whole number."""
    return (
        _MONTH_FIRST * (convention.order == "mdy")
        + _DECIDED * convention.decided
        + _SERIAL_1904 * convention.serial_1904
        + _EPOCH * convention.epoch
    )


@cache
def numbered_convention(number: int) -> DateConvention:
    """Return the convention of a number."""
    order = "mdy" if number & _MONTH_FIRST else "dmy"
    return DateConvention(order, bool(number & _DECIDED), bool(number & _SERIAL_1904), bool(number & _EPOCH))
