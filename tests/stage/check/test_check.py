"""`baophu check`: what a run would make of an intake, from its heads, before the run."""

import gzip
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import fastexcel
import pytest

from analysis.__main__ import main
from analysis.check.heads import copy_heads, read_head
from analysis.intake.naming import ShownNames, is_known_header, is_known_name
from analysis.intake.template_columns import templates
from analysis.intake.templates import write_templates
from analysis.safeguards.disks import needed_bytes
from clean_samples import AS_OF, HEADER, ROW, many, table
from golden.tiny_intake import POPULATION, REPORT_HEADER, REPORTS, write_tiny_intake
from stage.intake.test_intake_templates import example, filled
from staged_samples import workbook

WITH_NUMBER = {"id_number": "002185001234"}


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def intake(tmp_path: Path) -> Path:
    """Return a whole intake without a fault."""
    raw = tmp_path / "data" / "raw" / AS_OF
    write_tiny_intake(raw)
    return raw


def put(raw: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def look(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    code = main(["check", "--json", *options])
    return code, json.loads(capsys.readouterr().out)


def file_of(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(f for f in data["files"] if f["file"] == name)


def codes(problems: list[dict[str, Any]]) -> set[str]:
    return {problem["code"] for problem in problems}


def problem_of(data: dict[str, Any], name: str, code: str) -> dict[str, Any]:
    return next(p for p in file_of(data, name)["problems"] if p["code"] == code)


def test_a_whole_intake_is_usable(intake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data = look(capsys)
    assert (code, data["usable"]) == (0, True)
    assert set(data) == {"raw", "usable", "files", "problems"}
    found = file_of(data, "file:2")
    assert set(found) == {
        *("file", "kind", "status", "encoding", "delimiter", "header_row", "rows", "columns", "problems")
    }
    assert (found["encoding"], found["delimiter"], found["header_row"], found["rows"]) == (
        "utf-16",
        ";",
        1,
        13,
    )
    assert found["columns"][1] == {
        "column": "B", "header": "Họ và tên", "field": "full_name", "nearest": None, "readable_share": 1.0,
    }  # fmt: skip
    assert {f["kind"] for f in data["files"]} == {"platform", "daily_reports", "population", "registry"}


def test_the_terminal_shows_names_and_evidence_in_the_language_of_the_settings(
    intake: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["check", "--as-of", AS_OF]) == 0
    shown = capsys.readouterr().out
    assert "platform/tiny_b.csv: dùng được, utf-16" in shown and "→ dùng được" in shown
    assert "“Ngày tiêm”: ngày/tháng/năm (7 dòng chứng tỏ, 0 dòng ngược lại)" in shown
    (tmp_path / "english.toml").write_text('language = "en"')
    assert main(["check", "--settings", "english.toml"]) == 0
    assert "day/month/year (7 rows prove it, 0 speak against)" in capsys.readouterr().out


def test_nothing_is_written_and_no_copy_is_left(
    intake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "private").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "private"))
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
    assert main(["check"]) == 0
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()} == before
    assert not (tmp_path / "data" / "processed").exists()
    assert not list((tmp_path / "private").iterdir())


def test_requests_that_name_no_intake_are_refused(tmp_path: Path) -> None:
    assert main(["check"]) == 2
    assert main(["check", "--raw", "none"]) == 2
    (tmp_path / "a").mkdir()
    assert main(["check", "--raw", "a", "--settings", "none.toml"]) == 2
    assert main(["check", "--raw", "a"]) == 3


def test_no_platform_file_and_an_unreadable_registry_would_be_refused(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(intake, {"registry/registry.csv": "citizen_id,name\n1,a\n"})
    code, data = look(capsys)
    assert code == 3 and not data["usable"]
    assert "registry_refused" in codes(data["problems"])
    assert codes(file_of(data, "registry/registry.csv")["problems"]) >= {"column_missing"}
    for path in (intake / "platform").iterdir():
        path.unlink()
    assert codes(look(capsys)[1]["problems"]) >= {"registry_refused", "no_platform"}


def test_what_a_missing_folder_costs_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = tmp_path / "data" / "raw" / AS_OF
    put(raw, {"platform/01.csv": table(*many(20)), "Bao cao/x.csv": "a"})
    code, data = look(capsys)
    assert code == 4 and data["usable"]
    assert codes(data["problems"]) >= {"no_registry", "no_daily_reports", "no_population", "not_read"}


def test_a_missing_column_sets_a_file_aside_and_is_named_with_the_nearest_header(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(intake, {"platform/03.csv": table(*many(20)).replace("Ngày tiêm", "Ngày thực hiện mũi tiem", 1)})
    code, data = look(capsys)
    found = file_of(data, "platform/03.csv")
    assert (code, found["status"], found["header_row"]) == (4, "quarantined", 1)
    assert codes(found["problems"]) == {"column_missing", "header_near"}
    assert "Ngày tiêm" in problem_of(data, "platform/03.csv", "column_missing")["message"]
    assert [c["nearest"] for c in found["columns"] if c["field"] is None] != [None]


def test_a_doubled_column_is_pointed_at(intake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(intake, {"platform/03.csv": table(*many(20)).replace("Số lô", "Ngày tiêm", 1)})
    assert problem_of(look(capsys)[1], "platform/03.csv", "column_doubled")["where"] == "L1, M1"


def test_cells_of_a_field_that_are_empty_or_unreadable_are_counted(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        row | WITH_NUMBER | {"vaccine": "", "dose_number": "xyz", "commune": "Xã Không Đâu"}
        for row in many(300)
    ]
    put(intake, {"platform/03.csv": "\n\n" + table(*rows)})
    code, data = look(capsys)
    shares = {c["field"]: c["readable_share"] for c in file_of(data, "platform/03.csv")["columns"]}
    assert code == 4
    assert (shares["vaccine"], shares["dose_number"], shares["commune"], shares["sex"]) == (0, 0, 0, 1)
    empty = problem_of(data, "platform/03.csv", "cells_empty")
    assert (empty["where"], empty["rows"]) == ("K", 300)
    assert empty["message"].startswith("300 trên 300 dòng thiếu")
    # Two blank rows stand above the header, as the spreadsheet counts.
    assert problem_of(data, "platform/03.csv", "cells_unread")["where"] == "J4"
    assert problem_of(data, "platform/03.csv", "units_unknown")["where"] == "I4"


def test_dates_of_an_american_spreadsheet_are_told_with_their_evidence(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(
        intake,
        {
            "platform/03.csv": table(
                *(
                    row | WITH_NUMBER | {"vaccination_date": "8/25/2021", "entry_date": "8/26/2021"}
                    for row in many(20)
                )
            )
        },
    )
    assert main(["check"]) == 0
    assert "“Ngày tiêm”: tháng/ngày/năm, kiểu Mỹ (20 dòng chứng tỏ" in capsys.readouterr().out
    mixed = [
        row | {"vaccination_date": f"{a}/2021"}
        for row, a in zip(many(20), ["8/25", "25/8"] * 10, strict=True)
    ]
    put(intake, {"platform/03.csv": table(*mixed)})
    code, data = look(capsys)
    assert code == 4 and problem_of(data, "platform/03.csv", "order_mixed")["rows"] == 10


def test_codes_of_sexes_are_told_as_the_file_s_people_show_them(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    men = [row | {"full_name": "Nguyễn Văn Hòa", "sex": "0", "id_number": ""} for row in many(12)]
    put(intake, {"platform/03.csv": table(*men)})
    main(["check"])
    assert "tệp ghi 0 là Nam, 1 là Nữ" in capsys.readouterr().out
    put(intake, {"platform/03.csv": table(*men, *(row | {"full_name": "Lê Thị Hòa"} for row in men[:4]))})
    _, data = look(capsys)
    assert "để trống" in str(problem_of(data, "platform/03.csv", "sex_codes_open"))


def test_a_column_of_one_sex_is_told_and_what_its_blanks_say(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "Họ và tên,Nữ,Địa chỉ,Ngày tiêm"
    women = [f"Lê Thị Hòa,x,Thôn {n} xã Phố Cáo,01/09/2021" for n in range(4)]
    men = [f"Nguyễn Văn Hòa,,Thôn {n} xã Phố Cáo,01/09/2021" for n in range(4)]
    put(intake, {"platform/03.csv": "\n".join([header, *women, *men, ""])})
    main(["check"])
    shown = capsys.readouterr().out
    assert "ô trống là Nam" in shown and "chỉ lấy được từ cuối ô địa chỉ" in shown
    put(intake, {"platform/03.csv": "\n".join([header, *women, *men[:2], ""])})
    _, data = look(capsys)
    assert "không rõ ô trống" in str(problem_of(data, "platform/03.csv", "sex_blanks_open"))


def test_marks_between_thousands_are_told_and_what_they_leave_open_is_a_problem(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def population(*counts: str) -> str:
        rows = [
            f"{unit};{age};{n};x;2021-07-01" for (unit, age, _), n in zip(POPULATION, counts, strict=False)
        ]
        return "\n".join(["unit_code;age_group;population;source;reference_date", *rows]) + "\n"

    put(intake, {"population/population.csv": population("1.234.567", "12.000", "1.234")})
    assert main(["check"]) == 0
    assert "dấu “.” ngăn hàng nghìn" in capsys.readouterr().out
    put(intake, {"population/population.csv": population("40", "12.000", "7")})
    code, data = look(capsys)
    assert code == 4
    assert problem_of(data, "population/population.csv", "cells_unread")["where"] == "C3"


def test_a_report_that_a_run_sets_aside_for_a_row_is_set_aside(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = REPORTS[0].replace(",02,024,", ",xx,yy,")
    put(intake, {"daily_reports/bao_cao_ngay.csv": "\n".join([REPORT_HEADER, REPORTS[1], bad]) + "\n"})
    code, data = look(capsys)
    found = file_of(data, "daily_reports/bao_cao_ngay.csv")
    assert (code, found["status"]) == (4, "quarantined")
    assert problem_of(data, "daily_reports/bao_cao_ngay.csv", "value_unreadable_file")["where"] == "3"


def test_files_that_a_run_sets_aside_leave_the_intake_usable(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(intake, {"platform/03.pdf": b"%PDF-1.7 ...", "platform/04.csv": ""})
    put(intake, {"platform/05.csv": (intake / "platform/tiny_a.csv").read_bytes()})
    code, data = look(capsys)
    assert code == 4
    found = {f["file"]: codes(f["problems"]) for f in data["files"] if f["status"] == "quarantined"}
    assert {"format_unknown"} in found.values() and {"file_empty"} in found.values()
    assert {"file_repeated"} in found.values()


def test_a_persons_or_clinics_name_does_not_leave_in_data(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = table(*many(20)).replace("Số lô", "Ghi của Trần Thị Bích", 1)
    put(intake, {"platform/PK bác sĩ Lê Văn Tám.csv": text, "Nguyễn Thị Cúc/a.csv": "x"})
    assert main(["check", "--json"]) in (0, 4)
    shown = capsys.readouterr().out
    assert not any(word in shown for word in ("Tám", "Bích", "Cúc"))
    assert '"header:1"' in shown and '"file:3"' in shown
    assert main(["check"]) in (0, 4)
    shown = capsys.readouterr().out
    assert "PK bác sĩ Lê Văn Tám.csv" in shown and "Trần Thị Bích" in shown


def test_names_of_known_words_are_shown_and_others_numbered_in_their_order() -> None:
    assert is_known_name("platform/Hà Giang tháng 11-2021.xlsx#Sheet1")
    assert not any(map(is_known_name, ("platform/phan lan anh.csv", "a/123456789.csv", "platform/nam.csv")))
    assert is_known_header("platform", "Ngày tiêm, nơi tiêm")
    assert not any(is_known_header("platform", h) for h in ("Hồ Minh Lan", "Ngày nhập mới", "Mai"))
    names = ShownNames(["platform/b x.csv", "platform/01.csv", "platform/a x.csv"], [("platform", "Zz")])
    shown = [names.show("file", f"platform/{n}.csv") for n in ("a x", "b x", "01")]
    assert shown == ["file:1", "file:2", "platform/01.csv"]
    assert names.show("header", "Zz") == "header:1"


def test_letters_say_what_to_mend_and_hold_no_cell(intake: Path, tmp_path: Path) -> None:
    rows = [row | {"vaccine": "Thuốc Lạ Kỳ", "full_name": "Nguyễn Thị Bưởi"} for row in many(30)]
    put(intake, {"platform/Bưởi.csv": table(*rows), "platform/04.csv": ""})
    assert main(["check", "--letters", "letters"]) == 4
    letters = {
        p.name: zipfile.ZipFile(p).read("word/document.xml").decode() for p in Path("letters").iterdir()
    }
    assert set(letters) == {"phieu-de-nghi-sua.docx", "phieu-de-nghi-sua-02-tinhhagiang.docx"}
    own = letters["phieu-de-nghi-sua-02-tinhhagiang.docx"]
    assert "Tỉnh Hà Giang" in own and "ô K2" in own and "30 trên 30 ô" in own and "file:" in own
    values = {*ROW.values(), "Thuốc Lạ Kỳ"} - {"1", "Nữ", "Tỉnh Hà Giang"}
    assert not [v for v in {*values, "Bưởi"} for text in letters.values() if v in text]


def test_large_files_of_any_kind_are_judged_by_heads_that_stay_apart(tmp_path: Path) -> None:
    raw, rows = tmp_path / "raw", many(3000)
    text, shorter = table(*rows), table(*rows[:2500], *rows[2501:])
    put(raw, {"platform/01.csv": text, "platform/02.csv": shorter})
    put(raw, {"platform/03.csv": "\ufeff".encode("utf-16-le") + text.encode("utf-16-le")})
    with zipfile.ZipFile(raw / "platform/04.zip", "w") as archive:
        archive.writestr("01.csv", text)
    with duckdb.connect() as con:
        target = (raw / "platform/05.parquet").as_posix()
        con.execute(f"COPY (SELECT i, md5(i::VARCHAR) FROM range(30000) t(i)) TO '{target}' (FORMAT parquet)")
    heads = copy_heads(raw, tmp_path / "heads", ["platform"])
    totals = {name: total.records for name, total in heads.totals.items()}
    assert totals == {
        "platform/01.csv": 3001,
        "platform/02.csv": 3000,
        "platform/03.csv": 3001,
        "platform/04.zip!01.csv": 3001,
        "platform/05.parquet": 30001,
    }
    first, second, wide = ((heads.folder / f"platform/0{n}.csv").read_bytes() for n in (1, 2, 3))
    assert first.count(b"\n") == 2050 and second.count(b"\n") == 2049
    assert wide.decode("utf-16").count("\n") == 2000
    assert main(["check", "--raw", "raw"]) == 4


def test_a_head_ends_where_a_record_does(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('h\na\n"b\nc"\nd\n')
    with path.open("rb") as file:
        assert read_head(file, 3) == b"h\na\n"
    assert HEADER in table(*many(1))


def sheet_rows(count: int) -> list[list[str]]:
    return [record.split(",") for record in table(*(row | WITH_NUMBER for row in many(count))).splitlines()]


def test_cells_of_a_workbook_are_pointed_at_as_it_numbers_them(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["SỞ Y TẾ"], [""], *sheet_rows(30)]
    for row in rows[3:]:
        row[10] = "không rõ loại"
    put(intake, {"platform/03.xlsx": workbook(rows, at=(3, 2), date_1904=True)})
    code, data = look(capsys)
    found = file_of(data, "file:1")
    assert (code, found["header_row"], found["rows"]) == (4, 6, 30)
    assert [c["column"] for c in found["columns"]][:2] == ["C", "D"]
    assert problem_of(data, "file:1", "cells_unread")["where"] == "M7"
    assert main(["check"]) == 4
    assert "bảng tính đếm ngày từ năm 1904" in capsys.readouterr().out


def test_a_large_workbook_is_cut_and_its_rows_counted(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    put(raw, {"platform/03.xlsx": workbook(sheet_rows(6000), merged=[(5, 0, 6, 0)])})
    heads = copy_heads(raw, tmp_path / "heads", ["platform"])
    assert {name: total.records for name, total in heads.totals.items()} == {"platform/03.xlsx#S": 6001}
    sheet = fastexcel.read_excel(heads.folder / "platform/03.xlsx").load_sheet("S", header_row=None)
    assert sheet.height == 2000
    with zipfile.ZipFile(heads.folder / "platform/03.xlsx") as book:
        assert b"<mergeCell " in book.read("xl/worksheets/sheet1.xml")
    assert main(["check", "--raw", "raw"]) == 4


def test_filled_templates_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in write_templates(tmp_path / "new"):
        name = path.stem.removeprefix("mau-")
        put(tmp_path / "raw", {f"{name}/mau.xlsx": filled(path.read_bytes(), example(templates()[name]))})
    code, data = look(capsys, "--raw", "raw", "--as-of", AS_OF)
    assert {f["kind"]: f["status"] for f in data["files"] if f["status"] != "ignored"} == dict.fromkeys(
        templates(), "ok"
    )
    assert [p for f in data["files"] for p in f["problems"]] == []
    assert (code, codes(data["problems"])) == (4, {"no_registry"})


def test_the_end_of_a_large_file_is_looked_at_and_its_rows_are_those_of_the_file(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row | WITH_NUMBER for row in many(3000)]
    rows[2990:] = [row | {"vaccine": "xx"} for row in rows[2990:]]
    put(intake, {"platform/03.csv": table(*rows)})
    assert main(["check"]) == 0
    shown = capsys.readouterr().out
    assert "ô K2992: 10 trên 2049 ô" in shown and "3000 dòng, xem 2049 dòng" in shown
    put(intake, {"platform/03.csv": table(*rows)[:-60]})
    assert problem_of(look(capsys)[1], "platform/03.csv", "file_truncated")


def test_a_refused_extract_is_not_called_by_a_persons_name_in_data(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(intake, {"registry/Lê Văn Tám.csv": "citizen_id,name\n1,a\n"})
    assert main(["check", "--json"]) == 3
    assert "Tám" not in capsys.readouterr().out
    assert main(["check"]) == 3
    assert "'registry/Lê Văn Tám.csv' has no column 'full_name'" in capsys.readouterr().out


def test_the_headers_of_the_settings_are_known(
    intake: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    renamed = table(*(row | WITH_NUMBER for row in many(20))).replace("Ngày tiêm", "Bữa chích", 1)
    put(intake, {"platform/03.csv": renamed})
    assert look(capsys)[0] == 4
    typed = tmp_path / "own.toml"
    typed.write_text('[headers.platform]\n"Bữa chích" = "vaccination_date"\n', encoding="utf-8")
    code, data = look(capsys, "--settings", "own.toml")
    assert code == 0
    assert {"vaccination_date"} == {
        c["field"] for c in file_of(data, "platform/03.csv")["columns"] if c["header"].startswith("header:")
    }
    typed.write_text(
        '[headers.platform]\n"Bữa chích" = "vaccination_date"\n"Ngày nhập" = "vaccination_date"\n',
        encoding="utf-8",
    )
    assert main(["check", "--settings", "own.toml"]) == 2


def test_counts_that_contradict_are_named_with_row_and_day(
    intake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = [100 + i % 7 for i in range(30)]
    counts[20] = sum(counts[:21])
    lines = [f"2021-09-{i + 1:02d},02,024,0,0,{n},{n},0,0,0,province\n" for i, n in enumerate(counts)]
    lines[3] = "2021-09-04,02,024,0,9000,50,103,0,0,0,province\n"
    put(intake, {"daily_reports/bao_cao_ngay.csv": "\n".join([REPORT_HEADER, "".join(lines)])})
    people = "02,all,9000,KH,2021-10-31\n02,18+,9500,KH,2021-10-31\n"
    put(
        intake,
        {"population/population.csv": "unit_code,age_group,population,source,reference_date\n" + people},
    )
    code, data = look(capsys)
    assert code == 4
    total = [
        p for p in file_of(data, "daily_reports/bao_cao_ngay.csv")["problems"] if p["code"] == "running_total"
    ]
    assert [(p["where"], p["rows"]) for p in total] == [("22", 1), ("22", 1)]
    assert "“dose_1”" in total[0]["message"] and "2021-09-21" in total[0]["message"]
    assert problem_of(data, "daily_reports/bao_cao_ngay.csv", "parts_above_whole")["where"] == "5"
    assert problem_of(data, "population/population.csv", "parts_above_whole")["where"] == "3"


def test_the_room_that_a_run_needs_is_told(
    intake: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["check"])
    assert "· chạy với --memory-limit 4GB cần khoảng 1 MB đĩa" in capsys.readouterr().out
    monkeypatch.setattr("analysis.check.look.free_bytes", lambda folder: 1000)
    code, data = look(capsys)
    assert code == 4 and codes(data["problems"]) == {"room_short"}


def test_packed_text_needs_the_room_of_its_content(tmp_path: Path) -> None:
    text = Random(1).randbytes(500_000).hex().encode()
    put(tmp_path / "plain", {"platform/a.csv": text})
    put(tmp_path / "packed", {"platform/a.csv.gz": gzip.compress(text)})
    with zipfile.ZipFile(tmp_path / "packed" / "platform" / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.csv", text)
    assert needed_bytes(tmp_path / "plain", 10**9) == 1_000_000
    assert needed_bytes(tmp_path / "packed", 10**9) == 2_000_000
    # What is held at once beyond the memory is spilled.
    assert needed_bytes(tmp_path / "plain", 1_000_000) == 1_000_000 + 2_000_000
    put(tmp_path / "broken", {"platform/a.zip": b"PK no archive", "platform/b.csv.gz": b""})
    assert needed_bytes(tmp_path / "broken", 10**9) == 13
    put(tmp_path / "bomb", {"platform/a.csv.gz": gzip.compress(bytes(100_000_000))})
    assert needed_bytes(tmp_path / "bomb", 10**9) < 3_000_000
