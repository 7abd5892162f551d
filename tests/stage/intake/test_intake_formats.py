"""Every format of an export gives the same clean row: by content, whatever the file's name says."""

import gzip
import io
import unicodedata
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from analysis.clean import clean_intake
from analysis.intake.formats.legacy_text import from_tcvn3, from_vni
from clean_samples import FIELDS, HEADER, ROW, clean, make_run, many, read, reasons_by_file, table

EXPECTED = {
    "full_name": "Nguyễn Thị Hòa",
    "birth_date": "1985-03-25",
    "sex": "Nữ",
    "id_number": "002185001234",
    "commune_code": "00745",
    "vaccine": "AstraZeneca",
    "vaccination_date": datetime(2021, 8, 15).date(),
    "entry_date": datetime(2021, 8, 16).date(),
    "reason_codes": [],
}
SAMPLE = table({}, {"dose_record_id": "M2", "full_name": "Sùng Mí Vàng", "sex": "Nam", "id_number": ""})


def check(rows: list[dict[str, Any]], source_file: str) -> None:
    assert [row["source_row"] for row in rows] == [1, 2]
    assert {key: rows[0][key] for key in EXPECTED} == EXPECTED
    assert rows[0]["source_file"] == source_file
    assert rows[1]["full_name"] == "Sùng Mí Vàng"


def legacy(text: str, convert: Any) -> bytes:
    """Return text as a single-byte file in a legacy code: the inverse of its conversion, letter by letter."""
    codes = {convert(a): a for a in map(chr, range(0xA1, 0x100)) if convert(a) != a}
    if convert is from_vni:
        marks = [chr(c) for c in range(0xC0, 0x100)]
        letters = "AEOUYaeouyÔôÖö"
        codes |= {convert(a + b): a + b for a in letters for b in marks if len(convert(a + b)) == 1}
    if convert is from_tcvn3:  # capital letters with a tone have no code of their own
        codes |= {k.upper(): v for k, v in codes.items() if k.upper() not in codes}
    return "".join(codes.get(c, c) for c in text).encode("latin-1")


