"""The dates that a query reads as `parse_date` does: whole days written 2021-03-05 or 05/03/2021."""

from datetime import date

from analysis.clean.fields.date_conventions import DECIDED, MONTH_FIRST, OF_TEXTS
from analysis.clean.fields.dates import FIRST_OF_YEARS, LAST_OF_YEARS, MAX_YEAR, MIN_YEAR
from analysis.clean.quality.reason_codes import bit_of

OLDEST_AGE = 120  # sources fault-22: an older age is an error
YOUNGEST_AGE_OF_ALL = 5  # sources date-12: nobody younger was vaccinated


def last_impossible_birth(as_of: date) -> str:
    """Return the last day on which somebody was born who would be too old, as text."""
    return f"{as_of.year - OLDEST_AGE - 1}-{as_of:%m-%d}"


def last_birth_of_age(as_of: date) -> str:
    """Return the last day on which somebody was born who is old enough for any vaccine, as text.

    >>> last_birth_of_age(date(2021, 11, 7))
    '2016-11-07'
    """
    return f"{as_of.year - YOUNGEST_AGE_OF_ALL}-{as_of:%m-%d}"


def ordinary_dates(column: str, as_of: date) -> str:
    """Return SQL of the whole days of a date column, from {values}: a convention's number and a text.

    The file's order is decided, and nothing else is peculiar to it. Days that their order does not make, days that may
    be a year's number, and births that cannot be are left to Python.
    """
    first, second, year = (f"split_part(t1, '/', {n})" for n in (1, 2, 3))
    month_first = f"t0 & {MONTH_FIRST} <> 0"
    parts = f"{year}, if({month_first}, {first}, {second}), if({month_first}, {second}, {first})"
    is_birth = column == "birth_date"
    possible = (
        f"value > '{last_impossible_birth(as_of)}' AND value <= '{last_birth_of_age(as_of)}'"
        if is_birth
        else "true"
    )
    first_january = bit_of("birth_date_first_january") if is_birth else 0
    return f"""
      SELECT t0, t1, value, day, day AS first_day, year(day) AS year, 'day' AS precision,
        CASE WHEN value LIKE '%-01-01' THEN {first_january} ELSE 0 END AS bits
      FROM (SELECT *, CAST(day AS VARCHAR) AS value
            FROM (SELECT t0, t1,
                    CASE WHEN regexp_full_match(t1, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN TRY_CAST(t1 AS DATE)
                         WHEN regexp_full_match(t1, '[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}}')
                         THEN TRY_CAST(concat_ws('-', {parts}) AS DATE) END AS day
                  FROM {{values}} WHERE t0 & {OF_TEXTS} = {DECIDED})
            WHERE year(day) BETWEEN {MIN_YEAR} AND {MAX_YEAR})
      WHERE {possible} AND value NOT BETWEEN '{FIRST_OF_YEARS}' AND '{LAST_OF_YEARS}'"""
