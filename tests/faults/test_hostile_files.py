"""No file costs a week: what asks for more than a machine has is set aside, the others are read.

The numbers in the names are those of the rules (sources fault-33 and fault-34).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from analysis.__main__ import main
from analysis.clean import clean_intake
from analysis.errors import IntakeError, MachineError
from analysis.intake import folder, opening
from analysis.intake.sources import FileRefusedError
from analysis.safeguards.run_record import hash_folder
from analysis.settings import RunParameters
from clean_samples import make_run, read, table, typed_quality
from faults import hostile_files as hostile
from staged_samples import workbook

GOOD = table({}, {"dose_record_id": "M2", "full_name": "Sùng Mí Vàng"})
SHEET = workbook([["Họ tên", "Ngày tiêm"], ["Lý Văn Ba", "01/10/2021"]])


def clean_beside(base: Path, files: dict[str, str | bytes]) -> tuple[RunParameters, dict[str, str]]:
    """Clean a good file beside others; returns the run and the reason of each file that was set aside."""
    run = make_run(base, {"platform/a.csv": GOOD, "platform/z.xlsx": SHEET, **files})
    clean_intake(run)
    quality = typed_quality(run)
    return run, {r["source_file"]: r["reason_code"] for r in quality if r["status"] == "quarantined"}


HOSTILE: dict[str, tuple[Callable[[Path], str | bytes], str]] = {
    "far-cell": (lambda _: hostile.far_cell(), "file_too_demanding"),
    "far-column": (lambda _: hostile.far_cell("XFD", 400_000), "file_too_demanding"),
    "wide-workbook": (lambda _: hostile.wide_workbook(), "too_many_columns"),
    "wide-text": (lambda _: hostile.wide_text(), "too_many_columns"),
    "wide-parquet": (hostile.wide_parquet, "too_many_columns"),
    "long-listing": (lambda _: hostile.long_listing(), "archive_bomb"),
    "swelling-workbook": (lambda _: hostile.bomb_in_workbook(), "archive_bomb"),
    "unknown-method": (lambda _: hostile.unknown_method(SHEET), "file_unreadable"),
    "damaged-member": (lambda _: hostile.damaged_member(SHEET), "file_unreadable"),
    "archive-in-archive": (
        lambda _: hostile.packed({"a.zip": hostile.packed({"a.csv": GOOD.encode()})}),
        "archive_bomb",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_33_a_file_that_asks_too_much_is_set_aside(tmp_path: Path, name: str) -> None:
    make, reason = HOSTILE[name]
    before = psutil.Process().memory_info().rss
    run, set_aside = clean_beside(tmp_path, {"platform/b.dat": make(tmp_path)})
    assert [(f.split("!")[0], code) for f, code in set_aside.items()] == [("platform/b.dat", reason)]
    assert len(read(run, "doses")) == 3
    assert [q["detail"] for q in read(run, "quality") if str(q["detail"]).startswith("a reader failed")] == []
    assert psutil.Process().memory_info().rss - before < 400 * 1024 * 1024


# VmHWM: the peak of this process alone; getrusage would pass on that of the one it was started from.
OPEN_ALONE = """
import re, sys
from pathlib import Path
from analysis.engine import connect
from analysis.intake.folder import open_folder
from analysis.intake.headers.schemas import PLATFORM
from analysis.settings import open_run
run = open_run("2021-11-07", raw=sys.argv[1], processed=sys.argv[2], previous="-", settings="-")
with connect(run) as con:
    opened = open_folder(con, run, "platform", PLATFORM)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(len(opened.staged), len(opened.set_aside), int(peak) // 1024)
"""


def memory_of_opening(base: Path, files: dict[str, str | bytes]) -> list[int]:
    """Open files in a process of its own; returns how many were read, how many not, and its peak memory in MB."""
    run = make_run(base, files)
    command = [sys.executable, "-c", OPEN_ALONE, str(run.raw), str(base / "p" / "2021-11-07")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [int(word) for word in said.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are told in other units elsewhere")
def test_33_hostile_files_cost_the_run_no_memory(tmp_path: Path) -> None:
    good: dict[str, str | bytes] = {"platform/a.csv": GOOD, "platform/z.xlsx": SHEET}
    hostile_files = {f"platform/{name}.dat": make(tmp_path) for name, (make, _) in HOSTILE.items()}
    calm = memory_of_opening(tmp_path / "calm", good)
    under_fire = memory_of_opening(tmp_path / "fire", good | hostile_files)
    print(f"peak memory of the run: {calm[2]} MB, with {len(HOSTILE)} hostile files {under_fire[2]} MB")
    assert (calm[:2], under_fire[:2]) == ([2, 0], [2, len(HOSTILE)])
    assert under_fire[2] - calm[2] < 64


def test_33_a_hostile_member_leaves_the_other_members(tmp_path: Path) -> None:
    other = workbook([["Họ tên", "Ngày tiêm"], ["Sùng Mí Vàng", "02/10/2021"]])
    packed = hostile.packed({"x.xlsx": hostile.far_cell(), "y.xlsx": other})
    run, set_aside = clean_beside(tmp_path, {"platform/b.zip": packed})
    assert set_aside == {"platform/b.zip!x.xlsx": "file_too_demanding"}
    assert len(read(run, "doses")) == 4


def test_33_one_process_opens_all_files_and_is_gone_when_the_intake_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    popen = opening.subprocess.Popen
    monkeypatch.setattr(opening.subprocess, "Popen", lambda *a, **k: started.append(a) or popen(*a, **k))
    opening.stop_opening()
    sheets = {
        f"platform/s{n}.xlsx": workbook([["Họ tên", "Ngày tiêm"], [f"Lý Văn {n}", "01/10/2021"]])
        for n in "abcdef"
    }
    _, set_aside = clean_beside(tmp_path / "calm", sheets)
    assert (set_aside, len(started), opening._openers) == ({}, 1, [])
    _, set_aside = clean_beside(tmp_path / "bad", {**sheets, "platform/sc.xlsx": hostile.far_cell()})
    # One that had opened others, a fresh one for the file that ended it, and one for those that follow.
    assert (list(set_aside), len(started)) == (["platform/sc.xlsx"], 4)


def test_33_a_file_that_never_opens_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opening.stop_opening()
    monkeypatch.setattr(opening, "FILE_SECONDS", 1)
    monkeypatch.setattr(opening, "_SERVE", "import time; time.sleep(60)")
    begun = time.monotonic()
    with pytest.raises(FileRefusedError) as refused:
        opening.open_apart(opening.Request(make_run(tmp_path, {}), *[None] * 3, 0))  # type: ignore[arg-type]
    assert refused.value.reason_code == "file_too_demanding"
    assert time.monotonic() - begun < 20 and not opening._openers


def test_33_where_the_system_sets_no_limit_the_size_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening.stop_opening()
    monkeypatch.setattr(
        opening, "_SERVE", "import time; held = bytearray(b'x') * 300_000_000; time.sleep(60)"
    )
    monkeypatch.setattr(opening, "MEMORY_TIMES", 0.04)
    begun = time.monotonic()
    with pytest.raises(FileRefusedError) as refused:
        opening.open_apart(opening.Request(make_run(tmp_path, {}), *[None] * 3, 0))  # type: ignore[arg-type]
    assert refused.value.reason_code == "file_too_demanding"
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("make", [hostile.far_cell, lambda: hostile.far_cell("XFD", 20_000)])
def test_33_on_windows_a_hostile_file_is_set_aside_and_a_good_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes]
) -> None:
    opening.stop_opening()
    # There the process has no module for limits: it is watched by the one that asks.
    monkeypatch.setattr(
        opening, "_SERVE", f"import psutil, sys; sys.modules['resource'] = None; {opening._SERVE}"
    )
    monkeypatch.setattr(opening, "MEMORY_TIMES", 0.4)
    run, set_aside = clean_beside(tmp_path, {"platform/b.xlsx": make()})
    assert set_aside == {"platform/b.xlsx": "file_too_demanding"}
    assert len(read(run, "doses")) == 3


def test_33_where_no_process_can_start_no_file_is_set_aside_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening.stop_opening()
    monkeypatch.setattr(opening, "_SERVE", "raise SystemExit(1)")
    with pytest.raises(MachineError, match="cannot start"):
        clean_beside(tmp_path, {})


def test_33_a_defect_of_a_reader_costs_the_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = folder.stage_delimited

    def fail_once(con: object, leaf: object, *rest: object) -> object:
        if "b.csv" in str(leaf):
            raise KeyError("Nguyễn Thị Bí Mật")
        return stage(con, leaf, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(folder, "stage_delimited", fail_once)
    run, set_aside = clean_beside(tmp_path, {"platform/b.csv": table({"dose_record_id": "M7"})})
    assert set_aside == {"platform/b.csv": "file_unreadable"}
    details = [r["detail"] for r in read(run, "quality") if r["status"] == "quarantined"]
    assert details == ["a reader failed: KeyError"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes on Linux alone")
def test_34_a_name_that_is_no_utf_8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path, {"platform/a.csv": GOOD})
    odd = os.fsencode(run.raw / "platform") + b"/t\xe9\xff.csv"
    Path(os.fsdecode(odd)).write_text(table({"dose_record_id": "M9"}), encoding="utf-8")
    clean_intake(run)
    named = [(r["source_file"], r["reason_code"]) for r in typed_quality(run) if r["status"] == "quarantined"]
    assert named == [("platform/t\\xe9\\xff.csv", "file_name_unreadable")]
    assert main(["check", "--raw", str(run.raw)]) == 4
    assert "t\\xe9\\xff.csv" in capsys.readouterr().out
    assert json.loads(json.dumps(hash_folder(run.raw))).keys() >= {"platform/t\\xe9\\xff.csv"}
    (run.raw / "registry").mkdir()
    (run.raw / "registry" / os.fsdecode(b"\xe9.csv")).write_text("citizen_id\n", encoding="utf-8")
    with pytest.raises(IntakeError, match="no UTF-8"):
        clean_intake(run)
