"""A Spark session of one run: started where asked for, looked at before any row goes, silent about what it holds.

The driver's Java is started here and not by pyspark, so that its settings stand in a private file and not among the
arguments that other users of the machine can list, and so that what it prints goes nowhere: messages of Spark may hold
a person's value. pyspark is imported only when a session is opened.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.engine import make_private_folder
from analysis.errors import MachineError
from analysis.safeguards.folders import SPILL
from analysis.settings import RunParameters
from analysis.spark.address import is_local, is_remote, local_cluster
from analysis.spark.asked_settings import refuse_settings, refuse_workers

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WHAT_IS_NEEDED = "docs/cluster.md says what a cluster needs"
# How long a cluster may take to give the run its first worker.
WORKER_SECONDS = 180
_PACKAGES = Path(__file__).resolve().parents[2]
# Of pyspark's folder, what Spark looks for in its home; its `work` is then a folder of ours.
_HOME = ("bin", "jars", "python", "sbin")
_SILENT = (
    "rootLogger.level = off\nrootLogger.appenderRef.none.ref = none\n"
    "appender.none.type = Null\nappender.none.name = none\n"
)
# Of every session, wherever it runs. DuckDB refuses what does not fit its type, and so does Spark with `ansi`.
_OF_EVERY_SESSION = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "Asia/Ho_Chi_Minh",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.pyspark.udf.hideTraceback.enabled": "true",
    "spark.sql.maxPlanStringLength": "0",
}
# Of a driver that we start: nothing of a run is kept, shown or said.
_OF_OUR_DRIVER = {
    "spark.app.name": "baophu",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    "spark.log.level": "OFF",
    "spark.executor.syncLogLevel.enabled": "true",
    "spark.network.crypto.saslFallback": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.executorEnv.MALLOC_ARENA_MAX": "2",
}
# What is asked of other people's clusters (asked_settings.py) is made so on our own.
_OF_OUR_CLUSTER = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
# The file, in the folder of what a run notes of itself, of how many tasks each executor did.
WORK = "spark_tasks.json"
_opened: list[tuple[RunParameters, SparkSession]] = []


def open_session(run: RunParameters) -> SparkSession:
    """Return the Spark session of a run's engine; it is started once in a process and kept until `close_session`.

    Raises MachineError where Java or pyspark is missing, no worker answers, or the cluster lacks what is asked of it
    (asked_settings.py): names lie there.
    """
    if _opened and (_opened[0][0].engine, _opened[0][0].restricted) != (run.engine, run.restricted):
        close_session()
    if not _opened:
        _require_packages(run.engine)
        folder = run.restricted / SPILL / "spark"
        for private in (run.restricted, run.restricted / SPILL, folder):
            make_private_folder(private)
        session = _connect(run.engine) if is_remote(run.engine) else _start(run, folder)
        _opened.append((run, session))
        try:
            refuse_settings(session)
            _wait_for_workers(session, run.engine)
            refuse_workers(session, run, folder)
        except BaseException:
            close_session()
            raise
    return _opened[0][1]


def close_session() -> None:
    """End the session of this process and give its workers back; nothing where none is open.

    How many tasks each executor did is noted in the run's restricted folder.
    """
    while _opened:
        run, session = _opened.pop()
        with contextlib.suppress(Exception):  # what is gone already need not be ended
            if not is_remote(run.engine):
                noted = run.restricted / "run" / WORK
                noted.parent.mkdir(exist_ok=True)
                noted.write_text(json.dumps(work_by_executor(session)) + "\n", encoding="utf-8")
            session.stop()


def _require_packages(engine: str) -> None:
    """Raise MachineError where what drives a cluster is not installed."""
    needed = ("pyarrow", "pyspark", "sqlglot", *(("grpc",) if is_remote(engine) else ()))
    # It warns of pandas 3, which nothing here hands to Spark.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    if lacking := next((name for name in needed if find_spec(name) is None), ""):
        raise MachineError(
            f"--engine: the package {lacking} is not installed; requirements-spark.lock names what a cluster "
            f"needs, {WHAT_IS_NEEDED}"
        )
    if not is_remote(engine) and _java() is None:
        raise MachineError(
            "--engine: no Java is here; install a Java runtime, 17 or newer, or set JAVA_HOME to one"
        )


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")


def _connect(engine: str) -> SparkSession:
    from pyspark.sql import SparkSession

    # pyspark asks for it, and a notebook's main module has none.
    vars(sys.modules["__main__"]).setdefault("__spec__", None)
    try:
        session: SparkSession = SparkSession.builder.remote(engine).getOrCreate()
        for name, value in _OF_EVERY_SESSION.items():
            session.conf.set(name, value)
    except Exception as error:
        raise MachineError(f"--engine: no Spark Connect server answers there; {WHAT_IS_NEEDED}") from error
    return session


def _start(run: RunParameters, folder: Path) -> SparkSession:
    """Start a driver for this process."""
    if os.name != "posix":
        raise MachineError("--engine: a cluster is driven from Linux or macOS; here the engine is duckdb")
    from pyspark.core.context import SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    settings = _settings(run, folder)
    file = folder / "spark.properties"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
    nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        with _environment(_variables(run.engine, folder, file)):
            gateway = SparkContext._gateway or launch_gateway(popen_kwargs=nowhere)
            session = SparkSession(SparkContext(gateway=gateway))
    except Exception as error:
        raise MachineError(
            f"--engine: Spark does not start or its master does not answer; {WHAT_IS_NEEDED}"
        ) from error
    if is_local(run.engine) and session.conf.get("spark.sql.shuffle.partitions") == "200":
        workers, cores, _ = local_cluster(run.engine)
        session.conf.set("spark.sql.shuffle.partitions", str(2 * workers * cores))
    return session


def _settings(run: RunParameters, folder: Path) -> dict[str, str]:
    """Return what we set ourselves; the rest is the cluster's (spark-defaults.conf of SPARK_CONF_DIR)."""
    logging = folder / "log4j2.properties"
    logging.write_text(_SILENT, encoding="utf-8")
    silent = f'"-Dlog4j2.configurationFile={logging.absolute().as_posix()}"'
    paths = dict.fromkeys([str(_PACKAGES), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
    settings = {
        **_OF_EVERY_SESSION,
        **_OF_OUR_DRIVER,
        "spark.master": run.engine,
        "spark.local.dir": str((folder / "local").absolute()),
        "spark.sql.warehouse.dir": str((folder / "warehouse").absolute()),
        "spark.driver.extraJavaOptions": silent,
        "spark.executor.extraJavaOptions": silent,
        "spark.executorEnv.PYTHONPATH": os.pathsep.join(paths),
    }
    if is_local(run.engine):
        own = {"spark.executor.memory": f"{local_cluster(run.engine)[2]}m"}
        settings |= _OF_OUR_CLUSTER | own | {"spark.authenticate.secret": secrets.token_hex(32)}
    return settings


def _variables(engine: str, folder: Path, file: Path) -> dict[str, str | None]:
    """Return the variables that a driver is started with; None: without it."""
    former = os.environ.get("SPARK_HOME")
    variables: dict[str, str | None] = {
        "SPARK_HOME": str(_home(folder)),
        "SPARK_CONF_DIR": os.environ.get("SPARK_CONF_DIR") or (f"{former}/conf" if former else None),
        "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON") or sys.executable,
        "PYSPARK_SUBMIT_ARGS": f'--properties-file "{file}" --load-spark-defaults pyspark-shell',
    }
    if is_local(engine):  # nothing listens but on this machine, and workers' folders are ours
        variables |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": None, "SPARK_WORKER_DIR": None}
    return variables


def _home(folder: Path) -> Path:
    """Return a home for Spark inside the private folder: links to pyspark's own, and room for what workers write."""
    home = folder / "home"
    make_private_folder(home)
    import pyspark

    installed = Path(str(pyspark.__file__)).parent
    for name in _HOME:
        link = home / name
        link.unlink(missing_ok=True)
        link.symlink_to(installed / name)
    return home


@contextmanager
def _environment(variables: dict[str, str | None]) -> Iterator[None]:
    former = {name: os.environ.get(name) for name in variables}
    _set_variables(variables)
    try:
        yield
    finally:
        # The interpreter of the workers is asked for whenever a task is made.
        _set_variables({name: value for name, value in former.items() if name != "PYSPARK_PYTHON"})


def _set_variables(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _wait_for_workers(session: SparkSession, engine: str) -> None:
    """Wait for a first worker, or for all of our own; without one every query would wait for ever.

    Raises MachineError where none comes.
    """
    wanted = local_cluster(engine)[0] if is_local(engine) else 1
    end = time.monotonic() + WORKER_SECONDS
    while not is_remote(engine) and len(work_by_executor(session)) < wanted:
        if time.monotonic() > end:
            raise MachineError(
                f"--engine: the cluster gave no worker within {WORKER_SECONDS} seconds: all are taken, or each has "
                "less memory than spark.executor.memory asks for"
            )
        time.sleep(0.2)


def work_by_executor(session: SparkSession) -> dict[str, int]:
    """Return how many tasks each executor has done, by its number; of a driver that we started."""
    context: Any = session.sparkContext
    executors = context._jsc.sc().statusStore().executorList(False)
    found = (executors.apply(place) for place in range(executors.size()))
    return {str(each.id()): int(each.completedTasks()) for each in found if each.id() != "driver"}
