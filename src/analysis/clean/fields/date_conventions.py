"""How each file writes its dates, decided from counts over the file's own values."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from analysis.clean.fields.dates import DAYS_BETWEEN_BASES, DateConvention

# So many cells at least, and so many to each that speaks against, tell of a whole column.
FEWEST_PROOFS, PROOFS_TO_ONE = 3, 20
UP_TO_TWELVE = 12 * 12 / 365.25  # of all days, those whose day of the month is up to 12
SMALL_CHANCE = 1e-3


@dataclass(frozen=True)
class DateEvidence:
    """Rows of one column by what they prove.

    `day_first` and `month_first`: only that order makes a date of them. `serials` and `serials_1904`:
    serial numbers that are possible vaccination days counted from 1900, or from 1904. `milliseconds`:
    plain numbers of eleven digits and more; `other_numbers`: shorter ones. `texts_open`: written day/month or
    month/day, both up to 12 and different. `real_early`: dates as a spreadsheet holds them (2021-04-03) whose day and
    month could be exchanged, `real_late`: those whose day is above 12; `real_impossible` and `exchanged_impossible`:
    of the former, those that cannot be as they stand, or with day and month exchanged. `dated`: rows with a whole
    date, `possible` as it stands, `possible_later` and `possible_earlier` 1,462 days away.
    """

    day_first: int = 0
    month_first: int = 0
    serials: int = 0
    serials_1904: int = 0
    milliseconds: int = 0
    other_numbers: int = 0
    texts_open: int = 0
    real_early: int = 0
    real_late: int = 0
    real_impossible: int = 0
    exchanged_impossible: int = 0
    dated: int = 0
    possible: int = 0
    possible_later: int = 0
    possible_earlier: int = 0


def decide_order(column: DateEvidence, file: Iterable[DateEvidence]) -> tuple[str, bool]:
    """Decide day/month order: by the column's own proof, else by the file's other columns, else dmy unproved."""
    for evidence in (column, *file):
        if evidence.day_first != evidence.month_first:
            return ("dmy" if evidence.day_first > evidence.month_first else "mdy"), True
    return "dmy", False


def decide_exchange(evidence: DateEvidence) -> tuple[bool, bool]:
    """Say whether day and month of a column's real dates are exchanged, and whether that stays open (sources date-5).

    A spreadsheet of the other order makes dates of those texts alone whose day is up to 12, and leaves the others.
    """
    texts = evidence.day_first + evidence.month_first
    is_split = (
        min(evidence.real_early, texts) >= FEWEST_PROOFS
        and evidence.real_late * PROOFS_TO_ONE <= evidence.real_early
        and evidence.texts_open * PROOFS_TO_ONE <= texts
    )
    gain = evidence.real_impossible - evidence.exchanged_impossible
    if not is_split or gain < 0:
        return False, False
    chance = UP_TO_TWELVE**evidence.real_early * (1 - UP_TO_TWELVE) ** texts
    is_exchanged = gain >= FEWEST_PROOFS or chance < SMALL_CHANCE
    return is_exchanged, not is_exchanged


def decide_shift(evidence: DateEvidence) -> int:
    """Return the days by which a whole column is early (1,462), late (-1,462), or 0 (sources date-6)."""
    for days, possible in (
        (DAYS_BETWEEN_BASES, evidence.possible_later),
        (-DAYS_BETWEEN_BASES, evidence.possible_earlier),
    ):
        is_all = possible >= FEWEST_PROOFS and (evidence.dated - possible) * PROOFS_TO_ONE <= possible
        if is_all and evidence.possible * PROOFS_TO_ONE <= possible:
            return days
    return 0


def decide_conventions(columns: dict[str, DateEvidence]) -> dict[str, DateConvention]:
    """Decide the convention of each date column of one file (field to evidence).

    A file counts serial days from 1904 when only so its vaccination days are possible ones. Of a file whose
    vaccination days are early or late as a whole, births that are real dates are so too; other births stay open.
    """
    vaccinations = columns.get("vaccination_date", DateEvidence())
    shifted = vaccinations.serials_1904 > vaccinations.serials
    conventions = {}
    for name, evidence in columns.items():
        order, decided = decide_order(evidence, columns.values())
        epoch = evidence.milliseconds > evidence.other_numbers
        exchanged, is_open = decide_exchange(evidence)
        days = decide_shift(evidence)
        if name == "birth_date":
            days = decide_shift(vaccinations)
            real = evidence.real_early + evidence.real_late
            is_open = is_open or bool(days and evidence.dated > real)
            days = days if evidence.dated == real else 0
        conventions[name] = DateConvention(order, decided, shifted, epoch, exchanged, is_open, days)
    return conventions


# A convention travels through the engine as a whole number: one bit a fact.
MONTH_FIRST, DECIDED, _SERIAL_1904, _EPOCH, _EXCHANGED, _REAL_OPEN, _EARLY, _LATE = (1 << n for n in range(8))
# What bears on a date that is written out: its order, whether that is decided, and what is peculiar to the column.
OF_TEXTS = DECIDED | _EXCHANGED | _REAL_OPEN | _EARLY | _LATE


def convention_number(convention: DateConvention) -> int:
    """Return a convention as a whole number."""
    return (
        MONTH_FIRST * (convention.order == "mdy")
        + DECIDED * convention.decided
        + _SERIAL_1904 * convention.serial_1904
        + _EPOCH * convention.epoch
        + _EXCHANGED * convention.exchanged
        + _REAL_OPEN * convention.real_open
        + _EARLY * (convention.days_early > 0)
        + _LATE * (convention.days_early < 0)
    )


@cache
def numbered_convention(number: int) -> DateConvention:
    """Return the convention of a number."""
    order = "mdy" if number & MONTH_FIRST else "dmy"
    early = DAYS_BETWEEN_BASES * (bool(number & _EARLY) - bool(number & _LATE))
    return DateConvention(
        order,
        bool(number & DECIDED),
        bool(number & _SERIAL_1904),
        bool(number & _EPOCH),
        bool(number & _EXCHANGED),
        bool(number & _REAL_OPEN),
        early,
    )
