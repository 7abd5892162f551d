"""The findings as lines for the operator's terminal, and as JSON."""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.check.findings import OK, FileFinding, Findings, Problem
from analysis.check.wording import is_vietnamese, place_text, sentence
from analysis.errors import one_line
from analysis.intake.headers.finding import IGNORED_HEADERS, header_key
from analysis.intake.naming import ShownNames, TypedNames, listed_names

_MARKS = {True: "·", False: "!"}
_DELIMITERS = {"\t": "tab", None: ""}
_VERDICTS = {
    0: ("dùng được", "usable"),
    3: ("chạy sẽ bị từ chối", "a run would be refused"),
    4: (
        "dùng được, nhưng có phần bị bỏ hoặc đọc sai (dấu !)",
        "usable, but something is left out or misread (marked !)",
    ),
}


def as_text(findings: Findings, language: str) -> str:
    """Return all findings as lines; file names and headers as typed, for the operator must find them."""
    names = TypedNames()
    lines = [line for file in findings.files for line in _file_lines(file, language, names)]
    lines += [
        "",
        "Cả thư mục" if is_vietnamese(language) else "The folder",
        *_presence_lines(findings, language),
    ]
    lines += [_problem_line(problem, "", language, names) for problem in findings.problems]
    verdict = _VERDICTS[findings.exit_code][0 if is_vietnamese(language) else 1]
    return "\n".join([*map(_safe, lines), "", f"→ {verdict}"])


