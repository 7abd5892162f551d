"""Columns of dates that a spreadsheet changed: half converted, or 1,462 days off; and ordinary ones, left alone."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from analysis.clean import clean_intake
from analysis.clean.report_columns import read_days
from analysis.errors import IntakeError
from clean_samples import clean, make_run, many, read, table, typed_quality

AS_OF = date(2021, 11, 7)
TRUE = [date(2021, 8, 1) + timedelta(days=i) for i in range(28)]


def half(day: date) -> str:
    """Return what a spreadsheet of month/day/year makes of a day written day first."""
    return f"{day.year}-{day.day:02}-{day.month:02}" if day.day <= 12 else f"{day:%d/%m/%Y}"


def cleaned(folder: Path, days: list[str], **others: str) -> list[dict[str, Any]]:
    given = zip(many(len(days)), days, strict=True)
    texts = [row | {"vaccination_date": text, "entry_date": "", **others} for row, text in given]
    run = make_run(folder, {"platform/a.csv": table(*texts)})
    clean_intake(run)
    return read(run, "doses")


def test_exchanged_days_of_a_half_converted_column_are_read_as_meant(tmp_path: Path) -> None:
    rows = cleaned(tmp_path, [half(day) for day in TRUE])
    assert [row["vaccination_date"] for row in rows] == TRUE
    changed = ["date_order_differs" in row["reason_codes"] for row in rows]
    assert changed == [day.day <= 12 and day.day != day.month for day in TRUE]


@pytest.mark.parametrize(
    "days",
    [
        [f"{day:%Y-%m-%d}" for day in TRUE],
        [f"{day:%d/%m/%Y}" if day.day % 2 else f"{day:%Y-%m-%d}" for day in TRUE],  # two ways of writing
        [
            f"{day:%d/%m/%Y}" if day.day > 12 else f"{day:%Y-%m-%d}" for day in TRUE
        ],  # a clerk changed in the month
    ],
)
def test_ordinary_columns_of_real_dates_and_texts_stay(tmp_path: Path, days: list[str]) -> None:
    rows = cleaned(tmp_path, days)
    assert [row["vaccination_date"] for row in rows] == TRUE
    assert not any(
        {"date_order_differs", "vaccination_date_ambiguous"} & set(r["reason_codes"]) for r in rows
    )


def test_what_nothing_decides_stays_and_is_flagged(tmp_path: Path) -> None:
    days = ["2021-05-06", "2021-06-05", "2021-07-08", "13/07/2021", "14/07/2021", "15/07/2021"]
    rows = cleaned(tmp_path, days)
    assert [str(row["vaccination_date"]) for row in rows[:3]] == days[:3]
    assert ["vaccination_date_ambiguous" in row["reason_codes"] for row in rows] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d/%m/%Y"])
@pytest.mark.parametrize("days", [1462, -1462])
def test_a_column_without_the_base_of_its_workbook_is_moved(tmp_path: Path, form: str, days: int) -> None:
    typed = [f"{day - timedelta(days=days):{form}}" for day in TRUE]
    rows = cleaned(tmp_path, typed, birth_date="1981-03-24")
    assert [row["vaccination_date"] for row in rows] == TRUE
    assert all("date_shifted" in row["reason_codes"] for row in rows)
    moved = date(1981, 3, 24) + timedelta(days=days)
    assert {row["birth_date"] for row in rows} == {moved.isoformat()}


def test_births_as_text_beside_moved_days_are_flagged_and_some_early_days_move_nothing(
    tmp_path: Path,
) -> None:
    early = [f"{day - timedelta(days=1462):%Y-%m-%d}" for day in TRUE]
    rows = cleaned(tmp_path / "text", early, birth_date="25/03/1985")
    assert {row["birth_date"] for row in rows} == {"1985-03-25"}
    mixed = [*early[:5], *(f"{day:%Y-%m-%d}" for day in TRUE[5:])]
    rows = cleaned(tmp_path / "mixed", mixed)
    assert [str(row["vaccination_date"]) for row in rows] == mixed
    assert not any("date_shifted" in row["reason_codes"] for row in rows)


def test_the_days_of_a_report_are_read_as_meant() -> None:
    days = [date(2021, 9, 1) + timedelta(days=i) for i in range(40)]
    plain = tuple(day.isoformat() for day in days)
    assert read_days([half(day) for day in days], AS_OF).days == plain
    assert read_days([f"{day - timedelta(days=1462):%d/%m/%Y}" for day in days], AS_OF).days == plain
    assert read_days(plain, AS_OF).days == plain
    assert read_days(plain, AS_OF).convention is None


def test_a_file_without_any_date_that_can_be_read_is_set_aside(tmp_path: Path) -> None:
    hidden = [row | {"vaccination_date": "########"} for row in many(5)]
    run = make_run(tmp_path, {"platform/a.csv": table(*hidden), "platform/b.csv": table({})})
    clean_intake(run)
    told = {q["source_file"]: (q["status"], q["reason_code"]) for q in typed_quality(run)}
    assert told["platform/a.csv"] == ("quarantined", "dates_unreadable")
    assert len(read(run, "doses")) == 1
    with pytest.raises(IntakeError, match="dates_unreadable"):
        clean_intake(make_run(tmp_path / "alone", {"platform/a.csv": table(*hidden)}))


def test_figures_run_together_prove_the_order_of_their_column(tmp_path: Path) -> None:
    """One slip with a thirteenth month does not turn a column of days whose zeros a spreadsheet took away."""
    rows = cleaned(tmp_path, [*(f"{day:%d%m%Y}".lstrip("0") for day in TRUE), "8/13/2021"])
    assert [row["vaccination_date"] for row in rows] == [*TRUE, date(2021, 8, 13)]
    assert ["date_order_differs" in row["reason_codes"] for row in rows] == [False] * 28 + [True]


@pytest.mark.parametrize("typed", ["65", "-598"])
def test_a_short_number_among_milliseconds_is_no_moment(tmp_path: Path, typed: str) -> None:
    births = ["-247104000000", "-131328000000", "13046400000", typed]
    given = zip(many(4), births, strict=True)
    run = make_run(
        tmp_path, {"platform/a.csv": table(*(row | {"birth_date": birth} for row, birth in given))}
    )
    clean_intake(run)
    rows = read(run, "doses")
    assert [row["birth_date"] for row in rows] == ["1962-03-04", "1965-11-03", "1970-06-01", None]
    assert "birth_date_unreadable" in rows[3]["reason_codes"]


def test_years_in_cells_that_show_days_do_not_hide_that_a_column_was_half_converted(tmp_path: Path) -> None:
    births = [date(1962 + i % 30, day.month, day.day) for i, day in enumerate(TRUE)]
    years = ["1905-05-06 00:00:00", "1905-05-30 00:00:00"]
    given = zip(many(len(TRUE) + 2), [*map(half, births), *years], strict=True)
    run = make_run(tmp_path, {"platform/a.csv": table(*(row | {"birth_date": text} for row, text in given))})
    clean_intake(run)
    rows = read(run, "doses")
    assert [row["birth_date"] for row in rows] == [*map(str, births), "1953", "1977"]
    assert ["date_restored" in row["reason_codes"] for row in rows] == [False] * len(TRUE) + [True] * 2


@pytest.mark.parametrize(("rarer", "is_open"), [(0, False), (1, False), (3, True), (12, True)])
def test_a_column_of_two_hands_is_read_in_the_more_frequent_order_and_stays_open(
    tmp_path: Path, rarer: int, is_open: bool
) -> None:
    late = [day for day in TRUE if day.day > 12]
    days = [f"{d:%d/%m/%Y}" for d in TRUE] + [f"{d:%m/%d/%Y}" for d in late[:rarer]]
    rows = cleaned(tmp_path, days)
    assert [row["vaccination_date"] for row in rows] == [*TRUE, *late[:rarer]]
    flagged = {"vaccination_date_ambiguous" in row["reason_codes"] for row in rows[:7]}
    assert flagged == {is_open}


def test_six_figures_are_days_where_their_column_proves_it(tmp_path: Path) -> None:
    births = ["050888", "250362", "311270", "280299", "50888", "22710", "11262"]
    rows = [
        {"birth_date": text, "id_number": "", "vaccination_date": f"{15 + n}0821", "entry_date": ""}
        for n, text in enumerate(births)
    ]
    found = clean(tmp_path, {"platform/a.csv": table(*rows)})
    # 22710 can only be a spreadsheet's day; 11262 may be 1 December 1962 or its day of 1930.
    said = ["1988-08-05", "1962-03-25", "1970-12-31", "1999-02-28", "1988-08-05", "1962-03-05", None]
    assert [row["birth_date"] for row in found] == said
    assert [str(row["vaccination_date"]) for row in found] == [
        f"2021-08-{15 + n}" for n in range(len(births))
    ]


def test_six_figures_with_the_year_first_are_not_read(tmp_path: Path) -> None:
    rows = [{"birth_date": text, "id_number": ""} for text in ("620325", "701231", "990228", "010203")]
    assert {row["birth_date"] for row in clean(tmp_path, {"platform/a.csv": table(*rows)})} == {None}
