"""What `baophu worklist` does: make communes' lists, or take an answered one back."""

import argparse
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import MachineError, RequestError
from analysis.settings import RunParameters, open_run, parse_as_of

if TYPE_CHECKING:
    from analysis.worklists.issue import EnvelopeOf, IssueResult

# The intake that the next weekly run reads: decisions written there are in force from that run on.
NEXT_INTAKE = timedelta(days=7)


def run_worklist(options: argparse.Namespace, today: date) -> int:
    """Make lists (`--commune`) or import answers (`--import`); raises RequestError when neither is asked."""
    if options.returned is not None:
        return _import(options, today)
    asked = sum(map(bool, (options.commune, options.updates, options.findings, options.progress)))
    if options.as_of is None or not asked:
        raise RequestError(
            "worklist: give --as-of and --commune, --updates or --findings to make lists, or --import to take one back"
        )
    if asked > 1:
        raise RequestError(
            "worklist: --commune, --updates, --findings and --progress are asked for one at a time"
        )
    if options.progress:
        return _tell_progress(options)
    return _issue(options, today)


def _run_of(options: argparse.Namespace, as_of: date) -> RunParameters:
    """Return the finished run that lists are made of; nothing of it is changed."""
    raw, processed = (str(folder or "") for folder in (options.raw, options.processed))
    return open_run(as_of.isoformat(), raw, processed, home=Path())


def _issue(options: argparse.Namespace, today: date) -> int:
    from analysis.worklists import issue_lists
    from analysis.worklists.onward import FINDINGS, UPDATES, issue_onward

    if (options.recipient is None) == (options.passwords is None):
        raise RequestError("worklist: give --recipient, or --passwords where only Excel exists; one of them")
    if options.bundles and not (options.passwords and options.commune):
        raise RequestError("--bundles: goes with --passwords; lists closed for a key need no slip")
    run = _run_of(options, options.as_of)
    if options.commune:
        _need_folder_of_keys(options)
        result = issue_lists(run, tuple(options.commune), _envelopes(options, run, today), today)
    else:
        what = UPDATES if options.updates else FINDINGS
        result = issue_onward(run, what, _envelopes(options, run, today), today)
    return _tell(options, run, result, today)


def _need_folder_of_keys(options: argparse.Namespace) -> None:
    from analysis.worklists import EVERY_UNIT

    is_many = len(options.commune) > 1 or options.commune == [EVERY_UNIT]
    if is_many and options.recipient and not Path(options.recipient).is_dir():
        raise RequestError(
            "--recipient: for more than one commune give a folder with a file <code>.txt for each"
        )


def _envelopes(options: argparse.Namespace, run: RunParameters, today: date) -> "EnvelopeOf":
    """Return what closes a unit's list; raises MachineError when called for a unit whose key is missing or wrong."""
    from analysis.safeguards.envelopes import Envelope, KeyEnvelope, PasswordEnvelope
    from analysis.safeguards.keys import open_password_folder, read_recipient

    def envelope_of(unit: str) -> Envelope:
        if options.recipient:
            return KeyEnvelope(read_recipient(options.recipient, unit, today))
        return PasswordEnvelope(open_password_folder(options.passwords, run.processed))

    return envelope_of


def _tell(options: argparse.Namespace, run: RunParameters, result: "IssueResult", today: date) -> int:
    for made in result.made:
        print(
            f"{made.unit_code} {made.kind}: {made.lines} lines, {made.records} open → worklists/{made.file_name}"
        )
    if not result.made and not result.refused and not options.commune:
        print("nothing is to go on, no list was made")
    if options.bundles:
        from analysis.worklists.bundles import write_bundles

        for bundle in write_bundles(run, result.made, options.passwords, today):
            shown = f"worklists/bundles/{bundle.path.name}"
            print(f"{bundle.unit_code}: {bundle.lists} lists → {shown}, slips → {bundle.slips.name}")
    for unit in result.without_rows:
        print(f"{unit}: nothing is open, no list was made")
    if result.refused:
        first, *others = result.refused.values()
        more = f"; the same for {len(others)} more: {' '.join(sorted(result.refused)[1:])}" if others else ""
        raise MachineError(f"no list for {len(result.refused)} of the units. {first}{more}")
    return 0


def _tell_progress(options: argparse.Namespace) -> int:
    """Print how far each unit is with its lists: lines, answered, decided; no line of a person."""
    from analysis.worklists.register import issued_ids, read_given, read_issued

    run = _run_of(options, options.as_of)
    units: dict[str, list[int]] = {}
    for issued in filter(None, (read_issued(run, list_id) for list_id in issued_ids(run))):
        given = read_given(run, issued).values()
        counts = (1, len(issued.lines), len(given), sum(one.is_decided for one in given))
        sums = units.get(issued.unit_code, [0] * len(counts))
        units[issued.unit_code] = [a + b for a, b in zip(sums, counts, strict=True)]
    for unit, (lists, lines, answered, decided) in sorted(units.items()):
        print(f"{unit}: {lists} lists, {lines} lines, {answered} answered, {decided} decided")
    lists, lines, answered, decided = (
        (sum(column) for column in zip(*units.values(), strict=True)) if units else (0,) * 4
    )
    print(f"all {len(units)} units: {lists} lists, {lines} lines, {answered} answered, {decided} decided")
    return 0


def _import(options: argparse.Namespace, today: date) -> int:
    from analysis.safeguards.envelopes import closed_with, open_envelope
    from analysis.safeguards.keys import read_identity, read_password
    from analysis.worklists import import_answers, peek_as_of

    others = (options.commune, options.updates, options.findings, options.progress)
    if any((*others, options.recipient, options.passwords)):
        raise RequestError(
            "worklist: --import goes with none of --commune, --updates, --findings, --progress, --recipient and --passwords"
        )
    try:
        data = options.returned.read_bytes()
    except OSError as error:
        raise RequestError("--import: the file does not exist or cannot be read; check the path") from error
    identity = read_identity(options.identity) if options.identity else None
    password = read_password(options.password_file) if options.password_file else None
    opened = open_envelope(data, identity, password)
    as_of = options.as_of or parse_as_of(peek_as_of(opened))
    folder = options.decisions or Path("data/raw") / (as_of + NEXT_INTAKE).isoformat() / "decisions"
    result = import_answers(_run_of(options, as_of), opened, folder, today, closed_with(data))
    print(f"list {result.list_id}: {result.answered} answers taken, {result.unanswered} lines unanswered")
    for reason, rows in result.rejected.items():
        named = f" ({' '.join(result.unproven)})" if reason == "unproven" else ""
        print(f"  rejected, {reason}: {rows}{named}")
    if result.said_again or result.replaced:
        print(
            f"  answered before: {result.said_again} say the same again, {result.replaced} replace the earlier answer, "
            f"{result.taken_back} of them take its decision back"
        )
    print(f"  so far {result.answered_so_far} of {result.lines} lines of this list are answered")
    where = f" → {result.path.as_posix()}" if result.path else ""
    print(f"{result.decisions} decisions, {result.left_open} answers leave their line open{where}")
    return 0
