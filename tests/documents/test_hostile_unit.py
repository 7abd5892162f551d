"""A unit with everything that can go wrong in names and figures, in every format; and LibreOffice opens them all."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest
from pptx import Presentation
from pypdf import PdfReader

from analysis.briefing.figures import units
from analysis.safeguards.byte_texts import texts_of
from analysis.settings import RunParameters

Sample = Callable[..., RunParameters]
Tables = dict[str, pd.DataFrame]
# Markup of HTML, Typst, Jinja, spreadsheets and fields of Word, in a name of 40 letters.
HOSTILE = "Huyện <b>=1+1</b>#x*_${{7}}&\"\\'[@]~ ạẵ ốừ"
LONG = "Huyện " + "Nguyễn Trường Thượng Phước Đường Quỳnh"[:34]


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give two districts of Hà Giang a hostile name and a name of 40 letters."""
    table = units._unit_table().copy()
    for code, name in (("026", HOSTILE), ("030", LONG)):
        table.loc[table["district_code"] == code, "district_name"] = name
    assert len(HOSTILE) >= 40 and len(LONG) >= 40
    caches = (units.provinces, units.districts)
    monkeypatch.setattr(units, "_unit_table", lambda: table)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def zeros(tables: Tables) -> None:
    for name in ("coverage", "entry_progress", "supply", "verification", "feedback", "due_counts"):
        frame = tables[name]
        for column in frame.select_dtypes("number").columns.difference(["population", "registry_population"]):
            frame.loc[frame["unit_code"].str.len() < 6, column] = 0


def far_above(tables: Tables) -> None:
    frame = tables["coverage"]
    own = frame["population"].notna() & (frame["basis"] == "reported")
    frame.loc[own, "people"] = frame.loc[own, "population"] * 13 // 10
    frame.loc[own, "coverage_pct"] = 130.0


def no_population(tables: Tables) -> None:
    columns = ["population", "coverage_pct", "population_source", "population_date", "registry_population"]
    tables["coverage"][columns] = None
    tables["coverage"]["coverage_registry_pct"] = None


def no_files(tables: Tables) -> None:
    """Leave Hà Giang out of everything that its own files would have given."""
    for frame in tables.values():
        for column in frame.columns.intersection(["unit_code"]):
            own = frame[column].isin(["02", *units.districts("02")])
            frame.drop(frame[own].index, inplace=True)


def formats_of(made: Any) -> dict[str, str]:
    """Return the text of each format of a unit."""
    word = docx.Document(str(made.docx))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    slides = [
        shape.text_frame.text
        for slide in Presentation(str(made.pptx)).slides
        for shape in [*slide.shapes, *(slide.notes_slide.shapes if slide.has_notes_slide else [])]
        if shape.has_text_frame
    ]
    return {
        "html": made.html,
        "pdf": " ".join(page.extract_text() for page in PdfReader(made.pdf).pages),
        "docx": " ".join([*(p.text for p in word.paragraphs), *cells]),
        "pptx": " ".join(slides),
        "xlsx": " ".join(texts_of(made.xlsx.read_bytes())),
    }


def packed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("edit", [None, zeros, far_above, no_population, no_files])
def test_every_format_of_a_hostile_unit_is_safe_and_whole(
    renamed: None, sample: Sample, brief: Any, tmp_path: Path, edit: Callable[[Tables], None] | None
) -> None:
    made = brief(sample(edit=edit), "02", tmp_path / "h")
    texts = formats_of(made)
    for name, text in texts.items():
        assert "Hà Giang" in text, name
        assert not re.search(r"(?<!\w)(nan|NaN|None|inf|null)(?!\w)", re.sub(r"<[^>]*>", " ", text)), name
    assert "<b>=1+1" not in made.html
    if edit is not no_files:  # which leaves nothing to name the districts for
        assert "&lt;b&gt;=1+1" in made.html
        own = HOSTILE.removeprefix("Huyện ")
        for name in ("pdf", "docx"):
            assert packed(own) in packed(texts[name]), name
            assert packed(LONG.removeprefix("Huyện ")) in packed(texts[name]), name
        assert "b>=1+1</b>#x*" in texts["xlsx"] or "&lt;b&gt;=1+1" in texts["xlsx"]
    if edit is far_above:
        assert all("130,00%" in texts[name] for name in ("html", "pdf", "docx", "pptx"))
        assert made.context["front"]["caution"]


def test_a_province_without_files_says_so_and_shows_no_figure_of_its_own(
    sample: Sample, brief: Any, tmp_path: Path
) -> None:
    made = brief(sample(edit=no_files), "02", tmp_path / "n")
    said = " ".join(made.context["front"]["sentences"])
    assert "chưa có báo cáo ngày" in said and "387.978" not in made.html
    assert {figure["value"] for figure in made.context["front"]["figures"]} == {"—"}
    assert made.context["front"]["requests"][0].startswith("Chưa rõ số liều còn lại")
    assert "đủ cho các việc trên" not in made.html and "việc tồn đọng theo địa bàn" not in made.html
    assert "Chưa có số liệu trong kỳ này để tính việc theo địa bàn." in made.html


def test_a_week_without_population_has_counts_and_no_rate(sample: Sample, brief: Any, tmp_path: Path) -> None:
    made = brief(sample(edit=no_population), "02", tmp_path / "p")
    said = " ".join(made.context["front"]["sentences"])
    assert "387.978" in said and "thiếu dân số" in said and "65,85%" not in said


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_libreoffice_opens_document_slides_and_workbook(ha_giang: Any, tmp_path: Path) -> None:
    files = [str(path) for path in (ha_giang.docx, ha_giang.pptx, ha_giang.xlsx)]
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    for file in files:
        out = tmp_path / Path(file).suffix[1:]
        subprocess.run([*command, "--outdir", str(out), file], check=True, capture_output=True, timeout=300)
        pages = PdfReader(next(out.glob("*.pdf"))).pages
        text = " ".join(page.extract_text() for page in pages)
        assert len(pages) >= 9 and "387" in text and "Hà Giang" in text, file
