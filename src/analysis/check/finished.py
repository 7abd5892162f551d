"""The findings of a cleaned intake: what a look before the run says of samples, said of all rows.

They are read from the finished tables: files and rows from `quality`, folders against each other by the look's own
functions. Where one begins within a file is a look's to say: `quality` keeps no cell.
"""

import re
from collections.abc import Iterable
from typing import Any

import duckdb
import pandas as pd

from analysis.check.columns import nearest_header
from analysis.check.findings import OK, SET_ASIDE, FileFinding, Problem, is_few
from analysis.check.heads import Heads
from analysis.check.opened import REGISTRY, Opened, folder_schemas
from analysis.check.rows import AMBIGUOUS, RIGHTLY
from analysis.check.whole import find_presence, whole_problems
from analysis.check.wording import is_vietnamese, place_text, sentence
from analysis.clean.dose_records import IMPOSSIBLE_CODES
from analysis.clean.quality.reason_codes import REASONS
from analysis.engine import Engine, sql_files
from analysis.errors import one_line
from analysis.intake.headers.typed import written_name
from analysis.intake.naming import ShownNames, TypedNames
from analysis.intake.sources import SAME_AS, Intake, StagedFile
from analysis.settings import RunParameters
from analysis.tables import TABLES, view_table

MOST_LINES = 20
# What a reason of a row is to a look: cells of a field that are empty, unreadable, or lead to no unit.
_CELLS = {
    **{
        f"{field}_missing": ("cells_empty", field)
        for field in ("birth_date", "sex", "vaccine", "dose_number")
    },
    **{f"{field}_unreadable": ("cells_unread", field) for field in ("birth_date", "sex", "dose_number")},
    **{f"{field}_unreadable": ("cells_unread", field) for field in ("vaccination_date", "entry_date")},
    "vaccination_date_missing": ("cells_empty", "vaccination_date"),
    "name_missing": ("cells_empty", "full_name"),
    "id_missing": ("cells_empty", "id_number"),
    "id_malformed": ("cells_unread", "id_number"),
    "vaccine_unknown": ("cells_unread", "vaccine"),
    "nationality_unknown": ("cells_unread", "nationality"),
    "place_missing": ("cells_empty", "commune"),
    "place_unresolved": ("units_unknown", "province"),
    "place_partly_resolved": ("units_unknown", "commune"),
}
_OF_DOSES = ("platform", "rosters")
# A person wanted these.
_DECIDED = ("deleted_by_decision", "corrected_by_decision")
_RECORD = re.compile(r"row (\d+), (\w+)")
_QUALITY = """
SELECT coalesce(n.name, q.source_file) AS file, q.folder, q.reason_code, q.rows_in, q.rows_kept, q.status, q.detail
FROM quality AS q LEFT JOIN file_names AS n ON n.kind = 'file' AND q.source_file = 'file:' || n.number
ORDER BY q.folder, file, q.rows_in DESC, q.reason_code"""
_UNDATED = """
SELECT source_file, count(*) FILTER (entry_date IS NULL AND NOT list_contains(reason_codes, 'entry_date_unreadable'))
FROM doses WHERE NOT is_rejected GROUP BY source_file"""

Row = dict[str, Any]


def find_in_run(run: RunParameters) -> tuple[list[FileFinding], list[Problem]]:
    """Return what a run found to be mended: by file, and of the folder as a whole; names as typed.

    Needs the tables of the clean stage and the intake's folder.
    """
    with duckdb.connect() as con:
        for name in ("quality", "file_names", "doses"):
            view_table(con, name, run)
        engine = Engine(con)
        headers = dict(engine.fetch("SELECT 'header:' || number, name FROM file_names WHERE kind = 'header'"))
        by_file: dict[str, list[Row]] = {}
        for row in engine.frame(_QUALITY).astype(object).to_dict("records"):
            clean = {str(key): None if pd.isna(value) else value for key, value in row.items()}
            by_file.setdefault(str(clean["file"]), []).append(clean)
        undated = dict(engine.fetch(_UNDATED))
        files = [_file_finding(name, rows, undated.get(name, 0), headers) for name, rows in by_file.items()]
        opened = _opened_tables(engine, run, files)
        problems = whole_problems(opened, find_presence(opened, files))
    return files, problems


def _file_finding(name: str, rows: list[Row], undated: int, headers: dict[str, str]) -> FileFinding:
    kind = str(rows[0]["folder"])
    is_aside = any(row["status"] == SET_ASIDE for row in rows)
    total = next((row for row in rows if row["reason_code"] is None), None)
    finding = FileFinding(name, kind, SET_ASIDE if is_aside else OK)
    finding.rows = int(total["rows_kept"]) if total else 0
    counted = {row["reason_code"]: int(row["rows_in"]) for row in rows if row["reason_code"]}
    for row in rows:
        if row["reason_code"] is not None:
            finding.problems += _problems(kind, row, counted, finding.rows, headers)
    if kind == "platform" and undated and undated * 2 >= finding.rows:
        finding.problems.append(_empty("entry_date", kind, undated, finding.rows))
    return finding


