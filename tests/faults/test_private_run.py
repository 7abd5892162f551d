"""What a run leaves to others: file modes, core dumps, histories and spill, however it ends."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from analysis.__main__ import main
from analysis.commands import COMMANDS
from analysis.notebook_runner import WarmKernel
from analysis.safeguards.folders import wide_folder
from analysis.safeguards.guarded_process import guarded_process
from conftest import PublishedRun, run_province
from faults.test_kill import kill_when, start_run
from golden.tiny_intake import AS_OF, write_tiny_intake

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes, limits and signals are POSIX")
GONE = "stopped; the same command goes on where it was"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def restricted(base: Path) -> Path:
    return base / "processed" / AS_OF / "restricted"


def test_under_any_umask_persons_rows_are_their_owner_s_and_pages_their_readers(tmp_path: Path) -> None:
    write_tiny_intake(tmp_path / "raw")
    former = os.umask(0)
    try:
        assert run_province(tmp_path) == 0
        assert os.umask(0) == 0
    finally:
        os.umask(former)
    private = [tmp_path / "processed", *(tmp_path / "processed").rglob("*")]
    assert [path for path in private if mode(path) & 0o077] == []
    published = (tmp_path / "reports" / AS_OF).resolve()
    for folder in (tmp_path / "reports", published.parent, published, published / "tables"):
        assert mode(folder) == 0o755
    assert {mode(path) for path in published.rglob("*") if path.is_file()} == {0o644}


def test_a_folder_that_others_can_open_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "raw").mkdir(mode=0o755)
    assert wide_folder(tmp_path / "none") is None
    real = Path.stat
    monkeypatch.setattr(
        Path, "stat", lambda path, **o: FakeMode(0o755) if path in tmp_path.parents else real(path, **o)
    )
    tmp_path.chmod(0o755)
    assert wide_folder(tmp_path / "raw") == "755"
    tmp_path.chmod(0o700)
    assert wide_folder(tmp_path / "raw") is None
    tmp_path.chmod(0o755)
    (tmp_path / "raw").chmod(0o700)
    assert wide_folder(tmp_path / "raw") is None


class FakeMode:
    """The folders above the tests' own, open to all."""

    def __init__(self, mode: int) -> None:
        self.st_mode = stat.S_IFDIR | mode


def test_a_command_and_its_kernels_leave_no_core_dump() -> None:
    ask = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    wide = "import resource; resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE)[1:] * 2)"
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ask!r}])"
    code = (
        f"{wide}\nfrom analysis.safeguards.guarded_process import guarded_process\n"
        f"with guarded_process(is_private=True):\n    {inner}"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "(0, 0)"


def test_a_run_s_kernel_keeps_no_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    kernel = WarmKernel().start()
    try:
        kernel.client.execute("secret = 1", store_history=True)
        kernel.empty()
    finally:
        kernel.stop()
    assert [path.name for path in tmp_path.rglob("history*")] == []


def test_the_spill_of_a_failed_run_is_wiped(tiny: PublishedRun, tmp_path: Path) -> None:
    base = shutil.copytree(tiny.run.raw.parent, tmp_path / "base", symlinks=True)
    plant_spill(base)
    (base / "raw" / "platform" / "tiny_a.csv").unlink()
    for file in (base / "raw" / "platform").iterdir():
        file.write_bytes(b"")
    assert run_province(base) != 0
    assert not (restricted(base) / "spill").exists()


def plant_spill(base: Path) -> None:
    (restricted(base) / "spill" / "staged").mkdir(parents=True, exist_ok=True)
    (restricted(base) / "spill" / "staged" / "platform-00000.parquet").write_bytes(b"a person")


@pytest.mark.parametrize("command", ["status", "verify"])
def test_the_spill_of_a_killed_run_is_wiped_by_the_next_command(
    tiny: PublishedRun, tmp_path: Path, command: str
) -> None:
    base = shutil.copytree(tiny.run.raw.parent, tmp_path / "base", symlinks=True)
    with (base / "raw" / "platform" / "tiny_a.csv").open("a", encoding="utf-8") as rows:
        rows.write("\n")
    sign = restricted(base) / "run" / "1_clean.ipynb"
    sign.unlink()
    kill_when(start_run(base), sign)
    plant_spill(base)
    days = ["--as-of", AS_OF] if command == "verify" else []
    main([command, *days, "--reports", str(base / "reports")])
    assert not (restricted(base) / "spill").exists()


def children(of: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(of)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_tidies_up_and_goes_on_later(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny_intake(tmp_path / "raw")
    (tmp_path / "temporary").mkdir()
    command = [sys.executable, "-m", "analysis", "run", "--as-of", AS_OF, "--province", "02"]
    for name in ("raw", "reports"):
        command += [f"--{name}", str(tmp_path / name)]
    command += ["--processed", str(tmp_path / "processed" / AS_OF)]
    former = signal.signal(number, signal.SIG_DFL)  # tests under nohup ignore a hang-up, and so would the run
    process = subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(tmp_path / "temporary")}, stderr=subprocess.PIPE, text=True
    )
    signal.signal(number, former)
    limit = time.monotonic() + 120
    while not (restricted(tmp_path) / "run" / "1_clean.json").exists():
        assert process.poll() is None and time.monotonic() < limit
        time.sleep(0.02)
    kernels = children(process.pid)
    assert kernels
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, GONE in said) == (130, True), said
    assert not any(Path(f"/proc/{pid}").exists() for pid in kernels)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not (restricted(tmp_path) / "spill").exists()
    assert not (tmp_path / "reports" / ".lock.holder").exists()
    assert run_province(tmp_path) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_told_to_end_amid_a_query_says_so(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def query(*_: object) -> int:
        threading.Timer(0.3, os.kill, (os.getpid(), number)).start()
        with duckdb.connect(config={"threads": 1}) as con:
            con.execute("SELECT count(*) FROM range(10000000000) numbers(i) WHERE hash(i) % 7 = 3")
        return 0

    monkeypatch.setitem(COMMANDS, "status", query)
    assert main(["status"]) == 130
    assert GONE in capsys.readouterr().err


def test_a_signal_that_is_ignored_stays_so() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with guarded_process(is_private=False):
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, former)
