"""What lies in a folder, by whatever way it is reached, and who else can open it."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OTHERS, OTHERS_ENTER = 0o077, 0o011
RESTRICTED = "restricted"
SPILL = "spill"  # of the restricted folder: what the engine and the opened intake put aside while they work


def walk_files(folder: Path) -> list[Path]:
    """Return every file of a folder and below it, sorted; a missing folder has none.

    Symbolic links are followed, because whoever opens the files follows them: what a link leads to is hashed
    under the link's own name. A link back to a folder above is not walked again; one that leads nowhere is listed.
    """
    return sorted(_walk(folder, frozenset())) if folder.is_dir() else []


def _walk(folder: Path, above: frozenset[Path]) -> list[Path]:
    here = folder.resolve()
    if here in above:
        return []
    found: list[Path] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, above | {here})
        elif entry.is_file() or entry.is_symlink():
            found.append(entry)
    return found


def wide_folder(folder: Path) -> str | None:
    """Return the mode of a folder that other users of the machine can open, as `chmod` writes it; else None.

    One below a folder that is closed to them cannot be opened, whatever its own mode.
    """
    if os.name != "posix" or not folder.is_dir():
        return None
    here = folder.resolve()
    is_reached = all(stat.S_IMODE(above.stat().st_mode) & OTHERS_ENTER for above in here.parents)
    mode = stat.S_IMODE(here.stat().st_mode)
    return f"{mode:o}" if is_reached and mode & OTHERS else None


@contextmanager
def without_spill(restricted: Path) -> Iterator[None]:
    """Leave nothing of a run's spill behind, however the block ends, nor what a killed run left before it."""
    wipe_spill(restricted)
    try:
        yield
    finally:
        wipe_spill(restricted)


def wipe_spill(restricted: Path) -> None:
    """Remove what the engine and the opened intake put aside: persons' rows in plain text."""
    shutil.rmtree(restricted / SPILL, ignore_errors=True)