def _safe(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + one_line(line)


def _file_lines(file: FileFinding, language: str, names: ShownNames) -> list[str]:
    status = {"ok": ("dùng được", "ok"), "quarantined": ("để riêng", "set aside")}
    status["ignored"] = ("bỏ qua", "not read")
    vietnamese = is_vietnamese(language)
    parts = [status[file.status][0 if vietnamese else 1], file.encoding or "", _delimiter(file)]
    if file.header_row:
        parts.append(f"tiêu đề dòng {file.header_row}" if vietnamese else f"header in row {file.header_row}")
    if file.rows is not None:
        about = ("khoảng " if vietnamese else "about ") if file.is_estimated else ""
        parts.append(f"{about}{file.rows} {'dòng' if vietnamese else 'rows'}")
    if file.rows_looked_at and file.rows != file.rows_looked_at:
        parts.append(f"xem {file.rows_looked_at} dòng" if vietnamese else f"{file.rows_looked_at} looked at")
    lines = [f"{file.file}: {', '.join(filter(None, parts))}"]
    lines += [_column_line(file, language)] if file.columns else []
    lines += [_problem_line(c, "", language, names, file.kind) for c in file.conventions]
    return lines + [_problem_line(p, p.where, language, names, file.kind) for p in file.problems]


def _delimiter(file: FileFinding) -> str:
    return _DELIMITERS.get(file.delimiter, f"“{file.delimiter}”")


def _column_line(file: FileFinding, language: str) -> str:
    shown = []
    for column in file.columns:
        share = column.readable_share
        unknown = "–" if header_key(column.header) in IGNORED_HEADERS else "?"
        below = f" {math.floor(share * 100)} %" if share is not None and share < 1 else ""
        shown.append(f"{column.letter} {column.header} → {column.field or unknown}{below}")
    return f"    {'cột' if is_vietnamese(language) else 'columns'}: {'; '.join(shown)}"


def _problem_line(
    problem: Problem, where: str, language: str, names: ShownNames, kind: str = "platform"
) -> str:
    place = f"{place_text(where.split(', ')[0], language)}: " if where else ""
    return f"  {_MARKS[problem.is_note]} {place}{sentence(problem, kind, language, names)}"


def _presence_lines(findings: Findings, language: str) -> list[str]:
    words = ("tỉnh", "từ", "đến") if is_vietnamese(language) else ("provinces", "from", "to")
    lines = []
    for folder, present in findings.presence.items():
        days = f", {words[1]} {present.first_day} {words[2]} {present.last_day}" if present.first_day else ""
        total = f", {present.total}" if present.total is not None else ""
        unit = {"platform": ("dòng", "rows"), "daily_reports": ("mũi", "doses")}.get(folder, ("", ""))
        counted = f"{total} {unit[0 if is_vietnamese(language) else 1]}" if total else ""
        lines.append(f"  · {folder}: {len(present.provinces)} {words[0]}{days}{counted}")
    return lines


def shown_names(findings: Findings) -> ShownNames:
    """Return how the names of these findings are shown outside the restricted zone."""
    problems = [*findings.problems, *(p for file in findings.files for p in file.problems)]
    files = [*listed_names(Path(findings.raw)), *(file.file for file in findings.files)]
    files += [str(p.facts["file"]) for p in problems if "file" in p.facts]
    headers = [
        (file.kind, column.header)
        for file in findings.files
        for column in file.columns
        if column.field is None or column.is_typed
    ]
    return ShownNames(files, headers)


def as_json(findings: Findings, language: str) -> str:
    """Return the findings as data (interfaces, `baophu check`); a name that may be a person's is a number there."""
    names = shown_names(findings)
    data = {
        "raw": findings.raw,
        "usable": not findings.is_refused,
        "files": [_file_data(file, language, names) for file in findings.files],
        "problems": [
            {"code": p.code, "where": p.where, "message": sentence(p, "platform", language, names)}
            for p in findings.problems
            if not p.is_note
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=1)


def _file_data(file: FileFinding, language: str, names: ShownNames) -> dict[str, Any]:
    plain = {
        name: getattr(file, name)
        for name in ("kind", "status", "encoding", "delimiter", "header_row", "rows")
    }
    columns = [
        {
            "column": column.letter,
            "header": names.show("header", column.header),
            "field": column.field,
            "nearest": column.nearest,
            "readable_share": column.readable_share,
        }
        for column in file.columns
    ]
    notes = [Problem("rows_estimated", is_note=True, rows=file.rows)] if file.is_estimated else []
    problems = [
        {"code": p.code, "where": p.where, "rows": p.rows, "message": sentence(p, file.kind, language, names)}
        for p in [*(p for p in file.problems if not p.is_note), *notes]
    ]
    return {"file": names.show("file", file.file), **plain, "columns": columns, "problems": problems}


def findings_frame(findings: Findings, language: str) -> pd.DataFrame:
    """Return the findings as a table, one row a finding, for a notebook: names as typed, for the operator alone.

    Columns: file (or folder), place in it, what was found, whether it is to be mended.
    """
    names = TypedNames()
    found = [
        (file.file, file.kind, p) for file in findings.files for p in (*file.problems, *file.conventions)
    ]
    found += [(problem.where, "platform", problem) for problem in findings.problems]
    rows = [
        (
            file,
            place_text(p.where.split(", ")[0], language) if p.where and file != p.where else "",
            sentence(p, kind, language, names),
            not p.is_note,
        )
        for file, kind, p in found
    ]
    return pd.DataFrame(rows, columns=["file", "place", "found", "is_to_mend"])


def columns_frame(findings: Findings, file: str) -> pd.DataFrame:
    """Return which column of a file is read as which field, one row a column; the file by the end of its name.

    Columns: column (its letter), header as typed, field (missing: not known), nearest known header, readable_share.
    """
    rows = [c for found in findings.files if found.file.endswith(file) for c in found.columns]
    shown = [(c.letter, c.header, c.field, c.nearest, c.readable_share) for c in rows]
    return pd.DataFrame(shown, columns=["column", "header", "field", "nearest", "readable_share"])


def is_mended_by_sender(file: FileFinding) -> bool:
    """Say whether a file has something that its sender should mend."""
    return file.status != OK or any(not problem.is_note for problem in file.problems)
