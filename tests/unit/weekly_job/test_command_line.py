"""The command line: exit codes and one-line refusals (interfaces, command line)."""

import contextlib
from pathlib import Path

import pytest

from analysis import __version__
from analysis.__main__ import main
from analysis.commands import COMMANDS
from house_files import ROOT


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("fly", "invalid choice"),
        ("run", "--as-of"),
        ("run --as-of 2021-11-07", "does not exist"),
        ("run --latest", "no folder named YYYY-MM-DD"),
        ("run --latest --raw x", "--latest"),
        ("run --latest --as-of 2021-11-07", "not allowed with"),
        ("run --as-of 2021-11-7x", "YYYY-MM-DD"),
        ("run --as-of 20211107", "YYYY-MM-DD"),
        ("run --as-of 2021-W44-7", "YYYY-MM-DD"),
        ("run --as-of 2999-01-01", "lies in the future"),
        ("run --as-of 2021-11-07 --province 2", "two-digit GSO code"),
        ("run --as-of 2021-11-07 --province ../", "two-digit GSO code"),
        ("run --as-of 2021-11-07 --provnce 02", "unrecognized arguments"),
        ("run --as-of 2021-11-07 --workers 0x", "--workers"),
        ("run --as-of 2021-11-07 --workers -1", "--workers"),
        ("run --as-of 2021-11-07 --workers 0", "--workers"),
        ("run --as-of 2021-11-07 --memory-limit much", "--memory-limit"),
        ("run --as-of 2021-11-07 --settings none.toml", "does not exist"),
        ("run --as-of 2021-11-07 --previous none", "--previous"),
        ("run --as-of 2021-11-07 --accept-change", "--accept-change"),
        ("run --as-of 2021-11-07 --accept-change ...", "--accept-change: give the reason in words"),
        ("run --as-of 2021-11-07 --accept-change tốt\u202e", "--accept-change: Latin letters"),
        ("simulate --as-of 2021-11-07 --out x --province 99", "rovince"),
        ("simulate --as-of 2021-11-07 --out x --scale 0", "scale"),
        ("evaluate --processed none --truth none", "--processed"),
        ("backtest --series none.csv --out x", "--series"),
        ("verify --as-of 2021-11-07", "no published run"),
        ("compare a b", "no published run"),
    ],
)
def test_a_wrong_request_is_refused_in_one_line(
    command: str, word: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(command.split()) == 2
    printed = capsys.readouterr()
    assert word in printed.err
    assert printed.err.startswith("baophu: ") and printed.err.count("\n") == 1
    assert printed.out == ""
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_without_a_command_the_help_is_shown(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.suppress(SystemExit):
        assert main(arguments) == 0
    printed = capsys.readouterr()
    assert all(f"\n    {command}" in printed.out for command in COMMANDS) and printed.err == ""


def test_the_version_is_told_everywhere_alike(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert (stop.value.code, capsys.readouterr().out) == (0, f"baophu {__version__}\n")
    for name, line in (
        ("pyproject.toml", f'version = "{__version__}"'),
        ("CITATION.cff", f"version: {__version__}"),
        ("CHANGELOG.md", f"## {__version__}"),
    ):
        assert f"\n{line}" in (ROOT / name).read_text("utf-8"), name


def test_status_without_a_run_is_a_failed_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 4
    assert "nothing is published" in capsys.readouterr().out


def test_a_defect_is_one_line_without_the_text_of_the_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(options: object, today: object) -> int:
        raise ValueError("Nguyễn Thị Bịa 002185001234")

    monkeypatch.setitem(COMMANDS, "status", fail)
    assert main(["status"]) == 1
    printed = capsys.readouterr().err
    assert "ValueError" in printed and "defect" in printed and printed.count("\n") == 1
    assert "Nguyễn" not in printed and "002185001234" not in printed


def test_a_full_disk_is_the_machine_not_a_defect(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(options: object, today: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(COMMANDS, "status", fail)
    assert main(["status"]) == 5
    assert "No space left" in capsys.readouterr().err
