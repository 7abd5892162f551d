"""Writing one opened table as a parquet file of text columns named by field."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import duckdb

from analysis.engine import QUICK, sql_path, sql_text
from analysis.intake.formats.legacy_text import CONVERSIONS
from analysis.intake.headers.finding import Header, Schema
from analysis.intake.headers.lists import DATE_FIELDS
from analysis.intake.headers.notes import plain_words
from analysis.intake.headers.residence import residence_cells, site_cells
from analysis.intake.row_kinds import not_given_sql
from analysis.intake.sources import FileRefusedError, TwoHeadersError
from analysis.intake.syllables import unaccented

# What a spreadsheet shows where a formula has no result.
ERRORS = (
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NUM!",
    "#NAME?",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
)
# Also as a Macintosh types them: each accent a character of its own.
_SAID = tuple(
    typed
    for said in ("không có", "chưa có")
    for typed in (said, unaccented(said), unicodedata.normalize("NFD", said))
)
# What programs and people write where there is nothing: R, pandas, databases, and a clerk. "Na" and "Nan" with one
# capital may be a syllable of a name.
NO_VALUES = (
    *(
        "NA",
        "N/A",
        "n/a",
        "<NA>",
        "#N/A",
        "NaN",
        "nan",
        "NAN",
        "NaT",
        "NULL",
        "Null",
        "null",
        "(null)",
        "(NULL)",
    ),
    *("None", "NONE", "none", "\\N", "-", "--", "---", "–", "—"),
    *("undefined", "...", "…"),
    *(form for said in _SAID for form in (said, said.capitalize(), said.upper())),
)
# As patterns, not as lists of words: the engine makes a join of a long list, and a join loses the order of rows, by
# which they are numbered.
_NOTHING = sql_text("|".join(map(re.escape, ("", *NO_VALUES))))
_NOTHING_OR_ERROR = sql_text("|".join(map(re.escape, ("", *NO_VALUES, *ERRORS))))
# A birth behind a name: a whole date, or a year of four figures.
_BIRTH_BEHIND = sql_text(r"((?:\d{1,2}\s*[/.\-]\s*){2}(?:\d{4}|\d{2})|(?:\d{1,2}\s*[/.\-]\s*)?\d{4})\s*\)?$")

# A mark in a column that stands for one answer; ü is the tick of the font Wingdings.
_MARK = "[xX×vV✓✔√☑ü+*1]|[cC][óÓ]"


# Headers of what became of a planned dose.
_STATE = re.compile(r"(?:trang thai|tinh trang|ket qua)(?: tiem)?(?: chung)?|da tiem")


@dataclass(frozen=True)
class Staging:
    """Where one table is staged: its number and its file."""

    source_id: int
    target: Path


def number_tables(folder: Path, schema: Schema, first: int) -> Iterator[Staging]:
    """Yield where the tables of a folder of the intake are staged, numbered from `first`."""
    for source_id in count(first):
        yield Staging(source_id, folder / f"{schema.kind}-{source_id:05d}.parquet")


def staged_columns(schema: Schema) -> list[str]:
    """Return the columns of a staged file, in order; `lead` is the row's first cell."""
    return ["source_id", "source_row", "row_fault", "row_flag", "lead", *schema.headers]


def has_content_sql(schema: Schema) -> str:
    """Return SQL: a row has a fault, some field, or words (not a mere number) in a first column of its own."""
    return (
        f"(row_fault IS NOT NULL OR coalesce({', '.join(schema.headers)}) IS NOT NULL "
        "OR coalesce(regexp_matches(lead, '[^0-9.\\s]'), false))"
    )


