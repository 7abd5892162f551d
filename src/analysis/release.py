"""What `baophu approve` and `baophu release` do: a run that two people answer for, once more for everybody."""

import argparse
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from analysis.earlier_runs import read_mark
from analysis.errors import CheckError, RequestError
from analysis.safeguards import publishing
from analysis.safeguards.approvals import (
    Approval,
    operating_system_user,
    parse_name,
    parse_number,
    read_approvals,
    record_approval,
    signed_sheet_name,
    two_people,
)
from analysis.safeguards.audit_log import (
    RELEASED,
    Entry,
    append_entry,
    audit_log_of,
    check_log,
    releases_beside,
)
from analysis.safeguards.locks import hold_lock
from analysis.safeguards.run_record import Hashes, check_tables, hash_file, hash_folder, write_json
from analysis.safeguards.signatures import read_signing_key
from analysis.settings import NONE, RunParameters, open_run

SHEETS = ".sheets"  # of the reports folder: the checker's sheets, one folder a run
UNSAFE = "unsafe.json"


@dataclass(frozen=True)
class FinishedRun:
    """A published run whose files and tables are as it made them: its parameters, folder and manifest."""

    run: RunParameters
    folder: Path
    manifest: dict[str, Any]

    @property
    def manifest_hash(self) -> str:
        """SHA-256 of the manifest: what an approval is of."""
        return hash_file(self.folder / publishing.MANIFEST)

    @property
    def sheets(self) -> Path:
        """Folder of the run's sheet and of its signed copies."""
        return self.run.reports / SHEETS / self.folder.name


def run_approve(options: argparse.Namespace, today: date) -> int:
    """Write the sheet of a day's run, record who approves it, and say who is still needed."""
    name, number = parse_name(options.name), parse_number(options.sheet_number)
    key = read_signing_key(options.sign) if options.sign else None
    publishing.follow_link(options.reports, options.as_of.isoformat())
    with hold_lock(options.reports):
        finished = open_finished(options)
        log = audit_log_of(finished.run.processed)
        check_log(log)
        sheet = _write_sheet(finished)
        approval = Approval(
            finished.folder.name,
            finished.manifest_hash,
            hash_file(sheet),
            name,
            operating_system_user(),
            number,
            _keep_signed(options.signed, finished.sheets),
        )
        record_approval(log, finished.run.as_of.isoformat(), approval, key)
        print(f"run {approval.run_id}: the approval is recorded; the sheet to sign is {sheet.as_posix()}")
        try:
            two_people(read_approvals(log, approval.run_id), approval.manifest, approval.sheet)
            print("two people have approved the run: `baophu release` may write it")
        except CheckError as error:
            print(f"not yet to be released: {error}")
    return 0


