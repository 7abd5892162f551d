"""The standalone cluster that docs/cluster.md sets up: a run on it, and refusals where its settings lack something."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from cluster_samples import begin_tiny, check_same
from conftest import PublishedRun
from house_files import ROOT

pytestmark = pytest.mark.usefixtures("every_check")
PORT = "7077"


@dataclass(frozen=True)
class Cluster:
    """A cluster on this machine: its address, its settings' file, and the variables of who uses it."""

    engine: str
    settings: Path
    variables: dict[str, str]


def free_port() -> str:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


@pytest.fixture(scope="module")
def cluster(cluster_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Do what the page says, on another port, and end what it started."""
    folder, port = tmp_path_factory.mktemp("standalone"), free_port()
    page = (ROOT / "docs" / "cluster.md").read_text("utf-8")
    script = next(block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "Master" in block)
    assert script.count(PORT) == 3
    script = script.replace(PORT, port) + "\nenv > cluster/variables\n"
    path = os.pathsep.join([str(Path(ROOT / ".venv" / "bin")), cluster_variables["PATH"]])
    subprocess.run(["bash", "-ec", script], cwd=folder, env=cluster_variables | {"PATH": path}, check=True)
    lines = (folder / "cluster" / "variables").read_text("utf-8").splitlines()
    made = dict(line.split("=", 1) for line in lines if line.startswith("SPARK_"))
    yield Cluster(
        f"spark://127.0.0.1:{port}", folder / "cluster/conf/spark-defaults.conf", cluster_variables | made
    )
    for number in (folder / "cluster" / "started").read_text("utf-8").split():
        with suppress(ProcessLookupError):
            os.kill(int(number), signal.SIGTERM)


def test_a_run_on_a_standalone_cluster_is_that_of_one_machine(
    cluster: Cluster, tiny: PublishedRun, tmp_path: Path
) -> None:
    begun = time.monotonic()
    job = begin_tiny(tmp_path, cluster.variables, cluster.engine)
    check_same(job, tiny)
    print(f"a run on {cluster.engine.split(':')[0]}: {time.monotonic() - begun:.0f} seconds")


@pytest.mark.parametrize("lacking", ["spark.io.encryption.enabled", "spark.network.crypto.enabled"])
def test_a_cluster_that_lacks_a_setting_is_refused_by_its_name(
    lacking: str, cluster: Cluster, tmp_path: Path
) -> None:
    text = cluster.settings.read_text("utf-8")
    (tmp_path / "spark-defaults.conf").write_text(re.sub(rf"(?m)^{lacking}.*\n", "", text), encoding="utf-8")
    job = begin_tiny(tmp_path, cluster.variables | {"SPARK_CONF_DIR": str(tmp_path)}, cluster.engine)
    code, said = job.end()
    assert code == 5
    assert f"--engine: the cluster lacks {lacking}=true" in said
    assert not job.folder.exists()
