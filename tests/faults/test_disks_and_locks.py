"""Reports on another disk, a disk without room, a disk that fills up, two runs on one folder."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from analysis.__main__ import main
from analysis.errors import LockHeldError, MachineError
from analysis.safeguards import disks, locks, publishing
from analysis.safeguards.run_record import write_json
from conftest import run_province
from golden.tiny_intake import AS_OF, write_tiny_intake

OTHER_DISK = Path("/dev/shm")


def refuse_across(monkeypatch: pytest.MonkeyPatch, border: str) -> None:
    """Have every move from below a folder of this name to outside of it, or the other way, fail as between disks."""
    for name in ("replace", "rename"):
        move: Callable[..., None] = getattr(os, name)

        def across(
            source: Any, target: Any, *rest: Any, move: Callable[..., None] = move, **more: Any
        ) -> None:
            if (border in Path(source).parts) != (border in Path(target).parts):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            move(source, target, *rest, **more)

        monkeypatch.setattr(os, name, across)


def test_documents_reach_reports_on_another_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tiny_intake(tmp_path / "raw")
    refuse_across(monkeypatch, "reports")
    assert run_province(tmp_path) == 0
    assert main(["verify", "--as-of", AS_OF, "--reports", str(tmp_path / "reports")]) == 0
    assert not list((tmp_path / "reports").rglob("*.part"))


def test_a_run_moves_to_another_disk_whole_and_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    flush = disks.flush
    monkeypatch.setattr(disks, "flush", lambda path: (flushed.append(path), flush(path)))
    refuse_across(monkeypatch, ".staging")
    folder = publishing.open_staging(tmp_path, "2021-11-07-aa")
    (folder / "tables").mkdir()
    (folder / "tables" / "t.csv").write_text("a", encoding="utf-8")
    write_json(folder / publishing.MANIFEST, {"files": publishing.manifest_files(folder)})
    target = publishing.publish(tmp_path, "2021-11-07-aa", folder, ("current",))
    assert (publishing.check_published(target), folder.exists()) == (1, False)
    named = [path.relative_to(tmp_path).as_posix() for path in flushed]
    for staged in (".staging/2021-11-07-aa", ".runs/.2021-11-07-aa.part"):
        assert named.index(f"{staged}/tables/t.csv") < named.index(f"{staged}/tables") < named.index(staged)


@pytest.fixture
def on_other_disk(tmp_path: Path) -> Iterator[Path]:
    if not OTHER_DISK.is_dir() or OTHER_DISK.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second disk to try")
    folder = Path(tempfile.mkdtemp(dir=OTHER_DISK))
    yield folder
    shutil.rmtree(folder)


def test_a_whole_run_with_reports_on_a_second_disk(tmp_path: Path, on_other_disk: Path) -> None:
    write_tiny_intake(tmp_path / "raw")
    paths = [
        "--raw",
        tmp_path / "raw",
        "--processed",
        tmp_path / "p" / AS_OF,
        "--reports",
        on_other_disk / "r",
    ]
    command = ["run", "--as-of", AS_OF, "--province", "02", "--workers", "1", *map(str, paths)]
    assert main(command) == 0
    assert main(["verify", "--as-of", AS_OF, "--reports", str(on_other_disk / "r")]) == 0


@pytest.mark.parametrize("full", ["processed", "reports"])
def test_row_36_every_disk_is_looked_at_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], full: str
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: usage(1, 1, 1000 if full in Path(path).parts else 10**12)
    )
    # Each folder on a disk of its own.
    monkeypatch.setattr(disks, "_disk_of", lambda folder: hash(folder))
    write_tiny_intake(tmp_path / "raw")
    assert run_province(tmp_path) == MachineError.exit_code
    assert "MB free" in capsys.readouterr().err
    assert not (tmp_path / "reports" / ".runs").exists()


def test_row_36_needs_on_one_disk_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 150))
    disks.check_room({tmp_path / "a": 100})
    with pytest.raises(MachineError, match="make room"):
        disks.check_room({tmp_path / "a": 100, tmp_path / "b": 100})


@pytest.mark.parametrize("shared", ["processed", "reports"])
def test_row_37_two_runs_on_one_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], shared: str
) -> None:
    write_tiny_intake(tmp_path / "raw")
    folder = {"processed": tmp_path / "processed" / AS_OF, "reports": tmp_path / "reports"}[shared]
    with held_by_another(folder) as process:
        assert run_province(tmp_path) == LockHeldError.exit_code
        told = capsys.readouterr().err
        assert f"{folder.name}/.lock (process {process} of " in told and " since 20" in told
        assert not (tmp_path / "processed" / AS_OF / "restricted").exists()
    assert not (tmp_path / "reports" / ".runs").exists()
    with locks.hold_lock(folder):
        pass


@contextmanager
def held_by_another(folder: Path) -> Iterator[int]:
    """Have another process hold the lock of a folder, and kill it at the end; yields its number."""
    code = (
        "import sys, time; from pathlib import Path; from analysis.safeguards.locks import hold_lock\n"
        "with hold_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"held\n"
        try:
            yield process.pid
        finally:
            process.kill()


# Runs on a small disk of its own (argv[1]) that another hand fills as soon as the first stage is done.
FILL_IT_UP = """
import sys, threading, time
from pathlib import Path
from analysis.__main__ import main
from conftest import run_province
from golden.tiny_intake import AS_OF, write_tiny_intake

base, is_over = Path(sys.argv[1]), threading.Event()
write_tiny_intake(base / "raw")
sign = base / "processed" / AS_OF / "restricted" / "run" / "1_clean.json"

def fill():
    while not sign.exists():
        time.sleep(0.01)
    with (base / "filler").open("ab", buffering=0) as filler:
        while not is_over.is_set():
            try:
                filler.write(bytes(65536))
            except OSError:
                time.sleep(0.005)

filling = threading.Thread(target=fill, daemon=True)
filling.start()
full = run_province(base)
is_over.set()
filling.join()  # until it is closed, what was written keeps its room
(base / "filler").unlink()
published = (base / "reports" / AS_OF).exists()
again = run_province(base)
verified = main(["verify", "--as-of", AS_OF, "--reports", str(base / "reports"), "--processed", str(base / "processed" / AS_OF)])
print("codes", full, published, again, verified)
"""
MOUNT = 'mount -t tmpfs -o size=96m none "$1" && shift && exec "$@"'


def on_a_small_disk(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that sees a disk of 96 MB at a folder; skips where this user may not mount one."""
    inner = ["sh", "-c", MOUNT, "sh", str(folder)]
    for rights in (["-m"], ["-rm"]):
        unshared = ["unshare", *rights, *inner]
        if (
            shutil.which("unshare")
            and not subprocess.run([*unshared, "true"], capture_output=True).returncode
        ):
            paths = os.pathsep.join(path for path in sys.path if path)
            env = {**os.environ, "PYTHONPATH": paths}
            return subprocess.run([*unshared, *command], env=env, capture_output=True, text=True)
    pytest.skip("no disk can be mounted here")


def test_row_36_a_disk_that_is_really_full(tmp_path: Path) -> None:
    done = on_a_small_disk(tmp_path, sys.executable, "-c", FILL_IT_UP, str(tmp_path))
    assert f"codes {MachineError.exit_code} False 0 0" in done.stdout, done.stdout + done.stderr
    assert "full" in done.stderr or "make room" in done.stderr
