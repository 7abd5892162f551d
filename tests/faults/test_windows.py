"""What Windows asks of the programme, as far as that shows on another system: names, paths, line ends, no fork.

The programme was not tried on Windows itself (README, "Limits").
"""

import ast
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path, PureWindowsPath

import pytest

from analysis.briefing.figures.units import unit_file_stem
from analysis.job import units_to_brief
from analysis.safeguards import publishing
from analysis.safeguards.keys import read_secret_file
from analysis.safeguards.run_record import hash_notebook
from analysis.settings import Settings, open_run, read_settings
from conftest import PublishedRun
from golden.tiny_intake import AS_OF, write_tiny_intake
from house_files import ROOT, name_of, tracked_files

# Windows: no file may be called so, whatever its ending, and no name may hold these signs or end in a dot or a blank.
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$')
# MAX_PATH less a project folder in a profile and a link's run id.
LONGEST = 260 - 60
# Attributes of the standard library that Windows lacks.
POSIX_ONLY = (
    "fork",
    "getuid",
    "geteuid",
    "setsid",
    "killpg",
    "mkfifo",
    "statvfs",
    "chown",
    "sysconf",
    "umask_",
)
# The package as it would start there: no fork, no links, no hang-up signal, no limits of a process, no modes.
# Libraries that choose their own way by the system are loaded before.
LIKE_WINDOWS = """
import os, signal, sys
import duckdb, filelock, jupyter_client, pandas, papermill, psutil, subprocess, tempfile, zmq
for name in ("fork", "forkpty", "getuid", "geteuid", "getgid", "setsid", "killpg", "mkfifo", "chown"):
    if hasattr(os, name): delattr(os, name)
for name in ("SIGHUP", "SIGUSR1", "SIGUSR2"):
    if hasattr(signal, name): delattr(signal, name)
for name in ("fcntl", "resource", "pwd", "grp", "termios"): sys.modules[name] = None
def refuse(*_, **__): raise OSError("A required privilege is not held by the client")
os.symlink = refuse
import pathlib
pathlib.Path.symlink_to = refuse
"""


def unfit(names: list[str]) -> list[str]:
    """Return the relative paths that Windows cannot hold."""
    found = []
    for name in names:
        parts = name.split("/")
        if len(name) > LONGEST or any(RESERVED.fullmatch(p) or FORBIDDEN.search(p) for p in parts):
            found.append(name)
    doubled = [name for name, count in Counter(n.casefold() for n in names).items() if count > 1]
    return found + doubled


def test_unfit_names_are_found() -> None:
    bad = ["a/con", "NUL.txt", "x/aux.csv", "a:b", "a.", "b ", "x" * 201, "lpt1.log", "what?"]
    assert unfit(bad) == bad
    assert unfit(["a/B.csv", "a/b.csv"]) == ["a/b.csv"]
    assert unfit(["console.py", "a/.gitkeep", "Báo cáo/02-ha-giang.html", "com10"]) == []


def test_the_repository_can_be_cloned() -> None:
    assert unfit([name_of(path) for path in tracked_files()]) == []


def test_what_a_run_writes_has_names_that_windows_takes(tiny: PublishedRun) -> None:
    base = tiny.run.raw.parent
    written = [p.relative_to(base).as_posix() for p in base.rglob("*") if not p.is_symlink() and p.is_file()]
    assert len(written) > 50 and unfit(written) == []
    run = open_run(AS_OF)
    assert unfit([f"{unit_file_stem(unit)}.html" for unit in units_to_brief(run)]) == []


def test_folders_are_shown_with_forward_slashes_and_hold_the_same_place() -> None:
    path = PureWindowsPath("data\\raw") / "2021-11-07" / "platform"
    assert path.as_posix() == "data/raw/2021-11-07/platform"
    assert PureWindowsPath(path.as_posix()) == path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_settings_saved_by_notepad_are_read(tmp_path: Path, end: str, mark: str) -> None:
    text = (ROOT / "docs" / "baophu.example.toml").read_text("utf-8").replace("\n", end)
    (tmp_path / "baophu.toml").write_bytes((mark + text).encode())
    assert read_settings(tmp_path / "baophu.toml") == Settings()


def test_a_notebook_and_a_key_with_other_line_ends_are_the_same(tmp_path: Path) -> None:
    source = ROOT / "notebooks" / "1_clean.ipynb"
    copy = tmp_path / "1_clean.ipynb"
    copy.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    assert hash_notebook(copy) == hash_notebook(source)
    key = tmp_path / "key.txt"
    key.write_bytes(b"AGE-SECRET-KEY-1\r\n")
    key.chmod(0o600)
    assert read_secret_file(key).strip() == "AGE-SECRET-KEY-1"


def test_what_windows_lacks_is_asked_for_before_it_is_used() -> None:
    """A call of a POSIX function stands under a question for the system, or for the function."""
    found = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        text = path.read_text("utf-8")
        asks = re.search(r"os\.name|hasattr\(|sys\.platform|except ImportError", text)
        calls = (ast.unparse(n) for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Attribute))
        used = {call for call in calls if call in {f"os.{name}" for name in POSIX_ONLY}}
        if used and not asks:
            found.append((name_of(path), used))
    assert found == []


def run_like_windows(base: Path) -> subprocess.CompletedProcess[str]:
    paths = ["--raw", "raw", "--processed", f"processed/{AS_OF}", "--reports", "reports", "--workers", "1"]
    arguments = ["run", "--as-of", AS_OF, "--province", "02", *paths]
    code = f"{LIKE_WINDOWS}\nfrom analysis.__main__ import main\nsys.exit(main({arguments!r}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "USERNAME": "somebody"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=base, env=environment, capture_output=True, encoding="utf-8"
    )


def test_a_week_runs_without_fork_links_and_limits(tiny: PublishedRun, tmp_path: Path) -> None:
    """The same files as in an ordinary run, under a name that a text file leads to in place of a link."""
    write_tiny_intake(tmp_path / "raw")
    done = run_like_windows(tmp_path)
    assert done.returncode == 0, done.stderr
    reports = tmp_path / "reports"
    assert not [path for path in reports.rglob("*") if path.is_symlink()]
    folder = publishing.follow_link(reports, AS_OF)
    ours = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    theirs = {p.relative_to(tiny.folder).as_posix(): p for p in tiny.folder.rglob("*") if p.is_file()}
    assert set(ours) == set(theirs)
    assert json.loads(ours["manifest.json"])["run_id"] == folder.name
    assert [n for n, p in theirs.items() if n.endswith((".html", ".csv")) and ours[n] != p.read_bytes()] == []
