"""The look itself: from an intake to its findings, and which intake is meant."""

import re
from datetime import date
from pathlib import Path

from analysis.check.files import find_files
from analysis.check.findings import Findings, Problem
from analysis.check.opened import REGISTRY, opened_heads
from analysis.check.registry_files import find_registry_files
from analysis.check.rows import senders
from analysis.check.whole import find_presence, whole_problems
from analysis.engine import memory_bytes
from analysis.errors import RequestError
from analysis.safeguards.disks import free_bytes, needed_bytes
from analysis.settings import RunParameters

_MEGABYTE = 10**6
# What a stage of the tables holds beside `--memory-limit`, in MB (benchmarks/README, "Memory").
_BESIDE_THE_LIMIT = 400
USUAL_LIMIT = "4GB"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def newest_intake(root: Path, today: date) -> Path:
    """Return the folder of the latest day, not after today, below a root; raises RequestError when there is none."""
    days = [p for p in root.iterdir() if p.is_dir() and _DAY.fullmatch(p.name)] if root.is_dir() else []
    days = [p for p in days if p.name <= today.isoformat()]
    if not days:
        raise RequestError(
            f"--raw: {root.as_posix()} holds no folder named YYYY-MM-DD; give --as-of or --raw"
        )
    return max(days, key=lambda p: p.name)


def day_of(raw: Path, today: date) -> date:
    """Return the day that a folder is named after, else today."""
    try:
        return min(date.fromisoformat(raw.resolve().name), today)
    except ValueError:
        return today


def look_at(run: RunParameters) -> Findings:
    """Return what a run would make of its intake; raises RequestError for headers that the settings give twice."""
    with opened_heads(run) as opened:
        files = find_files(opened)
        presence = find_presence(opened, files)
        own = senders(opened)
        files += find_registry_files(opened)
        for file in files:
            file.sender = own.get(file.file)
        problems = whole_problems(opened, presence)
        problems.append(_room(run))
        is_refused = any(problem.code in ("no_platform", f"{REGISTRY}_refused") for problem in problems)
        return Findings(run.raw.as_posix(), files, problems, presence, is_refused)


def _room(run: RunParameters) -> Problem:
    """Return what a run will need of disk and memory: a note, unless the disk has less."""
    needed, free = needed_bytes(run.raw, memory_bytes(USUAL_LIMIT)), free_bytes(run.processed)
    facts = {
        "limit": USUAL_LIMIT,
        "disk": -(-needed // _MEGABYTE),
        "free": free // _MEGABYTE,
        "memory": _BESIDE_THE_LIMIT,
    }
    return Problem("room_needed" if needed <= free else "room_short", facts=facts, is_note=needed <= free)
