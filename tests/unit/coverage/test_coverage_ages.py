"""Ages in completed years and the weeks they fall into, asked of the SQL itself."""

from datetime import date

import duckdb
import pytest

from analysis.coverage.ages import birth_day_sql, birthday_sql
from analysis.coverage.inputs import choose_weeks


def answer(sql: str) -> object:
    return duckdb.sql(f"SELECT {sql}").fetchall()[0][0]


@pytest.mark.parametrize(
    ("born", "years", "reached"),
    [
        ("2003-11-07", 18, "2021-11-07"),
        ("2004-02-29", 18, "2022-03-01"),  # no 29 February: the day after the 28th, as years are completed
        ("2004-02-29", 16, "2020-02-29"),
        ("1971-12-31", 50, "2021-12-31"),
    ],
)
def test_an_age_is_reached_on_the_birthday(born: str, years: int, reached: str) -> None:
    assert answer(birthday_sql(f"DATE '{born}'", years)) == date.fromisoformat(reached)


@pytest.mark.parametrize(
    ("typed", "setting", "day"),
    [
        ("1962-03-05", "07-01", "1962-03-05"),
        ("1962-03", "07-01", "1962-03-15"),
        ("1962", "07-01", "1962-07-01"),
        ("1962", "12-31", "1962-12-31"),
        ("1962", "02-29", "1962-03-01"),  # a setting that most years lack
        ("1962-02-30", "07-01", None),
        ("62", "07-01", None),
    ],
)
def test_a_birth_known_in_part_takes_the_middle_or_the_setting(
    typed: str, setting: str, day: str | None
) -> None:
    found = answer(birth_day_sql(f"'{typed}'", setting))
    assert found == (day and date.fromisoformat(day))


def test_weeks_reach_back_to_the_first_dose_and_are_at_least_two() -> None:
    as_of = date(2021, 11, 7)
    assert choose_weeks(as_of, date(2021, 10, 20)).first == date(2021, 10, 17)
    assert choose_weeks(as_of, date(2021, 10, 17)).first == date(2021, 10, 17)
    assert [choose_weeks(as_of, day).count for day in (as_of, None, date(2021, 11, 9))] == [2, 2, 2]


def test_a_day_falls_to_the_reference_date_on_or_after_it() -> None:
    weeks = choose_weeks(date(2021, 11, 7), date(2021, 10, 20))
    days = ["2021-09-01", "2021-10-17", "2021-10-18", "2021-10-24", "2021-10-25", "2021-11-07", "2021-11-08"]
    assert [answer(weeks.index_sql(f"DATE '{day}'")) for day in days] == [0, 0, 1, 1, 2, 3, 4]
    assert answer(weeks.index_sql("CAST(NULL AS DATE)")) is None  # never, not the first week
