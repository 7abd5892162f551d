"""What `make` does about packages: none younger than seven days, and known vulnerabilities asked for."""

import os
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from house_files import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not here")


def make(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a target in a folder that holds nothing but the Makefile, and programs that say what they were asked."""
    shutil.copy(ROOT / "Makefile", folder)
    path = os.pathsep.join([str(folder), "/usr/bin", "/bin"])
    return subprocess.run(
        ["make", *words], cwd=folder, env={"PATH": path, "HOME": str(folder)}, capture_output=True, text=True
    )


def program(folder: Path, name: str, code: int = 0) -> None:
    (folder / name).write_text(f'#!/bin/sh\necho {name} "$@"\nexit {code}\n', encoding="utf-8")
    (folder / name).chmod(0o755)


def test_no_package_younger_than_seven_days_comes_into_the_lock(tmp_path: Path) -> None:
    program(tmp_path, "uv")
    today = date.today()
    asked = make(tmp_path, "lock").stdout.splitlines()[-1].split()
    limit = date.fromisoformat(asked[asked.index("--exclude-newer") + 1])
    assert limit in (today - timedelta(7), today - timedelta(6))
    assert asked[:3] == ["uv", "pip", "compile"] and "--generate-hashes" in asked


@pytest.mark.parametrize(("name", "code"), [("osv-scanner", 0), ("osv-scanner", 1), ("pip-audit", 1)])
def test_the_lock_is_audited_where_a_database_is_at_hand(tmp_path: Path, name: str, code: int) -> None:
    program(tmp_path, name, code)
    done = make(tmp_path, "audit")
    assert done.stdout.startswith(f"{name} ") and "requirements.lock" in done.stdout
    assert (done.returncode == 0) == (code == 0)


def test_without_one_it_says_so(tmp_path: Path) -> None:
    done = make(tmp_path, "audit")
    assert done.returncode != 0 and "no database was asked" in done.stderr
