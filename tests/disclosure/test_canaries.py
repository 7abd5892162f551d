"""What is to be published is searched for the run's own people, in every format, before anything switches."""

import base64
import gzip
import io
import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import docx
import nbformat
import pytest
import typst
import xlsxwriter
from pptx import Presentation

from analysis.briefing.documents import run_folder
from analysis.briefing.documents.web_page import export_html
from analysis.errors import CheckError
from analysis.safeguards.audit_log import AUDIT_LOG, read_entries
from analysis.safeguards.byte_texts import texts_of
from analysis.safeguards.canaries import Search, persons_in
from conftest import PublishedRun, run_province
from golden.tiny_intake import CITIZENS

NAME, NUMBER = CITIZENS["duc"].name, CITIZENS["duc"].citizen_id
PNG = bytes.fromhex("89504e470d0a1a0a")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(kind: bytes, body: bytes) -> bytes:
    return PNG + chunk(b"IHDR", bytes(13)) + chunk(kind, body) + chunk(b"IEND", b"")


def word(*runs: str) -> bytes:
    document, buffer = docx.Document(), io.BytesIO()
    paragraph = document.add_paragraph()
    for text in runs:
        paragraph.add_run(text).bold = len(text) % 2 == 0
    document.save(buffer)
    return buffer.getvalue()


def workbook(*pieces: str) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        bold, sheet = book.add_format({"bold": True}), book.add_worksheet()
        if len(pieces) == 1:
            sheet.write_string(0, 0, *pieces)
        else:  # one cell in several forms of letters
            sheet.write_rich_string(0, 0, *(part for piece in pieces for part in (bold, piece)))
    return buffer.getvalue()


def slide(*runs: str, is_noted: bool = False) -> bytes:
    show, buffer = Presentation(), io.BytesIO()
    page = show.slides.add_slide(show.slide_layouts[5])
    frame = page.notes_slide.notes_text_frame if is_noted else page.shapes.title.text_frame
    for text in runs:
        frame.paragraphs[0].add_run().text = text
        frame.paragraphs[0].runs[-1].font.bold = len(text) % 2 == 0
    show.save(buffer)
    return buffer.getvalue()


def pdf(text: str) -> bytes:
    source = f'#set text(size: 9pt, weight: "regular")\n#set document(title: "x")\nx *{text}* x'
    return bytes(typst.compile(source.encode(), format="pdf"))


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def page(data: bytes, kind: str) -> bytes:
    return b'<html><img src="data:%s;base64,%s"></html>' % (kind.encode(), base64.b64encode(data))


CARRIERS: dict[str, Callable[[str], bytes]] = {
    "text.html": lambda v: f"<html><p>của <b>{v}</b>, x</p></html>".encode(),
    "attribute.html": lambda v: f'<html><img alt="của {v}"></html>'.encode(),
    "remark.html": lambda v: f"<html><!-- {v} --></html>".encode(),
    "picture.html": lambda v: page(f"<svg><title>{v}</title></svg>".encode(), "image/svg+xml"),
    "table.csv": lambda v: f"unit,who\n02,{v}\n".encode("utf-8-sig"),
    "wide.csv": lambda v: f"unit\t{v}\n".encode("utf-16"),
    "table.csv.gz": lambda v: gzip.compress(f"02,{v}\n".encode()),
    "whole.docx": lambda v: word("x ", v, " x"),
    "split.docx": lambda v: word("x ", v[:4], v[4:9], v[9:]),
    "whole.xlsx": lambda v: workbook(v),
    "split.xlsx": lambda v: workbook("x ", v[:4], v[4:9], v[9:], " x"),
    "split.pptx": lambda v: slide("x ", v[:4], v[4:9], v[9:]),
    "notes.pptx": lambda v: slide(v, is_noted=True),
    "printed.pdf": pdf,
    "titled.pdf": lambda v: bytes(typst.compile(f'#set document(title: "{v}")\nx'.encode(), format="pdf")),
    "text.png": lambda v: png(b"tEXt", b"Title\0" + NUMBER.encode()),
    "packed.png": lambda v: png(b"zTXt", b"Title\0\0" + zlib.compress(NUMBER.encode())),
    "worded.png": lambda v: png(b"iTXt", b"Title\0\0\0vi\0T\0" + v.encode()),
    "worded and packed.png": lambda v: png(b"iTXt", b"Title\0\1\0vi\0T\0" + zlib.compress(v.encode())),
    "behind.png": lambda v: png(b"IDAT", b"") + v.encode(),
    "in a page.html": lambda v: page(png(b"iTXt", b"Title\0\0\0vi\0T\0" + v.encode()), "image/png"),
    "package.zip": lambda v: zipped("inner.zip", zipped("a.json", json.dumps([v], ensure_ascii=False).encode())),
    "damaged.zip": lambda v: b"PK\x03\x04 " + v.encode(),
    "damaged.csv.gz": lambda v: b"\x1f\x8b " + v.encode(),
    "member name.zip": lambda v: zipped(f"{v}.txt", b""),
}  # fmt: skip


@pytest.mark.parametrize("value", [NAME, NAME.upper(), NUMBER], ids=["name", "capitals", "number"])
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_person_is_found_in_every_format(
    tiny: PublishedRun, tmp_path: Path, carrier: str, value: str
) -> None:
    path = tmp_path / carrier
    path.write_bytes(CARRIERS[carrier](value))
    assert persons_in(tiny.run, {carrier: path}) == {carrier: 1}


