"""Which earlier week a run goes on from, which one it may be compared with, and what earlier weeks must not keep.

Compared is one that passed its own checks, for the provinces asked for.

Decisions are carried from any earlier folder (sources in-9). Its counts are another matter: a week that was refused
never reached a reader, and must not become the yardstick by which the next one is found in order.
"""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from analysis.errors import RequestError

MARK = "run_mark.json"  # beside the counts of a run; written when all of its checks have passed
FORMER_MARK = "intake.json"  # its name in weeks that were run before it had one of its own
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def find_previous(processed_root: Path, as_of: date) -> Path | None:
    """Return the latest earlier run's folder beside this one that has finished its first two stages."""
    earlier = [
        folder
        for folder in (processed_root.iterdir() if processed_root.is_dir() else ())
        if DAY.fullmatch(folder.name)
        and folder.name < as_of.isoformat()
        and (folder / "restricted" / "run" / "2_reconcile.json").is_file()
    ]
    return max(earlier, key=lambda folder: folder.name, default=None)


def find_compared(previous: Path | None, provinces: tuple[str, ...]) -> Path | None:
    """Return the folder of the latest run up to `previous` that passed its checks and holds `provinces`.

    `provinces` is empty for the whole country. Without such a run it is `previous` itself.
    """
    if previous is None:
        return None
    beside = previous.parent.iterdir() if previous.parent.is_dir() and DAY.fullmatch(previous.name) else ()
    earlier = sorted(
        (folder for folder in beside if DAY.fullmatch(folder.name) and folder.name < previous.name),
        key=lambda folder: folder.name,
        reverse=True,
    )
    return next((folder for folder in (previous, *earlier) if _holds(folder, provinces)), previous)


def read_mark(folder: Path) -> dict[str, Any]:
    """Return what a run says of itself beside its counts; empty when it did not pass its checks."""
    counts = folder / "aggregate"
    path = counts / MARK if (counts / MARK).is_file() else counts / FORMER_MARK
    try:
        mark = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return mark if isinstance(mark, dict) else {}


def forget_mark(folder: Path) -> None:
    """Remove a run's mark, under either name: until its counts pass their checks again it is no yardstick."""
    for name in (MARK, FORMER_MARK):
        (folder / "aggregate" / name).unlink(missing_ok=True)


def read_intake_mark(raw: Path) -> dict[str, Any]:
    """Return `simulated` and `note` of an intake's `intake.json`; raises RequestError when it is damaged."""
    path = raw / "intake.json"
    if not path.is_file():
        return {"simulated": False, "note": ""}
    try:
        mark = json.loads(path.read_text(encoding="utf-8-sig"))
        return {"simulated": bool(mark.get("simulated", False)), "note": str(mark.get("note", ""))}
    except (ValueError, AttributeError) as error:
        raise RequestError(
            "intake.json: not a JSON object; write it as the README shows, or remove it"
        ) from error


def _holds(folder: Path, provinces: tuple[str, ...]) -> bool:
    mark = read_mark(folder)
    limited = set(map(str, mark.get("provinces", ())))
    return bool(mark.get("run_id")) and (not limited or (bool(provinces) and set(provinces) <= limited))


def forget_copies(processed: Path, as_of: date) -> None:
    """Remove what the weeks before a published one keep of the registry and of typed values beside its folder.

    They are standing plain copies of persons; a former week that is run again makes its own anew.
    """
    for former in processed.parent.iterdir():
        if DAY.fullmatch(former.name) and former.name < as_of.isoformat():
            (former / "restricted" / "citizens.parquet").unlink(missing_ok=True)
            for kept in (former / "restricted" / "run" / "steps").glob("*.parquet"):
                kept.unlink()
