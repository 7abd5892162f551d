"""The log of a run: what it said and which step it was at, each line with its time; no person and no name as typed.

One file a run, `logs/<start>.log` in the week's processed folder, beside the restricted zone and not in it: it may be
read by whoever looks after the schedule.
"""

import logging
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from analysis import __version__
from analysis.errors import INTERRUPTED, BaophuError, is_interruption, one_line
from analysis.progress import LOG
from analysis.settings import RunParameters

FOLDER = "logs"
KEPT = 30


class _Lines(logging.FileHandler):
    """Writes lines with the time in the zone in which the run began; a full disk is for the run itself to meet."""

    def __init__(self, path: Path, started: datetime) -> None:
        super().__init__(path, encoding="utf-8")
        self._zone = started.tzinfo

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, self._zone).isoformat(" ", "seconds")
        return f"{time}  {one_line(record.getMessage())}"

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the library's name)
        """Say nothing: a line that is lost must not end a run."""


@contextmanager
def run_log(run: RunParameters, workers: int, started: datetime) -> Iterator[None]:
    """Keep a log of the block, its end included, however it ended; without an intake there is no run to log."""
    if not run.raw.is_dir():
        yield
        return
    folder = run.processed / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    _forget_old(folder)
    handler = _Lines(folder / f"{started:%Y-%m-%dT%H-%M-%S}.log", started)
    LOG.addHandler(handler)
    try:
        LOG.info(_first_line(run, workers))
        yield
        LOG.info("ended with exit code 0")
    except BaseException as error:
        LOG.info(_last_line(error))
        raise
    finally:
        LOG.removeHandler(handler)
        handler.close()


def _forget_old(folder: Path) -> None:
    for old in sorted(folder.glob("*.log"))[: 1 - KEPT]:
        old.unlink(missing_ok=True)


def _first_line(run: RunParameters, workers: int) -> str:
    units = " ".join(run.provinces) or "all"
    return (
        f"baophu {__version__}, Python {platform.python_version()} on {sys.platform}: run of {run.as_of}, "
        f"provinces {units}, {workers} workers, memory {run.memory_limit}"
    )


def _last_line(error: BaseException) -> str:
    """Return how a run ended; a message of ours without the names that stand in it as typed, of others the kind."""
    if is_interruption(error):
        return f"stopped; exit code {INTERRUPTED}"
    if not isinstance(error, BaophuError):
        return f"ended by {type(error).__name__}"
    message = str(error)
    for name in error.names:
        message = message.replace(name, "…")
    return f"ended with exit code {error.exit_code}: {message}"
