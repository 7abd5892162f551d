"""One bundle a district for those who have no age key: closed lists, a handing-over record, and password slips to seal.

The bundle (a zip of the closed lists and the record) goes one way, the slips another: one page a unit, to be printed,
folded and sealed. Neither names a person; the slips lie in the private folder of the passwords alone.
"""

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from docx import Document
from docx.enum.section import WD_ORIENT

from analysis.engine import make_private_folder
from analysis.safeguards.audit_log import append_entry, audit_log_of
from analysis.safeguards.keys import write_private
from analysis.settings import RunParameters
from analysis.worklists.finished_run import read_run_mark
from analysis.worklists.issue import MadeList
from analysis.worklists.kinds import KINDS
from analysis.worklists.lines import date_words
from analysis.worklists.register import VALID_DAYS, bundles_folder, lists_folder
from analysis.worklists.unit_heads import UnitHeads

RECORD = "bien-ban-ban-giao.docx"
TITLES = {kind.name: kind.purpose for kind in KINDS}
RECORD_COLUMNS = (
    "TT",
    "Nơi nhận",
    "Danh sách để",
    "Tệp",
    "Số dòng",
    "Phong bì số",
    "Người nhận ký, ghi rõ họ tên",
)
SLIP_COLUMNS = ("Danh sách để", "Tệp", "Mật khẩu")
HANDED_OVER = (
    "Đã bàn giao {lists} tệp danh sách đóng bằng mật khẩu và {envelopes} phong bì mật khẩu niêm phong, giao riêng với "
    "tệp. Phong bì còn nguyên niêm phong khi giao."
)
_BLANK = "……………………………………"


@dataclass(frozen=True)
class Bundle:
    """What was made for one district: fit for a log."""

    unit_code: str
    path: Path
    slips: Path
    lists: int


@dataclass(frozen=True)
class _Head:
    """What stands above the papers of one district."""

    place: str
    as_of: date
    run_id: str
    issued_on: date
    is_simulated: bool

    def days(self) -> str:
        expires = self.issued_on + timedelta(days=VALID_DAYS)
        mark = " DỮ LIỆU MÔ PHỎNG." if self.is_simulated else ""
        return (
            f"Số liệu đến hết ngày {date_words(self.as_of)}. Lần chạy {self.run_id}. Lập ngày "
            f"{date_words(self.issued_on)}, hết hạn ngày {date_words(expires)}.{mark}"
        )


def write_bundles(run: RunParameters, made: Iterable[MadeList], passwords: Path, today: date) -> list[Bundle]:
    """Write a bundle and its slips for each district of the lists just made behind passwords, each with a log entry.

    Lists of a province, or of no place, go in a bundle of their own.
    """
    mark, heads = read_run_mark(run), UnitHeads(run)
    by_district: dict[str, list[MadeList]] = defaultdict(list)
    for one in sorted(made, key=lambda one: (one.unit_code, one.file_name)):
        by_district[heads.district_of(one.unit_code)].append(one)
    make_private_folder(bundles_folder(run))
    return [
        _write_bundle(
            run,
            district,
            lists,
            heads,
            _Head(heads.describe(district)[0], run.as_of, mark["run_id"], today, bool(mark.get("simulated"))),
            passwords,
        )
        for district, lists in sorted(by_district.items())
    ]


def _write_bundle(
    run: RunParameters, district: str, lists: list[MadeList], heads: UnitHeads, head: _Head, passwords: Path
) -> Bundle:
    envelopes = {
        unit: number for number, unit in enumerate(sorted({one.unit_code for one in lists}), start=1)
    }
    names = {unit: heads.describe(unit)[0] for unit in envelopes}
    data = io.BytesIO()
    with ZipFile(data, "w") as bundle:
        bundle.writestr(RECORD, _record(head, lists, names, envelopes))
        for one in lists:
            bundle.write(lists_folder(run) / one.file_name, one.file_name)
    path, slips = bundles_folder(run) / f"{district}.zip", passwords / f"{district}.docx"
    write_private(path, data.getvalue())
    write_private(slips, _slips(head, lists, names, envelopes, passwords))
    append_entry(
        audit_log_of(run.processed),
        {
            "event": "bundle_made",
            "on": head.issued_on.isoformat(),
            "run_id": head.run_id,
            "unit_code": district,
            "lists": len(lists),
            "sha256": hashlib.sha256(data.getvalue()).hexdigest(),
        },
    )
    return Bundle(district, path, slips, len(lists))


