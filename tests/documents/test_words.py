"""The words of every page of a country's run: one spelling, one way of writing figures, and no Vietnamese in English."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from pptx import Presentation
from pypdf import PdfReader

from analysis.briefing.documents.documents import document_stem, languages_of, unit_folder
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.units import districts, english_unit, find_unit, provinces
from analysis.briefing.figures.wording import read_words
from analysis.safeguards.byte_texts import texts_of
from analysis.settings import RunParameters, open_run

Sample = Callable[..., RunParameters]
UNITS = ("VN", *provinces())
# Words no Vietnamese sentence does without, and no name of a unit has in small letters.
VIETNAMESE_WORDS = frozenset(
    re.findall(
        r"\w+",
        "và của người mũi tỉnh không được đã có là theo trong số liều chưa ngày tuổi các với để tiêm nhập huyện báo cáo"
        " từ đến khoảng đủ hơn cần lưu ý nơi việc",
    )
)
FROM_OUTSIDE = "Kế hoạch tiêm chủng 2021"  # the source of the population as the intake names it


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


@pytest.fixture(scope="module")
def pages(whole_run: RunParameters) -> dict[str, dict[str, Any]]:
    """Return the contexts of all 64 units."""
    return {unit: build_context(whole_run, unit) for unit in UNITS}


@pytest.fixture(scope="module")
def texts(pages: dict[str, dict[str, Any]]) -> set[str]:
    return {text for context in pages.values() for text in texts_in(context)}


@pytest.mark.parametrize(
    "wrong",
    [
        r"gấp 0,",
        r"\d[\s\u00a0]+%",  # 65,85 %
        r" {2}|^ | $",
        r"[Vv]ắc-xin|[Vv]ắcxin|[Vv]accine",
        r"mô hình|khoảng tin cậy|phân vị|xác suất",
        r"không có quy định về khoảng cách|Sản phẩm không rõ",
    ],
)
def test_no_page_says_it_in_this_way(texts: set[str], wrong: str) -> None:
    assert [text for text in texts if re.search(wrong, text) and not text.startswith("#")] == []


def test_what_the_checks_look_for_would_be_found() -> None:
    assert re.search(r"\d[\s\u00a0]+%", "65,85 %") and not re.search(r"\d[\s\u00a0]+%", "+9,27 điểm %")


def test_no_two_columns_of_a_table_share_a_header_of_a_rate(pages: dict[str, dict[str, Any]]) -> None:
    for context in pages.values():
        for table in (table for part in context["sections"] for table in part["tables"]):
            rates = [c["title"] for c in table["columns"] if c["title"].startswith("Tỷ lệ")]
            assert len(rates) == len(set(rates)), table["caption"]


def other_spelling(name: str) -> str:
    """Return a name with the tone of "oa", "oe", "uy" on the other letter: Hòa and Hoà."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    plain = unicodedata.normalize("NFD", name)
    moved = re.sub(rf"([oO])([{tones}])([ae])(?!\w)", r"\1\3\2", plain)
    moved = re.sub(rf"(?<![qQ])([uU])([{tones}])(y)(?!\w)", r"\1\3\2", moved)
    return unicodedata.normalize("NFC", moved)


def test_names_of_units_are_spelled_as_the_list_of_units_does(texts: set[str]) -> None:
    own = [unit.short_name for unit in provinces().values()]
    own += [unit.short_name for code in provinces() for unit in districts(code).values()]
    wrong = {other_spelling(name) for name in own} - set(own)
    assert "Khánh Hoà" in wrong and len(wrong) > 20
    joined = "\n".join(texts)
    assert [name for name in wrong if re.search(rf"(?<!\w){name}(?!\w)", joined)] == []


def test_a_kind_of_unit_is_small_inside_a_sentence(texts: set[str]) -> None:
    found = {
        m[0]
        for text in texts
        for m in re.finditer(r"(?<=[\w,] )(Thành phố|Tỉnh|Huyện|Thị xã) \w+ ?\w*", text)
    }
    assert {name for name in found if not name.startswith("Thành phố Hồ Chí")} == set()


def test_a_chance_and_a_range_stand_in_words(pages: dict[str, dict[str, Any]]) -> None:
    joined = {unit: "\n".join(texts_in(context)) for unit, context in pages.items()}
    assert all("trong 100 lần dự báo, khoảng 95 lần" in joined[unit] for unit in ("VN", "02"))
    chances = re.findall(r"khả năng đúng hạn [^;\n]*", joined["02"])
    assert chances and all(re.search(r"trong 10\)?", chance) for chance in chances)


