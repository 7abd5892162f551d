"""The registry extract: one row a citizen, keys like the platform's, and refusals without a value."""

import dataclasses
import unicodedata
from datetime import date
from pathlib import Path

import duckdb
import pytest

from analysis.clean import clean_intake
from analysis.clean.registry import Extract, open_extract
from analysis.engine import connect
from analysis.errors import IntakeError
from analysis.intake.headers.typed import check_typed_headers
from analysis.intake.registry import has_registry, registry_rows_sql
from analysis.settings import RunParameters, Settings, open_run
from clean_samples import read, table, typed_quality

HEADER = (
    "citizen_id,old_id_numbers,full_name,birth_date,sex,permanent_commune_code,"
    "current_commune_code,life_status"
)
ROW = "002185001234,073111222;073111333,Đặng Thị Hoà,1985-03,Nữ,00688,,alive"

NUMBERED = (
    "'002185' || lpad(CAST(range AS VARCHAR), 6, '0') AS citizen_id, 'Đặng Thị Hoà' AS full_name, "
    "'1985' AS birth_date, CAST(hash(range) AS VARCHAR) AS sex, '00688' AS permanent_commune_code, "
    "'alive' AS life_status"
)


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    (tmp_path / "raw" / "registry").mkdir(parents=True)
    (tmp_path / "raw" / "platform").mkdir()
    (tmp_path / "raw" / "platform" / "a.csv").write_text(table({}), encoding="utf-8")
    return open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))


def write(run: RunParameters, *lines: str, name: str = "r.csv") -> None:
    (run.raw / "registry" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def citizens(run: RunParameters) -> list[dict[str, object]]:
    clean_intake(run)
    rows = read(run, "citizens")
    assert rows == sorted(rows, key=lambda row: str(row["citizen_id"]))
    return rows


def accounts(run: RunParameters) -> list[tuple[object, ...]]:
    columns = ("source_file", "reason_code", "rows_in", "rows_kept", "rows_rejected")
    rows = [tuple(row[c] for c in columns) for row in typed_quality(run)]
    return sorted((row for row in rows if str(row[0]).startswith("registry/")), key=str)


def test_rows_are_usable_whatever_blanks_stand_around_their_cells(run: RunParameters) -> None:
    path = run.raw / "registry" / "r.parquet"
    cells = (
        "SELECT b || '002185001234' || b AS citizen_id, unnest([b, b || 'An' || b]) AS full_name, '1985' AS birth_date, "
        "'Nam' AS sex, '00688' AS permanent_commune_code, 'alive' AS life_status "
        "FROM (SELECT chr(n::INTEGER) AS b FROM range(1, 55296) AS t(n)) WHERE trim(b) = ''"
    )
    with connect(run) as con:
        con.execute(f"COPY ({cells}) TO '{path.as_posix()}' (FORMAT parquet)")
        rows = registry_rows_sql(con, run)
        found = con.execute(
            f"SELECT citizen_id, full_name, usable, count(*) FROM ({rows}) GROUP BY ALL ORDER BY usable"
        )
        assert found.fetchall() == [("002185001234", None, False, 17), ("002185001234", "An", True, 17)]


def test_a_citizen_gets_keys_lists_and_defaults(run: RunParameters) -> None:
    write(run, HEADER, ROW)
    (citizen,) = citizens(run)
    assert citizen["citizen_id"] == "002185001234"
    assert citizen["old_id_numbers"] == ["073111222", "073111333"]
    assert (citizen["name_key"], citizen["birth_precision"]) == ("dang thi hoa", "month")
    assert citizen["name_accented"] == "đặng thị hòa"
    assert citizen["current_commune_code"] == "00688"


def test_10_an_extract_with_letters_and_marks_apart_reads_the_same(run: RunParameters) -> None:
    write(run, HEADER, unicodedata.normalize("NFD", ROW))
    (citizen,) = citizens(run)
    assert citizen["full_name"] == "Đặng Thị Hoà"
    assert (citizen["sex"], citizen["name_key"]) == ("Nữ", "dang thi hoa")
    assert citizen["name_accented"] == "đặng thị hòa"


def test_headers_of_the_settings_name_the_registrys_columns(run: RunParameters) -> None:
    headers = {"registry": {"Số ĐDCN": "citizen_id", "Họ, tên": "full_name"}}
    run = dataclasses.replace(run, settings=Settings(headers=check_typed_headers(headers)))
    write(run, HEADER.replace("citizen_id", "Số ĐDCN").replace("full_name", "Họ tên"), ROW)
    (citizen,) = citizens(run)
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
    (citizen,) = citizens(run)
    assert citizen["old_id_numbers"] == ["073111222", "073111333"]


def test_a_repeated_number_is_one_citizen_and_told(run: RunParameters) -> None:
    write(run, HEADER, ROW, ROW.replace("Hoà", "Hoa"))
    write(run, HEADER, ROW.replace("1234,", "1235,"), name="s.csv")
    assert [c["full_name"] for c in citizens(run)] == ["Đặng Thị Hoa", "Đặng Thị Hoà"]
    assert accounts(run) == [
        ("registry/r.csv", "row_repeated", 1, 0, 1),
        ("registry/r.csv", None, 2, 1, 1),
        ("registry/s.csv", None, 1, 1, 0),
    ]


def test_a_row_without_number_is_rejected_and_told(run: RunParameters) -> None:
    good = [ROW.replace("1234,", f"{1000 + i},") for i in range(100)]
    write(run, HEADER, *good, ROW.replace("002185001234", "abc"))
    assert len(citizens(run)) == 100
    assert accounts(run) == [
        ("registry/r.csv", "value_unreadable", 1, 0, 1),
        ("registry/r.csv", None, 101, 100, 1),
    ]


FULL_HEADER = f"{HEADER},death_date"
WOMAN = "002185001234,{old},Đặng Thị Hoà,{birth},{sex},{commune},,{life},{death}"
MAN = "002085005678,,Lý Văn Ba,25/03/1985,{man},00688,,alive,"
CELLS = {
    "old": "073111222",
    "birth": "1985-03-25",
    "sex": "Nữ",
    "commune": "00688",
    "life": "alive",
    "death": "",
    "man": "Nam",
}


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"birth": "05/03/1985"}, "birth_date", "1985-03-05"),  # the man's proves that the day stands first
        ({"birth": "03/1985"}, "birth_date", "1985-03"),
        ({"birth": "19850325"}, "birth_date", "1985-03-25"),
        ({"birth": "31131"}, "birth_date", "1985-03-25"),  # a spreadsheet's day, not the year 3113
        ({"birth": "1985-00-00"}, "birth_date", "1985"),
        ({"birth": "1985-3-5"}, "birth_date", "1985-03-05"),
        ({"birth": "05/03/85"}, "birth_date", None),
        ({"birth": "không rõ"}, "birth_date", None),
        ({"sex": "0", "man": "1"}, "sex", "Nữ"),
        ({"sex": "NỮ"}, "sex", "Nữ"),
        ({"sex": "F"}, "sex", "Nữ"),
        ({"sex": "khác"}, "sex", None),
        ({"life": "Đã chết"}, "life_status", "dead"),
        ({"life": "Còn sống"}, "life_status", "alive"),
        ({"life": "dead", "death": "20/10/2021"}, "death_date", date(2021, 10, 20)),
        ({"commune": "688.0"}, "permanent_commune_code", "00688"),
        ({"commune": "Phường Quang Trung"}, "permanent_commune_code", None),
        ({"old": "73111222"}, "old_id_numbers", ["073111222"]),
        ({"old": "079185001234"}, "old_id_numbers", []),  # no nine of twelve digits
    ],
)
def test_a_cell_in_another_form_is_read_or_told(
    run: RunParameters, typed: dict[str, str], field: str, said: object
) -> None:
    cells = CELLS | typed
    write(run, FULL_HEADER, WOMAN.format(**cells), MAN.format(**cells))
    woman = next(c for c in citizens(run) if c["citizen_id"] == "002185001234")
    assert woman[field] == said
    reasons = {"birth_date": "birth_date_unreadable", "sex": "sex_unreadable"}
    reason = reasons.get(field, "place_unresolved" if "commune" in field else "value_unreadable")
    told = [("registry/r.csv", reason, 1, 1, 0)] if said in (None, []) else []
    assert accounts(run) == sorted([*told, ("registry/r.csv", None, 2, 2, 0)], key=str)


