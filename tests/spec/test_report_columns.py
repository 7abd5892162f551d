"""Columns of report files, each as a spreadsheet may leave it: what its cells say, and what stays open."""

from datetime import date
from pathlib import Path

import pytest

from analysis.clean import clean_intake
from analysis.clean.fields.coded_values import read_age_group
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
        (["(50)", "−50", "(1.250)"], [-50, -50, -1250]),  # an accountant's minus
        (["50 mũi", "1.234 liều", "55.559 người"], [50, 1234, 55559]),
        (["1,2 nghìn", "~50", "50*", "5O", "50 lọ", "(50) sai"], [None] * 6),
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
        (["Hà Giang", "TP Hà Giang", "Cả nước"], ["02", "024", "VN"]),  # the city is named beside it
        (
            ["Hà Giang", "Huyện Đồng Văn", "Tỉnh Hà Giang"],
            [None, "026", "02"],
        ),  # the city, or the province again
        (["TP Hà Giang", "TP Cao Bằng"], [None, None]),  # no provinces, and nothing tells of which they are
        (["TP Hà Nội", "TP Hà Giang"], ["01", None]),
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
        (
            ["7/11", "16/10/2021"],
            ["2021-11-07", "2021-10-16"],
            False,
        ),  # no year: the campaign had one such day
        (["7/11", "10/16/2021"], [None, "2021-10-16"], False),
        (["7/11"], [None], False),
        (["01-07/11/2021", "T11/2021", "Tuần 44"], [None, None, None], False),
    ],
)
def test_days(cells: list[str], said: list[str | None], is_open: bool) -> None:
    found = read_days(cells, AS_OF)
    assert (list(found.days), found.is_order_open) == (said, is_open)


@pytest.mark.parametrize(
    ("typed", "group"),
    [
        *((text, "18+") for text in ("18+", "Từ 18 tuổi trở lên", ">=18", "≥18", "18 tuổi trở lên", "từ đủ 18 trở lên")),
        *((text, "12-17") for text in ("12-17", "12–17 tuổi", "Từ 12 đến 17 tuổi", "12 - dưới 18", "12 đến dưới 18")),
        *((text, "all") for text in ("all", "Tổng", "Toàn bộ", "Tất cả")),
        *((text, "5-11") for text in ("05/11/2021", "2021-11-05 00:00:00", "11-May", "5-Nov", "44505", "2021-05-11")),
        *((text, "12-17") for text in ("Dec-17", "2017-12-01", "01/12/2017")),
        *((text, None) for text in ("Trên 18 tuổi", "12-18", "5-12", "0-17", "18-64", "Người lớn", "2021-11-06", "18", "")),
    ],
)  # fmt: skip
def test_age_groups(typed: str, group: str | None) -> None:
    assert read_age_group(typed) == group


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


def test_totals_and_lines_below_a_report_are_no_fault_and_a_whole_province_is_no_district(
    tmp_path: Path,
) -> None:
    rows = "2021-10-01,02,026,0,0,10,10,0,0,0\n2021-10-01,02,Toàn tỉnh,0,0,30,30,0,0,0\n"
    below = "Tổng cộng,,,0,0,40,40,0,0,0\nNgười lập biểu,,,,,,,,,\n"
    found, quality = cleaned(tmp_path, "daily_reports", REPORT + rows + below)
    assert [(r["district_code"], r["doses_administered"]) for r in found] == [(None, 30), ("026", 10)]
    assert {("total_row", 2, 0, None), (None, 4, 2, None)} <= set(quality)


@pytest.mark.parametrize(
    ("column", "values", "is_refused"),
    [
        ("Buổi", ("Sáng", "Chiều"), True),
        ("Đơn vị báo cáo", ("Sở Y tế", "Bệnh viện tỉnh"), True),
        ("Đơn vị báo cáo", ("Quân đội", "Quân đội"), True),
        ("Đơn vị báo cáo", ("Sở Y tế", "Sở Y tế"), False),
        ("Ghi chú", ("", "đã sửa"), False),
        ("Số ca tai biến", ("0", "1"), False),
    ],
)
def test_rows_of_one_day_that_an_unknown_column_parts_are_refused(
    column: str, values: tuple[str, str], is_refused: bool, tmp_path: Path
) -> None:
    rows = "".join(
        f"2021-10-01,02,026,0,0,{n},{n},0,0,0,{value}\n" for n, value in zip((10, 7), values, strict=True)
    )
    header = REPORT.replace("\n", f",{column}\n")
    found, quality = cleaned(tmp_path, "daily_reports", header + rows)
    assert (quality[0][0] == "rows_split") is is_refused
    assert [r["doses_administered"] for r in found] == ([] if is_refused else [7])


def test_bodies_and_moments_in_other_words(tmp_path: Path) -> None:
    rows = "2021-10-01,02,,0,0,10,10,0,0,0,Quân đội\n2021-10-01,02,,0,0,30,30,0,0,0,Sở Y tế\n"
    found, _ = cleaned(tmp_path / "a", "daily_reports", REPORT.replace("\n", ",reporting_body\n") + rows)
    assert [(r["reporting_body"], r["doses_administered"]) for r in found] == [("army", 10), ("province", 30)]
    header = "feedback_id,received_at,province_code,status,closed_at\n"
    rows = (
        "P1,2021-11-01T08:00:00Z,02,Chờ duyệt,\n"
        "P2,2021-11-01T08:00:00+07:00,02,Từ chối,2021-11-02 08:00\n"
        "P3,11/01/2021 20:00,02,open,\n"  # before the campaign: the month may stand first
        "P4,2021-11-03 08:00,02,approved,2021-11-02 08:00\n"  # closed before it came
        "P5,2021-11-03 08:00,02,Đã xử lý,\n"
    )
    run = make_run(tmp_path / "b", {"platform/a.csv": table({}), "feedback/f.csv": header + rows})
    clean_intake(run)
    said = [(r["feedback_id"], str(r["received_at"]), r["status"]) for r in read(run, "feedback_items")]
    assert said == [("P1", "2021-11-01 15:00:00", "open"), ("P2", "2021-11-01 08:00:00", "refused")]
    assert ("value_unreadable", 3) in [(q["reason_code"], q["rows_rejected"]) for q in typed_quality(run)]
