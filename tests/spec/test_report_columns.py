"""Columns of report files, each as a spreadsheet may leave it: what its cells say, and what stays open."""

from datetime import date
from pathlib import Path

import pytest

from analysis.clean import clean_intake
from analysis.clean.report_columns import find_marks, read_count, read_days, read_units
from clean_samples import make_run, read, table, typed_quality

AS_OF = date(2021, 11, 7)


def counts(*cells: str, others: tuple[str, ...] = ()) -> list[int | None]:
    own = find_marks(cells)
    return [read_count(cell, own, find_marks([*cells, *others])) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1234", "-5", "+7", "0"], [1234, -5, 7, 0]),
        (["12.0", "3,00"], [12, 3]),  # a spreadsheet's fraction of nothing
        (["870.000", "387.978"], [870000, 387978]),  # thousands, as the ministry writes them
        (["1,234", "12,000"], [1234, 12000]),
        (["1.234.567", "5.000"], [1234567, 5000]),
        (["1 234", "2 000"], [1234, 2000]),
        (["-1.250"], [-1250]),
        (["12345.000", "1.000"], [12345, 1]),  # a mark that stands before fractions
        (["5.000", "0"], [None, 0]),  # five or five thousand: nothing decides
        (["5.000", "12.5"], [5, None]),  # a fraction is no count, and tells what the mark is
        (["387.978", "12.5"], [None, None]),
        (["12.5"], [None]),
        (["abc", "1e5", "12.34.56"], [None, None, None]),
    ],
)
def test_counts(cells: list[str], said: list[int | None]) -> None:
    assert counts(*cells) == said


def test_other_columns_decide_what_the_column_leaves_open() -> None:
    assert counts("5.000", others=("387.978",)) == [5000]
    assert counts("5.000", others=("12.5",)) == [5]
    assert counts("5.000", others=("387.978", "12.5")) == [None]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["02", "026", "00745", "VN"], ["02", "026", "00745", "VN"]),
        (["2", "26", "745"], ["02", "026", "00745"]),  # zeros taken off: all of Hà Giang
        (["24", "26", "27"], ["24", "26", "27"]),  # three provinces as they stand
        (["24", "26", "28"], ["024", "026", "028"]),  # 28 is no province: districts of Hà Giang
        (["1", "2", "4"], [None, None, None]),  # provinces or districts: two readings
        (["2", "26", "999"], [None, None, None]),
        (["02", "99"], ["02", None]),  # zeros are there: 99 exists nowhere
        (["26.0", "24.0"], ["26", "24"]),
        (["Tỉnh Hà Giang", "Huyện Đồng Văn", "TP Hà Giang"], ["02", "026", "024"]),
        (["Cả nước", "Hà Nội", "TP. Hồ Chí Minh"], ["VN", "01", "79"]),
        (["Huyện Châu Thành"], [None]),  # a name of ten districts
    ],
)
def test_units(cells: list[str], said: list[str | None]) -> None:
    assert read_units(cells) == said


@pytest.mark.parametrize(
    ("cells", "said", "is_open"),
    [
        (["2021-10-01", "2021-10-02"], ["2021-10-01", "2021-10-02"], False),
        (["01/10/2021", "13/10/2021"], ["2021-10-01", "2021-10-13"], False),
        (["10/01/2021", "10/13/2021"], ["2021-10-01", "2021-10-13"], False),
        (["10/1/2021", "10/2/2021"], ["2021-10-01", "2021-10-02"], False),  # else before the campaign
        (["9/4/2021", "9/5/2021", "9/6/2021"], ["2021-09-04", "2021-09-05", "2021-09-06"], False),
        (["04/09/2021", "05/09/2021", "06/09/2021"], ["2021-09-04", "2021-09-05", "2021-09-06"], False),
        (["05/06/2021"], ["2021-06-05"], True),
        (["44470", "ngày 02 tháng 10 năm 2021"], ["2021-10-01", "2021-10-02"], False),
        (["2021", "không rõ"], [None, None], False),
    ],
)
def test_days(cells: list[str], said: list[str | None], is_open: bool) -> None:
    found = read_days(cells, AS_OF)
    assert (list(found.days), found.is_order_open) == (said, is_open)


