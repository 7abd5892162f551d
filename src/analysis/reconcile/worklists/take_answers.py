"""Taking answers back: only (line, answer, typed value) of lines issued in that list become decisions.

Everything else is turned away and counted by its reason: a returned file passed through many hands.
"""

import csv
import hashlib
import io
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis.errors import CheckError, RequestError
from analysis.reconcile.worklists.finished_run import read_run_mark
from analysis.reconcile.worklists.kinds import ANSWER, SECTIONS, VALUE, Choice
from analysis.reconcile.worklists.lines import RecordKey
from analysis.reconcile.worklists.register import (
    IssuedLine,
    IssuedList,
    digest_cells,
    issued_ids,
    read_issued,
)
from analysis.reconcile.worklists.returned import ReturnedList, ReturnedRow, read_returned
from analysis.reconcile.worklists.typed_answers import read_typed
from analysis.safeguards.audit_log import append_entry, audit_log_of, check_log
from analysis.safeguards.keys import write_private
from analysis.settings import RunParameters

HEADER = (
    "decision_id,dose_record_id,source_file,source_row,as_of,decision,citizen_id,field,value,ground,"
    "decided_by,decided_on"
)
BY_SHEET = {section.sheet: section for section in SECTIONS.values()}


@dataclass(frozen=True)
class Answer:
    """One accepted answer to one issued line; `value` is what was typed, read."""

    reference: str
    line: IssuedLine
    choice: Choice
    value: str | None


@dataclass(frozen=True)
class ImportResult:
    """Counts of one import, fit for a log, and the file it wrote (None when nothing was decided)."""

    list_id: str
    decisions: int
    answered: int
    unanswered: int
    left_open: int
    rejected: dict[str, int]
    path: Path | None


def import_answers(run: RunParameters, data: bytes, decisions_folder: Path, today: date) -> ImportResult:
    """Turn an opened, returned workbook into a file of decisions (contract 2.5) in `decisions_folder`.

    Rows are rejected as `new_row`, `other_list`, `repeated`, `formula`, `edited`, `unknown_answer`,
    `value_missing`, `value_unreadable`, `value_not_asked` or `run_changed` (the week was run again and the
    record has no id). Raises CheckError, and writes nothing, when the
    list was not issued by this run (`wrong run`) or its days are over.
    """
    check_log(audit_log_of(run.processed))
    returned = read_returned(data, BY_SHEET)
    issued = _issued_list(run, returned, today)
    rejected: Counter[str] = Counter()
    answers = _accepted(run, issued, returned.rows, rejected)
    rows, left_open = _decide(issued, answers, today)
    path = _write_decisions(decisions_folder, issued, rows, data) if rows else None
    result = ImportResult(
        list_id=issued.list_id,
        decisions=len(rows),
        answered=len(answers),
        unanswered=len(issued.lines) - len(answers) - _rejected_lines(issued, returned.rows, answers),
        left_open=left_open,
        rejected=dict(sorted(rejected.items())),
        path=path,
    )
    _log(run, issued, result, data, today)
    return result


def peek_as_of(data: bytes) -> str:
    """Return the day that a returned workbook's run id begins with; raises CheckError for no issued list."""
    return read_returned(data, BY_SHEET).run_id[:10]


def _issued_list(run: RunParameters, returned: ReturnedList, today: date) -> IssuedList:
    issued = read_issued(run, returned.list_id)
    if issued is None or issued.run_id != returned.run_id:
        raise CheckError(
            f"--import: the run '{run.processed.name}' did not issue this list (wrong run, or wiped after its "
            "days); give --processed of the run named in its heading"
        )
    if issued.expires_on < today:
        raise CheckError(f"--import: the list expired on {issued.expires_on}; make and send a new one")
    return issued


def _accepted(
    run: RunParameters, issued: IssuedList, rows: tuple[ReturnedRow, ...], rejected: Counter[str]
) -> list[Answer]:
    """Return the answers that may be taken, in the order of the lines; what may not is counted."""
    times = Counter(row.reference for row in rows)
    others = _other_lists_lines(run, set(times) - set(issued.lines))
    is_same_run = read_run_mark(run)["run_id"] == issued.run_id
    answers: list[Answer] = []
    for row in rows:
        reason = _why_not(row, issued, times, others)
        if reason is None and not is_same_run and _binds_by_content(issued.lines[row.reference]):
            reason = "run_changed"
        if reason is None and _said(row):
            reason = _take(row, issued.lines[row.reference], issued.as_of, answers)
        if reason is not None:
            rejected[reason] += 1
    return sorted(answers, key=lambda answer: answer.reference)


def _said(row: ReturnedRow) -> bool:
    return bool(row.cells[ANSWER.name].strip() or row.cells[VALUE.name].strip())


def _why_not(row: ReturnedRow, issued: IssuedList, times: Counter[str], others: set[str]) -> str | None:
    """Return why a row cannot be one of this list's, or None."""
    line = issued.lines.get(row.reference)
    if line is None or line.section != row.section:
        return "other_list" if row.reference in others else "new_row"
    if times[row.reference] > 1:
        return "repeated"
    if row.has_formula:
        return "formula"
    section = SECTIONS[row.section]
    printed = [row.cells[c.name] for c in section.columns if c not in (ANSWER, VALUE)]
    return "edited" if digest_cells(printed) != line.digest else None


