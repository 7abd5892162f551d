"""What a query reads of ordinary values is what Python reads of them: the same table with and without the query."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.clean.cells import DOSE_CELLS
from analysis.clean.corrections import DATE_COLUMNS
from analysis.clean.fields.date_conventions import convention_number
from analysis.clean.fields.dates import DateConvention
from analysis.clean.fields.facilities import FacilityIndex
from analysis.clean.fields.name_words import FREQUENT_SURNAMES, MIDDLE_WORDS, NEVER_GIVEN, TITLES
from analysis.clean.fields.sites import listed_step, site_lookup
from analysis.clean.ordinary.names import name_steps
from analysis.clean.typed_values import date_lookups, person_lookups
from analysis.engine import Engine
from analysis.steps import Plan, Step

AS_OF = date(2021, 11, 7)
_PECULIAR = (
    "Tức,Nghiệm,thử,A,B,C,Tổng,cộng,họ,và,tên,Hoà,thuý,Quý,gin,Đ,H'Rin,Y,Ksor,moong,Nguyeenx,Nam2,hoà,5"
)
_PECULIAR = (
    "Tức,Nghiệm,thử,A,B,C,Tổng,cộng,họ,và,tên,Hoà,thuý,Quý,gin,Đ,H'Rin,Y,Ksor,moong,Nguyeenx,Nam2,hoà,5"
)
_WORDS = sorted({*FREQUENT_SURNAMES, *MIDDLE_WORDS, *NEVER_GIVEN, *TITLES, *_PECULIAR.split(",")})
WORDS = st.sampled_from(_WORDS).flatmap(lambda w: st.sampled_from([w, w.upper(), w.lower()])) | st.text(
    alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạầốứỹĐÀ \u0301\u0300.1'-", max_size=6
)
NAMES = st.lists(WORDS, max_size=7).map(" ".join)
CONVENTIONS = st.builds(
    DateConvention, st.sampled_from(["dmy", "mdy"]), *[st.booleans()] * 5, st.sampled_from([0, 1462, -1462])
)
_NUMBERS = st.integers(0, 40).map(str) | st.integers(0, 31).map("{:02d}".format)
_YEARS = st.integers(1840, 2110).map(str) | st.sampled_from(["21", "0021", "1900", "1901"])
_SEPARATORS = st.sampled_from("//-. ")
DATES = (
    st.tuples(_NUMBERS, _SEPARATORS, _NUMBERS, _SEPARATORS, _YEARS).map("".join)
    | st.tuples(_YEARS, _SEPARATORS, _NUMBERS, _SEPARATORS, _NUMBERS).map("".join)
    | st.dates(date(1895, 1, 1), date(2025, 1, 1)).flatmap(
        lambda d: st.sampled_from(
            [d.isoformat(), f"{d:%d/%m/%Y}", f"{d.day}/{d.month}/{d.year}", f"{d} 00:00:00"]
        )
    )
    | st.text(alphabet="0123456789/-", max_size=10)
)


def rows(plan: Plan, source: pd.DataFrame, with_ordinary: bool) -> set[tuple[object, ...]]:
    """Return the rows of the last table of a plan that begins with `source`."""
    with duckdb.connect() as con:
        con.execute("SET threads = 1")
        engine = Engine(con)
        engine.register("source", source)
        for step in plan:
            if step.clean:
                ordinary = step.ordinary if with_ordinary else ""
                engine.map_values(step.table, step.query, step.columns or {}, step.clean, ordinary)
            elif step.frame:
                engine.register(step.table, step.frame())
            else:
                engine.create(step.table, step.query)
        found = engine.fetch(f"SELECT * FROM {plan[-1].table}")
    assert len(found) == len(set(found))
    return set(found)


def assert_same(plan: Plan, source: pd.DataFrame) -> None:
    """Assert that a table is the same whether ordinary values are read by the query or in Python."""
    assert rows(plan, source, with_ordinary=True) == rows(plan, source, with_ordinary=False)


def on_source(step: Step) -> Plan:
    """Return a lookup whose values are those of `source`."""
    return (replace(step, query="SELECT DISTINCT * FROM source"),)


def typed(*columns: Iterable[str | None]) -> pd.DataFrame:
    """Return columns of typed texts, a missing and an empty one among them."""
    return pd.DataFrame({f"c{i}": pd.Series([*c, None, ""], dtype="str") for i, c in enumerate(columns)})


@given(st.lists(NAMES, max_size=120))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_names_of_ordinary_words(names: list[str]) -> None:
    assert_same(name_steps("names", "source"), typed(names).rename(columns={"c0": "full_name"}))


@given(
    st.sampled_from(DATE_COLUMNS),
    st.lists(st.tuples(CONVENTIONS.map(convention_number), DATES), max_size=120),
)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_dates_written_out(column: str, dates: list[tuple[int, str]]) -> None:
    source = pd.DataFrame(dates, columns=["number", "text"]).astype({"number": "int32", "text": "str"})
    assert_same(on_source(date_lookups(DOSE_CELLS, AS_OF, (column,))[0]), source)


FIGURES = st.text(alphabet="0123456789", min_size=6, max_size=13) | st.sampled_from(
    ["84", "840", "0084", "012345678", "234567890", "98765432", "0000000000", "111111111111", "8411111111"]
)
NUMBERS = st.tuples(
    st.sampled_from(["", "", "'", "+", " ", "CCCD "]), FIGURES, st.sampled_from(["", "", ".0", "O", " 1"])
)


@given(st.sampled_from(["identities", "phones"]), st.lists(NUMBERS.map("".join), max_size=120))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_numbers_of_digits_alone(table: str, numbers: list[str]) -> None:
    lookup = next(step for step in person_lookups(DOSE_CELLS) if step.table == table)
    assert_same(on_source(lookup), typed(numbers))


FACILITIES = FacilityIndex().add(
    [
        ("02001", "Trạm Y tế xã Phố Cáo", "02", "026"),
        ("0AB7", "Bệnh viện huyện Đồng Văn", "02", "026"),
        ("000", "Trạm Y tế xã Lũng Cú", "02", ""),
        ("AB", "Trạm Y tế xã Minh Tân", "", ""),
    ]
)
CODES = st.sampled_from(
    ["02001", "2001", "0AB7", "ab7", "AB", "0AB", "000", "0", "02001.0", "02 001", "9", ""]
)
PLACES = st.sampled_from(["Trạm Y tế xã Phố Cáo", "TYT xã Lũng Cú", "Bệnh viện", ""])


@given(st.lists(st.tuples(CODES, PLACES, *[st.sampled_from(["02", "026", "79", ""])] * 3), max_size=40))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_places_of_facilities_known_by_a_code(cells: list[tuple[str, ...]]) -> None:
    source = pd.DataFrame(cells, columns=["code", "name", "province", "district", "home"], dtype="str")
    source = source.mask(source == "")
    assert_same((listed_step(FACILITIES), *on_source(site_lookup(DOSE_CELLS, FACILITIES))), source)
