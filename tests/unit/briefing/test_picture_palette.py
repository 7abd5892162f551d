"""The colours of the pictures, by their computed contrast and lightness: on paper, in grey, for the colour-blind."""

from itertools import combinations, pairwise

import pytest

from analysis.briefing.charts.lettering import SMALL, WIDTH, balanced, text_width, wrapped
from analysis.briefing.charts.palette import (
    BANDS,
    FIRST,
    GRAPHIC_CONTRAST,
    INK,
    LIGHTNESS_STEP,
    NOTE,
    OUTLINE,
    PAPER,
    QUIET,
    SECOND,
    TARGET,
    TEXT_CONTRAST,
    contrast,
    ink_on,
    lightness,
)
from analysis.briefing.charts.supply_chart import LOOKS
from analysis.briefing.charts.week_chart import below_top

# What a reader without red (protan), green (deutan) or blue (tritan) cones sees: Machado, Oliveira and Fernandes
# (2009), severity 1.0, in linear RGB.
BLINDNESS = {
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def seen(colour: str, kind: str) -> str:
    linear = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in linear]
    mixed = [sum(m * v for m, v in zip(row, linear, strict=True)) for row in BLINDNESS[kind]]
    clipped = [min(1.0, max(0.0, v)) for v in mixed]
    shown = [12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in clipped]
    return "#" + "".join(f"{round(255 * v):02x}" for v in shown)


def test_the_measures_are_those_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777") == pytest.approx(
        4.48, abs=0.01
    )
    assert lightness("#ffffff") == pytest.approx(100) and lightness("#777777") == pytest.approx(50.0, abs=0.1)


@pytest.mark.parametrize("colour", [INK, NOTE, FIRST, SECOND, TARGET, QUIET])
def test_every_text_can_be_read_on_paper(colour: str) -> None:
    assert contrast(colour, PAPER) >= TEXT_CONTRAST


@pytest.mark.parametrize("colour", [FIRST, SECOND, TARGET, QUIET, OUTLINE, *BANDS[:-1]])
def test_every_mark_stands_out_from_paper(colour: str) -> None:
    assert contrast(colour, PAPER) >= GRAPHIC_CONTRAST


@pytest.mark.parametrize("fill", [*BANDS, PAPER])
def test_the_letters_of_a_tile_can_be_read(fill: str) -> None:
    assert contrast(ink_on(fill), fill) >= TEXT_CONTRAST


def test_the_bands_grow_darker_by_steps_that_a_grey_print_keeps() -> None:
    steps = [high - low for low, high in pairwise(map(lightness, BANDS))]
    assert min(steps) >= LIGHTNESS_STEP, steps
    # The lowest band is too pale for paper by itself: its outline is not, and tells it from its own fill.
    assert contrast(BANDS[-1], PAPER) < GRAPHIC_CONTRAST <= contrast(OUTLINE, BANDS[-1])


@pytest.mark.parametrize("kind", ["grey", *BLINDNESS])
def test_series_and_bands_stay_apart_for_every_eye(kind: str) -> None:
    def light(colour: str) -> float:
        return lightness(colour if kind == "grey" else seen(colour, kind))

    pairs = [(FIRST, SECOND), *combinations(BANDS, 2)]
    assert min(abs(light(one) - light(other)) for one, other in pairs) >= LIGHTNESS_STEP


def test_two_parts_of_one_bar_differ_by_more_than_their_colour() -> None:
    for solid, hollow in (("on_hand", "to_come"), ("second", "first")):
        assert LOOKS[solid][0] == LOOKS[hollow][1] and LOOKS[hollow][0] == PAPER


def test_lines_break_where_they_must_and_no_word_stands_alone() -> None:
    text = "Còn thiếu 90.881 liều cho nhu cầu tiêm mũi 1 và mũi 2"
    assert " ".join(wrapped(text, 120)) == text
    assert all(text_width(line) <= 120 for line in wrapped(text, 120))
    assert len(balanced(text, 200, SMALL)) == len(wrapped(text, 200))
    assert "".join(wrapped("x" * 90, 100)) == "x" * 90 and len(wrapped("x" * 90, 100)) > 1
    assert wrapped("", 100) == [""] and WIDTH == 288


def test_what_runs_above_the_picture_is_cut_at_its_edge() -> None:
    assert below_top([(0, 10), (10, -10), (20, -20)], 0) == [(0, 10), (5, 0)]
    assert below_top([(0, 10), (10, 5)], 0) == [(0, 10), (10, 5)]
    cut = below_top([(0, 10), (10, -10), (10, 10)], 0, is_closed=True)
    assert min(y for _, y in cut) == 0 and (0, 10) in cut and (10, 10) in cut
