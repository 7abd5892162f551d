"""Four weeks that nobody watches, run by the very command of the systemd unit: killed, a province missing, overlapping, gated.

Folder, environment and umask are the unit's. By default the country is two small provinces; with
`BAOPHU_WHOLE_COUNTRY=1` it is a simulated one of 63 provinces at 1:2000, which takes a quarter of an hour. `-s` prints
the table of docs/faults.md.
"""

import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from analysis import __file__ as package
from analysis.__main__ import main
from analysis.safeguards.publishing import published_names
from golden.tiny_intake import DOSES, FILES, PLATFORM_HEADER, REPORTS, platform_row, write_tiny_intake

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "docs" / "schedule" / "baophu.service"
WEEKS = ("2021-11-14", "2021-11-21", "2021-11-28", "2021-12-05")
WAIT_SECONDS = 900
IS_COUNTRY = bool(os.environ.get("BAOPHU_WHOLE_COUNTRY"))
LIMITS = "" if IS_COUNTRY else "--province 02 04 --workers 1"
SECOND_PLACE, SECOND_SITE = ["Tỉnh Cao Bằng", "Huyện Bảo Lạc", "Xã Cốc Pàng"], "Trung tâm Y tế huyện Bảo Lạc"
TELL = "import sys, pathlib; pathlib.Path(sys.argv[1]).open('a').write(sys.stdin.read() + '\\n')"
Told = list[dict[str, Any]]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the unit is systemd's")


def unit_value(key: str) -> str:
    """Return a setting of the service."""
    lines = UNIT.read_text("utf-8").splitlines()
    return next(line.removeprefix(f"{key}=") for line in lines if line.startswith(f"{key}="))