def test_an_extract_that_exchanges_0_and_1_is_read_by_its_citizens_numbers(run: RunParameters) -> None:
    men = [f"0020850056{i},,Lý Văn Ba,1985,0,00688,,alive," for i in range(10, 14)]
    women = [f"0021850056{i},,Lý Thị Ba,1985,1,00688,,alive," for i in range(10, 14)]
    write(run, FULL_HEADER, *men, *women)
    assert [c["sex"] for c in citizens(run)] == ["Nam"] * 4 + ["Nữ"] * 4


def test_an_extract_that_does_not_tell_who_lives_is_refused(run: RunParameters) -> None:
    write(run, FULL_HEADER, WOMAN.format(**CELLS | {"life": "3"}))
    with pytest.raises(IntakeError, match="life_status of 1 of 1 rows"):
        clean_intake(run)


def test_without_a_folder_there_is_no_registry(run: RunParameters) -> None:
    (run.raw / "registry").rmdir()
    assert citizens(run) == []
    with connect(run) as con:
        assert open_extract(con, run) is None
        assert not has_registry(con, run)


def test_with_an_extract_there_is_one(run: RunParameters) -> None:
    write(run, HEADER, ROW)
    clean_intake(run)
    with connect(run) as con:
        assert isinstance(open_extract(con, run), Extract)
        assert has_registry(con, run)


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
    with pytest.raises(IntakeError, match=word) as refusal:
        clean_intake(run)
    assert refusal.value.exit_code == 3
    assert "Đặng" not in str(refusal.value)


def test_an_extract_damaged_where_only_some_columns_lie_is_refused(run: RunParameters) -> None:
    path = run.raw / "registry" / "r.parquet"
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT {NUMBERED} FROM range(5000)) TO '{path.as_posix()}' (FORMAT parquet, ROW_GROUP_SIZE 5000)"
        )
        (offset,) = con.execute(
            f"SELECT data_page_offset FROM parquet_metadata('{path.as_posix()}') WHERE path_in_schema = 'sex'"
        ).fetchone() or (0,)
    data = bytearray(path.read_bytes())
    data[offset : offset + 400] = bytes(400)
    path.write_bytes(bytes(data))
    with pytest.raises(IntakeError, match="cannot be read"):
        clean_intake(run)
