"""The lookup tables of cleaned values: one per field, each distinct typed value once."""

import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb

from analysis.clean.coded_values import parse_nationality, parse_police_result, parse_sex, parse_signature
from analysis.clean.date_conventions import DateEvidence, decide_conventions
from analysis.clean.dates import DateConvention, ParsedDate, parse_date
from analysis.clean.identity_numbers import parse_identity, unusual_identity_sql
from analysis.clean.lookups import build_lookup
from analysis.clean.names import parse_name
from analysis.clean.phones import ORDINARY_PHONE_SQL, parse_phone
from analysis.clean.places import parse_place
from analysis.clean.reason_codes import bit_of
from analysis.clean.vaccines import parse_dose_number, parse_vaccine
from analysis.settings import FIRST_DOSE_IN_COUNTRY

DAYS_BETWEEN_BASES = 1462  # a spreadsheet that counts days from 1904 is that much behind
DAYS_AFTER_AS_OF = 7  # contract 2: a vaccination date is impossible more than 7 days after as_of
# Nobody under 12 was vaccinated before 2022 (8688/BYT-DP of 14/10/2021): a two-digit birth year is older.
YOUNGEST_AGE = 11
OLDEST_AGE = 120  # rule 22: an age above 120 years is an error


# Columns with few values: their combinations are few too, and one scan finds them all.
_FEW_VALUES = ("sex", "nationality")
_FEW_DOSE_VALUES = ("vaccine", "dose_number", "police_result", "signature_status")


def build_person_lookups(con: duckdb.DuckDBPyConnection) -> None:
    """Make the lookups of the person columns of the view `staged`, dates apart."""
    build_name_lookup(con, "names", "SELECT DISTINCT full_name FROM staged")
    _gather(con, "person_values", _FEW_VALUES)
    build_lookup(con, "sexes", _distinct("sex"), {"sex": "VARCHAR", "bits": "BIGINT"}, parse_sex)
    nationality = {"nationality": "VARCHAR", "is_foreigner": "BOOLEAN"}
    build_lookup(con, "nationalities", _distinct("nationality"), nationality, parse_nationality)
    codes = dict.fromkeys(("province_code", "district_code", "commune_code"), "VARCHAR")
    build_lookup(
        con,
        "paths",
        "SELECT DISTINCT coalesce(province, province_typed_code), coalesce(district, district_typed_code), "
        "coalesce(commune, commune_typed_code) FROM staged",
        codes | {"bits": "BIGINT"},
        _place_row,
    )
    build_lookup(
        con,
        "identities",
        f"SELECT DISTINCT coalesce(id_number, '') FROM staged WHERE {unusual_identity_sql('id_number')}",
        {"id_digits": "VARCHAR", "id_shape": "VARCHAR", "bits": "BIGINT"},
        parse_identity,
    )
    build_lookup(
        con,
        "phones",
        f"SELECT DISTINCT phone FROM staged WHERE NOT {ORDINARY_PHONE_SQL.format('phone')}",
        {"phone": "VARCHAR", "bits": "BIGINT"},
        parse_phone,
    )


def _gather(con: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...]) -> None:
    con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT DISTINCT {', '.join(columns)} FROM staged")


def _distinct(column: str, table: str = "person_values") -> str:
    return f"SELECT DISTINCT {column} FROM {table}"


def build_name_lookup(con: duckdb.DuckDBPyConnection, table: str, distinct_names: str) -> None:
    """Make the lookup of typed names: canonical name, keys, the typed name in NFC, and reason bits."""
    names = dict.fromkeys(("full_name", "name_key", "name_accented", "nfc"), "VARCHAR") | {"bits": "BIGINT"}
    build_lookup(con, table, distinct_names, names, _name_row)


def _name_row(text: str | None) -> Sequence[Any]:
    name = parse_name(text)
    nfc = unicodedata.normalize("NFC", text.strip()) if text else None
    return name.full_name, name.name_key, name.name_accented, nfc, name.bits


def _place_row(province: str | None, district: str | None, commune: str | None) -> Sequence[Any]:
    place = parse_place(province, district, commune)
    return place.province_code, place.district_code, place.commune_code, place.bits


def build_dose_lookups(con: duckdb.DuckDBPyConnection) -> None:
    """Make the lookups of the dose columns of the view `staged`, dates apart."""
    _gather(con, "dose_values", _FEW_DOSE_VALUES)
    number = {"dose_number": "INTEGER", "doses_behind_series": "INTEGER", "bits": "BIGINT"}
    for table, column, columns, parse in (
        ("products", "vaccine", {"vaccine": "VARCHAR", "bits": "BIGINT"}, parse_vaccine),
        ("dose_numbers", "dose_number", number, parse_dose_number),
        ("police_results", "police_result", {"police_result": "VARCHAR"}, parse_police_result),
        ("signatures", "signature_status", {"signature_status": "VARCHAR"}, parse_signature),
    ):
        build_lookup(con, table, _distinct(column, "dose_values"), columns, parse)


def decide_file_conventions(
    con: duckdb.DuckDBPyConnection, as_of: date, columns: tuple[str, ...]
) -> list[DateConvention]:
    """Make `conventions`: for each file the number of each date column's convention; returns those, numbered."""
    decided = _decide_all(con, as_of, columns)
    kinds = sorted({c for file in decided.values() for c in file.values()}, key=repr)
    number_of = {convention: number for number, convention in enumerate(kinds)}
    names = ", ".join(f"{c}_convention INTEGER" for c in columns)
    con.execute(f"CREATE OR REPLACE TABLE conventions (source_id INTEGER, {names})")
    marks = ", ".join("?" for _ in columns)
    for source_id, file in sorted(decided.items()):
        numbers = [number_of[file[c]] for c in columns]
        con.execute(f"INSERT INTO conventions VALUES (?, {marks})", [source_id, *numbers])
    return kinds


