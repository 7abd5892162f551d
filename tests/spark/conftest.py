"""A cluster for tests: a Java runtime, and pyspark from `.spark/` (`make setup-spark`) or from where it is installed.

Neither is in the lock. Where one is missing these tests are skipped and say so; with SPARK_TESTS=needed, as `.ci/run`
has it, they fail. What takes minutes runs with SPARK_TESTS=all alone: `make test-spark`.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator

import pytest

from house_files import ROOT

TOOLS = ROOT / ".spark"
ASKED = os.environ.get("SPARK_TESTS", "")
# A Java that lives for seconds gains nothing by compiling well.
FOR_SECONDS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def missing() -> str:
    """Return what a cluster lacks here; empty where it has all."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        return "no Java runtime here: runs on a cluster are tried where .ci/run installed one"
    if not all(importlib.util.find_spec(name) for name in ("pyspark", "pyarrow", "sqlglot")):
        return "no pyspark in .spark: `make setup-spark` installs it"
    return ""


@pytest.fixture(scope="module", autouse=True)
def cluster_packages() -> Iterator[None]:
    """Let these tests alone find what a cluster needs, behind the lock's packages.

    A process that another test starts takes this one's path over: with pyarrow at hand there, and none here when pandas
    was imported, a table that comes back cannot be read.
    """
    before = list(sys.path)
    if TOOLS.is_dir():
        sys.path.append(str(TOOLS))
    yield
    sys.path[:] = before


@pytest.fixture(scope="module")
def cluster_variables(cluster_packages: None) -> dict[str, str]:
    """Return the variables of a process that opens a cluster; skips, or fails where it is needed, without one."""
    if reason := missing():
        (pytest.fail if ASKED else pytest.skip)(reason)
    paths = [str(ROOT / "src"), *([str(TOOLS)] if TOOLS.is_dir() else [])]
    former = {
        name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))
    }
    return {"JAVA_TOOL_OPTIONS": FOR_SECONDS, **former, "PYTHONPATH": os.pathsep.join(paths)}


@pytest.fixture(scope="module")
def every_check(cluster_variables: dict[str, str]) -> None:
    """Skip what takes minutes, unless every check is asked for."""
    if ASKED != "all":
        pytest.skip("`make test-spark` runs every check of a cluster")
