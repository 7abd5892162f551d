"""Delimited text: finding its dialect and header, checking its structure, and staging it.

A regular UTF-8 file goes straight to the engine, read strictly; anything else (letterhead, blank or
ragged rows, stray quotes, quoted line ends) is first rewritten record by record. Files in another
encoding are first written anew in UTF-8.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import duckdb

from analysis.intake.cell_forms import unwrapped
from analysis.intake.formats.encodings import decoded_lines, sniff_encoding, write_utf8
from analysis.intake.formats.legacy_text import CONVERSIONS, best_conversion, vietnamese_share
from analysis.intake.formats.records import count_records
from analysis.intake.formats.regularise import Rewriting, read_records, write_regular_rows
from analysis.intake.headers.finding import Header, Schema, find_header, find_legacy_header
from analysis.intake.headers.inner import find_other_orders
from analysis.intake.headers.whole_names import with_whole_names
from analysis.intake.sources import FileRefusedError, Leaf, StagedFile, check_width
from analysis.intake.split_rows import refuse_split_rows
from analysis.intake.staging import (
    Cells,
    Staging,
    conversion_functions,
    csv_relation,
    stage_relation,
    usable_header,
)

DELIMITERS = (",", ";", "\t", "|")
HEADER_SEARCH_ROWS = 40
SAMPLE_ROWS = 200
SAMPLE_LETTERS = 4_000_000


@dataclass(frozen=True)
class Dialect:
    """How a delimited UTF-8 file is written: delimiter, header, and columns typed in a legacy code.

    `formulas` says that its texts stand as formulas, `="…"`, to keep a spreadsheet from changing them.
    """

    delimiter: str
    header: Header
    legacy_columns: dict[int, str]
    formulas: bool = False

    @property
    def conversions(self) -> dict[int, Callable[[str], str]]:
        """Return the conversion of each legacy column."""
        return {index: CONVERSIONS[name] for index, name in self.legacy_columns.items()}

    def lines(self, path: Path) -> Iterator[str]:
        """Yield the lines of a file; a formula's text that is not quoted as a whole becomes a quoted cell."""
        if not self.formulas:
            return decoded_lines(path)
        bare = re.compile(f'(^|{re.escape(self.delimiter)})="')
        return (bare.sub(r'\1"', line) for line in decoded_lines(path))


def sniff_dialect(path: Path, schema: Schema) -> Dialect:
    """Find delimiter, header and legacy columns from a file's first records; raises FileRefusedError."""
    lines = first_lines(path)
    samples = {delimiter: records_of(lines, delimiter) for delimiter in DELIMITERS}
    best: tuple[str, Header] | None = None
    for find in (find_header, find_legacy_header):
        for delimiter, rows in samples.items():
            header = find(rows[:HEADER_SEARCH_ROWS], schema)
            if header and (best is None or len(header.fields) > len(best[1].fields)):
                best = delimiter, header
        if best and not best[1].missing:
            break
    if best is None:
        raise FileRefusedError("header_not_found", "no row of the first 40 names two known columns")
    delimiter, header = best
    rows = samples[delimiter][header.row + 1 :]
    formulas = any('="' in line for line in lines)
    header = with_whole_names(usable_header(header, schema), rows)
    refuse_split_rows(header, rows, schema)
    return Dialect(delimiter, header, legacy_columns(rows, header), formulas)


def first_lines(path: Path) -> list[str]:
    """Return the first lines of a UTF-8 file, at least one and at most four million letters of them.

    Raises FileRefusedError for a line of more cells than a table may have columns.
    """
    lines: list[str] = []
    letters = 0
    for line in islice(decoded_lines(path), SAMPLE_ROWS):
        check_width(max(line.count(delimiter) for delimiter in DELIMITERS) + 1)
        letters += len(line)
        if lines and letters > SAMPLE_LETTERS:
            break
        lines.append(line)
    return lines


def records_of(lines: list[str], delimiter: str) -> list[list[str]]:
    """Return the records of a file's first lines, blank ones as empty lists, formulas of a text as the text."""
    try:
        rows = [record.split(delimiter) for record in read_records(lines, delimiter)]
    except FileRefusedError:
        # The sample ends inside a quoted cell, or the quotes mean nothing.
        rows = [line.rstrip("\r\n").replace('"', "").split(delimiter) for line in lines]
    return [[unwrapped(cell) for cell in row] for row in rows]


