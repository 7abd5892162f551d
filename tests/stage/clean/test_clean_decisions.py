"""Decisions find their rows, correct or delete them, stay in force for weeks, and are never dropped."""

from pathlib import Path
from typing import Any

from analysis.clean import clean_intake
from analysis.settings import RunParameters
from clean_samples import make_run, read, table, typed_quality

HEADER = (
    "decision_id,dose_record_id,source_file,source_row,as_of,decision,citizen_id,field,value,ground,"
    "decided_by,decided_on"
)
WEEK_1, WEEK_2, WEEK_3 = "2021-11-07", "2021-11-14", "2021-11-21"


def decisions(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def cleaned(base: Path, exports: str, made: str, as_of: str = WEEK_1, **options: Any) -> RunParameters:
    files = {"platform/a.csv": exports} | ({"decisions/d.csv": made} if made else {})
    run = make_run(base, files, as_of=as_of, **options)
    clean_intake(run)
    return run


def dose(run: RunParameters, record: str) -> dict[str, Any]:
    return next(row for row in read(run, "doses") if row["dose_record_id"] == record)


def decision(run: RunParameters, name: str) -> dict[str, Any]:
    return next(row for row in read(run, "decisions") if row["decision_id"] == name)


TWO = table({"dose_record_id": "M1"}, {"dose_record_id": "M2", "full_name": "Lý Văn Ba", "sex": "Nam"})


def test_a_corrected_value_shows_in_the_dose_with_all_that_follows(tmp_path: Path) -> None:
    run = cleaned(tmp_path, TWO, decisions("D1,M2,,,,correct_value,,birth_date,1990-02-03,,ca,2021-11-05"))
    row = dose(run, "M2")
    assert (row["birth_date"], row["birth_precision"], row["birth_date_typed"]) == (
        "1990-02-03",
        "day",
        "25/03/1985",
    )
    assert "corrected_by_decision" in row["reason_codes"]
    assert dose(run, "M1")["reason_codes"] == []
    assert decision(run, "D1")["bound"] and decision(run, "D1")["source_row"] == 2


def test_a_corrected_commune_brings_its_province_and_district(tmp_path: Path) -> None:
    run = cleaned(tmp_path, TWO, decisions("D1,M1,,,,correct_value,,commune,00001,,ca,2021-11-05"))
    row = dose(run, "M1")
    assert (row["province_code"], row["district_code"], row["commune_code"]) == ("01", "001", "00001")


def test_a_correction_that_cannot_be_read_leaves_the_good_value(tmp_path: Path) -> None:
    slip = "D1,M1,,,,correct_value,,vaccination_date,32/13/2021,,ca,2021-11-05"
    run = cleaned(tmp_path, TWO, decisions(slip, "D2,M1,,,,correct_value,,phone,0912345678,,ca,2021-11-05"))
    row = dose(run, "M1")
    assert row["vaccination_date"] is not None and row["is_counted"] and row["phone"] == "0912345678"
    assert [decision(run, name)["bound"] for name in ("D1", "D2")] == [False, True]


def test_a_deleted_dose_is_rejected_and_kept_in_the_account(tmp_path: Path) -> None:
    run = cleaned(tmp_path, TWO, decisions("D1,M1,,,,delete_dose,,,,twice,ca,2021-11-05"))
    row = dose(run, "M1")
    assert (row["is_rejected"], row["is_counted"]) == (True, False)
    assert row["reason_codes"] == ["deleted_by_decision"]


def test_a_decision_without_a_row_is_reported_not_dropped(tmp_path: Path) -> None:
    run = cleaned(tmp_path, TWO, decisions("D1,M9,,,,same_person,002185001234,,,,ca,2021-11-05"))
    assert (decision(run, "D1")["bound"], decision(run, "D1")["source_file"]) == (False, None)


def test_a_decision_stays_in_force_and_finds_its_row_by_content(tmp_path: Path) -> None:
    named = f"D1,,platform/a.csv,2,{WEEK_1},same_person,002185001234,,,,ca,2021-11-05"
    first = cleaned(tmp_path, TWO, decisions(named))
    assert decision(first, "D1")["source_row"] == 2
    # A week later the row has moved, its id is gone and nobody sends the decision again.
    moved = TWO.splitlines()
    later = "\n".join([moved[0], moved[2].replace("M2", ""), moved[1]]) + "\n"
    second = cleaned(tmp_path, later, "", as_of=WEEK_2, previous=first)
    assert (decision(second, "D1")["bound"], decision(second, "D1")["source_row"]) == (True, 1)


def test_a_decision_names_a_row_of_an_earlier_week_as_it_was_corrected(tmp_path: Path) -> None:
    first = cleaned(tmp_path, TWO, decisions("D1,M2,,,,correct_value,,full_name,Lý Văn Bốn,,ca,2021-11-05"))
    named = f"D2,,platform/a.csv,2,{WEEK_1},correct_value,,sex,Nữ,,ca,2021-11-12"
    second = cleaned(tmp_path, TWO, decisions(named), as_of=WEEK_2, previous=first)
    row = dose(second, "M2")
    assert (row["full_name"], row["sex"]) == ("Lý Văn Bốn", "Nữ")
    assert decision(second, "D2")["bound"]


def test_a_withdrawn_decision_no_longer_acts(tmp_path: Path) -> None:
    made = "D1,M1,,,,delete_dose,,,,,ca,2021-11-05"
    first = cleaned(tmp_path, TWO, decisions(made))
    second = cleaned(
        tmp_path, TWO, decisions(made, "D1,,,,,withdrawn,,,,,ca,2021-11-13"), as_of=WEEK_2, previous=first
    )
    assert not dose(second, "M1")["is_rejected"]
    third = cleaned(tmp_path, TWO, decisions(made), as_of=WEEK_3, previous=second)
    assert not dose(third, "M1")["is_rejected"]


def test_a_decision_of_an_unknown_kind_is_rejected_with_its_reason(tmp_path: Path) -> None:
    run = cleaned(tmp_path, TWO, decisions("D1,M1,,,,guess,,,,,ca,2021-11-05"))
    assert read(run, "decisions") == []
    found = {r["reason_code"]: r["rows_rejected"] for r in typed_quality(run) if "d.csv" in r["source_file"]}
    assert found == {None: 1, "value_unreadable": 1}


def test_any_number_of_decision_files_is_read(tmp_path: Path) -> None:
    files = {f"decisions/{i}.csv": decisions(f"D{i},M1,,,,withdrawn,,,,,ca,2021-11-05") for i in range(4)}
    run = make_run(tmp_path, {"platform/a.csv": TWO} | files)
    clean_intake(run)
    assert [row["decision_id"] for row in read(run, "decisions")] == ["D0", "D1", "D2", "D3"]


def test_a_field_may_be_named_as_the_clean_table_names_it(tmp_path: Path) -> None:
    run = cleaned(tmp_path, TWO, decisions("D1,M1,,,,correct_value,,commune_code,00691,,ca,2021-11-05"))
    assert dose(run, "M1")["commune_code"] == "00691"


def test_what_cannot_act_is_reported_as_unbound(tmp_path: Path) -> None:
    lines = [
        "D1,M1,,,,correct_value,,colour,xanh,,ca,2021-11-05",
        "D2,,,,,add_dose,002185001234,,AstraZeneca|1|01/08/2021,giấy,ca,2021-11-05",
        "D3,,,,,add_dose,002185001234,,Pfizer|1|2021-08-01,giấy,ca,2021-11-05",
    ]
    run = cleaned(tmp_path, TWO, decisions(*lines))
    found = {row["decision_id"]: (row["bound"], row["value"]) for row in read(run, "decisions")}
    assert found["D1"] == (False, "xanh")
    assert found["D2"] == (False, "AstraZeneca|1|01/08/2021")
    assert found["D3"] == (True, "Comirnaty|1|2021-08-01")


def test_a_citizens_number_gets_its_zeros_back_and_what_is_none_binds_nothing(tmp_path: Path) -> None:
    lines = [
        "D1,M1,,,,same_person,2185001234,,,CCCD,ca,2021-11-05",
        "D2,M1,,,,different_person,2.19E+09,,,CCCD,ca,2021-11-05",
    ]
    run = cleaned(tmp_path, TWO, decisions(*lines))
    found = {row["decision_id"]: (row["bound"], row["citizen_id"]) for row in read(run, "decisions")}
    assert found == {"D1": (True, "002185001234"), "D2": (False, "2.19E+09")}


def test_a_correction_has_arrived_when_the_record_says_it_by_itself(tmp_path: Path) -> None:
    made = decisions(
        "D1,M1,,,,correct_value,,birth_date,1990-02-03,,ca,2021-11-05",
        "D2,M2,,,,correct_value,,birth_date,1985-03-25,,ca,2021-11-05",
        "D3,M2,,,,same_person,002185001234,,,danh sách: đã ghi đúng trên Nền tảng,ca,2021-11-05",
        "D4,M1,,,,correct_value,,birth_date,1990-02-04,,ca,2021-11-06",
    )
    run = cleaned(tmp_path, TWO, made)
    said = {n: (decision(run, n)["arrived"], decision(run, n)["value_now"]) for n in ("D1", "D2", "D4")}
    # Of two corrections of one cell the later is asked for.
    assert said == {"D1": (None, "25/03/1985"), "D2": (True, "25/03/1985"), "D4": (False, "25/03/1985")}
    assert decision(run, "D3")["arrived"] is None  # nothing is to be entered
    assert not any(row["was_open"] for row in read(run, "decisions"))
