"""Retention and erasure: the rows of persons that a week leaves, removed with a line in the audit log.

What is removed is the week's intake and its restricted folder. Counts and published documents hold no person and
stay: the next week is compared with them.
"""

import shutil
from datetime import date
from pathlib import Path

from analysis.earlier_runs import DAY
from analysis.errors import RequestError
from analysis.safeguards.audit_log import AUDIT_LOG, append_entry, check_log
from analysis.safeguards.locks import hold_lock

RESTRICTED = "restricted"


def keep_weeks(raw: Path, processed: Path, weeks: int) -> dict[str, int]:
    """Erase what is older than the newest `weeks` weeks; returns the files removed by week.

    The newest weeks are kept whatever their age: the next one carries their decisions on. Raises RequestError for
    a number below 1, CheckError for a damaged log, LockHeldError while a run works on a week.
    """
    if weeks < 1:
        raise RequestError("--weeks: a whole number from 1; the newest week is always kept")
    return _erase(raw, processed, _days(raw, processed)[weeks:], "kept_weeks")


def erase_week(raw: Path, processed: Path, as_of: date) -> int:
    """Erase one week, however new, and return how many files were removed; raises RequestError where it has none."""
    day = as_of.isoformat()
    if day not in _days(raw, processed):
        raise RequestError(
            f"--as-of: nothing of {day} holds rows of persons; `baophu status` lists the weeks"
        )
    return _erase(raw, processed, [day], "erased")[day]


def _days(raw: Path, processed: Path) -> list[str]:
    """Return the weeks that still hold rows of persons, newest first."""
    below = [*_folders(raw), *(f.parent for f in processed.glob(f"*/{RESTRICTED}"))]
    return sorted({f.name for f in below if DAY.fullmatch(f.name)}, reverse=True)


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _erase(raw: Path, processed: Path, days: list[str], event: str) -> dict[str, int]:
    check_log(processed / AUDIT_LOG)
    removed = {}
    for day in sorted(days):
        with hold_lock(processed / day):
            removed[day] = sum(_remove(folder) for folder in (raw / day, processed / day / RESTRICTED))
        append_entry(processed / AUDIT_LOG, {"event": event, "as_of": day, "files": removed[day]})
    return removed


def _remove(folder: Path) -> int:
    """Remove a folder, or the link that stands for it, and return the files it held."""
    if folder.is_symlink():
        folder.unlink()
        return 1
    files = sum(path.is_file() for path in folder.rglob("*")) if folder.is_dir() else 0
    if folder.is_dir():
        shutil.rmtree(folder)
    return files
