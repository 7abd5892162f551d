"""What `baophu audit` does: draw the look-ups, take answers back, say how accurate the links are."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from analysis.audit.answers import (
    LOOKS,
    confirmed,
    keep_answers,
    rows_to_ask_again,
    view_answers,
    view_run,
)
from analysis.audit.drawing import (
    Draw,
    draw_sample,
    forget_answers,
    read_draw,
    view_sample,
    write_draw,
)
from analysis.audit.estimates import Estimate
from analysis.audit.lists import issue_look_ups, open_batch
from analysis.audit.outcomes import compare_answers, count_linked_rows
from analysis.audit.report import AuditResult, report_audit, write_result
from analysis.engine import connect
from analysis.errors import CheckError, RequestError
from analysis.pipeline import COUNTRY
from analysis.reference import read_provinces
from analysis.safeguards.audit_log import Entry, append_entry, audit_log_of, check_log
from analysis.safeguards.envelopes import closed_with, open_envelope
from analysis.safeguards.keys import read_identity, read_password
from analysis.settings import RunParameters, open_run, parse_as_of, parse_provinces
from analysis.worklists import peek_as_of
from analysis.worklists.answered_decisions import decide, write_decisions
from analysis.worklists.command import NEXT_INTAKE
from analysis.worklists.finished_run import read_run_mark
from analysis.worklists.issue import MadeList
from analysis.worklists.take_answers import log_import, read_answers


def run_audit(options: argparse.Namespace, today: date) -> int:
    """Do what was asked for: draw, import or report."""
    return {"draw": _draw, "import": _import, "report": _report}[options.action](options, today)


@contextmanager
def _opened(run: RunParameters) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a connection with the run's rows and its sample."""
    with connect(run) as con:
        view_run(con, run)
        view_sample(con, run)
        count_linked_rows(con)
        yield con


def _run_of(options: argparse.Namespace, as_of: date) -> RunParameters:
    raw, processed = (str(folder or "") for folder in (options.raw, options.processed))
    return open_run(as_of.isoformat(), raw, processed, home=Path())


def _draw(options: argparse.Namespace, today: date) -> int:
    run = _run_of(options, options.as_of)
    mark = read_run_mark(run)
    check_log(audit_log_of(run.processed))
    forget_answers(run, mark["run_id"])
    draw = Draw(
        run_id=mark["run_id"],
        size=options.size,
        provinces=parse_provinces(tuple(options.province)),
        seed=options.seed,
        drawn_on=today,
        second_recipient=options.second_recipient or "",
    )
    with connect(run) as con:
        view_run(con, run)
        taken = draw_sample(con, draw)
        write_draw(con, run, draw)  # first: no list may be out whose answers could not be told apart
        made = issue_look_ups(con, open_batch(run, today), "audit_sample", 1, options.recipient)
    entry: Entry = {"event": "audit_drawn", "on": today.isoformat(), "run_id": draw.run_id, "size": draw.size}
    append_entry(audit_log_of(run.processed), entry | {"seed": draw.seed, "lists": len(made)})
    for pool, (rows, drawn) in taken.items():
        print(f"  {pool}: {drawn} of {rows}")
    _tell_lists(made)
    return 0


def _tell_lists(made: list[MadeList]) -> None:
    for one in made:
        print(f"{one.unit_code} {one.kind}: {one.lines} look-ups → worklists/{one.file_name}")


def _import(options: argparse.Namespace, today: date) -> int:
    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise RequestError(
            "audit import: the file does not exist or cannot be read; check the path"
        ) from error
    identity = read_identity(options.identity) if options.identity else None
    password = read_password(options.password_file) if options.password_file else None
    opened = open_envelope(data, identity, password)
    as_of = options.as_of or parse_as_of(peek_as_of(opened))
    run = _run_of(options, as_of)
    taken = read_answers(run, opened, today, closed_with(data))
    issued = taken.issued
    if issued.kind not in LOOKS:
        raise CheckError("audit import: a worklist; take it back with `baophu worklist --import`")
    draw = read_draw(run, read_run_mark(run)["run_id"])
    decisions = 0
    with _opened(run) as con:
        keep_answers(con, run, issued.list_id, issued.kind, taken.answers, today)
        view_answers(con, run)
        compare_answers(con)
        print(f"list {issued.list_id}: {len(taken.answers)} answers taken, {taken.unanswered} unanswered")
        for reason, rows in taken.rejected.items():
            print(f"  rejected, {reason}: {rows}")
        if LOOKS[issued.kind] == 1:
            _ask_again(con, run, draw, issued.unit_code, today)
        else:
            folder = options.decisions or Path("data/raw") / (as_of + NEXT_INTAKE).isoformat() / "decisions"
            decided, _ = decide(issued, confirmed(con, taken.answers), today)
            decisions = len(decided)
            where = f" → {write_decisions(folder, issued, decided, opened).as_posix()}" if decided else ""
            print(f"{decisions} decisions, confirmed by both looks{where}")
    log_import(run, taken, decisions, opened, today, closed_with(data))
    return 0


def _ask_again(
    con: duckdb.DuckDBPyConnection, run: RunParameters, draw: Draw, unit: str, today: date
) -> None:
    """Write the second person's list of a province, where its answers ask for one."""
    if not rows_to_ask_again(con, unit):
        print(f"{unit}: nothing is to be looked up a second time")
    elif not draw.second_recipient:
        print(f"{unit}: contradictions stay open: the audit was drawn without --second-recipient")
    else:
        _tell_lists(issue_look_ups(con, open_batch(run, today), "audit_again", 2, draw.second_recipient))


def _report(options: argparse.Namespace, today: date) -> int:
    run = _run_of(options, options.as_of)
    draw = read_draw(run, read_run_mark(run)["run_id"])
    with _opened(run) as con:
        view_answers(con, run)
        result = report_audit(con, draw)
        if result.measures:
            write_result(con, run, result)
    if options.json:
        print(json.dumps(result.as_data(), ensure_ascii=False, indent=1))
    else:
        _tell_result(result)
    return 0


def _tell_result(result: AuditResult) -> None:
    looks = result.answered
    print(
        f"look-ups: {looks.drawn} drawn, {looks.answered} answered, {looks.undetermined} undetermined, "
        f"{looks.awaited} contradictions await a second look"
    )
    if looks.looked_twice:
        print(f"both persons said the same in {looks.same_twice} of {looks.looked_twice} rows")
    print(f"speaks for: {_places(result.unit_code)}")
    for name, one in result.measures.items():
        print(f"  {name:<20} {_words(name, one)}")
    for name, (looked, errors, one) in result.strata.items():
        print(f"  right, {name:<18} {_words('right_pct', one)}: {errors} errors in {looked} look-ups")


def _places(unit_code: str) -> str:
    """Name what a result speaks for: the country, or its provinces, never one for the other."""
    if unit_code == COUNTRY:
        return "the country"
    names = read_provinces().set_index("province_code")["province_name"]
    named = ", ".join(f"{code} {names[code]}" for code in unit_code.split())
    return f"{named}; not for the country" if named else "no province yet"


def _words(name: str, one: Estimate) -> str:
    digits = 2 if name.endswith("_pct") else 0
    mark = " %" if digits else ""
    return f"{one.value:,.{digits}f}{mark} ({one.low:,.{digits}f} to {one.high:,.{digits}f})"
