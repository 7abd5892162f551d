"""Every point at which this process changes a folder, counted, and made to fail, to be the last one, or to lose power."""

import builtins
import errno
import io
import json
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
    """Counts the changes below a folder; the one of number `fatal` does not happen: it fails, or the process ends.

    `unflushed` are the files written to since, and not flushed, with the size that they had: with `lost` the process
    leaves them in that file when it ends, for `lose_power`.
    """

    def __init__(
        self, base: Path, fatal: int | None = None, is_kill: bool = False, lost: Path | None = None
    ) -> None:
        self.base, self.fatal, self.is_kill, self.lost = str(base), fatal, is_kill, lost
        self.count = 0
        self.unflushed: dict[str, int] = {}
        self._open = io.open

    def _reach(self, path: Any) -> None:
        if isinstance(path, str | os.PathLike) and not os.fspath(path).startswith(self.base):
            return
        self.count += 1
        if self.count == self.fatal:
            if self.lost:
                with self._open(self.lost, "w", encoding="utf-8") as file:
                    json.dump(self.unflushed, file)
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
            if call.__name__ == "fsync":
                self.unflushed.pop(str(Path(f"/proc/self/fd/{path}").readlink()), None)
            if call.__name__ in ("replace", "rename") and rest:
                self._move(os.fspath(path), os.fspath(rest[0]))
            return call(path, *rest, **more)

        return counted

    def _move(self, source: str, target: str) -> None:
        for path in [path for path in self.unflushed if f"{path}/".startswith(f"{source}/")]:
            self.unflushed[target + path[len(source) :]] = self.unflushed.pop(path)

    def _counted_open(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(path: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if set(mode) & set("wax+") and not isinstance(path, int):
                self._reach(path)
                file = Path(path).absolute()
                held = file.stat().st_size if "a" in mode and file.exists() else 0
                self.unflushed.setdefault(str(file), held)
            return call(path, mode, *rest, **more)

        return counted


def lose_power(lost: Path) -> int:
    """Take away what the process that ended had not flushed: names stay, what was written does not; returns how many."""
    unflushed: dict[str, int] = json.loads(lost.read_text("utf-8"))
    for path, size in unflushed.items():
        if Path(path).is_file():
            os.truncate(path, size)
    return len(unflushed)
