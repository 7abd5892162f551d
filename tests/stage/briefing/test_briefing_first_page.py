"""The rules of the first page fire: too long, not Vietnamese, terms of statistics."""

import re
from typing import Any

import pytest

from analysis.briefing.figures.first_page import (
    WORD_LIMIT,
    check_first_page,
    count_words,
    first_page_texts,
    foreign_words,
    trade_terms,
)
from analysis.briefing.figures.units import districts, find_unit, provinces
from analysis.briefing.figures.wording import read_words
from analysis.errors import CheckError


def page(sentence: str, language: str = "vi") -> dict[str, Any]:
    figure = {"label": "Đủ 2 mũi", "value": "13,40%", "detail": "78.922 người", "change": "+0,61 điểm %"}
    return {
        "unit_code": "02",
        "language": language,
        "mark": {"internal": "", "simulated": "SỐ LIỆU MÔ PHỎNG", "run": "lượt 2021-11-07-0a1b2c3d"},
        "letterhead": {
            "superior": "",
            "organisation": "SỞ Y TẾ",
            "state": "VIỆT NAM",
            "motto": "",
            "number": "Số: /BC",
        },
        "title": {"kind": "BÁO CÁO", "subject": "Tiến độ tiêm vắc xin phòng COVID-19", "cut_off": ""},
        "front": {
            "sentences": [sentence],
            "caution": "",
            "confirmed": "",
            "figures": [figure],
            "tasks": ["Nhập mũi"],
            "tasks_title": "",
            "requests": [],
            "requests_title": "",
        },
        "fixed": {"figures": "Bốn con số"},
        "page": {"footer": "Số liệu 07/11/2021"},
    }


def test_a_plain_page_passes() -> None:
    check_first_page(page("Tỉnh Hà Giang có 387.978 người tiêm ít nhất 1 mũi."), [find_unit("02")])


@pytest.mark.parametrize(
    "word",
    ["coverage", "forecast", "the", "median", "flat7", "model", "hub", "ARIMA", "quantile", "dose", "Excel"],
)
def test_foreign_words_and_model_names_are_refused(word: str) -> None:
    with pytest.raises(CheckError, match="is not a word for this page"):
        check_first_page(page(f"Tỷ lệ {word} đạt 65,85%."), [])


@pytest.mark.parametrize("term", ["trung vị", "Phân vị 95%", "khoảng tin cậy", "xác suất", "mô hình"])
def test_terms_of_statistics_are_refused(term: str) -> None:
    assert trade_terms(term)
    with pytest.raises(CheckError):
        check_first_page(page(f"Theo {term} của tỉnh."), [])


def test_a_page_of_more_words_than_the_limit_is_refused() -> None:
    filler = WORD_LIMIT - count_words(first_page_texts(page("")))
    check_first_page(page("mũi " * filler), [])
    with pytest.raises(CheckError, match=f"{WORD_LIMIT + 1} words"):
        check_first_page(page("mũi " * (filler + 1)), [])


def test_only_the_length_is_checked_in_english() -> None:
    check_first_page(page("Coverage of the province.", "en"), [])
    with pytest.raises(CheckError):
        check_first_page(page("dose " * WORD_LIMIT, "en"), [])


def test_every_vietnamese_phrase_is_vietnamese_to_the_rule() -> None:
    """The rule must not refuse our own words; brand names stand on later pages only."""
    names = {
        "in",
        "dphc",
        "janssen",
        "abdala",
        "csv",
        "cccd",
        "cmnd",
        "vt",
        "qđ",
        "byt",
        "cntt",
        "i",
        "ii",
        "iii",
        "iv",
        "sha",
        *(
            "pdf",
            "docx",
            "html",
            "pptx",
            "xlsx",
            "json",
            "datapackage",
            "zip",
            "mb",
            "png",
        ),  # what pages offer
        "dp",  # of a document's number, 8938/BYT-DP
        *("kt", "tm"),  # for whom one signs (30/2020/NĐ-CP)
        *("tiemchungcovid", "gov", "vn", "n"),  # an address, and how many are counted
    }
    bare = [p.translate({ord("{"): " ", ord("}"): " "}) for p in _phrases_without_figures()]
    assert [w for p in bare for w in foreign_words(p, names)] == []


def _phrases_without_figures() -> list[str]:
    return [re.sub(r"\{\w+\}|§\w+§", "", phrase) for phrase in read_words("vi")._phrases.values()]


def test_unit_names_are_known_where_they_are_no_syllables() -> None:
    names = [u.name for code in provinces() for u in (find_unit(code), *districts(code).values())]
    odd = {w for name in names for w in foreign_words(name)}
    assert "lắk" in odd or "krông" in odd  # else nothing needs allowing
    known = {w for name in names for w in re.findall(r"[^\W\d_]+", name.lower())}
    assert [w for name in names for w in foreign_words(name, known)] == []


def test_words_are_counted_as_a_reader_does() -> None:
    assert count_words(["Đến hết ngày 07/11/2021, cả nước – 65,85% ."]) == 7
