"""Rows 24 and 25 from export to page: hostile text in every place that comes from outside does nothing.

Names, facilities and unknown headers never reach a published file; a denominator's source does, as text.
"""

import csv
import html
import os
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis.briefing.figures.wording import TEMPLATES
from conftest import run_province
from disclosure.byte_search import leaks
from golden.tiny_intake import AS_OF, DOSES, PLATFORM_HEADER, platform_row, write_tiny_intake

MARK = "qzx7"
ATTACKS = [
    f'=HYPERLINK("http://{MARK}.vn";"x")',
    f"<script>{MARK}</script>",
    f"<img src=x onerror={MARK}>",
    f"[{MARK}](http://{MARK}.vn)",
    f"\\input{{{MARK}}}",
    f"\x1b[31m{MARK}\x1b[0m\u202e",
    f"+{MARK}",
    f"@{MARK}",
    f"{{{{ 7*7 }}}}{MARK}",
    f"🙂{MARK}" * 2_000,
]
SOURCE = "=cmd|' /C calc'!A0 <script>alert(1)</script> \"kế hoạch\" \\input{x} {{ 7*7 }}"
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, name) for name, _ in attrs] or [(tag, "")]


def write_hostile_intake(raw: Path) -> None:
    """Write the tiny province with attacks in names, facilities, notes, headers, file names and sources."""
    write_tiny_intake(raw)
    rows = [platform_row(DOSES[0]) for _ in range(12 * len(ATTACKS))]
    for number, row in enumerate(rows):
        attack = ATTACKS[number % len(ATTACKS)]
        row[0], row[1], row[-2] = f"H{number}", attack, attack
        if number % 3 == 0:
            row[6:9] = [attack, attack, attack]
    name = f"=x\x1b[31m\u202e{MARK}.csv" if os.name == "posix" else f"{MARK}.csv"
    with (raw / "platform" / name).open("w", encoding="utf-8", newline="") as file:
        header = [*PLATFORM_HEADER, f"=x {MARK}<script>\x1b[31m\u202e"]
        csv.writer(file).writerows([header, *([*row, ATTACKS[0]] for row in rows)])
    population = raw / "population" / "population.csv"
    lines = population.read_text(encoding="utf-8").splitlines()
    cell = '"' + ("\u202e\x1b[31m" + SOURCE).replace('"', '""') + '"'
    population.write_text(
        "\n".join(x.replace("Kế hoạch tỉnh (mô phỏng)", cell) for x in lines) + "\n", "utf-8"
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of the hostile intake.

    A third of its rows name a province that is none: sources fault-27 stops it until a person accepts that.
    """
    base = tmp_path_factory.mktemp("hostile")
    write_hostile_intake(base / "raw")
    assert run_province(base) == 4
    assert not (base / "reports" / AS_OF).exists()
    assert run_province(base, "--accept-change", "Thử: tệp có chữ lạ") == 0
    return base


def test_27_accepted_unmapped_places_are_said_on_the_page(hostile: Path) -> None:
    page = html.unescape((hostile / "reports" / AS_OF / "02-ha-giang.html").read_text(encoding="utf-8"))
    assert "tỷ lệ % bản ghi không rõ tỉnh (Cả nước): 27,59" in page
    assert "Lý do ghi lại: “Thử: tệp có chữ lạ”" in page


def test_24_25_hostile_text_reaches_no_published_file(hostile: Path) -> None:
    folder = hostile / "reports" / AS_OF
    assert leaks([folder], [MARK]) == []
    for path in folder.rglob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]
        assert sheets and not any(b"<f" in sheet for sheet in sheets), "a formula"
    assert leaks([hostile / "processed" / AS_OF / "restricted"], [MARK])


DESCRIBED = '<script type="application/ld+json">'


def test_25_a_source_of_unknown_words_is_a_number_on_every_page(hostile: Path) -> None:
    folder = hostile / "reports" / AS_OF
    for page in folder.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        # The index page has one script, its own, and what describes its tables: the policy allows no other.
        own = f"<script>{(TEMPLATES / 'portal.js').read_text(encoding='utf-8')}</script>"
        assert text.count(own) == text.count(DESCRIBED) == (page.name == "index.html")
        found = Elements(text.replace(own, "").replace(DESCRIBED, "<p>")).found
        assert not [f for f in found if f[0] in ("script", "iframe", "object") or f[1].startswith("on")]
        assert not UNSEEN.search(text)
    page = html.unescape((folder / "02-ha-giang.html").read_text(encoding="utf-8"))
    assert "text:" in page and "alert(1)" not in page


def test_24_no_cell_of_a_table_is_a_formula(hostile: Path) -> None:
    cells = 0
    for path in (hostile / "reports" / AS_OF / "tables").glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig")
        assert not UNSEEN.search(text)
        for row in csv.reader(text.splitlines()):
            cells += len(row)
            assert not [c for c in row if re.match(r"\s*[=+@\t\r]|\s*-(?![\d.]+$)", c)]
    assert cells > 100


@pytest.mark.skipif(os.name != "posix", reason="such a file name cannot be written elsewhere")
def test_25_a_refusal_shows_no_control_sign_of_a_file_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "raw" / "platform").mkdir(parents=True)
    (tmp_path / "raw" / "platform" / "x\x1b[31m\u202e\ny.csv").write_text("")
    assert run_province(tmp_path) == 3
    printed = capsys.readouterr().err
    assert "file_empty" in printed and not UNSEEN.search(printed.replace("\n", ""))
    assert len([x for x in printed.splitlines() if x.startswith("baophu: ")]) == 1
