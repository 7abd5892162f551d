"""A project folder outside the clone, JupyterLab on it, and the log of a run."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from analysis.__main__ import HO_CHI_MINH, main
from analysis.errors import IntakeError
from analysis.operate import project, run_log
from analysis.pipeline import NOTEBOOKS
from analysis.progress import LOG, Progress
from analysis.settings import SHIPPED, RunParameters, Settings, open_run, project_folder, read_settings

STARTED = datetime(2021, 11, 8, 2, 0, 5, tzinfo=HO_CHI_MINH)


def test_a_project_holds_what_a_week_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "Dự án tuần"
    assert main(["init", str(folder)]) == 0
    assert "baophu run --latest" in capsys.readouterr().out
    assert read_settings(folder / "baophu.toml") == Settings()
    assert {path.name for path in folder.iterdir()} == {
        *(".gitignore", "README.txt", "baophu.toml", "data", "docs", "notebooks", "reports", "templates")
    }
    copied = {path.relative_to(folder / "notebooks").as_posix() for path in folder.rglob("*.ipynb")}
    assert copied == {path.relative_to(NOTEBOOKS).as_posix() for path in NOTEBOOKS.rglob("*.ipynb")}
    assert (folder / "templates" / "mau-platform.xlsx").is_file()
    assert (folder / "docs" / "operators.md").is_file()
    if os.name == "posix":
        assert (folder / "data").stat().st_mode & 0o077 == 0


def test_a_folder_in_use_is_not_made_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").touch()
    assert main(["init", str(tmp_path)]) == 2
    assert main(["init", str(tmp_path / "mine.txt")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert capsys.readouterr().err.count("not empty") == 2


def test_what_cannot_be_written_is_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(project.shutil, "copyfile", fail)
    assert main(["init", str(tmp_path / "p")]) == 5


def test_a_notebook_finds_the_project_it_lies_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["init", str(tmp_path / "p")]) == 0
    monkeypatch.chdir(tmp_path / "p" / "notebooks")
    assert project_folder() == tmp_path / "p"
    run = open_run("2021-11-07")
    assert (run.raw, run.reports) == (tmp_path / "p/data/raw/2021-11-07", tmp_path / "p/reports")
    assert run.settings_file == tmp_path / "p/baophu.toml"
    monkeypatch.chdir(tmp_path)
    assert project_folder() == SHIPPED  # a clone


def test_lab_opens_the_projects_notebooks_and_saves_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[Path, Path, list[str]]] = []
    monkeypatch.setattr(project, "serve_lab", lambda *told: called.append(told))
    assert main(["init", str(tmp_path / "p")]) == 0
    monkeypatch.chdir(tmp_path / "p")
    assert main(["lab", "--", "--no-browser", "--port=9999"]) == 0
    home = tmp_path / "p"
    assert called == [(home / "notebooks", home / "data/processed/.jupyter", ["--no-browser", "--port=9999"])]


def test_lab_without_a_project_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(project, "project_folder", lambda: None)
    monkeypatch.chdir(tmp_path)
    assert main(["lab"]) == 2
    assert "baophu init DIR" in capsys.readouterr().err


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    (tmp_path / "data/raw/2021-11-07").mkdir(parents=True)
    return open_run("2021-11-07", provinces="02", home=tmp_path)


def log_of(run: RunParameters) -> list[str]:
    (path,) = (run.processed / "logs").iterdir()
    assert path.name == "2021-11-08T02-00-05.log"
    return path.read_text("utf-8").splitlines()


def test_a_run_leaves_a_log_with_times(run: RunParameters, capsys: pytest.CaptureFixture[str]) -> None:
    with run_log.run_log(run, 2, STARTED), Progress(1) as progress:
        progress.begin("làm sạch")
        progress.begin("làm sạch")
        progress.say("1_clean: done\nand more")
    lines = log_of(run)
    assert [line[27:] for line in lines[1:]] == [
        "làm sạch",
        "1_clean: done and more",
        "ended with exit code 0",
    ]
    assert "provinces 02, 2 workers" in lines[0]
    assert all(datetime.fromisoformat(line[:25]).tzinfo for line in lines)
    assert capsys.readouterr().err == "1_clean: done and more\n"
    assert not [handler for handler in LOG.handlers if isinstance(handler, run_log._Lines)]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            IntakeError("platform/Nguyễn Thị Bịa.csv: no", ["Nguyễn Thị Bịa.csv"]),
            "exit code 3: platform/…: no",
        ),
        (ValueError("Nguyễn Thị Bịa"), "ended by ValueError"),
        (KeyboardInterrupt(), "stopped; exit code 130"),
        (RuntimeError("Query interrupted"), "stopped; exit code 130"),
    ],
)
def test_the_log_tells_how_a_run_ended_and_no_name(
    run: RunParameters, error: BaseException, line: str
) -> None:
    with pytest.raises(type(error)), run_log.run_log(run, 1, STARTED):
        raise error
    assert log_of(run)[-1].endswith(line)


def test_only_the_newest_logs_stay(run: RunParameters) -> None:
    folder = run.processed / "logs"
    folder.mkdir(parents=True)
    for number in range(run_log.KEPT + 5):
        (folder / f"2021-11-07T00-00-{number:02}.log").touch()
    with run_log.run_log(run, 1, STARTED):
        pass
    names = sorted(path.name for path in folder.iterdir())
    assert (len(names), names[0], names[-1]) == (
        run_log.KEPT,
        "2021-11-07T00-00-06.log",
        "2021-11-08T02-00-05.log",
    )
