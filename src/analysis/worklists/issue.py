"""Making lists: open rows of a unit → workbook in memory → closed for its recipient → register → audit log."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import duckdb

from analysis.engine import connect, make_private_folder
from analysis.errors import CheckError, MachineError
from analysis.safeguards.audit_log import append_entry, audit_log_of, check_log
from analysis.safeguards.envelopes import Envelope
from analysis.safeguards.keys import write_private
from analysis.settings import RunParameters
from analysis.worklists.finished_run import open_tables, read_run_mark
from analysis.worklists.kinds import ANSWER, KINDS, ROW_CODE, VALUE, Kind, Section
from analysis.worklists.lines import Line, read_lines, units_with_work
from analysis.worklists.list_log import list_entry, log_refusal, wipe_expired
from analysis.worklists.register import (
    IssuedLine,
    IssuedList,
    digest_cells,
    lists_folder,
    make_list_id,
    read_issued,
    remove_closed,
    write_issued,
)
from analysis.worklists.row_codes import bind_codes, draw_codes
from analysis.worklists.unit_heads import UnitHeads
from analysis.worklists.workbook import ListHead, number_lines, write_workbook

EVERY_UNIT = "all"

# Gives a unit's envelope; raises MachineError when the unit's key is missing or wrong.
EnvelopeOf = Callable[[str], Envelope]
Parts = list[tuple[Section, list[Line]]]


@dataclass(frozen=True)
class MadeList:
    """One list that was made: fit for a log."""

    unit_code: str
    kind: str
    file_name: str
    lines: int
    records: int


@dataclass(frozen=True)
class IssueResult:
    """What was made, which units had nothing open, and which were refused and why."""

    made: tuple[MadeList, ...]
    without_rows: tuple[str, ...]
    refused: dict[str, str]


@dataclass(frozen=True)
class Batch:
    """What the lists of one command share."""

    run: RunParameters
    run_id: str
    is_simulated: bool
    heads: UnitHeads
    today: date


def issue_lists(
    run: RunParameters, units: tuple[str, ...], envelope_of: EnvelopeOf, today: date
) -> IssueResult:
    """Make the lists of the named units (or of all with work), each closed for its recipient.

    A unit whose key is missing or wrong gets none, in no form, and the others go on. Lists beyond their
    30 days are wiped first. Raises RequestError for an unknown unit or a run that is not complete, and
    CheckError when its tables, or the audit log, were changed since they were made.
    """
    mark = read_run_mark(run)
    check_log(audit_log_of(run.processed))
    batch = Batch(run, mark["run_id"], bool(mark.get("simulated")), UnitHeads(run), today)
    wanted = None if units == (EVERY_UNIT,) else batch.heads.known(units)
    wipe_expired(run, today)
    make_private_folder(lists_folder(run))
    made: list[MadeList] = []
    idle: list[str] = []
    refused: dict[str, str] = {}
    with connect(run) as con:
        open_tables(con, run)
        for unit in units_with_work(con) if wanted is None else wanted:
            try:
                envelope = envelope_of(unit)
            except MachineError as error:
                refused[unit] = str(error)
                log_refusal(run, batch.run_id, unit, today)
                continue
            lists = _issue_unit(con, batch, unit, envelope)
            made += lists
            idle += [] if lists else [unit]
    return IssueResult(tuple(made), tuple(idle), refused)


def _issue_unit(
    con: duckdb.DuckDBPyConnection, batch: Batch, unit: str, envelope: Envelope
) -> list[MadeList]:
    made = []
    for kind in KINDS:
        parts = [(s, read_lines(con, s.name, unit)) for s in kind.sections]
        if any(lines for _, lines in parts):
            made.append(issue_list(batch, unit, kind, parts, envelope))
    return made


def issue_list(batch: Batch, unit: str, kind: Kind, parts: Parts, envelope: Envelope) -> MadeList:
    """Write one list: register first, so that no list can be out whose answers could not be told apart."""
    list_id = make_list_id(batch.run_id, unit, kind.name)
    numbered = number_lines(list_id, parts)
    issued = IssuedList(
        list_id=list_id,
        run_id=batch.run_id,
        as_of=batch.run.as_of,
        unit_code=unit,
        kind=kind.name,
        issued_on=batch.today,
        fingerprint=envelope.fingerprint,
        file_name=f"{list_id}{envelope.suffix}",
        lines=_issued_lines(parts, numbered),
    )
    codes = draw_codes(issued.lines)
    for _, cells in numbered:
        for cell in cells:
            cell[ROW_CODE.name] = codes[cell["reference"]]
    issued = bind_codes(issued, codes, _former_list(batch.run, list_id))
    records = _count_records(parts)
    closed = envelope.close(write_workbook(_list_head(batch, issued), kind, numbered, records), list_id)
    write_issued(batch.run, issued)
    remove_closed(batch.run, list_id)
    write_private(lists_folder(batch.run) / issued.file_name, closed)
    entry = list_entry("list_made", issued, batch.today)
    entry |= {"lines": len(issued.lines), "sha256": hashlib.sha256(closed).hexdigest()}
    append_entry(audit_log_of(batch.run.processed), entry)
    return MadeList(unit, kind.name, issued.file_name, len(issued.lines), records)


def _former_list(run: RunParameters, list_id: str) -> IssuedList | None:
    """Return the list as it was made before; one whose register is damaged counts as none."""
    try:
        return read_issued(run, list_id)
    except CheckError:
        return None


def _issued_lines(
    parts: Parts, numbered: list[tuple[Section, list[dict[str, str]]]]
) -> dict[str, IssuedLine]:
    issued = {}
    for (section, lines), (_, cells) in zip(parts, numbered, strict=True):
        printed = [c.name for c in section.columns if c not in (ANSWER, VALUE)]
        for line, cell in zip(lines, cells, strict=True):
            digest = digest_cells([cell.get(name, "") for name in printed])
            issued[cell["reference"]] = IssuedLine(section.name, line.key, digest)
    return issued


def _count_records(parts: Parts) -> int:
    """Count records (or citizens): a record with two fields in doubt has two lines."""
    keys = [line.key for _, lines in parts for line in lines]
    return len({(key.source_file, key.source_row) if key.source_file else key.citizen_id for key in keys})


def _list_head(batch: Batch, issued: IssuedList) -> ListHead:
    name, signatories = batch.heads.describe(issued.unit_code)
    return ListHead(
        list_id=issued.list_id,
        run_id=issued.run_id,
        as_of=issued.as_of,
        issued_on=issued.issued_on,
        expires_on=issued.expires_on,
        unit_code=issued.unit_code,
        unit_name=name,
        signatories=signatories,
        is_simulated=batch.is_simulated,
        backlog=batch.heads.describe_backlog(issued.unit_code),
    )
