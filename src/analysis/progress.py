"""What a person sees of long work: a bar with the unit in work and the time left, plain lines in a log, or in a
notebook a line under the cell."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from tqdm import tqdm

from analysis.errors import one_line
from analysis.pipeline import PLANNED_STAGES, Stage
from analysis.safeguards.locks import STARTED_BY
from analysis.settings import RunParameters
from analysis.steps import log_path, read_log

# What a run says also goes here, for the log of a run (operate/run_log.py); without one it goes nowhere.
LOG = logging.getLogger("baophu.run")
LOG.setLevel(logging.INFO)
LOG.propagate = False
LOG.addHandler(logging.NullHandler())


class Progress:
    """A progress bar on a terminal, a line a step elsewhere (scheduled runs, CI)."""

    def __init__(self, total_seconds: float) -> None:
        self._bar = tqdm(
            total=round(total_seconds, 1),
            disable=not sys.stderr.isatty(),
            bar_format="{desc} |{bar}| {percentage:3.0f}% còn {remaining}",
            leave=False,
            dynamic_ncols=True,
        )
        self._begun = ""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def say(self, line: str) -> None:
        """Print a line that stays."""
        LOG.info(line)
        tqdm.write(one_line(line), file=sys.stderr)

    def begin(self, what: str) -> None:
        """Name the unit in work."""
        if what != self._begun:
            self._begun = what
            LOG.info(what)
        self._bar.set_description(what)

    def advance(self, seconds: float) -> None:
        """Count a finished piece, in the same unit as the total."""
        self._bar.update(seconds)

    def tick(self) -> None:
        """Redraw, so that the clock moves while a long piece runs."""
        self._bar.refresh()


REDRAWN_SECONDS = 0.5


class Line:
    """A line of text as a notebook shows it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_html_(self) -> str:
        return f'<span style="color: gray">{self.text}</span>'


@contextmanager
def show_progress(run: RunParameters, stage: Stage) -> Iterator[None]:
    """Show under the cell of a notebook, while the block works, which step it is at and for how long.

    In the kernels of the weekly job, which has its own bar, and outside a notebook nothing is shown.
    """
    display = getattr(sys.modules.get("IPython"), "display", None)
    in_kernel = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)() is not None
    if display is None or not in_kernel or STARTED_BY in os.environ:
        yield
        return
    words = _words(run, stage)
    shown = display.display(Line(words()), display_id=True)
    ended = threading.Event()

    def redraw() -> None:
        while not ended.wait(REDRAWN_SECONDS):
            shown.update(Line(words()))

    drawing = threading.Thread(target=redraw, daemon=True)
    drawing.start()
    try:
        yield
    finally:
        ended.set()
        drawing.join()
        shown.update(Line(words()))


def _words(run: RunParameters, stage: Stage) -> Callable[[], str]:
    """Return what says where a stage is: its steps made, the one in work, the seconds since now."""
    begun, log = time.perf_counter(), log_path(run, stage.name)
    former = log.stat().st_mtime_ns if log.is_file() else None
    steps = f"/{len(stage.plan(run))}" if stage in PLANNED_STAGES else ""

    def words() -> str:
        seconds = f"{stage.title}: {time.perf_counter() - begun:.0f} giây"
        if not log.is_file() or log.stat().st_mtime_ns == former:
            return seconds
        noted = read_log(run, stage.name)
        made = sum("rows" in line for line in noted)
        return f"{seconds} · bước {made}{steps}" + (f" · {noted[-1]['table']}" if made < len(noted) else "")

    return words
