"""One lock a folder that a run writes to; the system frees it when a process dies."""

import contextlib
import getpass
import os
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

from analysis.errors import LockHeldError, MachineError

LOCK = ".lock"
HOLDER = ".lock.holder"  # the process that holds the lock, and whose it is; its time says since when
STARTED_BY = "BAOPHU_STARTED_BY"  # in the kernels of a run: the process of that run
_HO_CHI_MINH = ZoneInfo("Asia/Ho_Chi_Minh")


@contextmanager
def hold_lock(*folders: Path) -> Iterator[None]:
    """Hold the locks of the folders a run writes to: `reports` and its `processed`, in this order everywhere.

    A notebook that the holding run itself has started goes on under that run's locks. Raises LockHeldError,
    naming the holder, when another run or a notebook has one, and MachineError when a folder cannot be written.
    """
    with ExitStack() as held:
        for folder in folders:
            held.enter_context(_hold_one(folder))
        yield


@contextmanager
def _hold_one(folder: Path) -> Iterator[None]:
    lock = _acquire(folder)
    if lock is None:
        yield
        return
    holder = folder / HOLDER
    try:
        holder.write_text(f"{os.getpid()}\n{_whose()}\n", encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _acquire(folder: Path) -> FileLock | None:
    """Return the lock, held; None where the run that started this very process holds it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(timeout=0)
        return lock
    except Timeout:
        process, told = _told(folder)
        if process == os.environ.get(STARTED_BY):
            return None
        raise LockHeldError(
            f"another run or notebook holds {folder.name}/{LOCK} ({told}); wait for its end"
        ) from None
    except OSError as error:
        raise MachineError(f"the folder '{folder.name}' cannot be written; check its permissions") from error


def _told(folder: Path) -> tuple[str, str]:
    """Return the holder's process, and in words who it is and since when."""
    holder = folder / HOLDER
    try:
        process, whose, *_ = [*holder.read_text(encoding="utf-8").splitlines(), "", ""]
        since = datetime.fromtimestamp(holder.stat().st_mtime, _HO_CHI_MINH)
    except OSError:
        return "", "process unknown"
    return process, f"process {process or 'unknown'} of {whose or 'unknown'} since {since:%Y-%m-%d %H:%M}"


def _whose() -> str:
    try:
        return f"{getpass.getuser()} on {platform.node()}"
    except (ImportError, KeyError, OSError):  # no such user, as in a container; Windows without a name
        return f"user {os.getuid() if os.name == 'posix' else 'unknown'} on {platform.node()}"