def windows_1258(text: str) -> bytes:
    """Return text in Windows-1258: base letters with their own marks, tones as combining marks."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    split = "".join(
        unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", x) if c not in tones))
        + "".join(c for c in unicodedata.normalize("NFD", x) if c in tones)
        for x in text
    )
    return split.encode("cp1258")


def test_the_legacy_samples_are_what_such_files_look_like() -> None:
    assert legacy("Nguyễn Thị Hòa", from_tcvn3).decode("latin-1") == "NguyÔn ThÞ Hßa"
    assert legacy("Nguyễn Thị Hòa", from_vni).decode("latin-1") == "Nguyeãn Thò Hoøa"
    assert windows_1258("Nguyễn").decode("cp1252") == "NguyêÞn"


@pytest.mark.parametrize(
    "content",
    [
        SAMPLE,
        "\ufeff" + SAMPLE,
        SAMPLE.replace("\n", "\r\n"),
        SAMPLE.replace("\n", "\r"),
        SAMPLE.removesuffix("\n"),
        SAMPLE + "\n\n",
        SAMPLE.encode("utf-16"),
        SAMPLE.encode("utf-16-le"),
        SAMPLE.encode("utf-16-be"),
        windows_1258(SAMPLE),
        legacy(SAMPLE, from_tcvn3),
        legacy(SAMPLE, from_vni),
        unicodedata.normalize("NFD", SAMPLE),
        SAMPLE.replace(",", ";"),
        SAMPLE.replace(",", "\t"),
        "\n".join(",".join(f'"{cell}"' for cell in row.split(",")) for row in SAMPLE.splitlines()),
        "SỞ Y TẾ HÀ GIANG\n\nDANH SÁCH TIÊM CHỦNG,,\n" + SAMPLE,
        "sep=,\n" + SAMPLE,
    ],
    ids=[
        "utf8",
        "bom",
        "crlf",
        "cr",
        "no-final-newline",
        "blank-end",
        "utf16",
        "utf16le",
        "utf16be",
        "cp1258",
        "tcvn3",
        "vni",
        "nfd",
        "semicolon",
        "tab",
        "quoted",
        "letterhead",
        "sep",
    ],
)
def test_07_08_10_11_delimited_text_of_any_dialect(tmp_path: Path, content: str | bytes) -> None:
    check(clean(tmp_path, {"platform/tỉnh.dat": content}), "platform/tỉnh.dat")


@pytest.mark.parametrize("convert", [str.upper, str.lower, lambda h: h.replace(",", " (*),") + "(*)"])
def test_13_a_header_in_any_dialect(tmp_path: Path, convert: Any) -> None:
    content = "\n".join([convert(HEADER), *SAMPLE.splitlines()[1:]])
    check(clean(tmp_path, {"platform/a.csv": content}), "platform/a.csv")


def test_13_columns_may_stand_in_any_order_and_unknown_ones_are_named(tmp_path: Path) -> None:
    lines = [row.split(",") for row in SAMPLE.splitlines()]
    extra = ["Cột lạ", "x", "y"]
    content = "\n".join(",".join([note, *reversed(row)]) for note, row in zip(extra, lines, strict=True))
    run = make_run(tmp_path, {"platform/a.csv": content})
    clean_intake(run)
    check(read(run, "doses"), "platform/a.csv")
    named = [r["detail"] for r in read(run, "quality") if r["reason_code"] == "unknown_columns"]
    assert named == ["header:1"]
    headers = [r["name"] for r in read(run, "file_names") if r["kind"] == "header"]
    assert headers == ["Cột lạ"]


def test_11_quoted_line_ends_do_not_break_a_record(tmp_path: Path) -> None:
    for number, line_end in enumerate(("\n", "\r\n")):
        rows = [{"facility_name": f"Trạm Y tế{line_end}xã Phố Cáo"}, {"full_name": "Sùng Mí Vàng"}]
        found = clean(tmp_path / str(number), {"platform/a.csv": table(*rows)})
        assert [r["facility_name"] for r in found] == ["Trạm Y tế xã Phố Cáo"] * 2


def test_12_a_blank_line_takes_a_number_and_gives_no_row(tmp_path: Path) -> None:
    lines = SAMPLE.splitlines()
    content = "\n".join([lines[0], "", lines[1], ",,,,,,,,,,,,,,,", lines[2], ""])
    rows = clean(tmp_path, {"platform/a.csv": content})
    assert [row["source_row"] for row in rows] == [2, 4]


def test_08_text_in_one_column_typed_in_an_old_font(tmp_path: Path) -> None:
    rows = [
        {"dose_record_id": f"M{i}", "full_name": name}
        for i, name in enumerate(["NguyÔn ThÞ Hßa", "Sïng MÝ Vµng", "Hµ V¨n Hïng", "Lª ThÞ Có"])
    ]
    found = clean(tmp_path, {"platform/a.csv": table(*rows)})
    names = ["Nguyễn Thị Hòa", "Sùng Mí Vàng", "Hà Văn Hùng", "Lê Thị Cú"]
    assert [row["full_name"] for row in found] == names
    assert {row["commune_code"] for row in found} == {"00745"}


def workbook(rows: list[list[Any]], **options: Any) -> bytes:
    """Return a workbook with a hidden sheet, a guide, an empty sheet and the rows under a letterhead."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        hidden = book.add_worksheet("Ẩn")
        hidden.write_row(0, 0, ["Họ và tên", "Ngày tiêm"])
        guide = book.add_worksheet("Hướng dẫn")
        guide.write(0, 0, "Điền theo mẫu")
        sheet = book.add_worksheet("Danh sách")
        sheet.activate()
        hidden.hide()
        book.add_worksheet("Trống")
        sheet.merge_range(0, 0, 0, 5, "SỞ Y TẾ HÀ GIANG")
        sheet.merge_range(2, 0, 2, 5, "DANH SÁCH NGƯỜI ĐƯỢC TIÊM")
        for number, row in enumerate(rows, start=4):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, cell)
    return buffer.getvalue()


def sheet_rows() -> list[list[Any]]:
    first = ROW | {"birth_date": datetime(1985, 3, 25), "vaccination_date": datetime(2021, 8, 15, 9, 30)}
    second = ROW | {"full_name": "Sùng Mí Vàng", "birth_date": 31131, "entry_date": 44424.5}
    return [
        HEADER.split(","),
        [first[f] for f in FIELDS],
        [None] * len(FIELDS),
        [second[f] for f in FIELDS],
        ["Tổng cộng", None, None, None, None, None, None, None, None, 2],
    ]


def test_17_a_workbook_with_letterhead_sheets_dates_and_a_total(tmp_path: Path) -> None:
    run = make_run(tmp_path, {"platform/a.xls": workbook(sheet_rows())})
    clean_intake(run)
    rows = read(run, "doses")
    assert {row["source_file"] for row in rows} == {"platform/a.xls#Danh sách"}
    assert [row["source_row"] for row in rows] == [1, 3, 4]
    assert {key: rows[0][key] for key in EXPECTED} == EXPECTED
    assert (rows[1]["birth_date"], rows[1]["entry_date"]) == ("1985-03-25", datetime(2021, 8, 16).date())
    assert rows[2]["reason_codes"] == ["total_row"]
    found = reasons_by_file(run)
    assert found["platform/a.xls#Danh sách"][None] == (3, 2, 1, "ok")
    assert set(found["platform/a.xls#Ẩn"]) == {"sheet_ignored"}
    assert found["platform/a.xls#Hướng dẫn"]["sheet_ignored"][3] == "ok"


