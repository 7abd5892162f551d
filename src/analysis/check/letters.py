"""Notes to the sending units of what to mend ("phiếu đề nghị sửa"), one short document a unit.

A note names files and headers by the rule for what leaves the restricted zone and points at cells by their place;
no cell's value stands in it.
"""

import io
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from docx import Document

from analysis.check.findings import FileFinding, Findings
from analysis.check.output import is_mended_by_sender, shown_names
from analysis.check.wording import place_text, sentence
from analysis.intake.headers.words import header_key
from analysis.intake.naming import ShownNames
from analysis.reference import read_provinces

_FOLDERS = {
    "platform": "dữ liệu mũi tiêm",
    "registry": "dữ liệu dân cư",
    "daily_reports": "báo cáo ngày",
    "population": "dân số",
    "feedback": "phản ánh",
    "facilities": "cơ sở tiêm chủng",
    "decisions": "quyết định",
    "rosters": "danh sách đối tượng",
}
_COLUMNS = ("Chỗ cần sửa", "Nội dung")


def write_letters(findings: Findings, folder: Path, as_of: date) -> list[Path]:
    """Write a note for each unit whose files have something to mend; returns the files, none where all is well."""
    by_sender: dict[str, list[FileFinding]] = defaultdict(list)
    for file in findings.files:
        if is_mended_by_sender(file) and file.status != "ignored":
            by_sender[file.sender or ""].append(file)
    if not by_sender:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    names, units = shown_names(findings), _province_names()
    paths = []
    for sender, files in sorted(by_sender.items()):
        path = folder / f"{_stem(sender, units)}.docx"
        path.write_bytes(_letter(units.get(sender, ""), files, names, as_of))
        paths.append(path)
    return paths


def _province_names() -> dict[str, str]:
    rows = read_provinces()[["province_code", "province_full_name"]]
    return dict(rows.itertuples(index=False))


def _stem(sender: str, units: dict[str, str]) -> str:
    stem = "phieu-de-nghi-sua"
    return f"{stem}-{sender}-{header_key(units.get(sender, ''))}" if sender else stem


def _letter(unit: str, files: list[FileFinding], names: ShownNames, as_of: date) -> bytes:
    document: Any = Document()
    document.add_heading("PHIẾU ĐỀ NGHỊ SỬA DỮ LIỆU", level=1)
    document.add_paragraph(f"Kính gửi: {unit or '…………………………………………'}")
    document.add_paragraph(
        f"Các tệp dưới đây của kỳ số liệu đến ngày {as_of:%d/%m/%Y} có chỗ chưa dùng được. Đề nghị đơn vị sửa ngay trong "
        "tệp gốc rồi gửi lại cả tệp. Số dòng, chữ cột là số dòng, chữ cột của bảng tính. Phiếu không ghi thông tin của người dân."
    )
    for number, file in enumerate(files, start=1):
        _add_file(document, number, file, names)
    # The same findings give the same bytes, whenever they are written.
    properties = document.core_properties
    properties.author, properties.title = "Bao phủ", "Phiếu đề nghị sửa dữ liệu"
    properties.created = properties.modified = datetime(as_of.year, as_of.month, as_of.day)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _add_file(document: Any, number: int, file: FileFinding, names: ShownNames) -> None:
    shown = names.show("file", file.file)
    # A name that may be a person's is left to whoever sends the note.
    named = shown if shown == file.file else f"{shown} (tên tệp: ……………………………)"
    document.add_heading(f"{number}. {_FOLDERS[file.kind].capitalize()}: {named}", level=2)
    table = document.add_table(rows=1, cols=len(_COLUMNS))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, _COLUMNS, strict=True):
        cell.text = text
    for problem in file.problems:
        if not problem.is_note:
            cells = table.add_row().cells
            places = [place_text(place, "vi") for place in problem.where.split(", ") if place]
            cells[0].text = ", ".join(places) or "cả tệp"
            cells[1].text = sentence(problem, file.kind, "vi", names)
