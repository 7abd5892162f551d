"""How each file writes its dates, decided from counts over the file's own values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from analysis.clean.fields.dates import (
    DAYS_BETWEEN_BASES,
    FIRST_OF_YEARS,
    LAST_OF_YEARS,
    DateConvention,
    ParsedDate,
    parse_date,
)

# So many cells at least, and so many to each that speaks against, tell of a whole column.
FEWEST_PROOFS, PROOFS_TO_ONE = 3, 20
UP_TO_TWELVE = 12 * 12 / 365.25  # of all days, those whose day of the month is up to 12
SMALL_CHANCE = 1e-3
_DAY_MONTH = re.compile(r"\s*(?:ngày|ngay)?\s*(\d{1,2}\s*[/\-]\s*\d{1,2})\s*[/\-]?\s*", re.IGNORECASE)
_WHOLE_DAY = r"regexp_extract(typed, '^\d{4}-\d\d-\d\d')"
# The day that a spreadsheet holds; a year that it made a day says nothing of the column's days.
_REAL_DAY = (
    f"CASE WHEN {_WHOLE_DAY} NOT BETWEEN '{FIRST_OF_YEARS}' AND '{LAST_OF_YEARS}' "
    f"THEN TRY_CAST({_WHOLE_DAY} AS DATE) END"
)


@dataclass(frozen=True)
class DateEvidence:
    """Rows of one column by what they prove.

    `day_first` and `month_first`: only that order makes a date of them. `serials` and `serials_1904`:
    serial numbers that are possible vaccination days counted from 1900, or from 1904. `milliseconds`:
    plain numbers of eleven digits and more; `other_numbers`: shorter ones. `texts_open`: written day/month or
    month/day, both up to 12 and different. `real_early`: dates as a spreadsheet holds them (2021-04-03) whose day and
    month could be exchanged, `real_late`: those whose day is above 12; `real_impossible` and `exchanged_impossible`:
    of the former, those that cannot be as they stand, or with day and month exchanged. `dated`: rows with a whole
    date, `possible` as it stands, `possible_later` and `possible_earlier` 1,462 days away. `six_figures`: texts of six
    figures, `six_days`: those that are a possible day as day, month and year, `six_late`: of these, a day above 12.
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
    six_figures: int = 0
    six_days: int = 0
    six_late: int = 0


def _six_figures_tests(column: str) -> tuple[str, str, str]:
    """Return SQL: a text is six figures; they are a day that is possible in the `column`; that day is above 12."""
    six = (
        "TRY_CAST(CASE WHEN regexp_full_match(typed, '[0-9]{6}') THEN "
        "'20' || right(typed, 2) || '-' || substr(typed, 3, 2) || '-' || left(typed, 2) END AS DATE)"
    )
    is_six = f"({six} {column} OR {six} - INTERVAL 100 YEAR {column})"
    return (
        "strlen(typed) = 6 AND regexp_full_match(typed, '[0-9]{6}')",
        f"strlen(typed) = 6 AND {is_six}",
        f"strlen(typed) = 6 AND left(typed, 2) > '12' AND {is_six}",
    )


