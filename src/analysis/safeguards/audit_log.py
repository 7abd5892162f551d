"""The append-only log of runs published, lists made, answers taken and files wiped: counts, hashes, fingerprints.

One JSON object a line. `previous` is the SHA-256 of the line before, so that a changed or removed line
shows; the hash of the last one, the log's head, is kept beside it, so that a shorter log shows. Nothing in it says
anything of a person (sources disclosure-5).
"""

import hashlib
import json
import os
from pathlib import Path

from filelock import FileLock

from analysis.errors import CheckError, MachineError

AUDIT_LOG = "audit.jsonl"
HEAD_ENDING = ".head"
RELEASED = "released"
_FIRST = "0" * 64
_LONGEST_LINE = 64 * 1024

Entry = dict[str, str | int | dict[str, int]]


def audit_log_of(processed: Path) -> Path:
    """Return the log that all weeks share: it stays when a week's restricted folder is removed."""
    return processed.parent / AUDIT_LOG


def append_entry(log: Path, entry: Entry) -> None:
    """Add one line; raises CheckError when the last one is cut off, MachineError when it cannot be written.

    The log may be written by two commands at a time: a lock beside it keeps the chain whole. Commands call
    `check_log` once before they begin: reading the whole chain for every line would be slow.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(log.with_name(f".{log.name}.lock")):
            text = json.dumps(entry | {"previous": _hash_of_last(log)}, ensure_ascii=False, sort_keys=True)
            line = text.encode()
            descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "ab") as stream:
                stream.write(line + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            _keep_head(log, hashlib.sha256(line).hexdigest())
    except OSError as error:
        raise MachineError(f"'{log.name}' cannot be written; check the disk and the permissions") from error


def _head_path(log: Path) -> Path:
    return log.with_name(log.name + HEAD_ENDING)


def _keep_head(log: Path, head: str) -> None:
    """Keep the head beside the log; after a crash it is the head of a line or two before, after a loss of power empty."""
    part = log.with_name(f"{log.name}{HEAD_ENDING}.part")
    part.write_text(f"{head}\n", encoding="utf-8")
    part.replace(_head_path(log))


def _hash_of_last(log: Path) -> str:
    """Return the hash of the log's last line, read from its end."""
    if not log.is_file() or not (size := log.stat().st_size):
        return _FIRST
    with log.open("rb") as stream:
        stream.seek(max(0, size - _LONGEST_LINE))
        lines = stream.read().split(b"\n")
    if lines[-1]:
        raise CheckError(f"{log.name}: the last line is cut off; keep a copy and remove it")
    return hashlib.sha256(lines[-2]).hexdigest()


def read_entries(log: Path) -> list[Entry]:
    """Return the log's entries; a log that does not exist has none, a line that is no entry is none."""
    found = [_parsed(line) for line in log.read_bytes().split(b"\n")] if log.is_file() else []
    return [entry for entry in found if entry is not None]


def releases_beside(log: Path, day: str, own: str) -> list[Entry]:
    """Return the releases that readers may lay beside a run's figures: the newest of its day or before, and of later days.

    Not its own, nor what was released after it, nor a release that was held against it already.
    """
    released = [entry for entry in read_entries(log) if entry.get("event") == RELEASED]
    ids = [entry["run_id"] for entry in released]
    known = released[: ids.index(own)] if own in ids else released
    earlier = [entry for entry in known if str(entry["as_of"]) <= day]
    later = [entry for entry in known if str(entry["as_of"]) > day]
    newest = [*earlier[-1:], *later[-1:]]
    return [entry for entry in newest if own not in str(entry.get("held_against", "")).split()]


def _parsed(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def line_hashes(log: Path) -> list[str]:
    """Return every head the log has had, from before its first line to now."""
    lines = log.read_bytes().split(b"\n")[:-1] if log.is_file() else []
    return [_FIRST, *(hashlib.sha256(line).hexdigest() for line in lines)]


def check_log(log: Path) -> str:
    """Return the hash that the next line must name; raises CheckError where the log is not as it was written.

    That is at the first line that breaks the chain, or where its kept head is none of its lines' (the log was cut,
    deleted or exchanged). Lines from before the log was a chain name no line before: they may stand at its beginning.
    """
    expected, is_chain = _FIRST, False
    lines = log.read_bytes().split(b"\n") if log.is_file() else [b""]
    for number, line in enumerate(lines[:-1], start=1):
        entry = _parsed(line)
        is_chain = is_chain or entry is None or "previous" in entry
        if is_chain and (entry is None or entry.get("previous") != expected):
            raise CheckError(
                f"{log.name}, line {number}: the log was changed by another hand; keep it and tell who answers"
            )
        expected = hashlib.sha256(line).hexdigest()
    if lines[-1]:
        raise CheckError(
            f"{log.name}, line {len(lines)}: the last line is cut off; keep a copy and remove it"
        )
    kept = _head_path(log).read_text("utf-8").strip() if _head_path(log).is_file() else ""
    if kept and kept not in line_hashes(log):
        raise CheckError(f"{log.name}: {_what_is_missing(log)}; bring it back from a copy, tell who answers")
    return expected


def _what_is_missing(log: Path) -> str:
    return "its last lines are gone, or it is another log" if log.is_file() else "the log is gone"
