"""The score of a run against truth: right, wrong, missed and doubtful links, duplicates, refusals."""

from pathlib import Path

import duckdb
import pytest

from analysis.engine import sql_path
from analysis.errors import RequestError
from analysis.evaluate import evaluate_run
from analysis.evaluate.links.coverage_scores import coverage_lines
from linkage_samples import Sample, citizen, crowd, dose, link_sample

AN = citizen("002062000001", "Nguyễn Văn An", "1962-03-05")
BINH = citizen("002090000002", "Nguyễn Văn Bình", "1990-07-12")

TRUTH_DOSES = """
SELECT 'platform/02.csv' AS source_file, source_row, true_citizen AS citizen_id, 'citizen' AS person_kind,
    person AS person_key, dose_key, errors, source_row != 3 AS four_field_match, full_name,
    birth_date, 'Nam' AS sex, id_number, 'cccd' AS id_kind, 'AstraZeneca' AS vaccine, 1 AS dose_number,
    vaccination_date::DATE AS vaccination_date, DATE '2021-08-02' AS entry_date, '02' AS province_code,
    '024' AS district_code, '00688' AS commune_code, NULL::VARCHAR AS place_given_province_code,
    NULL::VARCHAR AS place_given_district_code
FROM (VALUES
    (1, '002062000001', 1, 1, [], 'Nguyễn Văn An', '1962-03-05', '002062000001', '2021-08-01'),
    (2, '002062000001', 1, 1, ['duplicate_retyped'], 'Nguyễn Văn An', '1962-03-05', '002062000001', '2021-08-02'),
    (3, '002062000001', 1, 2, ['name_typo'], 'Nguyễn Văn An', '1990-07-12', '002090000002', '2021-08-01'),
    (4, NULL, 3, 3, [], 'Trần Thị Hoa', '1951-01-03', '002151777778', '2021-08-01')
) AS rows(source_row, true_citizen, person, dose_key, errors, full_name, birth_date, id_number, vaccination_date)"""

TRUTH_PEOPLE = """
SELECT * FROM (VALUES (1, '002062000001', '1962-03-05', 'Nam', '024', 'alive'),
    (2, '002090000002', '1990-07-12', 'Nam', '024', 'alive'))
AS people(person_key, citizen_id, birth_date, sex, district_code, life_status)"""

TRUTH_COVERAGE = """
SELECT 'district' AS unit_level, '024' AS unit_code, '18+' AS age_group, 200 AS people,
    2 AS at_least_one, 0 AS primary_complete"""


def _write_truth(folder: Path) -> Path:
    folder.mkdir()
    for name, query in (("doses", TRUTH_DOSES), ("people", TRUTH_PEOPLE), ("coverage", TRUTH_COVERAGE)):
        path = sql_path(folder / f"{name}.parquet")
        duckdb.connect().execute(f"COPY ({query}) TO {path} (FORMAT parquet)")
    return folder


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Link a right row and its duplicate, a row that truth gives to someone else, and one the registry lacks."""
    folder = tmp_path_factory.mktemp("evaluate")
    doses = [
        dose("Nguyễn Văn An", "1962-03-05", "Nam", "002062000001"),
        dose("Nguyễn Văn An", "1962-03-05", "Nam", "002062000001", vaccination_date="2021-08-02"),
        dose("Nguyễn Văn Bình", "1990-07-12", "Nam", "002090000002"),
        dose("Trần Thị Hoa", "1951-01-03", "Nữ", "002151777777"),
    ]
    link_sample(Sample(doses, [*crowd(300), AN, BINH]), folder)
    return evaluate_run(folder / "processed", _write_truth(folder / "truth"))


def _line(report: str, start: str) -> str:
    return next(line for line in report.splitlines() if line.strip().startswith(start))


def test_links_are_counted_right_wrong_and_missed(report: str) -> None:
    line = _line(report, "per dose record")
    assert "P 0.66667" in line and "R 0.6667" in line and "wrong 1" in line


def test_people_are_counted_once(report: str) -> None:
    # An is found by two rows; Bình only by a row that is about An.
    line = _line(report, "per person")
    assert "P 0.50000" in line and "R 1.0000" in line


def test_a_wrong_link_counts_against_its_method_and_its_error(report: str) -> None:
    assert "wrong 1" in _line(report, "same_citizen_number")
    assert "P 0.00000" in _line(report, "fail, citizen exists")


def test_fields_are_compared_with_what_the_cell_says(report: str) -> None:
    assert "75.0000 %" in _line(report, "full_name")
    assert "100.0000 %" in _line(report, "birth_date")


def test_possible_citizen_numbers_are_followed_to_the_end(report: str) -> None:
    # The fourth row's cell says another number than the run has: that is what must never happen.
    line = " ".join(_line(report, "typed otherwise").split())
    assert line.endswith("1 right 0 set aside 0 altered 1")
    assert " ".join(_line(report, "typed whole").split()).endswith("3 right 3 set aside 0 altered 0")


def test_duplicates_have_precision_and_recall(report: str) -> None:
    assert "found 1  true 1  P 1.0000  R 1.0000" in report


def test_the_links_error_in_coverage_is_told_per_district(report: str) -> None:
    assert "worst 0.000 (024)" in _line(report, "links alone") or "worst 0.500" in _line(
        report, "links alone"
    )


def test_the_estimate_is_scored_beside_the_links(tmp_path: Path) -> None:
    """One of two people is linked; the estimate adds the other: the links are a person short, the estimate is not."""
    (tmp_path / "aggregate").mkdir()
    row = "'district' AS unit_level, '024' AS unit_code, 'at_least_one' AS series_status"
    counted = f"SELECT {row}, '18+' AS age_group, 'reconciled' AS basis, DATE '2021-11-07' AS reference_date, 1 AS people"
    con = duckdb.connect()
    for name, query in (
        ("coverage", counted),
        ("coverage_estimate", f"SELECT {row}, 2 AS people, 1 AS people_low, 2 AS people_high"),
    ):
        con.execute(
            f"COPY ({query}) TO {sql_path(tmp_path / 'aggregate' / f'{name}.parquet')} (FORMAT parquet)"
        )
    con.execute(f"CREATE TABLE truth_people AS {TRUTH_PEOPLE}")
    con.execute(f"CREATE TABLE truth_coverage AS {TRUTH_COVERAGE}")
    con.execute(
        "CREATE TABLE scored AS SELECT *, true AS is_dose FROM (VALUES ('002062000001', '002062000001', true), "
        "(NULL, '002090000002', true)) AS s(citizen_id, true_citizen, is_counted)"
    )
    alone, estimated, held, *_ = coverage_lines(con, tmp_path)
    assert "links alone" in alone and "worst 0.500 (024)" in alone and alone.endswith("bias -0.500")
    assert "links and estimate" in estimated and estimated.endswith("bias +0.000")
    assert "holds the truth" in held and "1 of 1 districts, 0 of 0 districts of 1,000" in held


def test_no_personal_value_is_printed(report: str) -> None:
    assert "Nguyễn" not in report and "002062000001" not in report


def test_a_missing_folder_is_refused_by_option(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--processed"):
        evaluate_run(tmp_path, tmp_path)
