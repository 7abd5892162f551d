"""The lookup tables of cleaned values: one per field, each distinct typed value once, cleaned in Python."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from analysis.clean.cells import Cells
from analysis.clean.fields.coded_values import (
    parse_nationality,
    parse_police_result,
    parse_sex,
    parse_signature,
)
from analysis.clean.fields.date_conventions import (
    DateEvidence,
    convention_number,
    date_evidence_query,
    decide_conventions,
    numbered_convention,
    parse_vaccination,
)
from analysis.clean.fields.dates import ParsedDate, parse_date
from analysis.clean.fields.identity_numbers import (
    ORDINARY_IDENTITIES,
    parse_identity,
    unusual_identity_sql,
)
from analysis.clean.fields.phones import ORDINARY_PHONE_SQL, SHORTENED_PHONES, parse_phone
from analysis.clean.fields.place_candidates import parse_residence
from analysis.clean.fields.sex_codes import EVIDENCE, decide_codes, evidence_step
from analysis.clean.fields.unsaid_nationality import UNSAID_NUMBER, read_unsaid
from analysis.clean.fields.vaccines import parse_dose_number, parse_vaccine
from analysis.clean.ordinary.dates import last_birth_of_age, last_impossible_birth, ordinary_dates
from analysis.clean.ordinary.names import name_steps
from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.row_kinds import says_not_given
from analysis.intake.sources import StagedFile
from analysis.settings import FIRST_DOSE_IN_COUNTRY
from analysis.steps import Plan, Step

DAYS_AFTER_AS_OF = 7  # sources in-2: a vaccination date is impossible later than this
# Nobody under 12 was vaccinated before 2022 (sources date-4): a two-digit birth year is older.
YOUNGEST_AGE = 11


# Columns with few values: their combinations are few too, and one scan finds them all.
_FEW_VALUES = ("sex", "nationality")
_FEW_DOSE_VALUES = ("vaccine", "dose_number", "police_result", "signature_status")
_CODES = dict.fromkeys(("province_code", "district_code", "commune_code"), "VARCHAR")
_BITS = {"bits": "BIGINT"}
_DATES = {
    "value": "VARCHAR",
    "day": "DATE",
    "first_day": "DATE",
    "year": "INTEGER",
    "precision": "VARCHAR",
} | _BITS


def person_lookups(cells: Cells) -> Plan:
    """Return the lookups of the person columns of typed cells, dates apart."""
    nationality = {"nationality": "VARCHAR", "is_foreigner": "BOOLEAN"} | _BITS
    return (
        *name_steps(cells.name("names"), cells.table),
        _combinations(cells, "person_values", _FEW_VALUES),
        _lookup(cells, "sexes", "person_values", "sex", {"sex": "VARCHAR"} | _BITS, parse_sex),
        _lookup(cells, "nationalities", "person_values", "nationality", nationality, parse_nationality),
        Step(
            cells.name("unsaid_nationalities"),
            "one typed name and number without a nationality that may be a foreigner's",
            cells.table,
            f"SELECT DISTINCT full_name, coalesce(id_number, '') FROM {cells.table} AS s WHERE {UNSAID_NUMBER} IS NOT NULL",
            columns={"is_foreigner": "BOOLEAN"} | _BITS,
            clean=read_unsaid,
        ),
        Step(
            cells.name("paths"),
            "one typed path of residence, and the units it leads to",
            cells.table,
            "SELECT DISTINCT coalesce(province, province_typed_code), coalesce(district, district_typed_code), "
            f"coalesce(commune, commune_typed_code) FROM {cells.table}",
            columns=_CODES | _BITS,
            clean=_place_row,
        ),
        Step(
            cells.name("identities"),
            "one typed identity number that is not plain digits",
            cells.table,
            f"SELECT DISTINCT coalesce(id_number, '') FROM {cells.table} WHERE {unusual_identity_sql('id_number')}",
            columns={"id_digits": "VARCHAR", "id_shape": "VARCHAR"} | _BITS,
            clean=parse_identity,
            ordinary=ORDINARY_IDENTITIES,
        ),
        Step(
            cells.name("phones"),
            "one typed telephone number of an unusual form",
            cells.table,
            f"SELECT DISTINCT phone FROM {cells.table} WHERE NOT {ORDINARY_PHONE_SQL.format('phone')}",
            columns={"phone": "VARCHAR"} | _BITS,
            clean=parse_phone,
            ordinary=SHORTENED_PHONES,
        ),
    )


def _combinations(cells: Cells, table: str, columns: tuple[str, ...]) -> Step:
    query = f"SELECT DISTINCT {', '.join(columns)} FROM {cells.table}"
    return Step(cells.name(table), "one combination of typed values of few kinds", cells.table, query)


def _lookup(
    cells: Cells,
    table: str,
    source: str,
    column: str,
    columns: dict[str, str],
    clean: Callable[..., Sequence[Any]],
) -> Step:
    row, query = f"one typed value of {column}", f"SELECT DISTINCT {column} FROM {cells.name(source)}"
    return Step(cells.name(table), row, cells.name(source), query, columns=columns, clean=clean)


def _place_row(province: str | None, district: str | None, commune: str | None) -> Sequence[Any]:
    place = parse_residence(province, district, commune)
    return place.province_code, place.district_code, place.commune_code, place.bits


def dose_lookups(cells: Cells) -> Plan:
    """Return the lookups of the dose columns of typed cells, dates apart."""
    number = {"dose_number": "INTEGER", "doses_behind_series": "INTEGER"} | _BITS
    values = "dose_values"
    return (
        _combinations(cells, values, _FEW_DOSE_VALUES),
        _lookup(cells, "products", values, "vaccine", {"vaccine": "VARCHAR"} | _BITS, parse_vaccine),
        _lookup(cells, "dose_numbers", values, "dose_number", number, parse_dose_number),
        _lookup(
            cells,
            "police_results",
            values,
            "police_result",
            {"police_result": "VARCHAR"},
            parse_police_result,
        ),
        _lookup(
            cells, "signatures", values, "signature_status", {"signature_status": "VARCHAR"}, parse_signature
        ),
    )


def convention_steps(
    cells: Cells, as_of: date, columns: tuple[str, ...], files: Sequence[StagedFile]
) -> Plan:
    """Return the steps that decide how each file writes each of its date columns, from its own values.

    `conventions` has one row a file: `source_id`, for each column `<column>_convention` (a number of
    `numbered_convention`), and `sex_codes`.
    """
    first, last = FIRST_DOSE_IN_COUNTRY, as_of + timedelta(days=DAYS_AFTER_AS_OF)
    steps: list[Step] = []
    for column in columns:
        typed, evidence = (cells.name(f"{kind}_{column}s") for kind in ("typed", "evidence_of"))
        query = f"SELECT source_id, {column} AS typed, count(*) AS n FROM {cells.table} GROUP BY ALL"
        steps += [
            Step(typed, f"one text of {column} in one file, and its rows", cells.table, query),
            Step(
                evidence,
                "one file: rows that only one convention explains",
                typed,
                date_evidence_query(typed, first, last, _EARLIEST_BIRTH if column == "birth_date" else first),
            ),
        ]
    codes = evidence_step(cells, files)
    steps.append(codes)
    tables = [cells.name(f"evidence_of_{column}s") for column in columns]
    counts = ", ".join(f"{table}.* EXCLUDE (source_id)" for table in tables)
    joined = " JOIN ".join([tables[0], *(f"{table} USING (source_id)" for table in tables[1:])])
    sexes = ", ".join(f"coalesce({codes.table}.{c}, 0)" for c in EVIDENCE)
    conventions = Step(
        cells.name("conventions"),
        "one file, and how it writes its dates and codes its sexes",
        " ".join([*tables, codes.table]),
        f"SELECT source_id, {sexes}, {counts} FROM {joined} LEFT JOIN {codes.table} USING (source_id)",
        columns={"source_id": "INTEGER"}
        | {f"{c}_convention": "INTEGER" for c in columns}
        | {"sex_codes": "INTEGER"},
        clean=partial(_convention_row, columns),
    )
    return (*steps, conventions)


def _convention_row(columns: tuple[str, ...], source_id: int, *counts: int) -> Sequence[int]:
    """Return a file's number, its conventions' numbers and its codes of sexes from what was counted of it."""
    sexes, dates = counts[: len(EVIDENCE)], counts[len(EVIDENCE) :]
    width = len(dates) // len(columns)
    evidence = {c: DateEvidence(*dates[i * width : (i + 1) * width]) for i, c in enumerate(columns)}
    decided = decide_conventions(evidence)
    return source_id, *(convention_number(decided[c]) for c in columns), decide_codes(*sexes)


def date_lookups(cells: Cells, as_of: date, columns: tuple[str, ...]) -> Plan:
    """Return a lookup per date column, keyed by the convention's number and the typed text."""
    return tuple(_date_lookup(cells, as_of, column) for column in columns)


