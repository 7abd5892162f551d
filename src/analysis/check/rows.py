"""Rows of the heads that a run would not count, by reason, and whose rows a file holds."""

from analysis.check.findings import Problem, is_few
from analysis.check.opened import Opened
from analysis.clean.dose_records import IMPOSSIBLE_CODES
from analysis.clean.odd_counts import has_odd_counts
from analysis.clean.report_kinds import ReportKind

# Rows that are rightly left out; others that are rejected are a person's dose lost.
RIGHTLY = ("test_row", "repeated_header_row", "total_row", "dose_not_given", "row_repeated")
AMBIGUOUS = ("birth_date_ambiguous", "vaccination_date_ambiguous")


def header_rows(opened: Opened, kind: str) -> dict[str, int]:
    """Return the row of each opened file's header as the spreadsheet counts it."""
    return {s.source_file: s.header.row + 1 for s in opened.folders[kind].staged if s.header}


def dose_faults(opened: Opened) -> dict[str, list[Problem]]:
    """Return, by platform file, rows that are rejected, dated impossibly, or dated in two possible ways."""
    told = ", ".join(f"'{code}'" for code in (*IMPOSSIBLE_CODES, *AMBIGUOUS))
    rows = opened.engine.fetch(
        "SELECT source_file, code, count(*), min(source_row), any_value(of) FROM (SELECT source_file, source_row, "
        "is_rejected, unnest(reason_codes) AS code, count(*) OVER (PARTITION BY source_file) AS of FROM doses) "
        f"WHERE is_rejected OR code IN ({told}) GROUP BY source_file, code ORDER BY ALL"
    )
    heads = header_rows(opened, "platform")
    found: dict[str, list[Problem]] = {}
    for name, code, count, first, of in rows:
        few = code in RIGHTLY or (code in (*IMPOSSIBLE_CODES, *AMBIGUOUS) and is_few(count, of))
        place = opened.heads.place(name, heads[name] + first)
        found.setdefault(name, []).append(Problem(code, place, count, {"of": of}, is_note=few))
    return found


def report_faults(opened: Opened, kind: ReportKind) -> dict[str, list[Problem]]:
    """Return, by file of a kind of report, rows that count nowhere and files that are set aside for a row."""
    heads = header_rows(opened, kind.name)
    tables = {name: f"{kind.name}_{name}" for name in ("rows", "refused", "files")}
    rows = opened.engine.fetch(
        "SELECT source_file, fault, count(*), min(source_row) FROM {rows} JOIN {files} USING (source_id) "
        "WHERE fault IN ('row_repeated', 'rows_contradict', 'unit_incomplete', 'total_row', 'row_ragged', 'control_characters') "
        "GROUP BY ALL ORDER BY ALL".format(**tables)
    )
    found: dict[str, list[Problem]] = {}
    for name, fault, count, first in rows:
        place = opened.heads.place(name, heads[name] + first)
        found.setdefault(name, []).append(Problem(fault, place, count, is_note=fault in RIGHTLY))
    refused = opened.engine.fetch(
        "SELECT source_file, source_row, fault FROM {refused} JOIN {files} USING (source_id)".format(**tables)
    )
    for name, row, fault in refused:
        problem = Problem(
            "value_unreadable_file", opened.heads.place(name, heads[name] + row), facts={"field": fault}
        )
        found.setdefault(name, []).append(problem)
    return found


# More may have been received before the first report that is there.
_NOTES_ON_COUNTS = ("given_above_received",)
_DAYS_NAMED = 5


def odd_counts(opened: Opened, kind: ReportKind) -> dict[str, list[Problem]]:
    """Return, by file of a kind of report, the counts that contradict: what, in which column, on which days."""
    if not has_odd_counts(kind):
        return {}
    heads = header_rows(opened, kind.name)
    rows = opened.engine.fetch(
        "SELECT source_file, reason_code, field, count(*), min(source_row), list(DISTINCT CAST(day AS VARCHAR) ORDER BY "
        f"CAST(day AS VARCHAR)) FROM {kind.name}_findings JOIN {kind.name}_files USING (source_id) GROUP BY ALL ORDER BY ALL"
    )
    found: dict[str, list[Problem]] = {}
    for name, code, field, count, first, days in rows:
        place = opened.heads.place(name, heads[name] + first)
        more = ", …" if len(days) > _DAYS_NAMED else ""
        facts = {"field": field, "days": ", ".join(days[:_DAYS_NAMED]) + more}
        problem = Problem(code, place, count, facts, is_note=code in _NOTES_ON_COUNTS)
        found.setdefault(name, []).append(problem)
    return found


_HOMES = """
SELECT source_file, province_code FROM (
    SELECT source_file, province_code, count(*) AS n, sum(count(*)) OVER (PARTITION BY source_file) AS of
    FROM doses WHERE NOT is_rejected GROUP BY source_file, province_code)
WHERE province_code IS NOT NULL AND 2 * n > of"""


def home_provinces(opened: Opened) -> dict[str, str]:
    """Return the province in which more than half of a platform file's people live."""
    if not opened.folders["platform"].staged:
        return {}
    return {str(name): str(code) for name, code in opened.engine.fetch(_HOMES)}


def senders(opened: Opened) -> dict[str, str]:
    """Return the province of each file whose rows speak of one: half of the doses' homes, all rows of a report."""
    queries = []
    for kind in opened.reports():
        if "province_code" in kind.typed:
            queries.append(
                f"SELECT source_file, min(province_code) FROM {kind.name}_cells JOIN {kind.name}_files USING (source_id) "
                "GROUP BY source_file HAVING count(DISTINCT province_code) = 1"
            )
    reports = {str(name): str(code) for query in queries for name, code in opened.engine.fetch(query)}
    return home_provinces(opened) | reports
