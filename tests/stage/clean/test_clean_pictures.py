"""The tables and pictures of the cleaning notebook, from a small intake with a file of every fate."""

import pytest

from analysis.clean import clean_intake
from analysis.clean.shown import (
    draw_scorecard,
    show_files,
    show_reasons,
    show_reasons_by_file,
    show_set_aside,
    show_unknown_columns,
    show_weakest_facilities,
)
from analysis.settings import RunParameters
from clean_samples import make_run, many, table

OWN_COLUMN = "Họ và tên,Ngày tiêm,Cân nặng\nNguyễn Văn An,25/08/2021,60\n"
NO_DATE = "Họ và tên,Giới tính\nNguyễn Văn An,Nam\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunParameters:
    rows = [*many(60), {"full_name": "test"}, {"full_name": "Ng. T. Hòa"}]
    files = {"01.csv": table(*rows), "02.csv": OWN_COLUMN, "03.csv": NO_DATE, "04.csv": ""}
    run = make_run(tmp_path_factory.mktemp("shown"), {f"platform/{n}": text for n, text in files.items()})
    clean_intake(run)
    return run


def test_files_show_their_accounts(run: RunParameters) -> None:
    files = show_files(run).set_index("source_file")
    assert files.loc["platform/01.csv", ["rows_in", "rows_kept", "rows_rejected"]].tolist() == [62, 61, 1]
    assert (files["rows_in"] == files["rows_kept"] + files["rows_rejected"]).all()


def test_files_set_aside_show_their_reason(run: RunParameters) -> None:
    aside = show_set_aside(run).set_index("source_file")
    assert aside["reason_code"].to_dict() == {
        "platform/03.csv": "column_missing",
        "platform/04.csv": "file_empty",
    }
    assert aside.loc["platform/03.csv", "vietnamese"] == "Thiếu cột bắt buộc"


def test_unknown_columns_are_named(run: RunParameters) -> None:
    assert show_unknown_columns(run).values.tolist() == [["platform/02.csv", "header:1"]]


def test_reasons_are_counted_by_class_and_by_file(run: RunParameters) -> None:
    reasons = show_reasons(run).set_index("reason_code")
    assert reasons.index[0] == "test_row"  # rejected rows come first
    assert reasons.loc["id_missing", ["rows", "files"]].tolist() == [61, 2]
    assert reasons.loc["id_missing", "share_pct"] == round(100 * 61 / 63, 2)
    assert show_reasons_by_file(run).loc["platform/01.csv", "id_missing"] == 60


def test_facilities_are_ordered_by_their_share(run: RunParameters) -> None:
    weakest = show_weakest_facilities(run, "02", "completeness", "id_number")
    assert weakest[["facility_code", "rows_good", "rows_of"]].values.tolist() == [["02001", 1, 61]]


@pytest.mark.parametrize("province", [None, "02"])
def test_the_scorecard_is_a_picture_and_the_same_twice(run: RunParameters, province: str | None) -> None:
    png = draw_scorecard(run, province).png
    assert png.startswith(b"\x89PNG")
    assert png == draw_scorecard(run, province).png