def build_date_lookups(
    con: duckdb.DuckDBPyConnection, as_of: date, columns: tuple[str, ...], kinds: list[DateConvention]
) -> None:
    """Make a lookup per date column, keyed by the convention's number in `kinds` and the typed text."""
    result = {"value": "VARCHAR", "day": "DATE", "first_day": "DATE", "year": "INTEGER"}
    for column in columns:
        latest = as_of.year - (YOUNGEST_AGE if column == "birth_date" else 0)

        def date_row(
            number: int, text: str | None, column: str = column, latest: int = latest
        ) -> Sequence[Any]:
            return _date_row(parse_date(text, kinds[number], latest), text, column, as_of)

        query = (
            f"SELECT DISTINCT {column}_convention, {column} FROM (SELECT DISTINCT source_id, {column} "
            "FROM staged) JOIN conventions USING (source_id)"
        )
        kept = result | {"precision": "VARCHAR", "bits": "BIGINT"}
        build_lookup(con, f"{column}s", query, kept, date_row)


def _date_row(parsed: ParsedDate, text: str | None, column: str, as_of: date) -> Sequence[Any]:
    """Return value, day (at day precision), first possible day, year, precision and reason bits."""
    if parsed.value is None:
        return None, None, None, None, None, _unread_bits(text, column)
    day = parsed.value if parsed.precision == "day" else None
    first_day = (parsed.value + "-01-01")[:10] if parsed.precision == "year" else (parsed.value + "-01")[:10]
    bits = bit_of("date_order_differs") if parsed.other_order else 0
    if parsed.ambiguous and column != "entry_date":
        bits |= bit_of(f"{column}_ambiguous")
    year = int(parsed.value[:4])
    if column == "birth_date":
        bits |= _birth_bits(parsed.value, first_day, as_of)
    if column == "vaccination_date" and day is None:
        bits |= bit_of("vaccination_date_unreadable")
    return parsed.value, day, first_day, year, parsed.precision, bits


def _birth_bits(value: str, first_day: str, as_of: date) -> int:
    """Return the reason bits of a birth date (text to its precision) beside the day of the run."""
    # Born on the last day that the text allows, a person would be one year too old.
    too_old = (value + "-12-31"[len(value) - 4 :])[:10] <= f"{as_of.year - OLDEST_AGE - 1}-{as_of:%m-%d}"
    bits = bit_of("birth_date_impossible") if too_old or first_day > as_of.isoformat() else 0
    return bits | (bit_of("birth_date_first_january") if value.endswith("-01-01") else 0)


def _unread_bits(text: str | None, column: str) -> int:
    if (text or "").strip():
        return bit_of(f"{column}_unreadable")
    return 0 if column == "entry_date" else bit_of(f"{column}_missing")


def _decide_all(
    con: duckdb.DuckDBPyConnection, as_of: date, columns: tuple[str, ...]
) -> dict[int, dict[str, DateConvention]]:
    """Decide the conventions of every staged file from its own values."""
    first, last = FIRST_DOSE_IN_COUNTRY, as_of + timedelta(days=DAYS_AFTER_AS_OF)
    found: dict[int, dict[str, DateEvidence]] = {}
    for column in columns:
        con.execute(
            f"CREATE OR REPLACE TABLE typed_{column} AS SELECT source_id, {column} AS typed, count(*) AS n "
            "FROM staged GROUP BY ALL"
        )
        for source_id, *counts in con.execute(_evidence_query(column, first, last)).fetchall():
            found.setdefault(source_id, {})[column] = DateEvidence(*counts)
    return {source_id: decide_conventions(evidence) for source_id, evidence in found.items()}


def _evidence_query(column: str, first: date, last: date) -> str:
    """Return SQL counting, per file, rows that only one convention of a date column can explain."""
    parts = r"^\D?(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*\d{2}"
    serial = "TRY_CAST(regexp_extract(typed, '^(\\d{5})([.,]\\d+)?$', 1) AS INTEGER)"
    tests = (
        "a > 12 AND b <= 12",
        "b > 12 AND a <= 12",
        f"serial_day BETWEEN DATE '{first}' AND DATE '{last}'",
        f"serial_day + {DAYS_BETWEEN_BASES} BETWEEN DATE '{first}' AND DATE '{last}'",
        "regexp_matches(typed, '^-?\\d{11,14}([.,]0*)?$')",
        "regexp_matches(typed, '^\\d{4,10}([.,]\\d+)?$')",
    )
    counts = ", ".join(f"coalesce(sum(n) FILTER ({test}), 0)::BIGINT" for test in tests)
    return f"""
      WITH parted AS (
        SELECT source_id, typed, n, TRY_CAST(regexp_extract(typed, '{parts}', 1) AS INTEGER) AS a,
               TRY_CAST(regexp_extract(typed, '{parts}', 2) AS INTEGER) AS b,
               DATE '1899-12-30' + {serial} AS serial_day
        FROM typed_{column})
      SELECT source_id, {counts} FROM parted GROUP BY source_id ORDER BY source_id"""
