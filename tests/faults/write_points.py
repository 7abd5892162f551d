"""Every point at which this process changes a folder, counted, and made to fail or to be the last one."""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

KILLED = 77
# What makes, moves, removes or flushes a name; files opened to be written are looked at apart.
_CALLS = ("replace", "rename", "symlink", "unlink", "mkdir", "rmdir", "fsync")


class WritePoints:
    """Counts the changes below a folder; the one of number `fatal` does not happen: it fails, or the process ends."""

    def __init__(self, base: Path, fatal: int | None = None, is_kill: bool = False) -> None:
        self.base, self.fatal, self.is_kill = str(base), fatal, is_kill
        self.count = 0

    def _reach(self, path: Any) -> None:
        if isinstance(path, str | os.PathLike) and not os.fspath(path).startswith(self.base):
            return
        self.count += 1
        if self.count == self.fatal:
            if self.is_kill:
                os._exit(KILLED)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @contextmanager
    def watching(self) -> Iterator["WritePoints"]:
        """Count from here to the end of the block."""
        with pytest.MonkeyPatch.context() as patched:
            for name in _CALLS:
                patched.setattr(os, name, self._counted(getattr(os, name)))
            for module in (builtins, io):
                patched.setattr(module, "open", self._counted_open(module.open))
            yield self

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(path: Any, *rest: Any, **more: Any) -> Any:
            if "dir_fd" not in more:
                self._reach(path)
            return call(path, *rest, **more)

        return counted

    def _counted_open(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(path: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if set(mode) & set("wax+") and not isinstance(path, int):
                self._reach(path)
            return call(path, mode, *rest, **more)

        return counted
