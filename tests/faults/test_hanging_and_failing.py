"""A cell that hangs, a kernel that is killed, a province whose notebook fails: nothing is published."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from analysis import job, notebook_runner
from analysis.__main__ import main
from analysis.briefing import unit_job
from analysis.errors import BaophuError, MachineError
from analysis.notebook_runner import WarmKernel
from conftest import run_province
from golden.tiny_intake import AS_OF, write_tiny_intake

DONE = 0


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write_tiny_intake(tmp_path / "raw")
    return tmp_path


def kernels() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def nothing_published(base: Path) -> bool:
    return not (base / "reports" / "current").exists() and not (base / "reports" / AS_OF).exists()


def test_row_38_a_hanging_cell_ends_the_run_and_publishes_nothing(
    base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = kernels()
    with monkeypatch.context() as patched:
        patched.setattr(job, "MINUTE_SECONDS", 0.001)
        assert run_province(base) == MachineError.exit_code
    assert "1_clean.ipynb: a cell was not done after" in capsys.readouterr().err
    assert nothing_published(base) and kernels() <= before
    assert run_province(base) == DONE


def test_row_38_a_kernel_that_the_system_kills(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = WarmKernel.start

    def start_and_lose(kernel: WarmKernel) -> WarmKernel:
        started(kernel)
        os.kill(kernel.manager.provisioner.pid, signal.SIGKILL)
        return kernel

    with monkeypatch.context() as patched:
        patched.setattr(WarmKernel, "start", start_and_lose)
        assert run_province(base) == MachineError.exit_code
    assert nothing_published(base)
    assert run_province(base) == DONE


def test_39_kernels_that_fill_the_memory_are_ended(
    base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = kernels()
    with monkeypatch.context() as patched:
        patched.setattr(notebook_runner, "machine_memory", lambda: 120_000_000)
        patched.setattr(notebook_runner, "LOOK_SECONDS", 0.05)
        assert run_province(base) == MachineError.exit_code
    assert "want of memory" in capsys.readouterr().err
    assert nothing_published(base) and kernels() <= before
    assert run_province(base) == DONE


def test_row_39_a_province_whose_notebook_fails_holds_back_all(
    base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export = unit_job.export_html

    def fail(executed: Path, target: Path) -> None:
        if "-02" in executed.name:
            raise BaophuError("5_briefing.ipynb: a province's page fails")
        export(executed, target)

    with monkeypatch.context() as patched:
        patched.setattr(unit_job, "export_html", fail)
        assert run_province(base) == BaophuError.exit_code
    assert "a province's page fails" in capsys.readouterr().err
    assert nothing_published(base)
    assert run_province(base) == DONE
    assert main(["verify", "--as-of", AS_OF, "--reports", str(base / "reports")]) == DONE
