"""Run notebooks by papermill on warm kernels: one kernel a worker, emptied between notebooks.

Starting a kernel and importing the libraries takes most of a short notebook's time, and a briefing is
run once a province. The executed notebooks may hold personal data in a traceback, so they are written
to the restricted zone and an error leaves this module only as its own one-line message.
"""

import contextlib
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import papermill
import psutil  # type: ignore[import-untyped]
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from analysis import errors
from analysis.errors import (
    CLUSTER_LOST,
    BaophuError,
    MachineError,
    RequestError,
    says_cluster_lost,
    says_disk_full,
)
from analysis.safeguards.locks import STARTED_BY

ENGINE = "baophu_warm"
KERNEL_START_SECONDS = 120
# IPython would keep the text of every cell in the user's home.
WITHOUT_HISTORY = ["--HistoryManager.enabled=False"]
# Of the machine's memory, what the kernels may hold together before the largest is ended (sources fault-39).
MOST_OF_MEMORY = 0.9
LOOK_SECONDS = 1.0
_GROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
# Empties the names of the notebook before and closes its pictures; imported modules stay warm.
EMPTY_THE_KERNEL = """%reset -f
import sys
if "matplotlib.pyplot" in sys.modules: sys.modules["matplotlib.pyplot"].close("all")
"""

Parameters = Mapping[str, str | int]


class WarmKernel:
    """One Python kernel of this interpreter, kept between notebooks; it belongs to one thread."""

    def __init__(self) -> None:
        # No folder of kernel specifications is looked at: the kernel is this very interpreter.
        specifications = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
        self.manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specifications)
        self._sockets: tempfile.TemporaryDirectory[str] | None = None
        if os.name == "posix":
            # Sockets in a private folder: no port to race for, nothing open to other users.
            self._sockets = tempfile.TemporaryDirectory(prefix="bp-", ignore_cleanup_errors=True)
            self.manager.transport = "ipc"
            self.manager.ip = str(Path(self._sockets.name) / "k")
        self.client: Any = None

    def start(self) -> "WarmKernel":
        """Start the kernel and wait until it answers."""
        # So that the notebooks of a run go on under its lock, and only they (locks.py).
        run_sync(self.manager.start_kernel)(
            env={**os.environ, STARTED_BY: str(os.getpid())}, extra_arguments=WITHOUT_HISTORY
        )
        self.client = self.manager.client()
        self.client.start_channels()
        run_sync(self.client.wait_for_ready)(timeout=KERNEL_START_SECONDS)
        return self

    def empty(self) -> None:
        """Forget the names of the last notebook; raises DeadKernelError when the kernel is gone or stuck."""
        if not run_sync(self.manager.is_alive)():
            raise DeadKernelError("the kernel ended between two notebooks")
        try:
            run_sync(self.client.execute_interactive)(EMPTY_THE_KERNEL, silent=True, timeout=60)
        except TimeoutError as error:
            raise DeadKernelError("the kernel does not answer") from error

    def stop(self) -> None:
        """End the kernel at once."""
        if self.client is not None:
            self.client.stop_channels()
        if self.manager.has_kernel:
            run_sync(self.manager.shutdown_kernel)(now=True)
        if self._sockets is not None:
            self._sockets.cleanup()

    def own_process(self) -> psutil.Process | None:
        """Return the kernel's process; None before it started and after it ended."""
        number = getattr(
            self.manager.provisioner, "pid", None
        )  # without a number psutil takes this very process
        try:
            return psutil.Process(number) if number else None
        except psutil.Error:
            return None


class WarmKernelEngine(NBClientEngine):  # type: ignore[misc]
    """A papermill engine that runs a notebook in the WarmKernel given as `warm_kernel`."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        warm_kernel: WarmKernel | None = None,
        cell_seconds: int | None = None,
        **_: Any,
    ) -> Any:
        """Run the cells one after the other and leave the kernel alive, with its names forgotten."""
        if warm_kernel is None:
            raise RequestError(f"the engine '{ENGINE}' needs a warm kernel; use another engine by hand")
        client = PapermillNotebookClient(
            nb_man, km=warm_kernel.manager, kernel_name=kernel_name, timeout=cell_seconds
        )
        client.kc = warm_kernel.client
        warm_kernel.empty()
        return client.execute(cleanup_kc=False)


papermill_engines.register(ENGINE, WarmKernelEngine)


def declared_parameters(notebook: Path) -> set[str]:
    """Return the names in a notebook's parameters cell."""
    return set(papermill.inspect_notebook(str(notebook)))


