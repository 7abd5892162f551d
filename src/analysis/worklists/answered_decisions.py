"""From accepted answers to a file of decisions with the columns of the intake (interfaces, decisions/)."""

import csv
import hashlib
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis.engine import make_private_folder
from analysis.errors import RequestError
from analysis.safeguards.keys import write_private
from analysis.worklists.kinds import Choice
from analysis.worklists.lines import RecordKey
from analysis.worklists.register import IssuedLine, IssuedList

HEADER = (
    "decision_id,dose_record_id,source_file,source_row,as_of,decision,citizen_id,field,value,ground,"
    "decided_by,decided_on"
)


# Who answers lists that do not go to a commune.
_DECIDERS = dict.fromkeys(("audit", "audit_again"), "Phòng Cảnh sát quản lý hành chính về trật tự xã hội")


@dataclass(frozen=True)
class Answer:
    """One accepted answer to one issued line; `value` is what was typed, read."""

    reference: str
    line: IssuedLine
    choice: Choice
    value: str | None


def decide(issued: IssuedList, answers: list[Answer], today: date) -> tuple[list[dict[str, str]], int]:
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
        "decision_id": decision_id(issued, answer.reference),
        "dose_record_id": record_id or "",
        "source_file": file or "",
        "source_row": str(row) if row is not None else "",
        "as_of": issued.as_of.isoformat() if file else "",
        "decision": choice.decision,
        "ground": choice.ground or f"danh sách {issued.list_id}",
        "decided_by": f"{_DECIDERS.get(issued.kind, 'Trạm Y tế và Công an')} {issued.unit_code}",
        "decided_on": today.isoformat(),
        **_decided_value(answer, key),
    }


def _decided_value(answer: Answer, key: RecordKey) -> dict[str, str]:
    """Return citizen_id, field and value of a decision."""
    empty = {"citizen_id": "", "field": "", "value": ""}
    value = answer.value or ""
    product, _, day = value.partition("|")
    match answer.choice.decision:
        case "same_person":
            return empty | {"citizen_id": value or key.citizen_id or ""}
        case "correct_value":
            return empty | {"field": key.field or "vaccination_date", "value": value}
        case "add_dose":
            return empty | {"citizen_id": key.citizen_id or "", "value": f"{product}|{key.next_dose}|{day}"}
        case "do_not_invite":
            told = f"{product}|{key.next_dose}|{day}" if day else ""
            return empty | {"citizen_id": key.citizen_id or "", "value": told}
    return empty


def withdraw(issued: IssuedList, answer: Answer, today: date) -> dict[str, str]:
    """Return the row that takes back what an earlier answer to the same line decided."""
    return _decision(issued, answer, today) | {
        "decision": "withdrawn",
        **dict.fromkeys(("citizen_id", "field", "value"), ""),
    }


def decision_id(issued: IssuedList, reference: str) -> str:
    """Return the name of what a line decides: the same for every answer to it, so that a later one replaces it."""
    return f"{issued.list_id}-{reference.rpartition('-')[2]}"


def write_decisions(folder: Path, issued: IssuedList, rows: list[dict[str, str]], data: bytes) -> Path:
    """Write the decisions; the same returned file writes the same one again, a later one sorts after it.

    Of two answers of one day to one line the file that sorts later wins.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=HEADER.split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    if not folder.exists():
        make_private_folder(folder)
    elif not folder.is_dir():
        raise RequestError("--decisions: this is a file; give a folder")
    digest = hashlib.sha256(data).hexdigest()[:8]
    same = sorted(folder.glob(f"{issued.list_id}-*-{digest}.csv"))
    number = len(list(folder.glob(f"{issued.list_id}-*.csv"))) + 1
    path = same[0] if same else folder / f"{issued.list_id}-{number:02d}-{digest}.csv"
    write_private(path, text.getvalue().encode("utf-8"))
    return path
