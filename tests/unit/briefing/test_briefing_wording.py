"""How the page writes numbers and dates, and that both languages say the same things."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.briefing.figures.wording import Words, read_words, rounded_millions, without_controls


@pytest.fixture
def words() -> Words:
    return read_words("vi")


@pytest.mark.parametrize(
    ("value", "text"),
    [(387_978, "387.978"), (0, "0"), (-27_158, "−27.158"), (None, "—"), (60_112_345, "60.112.345")],
)
def test_counts_are_grouped_by_points(words: Words, value: int | None, text: str) -> None:
    assert words.whole(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("65.85", "65,85%"),
        ("104.2", "104,20%"),
        ("0", "0,00%"),
        ("13.395", "13,40%"),
        ("1234.5", "1.234,50%"),
    ],
)
def test_percentages_have_two_places_half_up(words: Words, value: str, text: str) -> None:
    assert words.percent(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (104_312_000, "trên 104 triệu"),
        (90_812_345, "trên 90,8 triệu"),
        (60_012_345, "trên 60 triệu"),
        (28_987_654, "gần 29 triệu"),
        (29_000_000, "29 triệu"),
        (90_790_000, "gần 90,8 triệu"),
        (1_040_000, "1,04 triệu"),
        (999_999, "999.999"),
        (9_999_999, "gần 10 triệu"),
    ],
)
def test_rounded_figures_name_their_true_side(words: Words, value: int, text: str) -> None:
    assert words.rounded(value) == text


@given(st.integers(min_value=1_000_000, max_value=10**9))
def test_the_word_before_a_rounded_figure_is_always_true(value: int) -> None:
    text = read_words("vi").rounded(value)
    shown = rounded_millions(value) * 1_000_000
    side = "trên" if value > shown else "gần" if value < shown else ""
    assert text.startswith(side) and text.startswith(("trên", "gần")) == bool(side)
    assert abs(value - shown) <= Decimal(value) / 200


def test_changes_carry_their_sign(words: Words) -> None:
    assert (words.signed(8_123), words.signed(-12), words.signed(0)) == ("+8.123", "−12", "0")
    assert words.points(Decimal("2.31")) == "+2,31"
    assert words.points(Decimal("-0.4")) == "−0,40"


def test_days_and_lists(words: Words) -> None:
    assert words.day(date(2021, 11, 7)) == "07/11/2021"
    assert words.listed(["A", "B", "C"]) == "A, B và C"
    assert words.listed(["A"]) == "A"


def test_english_writes_numbers_its_own_way() -> None:
    english = read_words("en")
    assert (english.whole(387_978), english.percent(Decimal("65.85"))) == ("387,978", "65.85%")


def _figures(phrase: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", phrase))


def test_both_languages_have_the_same_phrases_with_the_same_figures() -> None:
    vietnamese, english = read_words("vi")._phrases, read_words("en")._phrases
    assert set(vietnamese) == set(english)
    assert {k for k in english if _figures(english[k]) != _figures(vietnamese[k])} == set()


def test_units_of_doses_and_people_are_not_mixed() -> None:
    """Allocated doses are liều, given ones mũi; "vaccine" has one spelling."""
    phrases = read_words("vi")._phrases
    assert phrases["supply.doses_allocated"].endswith("(liều)")
    assert phrases["supply.doses_administered"].endswith("(mũi)")
    everything = " ".join(phrases.values()).lower()
    assert not re.search(r"vắc-xin|vaccine|vắcxin|vacxin", everything)
    assert not re.search(r"liều[^.]{0,12}(?:đã )?tiêm cho|người được tiêm 1 mũi", everything)


def test_free_text_loses_controls_and_is_bounded() -> None:
    assert without_controls("a\x1b[31mb\u202ec\n d") == "a [31mb c d"
    assert len(without_controls("x" * 1000)) == 300
