"""The registry extract: one row a citizen, keys like the platform's, and refusals without a value."""

import dataclasses
import unicodedata
from pathlib import Path

import duckdb
import pytest

from analysis.engine import connect
from analysis.errors import IntakeError
from analysis.intake import view_registry
from analysis.intake.typed_headers import check_typed_headers
from analysis.settings import RunParameters, Settings, open_run

HEADER = (
    "citizen_id,old_id_numbers,full_name,birth_date,sex,permanent_commune_code,"
    "current_commune_code,life_status"
)
ROW = "002185001234,073111222;073111333,Đặng Thị Hoà,1985-03,Nữ,00688,,alive"


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    (tmp_path / "raw" / "registry").mkdir(parents=True)
    return open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))


def write(run: RunParameters, *lines: str, name: str = "r.csv") -> None:
    (run.raw / "registry" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def registry(run: RunParameters) -> list[dict[str, object]]:
    with connect(run) as con:
        assert view_registry(con, run)
        return con.execute("SELECT * FROM registry ORDER BY citizen_id").df().to_dict("records")


def test_a_citizen_gets_keys_lists_and_defaults(run: RunParameters) -> None:
    write(run, HEADER, ROW)
    (citizen,) = registry(run)
    assert citizen["citizen_id"] == "002185001234"
    assert list(citizen["old_id_numbers"]) == ["073111222", "073111333"]  # type: ignore[call-overload]
    assert (citizen["name_key"], citizen["birth_precision"]) == ("dang thi hoa", "month")
    assert citizen["name_accented"] == "đặng thị hòa"
    assert citizen["current_commune_code"] == "00688"


def test_23_an_extract_with_letters_and_marks_apart_reads_the_same(run: RunParameters) -> None:
    write(run, HEADER, unicodedata.normalize("NFD", ROW))
    (citizen,) = registry(run)
    assert citizen["full_name"] == "Đặng Thị Hoà"
    assert (citizen["sex"], citizen["name_key"]) == ("Nữ", "dang thi hoa")
    assert citizen["name_accented"] == "đặng thị hòa"


def test_headers_of_the_settings_name_the_registrys_columns(run: RunParameters) -> None:
    headers = {"registry": {"Số ĐDCN": "citizen_id", "Họ, tên": "full_name"}}
    run = dataclasses.replace(run, settings=Settings(headers=check_typed_headers(headers)))
    write(run, HEADER.replace("citizen_id", "Số ĐDCN").replace("full_name", "Họ tên"), ROW)
    (citizen,) = registry(run)
    assert (citizen["citizen_id"], citizen["name_key"]) == ("002185001234", "dang thi hoa")


def test_parquet_with_a_list_of_old_numbers_reads_the_same(run: RunParameters) -> None:
    path = run.raw / "registry" / "r.parquet"
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT '002185001234' AS citizen_id, ['073111222', '073111333'] AS old_id_numbers, "
            "'Đặng Thị Hoà' AS full_name, '1985-03' AS birth_date, 'Nữ' AS sex, "
            "'00688' AS permanent_commune_code, 'alive' AS life_status) "
            f"TO '{path.as_posix()}' (FORMAT parquet)"
        )
    (citizen,) = registry(run)
    assert list(citizen["old_id_numbers"]) == ["073111222", "073111333"]  # type: ignore[call-overload]


def test_a_repeated_number_is_one_citizen(run: RunParameters) -> None:
    write(run, HEADER, ROW, ROW.replace("Hoà", "Hoa"))
    assert len(registry(run)) == 1


def test_without_a_folder_there_is_no_registry(tmp_path: Path) -> None:
    run = open_run("2021-11-07", raw=str(tmp_path), processed=str(tmp_path / "processed"))
    with connect(run) as con:
        assert view_registry(con, run) is False


@pytest.mark.parametrize(
    ("lines", "name", "word"),
    [
        ([HEADER.replace("birth_date", "born"), ROW], "r.csv", "no column 'birth_date'"),
        (["PAR1 and no table"], "r.parquet", "cannot be read"),
        ([HEADER, ROW.replace("002185001234", "")], "r.csv", "have no citizen number"),
        ([HEADER], "r.csv", "0 of 0 rows"),
    ],
)
def test_an_unusable_registry_is_refused_without_a_value(
    run: RunParameters, lines: list[str], name: str, word: str
) -> None:
    write(run, *lines, name=name)
    with pytest.raises(IntakeError, match=word) as refusal, connect(run) as con:
        view_registry(con, run)
    assert refusal.value.exit_code == 3
    assert "Đặng" not in str(refusal.value)