def test_18_serial_numbers_that_count_from_1904(tmp_path: Path) -> None:
    """A workbook of an old Macintosh saved as text: the vaccination days show the base."""
    days = {
        "birth_date": str(31131 - 1462),
        "vaccination_date": str(44423 - 1462),
        "entry_date": str(44424 - 1462),
    }
    rows = clean(
        tmp_path, {"platform/a.csv": table(days, days | {"full_name": "Sùng Mí Vàng", "sex": "Nam"})}
    )
    assert {key: rows[0][key] for key in EXPECTED} == EXPECTED


def test_18_real_dates_of_a_1904_workbook(tmp_path: Path) -> None:
    rows = clean(tmp_path, {"platform/a.xlsx": workbook(sheet_rows()[:2], date_1904=True)})
    assert {key: rows[0][key] for key in EXPECTED} == EXPECTED


def parquet(path: Path) -> bytes:
    with duckdb.connect() as con:
        con.execute(
            """COPY (SELECT 'M1' AS "Mã mũi tiêm", 'Nguyễn Thị Hòa' AS "Họ và tên", DATE '1985-03-25' AS "Ngày sinh",
            2 AS "Giới tính", 912345678 AS "Số điện thoại", '002185001234' AS "CCCD", 2 AS "Mã tỉnh", 26 AS "Mã huyện",
            745 AS "Mã xã", 1 AS "Mũi số", 'Astra Zeneca' AS "Vaccine", 1628985600000 AS "Ngày tiêm",
            TIMESTAMP '2021-08-16 08:00:00' AS "Ngày nhập"
            UNION ALL SELECT 'M2', 'Sùng Mí Vàng', DATE '1985-03-25', 1, 912345678, NULL, 2, 26, 745, 1, 'AZ',
            1628985600000, NULL) TO '"""
            + path.as_posix()
            + "' (FORMAT parquet)"
        )
    return path.read_bytes()


def test_parquet_with_typed_columns(tmp_path: Path) -> None:
    rows = clean(tmp_path, {"platform/a.parquet": parquet(tmp_path / "p.parquet")})
    check(rows, "platform/a.parquet")
    assert rows[0]["phone"] == "0912345678"


def test_compressed_and_packed_files(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tuyến xã/a.csv", SAMPLE)
        archive.writestr("b.csv.gz", gzip.compress(SAMPLE.replace("M1", "M3").encode()))
        archive.writestr("c.xlsx", workbook(sheet_rows()))
        archive.writestr("d.parquet", parquet(tmp_path / "p.parquet"))
        archive.writestr("__MACOSX/._a.csv", b"\x00\x05")
    files = {
        "platform/a.gz": gzip.compress(SAMPLE.replace("M1", "M4").encode()),
        "platform/x.zip": packed.getvalue(),
    }
    rows = clean(tmp_path, files)
    assert {row["source_file"] for row in rows} == {
        "platform/a.gz",
        "platform/x.zip!tuyến xã/a.csv",
        "platform/x.zip!b.csv.gz",
        "platform/x.zip!c.xlsx#Danh sách",
        "platform/x.zip!d.parquet",
    }
    assert {row["full_name"] for row in rows if not row["is_rejected"]} == {"Nguyễn Thị Hòa", "Sùng Mí Vàng"}


def test_a_large_regular_file_has_the_row_numbers_of_its_lines(tmp_path: Path) -> None:
    rows = clean(tmp_path, {"platform/a.csv": table(*many(3000))})
    assert [row["dose_record_id"] for row in rows] == [f"R{row['source_row'] - 1}" for row in rows]
    assert len(rows) == 3000


@pytest.mark.parametrize("convert", [from_tcvn3, from_vni])
def test_08_under_a_header_in_an_older_code_every_column_is_in_it(tmp_path: Path, convert: Any) -> None:
    """Names of the highlands are no Vietnamese syllables, and "Hoàng Trò" is one way of typing Hồng Trị and another."""
    names = ["H'Ber Niê", "Y Suôt Mlô", "Y Bhiông Kbuôr", "Nguyễn Thị Hòa"]
    home = {"province": "Cao Bằng", "district": "Bảo Lạc", "commune": "Hồng Trị"}
    typed = table(*(home | {"dose_record_id": f"M{i}", "full_name": name} for i, name in enumerate(names)))
    rows = clean(tmp_path, {"platform/a.csv": legacy(typed, convert).decode("latin-1")})
    assert [row["full_name"] for row in rows] == names
    assert {row["commune_code"] for row in rows} == {"01342"}
