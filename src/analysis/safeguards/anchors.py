"""What ties a published run to the audit log, so that a page and its manifest cannot be changed together.

The log names the hash of each manifest, once before the links switch (`publishing`) and once after (`published`);
beside the run stands where that log is and which head it had. Neither is part of the run's own folder, whose bytes
depend on the inputs alone.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import CheckError
from analysis.safeguards.audit_log import Entry, append_entry, audit_log_of, line_hashes, read_entries
from analysis.safeguards.guarded_process import open_to_readers
from analysis.safeguards.publishing import ANCHORS, MANIFEST, RUNS
from analysis.safeguards.run_record import hash_file, write_json
from analysis.settings import RunParameters

BEGUN, PUBLISHED = "publishing", "published"

Sign = Callable[[Path], None]  # signs the manifest of a run's folder (signatures.py)


@dataclass(frozen=True)
class Anchor:
    """Where the tables of a run were when it was published, and the head of the audit log beside them then."""

    processed: Path
    head: str


def _anchor_path(reports: Path, run_id: str) -> Path:
    return reports / ANCHORS / f"{run_id}.json"


def read_anchor(reports: Path, run_id: str) -> Anchor | None:
    """Return a run's anchor; None for a run that has none. Raises CheckError for a damaged one."""
    path = _anchor_path(reports, run_id)
    if not path.is_file():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Anchor(reports / kept["processed"], str(kept["head"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckError(
            f"{ANCHORS}/{path.name}: damaged; keep a copy, remove it and run the week again"
        ) from error


def read_anchors(reports: Path) -> dict[str, Anchor]:
    """Return the anchors of all runs of a reports folder, by run id."""
    found = {
        path.stem: read_anchor(reports, path.stem) for path in sorted((reports / ANCHORS).glob("*.json"))
    }
    return {run_id: anchor for run_id, anchor in found.items() if anchor}


def _write_anchor(run: RunParameters, run_id: str, head: str) -> None:
    try:
        processed = Path(os.path.relpath(run.processed.resolve(), run.reports.resolve()))
    except ValueError:  # another drive of Windows
        processed = run.processed.resolve()
    anchor = {"processed": processed.as_posix(), "head": head}
    write_json(_anchor_path(run.reports, run_id), anchor, is_flushed=True)


def begin_publication(run: RunParameters, run_id: str, staging: Path, link: str) -> str:
    """Note in the log what is about to be published, and beside the run the head the log had; returns that head.

    From here on those may read the folders whom the caller lets.
    """
    log = audit_log_of(run.processed)
    head = line_hashes(log)[-1]
    _write_anchor(run, run_id, head)
    (run.reports / RUNS).mkdir(exist_ok=True)
    for folder in (run.reports / RUNS, run.reports / ANCHORS, staging):
        open_to_readers(folder)
    _append(run, BEGUN, run_id, staging, link)
    return head


def end_publication(run: RunParameters, folder: Path, link: str, sign: Sign | None) -> str:
    """Note in the log what is published now, unless that is its last word on the day, and sign it where asked to.

    Returns the log's head.
    """
    log, run_id = audit_log_of(run.processed), folder.name
    if sign:
        sign(folder)
    entries = read_entries(log)
    if any(last_published(entries, run.reports, name) != run_id for name in (run.as_of.isoformat(), link)):
        _append(run, PUBLISHED, run_id, folder, link)
    return line_hashes(log)[-1]


def _append(run: RunParameters, event: str, run_id: str, folder: Path, link: str) -> None:
    entry: Entry = {
        "event": event,
        "as_of": run.as_of.isoformat(),
        "run_id": run_id,
        "manifest": hash_file(folder / MANIFEST),
        "reports": run.reports.resolve().name,
        "link": link,
    }
    append_entry(audit_log_of(run.processed), entry)


def logged_manifests(log: Path, run_id: str) -> frozenset[str]:
    """Return the hashes of the manifests that a run was published with, as the log has them."""
    return frozenset(
        str(entry.get("manifest"))
        for entry in read_entries(log)
        if entry.get("run_id") == run_id and entry.get("event") in (BEGUN, PUBLISHED)
    )


def _publications(entries: list[Entry], reports: Path, link: str) -> list[Entry]:
    """Return the publications under a link, of this folder where the log knows it by its name."""
    of_link = [
        entry
        for entry in entries
        if entry.get("event") in (BEGUN, PUBLISHED) and link in (entry.get("as_of"), entry.get("link"))
    ]
    named = [entry for entry in of_link if entry.get("reports") == reports.resolve().name]
    return named or of_link


def last_published(entries: list[Entry], reports: Path, link: str) -> str | None:
    """Return the run that was last published under a link (a day or `current`); None where the log knows none."""
    done = [e for e in _publications(entries, reports, link) if e["event"] == PUBLISHED]
    return str(done[-1]["run_id"]) if done else None


def may_stand(entries: list[Entry], reports: Path, link: str) -> set[str]:
    """Return the runs a link may lead to: the last one published, or one whose publication was cut short since."""
    runs: set[str] = set()
    for entry in _publications(entries, reports, link):
        run_id = str(entry["run_id"])
        runs = {run_id} if entry["event"] == PUBLISHED else runs | {run_id}
    return runs