@dataclass(frozen=True)
class Cells:
    """How the cells of a relation are read.

    `pattern` formats a column's position as SQL (`c{}`), `shift` is added to it; `legacy` names the conversion of
    columns typed in an older code (see `conversion_functions`). `formulas` says that texts stand as `="…"`, `errors`
    that cells may hold a spreadsheet's error (#N/A), which is no value.
    """

    pattern: str = "c{}"
    shift: int = 0
    legacy: Mapping[int, str] = field(default_factory=dict)
    formulas: bool = False
    errors: bool = True

    def sql(self, index: int) -> str:
        """Return SQL for the text of a column's cell, trimmed, null when it is empty, says so in a word, or is an error."""
        cell = self.pattern.format(index + self.shift)
        if index in self.legacy:
            cell = f"from_{self.legacy[index]}({cell})"
        if self.formulas:
            inside = f"""replace(regexp_extract({cell}, '^\\s*="(.*)"\\s*$', 1, 's'), '""', '"')"""
            cell = f"""CASE WHEN starts_with(trim({cell}), '="') THEN {inside} ELSE {cell} END"""
        nothing = _NOTHING_OR_ERROR if self.errors else _NOTHING
        return f"CASE WHEN NOT regexp_full_match(trim({cell}), {nothing}) THEN trim({cell}) END"


def stage_relation(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    cells: Cells,
    header: Header,
    schema: Schema,
    staging: Staging,
    numbers: Mapping[str, str] | None = None,
) -> int:
    """Write a relation as a staged file, cells trimmed and empty ones null, and return its rows.

    `numbers` gives `source_row`, `row_fault` and `row_flag` where the relation knows them. Fields without a
    column are null.
    """
    kinds = {"source_id": "INTEGER", "source_row": "BIGINT"}
    given = field_cells(header, cells.sql)
    lead = cells.sql(0) if cells.formulas else cells.pattern.format(cells.shift)
    given |= {"lead": lead, "source_id": str(staging.source_id), **(numbers or {})}
    chosen = ", ".join(
        f"CAST({given.get(c, 'NULL')} AS {kinds.get(c, 'VARCHAR')}) AS {c}" for c in staged_columns(schema)
    )
    rows = con.execute(
        f"COPY (SELECT *, {has_content_sql(schema)} AS has_content FROM (SELECT {chosen} FROM {relation})) "
        f"TO {sql_path(staging.target)} (FORMAT parquet, COMPRESSION {QUICK})"
    ).fetchall()
    return int(rows[0][0])


def field_cells(header: Header, cell: Callable[[int], str]) -> dict[str, str]:
    """Return SQL for each field of a header, given SQL for the cell of a column.

    Several columns of a field are joined, those of a date as day/month/year. Of columns by sex the one that is
    filled in gives the value and the sex; where both are, neither is known. A mark in a column of one sex says that
    sex. Of columns of single doses each that is filled in, with more than a 0, gives its header. Who has no temporary
    residence lives at the permanent one (sources place-6).
    """
    given = {name: cell(index) for name, index in header.columns.items()}
    given |= residence_cells(header.columns, header.letterhead, cell)
    if header.permanent:
        nowhere = " AND ".join(f"{given[name]} IS NULL" for name, _ in header.permanent)
        given |= {
            name: f"CASE WHEN {nowhere} THEN {cell(index)} ELSE {given[name]} END"
            for name, index in header.permanent
        }
    given |= site_cells(header.columns, header.letterhead, cell)
    for joined in {name for name, _ in header.joined}:
        further = [cell(index) for name, index in header.joined if name == joined]
        between = " " if joined == "full_name" else "/" if joined in DATE_FIELDS else "; "
        if joined in DATE_FIELDS:
            # A day without its month leaves a gap: 5 and 1962 are no May of 1962.
            further[0] = (
                f"CASE WHEN {given[joined]} IS NULL THEN {further[0]} ELSE coalesce({further[0]}, '') END"
            )
        given[joined] = f"nullif(concat_ws('{between}', {', '.join((given[joined], *further))}), '')"
    if "vaccination_date" in given and (told := _not_given(header, cell)):
        given["vaccination_date"] = f"CASE {told} ELSE {given['vaccination_date']} END"
    if header.names_birth:
        given["birth_date"] = f"nullif(regexp_extract({given['full_name']}, {_BIRTH_BEHIND}, 1), '')"
    if header.by_dose:
        marks = (f"CASE WHEN {cell(i)} <> '0' THEN {sql_text(dose)} END" for dose, i in header.by_dose)
        given["dose_number"] = f"nullif(concat_ws(' ', {', '.join(marks)}), '')"
    if header.by_sex:
        name, men, women = header.by_sex[0], cell(header.by_sex[1]), cell(header.by_sex[2])
        if name == "sex":
            men, women = (f"nullif({marked}, '0')" for marked in (men, women))
        given[name] = f"CASE WHEN {women} IS NULL THEN {men} WHEN {men} IS NULL THEN {women} END"
        sex = f"CASE WHEN {women} IS NULL AND {men} IS NOT NULL THEN 'Nam' WHEN {men} IS NULL AND {women} IS NOT NULL THEN 'Nữ' END"
        given["sex"] = f"coalesce({given['sex']}, {sex})" if "sex" in header.columns else sex
    if header.one_sex:
        sex, marked = sql_text(header.one_sex[0]), cell(header.one_sex[1])
        given["sex"] = (
            f"CASE WHEN regexp_full_match({marked}, '{_MARK}') THEN {sex} ELSE nullif({marked}, '0') END"
        )
    return given


