"""What is asked of a cluster before a row goes there, and the refusal where it lacks it: names will lie there.

Encryption of what it writes to disks and sends over the network, no event log, private local folders, the run's
folders on storage that every worker sees, and the very programme and packages that this run has.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import BaophuError, MachineError
from analysis.safeguards.folders import wide_folder
from analysis.settings import RunParameters
from analysis.spark.address import is_remote
from analysis.spark.tasks import run_on_files

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Each with the values that will do, and what it is for; of several settings in a line one suffices.
ASKED: tuple[tuple[dict[str, str], str], ...] = (
    ({"spark.authenticate": "true"}, "only who knows the secret takes part"),
    ({"spark.network.crypto.enabled": "true", "spark.ssl.rpc.enabled": "true"}, "the network carries names"),
    ({"spark.io.encryption.enabled": "true"}, "spill and shuffle files hold names"),
    ({"spark.eventLog.enabled": "false"}, "an event log is kept for all to read"),
)
# Spark's own where nobody set them.
_DEFAULTS = {name: "false" for settings, _ in ASKED for name in settings}
_LOOK_SECONDS = 0.5
_SAME_ON_ALL = "install the same Python and the same packages under the same path on all machines"
_PACKAGE = Path(__file__).resolve().parents[1]
_OF_A_TASK = ("duckdb", "fastexcel", "pandas", "numpy", "pyarrow", "pyspark")
_REMOTE_LOOKS = 16


def missing_setting(settings: dict[str, str]) -> str:
    """Return what a cluster's settings lack, as `name=value (why)`; empty where they have all that is asked."""
    for asked, why in ASKED:
        if not any(settings.get(name, _DEFAULTS[name]) == value for name, value in asked.items()):
            name, value = next(iter(asked.items()))
            return f"{name}={value} ({why})"
    return ""


@dataclass(frozen=True)
class Place:
    """What a worker says of itself: a local folder that others can open, whether it sees the run, what it runs."""

    open_folder: str
    sees_run: bool
    code: str


def look_around(shared: tuple[Path, ...], own: RunParameters, number: int) -> Place:
    """Say, in a task, what is to be known of the worker it runs on."""
    time.sleep(_LOOK_SECONDS)  # so that the tasks of this look spread over all workers
    listed = os.environ.get("SPARK_EXECUTOR_DIRS") or os.environ.get("SPARK_LOCAL_DIRS") or ""
    folders = [Path.cwd(), *(Path(name) for name in re.split("[,:]", listed) if name)]
    is_open = next((folder.name for folder in folders if wide_folder(folder)), "")
    return Place(is_open, all(path.exists() for path in shared), code_mark())


@cache
def code_mark() -> str:
    """Return one text for the programme and for the packages by which a task opens and cleans a file."""
    mark = hashlib.sha256(" ".join(map(metadata.version, _OF_A_TASK)).encode())
    for path in sorted(path for path in _PACKAGE.rglob("*") if path.suffix in (".py", ".csv", ".json")):
        mark.update(path.read_bytes())
    return mark.hexdigest()


def refuse_settings(session: SparkSession) -> None:
    """Raise MachineError where the cluster's settings lack what is asked of them."""
    names = (name for settings, _ in ASKED for name in settings)
    given = {name: str(session.conf.get(name, _DEFAULTS[name])).lower() for name in names}
    if lacking := missing_setting(given):
        raise MachineError(f"--engine: the cluster lacks {lacking}; set it in its spark-defaults.conf")


def refuse_workers(session: SparkSession, run: RunParameters, folder: Path) -> None:
    """Raise MachineError where workers are not as is asked of them; no row of a person has gone there yet."""
    try:
        places = _places(session, run, folder)
    except BaophuError:
        raise
    except Exception as error:  # the programme or Python itself is not there
        raise MachineError(f"--engine: the workers cannot run the programme; {_SAME_ON_ALL}") from error
    if is_open := next((place.open_folder for place in places if place.open_folder), ""):
        raise MachineError(
            f"--engine: other users can open a worker's local folder '{is_open}'; give spark.local.dir "
            "(SPARK_LOCAL_DIRS, SPARK_WORKER_DIR) a folder of mode 700"
        )
    if not all(place.sees_run for place in places):
        raise MachineError(
            "--engine: a worker does not see the run's folders; put --raw and --processed on storage that all "
            "workers share, under the same path"
        )
    if any(place.code != code_mark() for place in places):
        raise MachineError(
            f"--engine: a worker has another version of the programme or of a package; {_SAME_ON_ALL}"
        )


def _places(session: SparkSession, run: RunParameters, folder: Path) -> list[Place]:
    looks = _REMOTE_LOOKS if is_remote(run.engine) else max(2, session.sparkContext.defaultParallelism)
    shared = (folder.absolute(), run.raw.absolute())
    return run_on_files(session, run, range(looks), partial(look_around, shared))
