"""The findings of every file of an intake's folders, as a run would read it."""

from collections.abc import Mapping
from dataclasses import replace

from analysis.check.columns import NEEDED, find_columns, is_needed, plain_field, unknown_columns
from analysis.check.conventions import dose_conventions, report_conventions
from analysis.check.counts import Counts, dose_counts, report_counts, staged_counts
from analysis.check.findings import IGNORED, OK, SET_ASIDE, FileFinding, Problem, column_letter, is_few
from analysis.check.heads import Heads
from analysis.check.opened import Opened, folder_schemas
from analysis.check.rows import dose_faults, odd_counts, report_faults
from analysis.intake.headers.finding import Header
from analysis.intake.headers.schemas import Schema
from analysis.intake.headers.typed import written_name
from analysis.intake.sources import SAME_AS, SetAside, StagedFile

_PLACE_FIELDS = ("province", "district", "commune")


def find_files(opened: Opened) -> list[FileFinding]:
    """Return the findings of all files but the registry's, folder by folder, by name."""
    found = []
    typed = opened.sampled.settings.headers
    for kind, plain in folder_schemas().items():
        schema = replace(plain, typed=typed.get(kind, {}))
        counts, conventions, faults = _tables_of(opened, kind)
        files = [
            _opened_file(opened, schema, staged, counts.get(staged.source_file), conventions, faults)
            for staged in opened.folders[kind].staged
        ]
        files += [_set_aside(schema, refused) for refused in opened.folders[kind].set_aside]
        found += sorted(files, key=lambda file: file.file)
    return found


def _tables_of(
    opened: Opened, kind: str
) -> tuple[Mapping[str, tuple[int, Counts]], Mapping[str, list[Problem]], Mapping[str, list[Problem]]]:
    """Return counts, conventions and faults of rows by file, as the cleaned tables of a folder say them."""
    if kind == "platform" and opened.folders[kind].staged:
        return dose_counts(opened), dose_conventions(opened), dose_faults(opened)
    for report in opened.reports():
        if report.name == kind:
            faults, odd = report_faults(opened, report), odd_counts(opened, report)
            told = {name: faults.get(name, []) + odd.get(name, []) for name in faults | odd}
            return report_counts(opened, report), report_conventions(opened, report), told
    return {}, {}, {}


def _set_aside(schema: Schema, refused: SetAside) -> FileFinding:
    is_quiet = refused.reason_code == "sheet_ignored"
    finding = FileFinding(refused.source_file, schema.kind, IGNORED if is_quiet else SET_ASIDE)
    where, facts = "", {"detail": refused.detail}
    if header := refused.header:
        finding.header_row = header.row + 1
        finding.columns = find_columns(schema, header, 0, {}, 0)
        finding.problems = unknown_columns(schema.kind, finding.columns, finding.header_row)
        where = _where_refused(schema, header, refused)
    if refused.reason_code in ("column_missing", "column_doubled"):
        facts = {"field": written_name(schema.kind, refused.detail), "detail": ""}
    if refused.reason_code == "file_repeated":
        facts = {"file": refused.detail.removeprefix(SAME_AS), "detail": ""}
    finding.problems.insert(0, Problem(refused.reason_code, where, facts=facts, is_note=is_quiet))
    for field in header.missing[1:] if header and refused.reason_code == "column_missing" else ():
        facts = {"field": written_name(schema.kind, field), "detail": ""}
        finding.problems.append(Problem("column_missing", str(finding.header_row), facts=facts))
    return finding


def _where_refused(schema: Schema, header: Header, refused: SetAside) -> str:
    """Return the cells of a header that is doubled, else the row of the header."""
    row = header.row + 1
    if refused.reason_code != "column_doubled":
        return str(row)
    places = [i for i, text in enumerate(header.labels) if text and schema.field_of(text) == refused.detail]
    return ", ".join(f"{column_letter(i)}{row}" for i in places) or str(row)


def _opened_file(
    opened: Opened,
    schema: Schema,
    staged: StagedFile,
    counted: tuple[int, Counts] | None,
    conventions: Mapping[str, list[Problem]],
    faults: Mapping[str, list[Problem]],
) -> FileFinding:
    header = staged.header
    assert header is not None, "every opened file has a header"
    in_sample, filled = staged_counts(opened, staged)
    rows, counts = counted or (in_sample, {})
    counts = filled | {field: count for field, count in counts.items() if field in header.fields}
    finding = FileFinding(
        staged.source_file, schema.kind, OK, staged.encoding, staged.delimiter, header.row + 1
    )
    total = opened.heads.totals.get(staged.source_file)
    finding.rows = max(total.records - header.row - 1, in_sample) if total else in_sample
    finding.is_estimated = bool(total and total.is_estimated)
    finding.rows_looked_at = in_sample
    finding.columns = find_columns(schema, header, staged.first_column, counts, rows)
    finding.problems = unknown_columns(schema.kind, finding.columns, header.row + 1)
    finding.problems += _field_problems(schema, staged, header, counts, rows, opened.heads)
    own = conventions.get(staged.source_file, [])
    finding.conventions = [convention for convention in own if convention.is_note]
    if staged.uses_1904_dates and not any(c.code == "days_from_1904" for c in finding.conventions):
        finding.conventions.append(Problem("workbook_from_1904", is_note=True))
    finding.problems += [convention for convention in own if not convention.is_note]
    finding.problems += faults.get(staged.source_file, [])
    if any(problem.code == "value_unreadable_file" for problem in finding.problems):
        finding.status = SET_ASIDE
    return finding


def _field_problems(
    schema: Schema, staged: StagedFile, header: Header, counts: Counts, rows: int, heads: Heads
) -> list[Problem]:
    """Return what is wrong with the cells of each field: no column, empty, or unreadable."""
    found = []
    present = {plain_field(field) for field in header.fields}
    for field in NEEDED.get(schema.kind, ()):
        if field not in present:
            if field == "commune" and "address" in present:
                found.append(Problem("commune_from_address", str(header.row + 1), rows))
            found.append(Problem("field_absent", str(header.row + 1), rows, {"field": field}))
    for field, index in header.columns.items():
        count = counts.get(field)
        if count is None or not rows:
            continue
        letter = column_letter(staged.first_column + index)
        facts = {"field": written_name(schema.kind, field), "of": rows}
        empty = rows - count.filled
        if is_needed(schema.kind, field, schema.required) and empty * 2 >= rows:
            found.append(Problem("cells_empty", letter, empty, facts))
        unread = count.filled - count.readable
        if unread:
            row = heads.place(staged.source_file, header.row + 1 + (count.first_unread or 0))
            place = f"{letter}{row}"
            facts |= {"of": count.filled, "different": count.different_unread}
            few = schema.kind in ("platform", "rosters") and (
                is_few(unread, count.filled) or (field == "phone" and unread < count.filled)
            )
            code = (
                "units_unknown"
                if plain_field(field) in _PLACE_FIELDS or field.endswith("_code")
                else "cells_unread"
            )
            found.append(Problem(code, place, unread, facts, is_note=few))
    return found
