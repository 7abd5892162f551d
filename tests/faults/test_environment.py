"""Sources fault-35: what is installed is compared with the lock."""

import json
import sys
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.errors import MachineError
from analysis.safeguards import environment


def test_35_what_is_installed_is_what_the_lock_names() -> None:
    assert environment.differing_packages() == []
    assert len(environment.locked_versions()) > 100


def test_35_another_version_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "duckdb==0.0.1 ; os_name == 'nt' \\\n    --hash=sha256:00\nno-such-package==1\nduckdb-x==2\n", "utf-8"
    )
    warning = environment.environment_warning(lock)
    assert warning.startswith("installed and not as locked: duckdb ") and "(lock: 0.0.1)" in warning
    assert environment.environment_warning(tmp_path / "none") == ""


def test_row_44_the_schedule_s_run_is_refused_and_the_hook_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())"
    hook = json.dumps([sys.executable, "-c", write, str(tmp_path / "told")])
    settings = tmp_path / "baophu.toml"
    settings.write_text(f"hook = {hook}\n", encoding="utf-8")
    roots = ["--raw", str(tmp_path / "raw"), "--reports", str(tmp_path / "reports")]
    command = ["run", "--as-of", "2021-11-07", *roots, "--settings", str(settings), "--locked"]
    assert main(command) == 2  # as locked: only its intake is missing
    monkeypatch.setattr(environment, "differing_packages", lambda _: ["duckdb 9.9.9 (lock: 0.0.1)"])
    assert main(command) == MachineError.exit_code
    assert "--locked: installed and not as locked: duckdb 9.9.9 (lock: 0.0.1)" in capsys.readouterr().err
    told = json.loads((tmp_path / "told").read_text("utf-8"))
    assert (told["outcome"], told["exit_code"]) == ("failure", MachineError.exit_code)