def legacy_columns(rows: list[list[str]], header: Header) -> dict[int, str]:
    """Name the columns whose text is typed in TCVN3 or VNI or read in a wrong encoding.

    Where the header is in such a code, so is a column that the code makes no less Vietnamese: names of the highlands
    are no syllables of it, and "Hoàng Trò" is VNI for Hồng Trị (sources fault-8).
    """
    found = {}
    for index in sorted({*header.columns.values(), *(index for _, index in header.joined)}):
        texts = [row[index] for row in rows if len(row) > index and not row[index].isascii()]
        if len(texts) >= 3 and (conversion := best_conversion(texts, lowest=0.8)):
            found[index] = conversion
        elif header.code and _is_as_good(texts, CONVERSIONS[header.code]):
            found[index] = header.code
    return found


def _is_as_good(texts: list[str], convert: Callable[[str], str]) -> bool:
    """Say whether a conversion changes texts and leaves no fewer of their words Vietnamese."""
    converted = [convert(text) for text in texts]
    return converted != texts and (vietnamese_share(converted) or 0) >= (vietnamese_share(texts) or 0)


def stage_delimited(
    con: duckdb.DuckDBPyConnection, leaf: Leaf, schema: Schema, staging: Staging
) -> StagedFile:
    """Stage one delimited file; raises FileRefusedError when it cannot be used."""
    encoding = sniff_encoding(leaf.path)
    path = leaf.path
    if not encoding.startswith("utf-8"):
        path = staging.target.with_suffix(".txt")
        write_utf8(leaf.path, path, encoding)
    try:
        dialect = sniff_dialect(path, schema)
        rows, inner = None, []
        if encoding != "utf-8-mixed":
            rows = _stage_directly(con, path, dialect, schema, staging)
            inner = find_other_orders(con, staging, dialect.header, schema) if rows else []
        if rows is None or inner:
            rows = _stage_rewritten(con, path, dialect, schema, staging, inner)
    finally:
        if path != leaf.path:
            path.unlink(missing_ok=True)
    if not rows:
        raise FileRefusedError("file_empty", "there is a header but no row")
    legacy = tuple(sorted(set(dialect.legacy_columns.values())))
    encoding = "+".join((encoding, *legacy))
    header = dialect.header
    return StagedFile(
        *(staging.source_id, leaf.source_file, staging.target, header.unknown, encoding),
        header=header,
        delimiter=dialect.delimiter,
    )


def _stage_directly(
    con: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, schema: Schema, staging: Staging
) -> int | None:
    """Stage a regular file through the engine's reader; None when it is not regular after all.

    The engine drops blank lines in silence, so its rows must be as many as the records counted apart.
    """
    counted = count_records(path) if dialect.header.row == 0 else None
    if counted is None:
        return None
    relation = csv_relation(path, dialect.delimiter, dialect.header.width, skip=1)
    numbers = {}
    if counted.blank:
        relation = f"(SELECT row_number() OVER () AS k, * FROM {relation})"
        # Record b (the header is 0) is the i-th blank one: b - i rows stand before it.
        shifts = " + ".join(f"(k > {b - i})::BIGINT" for i, b in enumerate(counted.blank, start=1))
        numbers = {"source_row": f"k + {shifts}"}
    cells = Cells(legacy=dialect.legacy_columns, formulas=dialect.formulas, errors=counted.has_errors)
    with conversion_functions(con, dialect.legacy_columns.values()):
        try:
            rows = stage_relation(con, relation, cells, dialect.header, schema, staging, numbers)
        except duckdb.InvalidInputException:
            return None
    return rows if rows == counted.records - 1 - len(counted.blank) else None


def _stage_rewritten(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    dialect: Dialect,
    schema: Schema,
    staging: Staging,
    inner: Iterable[int],
) -> int:
    """Rewrite an irregular file as a regular one, row faults beside, and stage that.

    `inner` are the row numbers of headers in another order, where they are known; they are looked for otherwise.
    """
    header = dialect.header
    plan = Rewriting(dialect.delimiter, header, schema, dialect.conversions, header.width, frozenset(inner))
    rows = _stage_plan(con, path, dialect, plan, staging)
    if rows and not plan.inner and (found := find_other_orders(con, staging, header, schema)):
        rows = _stage_plan(con, path, dialect, replace(plan, inner=frozenset(found)), staging)
    return rows


def _stage_plan(
    con: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, plan: Rewriting, staging: Staging
) -> int:
    part = staging.target.with_suffix(".csv")
    try:
        rows, others = write_regular_rows(dialect.lines(path), part, plan)
        wider = plan.with_fields(others)
        if wider.width != plan.width:
            rows, _ = write_regular_rows(dialect.lines(path), part, wider)
        if rows:
            relation = csv_relation(part, plan.delimiter, wider.width + 3, skip=0)
            numbers = {"source_row": "c0", "row_fault": "nullif(c1, '')", "row_flag": "nullif(c2, '')"}
            cells = Cells(shift=3, formulas=dialect.formulas)
            stage_relation(con, relation, cells, wider.header, plan.schema, staging, numbers)
    finally:
        part.unlink(missing_ok=True)
    return rows
