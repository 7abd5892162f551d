"""Writing so that it lasts and reaches other disks: moving, flushing, and room looked for before a run."""

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from analysis.errors import MachineError
from analysis.safeguards.folders import walk_files
from analysis.settings import RunParameters

# Clean copies and link tables together stay below this multiple of the intake.
NEEDED_PER_INTAKE_BYTE = 3
# A unit's documents take an eighth of this.
NEEDED_PER_UNIT = 1024 * 1024


def flush(path: Path) -> None:
    """Ask the system to write a file or folder to the disk now; folders cannot be asked on Windows."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Flush every file below a folder, then the folders from the innermost out: a name lasts with its folder."""
    below = sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True)
    for path in [p for p in below if p.is_file()] + [p for p in below if p.is_dir()] + [folder]:
        flush(path)


def move_file(source: Path, target: Path) -> None:
    """Move a file; to another disk as a copy that is flushed there before it takes its name."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(target.name + ".part")
        shutil.copyfile(source, part)
        flush(part)
        part.replace(target)
        source.unlink()


def move_folder(source: Path, target: Path) -> None:
    """Move a folder to a name that is free; to another disk as a flushed copy that then takes the name."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(f".{target.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(source, part, symlinks=True)
        flush_folder(part)
        part.rename(target)
        shutil.rmtree(source)


def check_disks(run: RunParameters, units: int) -> None:
    """Raise MachineError where a disk that a run of so many units writes to has too little room for it."""
    intake = sum(p.stat().st_size for p in walk_files(run.raw) if p.is_file())
    check_room({run.processed: NEEDED_PER_INTAKE_BYTE * intake, run.reports: NEEDED_PER_UNIT * units})


def check_room(needs: Mapping[Path, int]) -> None:
    """Raise MachineError where a disk has less room than the folders on it need together (bytes by folder)."""
    disks: dict[int, list[Path]] = {}
    for folder in needs:
        folder.mkdir(parents=True, exist_ok=True)
        disks.setdefault(_disk_of(folder), []).append(folder)
    for folders in disks.values():
        free, need = shutil.disk_usage(folders[0]).free, sum(needs[folder] for folder in folders)
        if free < need:
            raise MachineError(
                f"the disk of '{folders[0].name}' has {free // 2**20} MB free; this run needs "
                f"{-(-need // 2**20)} MB there: make room"
            )


def _disk_of(folder: Path) -> int:
    return folder.stat().st_dev
