"""Faulty files are set aside whole with one reason, faulty rows rejected with theirs; the rest goes on.

The numbers in the names are those of the rules (sources fault-1 to fault-32).
"""

import gzip
import io
import stat
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from analysis.clean import clean_intake
from analysis.clean.fields.names import parse_name
from analysis.engine import connect
from analysis.errors import IntakeError, RequestError
from analysis.intake import folder
from analysis.intake.formats import encodings, records
from analysis.intake.headers.finding import PLATFORM
from analysis.settings import RunParameters, open_run
from clean_samples import HEADER, ROW, line, make_run, many, read, reasons_by_file, table, typed_quality
from staged_samples import open_files

GOOD = table({}, {"dose_record_id": "M2", "full_name": "Sùng Mí Vàng"})
Content = str | bytes


def quarantined(base: Path, content: Content, name: str = "platform/b.csv") -> tuple[str, str]:
    """Clean a good file beside a bad one; return the bad one's reason and detail."""
    run = make_run(base, {"platform/a.csv": GOOD, name: content})
    before = sorted((p, p.stat().st_size) for p in base.rglob("raw/**/*"))
    summary = clean_intake(run)
    assert (summary.rows_kept, summary.files_set_aside) == (2, 1)
    assert before == sorted((p, p.stat().st_size) for p in base.rglob("raw/**/*"))
    (row,) = [r for r in typed_quality(run) if r["status"] == "quarantined"]
    assert row["source_file"].startswith(name)
    assert (row["rows_in"], row["rows_kept"], row["rows_rejected"]) == (0, 0, 0)
    return row["reason_code"], row["detail"] or ""


def packed(*members: tuple[Any, Content]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook(extra: str | None = None, header: str = HEADER) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, header.split(","))
        sheet.write_row(1, 0, list(ROW.values()))
    if extra is None:
        return buffer.getvalue()
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(extra, b"x")
    return buffer.getvalue()


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\n", HEADER + "\n", HEADER])
def test_01_an_empty_file_or_a_header_alone(tmp_path: Path, content: str) -> None:
    assert quarantined(tmp_path, content)[0] == "file_empty"


@pytest.mark.parametrize("cut", ["M3,Lý Văn", "M3,Lý Văn Ba,25/03/1985", 'M3,"Lý Văn Ba'])
def test_02_a_last_record_cut_short(tmp_path: Path, cut: str) -> None:
    assert quarantined(tmp_path, GOOD + cut)[0] == "file_truncated"


def test_02_an_unclosed_quote_at_the_end_of_a_long_file(tmp_path: Path) -> None:
    content = table(*many(200)) + line(full_name="@@").replace("@@", '"Lý Văn Ba') + "\n"
    assert quarantined(tmp_path, content)[0] == "file_truncated"


def test_02_a_missing_final_line_end_is_ordinary(tmp_path: Path) -> None:
    run = make_run(tmp_path, {"platform/a.csv": GOOD.removesuffix("\n")})
    assert clean_intake(run).rows_kept == 2


def parquet_bytes(base: Path) -> bytes:
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT 1 AS a) TO '{(base / 'p').as_posix()}' (FORMAT parquet)")
    return (base / "p").read_bytes()