def date_evidence_query(typed_dates: str, first: date, last: date, earliest: date) -> str:
    """Return SQL counting, per file, rows that only one convention of a date column can explain; a text is read once.

    `first` and `last` are the possible vaccination days, `earliest` the first possible day of the column.
    """
    # Day, month and year apart, or run together (sources date-8).
    apart = r"'^\D?(\d{1,2})\s*[/.,\-–_| ]{1,2}\s*(\d{1,2})\s*[/.,\-–_| ]{1,2}\s*\d{2}'"
    run = r"'^(\d{1,2})(\d{2})(?:19|20)\d{2}$'"
    a, b = (
        f"coalesce({', '.join(f'TRY_CAST(regexp_extract(typed, {way}, {n}) AS INTEGER)' for way in (apart, run))})"
        for n in (1, 2)
    )
    serial = "TRY_CAST(regexp_extract(typed, '^(\\d{5})([.,]\\d+)?$', 1) AS INTEGER)"
    year = "regexp_extract(typed, '^\\D?\\d{1,2}\\s*[/.\\- ]\\s*\\d{1,2}\\s*[/.\\- ]\\s*(\\d{4})', 1)"
    exchangeable = "day(real) <= 12 AND day(real) <> month(real)"
    campaign, column = (f"BETWEEN DATE '{start}' AND DATE '{last}'" for start in (first, earliest))
    tests = (
        "a > 12 AND b <= 12",
        "b > 12 AND a <= 12",
        f"serial_day {campaign}",
        f"serial_day + {DAYS_BETWEEN_BASES} {campaign}",
        "regexp_matches(typed, '^-?\\d{11,14}([.,]0*)?$')",
        "regexp_matches(typed, '^\\d{4,10}([.,]\\d+)?$')",
        "a <= 12 AND b <= 12 AND a <> b",
        exchangeable,
        "day(real) > 12",
        f"{exchangeable} AND real NOT {column}",
        f"{exchangeable} AND exchanged NOT {column}",
        "one IS NOT NULL",
        f"one {campaign} OR other {campaign}",
        f"one + {DAYS_BETWEEN_BASES} {campaign} OR other + {DAYS_BETWEEN_BASES} {campaign}",
        f"one - {DAYS_BETWEEN_BASES} {campaign} OR other - {DAYS_BETWEEN_BASES} {campaign}",
        *_six_figures_tests(column),
    )
    counts = ", ".join(f"coalesce(sum(n) FILTER ({test}), 0)::BIGINT" for test in tests)
    return f"""
      WITH parted AS (
        SELECT typed, {a} AS a, {b} AS b, {year} AS y,
               DATE '1899-12-30' + {serial} AS serial_day, {_REAL_DAY} AS real
        FROM (SELECT DISTINCT typed FROM {typed_dates})),
      dated AS (
        SELECT *, coalesce(real, TRY_CAST(y || '-' || b || '-' || a AS DATE), TRY_CAST(y || '-' || a || '-' || b AS DATE)) AS one,
               coalesce(real, TRY_CAST(y || '-' || a || '-' || b AS DATE)) AS other,
               CASE WHEN day(real) <= 12 THEN TRY_CAST(year(real) || '-' || day(real) || '-' || month(real) AS DATE) END AS exchanged
        FROM parted)
      SELECT source_id, {counts} FROM {typed_dates} LEFT JOIN dated USING (typed) GROUP BY source_id"""


def decide_order(column: DateEvidence, file: Iterable[DateEvidence]) -> tuple[str, bool]:
    """Decide day/month order: by the column's own proof, else by the file's other columns, else dmy unproved.

    Where a column proves both, three rows at least of the rarer order and not one to twenty, several hands wrote it:
    the more frequent order is read, and stays open (sources date-10).
    """
    for evidence in (column, *file):
        fewer, more = sorted((evidence.day_first, evidence.month_first))
        is_mixed = fewer >= FEWEST_PROOFS and fewer * PROOFS_TO_ONE > more
        if is_mixed or fewer != more:
            return ("dmy" if evidence.day_first >= evidence.month_first else "mdy"), not is_mixed
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
        six = evidence.six_late >= FEWEST_PROOFS and (
            (evidence.six_figures - evidence.six_days) * PROOFS_TO_ONE <= evidence.six_days
        )
        conventions[name] = DateConvention(order, decided, shifted, epoch, exchanged, is_open, days, six)
    return conventions


# A convention travels through the engine as a whole number: one bit a fact.
MONTH_FIRST, DECIDED, _SERIAL_1904, _EPOCH, _EXCHANGED, _REAL_OPEN, _EARLY, _LATE, _SIX = (
    1 << n for n in range(9)
)
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
        + _SIX * convention.six_figures
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
        bool(number & _SIX),
    )


def parse_vaccination(text: str | None, convention: DateConvention, span: tuple[date, date]) -> ParsedDate:
    """Read one typed vaccination date as `parse_date` does; `span` are the first and last day that may be meant.

    A day and month without their year, in a column that writes the day first, have the year in which they are a day
    of the span, if there is one such year (sources date-11).
    """
    read = parse_date(text, convention, span[1].year)
    found = _DAY_MONTH.fullmatch(text or "")
    if read.value or not found or convention.order != "dmy" or not convention.decided:
        return read
    years = range(span[0].year, span[1].year + 1)
    days = (parse_date(f"{found[1]}/{year}", DateConvention(), year) for year in years)
    within = [d for d in days if not d.other_order and str(span[0]) <= (d.value or "") <= str(span[1])]
    return replace(within[0], is_restored=True) if len(within) == 1 else read
