"""Whatever a cell holds: cleaning never raises, cleans nothing twice, and heeds neither order nor files."""

import csv
import io
import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis.clean.fields.coded_values import (
    parse_nationality,
    parse_police_result,
    parse_sex,
    parse_signature,
)
from analysis.clean.fields.dates import DateConvention, parse_date
from analysis.clean.fields.facilities import FacilityIndex, find_site
from analysis.clean.fields.identity_numbers import parse_identity
from analysis.clean.fields.names import MAX_NAME_CHARACTERS, parse_name
from analysis.clean.fields.places import parse_place
from analysis.clean.fields.vaccines import parse_dose_number, parse_vaccine
from clean_samples import FIELDS, HEADER, ROW, clean, many

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầễộựợýỳHĐÐNgTÒoÀ"
WORDS = ["Nguyễn", "Thị", "Hoà", "Hòa", "đặng", "NGUYEN", "Ng.", "H'Mok", "Y-Bham", "Vaan", "Nguye64n"]
SIGNS = ["NguyÔn", "Nguyá»…n", "test", "Tổng", "(vợ)", "-", "\u202e", "\x1b[31m", "🙂", "=", "+84", "\ufffd"]
PIECES = st.sampled_from([*WORDS, *SIGNS])
NAMES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=LETTERS + " .-'", max_size=30),
    st.lists(PIECES, max_size=6).map(" ".join),
)
DATES = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="0123456789/-. :hTZ", max_size=20),
    st.dates(date(1900, 1, 1), date(2030, 1, 1)).map(lambda d: d.strftime("%d/%m/%Y")),
    st.integers(-(10**15), 10**15).map(str),
)
NUMBERS = st.one_of(st.text(max_size=20), st.text(alphabet="0123456789 .,-E+", max_size=16))
CONVENTIONS = st.builds(
    DateConvention, st.sampled_from(["dmy", "mdy"]), st.booleans(), st.booleans(), st.booleans()
)


@given(NAMES)
@example("A" * 10_000)
@settings(max_examples=400, derandomize=True, deadline=None)
def test_a_clean_name_is_clean(typed: str) -> None:
    name = parse_name(typed)
    again = parse_name(name.full_name)
    assert (again.full_name, again.name_key, again.name_accented) == name[:3]
    assert len(name.full_name or "") <= MAX_NAME_CHARACTERS
    assert (name.full_name or "x").isprintable()


@given(DATES, CONVENTIONS, st.integers(2010, 2030))
@settings(max_examples=400, derandomize=True, deadline=None)
def test_a_clean_date_is_clean(typed: str, convention: DateConvention, latest: int) -> None:
    parsed = parse_date(typed, convention, latest)
    if parsed.value is not None:
        again = parse_date(parsed.value, convention, latest)
        assert (again.value, again.precision) == (parsed.value, parsed.precision)


@given(NUMBERS)
@settings(max_examples=400, derandomize=True, deadline=None)
def test_a_clean_number_is_clean(typed: str) -> None:
    number = parse_identity(typed)
    if number.digits is not None:
        assert parse_identity(number.digits) == number._replace(bits=0)


@given(st.lists(st.one_of(st.none(), st.text(max_size=60), NAMES), min_size=4, max_size=4))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_no_text_makes_a_reader_raise(cells: list[str | None]) -> None:
    first, second, third, _ = cells
    for read in (parse_sex, parse_nationality, parse_police_result, parse_signature):
        read(first)
    parse_vaccine(first)
    parse_dose_number(second)
    parse_place(first, second, third)
    find_site(FacilityIndex().add([("A1", "Trạm Y tế xã Phố Cáo", "02", "026")]), *cells)


def as_csv(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEADER.split(","), *rows])
    return buffer.getvalue().encode("utf-8")


def as_parquet(rows: list[list[str]], path: Path) -> bytes:
    frame = pd.DataFrame(rows, columns=HEADER.split(","), dtype="str")
    with duckdb.connect() as con:
        con.register("typed", frame)
        con.execute(f"COPY typed TO '{path.as_posix()}' (FORMAT parquet)")
    return path.read_bytes()


CELLS = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=15), NAMES, DATES, NUMBERS)


@given(rows=st.lists(st.lists(CELLS, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=30))
@settings(max_examples=6, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_text_in_any_field_stops_the_stage(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    base = tmp_path_factory.mktemp("any")
    files = {
        "platform/good.csv": as_csv([list(ROW.values())]),
        "platform/any.csv": as_csv([*rows, *[list((ROW | r).values()) for r in many(100)]]),
        "platform/any.parquet": as_parquet(rows, base / "p.parquet"),
    }
    found = clean(base, files)
    assert [r["full_name"] for r in found if r["source_file"] == "platform/good.csv"] == ["Nguyễn Thị Hòa"]
    assert sum(r["source_file"] == "platform/any.parquet" for r in found) <= len(rows)


def multiset(rows: list[dict[str, Any]]) -> "Counter[str]":
    return Counter(repr({k: v for k, v in r.items() if not k.startswith("source_")}) for r in rows)


QUIRKS = [
    {"full_name": "NGUYỄN thị  HOÀ", "id_number": "2185001234", "phone": "912345678"},
    {"full_name": "", "birth_date": "1985", "vaccine": "pfizer", "dose_number": "Mũi 2"},
    {"full_name": "TEST", "commune": "99999"},
    {"full_name": "Lý Văn Ba", "birth_date": "25/13/1985", "vaccination_date": "30/02/2021"},
    *({"full_name": f"Lý Văn {n}", "birth_date": f"2{i}/03/1985"} for i, n in enumerate(["Ba", "Tư", "Năm"])),
]


@given(seed=st.integers(0, 10**6), parts=st.integers(1, 4))
@settings(max_examples=3, derandomize=True, deadline=None)
def test_order_and_split_of_files_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, seed: int, parts: int
) -> None:
    """Every date proves its own order: what a file's convention decides is its own affair."""
    people = [r | {"birth_date": f"{13 + i % 15}/04/19{50 + i % 40}"} for i, r in enumerate(many(40))]
    rows = [list((ROW | r).values()) for r in (*people, *QUIRKS)]
    whole = multiset(clean(tmp_path_factory.mktemp("one"), {"platform/a.csv": as_csv(rows)}))
    random.Random(seed).shuffle(rows)
    files = {f"platform/{i}.csv": as_csv(rows[i::parts]) for i in range(parts)}
    assert multiset(clean(tmp_path_factory.mktemp("many"), files)) == whole
