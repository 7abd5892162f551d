"""The same intake, code and parameters give the same bytes, whatever the folder and the number of threads."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis import commands
from analysis.safeguards.run_record import hash_folder
from conftest import PublishedRun, run_province
from golden.tiny_intake import AS_OF, write_tiny_intake


def test_a_second_run_elsewhere_makes_the_same_bytes(
    tiny: PublishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = commands._run_parameters

    def on_one_thread(options: object) -> object:
        run, workers = plain(options)  # type: ignore[arg-type]
        return replace(run, threads=1), workers

    monkeypatch.setattr(commands, "_run_parameters", on_one_thread)
    write_tiny_intake(tmp_path / "raw")
    assert run_province(tmp_path) == 0
    again = tmp_path / "processed" / AS_OF / "aggregate"
    assert hash_folder(again) == hash_folder(tiny.run.aggregate)
    assert hash_folder(tmp_path / "reports" / AS_OF) == hash_folder(tiny.folder)
    # A table that was lost since is made again, though its pages stand: next week and the worklists need it.
    for lost in (
        again / "coverage.parquet",
        tmp_path / "processed" / AS_OF / "restricted" / "decisions.parquet",
    ):
        lost.unlink()
    assert run_province(tmp_path) == 0
    assert hash_folder(again) == hash_folder(tiny.run.aggregate)
    assert hash_folder(tmp_path / "reports" / AS_OF) == hash_folder(tiny.folder)


def test_running_again_is_a_no_op(tiny: PublishedRun, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_province(tiny.run.raw.parent) == 0
    assert "up to date, nothing to do" in capsys.readouterr().out
