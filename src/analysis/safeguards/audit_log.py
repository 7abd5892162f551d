"""The append-only log of lists made, answers taken and files wiped: counts, hashes, fingerprints.

One JSON object a line. `previous` is the SHA-256 of the line before, so that a changed or removed line
shows; nothing in it says anything of a person.
"""

import hashlib
import json
import os
from pathlib import Path

from filelock import FileLock

from analysis.errors import CheckError, MachineError

AUDIT_LOG = "audit.jsonl"
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
            line = json.dumps(entry | {"previous": _hash_of_last(log)}, ensure_ascii=False, sort_keys=True)
            descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "ab") as stream:
                stream.write(f"{line}\n".encode())
                stream.flush()
                os.fsync(stream.fileno())
    except OSError as error:
        raise MachineError(f"'{log.name}' cannot be written; check the disk and the permissions") from error


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
    """Return the log's entries; a log that does not exist has none."""
    return [json.loads(line) for line in log.read_bytes().splitlines()] if log.is_file() else []


def check_log(log: Path) -> str:
    """Return the hash that the next line must name; raises CheckError at the first line that breaks the chain."""
    expected = _FIRST
    lines = log.read_bytes().split(b"\n") if log.is_file() else [b""]
    for number, line in enumerate(lines[:-1], start=1):
        try:
            previous = json.loads(line)["previous"]
        except (ValueError, KeyError, TypeError):
            previous = None
        if previous != expected:
            raise CheckError(
                f"{log.name}, line {number}: the log was changed by another hand; keep it and tell who answers"
            )
        expected = hashlib.sha256(line).hexdigest()
    if lines[-1]:
        raise CheckError(
            f"{log.name}, line {len(lines)}: the last line is cut off; keep a copy and remove it"
        )
    return expected
