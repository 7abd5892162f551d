"""How each file writes its dates and numbers, with the evidence a run decides by."""

import re
from collections.abc import Mapping, Sequence

from analysis.check.findings import Problem, is_few
from analysis.check.opened import Opened
from analysis.clean.corrections import DATE_COLUMNS
from analysis.clean.fields.date_conventions import DateEvidence, numbered_convention
from analysis.clean.fields.dates import DateConvention
from analysis.clean.fields.sex_codes import SexCodes
from analysis.clean.report_columns import RUNNING_DAYS, find_marks, read_days
from analysis.clean.report_kinds import ReportKind

_TWO_NUMBERS = re.compile(r"\s*(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*\d{2}")

_OF_SEX_CODES = {
    SexCodes.EXCHANGED: [Problem("sex_codes_exchanged", facts={"field": "sex"}, is_note=True)],
    SexCodes.ZERO_SAYS_NOTHING: [Problem("sex_zero_says_nothing", facts={"field": "sex"})],
    SexCodes.OPEN: [Problem("sex_codes_open", facts={"field": "sex"})],
    SexCodes.BLANK_IS_MALE: [Problem("sex_blanks_male", facts={"field": "sex"}, is_note=True)],
    SexCodes.BLANK_IS_FEMALE: [Problem("sex_blanks_female", facts={"field": "sex"}, is_note=True)],
    SexCodes.MARKS_OPEN: [Problem("sex_blanks_open", facts={"field": "sex"})],
}


def dose_conventions(opened: Opened) -> dict[str, list[Problem]]:
    """Return the conventions of the dates and sexes of each platform file, and what of them stays open or is mixed."""
    columns = ", ".join(f"{column}_convention" for column in DATE_COLUMNS)
    numbers = opened.engine.fetch(
        f"SELECT source_id, source_file, sex_codes, {columns} FROM conventions JOIN files USING (source_id)"
    )
    evidence = {
        column: {
            row[0]: DateEvidence(*row[1:])
            for row in opened.engine.fetch(f"SELECT * FROM evidence_of_{column}s")
        }
        for column in DATE_COLUMNS
    }
    staged = opened.folders["platform"].staged
    one_sex = {s.source_file for s in staged if s.header and s.header.one_sex}
    found: dict[str, list[Problem]] = {}
    for source_id, name, codes, *given in numbers:
        conventions = dict(zip(DATE_COLUMNS, map(numbered_convention, given), strict=True))
        own = {column: evidence[column].get(source_id, DateEvidence()) for column in DATE_COLUMNS}
        found[name] = [p for c in DATE_COLUMNS for p in _of_column(c, conventions[c], own[c])]
        codes = SexCodes.MARKS_OPEN if codes == SexCodes.PLAIN and name in one_sex else SexCodes(codes)
        found[name] += _OF_SEX_CODES.get(codes, [])
    return found


def _of_column(column: str, convention: DateConvention, evidence: DateEvidence) -> list[Problem]:
    facts = {"field": column, "day_first": evidence.day_first, "month_first": evidence.month_first}
    found = []
    proofs = evidence.day_first + evidence.month_first
    if proofs:
        found.append(Problem(f"order_{convention.order}", facts=facts, is_note=True))
        fewer = min(evidence.day_first, evidence.month_first)
        if fewer and not is_few(fewer, proofs):
            found.append(Problem("order_mixed", rows=fewer, facts=facts))
    if convention.serial_1904 and evidence.serials_1904:
        found.append(Problem("days_from_1904", facts=facts, rows=evidence.serials_1904, is_note=True))
    elif evidence.serials:
        found.append(Problem("days_from_1900", facts=facts, rows=evidence.serials, is_note=True))
    if convention.exchanged:
        found.append(Problem("days_exchanged", facts=facts, rows=evidence.real_early, is_note=True))
    elif convention.real_open and evidence.real_early:
        found.append(Problem("days_exchanged_open", facts=facts, rows=evidence.real_early))
    if convention.days_early:
        found.append(Problem("days_shifted", facts=facts, rows=evidence.dated, is_note=True))
    elif column == "birth_date" and convention.real_open and not evidence.real_early:
        found.append(Problem("days_shifted_open", facts=facts, rows=evidence.dated))
    if convention.epoch and evidence.milliseconds:
        found.append(Problem("milliseconds", facts=facts, rows=evidence.milliseconds, is_note=True))
    return found


def report_conventions(opened: Opened, kind: ReportKind) -> dict[str, list[Problem]]:
    """Return the marks in the counts, and the order of the days, of each file of a kind of report."""
    if not kind.read_columns:
        return {}
    lists = ", ".join(f"t{n}" for n in range(1, len(kind.read_columns) + 1))
    rows = opened.engine.fetch(
        f"SELECT source_file, {lists} FROM {kind.name}_columns AS c JOIN {kind.name}_files AS f ON c.t0 = f.source_id"
    )
    return {
        name: _of_report(opened, kind, dict(zip(kind.read_columns, cells, strict=True)))
        for name, *cells in rows
    }


def _of_report(opened: Opened, kind: ReportKind, cells: Mapping[str, Sequence[str]]) -> list[Problem]:
    found = []
    for column in kind.counts:
        marks = find_marks(cells[column])
        for mark in sorted((marks.thousands | marks.decimal) - {" "}):
            code = f"mark_{marks.meaning(mark) or 'open'}"
            found.append(
                Problem(code, facts={"field": column, "mark": mark}, is_note=marks.meaning(mark) is not None)
            )
    for column in kind.days:
        found += _order_of_days(opened, kind, column, cells[column])
    return found


def _order_of_days(opened: Opened, kind: ReportKind, column: str, cells: Sequence[str]) -> list[Problem]:
    pairs = [(int(m[1]), int(m[2])) for cell in cells if (m := _TWO_NUMBERS.match(cell))]
    days = read_days(cells, opened.sampled.as_of, kind.earliest)
    if days.convention:
        code = "days_exchanged" if days.convention.exchanged else "days_shifted"
        return [Problem(code, rows=len(cells), facts={"field": column}, is_note=True)]
    if not pairs:
        return []
    facts = {
        "field": column,
        "day_first": sum(a > 12 for a, _ in pairs),
        "month_first": sum(b > 12 for _, b in pairs),
    }
    if days.is_order_open:
        # A report of a day or two seldom proves its order.
        return [Problem("order_open", rows=len(pairs), facts=facts, is_note=len(cells) < RUNNING_DAYS)]
    return [Problem(f"order_{days.order}", facts=facts, is_note=True)]
