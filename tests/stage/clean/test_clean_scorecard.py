"""The quality scorecard: counts by hand of a few rows, and no facility of fewer than ten doses."""

from typing import Any

import pytest

from analysis.clean import clean_intake
from analysis.clean.quality.measures import MEASURES
from clean_samples import make_run, read, table

# A facility of Phố Cáo (Đồng Văn, 026) with ten records, one of Minh Tân (Vị Xuyên, 030) with three.
LARGE = [{"dose_record_id": f"A{i}", "full_name": f"Nguyễn Văn {n}", "id_number": f"07311122{i}"}
         for i, n in enumerate(("An", "Bình", "Chi", "Dũng", "Em", "Giang", "Hà", "Khoa", "Lan", "Minh"))]  # fmt: skip
SMALL = {
    "facility_name": "Trạm Y tế xã Minh Tân",
    "facility_code": "",
    "district": "Huyện Vị Xuyên",
    "commune": "Xã Minh Tân",
}
ROWS: list[dict[str, str]] = [
    *LARGE,
    SMALL | {"dose_record_id": "B1", "full_name": "Lục Văn Sơn", "sex": "", "id_number": ""},
    # The same dose entered again a week later, under another code, elsewhere.
    LARGE[0] | SMALL | {"dose_record_id": "B2", "entry_date": "23/08/2021"},
    # Another dose under a code that is taken, given after its own entry.
    SMALL | {"dose_record_id": "A1", "full_name": "Hứa Văn Tài", "id_number": "123", "entry_date": "14/08/2021"},
    {"full_name": "Tổng cộng"},
]  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    run = make_run(tmp_path_factory.mktemp("scores"), {"platform/a.csv": table(*ROWS)})
    clean_intake(run)
    return {name: read(run, name) for name in ("quality_scores", "facility_scores")}


@pytest.fixture(scope="module")
def scores(written: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (row["unit_code"], row["dimension"], row["measure"]): (row["rows_good"], row["rows_of"])
        for row in written["quality_scores"]
    }


@pytest.mark.parametrize(
    ("unit", "dimension", "measure", "good", "of"),
    [
        ("VN", "completeness", "full_name", 13, 13),  # the total row is no record
        ("VN", "completeness", "sex", 12, 13),
        ("026", "completeness", "sex", 10, 10),
        ("030", "completeness", "sex", 2, 3),
        ("030", "completeness", "id_number", 2, 3),
        ("030", "completeness", "four_fields", 2, 3),
        ("030", "validity", "id_number", 1, 2),
        ("030", "validity", "sex", 2, 2),
        ("02", "consistency", "given_before_entry", 12, 13),
        ("026", "timeliness", "within_1_day", 10, 10),
        ("030", "timeliness", "within_1_day", 1, 2),  # entered before it was given: not measured
        ("030", "timeliness", "within_7_days", 1, 2),
        ("026", "uniqueness", "content", 10, 10),
        ("030", "uniqueness", "content", 2, 3),
        ("02", "uniqueness", "content", 12, 13),
        ("VN", "uniqueness", "dose_record_id", 12, 13),
    ],
)
def test_counts(
    scores: dict[tuple[str, str, str], tuple[int, int]],
    unit: str,
    dimension: str,
    measure: str,
    good: int,
    of: int,
) -> None:
    assert scores[unit, dimension, measure] == (good, of)


def test_a_measure_of_nothing_has_no_row(scores: dict[tuple[str, str, str], tuple[int, int]]) -> None:
    assert ("VN", "consistency", "id_and_person") not in scores  # nobody here has a citizen number
    assert {(d, m) for unit, d, m in scores if unit == "VN"} == {
        (m.dimension, m.name) for m in MEASURES if m.name != "id_and_person"
    }


def test_a_facility_of_fewer_than_ten_doses_is_not_named(written: dict[str, list[dict[str, Any]]]) -> None:
    rows = written["facility_scores"]
    assert {(row["facility_code"], row["district_code"]) for row in rows} == {("02001", "026")}
    assert max(row["rows_of"] for row in rows) == 10


def test_good_records_are_among_the_measured(written: dict[str, list[dict[str, Any]]]) -> None:
    rows = [row for name in written.values() for row in name]
    assert rows
    assert all(0 <= row["rows_good"] <= row["rows_of"] for row in rows)
