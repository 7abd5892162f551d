"""Containers: every kind of workbook is read alike, every other kind of file has one reason and what to do."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from old_workbooks import Cells, ods, packed, xls, xlsb
from staged_samples import open_files, refusal

ROWS: Cells = [
    ["SỞ Y TẾ HÀ GIANG"],
    ["Họ và tên người được tiêm", "Ngày sinh", "Số CCCD", "Ngày tiêm chủng", "Lần tiêm"],
    ["Nguyễn Thị Hòa", "25/03/1985", "002185001234", date(2021, 8, 15), "1"],
    [],
    ["Sùng Mí Vàng", "1986", "", "16/08/2021", "2"],
]


@pytest.mark.parametrize(
    ("name", "write"), [("a.xls", xls), ("a.xlsb", xlsb), ("a.ods", ods), ("b.csv", ods)]
)
def test_17_workbooks_of_other_containers_are_read(
    tmp_path: Path, name: str, write: Callable[[Cells], bytes]
) -> None:
    intake, rows = open_files(tmp_path, {name: write(ROWS)})
    assert intake.set_aside == []
    assert {staged.source_file for staged in intake.staged} == {f"platform/{name}#DS"}
    assert [(row["source_row"], row["full_name"]) for row in rows] == [
        (1, "Nguyễn Thị Hòa"),
        (3, "Sùng Mí Vàng"),
    ]
    assert (rows[0]["id_number"], rows[0]["vaccination_date"][:10]) == ("002185001234", "2021-08-15")
    assert [row["dose_number"] for row in rows] == ["1", "2"]


@pytest.mark.parametrize(("name", "write"), [("a.xls", xls), ("a.xlsb", xlsb)])
def test_18_old_workbooks_that_count_from_1904(
    tmp_path: Path, name: str, write: Callable[..., bytes]
) -> None:
    counted = {base: write(ROWS, from_1904=base) for base in (False, True)}
    assert counted[False] != counted[True]
    for base, content in counted.items():
        _, rows = open_files(tmp_path / str(base), {name: content})
        assert rows[0]["vaccination_date"][:10] == "2021-08-15"


def test_17_a_hidden_sheet_of_an_old_workbook_is_not_read(tmp_path: Path) -> None:
    assert refusal(tmp_path, xls(ROWS, hidden=True))[0] == "file_empty"


@pytest.mark.parametrize("write", [xls, xlsb, ods])
def test_03_a_workbook_of_another_container_cut_in_two(
    tmp_path: Path, write: Callable[[Cells], bytes]
) -> None:
    whole = write(ROWS)
    assert refusal(tmp_path, whole[: len(whole) // 2])[0] == "file_unreadable"


def test_17_32_an_open_document_with_a_password_or_macros(tmp_path: Path) -> None:
    locked = ods(ROWS, manifest="<manifest:encryption-data/>")
    assert refusal(tmp_path / "1", locked)[0] == "password_protected"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    parts = {
        "mimetype": kind,
        "content.xml": "<x/>",
        "META-INF/manifest.xml": "<x/>",
        "Basic/script-lc.xml": "<x/>",
    }
    assert refusal(tmp_path / "2", packed(dict(parts)))[0] == "macro_workbook"


DOCX = packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
ODT = packed(
    {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": "<x/>",
        "META-INF/manifest.xml": "",
    }
)


@pytest.mark.parametrize(
    ("content", "what", "advice"),
    [
        (DOCX, "a Word document", "save that as .xlsx"),
        (ODT, "an OpenDocument text", "save that as .xlsx"),
        (
            packed({"[Content_Types].xml": "", "ppt/presentation.xml": ""}),
            "a presentation",
            "save that as .xlsx",
        ),
        (
            packed({"Index/Document.iwa": "", "preview.jpg": ""}),
            "an Apple Numbers document",
            "save it as .xlsx",
        ),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document", "ask for the workbook"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a picture", "ask for the table"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture", "ask for the table"),
        (b"BM" + bytes(60), "a picture", "ask for the table"),
        (bytes(3) + b"\x18ftypheic" + bytes(40), "a picture", "ask for the table"),
        (b"Rar!\x1a\x07\x00" + bytes(20), "an archive of another kind", "pack it as .zip"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "an archive of another kind", "pack it as .zip"),
        (b"{\\rtf1\\ansi x}", "a text document", "save that as .xlsx"),
        (b"SQLite format 3\x00" + bytes(90), "a database", "as .csv"),
        (b"\x00\x01\x00\x00Standard ACE DB\x00" + bytes(90), "an Access database", "as .xlsx"),
    ],
)
def test_32_another_kind_of_file_has_one_reason_and_what_to_do(
    tmp_path: Path, content: bytes, what: str, advice: str
) -> None:
    reason, detail = refusal(tmp_path, content)
    assert reason == "format_unknown"
    assert detail.startswith(what)
    assert advice in detail


def test_32_xml_of_old_excel_says_what_to_do(tmp_path: Path) -> None:
    reason, detail = refusal(tmp_path, b'<?xml version="1.0"?><Workbook/>')
    assert (reason, detail.endswith("save it as .xlsx")) == ("html_renamed", True)


def test_a_table_that_begins_like_a_picture_is_a_table(tmp_path: Path) -> None:
    _, rows = open_files(tmp_path, {"a.csv": "BMI,Họ và tên,Ngày tiêm\n20,Lý Văn Ba,1/9/2021\n"})
    assert [row["full_name"] for row in rows] == ["Lý Văn Ba"]


@pytest.mark.parametrize(
    ("row", "cell"),
    [(' table:number-rows-repeated="1000000"', ""), ("", ' table:number-columns-repeated="16384"')],
)
def test_04_an_open_document_that_repeats_its_cells(tmp_path: Path, row: str, cell: str) -> None:
    with zipfile.ZipFile(io.BytesIO(ods(ROWS))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = parts["content.xml"].decode()
    old = '<table:table-row><table:table-cell office:value-type="string"><text:p>Sùng'
    assert old in content
    new = f'<table:table-row{row}><table:table-cell office:value-type="string"{cell}><text:p>Sùng'
    assert refusal(tmp_path, packed({**parts, "content.xml": content.replace(old, new)}))[0] == "archive_bomb"
