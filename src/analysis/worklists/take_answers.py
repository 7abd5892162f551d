"""Taking answers back: only (line, answer, typed value) of lines issued in that list become decisions.

Everything else is turned away and counted by its reason: a returned file passed through many hands.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis.errors import CheckError
from analysis.safeguards.audit_log import append_entry, audit_log_of, check_log
from analysis.settings import RunParameters
from analysis.worklists.answered_decisions import Answer, decide, decision_id, withdraw, write_decisions
from analysis.worklists.finished_run import read_run_mark
from analysis.worklists.kinds import ANSWER, AUDIT_KINDS, ROW_CODE, SECTIONS, VALUE
from analysis.worklists.register import (
    GivenAnswer,
    IssuedLine,
    IssuedList,
    digest_cells,
    issued_ids,
    keep_given,
    read_given,
    read_issued,
)
from analysis.worklists.returned import ReturnedList, ReturnedRow, read_returned
from analysis.worklists.row_codes import is_proven
from analysis.worklists.typed_answers import read_typed

BY_SHEET = {section.sheet: section for section in SECTIONS.values()}


@dataclass(frozen=True)
class ImportResult:
    """Counts of one import, fit for a log, and the file it wrote (None when nothing was decided).

    `unproven` names the rows, by their references, that came without their code. `said_again`, `replaced` and
    `taken_back`: answers to lines answered before that say the same, say something else, and leave open what an
    earlier one decided; `answered_so_far` of `lines`: the list's progress.
    """

    list_id: str
    decisions: int
    answered: int
    unanswered: int
    left_open: int
    rejected: dict[str, int]
    path: Path | None
    unproven: tuple[str, ...] = ()
    said_again: int = 0
    replaced: int = 0
    taken_back: int = 0
    answered_so_far: int = 0
    lines: int = 0


@dataclass(frozen=True)
class TakenAnswers:
    """A returned list whose rows were checked: the list as issued, the answers that may be taken, what was not."""

    issued: IssuedList
    answers: list[Answer]
    rejected: dict[str, int]
    unproven: tuple[str, ...]
    unanswered: int


def import_answers(
    run: RunParameters, data: bytes, decisions_folder: Path, today: date, opened_with: str = "nothing"
) -> ImportResult:
    """Turn an opened, returned workbook into a file of decisions (interfaces, decisions/) in `decisions_folder`.

    `opened_with` (`key`, `password`, `nothing`) goes into the audit log: the use of a key is an event. Raises
    CheckError as `read_answers` does, and for a list of the audit.
    """
    taken = read_answers(run, data, today, opened_with)
    issued = taken.issued
    if issued.kind in {kind.name for kind in AUDIT_KINDS}:
        raise CheckError("--import: a list of the audit; take it back with `baophu audit import`")
    before = read_given(run, issued)
    rows, left_open = decide(issued, taken.answers, today)
    given = _given(issued, taken.answers, {row["decision_id"] for row in rows})
    back = [a for a in taken.answers if _is_taken_back(before.get(a.reference), given[a.reference])]
    rows += [withdraw(issued, answer, today) for answer in back]
    path = write_decisions(decisions_folder, issued, rows, data) if rows else None
    keep_given(run, issued, before | given)
    log_import(run, taken, len(rows), data, today, opened_with)
    again = [before[ref].digest == one.digest for ref, one in given.items() if ref in before]
    return ImportResult(
        list_id=issued.list_id,
        decisions=len(rows),
        answered=len(taken.answers),
        unanswered=taken.unanswered,
        left_open=left_open,
        rejected=taken.rejected,
        path=path,
        unproven=taken.unproven,
        said_again=sum(again),
        replaced=len(again) - sum(again),
        taken_back=len(back),
        answered_so_far=len(before | given),
        lines=len(issued.lines),
    )


def _given(issued: IssuedList, answers: list[Answer], decided: set[str]) -> dict[str, GivenAnswer]:
    """Return what the answers say, by reference, to be held against later ones."""
    return {
        answer.reference: GivenAnswer(
            choice=answer.choice.number,
            digest=digest_cells([answer.choice.number, answer.value or ""]),
            is_decided=decision_id(issued, answer.reference) in decided,
            line=answer.line.digest,
        )
        for answer in answers
    }


def _is_taken_back(before: GivenAnswer | None, now: GivenAnswer) -> bool:
    return before is not None and before.is_decided and not now.is_decided


def read_answers(run: RunParameters, data: bytes, today: date, opened_with: str) -> TakenAnswers:
    """Check an opened, returned workbook against the list that was issued, row by row.

    Rows are rejected as `new_row`, `other_list`, `repeated`, `formula`, `edited`, `unknown_answer`,
    `value_missing`, `value_unreadable`, `value_not_asked`, `unproven` (without the row's code) or `run_changed` (the
    week was run again and the record has no id). Raises CheckError, and writes nothing, when the
    list was not issued by this run (`wrong run`), its days are over, or most of its rows are unproven.
    """
    check_log(audit_log_of(run.processed))
    returned = read_returned(data, BY_SHEET)
    issued = _issued_list(run, returned, today)
    unproven = _unproven_rows(issued, returned.rows, opened_with)
    rejected: Counter[str] = Counter()
    answers = _accepted(run, issued, returned.rows, rejected)
    unanswered = len(issued.lines) - len(answers) - _rejected_lines(issued, returned.rows, answers)
    return TakenAnswers(issued, answers, dict(sorted(rejected.items())), unproven, unanswered)


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


def _unproven_rows(issued: IssuedList, rows: tuple[ReturnedRow, ...], opened_with: str) -> tuple[str, ...]:
    """Return the references of rows without their code; raises CheckError when that is most of them.

    A list from before rows had codes must come back closed.
    """
    ours = [row for row in rows if row.reference in issued.lines]
    wrong = [r.reference for r in ours if not is_proven(issued, r.reference, r.cells[ROW_CODE.name])]
    if 2 * len(wrong) > len(ours) or (not issued.code_key and opened_with == "nothing"):
        raise CheckError(
            f"--import: {len(wrong) or len(ours)} of {len(ours)} rows do not carry the hidden code that was issued with "
            "them: not the workbook that was sent; ask for that one, answered"
        )
    return tuple(dict.fromkeys(wrong))


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
    return bool(row.cells[ANSWER.name].strip() or row.cells.get(VALUE.name, "").strip())


def _why_not(row: ReturnedRow, issued: IssuedList, times: Counter[str], others: set[str]) -> str | None:
    """Return why a row cannot be one of this list's, or None."""
    line = issued.lines.get(row.reference)
    if line is None or line.section != row.section:
        return "other_list" if row.reference in others else "new_row"
    if times[row.reference] > 1:
        return "repeated"
    if row.has_formula:
        return "formula"
    if not is_proven(issued, row.reference, row.cells[ROW_CODE.name]):
        return "unproven"
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
    typed = row.cells.get(VALUE.name, "").strip()  # lists that ask for none have no such column
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


def log_import(
    run: RunParameters, taken: TakenAnswers, decisions: int, data: bytes, today: date, opened_with: str
) -> None:
    """Log that a list came back: which, opened with what, and the counts of what became of its rows."""
    append_entry(
        audit_log_of(run.processed),
        {
            "event": "answers_imported",
            "on": today.isoformat(),
            "run_id": taken.issued.run_id,
            "list_id": taken.issued.list_id,
            "unit_code": taken.issued.unit_code,
            "kind": taken.issued.kind,
            "sha256": hashlib.sha256(data).hexdigest(),
            "opened_with": opened_with,
            "decisions": decisions,
            "unanswered": taken.unanswered,
            "rejected": taken.rejected,
        },
    )
