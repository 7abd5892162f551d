"""Making lists: open rows of a unit → workbook in memory → closed for its recipient → register → audit log."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from analysis.engine import connect, make_private_folder
from analysis.errors import BaophuError, MachineError, RequestError
from analysis.intake import view_registry
from analysis.reconcile.worklists.kinds import ANSWER, KINDS, VALUE, Kind, Section
from analysis.reconcile.worklists.lines import Line, read_lines
from analysis.reconcile.worklists.register import (
    IssuedLine,
    IssuedList,
    digest_cells,
    issued_ids,
    lists_folder,
    make_list_id,
    read_issued,
    remove_list,
    write_issued,
)
from analysis.reconcile.worklists.routing import NOWHERE, route_open_rows, units_with_work
from analysis.reconcile.worklists.workbook import ListHead, number_lines, write_workbook
from analysis.reference import read_units
from analysis.safeguards.audit_log import append_entry, audit_log_of
from analysis.safeguards.envelopes import Envelope
from analysis.safeguards.keys import write_private
from analysis.safeguards.run_record import is_up_to_date, read_record, record_path
from analysis.settings import RunParameters
from analysis.tables import view_table

NEEDED_TABLES = {"1_clean": ("doses",), "2_reconcile": ("links",), "3_coverage": ("due",)}
EVERY_UNIT = "all"

# Gives a unit's envelope; raises MachineError when the unit's key is missing or wrong.
EnvelopeOf = Callable[[str], Envelope]


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


def issue_lists(
    run: RunParameters, units: tuple[str, ...], envelope_of: EnvelopeOf, today: date
) -> IssueResult:
    """Make the lists of the named units (or of all with work), each closed for its recipient.

    A unit whose key is missing or wrong gets none, in no form, and the others go on. Lists beyond their
    30 days are wiped first. Raises RequestError for an unknown unit or a run that is not complete, and
    CheckError when its tables were changed since they were made.
    """
    mark = _read_run_mark(run)
    wipe_expired(run, today)
    make_private_folder(lists_folder(run))
    with connect(run) as con:
        _open_tables(con, run)
        wanted = tuple(units_with_work(con)) if units == (EVERY_UNIT,) else _known_units(units)
        made: list[MadeList] = []
        idle: list[str] = []
        refused: dict[str, str] = {}
        for unit in wanted:
            try:
                envelope = envelope_of(unit)
            except MachineError as error:
                refused[unit] = str(error)
                _log_refusal(run, mark["run_id"], unit, today)
                continue
            lists = _issue_unit(con, run, mark, unit, envelope, today)
            made += lists
            idle += [] if lists else [unit]
    return IssueResult(tuple(made), tuple(idle), refused)


def _read_run_mark(run: RunParameters) -> dict[str, Any]:
    """Return the run's id and mark after checking that its tables are those it made."""
    path = run.aggregate / "intake.json"
    if not path.is_file():
        raise RequestError(
            f"--as-of: there is no complete run in '{run.processed.name}'; run `baophu run` first"
        )
    for stage, tables in NEEDED_TABLES.items():
        record = read_record(record_path(run, stage))
        paths = [run.restricted / f"{name}.parquet" for name in tables]
        if record is None or not all(p.is_file() for p in paths):
            raise RequestError(
                f"--as-of: stage {stage} of '{run.processed.name}' is missing; run the week again"
            )
        is_up_to_date(record_path(run, stage), record["key"], run.processed)
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _open_tables(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    for names in NEEDED_TABLES.values():
        for name in names:
            view_table(con, name, run)
    has_registry = view_registry(con, run)
    linked = con.execute(
        "SELECT (SELECT count(*) FROM due) + (SELECT count(*) FROM links WHERE link_status = 'matched')"
    ).fetchall()[0][0]
    if linked and not has_registry:
        raise RequestError(
            "--raw: the registry of the week's intake is needed for its lists; give that folder"
        )
    route_open_rows(con, run, has_registry)


def _known_units(units: tuple[str, ...]) -> tuple[str, ...]:
    table = read_units()
    known = {NOWHERE} | {
        code for level in ("commune", "district", "province") for code in table[f"{level}_code"]
    }
    for unit in units:
        if not unit or unit not in known:
            raise RequestError(
                "--commune: a GSO code of November 2021 is needed: 5 digits for a commune, 3 or 2 for the "
                f"district or province whose rows name no commune, {NOWHERE} for those that name no place"
            )
    return tuple(sorted(set(units)))


def _issue_unit(
    con: duckdb.DuckDBPyConnection,
    run: RunParameters,
    mark: dict[str, Any],
    unit: str,
    envelope: Envelope,
    today: date,
) -> list[MadeList]:
    made = []
    for kind in KINDS:
        parts = [(section, read_lines(con, section.name, unit, run.as_of)) for section in kind.sections]
        if any(lines for _, lines in parts):
            made.append(_issue_list(run, mark, unit, kind, parts, envelope, today))
    return made


def _issue_list(
    run: RunParameters,
    mark: dict[str, Any],
    unit: str,
    kind: Kind,
    parts: list[tuple[Section, list[Line]]],
    envelope: Envelope,
    today: date,
) -> MadeList:
    """Write one list: register first, so that no list can be out whose answers could not be told apart."""
    list_id = make_list_id(mark["run_id"], unit, kind.name)
    numbered = number_lines(list_id, parts)
    file_name = f"{list_id}{envelope.suffix}"
    issued = IssuedList(
        list_id=list_id,
        run_id=mark["run_id"],
        as_of=run.as_of,
        unit_code=unit,
        kind=kind.name,
        issued_on=today,
        fingerprint=envelope.fingerprint,
        file_name=file_name,
        lines=_issued_lines(parts, numbered),
    )
    records = _count_records(parts)
    head = _list_head(issued, bool(mark.get("simulated")))
    closed = envelope.close(write_workbook(head, kind, numbered, records), list_id)
    write_issued(run, issued)
    write_private(lists_folder(run) / file_name, closed)
    entry = _log_entry("list_made", issued, today)
    digest = hashlib.sha256(closed).hexdigest()
    append_entry(audit_log_of(run.processed), entry | {"lines": len(issued.lines), "sha256": digest})
    return MadeList(unit, kind.name, file_name, len(issued.lines), records)


def _issued_lines(
    parts: list[tuple[Section, list[Line]]], numbered: list[tuple[Section, list[dict[str, str]]]]
) -> dict[str, IssuedLine]:
    issued = {}
    for (section, lines), (_, cells) in zip(parts, numbered, strict=True):
        printed = [c.name for c in section.columns if c not in (ANSWER, VALUE)]
        for line, cell in zip(lines, cells, strict=True):
            digest = digest_cells([cell.get(name, "") for name in printed])
            issued[cell["reference"]] = IssuedLine(section.name, line.key, digest)
    return issued


def _count_records(parts: list[tuple[Section, list[Line]]]) -> int:
    """Count records (or citizens): a record with two fields in doubt has two lines."""
    keys = [line.key for _, lines in parts for line in lines]
    return len({(key.source_file, key.source_row) if key.source_file else key.citizen_id for key in keys})


def _list_head(issued: IssuedList, is_simulated: bool) -> ListHead:
    name, signatories = describe_unit(issued.unit_code)
    return ListHead(
        list_id=issued.list_id,
        run_id=issued.run_id,
        as_of=issued.as_of,
        issued_on=issued.issued_on,
        expires_on=issued.expires_on,
        unit_code=issued.unit_code,
        unit_name=name,
        signatories=signatories,
        is_simulated=is_simulated,
    )


def describe_unit(unit_code: str) -> tuple[str, tuple[str, str]]:
    """Return a unit's full name and who signs its lists: for a commune its health station and its police."""
    units = read_units()
    level = {5: "commune", 3: "district", 2: "province"}.get(len(unit_code)) if unit_code != NOWHERE else None
    if level is None:
        return "Cả nước", ("BỘ Y TẾ", "BỘ CÔNG AN")
    row = units.loc[units[f"{level}_code"].eq(unit_code)].iloc[0]
    levels = ("commune", "district", "province")
    name = ", ".join(row[f"{part}_name"] for part in levels[levels.index(level) :])
    if level == "commune":
        kind = next((k for k in ("Thị trấn", "Phường") if row["commune_name"].startswith(k)), "Xã")
        return name, ("TRẠM Y TẾ", f"CÔNG AN {kind.upper()}")
    if level == "district":
        return name, ("TRUNG TÂM Y TẾ CẤP HUYỆN", "CÔNG AN CẤP HUYỆN")
    return name, ("SỞ Y TẾ", "CÔNG AN CẤP TỈNH")


def _log_entry(event: str, issued: IssuedList, today: date) -> dict[str, str | int | dict[str, int]]:
    return {
        "event": event,
        "on": today.isoformat(),
        "run_id": issued.run_id,
        "list_id": issued.list_id,
        "unit_code": issued.unit_code,
        "kind": issued.kind,
        "recipient": issued.fingerprint,
    }


def _log_refusal(run: RunParameters, run_id: str, unit: str, today: date) -> None:
    entry = {"event": "list_refused", "on": today.isoformat(), "run_id": run_id, "unit_code": unit}
    append_entry(audit_log_of(run.processed), {**entry, "ground": "recipient_key"})


def wipe_expired(run: RunParameters, today: date) -> int:
    """Remove the lists whose days are over, each with a line in the audit log; returns how many."""
    wiped = 0
    for list_id in issued_ids(run):
        try:
            issued = read_issued(run, list_id)
        except BaophuError:
            continue  # a damaged register is told when its answers come back
        if issued and issued.expires_on < today:
            remove_list(run, issued)
            append_entry(audit_log_of(run.processed), _log_entry("list_wiped", issued, today))
            wiped += 1
    return wiped
