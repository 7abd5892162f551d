"""The page for the public and the note for the press: what they must say, how long they are, for whom."""

import html
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.briefing.documents.public_notice import (
    FILES,
    PARTS,
    PICTURE,
    PRESS_WORDS,
    SPEAKER,
    SPEAKER_WORDS,
    write_public_notice,
)
from analysis.briefing.figures.wording import read_words
from analysis.settings import RunParameters

MARK = "LƯU HÀNH NỘI BỘ · SỐ LIỆU MÔ PHỎNG – KHÔNG CÓ THẬT"
STRONG_WORDS = "Thiếu bản ghi không có nghĩa là chưa tiêm, không phải lý do từ chối tiêm."
UNBROKEN = '<span class="nb">COVID-19</span>'
Sample = Callable[..., RunParameters]


def written(run: RunParameters, units: list[str], folder: Path, is_internal: bool = True) -> tuple[str, str]:
    folder.mkdir(exist_ok=True)
    page, picture, speaker, note = write_public_notice(run, units, folder, is_internal)
    assert [path.name for path in (page, picture, speaker, note)] == list(FILES.values())
    text = html.unescape(page.read_text(encoding="utf-8")).replace(UNBROKEN, "COVID-19")
    return text, note.read_text(encoding="utf-8")


def test_the_page_says_where_how_long_and_that_a_gap_is_no_refusal(
    whole_run: RunParameters, tmp_path: Path
) -> None:
    page, _ = written(whole_run, ["VN", "02"], tmp_path)
    for text in (
        "Thiếu bản ghi không có nghĩa là chưa tiêm, không phải lý do từ chối tiêm.",
        "Trong 48 giờ", "9458/BYT-CNTT", "cơ sở đã tiêm", "25/10/2021", "viết không dấu", "12 chữ số", "phòng COVID-19</h1>",
    ):  # fmt: skip
        assert text in page, text
    assert page.count("<h2>") == len(PARTS) + 1
    assert "<script" not in page and "http:" not in page and "https:" not in page


def test_a_run_of_one_province_bears_its_name_and_a_setting_its_hours(sample: Sample, tmp_path: Path) -> None:
    page, note = written(sample(settings="feedback_service_hours = 24"), ["02"], tmp_path / "out")
    assert "phòng COVID-19, tỉnh Hà Giang</h1>" in page and "Trong 24 giờ" in page and "48 giờ" not in page
    assert "387.978" in note and "65,85%" in note


@pytest.mark.parametrize("units", [["02"], ["VN", "01", "02"], ["01", "02"]])
def test_the_press_note_is_the_read_out_in_few_words(
    whole_run: RunParameters, units: list[str], tmp_path: Path
) -> None:
    _, note = written(whole_run, units, tmp_path)
    assert len(note.split()) <= PRESS_WORDS
    assert note.startswith("LƯU HÀNH NỘI BỘ · SỐ LIỆU MÔ PHỎNG") and "trên 90,8 triệu mũi" in note
    assert ("tỉnh Hà Giang (đến hết ngày" in note) == (units == ["02"])


def test_the_picture_and_the_loudspeakers_say_the_same_in_short(sample: Sample, tmp_path: Path) -> None:
    written(sample(settings="feedback_service_hours = 24"), ["02"], tmp_path / "out")
    picture = (tmp_path / "out" / PICTURE).read_bytes()
    width, height = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG") and width == 1200 and 1.5 < height / width < 2.2
    assert len(picture) < 600_000
    said = (tmp_path / "out" / SPEAKER).read_text(encoding="utf-8").removeprefix(MARK + "\n\n")
    assert "trong 24 giờ" in said and len(said.split()) <= SPEAKER_WORDS
    words = read_words("vi")
    for part in PARTS:
        assert len(words(f"public.picture.{part}", hours="48").split()) <= 40, part
    assert STRONG_WORDS in words("public.picture.missing") and STRONG_WORDS in said


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_text_for_loudspeakers_is_short(language: str) -> None:
    assert len(read_words(language)("public.speaker", hours="48").split()) <= SPEAKER_WORDS


def test_released_ones_differ_by_the_internal_mark_alone(whole_run: RunParameters, tmp_path: Path) -> None:
    internal = written(whole_run, ["02"], tmp_path / "a")
    released = written(whole_run, ["02"], tmp_path / "b", is_internal=False)
    assert released == tuple(text.replace("LƯU HÀNH NỘI BỘ · ", "") for text in internal)
    assert not re.search("NỘI BỘ", "".join(released))