def _date_lookup(cells: Cells, as_of: date, column: str) -> Step:
    conventions = cells.common("conventions")
    source, text = (cells.table, column) if cells.corrects else (cells.name(f"typed_{column}s"), "typed")
    latest = as_of.year - (YOUNGEST_AGE if column == "birth_date" else 0)
    campaign = FIRST_DOSE_IN_COUNTRY, as_of

    def parse(number: int, typed: str | None) -> ParsedDate:
        convention = numbered_convention(number)
        if column == "vaccination_date":
            return parse_vaccination(typed, convention, campaign)
        return parse_date(typed, convention, latest)

    return Step(
        cells.name(f"{column}s"),
        f"one text of {column} under one convention",
        f"{source} {conventions}",
        f"SELECT DISTINCT {column}_convention, {text} FROM {source} JOIN {conventions} USING (source_id)",
        columns=_DATES,
        clean=lambda number, typed: _date_row(parse(number, typed), typed, column, as_of),
        ordinary=ordinary_dates(column, as_of),
    )


def _date_row(parsed: ParsedDate, text: str | None, column: str, as_of: date) -> Sequence[Any]:
    """Return value, day (at day precision), first possible day, year, precision and reason bits."""
    if parsed.value is None:
        return None, None, None, None, None, _unread_bits(text, column)
    day = parsed.value if parsed.precision == "day" else None
    first_day = (parsed.value + "-01-01")[:10] if parsed.precision == "year" else (parsed.value + "-01")[:10]
    bits = bit_of("date_order_differs") if parsed.other_order else 0
    bits |= bit_of("date_shifted") if parsed.moved else 0
    bits |= bit_of("date_restored") if parsed.is_restored else 0
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
    too_old = (value + "-12-31"[len(value) - 4 :])[:10] <= last_impossible_birth(as_of)
    impossible = too_old or first_day > last_birth_of_age(as_of)
    bits = bit_of("birth_date_impossible") if impossible else 0
    return bits | (bit_of("birth_date_first_january") if value.endswith("-01-01") else 0)


def _unread_bits(text: str | None, column: str) -> int:
    if column == "vaccination_date" and says_not_given(text or ""):
        return bit_of("dose_not_given")
    if (text or "").strip():
        return bit_of(f"{column}_unreadable")
    return 0 if column == "entry_date" else bit_of(f"{column}_missing")


_EARLIEST_BIRTH = date(1900, 1, 1)
