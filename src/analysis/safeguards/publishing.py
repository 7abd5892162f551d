"""Publish a complete run in one step, keep the last ones, and check what was published."""

import json
import os
import shutil
from pathlib import Path

from analysis.errors import CheckError, RequestError
from analysis.safeguards.disks import flush, flush_folder, move_folder
from analysis.safeguards.run_record import Hashes, hash_file, hash_folder

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
NOT_LISTED = (MANIFEST, SIGNATURE)  # a manifest lists neither itself nor what signs it
RUNS, STAGING, LEFTOVERS, CURRENT = ".runs", ".staging", ".incomplete", "current"
ANCHORS = ".anchors"  # what ties each run to the audit log (anchors.py)


def open_staging(reports: Path, run_id: str) -> Path:
    """Return this run's staging folder; what other runs left behind is moved to `.incomplete`."""
    staging = reports / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    for left in staging.iterdir():
        if left.name != run_id:
            target = reports / LEFTOVERS / left.name
            target.parent.mkdir(exist_ok=True)
            _remove(target)
            move_folder(left, target)
    folder = staging / run_id
    folder.mkdir(exist_ok=True)
    for part in list(folder.rglob("*.part")):
        part.unlink()  # of a write that was cut off: the manifest would name it, and its next write take it away
    return folder


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def read_manifest(run_folder: Path) -> dict[str, object]:
    """Read a published run's manifest; raises CheckError when it is missing or damaged."""
    try:
        manifest = json.loads((run_folder / MANIFEST).read_text(encoding="utf-8"))
        if not isinstance(manifest["files"], dict):
            raise ValueError
    except (OSError, ValueError, KeyError) as error:
        raise CheckError(f"{run_folder.name}/{MANIFEST} is missing or damaged; run the week again") from error
    return dict(manifest)


def check_published(run_folder: Path) -> int:
    """Compare a run's files with its manifest and return their number.

    Raises CheckError naming the first file that is missing, changed or not of the run.
    """
    files = read_manifest(run_folder)["files"]
    assert isinstance(files, dict)
    present = manifest_files(run_folder)
    wrong = sorted(n for n in files.keys() | present.keys() if files.get(n) != present.get(n))
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise CheckError(f"{run_folder.name}/{wrong[0]}{more}: not as the run made it; run the week again")
    return len(files)


def is_published(reports: Path, run_id: str, manifests: frozenset[str]) -> bool:
    """Tell whether a complete run stands under its id, byte for byte, with one of the manifests it may have.

    Without that a page changed together with its manifest would be taken for the run's.
    """
    folder = reports / RUNS / run_id
    try:
        return folder.is_dir() and check_published(folder) > 0 and hash_file(folder / MANIFEST) in manifests
    except CheckError:
        return False


def publish(
    reports: Path,
    run_id: str,
    staging: Path,
    links: tuple[str, ...],
    manifests: frozenset[str] = frozenset(),
) -> Path:
    """Move a complete staging folder among the runs and switch the named links to it.

    What stands under that id already stays, where its manifest is this one's or one of `manifests`.
    The files are on the disk and were read again before anything points to them, so a reader sees the
    former run or this one, whole. Raises CheckError when a file is not what the manifest says.
    """
    check_published(staging)
    flush_folder(staging)
    target = reports / RUNS / run_id
    target.parent.mkdir(exist_ok=True)
    if is_published(reports, run_id, manifests | {hash_file(staging / MANIFEST)}):
        _remove(staging)  # made again for its tables: readers keep what they have
    else:
        _remove(target)
        move_folder(staging, target)
    flush(target.parent)
    for link in links:
        point_link(reports, link, run_id)
    flush(reports)
    return target


def point_link(reports: Path, name: str, run_id: str) -> None:
    """Make `reports/<name>` lead to a run by rename; without links, a text file and a redirect page."""
    goal = f"{RUNS}/{run_id}"
    fresh = reports / f".{name}.new"
    _remove(fresh)
    if (reports / name).is_dir() and not (reports / name).is_symlink():  # put there by hand: kept apart
        _remove(reports / LEFTOVERS / name)
        (reports / LEFTOVERS).mkdir(exist_ok=True)
        (reports / name).rename(reports / LEFTOVERS / name)
    try:
        fresh.symlink_to(goal, target_is_directory=True)
        fresh.replace(reports / name)
    except (OSError, NotImplementedError):
        _remove(fresh)
        page = f"{goal}/index.html"
        forward = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={page}">'
        write_and_rename(reports / f"{name}.html", f'{forward}<a href="{page}">{name}</a>\n')
        write_and_rename(reports / f"{name}.txt", f"{goal}\n")


def write_and_rename(path: Path, text: str) -> None:
    """Write a text that stands outside every run, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    flush(part)
    part.replace(path)


def follow_link(reports: Path, name: str) -> Path:
    """Return the run folder that `reports/<name>` leads to; raises RequestError when there is none."""
    for candidate in (reports / name, reports / RUNS / name):
        if candidate.is_dir():
            return candidate.resolve()
    pointer = reports / f"{name}.txt"
    if pointer.is_file():
        return reports / pointer.read_text(encoding="utf-8").strip()
    raise RequestError(f"no published run '{name}' in '{reports.name}'; `baophu status` lists what there is")


def published_names(reports: Path) -> dict[str, str]:
    """Return link name → run id of everything published; "" for a link that leads to no run of this folder.

    The run itself may be gone: the name says which one it was.
    """
    links = [p for p in sorted(reports.iterdir()) if p.is_symlink()] if reports.is_dir() else []
    texts = sorted(reports.glob("*.txt")) if reports.is_dir() else []
    goals = {p.name: str(p.readlink()) for p in links} | {p.stem: p.read_text("utf-8").strip() for p in texts}
    return {name: _run_of(goal) for name, goal in goals.items()}


def _run_of(goal: str) -> str:
    folder, _, run_id = goal.replace(os.sep, "/").rstrip("/").rpartition("/")
    return run_id if folder == RUNS else ""


def keep_last_runs(reports: Path, keep: int) -> list[str]:
    """Remove the oldest runs beyond `keep`, never one a link leads to; returns their ids."""
    linked = set(published_names(reports).values())
    runs = sorted((p for p in (reports / RUNS).iterdir() if p.is_dir()), key=lambda p: p.name, reverse=True)
    old = [p for p in runs[keep:] if p.name not in linked]
    for folder in old:
        _remove(folder)
        _remove(reports / ANCHORS / f"{folder.name}.json")
    return [p.name for p in old]


def manifest_files(folder: Path) -> Hashes:
    """Return the hashes a manifest lists: every file of the folder but the manifest itself and its signature."""
    return {n: d for n, d in hash_folder(folder).items() if n not in NOT_LISTED}
