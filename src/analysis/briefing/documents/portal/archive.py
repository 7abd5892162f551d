"""Everything of a run in one file: for who takes it along, or puts it where there is no network."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

ARCHIVE = "tat-ca.zip"
LEVEL = 6
MOMENT = (1980, 1, 1, 0, 0, 0)  # of every file: the same documents give the same bytes
MODE = 0o100644 << 16
UNIX = 3


def write_archive(folder: Path, alone: Mapping[str, bytes], top: str) -> Path:
    """Write every file of a run's `folder` into its archive, below one folder called `top`.

    `alone` are the index pages as they stand in the archive: beside them lie neither the archive nor other weeks.
    The same files give the same bytes.
    """
    path = folder / ARCHIVE
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name in sorted({*files, *alone} - {ARCHIVE}):
            member = zipfile.ZipInfo(f"{top}/{name}", MOMENT)
            member.compress_type, member.external_attr, member.create_system = (
                zipfile.ZIP_DEFLATED,
                MODE,
                UNIX,
            )
            archive.writestr(member, alone[name] if name in alone else files[name].read_bytes())
    return path