def run_release(options: argparse.Namespace, today: date) -> int:
    """Write the public copy of a day's run that two people have approved."""
    if options.out.exists() and not options.out.is_dir():
        raise RequestError("--out: that is a file; give a folder")
    publishing.follow_link(options.reports, options.as_of.isoformat())
    with hold_lock(options.reports):
        finished = open_finished(options)
        _refuse_inside(options.out, finished)
        approvals = _approved(finished)
        _refuse_unheld(finished)
        part = options.out.with_name(f".{options.out.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            files = _write_release(finished, approvals, part)
            is_new = _put_in_place(part, options.out)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        if is_new:
            _note_release(finished, options.out)
    state = "written" if is_new else "as it stands there already"
    print(f"run {finished.folder.name}: released, {files} files in {options.out.as_posix()}, {state}")
    return 0


def open_finished(options: argparse.Namespace) -> FinishedRun:
    """Return the run published under `--as-of`; raises CheckError when a file or a table of it changed since."""
    day = options.as_of.isoformat()
    folder = publishing.follow_link(options.reports, day)
    publishing.check_published(folder)
    manifest: dict[str, Any] = publishing.read_manifest(folder)
    settings = manifest["parameters"]["settings"]
    opened = open_run(
        day,
        processed=str(options.processed or ""),
        reports=str(options.reports),
        provinces=" ".join(manifest["parameters"]["provinces"]),
        previous=NONE,
        settings=NONE,
        home=Path(),
    )
    words = {name: settings[name] for name in ("organisation", "language", "second_language")}
    run = replace(opened, settings=replace(opened.settings, **words))
    run = replace(run, accept_change=str(manifest["parameters"]["accept_change"]))
    _check_processed(run, folder.name, manifest)
    return FinishedRun(run, folder, manifest)


def _check_processed(run: RunParameters, run_id: str, manifest: dict[str, Any]) -> None:
    """Raise CheckError when the folder of tables is not, or no longer, that of the published run."""
    shown = run.processed.name
    if (run.restricted / "run" / UNSAFE).is_file():
        raise CheckError(
            f"{shown}: the run is marked unsafe, data of persons stood in it; run the week again"
        )
    if read_mark(run.processed).get("run_id") != run_id:
        raise CheckError(f"{shown}: its tables are not those of run {run_id}; run the week again")
    check_tables(run.processed)
    counts: Hashes = manifest["aggregate"]
    wrong = [
        n for n, d in counts.items() if not (run.processed / n).is_file() or hash_file(run.processed / n) != d
    ]
    if wrong:
        raise CheckError(f"{shown}/{wrong[0]}: not the counts that were published; run the week again")


def _write_sheet(finished: FinishedRun) -> Path:
    """Write the run's sheet, for internal circulation, and return what is to be printed."""
    from analysis.briefing.documents.checkers_sheet import SHEET, write_sheet
    from analysis.briefing.figures.wording import read_words

    words = read_words(finished.run.settings.language)
    write_sheet(finished.folder, finished.sheets, words("head.internal"))
    return finished.sheets / f"{SHEET}.pdf"


def _keep_signed(signed: Path | None, folder: Path) -> str:
    """Keep a copy of a signed sheet beside the run's own and return its hash; empty without one."""
    if signed is None:
        return ""
    if not signed.is_file() or not signed.read_bytes().startswith(b"%PDF"):
        raise RequestError("--signed: give the signed sheet as a PDF file; check the path")
    digest = hash_file(signed)
    shutil.copyfile(signed, folder / signed_sheet_name(digest))
    return digest


def _approved(finished: FinishedRun) -> list[Approval]:
    """Return the run's approvals, the two that count first; raises CheckError for whatever is missing."""
    from analysis.briefing.documents.checkers_sheet import SHEET, read_disclosure

    run_id = finished.folder.name
    if read_disclosure(finished.folder) is None:
        raise CheckError(f"run {run_id} has not passed disclosure control; run the week again with it")
    sheet = finished.sheets / f"{SHEET}.pdf"
    if not sheet.is_file():
        raise CheckError(f"run {run_id} has no checker's sheet; `baophu approve` writes it")
    approvals = read_approvals(audit_log_of(finished.run.processed), run_id)
    try:
        pair = two_people(approvals, finished.manifest_hash, hash_file(sheet))
    except CheckError as error:
        raise CheckError(f"run {run_id}: {error}") from None
    return [*pair, *(a for a in approvals if a not in pair)]


def _refuse_unheld(finished: FinishedRun) -> None:
    """Raise CheckError where a release stands that the run's figures were never held against: by both a person may show."""
    held, run_id = _held_against(finished), finished.folder.name
    log = audit_log_of(finished.run.processed)
    for entry in releases_beside(log, finished.run.as_of.isoformat(), run_id):
        if entry["run_id"] not in held:
            raise CheckError(
                f"run {run_id}: its figures were not held against run {entry['run_id']}, released since; "
                "run the week again and have it approved"
            )


def _held_against(finished: FinishedRun) -> list[str]:
    from analysis.briefing.documents.checkers_sheet import read_disclosure

    return [str(held) for held in (read_disclosure(finished.folder) or {}).get("held_against", ())]


def _refuse_inside(out: Path, finished: FinishedRun) -> None:
    """Raise RequestError for a place where a release would be taken for something else."""
    for folder in (finished.run.reports, finished.run.processed.parent):
        if out.resolve().is_relative_to(folder.resolve()):
            raise RequestError(
                f"--out: lies in '{folder.name}'; give a folder of its own for what is released"
            )


def _write_release(finished: FinishedRun, approvals: list[Approval], target: Path) -> int:
    """Write documents, tables, sheet and, last, the public manifest; returns the number of files."""
    from analysis.briefing.documents.checkers_sheet import write_sheet
    from analysis.briefing.documents.documents import CONTEXT_FILE, unit_folder
    from analysis.briefing.documents.released_copy import write_released_copy
    from analysis.safeguards.canaries import refuse_persons

    write_released_copy(finished.run, finished.folder, finished.manifest, target)
    write_sheet(finished.folder, target, "")
    units = finished.manifest["units"]
    drawn = {f"{unit}/pictures": unit_folder(finished.run, unit) / CONTEXT_FILE for unit in units}
    # Before the manifest: it names those who approved, and they may well be people of the registry.
    refuse_persons(finished.run, finished.folder.name, target, drawn)
    numbers = [a.sheet_number for a in approvals if a.sheet_number]
    manifest = {
        "run_id": finished.folder.name,
        "as_of": finished.run.as_of.isoformat(),
        "units": units,
        "versions": finished.manifest["versions"],
        "internal_manifest": finished.manifest_hash,
        "approved_by": [{"name": a.name, "key": a.key} for a in approvals[:2]],
        "sheet_number": numbers[-1] if numbers else "",
        "files": publishing.manifest_files(target),
    }
    write_json(target / publishing.MANIFEST, manifest)
    return len(publishing.manifest_files(target))


def _put_in_place(part: Path, out: Path) -> bool:
    """Move a written release to its folder; False where the same stands there. Raises CheckError for anything else."""
    if out.is_dir() and any(out.iterdir()):
        if hash_folder(out) != hash_folder(part):
            raise CheckError(
                f"--out: '{out.name}' holds something else than this release; give an empty folder"
            )
        return False
    if out.is_dir():
        out.rmdir()
    part.replace(out)
    return True


def _note_release(finished: FinishedRun, out: Path) -> None:
    entry: Entry = {
        "event": RELEASED,
        "as_of": finished.run.as_of.isoformat(),
        "run_id": finished.folder.name,
        "manifest": finished.manifest_hash,
        "held_against": " ".join(_held_against(finished)),
        "public_manifest": hash_file(out / publishing.MANIFEST),
    }
    append_entry(audit_log_of(finished.run.processed), entry)
