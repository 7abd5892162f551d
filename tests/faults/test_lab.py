"""JupyterLab as `baophu lab` starts it, asked over its own interface: what is kept of a cell that showed a person."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from analysis import __file__ as package
from analysis.operate.lab import lab_arguments

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and limits are POSIX")
WAIT_SECONDS = 180
PERSON = "Nguyễn Thị Bí Mật"
START = """
import sys
from pathlib import Path
from analysis.operate.lab import serve_lab
serve_lab(Path(sys.argv[2]), Path(sys.argv[1]), ["--no-browser", f"--ServerApp.port={sys.argv[3]}", "--allow-root"])
"""
ASK = """
import os, resource
from IPython import get_ipython
print(oct(os.umask(0o077)), resource.getrlimit(resource.RLIMIT_CORE)[0], get_ipython().history_manager.enabled)
"""


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("localhost", 0))
        return int(tried.getsockname()[1])


class Lab:
    """A server that runs, and its address and token from where it wrote them down."""

    def __init__(self, base: Path) -> None:
        self.base = base
        (base / "notebooks").mkdir()
        # A user's own configuration that would open everything.
        (base / "config").mkdir()
        loose = {
            "IdentityProvider": {"token": ""},
            "ServerApp": {"ip": "0.0.0.0", "allow_remote_access": True},
        }
        (base / "config" / "jupyter_server_config.json").write_text(json.dumps(loose), encoding="utf-8")
        places = {f"JUPYTER_{name.upper()}_DIR": str(base / name) for name in ("config", "runtime", "data")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(base / "private"), str(base / "notebooks"), str(free_port())],
            env={**os.environ, **places, "HOME": str(base), "PYTHONPATH": str(Path(package).parents[1])},
            stdout=subprocess.DEVNULL,
            stderr=(base / "log").open("w"),
        )
        self._wait_for_server()

    def _wait_for_server(self) -> None:
        limit = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < limit and self.process.poll() is None:
            for found in (self.base / "runtime").glob("jpserver-*.json"):
                self.server: dict[str, Any] = json.loads(found.read_text("utf-8"))
                with contextlib.suppress(urllib.error.URLError):  # written before it listens
                    self.ask("GET", "status")
                    return
            time.sleep(0.1)
        raise AssertionError((self.base / "log").read_text("utf-8"))

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """Return what the server answers; raises HTTPError where it refuses."""
        key = self.server["token"] if token is None else token
        asked = urllib.request.Request(
            f"http://localhost:{self.server['port']}/api/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"token {key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read() or b"null")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.process.terminate()
    lab.process.wait(30)


def test_it_hears_this_machine_only_and_asks_for_a_new_token(lab: Lab) -> None:
    assert lab.server["hostname"] == "localhost" and len(lab.server["token"]) == 48
    with pytest.raises(urllib.error.HTTPError, match="403"):
        lab.ask("GET", "contents", token="")
    folders = lab.base / "notebooks", lab.base / "private"
    token = next(word for word in lab_arguments(*folders) if "token=" in word)
    assert token not in lab_arguments(*folders)


def test_what_a_cell_shows_is_saved_nowhere(lab: Lab) -> None:
    shown = nbformat.v4.new_output("stream", text=PERSON)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[shown])])
    for _ in range(2):
        lab.ask("PUT", "contents/a.ipynb", {"type": "notebook", "content": notebook})
        lab.ask("POST", "contents/a.ipynb/checkpoints")
    assert [p.name for p in (lab.base / "notebooks").iterdir()] == ["a.ipynb"]
    assert len(list((lab.base / "private" / "checkpoints").iterdir())) == 1
    holding = [p for p in lab.base.rglob("*") if p.is_file() and PERSON.encode() in p.read_bytes()]
    assert holding == []


def test_its_kernels_keep_no_history_and_their_files_are_private(lab: Lab) -> None:
    kernel = lab.ask("POST", "kernels", {"name": "python3"})
    client = BlockingKernelClient(connection_file=str(lab.base / "runtime" / f"kernel-{kernel['id']}.json"))
    client.load_connection_file()
    client.start_channels(hb=False)  # a busy machine beats late
    client.wait_for_ready(timeout=WAIT_SECONDS)
    said: list[str] = []
    client.execute_interactive(
        ASK, store_history=True, timeout=60, output_hook=lambda m: said.append(m["content"].get("text", ""))
    )
    client.stop_channels()
    lab.ask("DELETE", f"kernels/{kernel['id']}")
    assert "".join(said).split() == ["0o77", "0", "False"]
    assert list(lab.base.rglob("history.sqlite*")) == []
    private = [lab.base / "private", *(lab.base / "private").rglob("*")]
    assert [p for p in private if p.is_dir() and p.stat().st_mode & 0o077] == []
