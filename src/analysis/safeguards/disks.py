"""Writing so that it lasts and reaches other disks: moving, flushing, and room looked for before a run."""

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

from analysis.engine import memory_bytes
from analysis.errors import DAMAGED_ZIP, MachineError
from analysis.safeguards.folders import walk_files
from analysis.settings import RunParameters

# Bytes that a run's folder takes at its largest for each byte of a file, by what the file is: unpacked text, a workbook,
# parquet of dose records, parquet of the registry, whose rows are copied once (benchmarks/README, "Memory").
_TEXT, _WORKBOOK, _RECORDS, _REGISTRY = 1.0, 4.0, 8.0, 2.0
# So many times that is held at once while records are cleaned: in memory, and beyond it on the disk.
_HELD_AT_ONCE = 3.0
# A gzip file says its size up to 4 GiB, which one below this does not reach; of a larger one its ratio is assumed.
_SURE_OF_ITS_SIZE, _RATIO = 200 * 1024 * 1024, 8
# Text that packs better is a bomb, which a run sets aside.
_MOST_RATIO = 20
_WORKBOOKS = (".xlsx", ".xls", ".xlsb", ".ods")
# A unit's documents, pictures and its share of the public tables take two thirds of this.
NEEDED_PER_UNIT = 4 * 1024 * 1024


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
    needed = needed_bytes(run.raw, memory_bytes(run.memory_limit))
    check_room({run.processed: needed, run.reports: NEEDED_PER_UNIT * units})


def needed_bytes(raw: Path, memory: int) -> int:
    """Return about how large a run's folder gets from an intake with so many bytes of memory: tables and spill."""
    tables = sum(_needed_for(path, raw) for path in walk_files(raw) if path.is_file())
    return int(tables + max(0.0, _HELD_AT_ONCE * tables - memory))


def _needed_for(path: Path, raw: Path) -> float:
    size, kind = path.stat().st_size, path.suffix.lower()
    if kind in _WORKBOOKS:
        return size * _WORKBOOK
    if kind == ".parquet":
        return size * (_REGISTRY if path.relative_to(raw).parts[0] == "registry" else _RECORDS)
    return max(size, min(_unpacked(path, kind), size * _MOST_RATIO)) * _TEXT


def _unpacked(path: Path, kind: str) -> int:
    """Return the bytes that a packed file says it holds; of one that cannot say, none."""
    size = path.stat().st_size
    try:
        if kind == ".gz" and size >= _SURE_OF_ITS_SIZE:
            return size * _RATIO
        if kind == ".gz":
            with path.open("rb") as file:
                file.seek(-4, os.SEEK_END)
                return int.from_bytes(file.read(), "little")
        if kind == ".zip":
            with ZipFile(path) as archive:
                return sum(member.file_size for member in archive.infolist())
    except (OSError, *DAMAGED_ZIP):
        pass
    return 0


def free_bytes(folder: Path) -> int:
    """Return the room on the disk that a folder is on, or will be."""
    here = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(here).free


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
