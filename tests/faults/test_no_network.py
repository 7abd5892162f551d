"""A whole run opens no socket but those files by which it talks to its kernels."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from golden.tiny_intake import AS_OF, write_tiny_intake

# Every Python process of the run, kernels and openers too, notes which addresses it names.
NOTING = """
import os, sys
def note(event, args):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        address = args[1] if event.startswith(("socket.connect", "socket.bind", "socket.sendto")) else args[0]
        if not isinstance(address, (str, bytes)) or event in ("socket.getaddrinfo", "socket.gethostbyname"):
            with open(os.environ["NOTED"], "a") as file:
                file.write(f"{event} {address!r}\\n")
sys.addaudithook(note)
"""


def addresses_of(process: "subprocess.Popen[bytes]") -> set[str]:
    """Return the addresses of the sockets that a process and its children have now, those of native code too."""
    found: set[str] = set()
    try:
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for member in family:
        try:
            ends = (end for c in member.net_connections(kind="inet") for end in (c.laddr, c.raddr) if end)
            found |= {end.ip for end in ends}
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@pytest.mark.skipif(
    os.name != "posix", reason="kernels are reached by files on POSIX, elsewhere by this machine's ports"
)
def test_a_run_opens_no_socket_beyond_its_kernels(tmp_path: Path) -> None:
    write_tiny_intake(tmp_path / "raw")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(NOTING, encoding="utf-8")
    paths = ["--raw", tmp_path / "raw", "--processed", tmp_path / "p" / AS_OF, "--reports", tmp_path / "r"]
    command = ["run", "--as-of", AS_OF, "--province", "02", "--workers", "1", *map(str, paths)]
    path = os.pathsep.join([str(tmp_path / "site"), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "NOTED": str(tmp_path / "noted")}
    seen: set[str] = set()
    with subprocess.Popen(
        [sys.executable, "-m", "analysis", *command], env=environment, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            seen |= addresses_of(process)
            try:
                process.wait(0.3)
            except subprocess.TimeoutExpired:
                continue
    assert process.returncode == 0
    # A kernel listens on this machine's own address for what programs it starts would print; nobody calls.
    assert seen <= {"127.0.0.1"}
    noted = tmp_path / "noted"
    lines = set(noted.read_text("utf-8").splitlines()) if noted.exists() else set()
    # A library asks at its import whether this machine knows IPv6, by its own address and no port.
    assert lines <= {"socket.bind ('::1', 0)"}


def test_a_socket_would_be_noted(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NOTING, encoding="utf-8")
    code = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NOTED": str(tmp_path / "noted")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert "socket.connect ('127.0.0.1', 9)" in (tmp_path / "noted").read_text("utf-8")