def _other_lists_lines(run: RunParameters, references: set[str]) -> set[str]:
    """Return those of the references that other lists of the run were issued with."""
    prefixes = {reference.partition("-")[0] for reference in references}
    ids = [list_id for list_id in issued_ids(run) if list_id.startswith(tuple(prefixes - {""}))]
    lists = [read_issued(run, list_id) for list_id in ids]
    return references & {reference for issued in lists if issued for reference in issued.lines}


def _binds_by_content(line: IssuedLine) -> bool:
    """Tell whether a line's decision would find its record through its place in the run's files alone.

    When the week was run again since, that place may hold another record.
    """
    return line.key.source_file is not None and line.key.dose_record_id is None


def _take(row: ReturnedRow, line: IssuedLine, as_of: date, answers: list[Answer]) -> str | None:
    """Add a row's answer, or return why it cannot be taken."""
    choice = SECTIONS[row.section].find_choice(row.cells[ANSWER.name])
    typed = row.cells[VALUE.name].strip()
    if choice is None:
        return "unknown_answer"
    if not choice.typed:
        if typed:
            return "value_not_asked"
        answers.append(Answer(row.reference, line, choice, None))
        return None
    if not typed:
        return "value_missing"
    value = read_typed(choice.typed, line.key.field, typed, as_of)
    if value is None:
        return "value_unreadable"
    answers.append(Answer(row.reference, line, choice, value))
    return None


def _rejected_lines(issued: IssuedList, rows: tuple[ReturnedRow, ...], answers: list[Answer]) -> int:
    """Count issued lines that came back answered, but not so that the answer could be taken."""
    taken = {answer.reference for answer in answers}
    tried = {row.reference for row in rows if _said(row) and row.reference in issued.lines}
    return len(tried - taken)


def _decide(issued: IssuedList, answers: list[Answer], today: date) -> tuple[list[dict[str, str]], int]:
    """Return the decisions and how many answers leave their line open.

    "Written rightly" settles a record only when every field in doubt of it was answered: one decision
    `same_person` would otherwise close the others unseen.
    """
    settled = _settled_records(issued, answers)
    rows = []
    for answer in answers:
        choice, key = answer.choice, answer.line.key
        keeps = choice.decision == "same_person" and not choice.typed
        if choice.decision and not (keeps and (key.source_file, key.source_row) not in settled):
            rows.append(_decision(issued, answer, today))
    return rows, len(answers) - len(rows)


def _settled_records(issued: IssuedList, answers: list[Answer]) -> set[tuple[str | None, int | None]]:
    asked: dict[tuple[str | None, int | None], set[str]] = defaultdict(set)
    for reference, line in issued.lines.items():
        asked[line.key.source_file, line.key.source_row].add(reference)
    decided = {answer.reference for answer in answers if answer.choice.decision}
    return {record for record, references in asked.items() if references <= decided}


def _decision(issued: IssuedList, answer: Answer, today: date) -> dict[str, str]:
    """Return one row of the decisions file."""
    choice, key = answer.choice, answer.line.key
    file, row, record_id = key.source_file, key.source_row, key.dose_record_id
    if choice.acts_on_other:
        file, row, record_id = key.other_file, key.other_row, key.other_record_id
    return {
        "decision_id": f"{issued.list_id}-{answer.reference.rpartition('-')[2]}",
        "dose_record_id": record_id or "",
        "source_file": file or "",
        "source_row": str(row) if row is not None else "",
        "as_of": issued.as_of.isoformat() if file else "",
        "decision": choice.decision,
        "ground": choice.ground or f"danh sách {issued.list_id}",
        "decided_by": f"Trạm Y tế và Công an {issued.unit_code}",
        "decided_on": today.isoformat(),
        **_decided_value(answer, key),
    }


def _decided_value(answer: Answer, key: RecordKey) -> dict[str, str]:
    """Return citizen_id, field and value of a decision."""
    empty = {"citizen_id": "", "field": "", "value": ""}
    value = answer.value or ""
    match answer.choice.decision:
        case "same_person":
            return empty | {"citizen_id": value or key.citizen_id or ""}
        case "correct_value":
            return empty | {"field": key.field or "vaccination_date", "value": value}
        case "add_dose":
            product, _, day = value.partition("|")
            return empty | {"citizen_id": key.citizen_id or "", "value": f"{product}|{key.next_dose}|{day}"}
        case "do_not_invite":
            return empty | {"citizen_id": key.citizen_id or ""}
    return empty


def _write_decisions(folder: Path, issued: IssuedList, rows: list[dict[str, str]], data: bytes) -> Path:
    """Write the decisions; the same returned file writes the same one again, a later one sorts after it.

    Of two answers of one day to one line the file that sorts later wins.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=HEADER.split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError("--decisions: the folder cannot be made; check the path") from error
    digest = hashlib.sha256(data).hexdigest()[:8]
    same = sorted(folder.glob(f"{issued.list_id}-*-{digest}.csv"))
    number = len(list(folder.glob(f"{issued.list_id}-*.csv"))) + 1
    path = same[0] if same else folder / f"{issued.list_id}-{number:02d}-{digest}.csv"
    write_private(path, text.getvalue().encode("utf-8"))
    return path


def _log(run: RunParameters, issued: IssuedList, result: ImportResult, data: bytes, today: date) -> None:
    append_entry(
        audit_log_of(run.processed),
        {
            "event": "answers_imported",
            "on": today.isoformat(),
            "run_id": issued.run_id,
            "list_id": issued.list_id,
            "unit_code": issued.unit_code,
            "kind": issued.kind,
            "sha256": hashlib.sha256(data).hexdigest(),
            "decisions": result.decisions,
            "unanswered": result.unanswered,
            "rejected": result.rejected,
        },
    )
