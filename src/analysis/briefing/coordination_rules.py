"""An editable model of the rules by which a commune's health station and police work together (DOCX), a proposal.

    python -m analysis.briefing.coordination_rules FOLDER

Its text stands in `templates/coordination_rules.txt`, each rule with the ministry's dispatch it rests on (8938/BYT-DP,
9438/BYT-CNTT, 9458/BYT-CNTT) or the word "đề xuất".
"""

import io
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from docx.oxml import parse_xml

from analysis.briefing.documents.word_document import TEXT_WIDTH, repacked
from analysis.briefing.documents.word_parts import (
    HEADER_FILL,
    append_xml,
    cell_xml,
    paragraph_xml,
    row_xml,
    table_xml,
)
from analysis.briefing.documents.word_styles import new_document
from analysis.briefing.figures.wording import TEMPLATES

FILE = "quy-che-phoi-hop.docx"
MARK = "MẪU ĐỀ XUẤT – CHƯA PHẢI VĂN BẢN ĐÃ BAN HÀNH"
TITLE = "QUY CHẾ PHỐI HỢP"
SUBJECT = "giữa trạm y tế và công an xã trong xác minh, nhập và sửa thông tin\ntiêm vắc xin phòng COVID-19 tại xã ………"
BASIS = "(Kèm theo Quyết định số ……/QĐ-UBND ngày …… tháng …… năm …… của Ủy ban nhân dân xã ………)"
HEAD = (
    ("superior", "ỦY BAN NHÂN DÂN HUYỆN ………"),
    ("organisation", "ỦY BAN NHÂN DÂN XÃ ………"),
    ("kind", TITLE),
    ("subject", SUBJECT),
    ("day", BASIS),
    ("gap", ""),
)
SIGNED = ("TRẠM TRƯỞNG TRẠM Y TẾ", "TRƯỞNG CÔNG AN XÃ", "TM. ỦY BAN NHÂN DÂN XÃ\nCHỦ TỊCH")
SHARES = (27, 17, 20, 17, 19)  # of the width, for the table of who does what
DAY = datetime(2021, 11, 8)
Styles = Mapping[str, str]


def write_coordination_rules(folder: Path) -> Path:
    """Write the model; the same text gives the same bytes."""
    document, styles = new_document("vi")
    part = document.sections[0]
    for place in (part.header, part.first_page_header):
        xml = paragraph_xml(styles["mark"], MARK).replace(
            "<w:p>", f'<w:p xmlns:w="{place._element.nsmap["w"]}">', 1
        )
        place._element.append(parse_xml(xml))
        place._element.remove(place.paragraphs[0]._p)
    for style, text in HEAD:
        append_xml(document, paragraph_xml(styles[style], text))
    for xml in _paragraphs(styles):
        append_xml(document, xml)
    append_xml(document, paragraph_xml(styles["gap"]))
    append_xml(document, _signatures(styles))
    properties = document.core_properties
    properties.title, properties.author, properties.comments = f"{TITLE} {SUBJECT}", "", MARK
    properties.created = properties.modified = DAY
    properties.last_modified_by, properties.language = "", "vi"
    buffer = io.BytesIO()
    document.save(buffer)
    path = folder / FILE
    path.write_bytes(repacked(buffer.getvalue()))
    return path


def _paragraphs(styles: Styles) -> Iterator[str]:
    """Yield the text's paragraphs, its table in one piece."""
    rows: list[list[str]] = []
    looks = {"=": "section", "-": "request", "§": "note"}
    for line in (TEMPLATES / "coordination_rules.txt").read_text(encoding="utf-8").splitlines()[1:]:
        if line.startswith("|"):
            rows.append([text.strip() for text in line[1:].split("|")])
            continue
        if rows:
            yield _table(rows, styles)
            rows = []
        is_marked = line[:1] in looks
        yield paragraph_xml(styles[looks.get(line[:1], "text")], line[2:] if is_marked else line)


def _table(rows: list[list[str]], styles: Styles) -> str:
    widths = [TEXT_WIDTH * share // 100 for share in SHARES]
    lines = []
    for i, row in enumerate(rows):
        look, fill = ("head", HEADER_FILL) if i == 0 else ("cell", "")
        cells = (cell_xml(w, paragraph_xml(styles[look], t), fill) for w, t in zip(widths, row, strict=True))
        lines.append(row_xml(cells, is_header=i == 0))
    return table_xml(widths, lines)


def _signatures(styles: Styles) -> str:
    widths = [TEXT_WIDTH // len(SIGNED)] * len(SIGNED)
    cells = (
        cell_xml(w, paragraph_xml(styles["signed_as"], who) + paragraph_xml(styles["signature"]), side="top")
        for w, who in zip(widths, SIGNED, strict=True)
    )
    return table_xml(widths, [row_xml(cells)], has_grid=False)


if __name__ == "__main__":
    write_coordination_rules(Path(sys.argv[1]))