REPORT = (
    "report_date,province_code,district_code,doses_allocated,doses_received,doses_administered,dose_1,dose_2,"
    "dose_3_plus,doses_discarded\n"
)
POPULATION = "unit_code,age_group,population,source,reference_date\n"


def cleaned(folder: Path, name: str, text: str) -> tuple[list[dict[str, object]], list[tuple[object, ...]]]:
    """Return the rows of a report file's table, and what quality says of the file."""
    run = make_run(folder, {"platform/a.csv": table({}), f"{name}/f.csv": text})
    clean_intake(run)
    quality = [q for q in typed_quality(run) if q["source_file"] == f"{name}/f.csv"]
    return read(run, name), [(q["reason_code"], q["rows_in"], q["rows_kept"], q["detail"]) for q in quality]


def test_a_population_with_thousands_marks_and_lost_zeros_end_to_end(tmp_path: Path) -> None:
    rows = "2,all,870.000,KH,2021-10-31\n26,18+,48.500,KH,31/10/2021\n745,18+,2.900,KH,2021-10-31\n"
    found, quality = cleaned(tmp_path, "population", POPULATION + rows)
    assert [(r["unit_code"], r["population"]) for r in found] == [
        ("00745", 2900),
        ("02", 870000),
        ("026", 48500),
    ]
    assert quality == [(None, 3, 3, None)]


def test_a_count_with_two_readings_is_named_and_counts_nowhere(tmp_path: Path) -> None:
    rows = "02,18+,5.000,KH,2021-10-31\n026,18+,120,KH,2021-10-31\n"
    found, quality = cleaned(tmp_path, "population", POPULATION + rows)
    assert [r["unit_code"] for r in found] == ["026"]
    assert ("value_unreadable", 1, 0, "row 1, population") in quality


def test_reports_by_names_of_units_with_american_days_end_to_end(tmp_path: Path) -> None:
    days = "".join(f"10/{d}/2021,Hà Giang,Huyện Đồng Văn,0,0,1.100,1.000,100,0,0\n" for d in (1, 2, 3))
    found, quality = cleaned(
        tmp_path, "daily_reports", REPORT + days + '10/4/2021,Hà Giang,,0,0,"1,234",1.234,0,0,0\n'
    )
    assert {(str(r["report_date"]), r["province_code"], r["district_code"]) for r in found} == {
        ("2021-10-01", "02", "026"), ("2021-10-02", "02", "026"), ("2021-10-03", "02", "026"), ("2021-10-04", "02", None)
    }  # fmt: skip
    assert {r["dose_1"] for r in found} == {1000, 1234}
    assert quality == [(None, 4, 4, None)]


def test_a_district_of_another_province_is_named(tmp_path: Path) -> None:
    good = "".join(f"2021-10-{d:02},02,,0,0,10,10,0,0,0\n" for d in range(1, 9))
    found, quality = cleaned(tmp_path, "daily_reports", REPORT + good + "2021-10-09,02,001,0,0,5,5,0,0,0\n")
    assert ("value_unreadable", 1, 0, "row 9, district_code") in quality
    assert "001" not in {r["district_code"] for r in found}


def test_two_rows_of_one_unit_that_contradict_are_named_and_none_is_taken(tmp_path: Path) -> None:
    rows = "02,18+,580000,KH,2021-10-31\n02,18+,585000,KH,2021-10-31\n026,18+,48000,KH,2021-10-31\n"
    found, quality = cleaned(tmp_path, "population", POPULATION + rows + "026,18+,48000,KH,2021-10-31\n")
    assert [(r["unit_code"], r["population"]) for r in found] == [("026", 48000)]
    assert ("rows_contradict", 2, 0, "row 1, rows_contradict") in quality
    assert ("row_repeated", 1, 0, None) in quality


@pytest.mark.parametrize("numbers", [(1, 2), (9, 10), (2, 100)])
def test_a_later_file_stands_against_an_earlier_one(numbers: tuple[int, int], tmp_path: Path) -> None:
    row = "02,18+,{},KH,2021-10-31\n"
    files = {f"population/bao_cao_{n}.csv": POPULATION + row.format(n * 1000) for n in numbers}
    run = make_run(tmp_path, {"platform/a.csv": table({}), **files})
    clean_intake(run)
    assert [r["population"] for r in read(run, "population")] == [numbers[1] * 1000]
