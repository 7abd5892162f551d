"""Opening workbooks and parquet files apart: in one process of its own, with limits of memory and time.

Their readers are native code that believes what a file says of itself: a cell in the last row and column of a sheet
asks for 500 GB, and the process that asks is ended by the system. So they are opened by a process beside (sources
fault-33), started at the first such file, kept for all that follow, ended when the intake is open, and started anew
where a file ended it. It hands back staged parquet in the restricted spill folder. Text and archives stay here: they
are read piece by piece.
"""

import atexit
import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil  # type: ignore[import-untyped]

from analysis.engine import connect, memory_bytes
from analysis.errors import MachineError, says_disk_full
from analysis.intake.content import kind_of
from analysis.intake.formats.parquet_files import stage_parquet
from analysis.intake.formats.workbooks import stage_workbook
from analysis.intake.headers.finding import Schema
from analysis.intake.sources import FileRefusedError, Leaf, SetAside, StagedFile
from analysis.intake.staging import number_tables
from analysis.settings import RunParameters

# A sheet of 1,048,576 rows and 30 columns takes half a minute and 3.5 GB.
FILE_SECONDS = 900
# What a file may ask for, of `--memory-limit`: the reader holds a sheet, the engine its rows.
MEMORY_TIMES = 2
_LOOK_SECONDS = 0.2
_END_SECONDS = 5
_READY = "ready"  # said once by a process that has begun to serve
# The folder of this package goes to the process by name; its working folder is no place to import from.
_SERVE = "import sys; sys.path.insert(0, sys.argv[1]); from analysis.intake.opening import serve; serve(sys.argv[2])"
_PACKAGES = Path(__file__).resolve().parents[2]

_NO_PROCESS = (
    "the process that opens workbooks and parquet files cannot start; free memory, see `baophu doctor` for the "
    "packages, and run again"
)

Results = list[StagedFile | SetAside]


@dataclass(frozen=True)
class Request:
    """One file to be opened: where staged tables go and the number of the first of them."""

    run: RunParameters
    schema: Schema
    leaf: Leaf
    folder: Path
    first: int


class _Opener:
    """The process beside, and a thread that hears its answers; None is heard when it ended."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.served = 0
        self._is_ready = False
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        # What it says on stderr may hold a person's value.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _SERVE, str(_PACKAGES), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                self._answers.put(pickle.load(self._process.stdout))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            self._answers.put(None)

    def ask(self, request: Request) -> Any:
        """Return what became of a file, None where the process ended over it.

        Raises FileRefusedError where it was ended for its time or its memory, MachineError where it never began.
        """
        assert self._process.stdin is not None
        self.served += 1
        with contextlib.suppress(OSError):  # it ended: heard below
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
        end = time.monotonic() + FILE_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(queue.Empty):
                answer = self._answers.get(timeout=_LOOK_SECONDS)
                if answer is None and not self._is_ready:  # no file's fault: none may be set aside for it
                    raise MachineError(_NO_PROCESS)
                if answer != _READY:
                    return answer
                self._is_ready = True
            if self._is_too_large():
                return None
        raise FileRefusedError("file_too_demanding", f"not open after {FILE_SECONDS // 60} minutes")

    def _is_too_large(self) -> bool:
        """Say whether the process holds more than it may, where the system does not see to it (Windows, macOS)."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss) > self.memory
        except psutil.Error:
            return False

    def stop(self) -> None:
        """End the process at once and wait for its end."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close() if pipe else None


_openers: list[_Opener] = []


def open_apart(request: Request) -> Results:
    """Stage the tables of a workbook or parquet file in the process beside.

    Raises FileRefusedError, TwoHeadersError, and MachineError where the machine is at fault. A file that ended a
    process which had opened others is tried once more in a fresh one: what was left of them is not its fault.
    """
    memory = int(MEMORY_TIMES * memory_bytes(request.run.memory_limit))
    if _openers and _openers[0].memory != memory:
        stop_opening()
    while True:
        if not _openers:
            _openers.append(_Opener(memory))
        opener = _openers[0]
        try:
            answer = opener.ask(request)
        except BaseException:
            stop_opening()
            raise
        if isinstance(answer, list):
            return answer
        if answer is not None:
            raise answer
        stop_opening()
        if opener.served == 1:
            raise FileRefusedError("file_too_demanding", "it asks for more memory than a file may")


def stop_opening() -> None:
    """End the process beside, where there is one; the next file starts another."""
    while _openers:
        _openers.pop().stop()


atexit.register(stop_opening)


def serve(memory: str) -> None:
    """Open file after file as asked on stdin, until it ends; what libraries print goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    _limit_itself(int(memory))
    pickle.dump(_READY, answers)
    answers.flush()
    with contextlib.ExitStack() as stack:
        opened: RunParameters | None = None
        con: duckdb.DuckDBPyConnection | None = None
        while (request := _next_request()) is not None:
            if con is None or opened != request.run:
                stack.close()
                con, opened = stack.enter_context(connect(request.run)), request.run
            pickle.dump(_answer(con, request), answers)
            answers.flush()


def _next_request() -> Request | None:
    try:
        request: Request = pickle.load(sys.stdin.buffer)
    except (EOFError, OSError):
        return None
    return request


def _answer(con: duckdb.DuckDBPyConnection, request: Request) -> Results | Exception | None:
    """Return a file's staged tables, the error that says why there are none, or None for want of memory."""
    try:
        return _stage(con, request)
    except Exception as error:  # also a defect: it is raised where the file was asked for
        if says_disk_full(error):
            return MachineError("the disk is full; make room and run the same command again")
        wants_memory = isinstance(error.__cause__ or error, MemoryError | duckdb.OutOfMemoryException)
        return None if wants_memory else error


def _stage(con: duckdb.DuckDBPyConnection, request: Request) -> Results:
    stagings = number_tables(request.folder, request.schema, request.first)
    if kind_of(request.leaf.path) == "workbook":
        return stage_workbook(con, request.leaf, request.schema, stagings)
    return [stage_parquet(con, request.leaf, request.schema, next(stagings))]


def _limit_itself(memory: int) -> None:
    """Limit this process's memory, be the first to go where the machine has none left, and leave no core dump."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    try:
        import resource
    except ImportError:  # Windows: the process that asks watches the size
        return
    held = psutil.Process().memory_info().vms
    for kind, limit in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, held + memory)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (limit, limit))
