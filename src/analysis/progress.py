"""What a person sees of long work: a bar with the unit in work and the time left, or plain lines in a log."""

import logging
import sys
from types import TracebackType

from tqdm import tqdm

from analysis.errors import one_line

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
