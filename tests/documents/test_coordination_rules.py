"""The model of coordination rules: what is committed is what the text gives, and every rule names its ground."""

import re
import zipfile
from pathlib import Path

import docx

from analysis.briefing.coordination_rules import FILE, MARK, write_coordination_rules
from analysis.briefing.documents.word_styles import LOOKS
from analysis.briefing.figures.wording import TEMPLATES

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "templates" / FILE
KNOWN = {"8938/BYT-DP", "9438/BYT-CNTT", "9458/BYT-CNTT"}


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:  # how they are packed depends on the machine's zlib
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_committed_model_is_what_its_text_gives(tmp_path: Path) -> None:
    assert members(write_coordination_rules(tmp_path)) == members(COMMITTED)


def test_it_is_marked_as_a_proposal_and_styled_throughout() -> None:
    document = docx.Document(str(COMMITTED))
    heads = (document.sections[0].header, document.sections[0].first_page_header)
    assert all(MARK in "".join(p.text for p in head.paragraphs) for head in heads)
    assert {p.style.name for p in document.paragraphs} <= {look.name for look in LOOKS.values()}
    assert next(p.text for p in document.paragraphs if p.style.name == "Heading 2") == "Điều 1. Phạm vi"
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows[0] == ["Việc", "Chủ trì", "Phối hợp", "Thời hạn", "Căn cứ"] and all(map(all, rows))


def test_every_document_it_names_is_known_and_every_other_term_is_a_proposal() -> None:
    text = (TEMPLATES / "coordination_rules.txt").read_text(encoding="utf-8")
    assert set(re.findall(r"\d{4}/BYT-\w+", text)) == KNOWN
    timed = [line for line in text.splitlines() if re.search(r"\d+ (?:ngày|giờ)", line) and line[0].isdigit()]
    assert len(timed) > 4 and all("đề xuất" in line or "9458" in line for line in timed)
