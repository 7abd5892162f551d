"""Who opened which rows of persons, when and what for: an entry of the audit log each time an analyst does."""

import getpass
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analysis.errors import RequestError
from analysis.safeguards.audit_log import Entry, append_entry, audit_log_of
from analysis.settings import RunParameters

LONGEST_PURPOSE = 200
NOT_STATED = "-"
_HO_CHI_MINH = ZoneInfo("Asia/Ho_Chi_Minh")
_stated = [NOT_STATED]


def state_purpose(purpose: str) -> None:
    """Say once in a notebook what its rows of persons are opened for; no person is named in it.

    Raises RequestError for a text of more than 200 characters or one that a number of identity may stand in.
    """
    text = " ".join(purpose.split())
    if len(text) > LONGEST_PURPOSE or any(len(word) >= 9 and word.isdigit() for word in text.split()):
        raise RequestError(
            f"purpose: at most {LONGEST_PURPOSE} characters, and no number of a person; say it shorter"
        )
    _stated[0] = text or NOT_STATED


def note_opening(run: RunParameters, table: str) -> None:
    """Add to the audit log that a restricted table is opened by hand."""
    log = audit_log_of(run.processed)
    entry: Entry = {
        "event": "table_opened",
        "at": _time_beside(log),
        "week": run.processed.name,
        "table": table,
        "user": _user(),
        "purpose": _stated[0],
    }
    append_entry(log, entry)


def _time_beside(log: Path) -> str:
    """Return the disk's time in Viet Nam, to the minute: no analysis reads a clock, and no figure this."""
    mark = log.with_name(f".{log.name}.opened")
    mark.touch()
    return datetime.fromtimestamp(mark.stat().st_mtime, _HO_CHI_MINH).isoformat(timespec="minutes")


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # no such user, as in a container; Windows without a name
        return f"user {os.getuid() if os.name == 'posix' else 'unknown'}"
