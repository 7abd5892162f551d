"""Reported counts that contradict themselves: which are named, and which ordinary ones never are."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest

from analysis.clean import clean_intake
from analysis.clean.odd_days import FAR_OUTSIDE, RUNNING_TOTAL, TAKEN_BACK, OddDay, find_odd_days
from clean_samples import make_run, read, table
from staged_samples import workbook

FIRST = date(2021, 9, 20)
DAYS = [100 + 7 * i % 19 for i in range(45)]
TOTALS = list(accumulate(DAYS))
WEEKENDS = [0 if (FIRST + timedelta(i)).weekday() >= 5 else count for i, count in enumerate(DAYS)]


def with_days(counts: Sequence[int], **changed: int) -> list[int]:
    """Return counts of which some are others: `d30=3100`."""
    new = {int(name[1:]): count for name, count in changed.items()}
    return [new.get(i, count) for i, count in enumerate(counts)]


def days_of(found: list[OddDay], reason: str) -> list[int]:
    return [odd.index for odd in found if odd.reason == reason]


@pytest.mark.parametrize(
    ("counts", "totals", "far"),
    [
        (with_days(DAYS, d30=TOTALS[30]), [30], []),
        (with_days(DAYS, d30=TOTALS[29]), [30], []),  # of the day before
        (with_days(DAYS, d44=TOTALS[44]), [44], []),  # on the last day
        (with_days(DAYS, d12=TOTALS[12], d40=TOTALS[40]), [12, 40], []),
        ([*DAYS[:25], *TOTALS[25:32], *DAYS[32:]], list(range(25, 32)), []),
        ([*DAYS[:38], *TOTALS[38:]], list(range(38, 45)), []),
        (TOTALS, list(range(1, 45)), []),  # a unit that sends nothing else
        (with_days(WEEKENDS, d30=sum(WEEKENDS[:31])), [30], []),
        ([count // 10 for count in with_days(DAYS, d30=TOTALS[30])], [30], []),  # second doses, ten a day
        (with_days(DAYS, d20=10 * DAYS[20], d21=10 * DAYS[21]), [], [20, 21]),
        (with_days(WEEKENDS, d22=10 * DAYS[22]), [], [22]),
        (with_days(DAYS, d20=50_000), [], [20]),  # the total of a campaign that began before the file
    ],
)
def test_odd_days_are_found(counts: list[int], totals: list[int], far: list[int]) -> None:
    found = find_odd_days(counts)
    assert (days_of(found, RUNNING_TOTAL), days_of(found, FAR_OUTSIDE)) == (totals, far)
    assert all(0 <= odd.usual <= 2 * max(DAYS) for odd in found)


@pytest.mark.parametrize(
    "counts",
    [
        DAYS,
        WEEKENDS,
        [],
        [5000],
        [100, 110, 2000, 105],  # too few days to say what is usual
        [*[10, 12, 9, 15] * 4, *[900, 1100, 1000] * 5],  # a campaign begins
        [*[10, 12, 9, 15] * 4, 900],  # on the last day
        [0] * 20 + [300, 900, 2000, 2500, 2400],  # a unit's first days
        with_days(DAYS, d20=500, d21=600),  # big days
        with_days(DAYS, **{f"d{i}": 900 for i in range(20, 26)}),  # a week of them
        with_days(DAYS, d18=200, d19=400, d20=1000, d21=500, d22=150),  # that grow and fall
        with_days(DAYS, d20=-80),  # a correction
        with_days(DAYS, d20=-3100),
        [int(5 * 1.2**i) for i in range(30)],  # growth
        [min(i, 20) * 30 for i in range(40)],
        [1 if i % 3 else 0 for i in range(40)] + [9],  # a commune's chance
    ],
)
def test_ordinary_days_are_not_called_odd(counts: list[int]) -> None:
    assert find_odd_days(counts) == []


def test_uneven_units_are_seldom_called_odd() -> None:
    """300 invented units of 90 days, each with its own level, growth, scatter of 30 % and days without a session."""
    named = 0
    for seed in range(300):
        random, level, counts = Random(seed), 100.0, []
        for _ in range(90):
            level *= random.lognormvariate(0.01, 0.1)
            counts.append(int(level * random.lognormvariate(0, 0.3)) if random.random() < 0.85 else 0)
        named += bool(find_odd_days(counts))
    assert named == 0


@pytest.mark.parametrize("taken", [-TOTALS[30], -TOTALS[30] + DAYS[30], -TOTALS[30] + DAYS[30] + DAYS[31]])
def test_an_excess_that_is_taken_back_is_settled(taken: int) -> None:
    counts = with_days(DAYS, d30=TOTALS[30], d31=taken)
    found = find_odd_days(counts)
    assert (days_of(found, RUNNING_TOTAL), days_of(found, TAKEN_BACK)) == ([30], [31])
    assert sum(odd.usual for odd in found) == counts[30] + counts[31]


REPORT = (
    "report_date,province_code,district_code,doses_allocated,doses_received,doses_administered,dose_1,dose_2,"
    "dose_3_plus,doses_discarded\n"
)
POPULATION = "unit_code,age_group,population,source,reference_date\n"


def rows(counts: Sequence[int], unit: str = "02,", second: int = 10) -> str:
    return "".join(
        f"{FIRST + timedelta(i)},{unit},0,{9000 * (i == 0)},{one + second},{one},{second},0,0\n"
        for i, one in enumerate(counts)
    )


def cleaned(folder: Path, files: dict[str, str | bytes]) -> tuple[dict[str, str], list[tuple[object, ...]]]:
    """Return what quality says of the counts, by reason, and the suspicious days by unit, sender, day and column."""
    run = make_run(folder, {"platform/a.csv": table({}), **files})
    clean_intake(run)
    quality = [q for q in read(run, "quality") if not str(q["source_file"]).startswith("platform")]
    assert all(q["rows_rejected"] == 0 for q in quality)
    told = {q["reason_code"]: q["detail"] for q in quality if q["reason_code"]}
    names = ("unit_code", "of_unit_code", "report_date", "measure", "reported", "usual")
    days = [tuple(str(day[n]) for n in names) for day in read(run, "suspicious_days")]
    return told, days


def test_a_running_total_is_named_with_its_row_and_stands(tmp_path: Path) -> None:
    report = REPORT + rows(with_days(DAYS, d30=TOTALS[30]))
    told, days = cleaned(tmp_path, {"daily_reports/f.csv": report})
    assert told == {"running_total": "row 32, 2021-10-20, dose_1, doses_administered"}
    usual = {(unit, measure): (reported, usual) for unit, _, _, measure, reported, usual in days}
    assert usual["02", "dose_1"] == usual["VN", "dose_1"] == (str(TOTALS[30]), "110")
    assert len(days) == 4


@pytest.mark.parametrize("has_own", [True, False])
def test_a_running_total_of_a_district_reaches_its_province_where_its_rows_are_the_provinces(
    tmp_path: Path, has_own: bool
) -> None:
    report = REPORT + rows(with_days(DAYS, d30=TOTALS[30]), "02,026") + (rows(DAYS, "02,") if has_own else "")
    told, days = cleaned(tmp_path, {"daily_reports/f.csv": report})
    assert "running_total" in told
    assert ("districts_above_province" in told) is has_own
    assert {unit for unit, *_ in days} == ({"026"} if has_own else {"026", "02", "VN"})
    assert {sender for _, sender, *_ in days} == {"026"}


def test_a_province_that_is_the_sum_of_its_districts_has_their_odd_days(tmp_path: Path) -> None:
    odd = with_days([count // 4 for count in DAYS], d30=750)
    whole = [1000 + count for count in odd]
    report = REPORT + rows(odd, "02,026", 0) + rows([1000] * 45, "02,024", 0) + rows(whole, "02,", 0)
    _, days = cleaned(tmp_path, {"daily_reports/f.csv": report})
    assert {(unit, sender) for unit, sender, *_ in days} == {("026", "026"), ("02", "026"), ("VN", "026")}


def test_vietnamese_headers_of_a_workbook_and_rows_as_it_numbers_them(tmp_path: Path) -> None:
    header = [
        "Ngày báo cáo",
        "Tỉnh",
        "Huyện",
        "Phân bổ",
        "Đã nhận",
        "Số mũi tiêm trong ngày",
        "Mũi 1",
        "Mũi 2",
        "Mũi 3",
        "Hủy",
    ]
    body = [
        [
            f"{FIRST + timedelta(i):%d/%m/%Y}",
            "Hà Giang",
            "",
            "0",
            "0",
            str(one + 10),
            str(one),
            "10",
            "0",
            "0",
        ]
        for i, one in enumerate(with_days(DAYS, d30=TOTALS[30]))
    ]
    sheet = [["BÁO CÁO TIÊM CHỦNG"], [], header, *body]
    told, days = cleaned(tmp_path, {"daily_reports/f.xlsx": workbook(sheet)})
    assert told == {"running_total": "row 34, 2021-10-20, dose_1, doses_administered"}
    assert len(days) == 4


def test_parts_above_their_whole_are_named(tmp_path: Path) -> None:
    lines = rows(DAYS[:10]).splitlines(keepends=True)
    lines[4] = "2021-09-24,02,,0,0,50,100,10,0,0\n"
    told, days = cleaned(tmp_path, {"daily_reports/f.csv": REPORT + "".join(lines)})
    assert (told, days) == ({"parts_above_whole": "row 6, 2021-09-24, doses_administered"}, [])


def test_more_given_than_received_is_named_from_its_first_day(tmp_path: Path) -> None:
    report = REPORT + rows(DAYS).replace(",9000,", ",1000,")
    told, _ = cleaned(tmp_path, {"daily_reports/f.csv": report})
    assert told == {"given_above_received": "row 10, 2021-09-28, doses_administered"}
    told, _ = cleaned(
        tmp_path / "none", {"daily_reports/f.csv": REPORT + rows(DAYS).replace(",9000,", ",0,")}
    )
    assert told == {}


def test_populations_that_contradict_are_named(tmp_path: Path) -> None:
    people = "02,all,9000,KH,2021-10-31\n02,18+,9500,KH,2021-10-31\n02,65+,500,KH,2021-10-31\n026,all,10000,KH,2021-10-31\n"
    told, _ = cleaned(tmp_path, {"population/f.csv": POPULATION + people})
    assert told == {
        "parts_above_whole": "row 3, 2021-10-31, 18+",
        "districts_above_province": "row 2, 2021-10-31, all",
    }
    fine = people.replace("9500", "6000").replace("10000", "9400")
    assert cleaned(tmp_path / "fine", {"population/f.csv": POPULATION + fine})[0] == {}
