"""What is published and whether it still is what the runs made: `baophu status` and `baophu verify`."""

import argparse
import json
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path

from analysis.errors import BaophuError, CheckError, LockHeldError, MachineError, RequestError, one_line
from analysis.release import SHEETS
from analysis.safeguards import publishing
from analysis.safeguards.anchors import read_anchors
from analysis.safeguards.approvals import check_signed_sheets
from analysis.safeguards.audit_log import audit_log_of
from analysis.safeguards.folders import RESTRICTED, wipe_spill
from analysis.safeguards.locks import HOLDER, hold_lock
from analysis.safeguards.signatures import read_public_key
from analysis.safeguards.verification import Verified, verify_published
from analysis.settings import SETTINGS_FILE, open_run, parse_as_of, read_settings

PROCESSED = Path("data/processed")


def run_status(options: argparse.Namespace, today: date) -> int:
    """Say what is published, whether it is as it was made, and how old its data are.

    What is not as it was made and stale data give the code of a failed check.
    """
    _wipe_after_a_kill(options.reports, PROCESSED / publishing.CURRENT)
    names = publishing.published_names(options.reports)
    faults = {name: _published_fault(options, name, run_id) for name, run_id in names.items()}
    current = names.get(publishing.CURRENT)
    age = (today - parse_as_of(current[:10])).days if current else None
    limit = read_settings(
        options.settings or (own if (own := Path(SETTINGS_FILE)).is_file() else None)
    ).stale_after_days
    if options.json:
        is_usable = age is not None and age <= limit and not any(faults.values())
        state = {
            "published": names,
            "faults": {name: fault for name, fault in faults.items() if fault},
            "current": current,
            "age_days": age,
            "limit_days": limit,
            "usable": is_usable,
        }
        print(json.dumps(state, sort_keys=True))
    else:
        _print_status(options.reports, names, faults, age)
    if not names:
        raise CheckError("no published run; run the week first")
    if found := [fault for fault in faults.values() if fault]:
        raise CheckError(found[0])
    if age is None:
        raise CheckError("no complete run is published as 'current'; run the week without --province")
    if age > limit:
        raise CheckError(f"'{publishing.CURRENT}' is older than {limit} days; run the week's intake")
    return 0


def _wipe_after_a_kill(reports: Path, *beside: Path) -> None:
    """Remove what a killed run left in plain text: its holder's note stands though nobody holds the lock."""
    if not (reports / HOLDER).is_file():
        return
    weeks = {*beside, *(anchor.processed for anchor in read_anchors(reports).values())}
    with suppress(LockHeldError, MachineError), hold_lock(reports):
        for folder in {week.parent for week in weeks if week.parent.is_dir()}:
            for week in filter(Path.is_dir, folder.iterdir()):
                wipe_spill(week / RESTRICTED)


def _published_fault(options: argparse.Namespace, name: str, run_id: str) -> str:
    """Return what of a published run is not as it was made; nothing where all is."""
    try:
        verify_published(options.reports, name, PROCESSED / run_id[:10])
    except BaophuError as error:
        return one_line(str(error))
    return ""


def _print_status(reports: Path, names: dict[str, str], faults: dict[str, str], age: int | None) -> None:
    if not names:
        print(f"nothing is published in {reports.as_posix()}; run `baophu run --as-of …`")
    for name, run_id in names.items():
        print(f"{name}: run {run_id or '?'}{' · ! ' if faults[name] else ''}{faults[name]}")
    if age is not None:
        print(f"the data of '{publishing.CURRENT}' are {age} days old")
        _print_slowest_steps(names[publishing.CURRENT][:10])


def _print_slowest_steps(as_of: str) -> None:
    """Say what took long in the run of a day, where its own notes are at hand."""
    from analysis import plans

    run = open_run(as_of, home=Path())
    for line in filter(None, (plans.slowest_steps(run, stage) for stage in plans.chosen_stages(None))):
        print(line)


def run_verify(options: argparse.Namespace, today: date) -> int:
    """Check a day's published files, their manifest, link and signature, its tables, and the audit log."""
    try:
        found = _verify(options)
    except CheckError as error:
        if options.json:
            fault = {"as_of": options.as_of.isoformat(), "as_made": False, "fault": one_line(str(error))}
            print(json.dumps(fault, ensure_ascii=False, sort_keys=True))
        raise
    if options.json:
        state = asdict(found) | {"processed": found.processed.as_posix(), "signed": bool(options.key)}
        print(json.dumps(state | {"as_of": options.as_of.isoformat(), "as_made": True}, sort_keys=True))
        return 0
    tables = f"{found.tables} tables in {found.processed.as_posix()} are as their stages made them"
    signed = ", signed with the key given" if options.key else ""
    print(
        f"run {found.run_id}: {found.files} files are as the run made them{signed}"
        f"{'; ' + tables if found.tables else ''}"
    )
    return 0


def _verify(options: argparse.Namespace) -> Verified:
    day = options.as_of.isoformat()
    if options.processed and not options.processed.is_dir():
        raise RequestError("--processed: the folder does not exist; give a data/processed/<as-of>")
    key = read_public_key(options.key) if options.key else None
    _wipe_after_a_kill(options.reports, options.processed or PROCESSED / day)
    found = verify_published(options.reports, day, PROCESSED / day, options.processed, key)
    sheets = options.reports / SHEETS / found.run_id
    check_signed_sheets(audit_log_of(found.processed), sheets, found.run_id)
    return found
