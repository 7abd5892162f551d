"""The files of the registry's extract: their columns, as a run names them."""

import duckdb

from analysis.check.columns import nearest_header
from analysis.check.findings import OK, SET_ASIDE, ColumnFinding, FileFinding, Problem, column_letter
from analysis.check.opened import REGISTRY, Opened
from analysis.check.rows import RIGHTLY
from analysis.intake.folder import list_files
from analysis.intake.headers.schemas import REGISTRY_REQUIRED
from analysis.intake.naming import known_headers
from analysis.intake.registry import named_columns, registry_headers


def find_registry_files(opened: Opened) -> list[FileFinding]:
    """Return the findings of the extract's files; what a run refuses the extract for stands with the folder."""
    raw = opened.heads.folder
    typed = opened.sampled.settings.headers.get(REGISTRY, {})
    found = []
    for path in list_files(raw / REGISTRY):
        name = path.relative_to(raw).as_posix()
        finding = FileFinding(name, REGISTRY, OK, header_row=1)
        try:
            headers = registry_headers(opened.engine.connection, path)
        except duckdb.Error:
            finding.status, finding.header_row = SET_ASIDE, None
            finding.problems = [Problem("file_unreadable", facts={"detail": ""})]
        else:
            _describe(finding, headers, named_columns(headers, typed))
            total = opened.heads.totals.get(name)
            finding.rows = total.records - 1 if total else None
            finding.is_estimated = bool(total and total.is_estimated)
        found.append(finding)
    _fill_rows(opened, found)
    for finding in found:
        finding.problems += [
            Problem(a.reason_code, rows=a.rows_in, is_note=a.reason_code in RIGHTLY)
            for a in opened.extract
            if a.source_file == finding.file and a.reason_code
        ]
    return found


def _describe(finding: FileFinding, headers: list[str], named: dict[str, str]) -> None:
    known = {field for field, _ in known_headers(REGISTRY).values()}
    fields = {header: field for field, header in named.items() if field in known}
    for index, header in enumerate(headers):
        field = fields.get(header)
        nearest = None if field else nearest_header(REGISTRY, header, named)
        finding.columns.append(ColumnFinding(column_letter(index), header, field, nearest))
    for field in REGISTRY_REQUIRED:
        if field not in named:
            finding.status = SET_ASIDE
            finding.problems.append(Problem("column_missing", "1", facts={"field": field, "detail": ""}))
    # An extract has columns of its own: only one that comes near a missing field is worth a word.
    for column in finding.columns:
        near = known_headers(REGISTRY).get((column.nearest or "").replace("_", ""), ("", ""))[1]
        if column.field is None and near and near not in named:
            facts = {"header": column.header, "nearest": column.nearest}
            finding.problems.append(Problem("header_near", f"{column.letter}1", facts=facts))


def _fill_rows(opened: Opened, found: list[FileFinding]) -> None:
    """Count the rows of the files that were copied whole, where the extract can be read."""
    from analysis.intake.registry import registry_rows_sql

    if opened.refusal or not found:
        return
    rows = registry_rows_sql(opened.engine.connection, opened.sampled)
    counted = dict(opened.engine.fetch(f"SELECT source_file, count(*) FROM ({rows}) GROUP BY source_file"))
    for finding in found:
        finding.rows_looked_at = counted.get(finding.file, 0)
        finding.rows = finding.rows_looked_at if finding.rows is None else finding.rows