@dataclass
class Site:
    """A machine on which the unit is installed: the project's folder, and what the hook was told."""

    base: Path

    def __post_init__(self) -> None:
        (self.base / "docs").symlink_to(ROOT / "docs")
        command = self.base / ".venv" / "bin" / "baophu"
        command.parent.mkdir(parents=True)
        # A country of two provinces: the only thing that is not as installed.
        command.write_text(
            f'#!/bin/sh\nlimits=; [ "$1" = run ] && limits="{LIMITS}"\n'
            f'exec {sys.executable} -m analysis "$@" $limits\n',
            encoding="utf-8",
        )
        command.chmod(0o755)
        hook = json.dumps([sys.executable, "-c", TELL, str(self.base / "told")])
        (self.base / "baophu.toml").write_text(f"hook = {hook}\n", encoding="utf-8")

    def start(self, *command: str) -> "subprocess.Popen[str]":
        """Start a command in the unit's folder and environment; without one, the unit's own."""
        name, _, home = unit_value("Environment").partition("=")
        (self.base / "baophu").mkdir(exist_ok=True)
        return subprocess.Popen(
            command or unit_value("ExecStart").split(),
            cwd=self.base,
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                name: home.replace("%C", str(self.base)),
                "PYTHONPATH": str(Path(package).parents[1]),
            },
            umask=int(unit_value("UMask"), 8),
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str) -> tuple[int, str]:
        """Run a command to its end; returns its exit code and what it said."""
        process = self.start(*command)
        said, _ = process.communicate(timeout=WAIT_SECONDS)
        return process.returncode, said

    def told(self) -> Told:
        """Return what the hook was told since the last time."""
        path = self.base / "told"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    def published(self) -> list[str]:
        """Return the days that are published; each is whole, and is what the log says."""
        reports, processed = self.base / "reports", self.base / "data" / "processed"
        days = sorted(set(published_names(reports)) - {"current"}) if reports.exists() else []
        for day in days:
            roots = ["--reports", str(reports), "--processed", str(processed / day)]
            assert main(["verify", "--as-of", day, *roots]) == 0
        return days

    def made(self, week: int, stage: str) -> Path:
        """Return the record of a stage of a week."""
        return self.base / "data" / "processed" / WEEKS[week] / "restricted" / "run" / f"{stage}.json"

    def page(self, week: int) -> str:
        """Return the words of the second province's page."""
        text = (self.base / "reports" / WEEKS[week] / "04-cao-bang.html").read_text("utf-8")
        text = re.sub(r"<(style|script|svg).*?</\1>", " ", text, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def write_week(site: Site, week: int) -> Path:
    """Write a week's intake, each a cumulative snapshot of more doses and reports than the last; returns its folder."""
    raw = site.base / "data" / "raw" / WEEKS[week]
    if IS_COUNTRY:
        options = ["--as-of", WEEKS[week], "--out", str(raw), "--scale", "0.0005"]
        assert site.run(".venv/bin/baophu", "simulate", *options)[0] == 0
        return raw
    late = [replace(DOSES[0], record_id=f"C{n}", given=f"0{n + 2}/11/2021") for n in range(week + 1)]
    write_tiny_intake(raw, FILES | {"platform/tiny_c.csv": late})
    rows = [platform_row(replace(d, record_id=f"D{d.record_id}", facility=SECOND_SITE)) for d in DOSES[8:]]
    lines = [PLATFORM_HEADER, *([*row[:6], *SECOND_PLACE, *row[9:]] for row in rows[: 4 + week])]
    (raw / "platform" / "04.csv").write_text("".join(",".join(row) + "\n" for row in lines), encoding="utf-8")
    with (raw / "daily_reports" / "reports.csv").open("a", encoding="utf-8") as reports:
        for n in range(week + 1):
            reports.write(f"2021-11-0{n + 3},04,042,0,0,9,9,0,0,0,province\n")
            reports.write(f"2021-11-0{n + 3},02,030,0,0,2,2,0,0,0,province\n")
    return raw


def take_reports_back(raw: Path) -> tuple[Path, str]:
    """Cut the daily reports short, so that cumulative counts fall; returns the file and what it held."""
    reports = sorted((raw / "daily_reports").glob("*.csv"))[0]
    whole = reports.read_text("utf-8")
    lines = whole.splitlines(keepends=True)
    reports.write_text(
        "".join(lines[: len(lines) // 2 if IS_COUNTRY else len(REPORTS) - 1]), encoding="utf-8"
    )
    return reports, whole


def wait_for(process: "subprocess.Popen[str]", sign: Path) -> None:
    """Wait until a file appears that a running process writes."""
    limit = time.monotonic() + WAIT_SECONDS
    while not sign.exists():
        assert process.poll() is None and time.monotonic() < limit, "it ended too early"
        time.sleep(0.02)


class Diary:
    """What happened week after week, as a table."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.lines: list[str] = []

    def note(self, week: int, what: str, code: int) -> list[tuple[str, int]]:
        """Note an event; returns what the hook was told of it."""
        told = [(str(t["outcome"]), int(t["exit_code"])) for t in self.site.told()]
        said = ", ".join(f"{outcome} {number}" for outcome, number in told) or "nothing"
        days = ", ".join(self.site.published()) or "nothing"
        self.lines.append(f"| {WEEKS[week]} | {what} | {code} | {days} | {said} |")
        return told


def test_four_weeks_run_by_the_unit(tmp_path: Path) -> None:
    site = Site(tmp_path)
    diary = Diary(site)

    # The machine goes down in the middle; when it is up again the timer starts the unit.
    write_week(site, 0)
    process = site.start()
    wait_for(process, site.made(0, "2_reconcile"))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert diary.note(0, "killed in its third stage", process.returncode) == []
    assert site.published() == []
    code, said = site.run()
    assert diary.note(0, "the unit again", code) == [("success", 0)], said
    assert "1_clean: up to date" in said, said

    # A province's export did not come.
    raw = write_week(site, 1)
    for path in (raw / "platform").glob("04.*"):
        path.unlink()
    code, said = site.run()
    assert diary.note(1, "a province's export is missing", code) == [("success", 0)], said
    assert site.published() == [*WEEKS[:2]]
    assert "Chưa có dữ liệu xuất từ Nền tảng" in site.page(1)

    # Somebody runs the week by hand while the timer starts the unit.
    write_week(site, 2)
    by_hand = site.start(".venv/bin/baophu", "run", "--as-of", WEEKS[2])
    wait_for(by_hand, site.made(2, "1_clean"))
    code, said = site.run()
    assert diary.note(2, "the unit during a run by hand", code) == [("refusal", 6)], said
    assert site.published() == [*WEEKS[:2]]
    by_hand.communicate()
    assert diary.note(2, "the run by hand", by_hand.returncode) == [("success", 0)]

    # Counts fall; a day later the whole file has come.
    reports, whole = take_reports_back(write_week(site, 3))
    code, said = site.run()
    assert diary.note(3, "reported doses fell", code) == [("refusal", 4)], said
    assert site.published() == [*WEEKS[:3]]
    reports.write_text(whole, encoding="utf-8")
    code, said = site.run()
    assert diary.note(3, "the unit again, the whole file has come", code) == [("success", 0)], said
    assert site.published() == [*WEEKS]
    print(*diary.lines, sep="\n")