def _problems(
    kind: str, row: Row, counted: dict[str, int], total: int, headers: dict[str, str]
) -> Iterable[Problem]:
    """Return what one reason of a file is to a look; nothing for what a look does not say."""
    code, rows, detail = str(row["reason_code"]), int(row["rows_in"]), str(row["detail"] or "")
    if row["status"] == SET_ASIDE:
        return [_set_aside(kind, code, detail)]
    if code == "unknown_columns":
        return [_unknown_header(kind, headers.get(text, text)) for text in detail.split("; ")]
    if kind in _OF_DOSES and code in _CELLS:
        cell, field = _CELLS[code]
        filled = total - counted.get(f"{field}_missing", 0)
        if cell == "cells_empty":
            return [_empty(field, kind, rows, total)] if rows * 2 >= total else []
        facts = {"field": written_name(kind, field), "of": filled}
        return [Problem(cell, rows=rows, facts=facts, is_note=is_few(rows, filled))]
    reason = REASONS[code].kind
    is_told = reason == "rejected" or code in (*IMPOSSIBLE_CODES, *AMBIGUOUS) or kind not in _OF_DOSES
    if not is_told or code in _DECIDED or reason == "noted":
        return []
    few = code in RIGHTLY or (reason != "rejected" and is_few(rows, total))
    place = _RECORD.fullmatch(detail)
    return [Problem(code, f"record {place[1]}" if place else "", rows, is_note=few)]


def _empty(field: str, kind: str, rows: int, total: int) -> Problem:
    return Problem("cells_empty", rows=rows, facts={"field": written_name(kind, field), "of": total})


def _set_aside(kind: str, code: str, detail: str) -> Problem:
    if code in ("column_missing", "column_doubled"):
        return Problem(code, facts={"field": written_name(kind, detail)})
    if code == "file_repeated":
        return Problem(code, facts={"file": detail.removeprefix(SAME_AS)})
    if place := _RECORD.fullmatch(detail):
        return Problem("value_unreadable_file", f"record {place[1]}", facts={"field": place[2]})
    return Problem(code, facts={"detail": detail})


def _unknown_header(kind: str, header: str) -> Problem:
    nearest = nearest_header(kind, header, ())
    facts = {"header": header, "nearest": nearest}
    return Problem("header_near" if nearest else "header_unknown", facts=facts, is_note=nearest is None)


def _opened_tables(engine: Engine, run: RunParameters, files: list[FileFinding]) -> Opened:
    """Return the finished tables under the names that a look's functions read."""
    for name in ("daily_reports", "population"):
        query = f"SELECT *, CAST(NULL AS VARCHAR) AS fault FROM {sql_files([TABLES[name].path(run)])}"
        engine.create_view(f"{name}_rows", query)
    folders = {kind: Intake() for kind in (*folder_schemas(), REGISTRY)}
    for file in files:
        if file.status == OK and file.kind in folders:
            folders[file.kind].staged.append(StagedFile(0, file.file, run.raw))
    return Opened(engine, run.raw, run, Heads(run.raw), folders, None)


def _lines(run: RunParameters, names: ShownNames) -> list[tuple[str, str, str, str]]:
    """Return what is to be mended, one row each: file or folder, code, place in it, what to do."""
    files, problems = find_in_run(run)
    language = run.settings.language
    found = [(names.show("file", f.file), f.kind, p) for f in files for p in f.problems]
    found += [("", "platform", p) for p in problems]
    return [
        (
            file or (f"{p.where}/" if p.where else ""),
            p.code,
            place_text(p.where, language) if file and p.where else "",
            sentence(p, kind, language, names),
        )
        for file, kind, p in found
        if not p.is_note
    ]


def finding_lines(run: RunParameters, as_typed: bool) -> list[str]:
    """Return what a run found to be mended, one line each, the first MOST_LINES of them; none: nothing.

    Names stand `as_typed` on the operator's own terminal; elsewhere, in a log, by the rule of names.
    """
    rows = _lines(run, TypedNames() if as_typed else numbered_names(run))
    if not rows:
        return []
    vietnamese = is_vietnamese(run.settings.language)
    head = (
        f"{len(rows)} điều cần sửa trong dữ liệu nhận được:" if vietnamese else f"{len(rows)} things to mend:"
    )
    lines = [": ".join(filter(None, (file, place, f"{text} [{code}]"))) for file, code, place, text in rows]
    return [head, *(f"! {one_line(line)}" for line in lines[:MOST_LINES]), *_rest(len(rows), vietnamese)]


def _rest(count: int, vietnamese: bool) -> list[str]:
    left = count - MOST_LINES
    more = (f"… và {left} điều nữa; " if vietnamese else f"… and {left} more; ") if left > 0 else ""
    return [more + ("từng ô: `baophu check`" if vietnamese else "cell by cell: `baophu check`")]


def show_findings(run: RunParameters) -> pd.DataFrame:
    """Return the same, one row a finding: where, code, place, what to do; the last row counts those left out."""
    rows = _lines(run, numbered_names(run))
    shown = rows[:MOST_LINES]
    if len(rows) > MOST_LINES:
        shown.append((f"… và {len(rows) - MOST_LINES} điều nữa", "", "", "xem `baophu check`"))
    return pd.DataFrame(shown, columns=["tệp hoặc thư mục", "mã", "chỗ", "cần sửa"])


def numbered_names(run: RunParameters) -> ShownNames:
    """Return how the names of a cleaned intake are shown, by its table `file_names`."""
    with duckdb.connect() as con:
        view_table(con, "file_names", run)
        return ShownNames.numbered(Engine(con).fetch("SELECT kind, number, name FROM file_names"))