VALUES = {
    "number of a card": ("002092004321", 1),
    "old number": ("073123456", 1),
    "passport": ("X1234567", 1),
    "with a zero more": ("0073123456", 0),
    "inside a hash": ("a002092004321b", 0),
    "after a decimal point": ("0.002092004321x", 0),
    "name": ("ông Sùng Mí Vàng ở Vị Xuyên", 1),
    "part of a name": ("Sùng Mí", 0),
    "typed without marks": ("NGUYEN THI HOA", 1),
    "small letters": ("hoàng văn nam", 0),
    "across a full stop": ("Hoàng. Văn Nam", 0),
    "two syllables with the day of birth": ("John Example, sinh ngày 1/2/1980", 1),
    "two syllables with another day": ("John Example, sinh ngày 2/2/1980", 0),
    "two syllables": ("John Example", 0),
    "units": ("Trung tâm Y tế TP Hà Giang, Thành phố Hồ Chí Minh, Huyện Trần Văn Thời 07/11/2021", 0),
    "counts": ("387.978; 1234567890123; 123456789; 65,85%; 2021-11-07", 0),
    "nobody's": ("0000000000 65535 f; 000000000000", 0),
}


@pytest.mark.parametrize("case", VALUES)
def test_what_is_a_person_and_what_is_not(tiny: PublishedRun, tmp_path: Path, case: str) -> None:
    text, number = VALUES[case]
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert sum(persons_in(tiny.run, {"a": path}).values()) == number


def test_what_an_operator_wrote_on_the_page_is_no_leak(tiny: PublishedRun, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{NAME} đã duyệt", encoding="utf-8")
    written = replace(tiny.run, accept_change=f"{NAME} duyệt")
    assert persons_in(tiny.run, {"a": tmp_path / "a"}) and not persons_in(written, {"a": tmp_path / "a"})


def test_the_run_itself_holds_nobody(tiny: PublishedRun) -> None:
    files = {p.name: p for p in tiny.folder.rglob("*") if p.is_file()}
    assert len(files) > 10 and persons_in(tiny.run, files) == {}


def test_a_member_that_stands_beside_its_archive_is_read_once_and_no_other_is_missed(
    tiny: PublishedRun, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(NAME, encoding="utf-8")
    (tmp_path / "all.zip").write_bytes(zipped("a.txt", NAME.encode()))
    files = {name: tmp_path / name for name in ("a.txt", "all.zip")}
    assert persons_in(tiny.run, files) == {"a.txt": 1}
    (tmp_path / "all.zip").write_bytes(zipped("a.txt", f"{NAME} ".encode()))
    assert persons_in(tiny.run, files) == {"a.txt": 1, "all.zip": 1}


def test_a_printed_page_is_read_letter_by_letter(tiny: PublishedRun) -> None:
    texts = list(texts_of(next(tiny.folder.glob("02-*.pdf")).read_bytes()))
    assert any("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text for text in texts)


def test_a_name_is_of_three_to_six_words() -> None:
    search = Search(frozenset(["hà giang vị"]))
    search.read("Hà Giang Vị\u00a0Xuyên; Một Hai", "a")
    assert set(search.names) == {"giang vị xuyên", "hà giang vị xuyên"}


def test_executed_notebooks_keep_their_label_and_make_no_page(tiny: PublishedRun, tmp_path: Path) -> None:
    folder = tiny.run.restricted / "run"
    labels = {p.stem: nbformat.read(p, 4).metadata["baophu"]["zone"] for p in sorted(folder.glob("*.ipynb"))}
    assert labels == {
        "1_clean": "restricted",
        "2_reconcile": "restricted",
        "3_coverage": "restricted",
        "4_trends": "aggregate",
        "5_briefing-02": "publishable",
    }
    for name in [name for name, label in labels.items() if label != "publishable"]:
        with pytest.raises(CheckError, match=f"{name}.ipynb: its label says"):
            export_html(folder / f"{name}.ipynb", tmp_path / "page.html")


def copied(tiny: PublishedRun, base: Path) -> Path:
    """Copy the finished run, so that a test may spoil it."""
    shutil.copytree(tiny.run.raw.parent, base, symlinks=True)
    return base


def test_a_run_that_would_publish_a_person_publishes_nothing(
    tiny: PublishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    base = copied(tiny, tmp_path / "base")
    before = sorted(p.name for p in (base / "reports" / ".runs").iterdir())
    write_index = run_folder.write_index

    def leak(*arguments: object, **options: object) -> None:
        path = write_index(*arguments, **options)  # type: ignore[arg-type]
        path.write_text(f"{path.read_text('utf-8')}<!-- {NAME} {NUMBER} -->", encoding="utf-8")

    monkeypatch.setattr(run_folder, "write_index", leak)
    assert run_province(base, "--accept-change", "lượt khác") == 4
    printed = "".join(capfd.readouterr())
    assert "index.html: data of a person" in printed and "nothing was published" in printed
    assert not [v for v in (NAME, NUMBER) if v in printed]
    assert sorted(p.name for p in (base / "reports" / ".runs").iterdir()) == before
    assert not list((base / "reports" / ".staging").iterdir())
    entry = read_entries(base / "processed" / AUDIT_LOG)[-1]
    assert (entry["event"], entry["files"]) == ("persons_found", {"index.html": 2})
    restricted = base / "processed" / tiny.run.processed.name / "restricted"
    unsafe = json.loads((restricted / "run" / "unsafe.json").read_text("utf-8"))
    assert (restricted / "unsafe" / unsafe["run_id"] / "index.html").is_file()
    monkeypatch.undo()
    assert run_province(base, "--accept-change", "lượt khác") == 0
    assert not (restricted / "run" / "unsafe.json").exists()