@pytest.mark.parametrize("name", ["gz", "zip", "xlsx", "parquet"])
def test_03_a_file_cut_in_two(tmp_path: Path, name: str) -> None:
    whole = {
        "gz": lambda: gzip.compress(table(*many(500)).encode()),
        "zip": lambda: packed(("a.csv", table(*many(500)))),
        "xlsx": workbook,
        "parquet": lambda: parquet_bytes(tmp_path),
    }[name]()
    assert quarantined(tmp_path, whole[: len(whole) // 2])[0] == "file_unreadable"


def test_03_a_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    content = bytearray(packed(("a.csv", table(*many(500))), ("b.csv", GOOD.replace("M", "N"))))
    content[60:90] = bytes(30)
    run = make_run(tmp_path, {"platform/x.zip": bytes(content)})
    assert clean_intake(run).rows_kept == 2
    assert reasons_by_file(run)["platform/x.zip!a.csv"]["file_unreadable"][3] == "quarantined"


BOMB = b"\0" * 40_000_000


@pytest.mark.parametrize(
    "content",
    [
        lambda: packed(("a.csv", BOMB)),
        lambda: gzip.compress(BOMB),
        lambda: packed(*((f"{i}.csv", "x") for i in range(1001))),
        lambda: packed(("inner.zip", packed(("a.csv", GOOD)))),
        lambda: gzip.compress(packed(("a.csv", GOOD))),
    ],
    ids=["zip", "gzip", "members", "nested", "nested-gzip"],
)
def test_04_an_archive_that_swells(tmp_path: Path, content: Any) -> None:
    assert quarantined(tmp_path, content())[0] == "archive_bomb"


def special_member(kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = (kind | 0o777) << 16
    return info


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "members",
    [
        [("../evil.csv", GOOD)],
        [("/evil.csv", GOOD)],
        [("C:\\evil.csv", GOOD)],
        [("x/..\\..\\evil.csv", GOOD)],
        [(special_member(stat.S_IFLNK), "a.csv")],
        [(special_member(stat.S_IFCHR), "a.csv")],
        [(special_member(stat.S_IFIFO), "a.csv")],
        [("a.csv", GOOD), ("A.csv", GOOD)],
    ],
    ids=["parent", "absolute", "drive", "backslash", "link", "device", "pipe", "double"],
)
def test_05_an_unsafe_member(tmp_path: Path, members: list[tuple[Any, str]]) -> None:
    assert quarantined(tmp_path, packed(*members))[0] == "archive_unsafe"
    assert not list(tmp_path.rglob("evil.csv"))


def test_06_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = folder.stage_delimited

    def and_append(con: Any, leaf: Any, *rest: Any) -> Any:
        staged = stage(con, leaf, *rest)
        if leaf.source_file.endswith("b.csv"):
            with leaf.path.open("a", encoding="utf-8") as file:
                file.write(line(dose_record_id="M9") + "\n")
        return staged

    monkeypatch.setattr(folder, "stage_delimited", and_append)
    run = make_run(tmp_path, {"platform/a.csv": GOOD, "platform/b.csv": table({"dose_record_id": "M5"})})
    assert clean_intake(run).rows_kept == 2
    assert list(reasons_by_file(run)["platform/b.csv"]) == ["still_being_written"]


def test_07_other_encodings_are_recorded(tmp_path: Path) -> None:
    run = make_run(tmp_path, {"platform/a.csv": GOOD.encode("utf-16")})
    clean_intake(run)
    assert [r["detail"] for r in read(run, "quality") if r["reason_code"] == "read_as"] == ["utf-16"]


def test_08_bytes_that_fit_no_encoding(tmp_path: Path) -> None:
    noise = "\n".join(line(full_name="\u0110\u0111" * 3) for _ in range(30)).encode("utf-8")
    damaged = HEADER.encode() + b"\n" + noise.replace("Đ".encode(), b"\xfe\xe0")
    assert quarantined(tmp_path, damaged)[0] == "encoding_undecided"


def test_09_mojibake_and_mixed_encodings_are_repaired_and_flagged(tmp_path: Path) -> None:
    rows = [{"full_name": "Nguyễn Văn Đức"}] * 20
    rows[3] = {"full_name": "Nguyễn Thị Hòa".encode().decode("cp1252", errors="ignore")}
    content = table(*rows).encode().replace("Nguyễn Văn Đức".encode(), "NguyÔn V¨n §øc".encode("cp1252"), 1)
    run = make_run(tmp_path, {"platform/a.csv": content})
    clean_intake(run)
    doses = read(run, "doses")
    assert {r["full_name"] for r in doses} == {"Nguyễn Văn Đức", "Nguyễn Thị Hòa"}
    assert [r["source_row"] for r in doses if "text_damaged" in r["reason_codes"]] == [1, 4]
    assert doses[3]["full_name_typed"] != doses[3]["full_name"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("NguyÔn V¨n §øc", "Nguyễn Văn Đức"),
        ("Lª ThÞ Có", "Lê Thị Cú"),
        ("Nguyeãn Thò Hoøa", "Nguyễn Thị Hòa"),
        # One damaged word in Unicode: only a letter that Vietnamese lacks proves it.
        ("Trần ThÞ Hoa", "Trần Thị Hoa"),
        ("Lê V¨n An", "Lê Văn An"),
        # A slip of the keyboard is no other encoding: Lê is not Lờ, Kim Tâ not Kim Tõ.
        ("Lê Văn Phùc", "Lê Văn Phùc"),
        ("LÊ VĂN PHÙC", "Lê Văn Phùc"),
        ("Nguyễn Thị Kim Tâ", "Nguyễn Thị Kim Tâ"),
    ],
)
def test_09_a_damaged_name_is_repaired_and_a_misspelt_one_is_not(typed: str, kept: str) -> None:
    assert parse_name(typed).full_name == kept


@pytest.mark.parametrize(
    "typed",
    [
        "Nguyễn Thị Hoà",
        "Nguye\u0302\u0303n Thi\u0323 Ho\u0300a",
        "Nguyễn\u200b Thị\u00a0Hòa",
        "Nguyễn Тhị Hòa",
    ],
)
def test_10_forms_of_one_name(tmp_path: Path, typed: str) -> None:
    run = make_run(tmp_path, {"platform/a.csv": table({"full_name": typed})})
    clean_intake(run)
    (row,) = read(run, "doses")
    assert (row["full_name"], row["name_key"]) == ("Nguyễn Thị Hòa", "nguyen thi hoa")
    assert row["full_name_typed"] == typed.strip()


def test_10_other_letter_forms_are_counted(tmp_path: Path) -> None:
    typed = [
        "Nguyễn Thị Hoà",
        "Nguye\u0302\u0303n An",
        "Nguyễn\u200b An",
        "Nguyễn Тhị Hòa",
        "Ðặng Văn Quý",
        "Lý Thuỳ",
    ]
    plain = ["Nguyễn Thị Hòa", "Đặng Văn Quý", "NGUYEN VAN AN", "Lý Thị Thúy"]
    run = make_run(tmp_path, {"platform/a.csv": table(*({"full_name": n} for n in typed + plain))})
    clean_intake(run)
    assert reasons_by_file(run)["platform/a.csv"]["letters_normalised"] == (len(typed), len(typed), 0, "ok")


def test_11_no_delimiter_to_be_recognised(tmp_path: Path) -> None:
    assert quarantined(tmp_path, GOOD.replace(",", "^"))[0] == "header_not_found"


def test_12_bad_rows_are_rejected_with_their_reason(tmp_path: Path) -> None:
    rows = table(*many(400)).splitlines()
    rows[10] += ",thừa"
    rows[20] = rows[20].replace(",Huyện Đồng Văn,", ",")  # the cells behind it stand in wrong columns
    rows[30] = rows[30].replace("Hòa", "Hòa\x00")
    run = make_run(tmp_path, {"platform/a.csv": "\n".join(rows) + "\n"})
    summary = clean_intake(run)
    assert (summary.rows_in, summary.rows_kept, summary.rows_rejected) == (400, 397, 3)
    rejected = {r["source_row"]: r["reason_codes"] for r in read(run, "doses") if r["is_rejected"]}
    assert rejected == {10: ["row_ragged"], 20: ["row_ragged"], 30: ["control_characters"]}
    assert reasons_by_file(run)["platform/a.csv"]["row_ragged"] == (2, 0, 2, "ok")


def test_12_too_many_bad_rows(tmp_path: Path) -> None:
    rows = table(*many(400)).splitlines()
    rows[1:6] = [row + ",thừa" for row in rows[1:6]]
    assert quarantined(tmp_path, "\n".join(rows) + "\n")[0] == "too_many_bad_rows"


def test_12_a_stray_quote_spoils_one_row_only(tmp_path: Path) -> None:
    rows = table(*many(400)).splitlines()
    rows[7] = rows[7].replace("Nguyễn Thị Hòa", '"Nguyễn Thị Hòa')
    run = make_run(tmp_path, {"platform/a.csv": "\n".join(rows) + "\n"})
    clean_intake(run)
    assert [r["source_row"] for r in read(run, "doses") if r["is_rejected"]] == [7]


@pytest.mark.parametrize(
    ("header", "reason", "named"),
    [
        (HEADER.replace("Họ và tên", "Người"), "column_missing", "full_name"),
        (HEADER.replace("Ngày tiêm", "Ngày nào"), "column_missing", "vaccination_date"),
        (HEADER.replace("Số lô", "Họ tên"), "column_doubled", "full_name"),
        (HEADER.replace("Số lô", "Ngày sinh"), "column_doubled", "birth_date"),
    ],
)
def test_13_columns(tmp_path: Path, header: str, reason: str, named: str) -> None:
    found = quarantined(tmp_path, GOOD.replace(HEADER, header))
    assert found[0] == reason
    assert named in found[1]


def test_14_an_identical_file_counts_once_and_is_named(tmp_path: Path) -> None:
    reason, detail = quarantined(tmp_path, gzip.compress(GOOD.encode()), "platform/b.csv.gz")
    assert (reason, detail) == ("file_repeated", "the same as file:1")


def test_14_a_copied_sheet_counts_once_and_is_named(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, third in (("Sheet1", "M3"), ("Sheet1 (2)", "M3"), ("Sheet2", "M4")):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(table({}, {"dose_record_id": third}).splitlines()):
                sheet.write_row(number, 0, row.split(","))
    found, _ = open_files(tmp_path, {"a.xlsx": buffer.getvalue()})
    assert [file.source_file for file in found.staged] == ["platform/a.xlsx#Sheet1", "platform/a.xlsx#Sheet2"]
    (copy,) = found.set_aside
    assert (copy.source_file, copy.reason_code) == ("platform/a.xlsx#Sheet1 (2)", "file_repeated")
    assert copy.detail == "the same as platform/a.xlsx#Sheet1"


def test_14_sheets_whose_rows_all_stand_twice_are_no_copies(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for record in ("M3", "M4"):
            sheet = book.add_worksheet()
            for number, row in enumerate(table(*[{"dose_record_id": record}] * 2).splitlines()):
                sheet.write_row(number, 0, row.split(","))
    found, _ = open_files(tmp_path, {"a.xlsx": buffer.getvalue()})
    assert (len(found.staged), found.set_aside) == (2, [])


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ("citizen_id,full_name,birth_date,sex,permanent_commune_code,life_status", "registry"),
        ("unit_code,age_group,population,full_name,sex,source", "population"),
    ],
)
def test_14_a_file_of_another_kind(tmp_path: Path, columns: str, kind: str) -> None:
    content = columns + "\n" + ",".join("1" for _ in columns.split(",")) + "\n"
    assert quarantined(tmp_path, content) == ("wrong_kind", kind)


@pytest.mark.parametrize("quote", ["", '"'])
def test_16_a_line_of_more_than_a_million_characters(tmp_path: Path, quote: str) -> None:
    long = line(full_name="@@").replace("@@", quote + "Hòa " * 300_000 + quote)
    assert quarantined(tmp_path, GOOD + long + "\n")[0] == "line_too_long"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_16_an_irregular_file_is_read_piece_by_piece(
    tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quoted carriage return sends the whole file through Python, which must never hold it all."""
    monkeypatch.setattr(records, "CHUNK_BYTES", 64 * 1024)
    monkeypatch.setattr(encodings, "BLOCK_CHARACTERS", 64 * 1024)
    row = line(facility_name="@@").replace("@@", '"Trạm Y tế\rxã"') + "\n"
    content = (HEADER + "\n" + row * 20_000).encode(encoding)
    run = make_run(tmp_path, {"platform/a.csv": content})
    with connect(run) as con:
        tracemalloc.start()
        (staged,) = folder.open_folder(con, run, "platform", PLATFORM).staged
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        rows = con.execute("SELECT count(*) FROM read_parquet(?)", [str(staged.path)]).fetchall()
    assert rows == [(20_000,)]
    assert peak < len(content) / 2


def test_16_a_long_line_in_another_encoding(tmp_path: Path) -> None:
    long = line(full_name="Hòa " * 600_000)
    assert quarantined(tmp_path, (GOOD + long + "\n").encode("utf-16"))[0] == "line_too_long"


def test_17_32_a_workbook_with_macros_or_a_password(tmp_path: Path) -> None:
    assert (
        quarantined(tmp_path / "1", workbook("xl/vbaProject.bin"), "platform/b.xlsx")[0] == "macro_workbook"
    )
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert quarantined(tmp_path / "2", locked, "platform/b.xlsx")[0] == "password_protected"


def test_32_a_web_page_or_a_picture_under_another_name(tmp_path: Path) -> None:
    page = "<html><body><table><tr><td>Họ và tên</td></tr></table></body></html>"
    assert quarantined(tmp_path / "1", page, "platform/b.xls")[0] == "html_renamed"
    assert quarantined(tmp_path / "2", b"%PDF-1.4 \x00\x01", "platform/b.csv")[0] == "format_unknown"


def test_17_a_workbook_lacking_a_column_is_named_with_it(tmp_path: Path) -> None:
    content = workbook(header=HEADER.replace("Ngày tiêm", "Ngày nào"))
    assert quarantined(tmp_path, content, "platform/b.xlsx") == ("column_missing", "vaccination_date")


def test_no_usable_file_at_all_is_exit_code_3(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=r"file:1: file_empty"):
        clean_intake(make_run(tmp_path / "1", {"platform/a.csv": HEADER}))
    with pytest.raises(IntakeError, match="no usable file"):
        clean_intake(make_run(tmp_path / "2", {"population/a.csv": "x"}))
    with pytest.raises(RequestError, match="does not exist"):
        clean_intake(open_run("2021-11-07", raw=str(tmp_path / "3"), processed=str(tmp_path / "p")))


REPORT_HEADER = (
    "report_date,province_code,district_code,doses_allocated,doses_received,doses_administered,dose_1,"
    "dose_2,dose_3_plus,doses_discarded"
)


def clean_reports(tmp_path: Path, **files: list[str]) -> tuple[RunParameters, list[dict[str, Any]]]:
    """Clean daily reports of named files and return the run and the rows of `quality` about them."""
    reports = {
        f"daily_reports/{n}.csv": "\n".join([REPORT_HEADER, *rows]) + "\n" for n, rows in files.items()
    }
    run = make_run(tmp_path, {"platform/a.csv": GOOD, **reports})
    clean_intake(run)
    return run, [r for r in typed_quality(run) if str(r["source_file"]).startswith("daily_reports")]


def test_an_unreadable_count_costs_its_province_and_no_other(tmp_path: Path) -> None:
    run, quality = clean_reports(
        tmp_path,
        ok=["2021-11-01,02,,10,9,8,7,1,0,0", "2021-11-01,04,,10,9,8,7,1,0,0"],
        bad=[
            "2021-11-02,02,,10,9,8,7,1,0,0",
            "2021-11-03,02,,10,9,tám,7,1,0,0",
            "2021-11-03,04,,1,1,1,1,0,0,0",
        ],
    )
    assert [r["province_code"] for r in read(run, "daily_reports")] == ["04", "04"]
    told = {
        (r["source_file"][14:], r["reason_code"]): (r["rows_in"], r["rows_kept"], r["detail"])
        for r in quality
    }
    assert told == {
        ("ok.csv", None): (2, 1, None),
        ("ok.csv", "unit_incomplete"): (1, 0, None),
        ("bad.csv", None): (3, 1, None),
        ("bad.csv", "unit_incomplete"): (1, 0, None),
        ("bad.csv", "value_unreadable"): (1, 0, "row 2, doses_administered"),
    }
    assert {r["status"] for r in quality} == {"ok"}


def test_a_count_below_zero_takes_back_what_was_reported(tmp_path: Path) -> None:
    run, quality = clean_reports(
        tmp_path, a=["2021-11-01,02,,0,0,9,9,0,0,0", "2021-11-02,02,,0,0,-2,-2,0,0,0"]
    )
    assert sum(r["doses_administered"] for r in read(run, "daily_reports")) == 7
    assert [r["reason_code"] for r in quality] == [None]


def test_a_district_whose_province_reported_that_day_costs_itself_alone(tmp_path: Path) -> None:
    run, _ = clean_reports(
        tmp_path,
        a=[
            "2021-11-01,02,,10,9,8,7,1,0,0",
            "2021-11-01,02,024,10,9,tám,7,1,0,0",
            "2021-11-02,02,024,10,9,8,7,1,0,0",
            "2021-11-02,02,026,10,9,8,7,1,0,0",
        ],
    )
    assert [(r["district_code"]) for r in read(run, "daily_reports")] == [None, "026"]
    run, _ = clean_reports(
        tmp_path / "b", a=["2021-11-01,02,024,1,1,tám,7,1,0,0", "2021-11-01,02,026,1,1,1,1,0,0,0"]
    )
    assert read(run, "daily_reports") == [], "the province is the sum of its districts"


def test_a_report_of_nobody_is_set_aside_with_its_row_and_column(tmp_path: Path) -> None:
    run, quality = clean_reports(
        tmp_path,
        ok=["2021-11-01,02,,10,9,8,7,1,0,0"],
        bad=["2021-11-02,04,,10,9,8,7,1,0,0", "2021-11-03,00,,10,9,8,7,1,0,0"],
    )
    assert len(read(run, "daily_reports")) == 1
    (row,) = [r for r in quality if r["status"] == "quarantined"]
    assert (row["source_file"], row["detail"]) == ("daily_reports/bad.csv", "row 2, province_code")


def test_a_bad_denominator_costs_its_row_and_a_file_of_them_is_set_aside(tmp_path: Path) -> None:
    header = "unit_code,age_group,population,source,reference_date\n"
    files = {
        "platform/a.csv": GOOD,
        "population/a.csv": header + "02,18+,500000,GSO,2021-07-01\n04,18+,nhiều,GSO,2021-07-01\n",
        "population/b.csv": header + "06,18+,nhiều,GSO,2021-07-01\n",
    }
    run = make_run(tmp_path, files)
    clean_intake(run)
    assert [r["unit_code"] for r in read(run, "population")] == ["02"]
    told = {(r["source_file"], r["reason_code"]): (r["status"], r["detail"]) for r in typed_quality(run)}
    assert told["population/a.csv", "value_unreadable"] == ("ok", "row 2, population")
    assert told["population/b.csv", "value_unreadable"] == ("quarantined", "row 1, population")


def test_spill_holds_no_person_afterwards(tmp_path: Path) -> None:
    run = make_run(tmp_path, {"platform/a.zip": packed(("a.csv", GOOD))})
    clean_intake(run)
    left = [p for p in (run.restricted / "spill").rglob("*") if p.is_file()]
    assert left == []