def test_the_pdf_reads_as_printed(ha_giang: Any) -> None:
    read = " ".join(" ".join(page.extract_text() for page in PdfReader(ha_giang.pdf).pages).split())
    for sentence in [*ha_giang.context["front"]["sentences"], ha_giang.context["front"]["confirmed"]]:
        assert sentence in read
    assert unicodedata.is_normalized("NFC", read) and "\ufffd" not in read and "\u00ad" not in read


@pytest.mark.parametrize(
    ("code", "name", "short"),
    [
        ("02", "Hà Giang Province", "Hà Giang"),
        ("79", "Hồ Chí Minh City", "Hồ Chí Minh"),
        ("VN", "cả nước", "cả nước"),
    ],
)
def test_english_names_a_unit_with_its_kind_behind(code: str, name: str, short: str) -> None:
    unit = english_unit(find_unit(code))
    assert (unit.name, unit.short_name) == (name, short)


def test_english_names_districts() -> None:
    names = {english_unit(unit).name for code in ("01", "02", "79") for unit in districts(code).values()}
    shorts = {english_unit(unit).short_name for unit in districts("02").values()}
    assert {"Ba Đình District", "Sơn Tây Town", "Hà Giang City", "District 1", "Thủ Đức City"} <= names
    assert {"Hà Giang City", "Đồng Văn"} <= shorts


def vietnamese_in(text: str) -> list[str]:
    words = re.findall(r"[^\W\d_]+", " ".join(text.split()).replace(FROM_OUTSIDE, ""))
    return [word for word in words if word in VIETNAMESE_WORDS]


def test_english_writes_one_of_a_kind_in_the_singular() -> None:
    words = read_words("en")
    assert words("figure.days", days="1") == "about 1 day at this pace"
    assert words("task.rest", count="1", level="districts", rest="9") == "1 other district 9"
    assert words("task.people", count="1") == "1 person" and words("task.people", count="21") == "21 people"
    assert words("task.doses", count="1,001") == "1,001 doses" and words("list.and", first="A 1", last="days")


def test_no_name_of_a_unit_has_two_blanks() -> None:
    named = [*provinces().values(), *(unit for code in provinces() for unit in districts(code).values())]
    assert [
        unit.name for unit in named if "  " in unit.name or unit.short_name.strip() != unit.short_name
    ] == []


def test_an_english_page_has_no_vietnamese_sentence(sample: Sample) -> None:
    assert vietnamese_in("So với các mục tiêu") and not vietnamese_in(
        "Hà Giang Province, Decision 4800/QĐ-BYT"
    )
    run = sample(settings='language = "en"')
    for unit in UNITS[::3]:
        left = {text for text in texts_in(build_context(run, unit)) if len(vietnamese_in(text)) > 0}
        assert left == set(), unit


def test_no_format_of_an_english_unit_has_one(sample: Sample, brief: Any, tmp_path: Path) -> None:
    made = brief(sample(settings='language = "en"'), "02", tmp_path / "en")
    pdf = PdfReader(made.pdf)
    formats = {
        "html": re.sub(r"<style>.*?</style>|<[^>]+>", " ", made.html, flags=re.DOTALL),
        "pdf": " ".join(page.extract_text() for page in pdf.pages),
        "docx": " ".join(text for text in texts_of(made.docx.read_bytes()) if "<w:style" not in text),
        "pptx": " ".join(
            shape.text_frame.text
            for slide in Presentation(str(made.pptx)).slides
            for shape in [*slide.shapes, *(slide.notes_slide.shapes if slide.has_notes_slide else [])]
            if shape.has_text_frame
        ),
        "xlsx": " ".join(texts_of(made.xlsx.read_bytes())),
    }
    for name, text in formats.items():
        assert vietnamese_in(text) == [], name
    assert 'lang="en"' in made.html and pdf.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]
    assert docx.Document(str(made.docx)).core_properties.language == "en"


def test_a_second_language_has_files_and_a_folder_of_its_own(whole_run: RunParameters) -> None:
    run = open_run(
        "2021-11-07", processed=str(whole_run.processed), previous="-", settings="-", language="both"
    )
    assert languages_of(run) == ["vi", "en"]
    assert [document_stem(run, "02", language) for language in ("", "vi", "en")] == [
        "02-ha-giang",
        "02-ha-giang",
        "02-ha-giang.en",
    ]
    assert unit_folder(run, "02", "en") == unit_folder(run, "02") / "en"
    context = build_context(run, "02", "en")
    assert (context["language"], context["file_stem"]) == ("en", "02-ha-giang.en")
    assert build_context(run, "02")["language"] == "vi"
