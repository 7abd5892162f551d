"""Unpacking archives safely: names, sizes and ratios are judged before anything is written."""

import gzip
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import ZipFile, ZipInfo

from analysis.errors import DAMAGED_ZIP, says_disk_full
from analysis.intake.sources import (
    MAX_ARCHIVE_MEMBERS,
    MAX_ARCHIVE_RATIO,
    MAX_UNPACKED_BYTES,
    FileRefusedError,
    Leaf,
)

_CHUNK = 1024 * 1024
# Small files compress beyond any ratio without harm.
_HARMLESS_BYTES = 1024 * 1024
# The list of members at the end of a zip file: 1,000 of them with long names and remarks; where its length stands.
_LISTING_BYTES = 4 * 1024 * 1024
_END_BYTES = 64 * 1024 + 256


def unpack_gzip(leaf: Leaf, target: Path) -> Leaf:
    """Unpack a .gz file; raises FileRefusedError for a damaged one or one that swells too much."""
    limit = max(leaf.path.stat().st_size * MAX_ARCHIVE_RATIO, _HARMLESS_BYTES)
    try:
        with gzip.open(leaf.path, "rb") as source:
            _copy_limited(source, target, min(limit, MAX_UNPACKED_BYTES))
    except (OSError, EOFError, zlib.error) as error:
        if says_disk_full(error):
            raise
        raise FileRefusedError("file_unreadable", "the compressed file is damaged or cut short") from error
    return Leaf(leaf.source_file, target)


def _copy_limited(source: IO[bytes] | gzip.GzipFile, target: Path, limit: int) -> int:
    """Copy a stream to a file, counting real bytes; raises FileRefusedError beyond the limit."""
    written = 0
    with target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > limit:
                raise FileRefusedError("archive_bomb", "it unpacks to more than 100 times its size")
            out.write(chunk)
    return written


def check_listing(path: Path) -> None:
    """Refuse a zip file whose list of members is itself too large to be held, before anything reads it.

    Its length stands at the end of the file, or in a record before that where it takes more than 32 bits.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_BYTES))
        end = file.read()
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) < place + 16:
        raise FileRefusedError("file_unreadable", "the archive is damaged or cut short")
    length = int.from_bytes(end[place + 12 : place + 16], "little")
    if length == 0xFFFFFFFF and (wide := end.rfind(b"PK\x06\x06", 0, place)) >= 0:
        length = int.from_bytes(end[wide + 40 : wide + 48], "little")
    if length > _LISTING_BYTES:
        raise FileRefusedError("archive_bomb", f"more than {MAX_ARCHIVE_MEMBERS} members")


def check_sizes(path: Path) -> list[ZipInfo]:
    """Return the members of a zip file after judging their number, sizes and ratio."""
    check_listing(path)
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except DAMAGED_ZIP as error:
        raise FileRefusedError("file_unreadable", "the archive is damaged or cut short") from error
    total = sum(m.file_size for m in members)
    if len(members) > MAX_ARCHIVE_MEMBERS:
        raise FileRefusedError("archive_bomb", f"more than {MAX_ARCHIVE_MEMBERS} members")
    if total > MAX_UNPACKED_BYTES:
        raise FileRefusedError("archive_bomb", "it unpacks to more than 64 GiB")
    if total > max(path.stat().st_size * MAX_ARCHIVE_RATIO, _HARMLESS_BYTES):
        raise FileRefusedError("archive_bomb", f"it unpacks to more than {MAX_ARCHIVE_RATIO} times its size")
    return members


def unpack_zip(leaf: Leaf, folder: Path) -> Iterator[Leaf | tuple[str, FileRefusedError]]:
    """Yield the members of an archive, each unpacked to a neutral name in `folder`.

    A damaged member is yielded as its name and the reason; the others go on. Raises FileRefusedError
    when the archive as a whole is unsafe or a bomb.
    """
    everything = check_sizes(leaf.path)
    _check_names(everything)
    members = [m for m in everything if not m.is_dir() and not _is_clutter(m.filename)]
    with ZipFile(leaf.path) as archive:
        for number, member in enumerate(members):
            name = f"{leaf.source_file}!{member.filename}"
            target = folder / f"{folder.name}-{number:04d}.bin"
            try:
                yield Leaf(name, _unpack_member(archive, member, target))
            except FileRefusedError as refused:
                yield name, refused
            finally:
                target.unlink(missing_ok=True)


def _unpack_member(archive: ZipFile, member: ZipInfo, target: Path) -> Path:
    if member.flag_bits & 0x1:
        raise FileRefusedError("password_protected", "pack it without a password")
    try:
        with archive.open(member) as source:
            _copy_limited(source, target, member.file_size)
    except (*DAMAGED_ZIP, MemoryError) as error:
        if says_disk_full(error):
            raise
        raise FileRefusedError("file_unreadable", "the member is damaged or cut short") from error
    return target


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1].startswith((".", "~$")))


def _check_names(members: list[ZipInfo]) -> None:
    """Refuse an archive whose members could land outside a folder, are no files, or stand twice."""
    seen: set[str] = set()
    for member in members:
        raw = member.orig_filename
        parts = PurePosixPath(raw.replace("\\", "/")).parts
        kind = stat.S_IFMT(member.external_attr >> 16)
        if raw.startswith(("/", "\\")) or ".." in parts or (parts and ":" in parts[0]) or "\x00" in raw:
            raise FileRefusedError("archive_unsafe", "a member's path leads outside the archive")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise FileRefusedError("archive_unsafe", "a member is a link or a device, not a file")
        if member.filename.lower() in seen:
            raise FileRefusedError("archive_unsafe", "two members have one name")
        seen.add(member.filename.lower())