def _not_given(header: Header, cell: Callable[[int], str]) -> str:
    """Return SQL `WHEN …` for rows whose state or note says that no dose was given: that, in place of the planned day.

    Nothing where no column tells (sources in-22).
    """
    states = [i for i, text in header.unnamed if _STATE.fullmatch(plain_words(text))]
    told = [cell(i) for i in (*states, *(header.columns[f] for f in ("note",) if f in header.columns))]
    return " ".join(f"WHEN {c} IS NOT NULL AND {not_given_sql(c)} THEN {c}" for c in told)


def csv_relation(path: Path, delimiter: str, width: int, skip: int) -> str:
    """Return SQL that reads a regular delimited file strictly, every column as text (c0, c1, …)."""
    names = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    return (
        f"read_csv({sql_path(path)}, header = false, skip = {skip}, delim = {sql_text(delimiter)}, "
        f"quote = '\"', escape = '\"', auto_detect = false, columns = {{{names}}}, "
        "max_line_size = 8000000)"
    )


def usable_header(header: Header, schema: Schema) -> Header:
    """Return a header that can be used; raises FileRefusedError naming a missing or doubled column.

    Raises TwoHeadersError where the settings give two of its columns one field.
    """
    if header.typed_twice:
        raise TwoHeadersError(schema.kind, header.typed_twice)
    if header.doses:
        numbers = ", ".join(header.doses)
        raise FileRefusedError(
            "doses_side_by_side", f"doses {numbers} stand side by side; write one row a dose", header
        )
    if header.doubled:
        raise FileRefusedError("column_doubled", header.doubled[0], header)
    if header.missing:
        reason = "wrong_kind" if header.other_kind else "column_missing"
        raise FileRefusedError(reason, header.other_kind or header.missing[0], header)
    return header


def control_character_fault(cells: list[str]) -> str:
    """Return SQL: `control_characters` when a row's cells hold one other than tab, line end and escape."""
    return (
        f"CASE WHEN regexp_matches(concat({', '.join(cells)}), '[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1A\\x1C-\\x1F\\x7F]') "
        "THEN 'control_characters' END"
    )


@contextmanager
def conversion_functions(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> Iterator[None]:
    """Lend the connection the SQL functions `from_<conversion>`, which turn text into Unicode."""
    used = sorted(set(names))
    for name in used:
        con.create_function(f"from_{name}", CONVERSIONS[name], ["VARCHAR"], "VARCHAR")
    try:
        yield
    finally:
        for name in used:
            con.remove_function(f"from_{name}")
