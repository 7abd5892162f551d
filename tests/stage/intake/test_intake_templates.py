"""Templates for provinces: filled in as Excel would, each is read whole; empty, they hold nothing to count."""

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.clean.decisions import DECISIONS
from analysis.clean.fields.sites import FACILITIES
from analysis.clean.report_kinds import report_kinds
from analysis.intake.headers.finding import PLATFORM, ROSTER
from analysis.intake.template_columns import Template, templates
from analysis.intake.templates import HEADER_ROW, NOT_OFFICIAL, write_templates
from clean_samples import clean
from staged_samples import open_files

SCHEMAS = {
    schema.kind: schema
    for schema in (PLATFORM, ROSTER, DECISIONS, FACILITIES, *(kind.schema for kind in report_kinds()))
}
NAMES = sorted(templates())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    paths = write_templates(tmp_path_factory.mktemp("templates") / "new")
    return {path.stem.removeprefix("mau-"): path.read_bytes() for path in paths}


def filled(content: bytes, cells: Iterable[str]) -> bytes:
    """Return a template with one row typed below its header."""
    number = HEADER_ROW + 2
    typed = "".join(
        f'<c r="{chr(65 + i // 26 - 1) if i > 25 else ""}{chr(65 + i % 26)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for i, cell in enumerate(cells)
        if cell
    )
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            data = old.read(part)
            if part == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", f'<row r="{number}">{typed}</row></sheetData>'.encode())
            new.writestr(part, data)
    return buffer.getvalue()


def example(template: Template) -> list[str]:
    return [column.example for column in template.columns]


def test_every_folder_that_provinces_send_has_a_template() -> None:
    assert set(NAMES) == set(SCHEMAS)


@pytest.mark.parametrize("name", NAMES)
def test_a_filled_template_is_read_whole(tmp_path: Path, written: dict[str, bytes], name: str) -> None:
    template = templates()[name]
    content = filled(written[name], example(template))
    intake, rows = open_files(tmp_path, {f"mau-{name}.xlsx": content}, SCHEMAS[name])
    assert [(aside.reason_code, aside.source_file.split("#")[1]) for aside in intake.set_aside] == [
        ("sheet_ignored", "Hướng dẫn"),
        ("sheet_ignored", "Danh mục"),
    ]
    assert [staged.unknown_columns for staged in intake.staged] == [()]
    assert {column.field: rows[0][column.field] or "" for column in template.columns} == {
        column.field: column.example for column in template.columns
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_template_holds_no_row(tmp_path: Path, written: dict[str, bytes], name: str) -> None:
    intake, rows = open_files(tmp_path, {"a.xlsx": written[name]}, SCHEMAS[name])
    assert rows == []
    assert [aside.reason_code for aside in intake.set_aside] == ["file_empty"]


@pytest.mark.parametrize("name", NAMES)
def test_a_template_marks_what_is_required_and_allows_its_example(name: str) -> None:
    columns = templates()[name].columns
    assert {c.field for c in columns if c.is_required} >= set(SCHEMAS[name].required)
    assert [c.field for c in columns if c.is_required and not c.example] == []
    assert [c.field for c in columns if c.values and c.example not in c.values] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_template_says_what_it_is_not(written: dict[str, bytes], name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(written[name])) as archive:
        texts = re.findall(r"<t[^>]*>([^<]*)</t>", archive.read("xl/sharedStrings.xml").decode())
    assert NOT_OFFICIAL in texts
    assert any("không phải biểu mẫu của Bộ Y tế" in text and "điền từ dòng" in text for text in texts)


def test_a_filled_platform_template_is_cleaned_without_a_reason(
    tmp_path: Path, written: dict[str, bytes]
) -> None:
    content = filled(written["platform"], example(templates()["platform"]))
    (row,) = clean(tmp_path, {"platform/a.xlsx": content})
    assert (row["commune_code"], row["vaccine"], row["reason_codes"]) == ("00745", "AstraZeneca", [])


def test_templates_are_the_same_bytes_again(tmp_path: Path, written: dict[str, bytes]) -> None:
    again = {path.stem.removeprefix("mau-"): path.read_bytes() for path in write_templates(tmp_path / "a")}
    assert again == written


def test_the_command_writes_once_and_never_over_a_filled_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["templates", "--out", str(tmp_path / "new")]) == 0
    assert "8 templates" in capsys.readouterr().out
    assert main(["templates", "--out", str(tmp_path / "new")]) == 2
    assert "may be filled in" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert main(["templates", "--out", str(tmp_path / "file")]) == 2
