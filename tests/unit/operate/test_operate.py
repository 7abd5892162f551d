"""What a schedule needs: word of how a run ended, retention and erasure, the report to send, the units' script."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.errors import BaophuError, CheckError, IntakeError, MachineError
from analysis.operate import hooks
from analysis.operate.doctor import as_text, make_report
from analysis.safeguards import run_record
from analysis.safeguards.audit_log import check_log, read_entries
from analysis.settings import Settings, open_run
from conftest import PublishedRun
from disclosure.byte_search import leaks
from disclosure.test_no_person_leaves import PLANTED

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2021, 11, 7)
WRITE = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())"


def told(target: Path, error: BaseException | None = None) -> dict[str, object]:
    hook = (sys.executable, "-c", WRITE, str(target))
    try:
        with hooks.tell_outcome(hook, DAY) as outcome:
            outcome.summary = {"run_id": "2021-11-07-aa", "made": True, "files": 3}
            if error:
                raise error
    except BaseException as raised:
        assert raised is error
    found: dict[str, object] = json.loads(target.read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (IntakeError("Nguyễn Thị Bí Mật"), "refusal", 3),
        (CheckError("Nguyễn Thị Bí Mật.xlsx"), "refusal", 4),
        (MachineError("x"), "failure", 5),
        (BaophuError("x"), "failure", 1),
        (ValueError("001234567890"), "failure", 1),
        (KeyboardInterrupt(), "failure", 130),
        (RuntimeError("Query interrupted"), "failure", 130),
        (RuntimeError("x"), "failure", 1),
    ],
)
def test_the_hook_is_told_of_every_end_and_of_no_person(
    tmp_path: Path, error: BaseException, outcome: str, code: int
) -> None:
    found = told(tmp_path / "told", error)
    assert (found["outcome"], found["exit_code"], found["as_of"]) == (outcome, code, "2021-11-07")
    assert set(found) == {"command", "version", "outcome", "exit_code", "as_of"}


def test_the_hook_is_told_of_success(tmp_path: Path) -> None:
    found = told(tmp_path / "told")
    assert (found["outcome"], found["run_id"], found["files"]) == ("success", "2021-11-07-aa", 3)


@pytest.mark.parametrize(
    "hook", [("no-such-program-here",), (sys.executable, "-c", "import time; time.sleep(9)")]
)
def test_a_hook_that_fails_or_hangs_changes_nothing(
    hook: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hooks, "HOOK_SECONDS", 0.5)
    with hooks.tell_outcome(hook, DAY):
        pass
    assert "the hook of the settings failed" in capsys.readouterr().err


def test_the_command_line_calls_the_hook_and_no_run_depends_on_it(tmp_path: Path) -> None:
    settings = tmp_path / "baophu.toml"
    command = [sys.executable, "-c", WRITE, str(tmp_path / "told")]
    settings.write_text(f"hook = {json.dumps(command)}\n", encoding="utf-8")
    code = main(
        ["run", "--as-of", "2021-11-07", "--raw", str(tmp_path / "none"), "--settings", str(settings)]
    )
    assert code == json.loads((tmp_path / "told").read_text("utf-8"))["exit_code"] == 2
    with_hook = open_run("2021-11-07", settings=str(settings), previous="-")
    without = open_run("2021-11-07", settings="-", previous="-")
    assert run_record.page_parameters(with_hook) == run_record.page_parameters(without)


def weeks(base: Path, *days: str) -> list[str]:
    for day in days:
        for name in (f"raw/{day}/platform/a.csv", f"processed/{day}/restricted/doses.parquet"):
            (base / name).parent.mkdir(parents=True)
            (base / name).write_text("x", encoding="utf-8")
        (base / f"processed/{day}/aggregate").mkdir()
        (base / f"processed/{day}/aggregate/coverage.parquet").write_text("x", encoding="utf-8")
    (base / "raw" / "notes").mkdir()
    return ["--raw", str(base / "raw"), "--processed", str(base / "processed")]


def standing(base: Path) -> list[str]:
    found = [*base.glob("raw/*/platform"), *base.glob("processed/*/restricted")]
    return sorted({p.parent.name for p in found})


def test_keep_erases_the_persons_of_older_weeks_and_nothing_else(tmp_path: Path) -> None:
    folders = weeks(tmp_path, "2021-10-24", "2021-10-31", "2021-11-07")
    assert main(["keep", "--weeks", "2", *folders]) == 0
    assert standing(tmp_path) == ["2021-10-31", "2021-11-07"]
    assert len(list(tmp_path.glob("processed/*/aggregate/coverage.parquet"))) == 3
    assert (tmp_path / "raw" / "notes").is_dir()
    log = tmp_path / "processed" / "audit.jsonl"
    assert [(e["event"], e["as_of"], e["files"]) for e in read_entries(log)] == [
        ("kept_weeks", "2021-10-24", 2)
    ]
    assert main(["keep", "--weeks", "2", *folders]) == 0 and len(read_entries(log)) == 1
    assert main(["keep", "--weeks", "0", *folders]) == 2


def test_erase_takes_one_week_with_a_line_in_the_log(tmp_path: Path) -> None:
    folders = weeks(tmp_path, "2021-10-31", "2021-11-07")
    assert main(["erase", "--as-of", "2021-10-31", *folders]) == 0
    assert standing(tmp_path) == ["2021-11-07"]
    assert main(["erase", "--as-of", "2021-10-31", *folders]) == 2
    log = tmp_path / "processed" / "audit.jsonl"
    assert check_log(log) and read_entries(log)[-1]["event"] == "erased"
    log.write_text(log.read_text("utf-8").replace("erased", "nothing"), encoding="utf-8")
    log.write_text(log.read_text("utf-8") + "{}\n", encoding="utf-8")
    assert main(["erase", "--as-of", "2021-11-07", *folders]) == 4
    assert standing(tmp_path) == ["2021-11-07"]


def test_a_folder_behind_a_link_is_not_emptied(tmp_path: Path) -> None:
    folders = weeks(tmp_path, "2021-10-31", "2021-11-07")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "keep.csv").write_text("x", encoding="utf-8")
    (tmp_path / "raw" / "2021-10-24").symlink_to(tmp_path / "elsewhere")
    assert main(["keep", "--weeks", "2", *folders]) == 0
    assert not (tmp_path / "raw" / "2021-10-24").exists()
    assert (tmp_path / "elsewhere" / "keep.csv").is_file()


def test_the_report_to_send_names_nobody(tiny: PublishedRun, tmp_path: Path) -> None:
    settings = Settings(
        organisation=PLANTED[0], headers={"platform": {PLANTED[1]: "note"}}, hook=(PLANTED[2],), keep_runs=3
    )
    reports = tiny.folder.parent
    report = make_report(tiny.run.raw.parent, tiny.run.processed.parent, reports, settings)
    (tmp_path / "report.json").write_text(as_text(report), encoding="utf-8")
    assert leaks([tmp_path], PLANTED) == []
    text = as_text(report)
    for name in ("tiny_a", str(tmp_path.parent), "Hà Giang", Path.home().name + "@"):
        assert name not in text
    week = report["weeks"][tiny.run.processed.name]
    assert week["rows"]["doses"] > 10 and "1_clean" in week["stages_done"] and "test_row" in week["reasons"]
    assert report["settings"]["keep_runs"] == 3 and report["lock"]["differing"] == []


def test_doctor_works_where_there_is_nothing_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roots = [f"--{n}={tmp_path / n}" for n in ("raw", "processed", "reports")]
    assert main(["doctor", *roots]) == 0
    assert json.loads(capsys.readouterr().out)["weeks"] == {}
    assert main(["doctor", "--out", str(tmp_path / "none" / "x"), *roots]) == 5


def test_status_as_data(tiny: PublishedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json", "--reports", str(tmp_path / "none")]) == 4
    state = json.loads(capsys.readouterr().out)
    assert state == {
        "published": {},
        "faults": {},
        "current": None,
        "age_days": None,
        "limit_days": 8,
        "usable": False,
    }


@pytest.mark.skipif(sys.platform == "win32", reason="a script of the POSIX shell")
def test_the_script_of_the_schedule_catches_up_missed_weeks(tmp_path: Path) -> None:
    for day in ("2021-10-24", "2021-10-31", "2021-11-07", "2021-11-14", "draft"):
        (tmp_path / "data" / "raw" / day).mkdir(parents=True)
    (tmp_path / "reports" / "2021-10-24").mkdir(parents=True)
    stub = tmp_path / "baophu"
    # The week of 31/10 is gated, that of 14/11 still runs.
    stub.write_text(
        '#!/bin/sh\necho "$@"\n[ "$3" = 2021-10-31 ] && exit 4\nmkdir "reports/$3" 2>/dev/null\nexit 0\n'
    )
    stub.chmod(0o755)

    def run() -> tuple[int, list[str]]:
        done = subprocess.run(
            ["sh", str(ROOT / "docs/schedule/weekly.sh")],
            cwd=tmp_path,
            env={"BAOPHU": str(stub), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )
        asked = [line.split() for line in done.stdout.splitlines()]
        assert all(words[:2] == ["run", "--as-of"] and words[3:] == ["--locked"] for words in asked)
        return done.returncode, [words[2] for words in asked]

    assert run() == (4, ["2021-10-31", "2021-11-07", "2021-11-14"])
    # Later the refused one is tried again, and the newest, in case its intake was corrected.
    assert run() == (4, ["2021-10-31", "2021-11-14"])


def test_the_unit_is_hardened() -> None:
    unit = (ROOT / "docs/schedule/baophu.service").read_text("utf-8")
    for line in (
        "ProtectSystem=strict",
        "NoNewPrivileges=true",
        "PrivateNetwork=true",
        "UMask=0077",
        "LimitCORE=0",
    ):
        assert f"\n{line}\n" in unit


@pytest.mark.parametrize(("age", "code"), [(8, 0), (9, 4)])
def test_row_57_data_older_than_eight_days_are_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], age: int, code: int
) -> None:
    (tmp_path / ".runs" / "2021-11-07-aa").mkdir(parents=True)
    (tmp_path / "current").symlink_to(".runs/2021-11-07-aa")
    monkeypatch.setattr("analysis.__main__.today", lambda: DAY + timedelta(age))
    monkeypatch.setattr("analysis.operate.inspection.verify_published", lambda *_: None)  # its age alone
    assert main(["status", "--json", "--reports", str(tmp_path)]) == code
    state = json.loads(capsys.readouterr().out)
    assert (state["age_days"], state["usable"]) == (age, code == 0)