def run_notebook(
    kernel: WarmKernel,
    notebook: Path,
    executed: Path,
    parameters: Parameters,
    cell_seconds: int | None = None,
) -> None:
    """Run one notebook with its parameters and write the executed one; a cell may take `cell_seconds`, None: any time.

    papermill takes a mistyped name in silence and turns text like "02" into a number when it comes from
    a command line, so names must be declared in the notebook and values are text or whole numbers.
    Raises RequestError for parameters, the notebook's own BaophuError, MachineError when the kernel
    died or a cell did not end in its time (the kernel is ended then), and BaophuError (a defect) for anything else.
    """
    unknown = sorted(set(parameters) - declared_parameters(notebook))
    if unknown or any(type(v) not in (str, int) for v in parameters.values()):
        raise RequestError(
            f"{notebook.name}: parameters must be declared, and text or whole numbers: {unknown}"
        )
    executed.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            warm_kernel=kernel,
            cell_seconds=cell_seconds,
        )
    except PapermillExecutionError as error:
        raise _own_error(error, notebook) from None
    except CellTimeoutError:
        kernel.stop()
        raise MachineError(
            f"{notebook.name}: a cell was not done after {cell_seconds} seconds and was stopped; run the "
            "same command again, and where the machine is only slow raise the setting cell_timeout_minutes"
        ) from None
    except DeadKernelError:
        raise MachineError(
            f"{notebook.name}: the kernel ended or was ended, most often for want of memory; "
            "give fewer workers or a lower --memory-limit"
        ) from None


def save_without_outputs(model: dict[str, Any], **_: Any) -> None:
    """Take out of a notebook that JupyterLab saves what its cells show, and what it notes of the kernel.

    The hook of `make lab`: rows of persons never reach the file, and git, which calls a file of another size
    changed before it asks the filter, sees none that was only run.
    """
    if model["type"] != "notebook":
        return
    metadata = model["content"]["metadata"]
    metadata["language_info"] = {"name": "python"}
    for cell in model["content"]["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
            cell["metadata"].pop("execution", None)


# Names of foreign exceptions (Python's and DuckDB's) that say the machine cannot do it.
OUT_OF_MEMORY = ("MemoryError", "OutOfMemoryException")
FILE_ERRORS = ("OSError", "IOException")


def _own_error(error: PapermillExecutionError, notebook: Path) -> BaophuError:
    """Turn a cell's exception into ours; the text of foreign exceptions may hold a person's value."""
    kind = getattr(errors, error.ename, None)
    if isinstance(kind, type) and issubclass(kind, BaophuError):
        return kind(error.evalue)
    if error.ename in OUT_OF_MEMORY:
        return MachineError(
            f"{notebook.name}: the memory does not suffice; give fewer workers or another --memory-limit"
        )
    if error.ename in FILE_ERRORS and says_disk_full(error.evalue):
        return MachineError(f"{notebook.name}: the disk is full; make room and run the same command again")
    if says_cluster_lost(error.evalue):
        return MachineError(f"{notebook.name}: {CLUSTER_LOST}")
    return BaophuError(
        f"{notebook.name}, cell {error.cell_index + 1}: {error.ename}; a defect of the programme, "
        "the executed notebook in restricted/run shows it"
    )


class KernelPool:
    """A few threads, each with its warm kernel; a kernel starts when its thread gets its first work."""

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="kernel")
        self._local = threading.local()
        self._kernels: list[WarmKernel] = []
        self._is_over = threading.Event()
        threading.Thread(target=self._watch_memory, daemon=True).start()

    def _watch_memory(self) -> None:
        """End the largest kernel before the machine has no memory left: the system would end any process."""
        most = machine_memory() * MOST_OF_MEMORY
        while not self._is_over.wait(LOOK_SECONDS):
            processes = [found for kernel in tuple(self._kernels) if (found := kernel.own_process())]
            with contextlib.suppress(psutil.Error):  # one ended meanwhile
                held = [process.memory_info().rss for process in processes]
                if sum(held) > most:
                    processes[held.index(max(held))].kill()

    def _kernel(self) -> WarmKernel:
        if not hasattr(self._local, "kernel"):
            self._local.kernel = WarmKernel()
            self._kernels.append(self._local.kernel)
            self._local.kernel.start()
        return self._local.kernel  # type: ignore[no-any-return]

    def submit(self, work: Callable[[WarmKernel], None]) -> Future[None]:
        """Have a free worker do something with its kernel."""
        return self._threads.submit(lambda: work(self._kernel()))

    def stop(self) -> None:
        """Cancel what waits and end the kernels."""
        self._is_over.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for kernel in self._kernels:
            kernel.stop()
        self._threads.shutdown(wait=True)


def machine_memory() -> int:
    """Return the bytes of memory that this machine, or the group of processes that this one is in, may use."""
    total = int(psutil.virtual_memory().total)
    with contextlib.suppress(OSError, ValueError):  # no groups, or no limit
        return min(total, int(_GROUP_LIMIT.read_text(encoding="ascii")))
    return total


@contextmanager
def kernel_pool(workers: int) -> Iterator[KernelPool]:
    """Open a pool of warm kernels; they end with the block, however it ends."""
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    pool = KernelPool(workers)
    try:
        yield pool
    finally:
        pool.stop()


def finish_all(futures: Iterable[Future[None]], tick: Callable[[], None]) -> None:
    """Wait for all, calling `tick` about once a second; the first failure is raised and ends the wait."""
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
        tick()
