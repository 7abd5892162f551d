"""What a command does to its own process before it touches a person's row, and how it ends when it is told to.

Kernels inherit all of it (sources disclosure-7).
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

PRIVATE = 0o077  # as umask: files and folders for their owner alone
NO_HAND_BUT_MINE = 0o022
# Told to end by a service manager, or by a terminal that was closed: as by the keyboard.
_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

_callers_umask: list[int] = []


def forbid_core_dumps() -> None:
    """Have no image of the memory written when the process dies: it would hold persons' rows."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def guarded_process(*, is_private: bool) -> Iterator[None]:
    """Guard the block: no core dumps, an orderly end by signals, and with `is_private` files for their owner alone."""
    forbid_core_dumps()
    former = _catch_signals()
    if is_private:
        _callers_umask.append(os.umask(PRIVATE))
    try:
        yield
    finally:
        if is_private:
            os.umask(_callers_umask.pop())
        for number, handler in former.items():
            signal.signal(number, handler)


def _catch_signals() -> dict[int, Any]:
    """Let the signals that end a process interrupt it instead; one that is ignored (nohup) stays so."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    heard = [number for number in _ENDING if signal.getsignal(number) == signal.SIG_DFL]
    return {number: signal.signal(number, _interrupt) for number in heard}


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not cut the tidying short
    raise KeyboardInterrupt


def open_to_readers(folder: Path, *, with_contents: bool = True) -> None:
    """Give a publishable folder, and what is in it, the rights its caller's umask gives; never writing to others."""
    if not _callers_umask or os.name != "posix":
        return
    masked = _callers_umask[-1] | NO_HAND_BUT_MINE
    for path in (folder, *(folder.rglob("*") if with_contents else ())):
        if not path.is_symlink():
            path.chmod((0o777 if path.is_dir() else 0o666) & ~masked)