def _record(head: _Head, lists: list[MadeList], names: dict[str, str], envelopes: dict[str, int]) -> bytes:
    """Return the record (biên bản bàn giao) as a document: what is handed to whom, with room for every signature."""
    document = _document(head)
    document.sections[0].orientation = WD_ORIENT.LANDSCAPE
    width, height = document.sections[0].page_width, document.sections[0].page_height
    document.sections[0].page_width, document.sections[0].page_height = height, width
    document.add_heading("BIÊN BẢN BÀN GIAO DANH SÁCH RÀ SOÁT DỮ LIỆU TIÊM CHỦNG", 1)
    texts = (
        f"Nơi nhận: {head.place}. {head.days()}",
        "Hôm nay, ngày …… tháng …… năm ………, tại " + _BLANK,
        f"Bên giao: {_BLANK} Chức vụ: {_BLANK}",
        f"Bên nhận: {_BLANK} Chức vụ: {_BLANK}",
        HANDED_OVER.format(lists=len(lists), envelopes=len(envelopes)),
    )
    for text in texts:
        document.add_paragraph(text)
    rows = [
        (
            str(number),
            names[one.unit_code],
            TITLES[one.kind],
            one.file_name,
            str(one.lines),
            str(envelopes[one.unit_code]),
            "",
        )
        for number, one in enumerate(lists, start=1)
    ]
    _add_table(document, RECORD_COLUMNS, rows)
    document.add_paragraph(
        "Danh sách có dữ liệu cá nhân, lưu hành hạn chế: không sao chép, chụp ảnh hay gửi qua mạng xã hội; trả lời trên "
        "chính tệp đã nhận; xong việc thì nộp lại, hủy chậm nhất ngày hết hạn."
    )
    signatures = document.add_table(rows=1, cols=2)
    for cell, side in zip(signatures.rows[0].cells, ("GIAO", "NHẬN"), strict=True):
        cell.text = f"ĐẠI DIỆN BÊN {side}\n(ký, ghi rõ họ tên, đóng dấu)"
    return _bytes_of(document)


def _slips(
    head: _Head, lists: list[MadeList], names: dict[str, str], envelopes: dict[str, int], passwords: Path
) -> bytes:
    """Return the slips: a page a unit with the passwords of its lists, for one sealed envelope."""
    document = _document(head)
    for unit, number in envelopes.items():
        if number > 1:
            document.add_page_break()
        document.add_heading(f"PHIẾU MẬT KHẨU · phong bì số {number}", 1)
        document.add_paragraph(f"Nơi nhận: {names[unit]}. {head.days()}")
        own = [one for one in lists if one.unit_code == unit]
        rows = [(TITLES[one.kind], one.file_name, _password(passwords, one)) for one in own]
        _add_table(document, SLIP_COLUMNS, rows)
        document.add_paragraph(
            "Chỉ người ký nhận trong biên bản bàn giao được mở phong bì. Không chụp ảnh, không gửi cùng tệp; mở xong "
            "danh sách thì hủy phiếu này. Phong bì rách hoặc đã mở: báo lại ngay, không dùng."
        )
    return _bytes_of(document)


def _password(passwords: Path, one: MadeList) -> str:
    return (passwords / f"{Path(one.file_name).stem}.txt").read_text(encoding="utf-8").strip()


def _document(head: _Head) -> Any:
    document = Document()
    document.styles["Normal"].font.name = "Times New Roman"
    document.core_properties.author = ""
    document.core_properties.created = datetime(*head.issued_on.timetuple()[:3])
    return document


def _add_table(document: Any, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = document.add_table(rows=1, cols=len(columns))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, columns, strict=True):
        cell.text = text
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def _bytes_of(document: Any) -> bytes:
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()
