"""Short cuts that make cleaning fast give what the long way gives."""

import re
import unicodedata
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.clean import odd_days
from analysis.clean.fields import names
from analysis.clean.fields.dates import DateConvention, parse_date
from analysis.clean.fields.unit_names import edit_distance
from analysis.clean.person_fields import VISIBLE, free_text
from analysis.intake.formats.legacy_text import _as_western_bytes
from clean_samples import HEADER, clean, line, many

# Spaces, joiners and letters with and without their marks, as cells really hold them.
TEXTS = st.text(alphabet="aÀỹ đĐơƯ.1\t\n\u00a0\u00ad\u0301\u0323\u200b\u202e\ufeff", max_size=12)
NAMES = st.text(alphabet="abnh", max_size=7)
UNSEEN = re.compile(
    "[\x00-\x20\x7f\u00a0\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+",
)


@given(st.lists(TEXTS, min_size=1, max_size=40))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_free_text_is_tidied_the_same_way_whichever_branch_it_takes(texts: list[str]) -> None:
    with duckdb.connect() as con:
        query = f"SELECT {free_text('t')} FROM (SELECT unnest(?::VARCHAR[]) AS t)"
        found = [text for (text,) in con.execute(query, [texts]).fetchall()]
    expected = [UNSEEN.sub(" ", unicodedata.normalize("NFC", t)).strip(" ") or None for t in texts]
    assert found == expected


def test_letters_taken_as_they_stand_are_visible_and_composed() -> None:
    letters = [chr(code) for code in range(1, 0xFFFF) if not 0xD800 <= code <= 0xDFFF]
    with duckdb.connect() as con:
        query = f"SELECT t FROM (SELECT unnest(?::VARCHAR[]) AS t) WHERE regexp_full_match(t, '[{VISIBLE}]')"
        taken = [letter for (letter,) in con.execute(query, [letters]).fetchall()]
    assert {"a", "đ", "Ơ", "ỹ", "Ạ", "!"} <= set(taken)
    for letter in taken:
        assert letter.isprintable() and not letter.isspace()
        assert unicodedata.normalize("NFC", letter) == letter and not unicodedata.combining(letter)


@given(
    st.lists(st.sampled_from([0, 40, 60, 90, 100, 120, 180, 260, 900, 2500, -300]), min_size=8, max_size=60)
)
@settings(max_examples=300, derandomize=True, deadline=None)
def test_odd_days_are_the_same_without_a_glance_at_the_nearest(counts: list[int]) -> None:
    found = odd_days.find_odd_days(counts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(odd_days, "_is_among_its_like", lambda *_: False)
        assert odd_days.find_odd_days(counts) == found


@given(
    st.lists(
        st.sampled_from(
            ["Nguyễn", "Văn", "Thhị", "H", "Nam2", "gin", "Tức", "A", "moong", "Đ.", "tổng", "Y-", "test"]
        ),
        max_size=5,
    )
)
@settings(max_examples=300, derandomize=True, deadline=None)
def test_a_name_that_is_canonical_as_typed_needs_no_second_reading(words: list[str]) -> None:
    typed = " ".join(words)
    settled = names.parse_name(typed)
    again = names._parse_ordinary(typed) or names._settled(names._parse_unusual(typed)) if typed else settled
    assert settled == again


@given(NAMES, NAMES, st.integers(1, 3))
@settings(max_examples=400, derandomize=True, deadline=None)
def test_a_distance_is_the_same_without_its_early_ends(first: str, second: str, limit: int) -> None:
    @cache
    def plainly(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        ways = [plainly(i - 1, j) + 1, plainly(i, j - 1) + 1]
        ways.append(plainly(i - 1, j - 1) + (first[i - 1] != second[j - 1]))
        if i > 1 and j > 1 and first[i - 2 : i] == second[j - 2 : j][::-1]:
            ways.append(plainly(i - 2, j - 2) + 1)
        return min(ways)

    assert edit_distance(first, second, limit) == min(plainly(len(first), len(second)), limit + 1)


@given(st.text(alphabet="0123456789/-.", min_size=1, max_size=11), st.sampled_from(["dmy", "mdy"]))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_a_date_of_figures_is_read_as_one_with_blanks_around(figures: str, order: str) -> None:
    convention = DateConvention(order)
    assert parse_date(figures, convention, 2021) == parse_date(f" {figures} ", convention, 2021)


def test_rows_without_content_are_left_out_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    commas = HEADER.count(",")
    rows = [
        "3" + "," * (commas + 1),
        "3," + line(dose_record_id="M3"),
        "   ," + ", " * commas,
        "Tổng cộng" + "," * (commas + 1),
        *(f"{i}," + line(**cells) for i, cells in enumerate(many(3))),
    ]
    doses = clean(tmp_path, {"platform/a.csv": "\n".join(["STT," + HEADER, *rows]) + "\n"})
    assert [(d["source_row"], d["is_rejected"]) for d in doses] == [
        (2, False),
        (4, True),
        *((number, False) for number in (5, 6, 7)),
    ]


@given(st.text(alphabet="aÀỹ đ›œ™\x81\x9dẠ^]-\\€", max_size=8))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_western_bytes_are_those_of_each_letter(text: str) -> None:
    def byte(letter: str) -> bytes | None:
        if "\x80" <= letter < "\xa0":
            return letter.encode("latin-1")  # no letter of Windows-1252 has these codes
        try:
            return letter.encode("cp1252")
        except UnicodeEncodeError:
            return None

    letters = [byte(letter) for letter in text]
    assert _as_western_bytes(text) == (
        None if None in letters else b"".join(b for b in letters if b is not None)
    )
