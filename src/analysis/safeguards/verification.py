"""Whether what is published under a name is what a run made and published: files, manifest, link, log, tables.

Each check holds one thing to another that a hand would have to change too; docs/trust.md says what that proves.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.earlier_runs import read_mark
from analysis.errors import CheckError, RequestError
from analysis.safeguards import anchors, publishing
from analysis.safeguards.audit_log import audit_log_of, check_log, line_hashes, read_entries
from analysis.safeguards.run_record import check_tables, hash_file
from analysis.safeguards.signatures import PublicKey, check_signature


@dataclass(frozen=True)
class Verified:
    """What was found in order: the run, its files, the folder of its tables and how many of them still stand."""

    run_id: str
    files: int
    processed: Path
    tables: int


def verify_published(
    reports: Path, name: str, default: Path, given: Path | None = None, key: PublicKey | None = None
) -> Verified:
    """Check the run that `reports/<name>` leads to (a day, or `current`), and return what was found.

    Its tables and the audit log are those of the folder given, else of the one it was published from, else of
    `default`. With a key the manifest's signature is checked too. Raises RequestError when nothing was published
    under the name, CheckError naming the first thing that is not as it was. A copy passed on, without the runs beside
    it or without the log, is held to its manifest, and to the signature when a key is given.
    """
    if (reports / name).is_dir() and not (reports / publishing.RUNS).exists():
        return _verify_copy(reports / name, default, key)
    run_id = publishing.published_names(reports).get(name)
    anchor = anchors.read_anchor(reports, run_id) if run_id else None
    processed = given or _processed_of(reports, name, anchor) or default
    log = audit_log_of(processed)
    entries = read_entries(log)
    last = anchors.last_published(entries, reports, name)
    if run_id is None and last is None:
        raise RequestError(
            f"no published run '{name}' in '{reports.name}'; `baophu status` lists what there is"
        )
    if not run_id:
        state = "is gone" if run_id is None else f"leads to no run of {publishing.RUNS}"
        raise CheckError(f"{reports.name}/{name}: the link {state}; run the week again")
    folder = reports / publishing.RUNS / run_id
    if not folder.is_dir():
        raise CheckError(f"{reports.name}/{name}: its run {run_id} is gone; run the week again")
    files = publishing.check_published(folder)
    manifest = publishing.read_manifest(folder)
    _check_link(folder, manifest, name, anchors.may_stand(entries, reports, name))
    if given or log.parent.is_dir() or not key:
        check_log(log)
        _check_log_of_run(reports, folder, manifest, anchor, log)
    if key:
        check_signature(folder, key)
    tables = check_tables(processed)
    _check_counts(processed, manifest)
    return Verified(run_id, files, processed, tables)


def _verify_copy(folder: Path, default: Path, key: PublicKey | None) -> Verified:
    files = publishing.check_published(folder)
    run_id = str(publishing.read_manifest(folder).get("run_id", folder.name))
    if key:
        check_signature(folder, key)
    return Verified(run_id, files, default, 0)


def _processed_of(reports: Path, name: str, anchor: anchors.Anchor | None) -> Path | None:
    """Return the folder of the tables: the run's own, else of another run of that day, else beside other days'."""
    if anchor:
        return anchor.processed
    others = anchors.read_anchors(reports)
    same_day = [other.processed for run_id, other in others.items() if run_id.startswith(name)]
    beside = [other.processed.parent / name for other in others.values()]
    return next(iter((*reversed(same_day), *reversed(beside))), None)


def _check_link(folder: Path, manifest: dict[str, Any], name: str, may_stand: set[str]) -> None:
    """Raise CheckError when a link leads to a run that was not the last one published under its name."""
    own = (manifest.get("run_id", folder.name), manifest.get("as_of", name))
    if own[0] != folder.name or (name != publishing.CURRENT and own[1] != name):
        raise CheckError(f"{name}: the link leads to '{folder.name}', another run's copy; run the week again")
    if may_stand and folder.name not in may_stand:
        wanted = " or ".join(sorted(may_stand))
        raise CheckError(
            f"{name}: the link leads to {folder.name}, published was {wanted}; run the week again"
        )


def _check_log_of_run(
    reports: Path, folder: Path, manifest: dict[str, Any], anchor: anchors.Anchor | None, log: Path
) -> None:
    """Hold a run's manifest and the heads kept beside all runs of the folder to the log.

    A run from before its manifest named a log needs none.
    """
    if "audit_log" not in manifest and anchor is None:
        return
    if not log.is_file():
        raise CheckError(
            f"{log.name}: the log is gone that run {folder.name} was published with; bring it back from a copy"
        )
    heads = line_hashes(log)
    for run_id, other in anchors.read_anchors(reports).items():
        if audit_log_of(other.processed).resolve() == log.resolve() and other.head not in heads:
            raise CheckError(
                f"{log.name}: not the log that run {run_id} was published with, or cut; bring it back from a copy"
            )
    manifests = anchors.logged_manifests(log, folder.name)
    if not manifests:
        raise CheckError(
            f"{log.name}: does not know run {folder.name}; the log was cut or is another one (--processed)"
        )
    if hash_file(folder / publishing.MANIFEST) not in manifests:
        raise CheckError(
            f"{folder.name}/{publishing.MANIFEST}: not the one that was published; run the week again"
        )


def _check_counts(processed: Path, manifest: dict[str, Any]) -> None:
    """Hold the counts of a folder to the manifest, where they are still that run's."""
    if read_mark(processed).get("run_id") != manifest.get("run_id"):
        return
    for name, digest in dict(manifest.get("aggregate") or {}).items():
        if not (processed / name).is_file() or hash_file(processed / name) != digest:
            raise CheckError(
                f"{processed.name}/{name}: not the counts that were published; run the week again"
            )
