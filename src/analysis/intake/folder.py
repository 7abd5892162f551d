"""Opening one folder of the intake: every table staged, or set aside with its one reason."""

import dataclasses
import hashlib
import re
from pathlib import Path

import duckdb

from analysis.engine import make_private_folder
from analysis.errors import BaophuError, MachineError, RequestError, readable_name, says_disk_full
from analysis.intake.content import kind_of
from analysis.intake.formats.archives import unpack_gzip, unpack_zip
from analysis.intake.formats.delimited import stage_delimited
from analysis.intake.headers.finding import Schema
from analysis.intake.opening import Request, open_apart
from analysis.intake.sources import (
    SAME_AS,
    FileRefusedError,
    Intake,
    Leaf,
    SetAside,
    StagedFile,
    TwoHeadersError,
)
from analysis.intake.staging import number_tables
from analysis.safeguards.folders import walk_files
from analysis.settings import RunParameters

IGNORED_NAMES = ("thumbs.db", "desktop.ini", "readme.txt", "readme.md")
_ENDS_BYTES = 64 * 1024


def list_files(folder: Path) -> list[Path]:
    """Return the files of a folder and below it in a stable order; hidden and office lock files not.

    Numbers in names are compared as numbers: of two reports of one day the one in file 10 revises that of file 9.
    """
    files = [p for p in walk_files(folder) if not p.name.startswith((".", "~$"))]
    kept = [p for p in files if p.name.lower() not in IGNORED_NAMES]
    return sorted(kept, key=lambda p: _by_numbers(p.relative_to(folder).as_posix()))


def _by_numbers(name: str) -> tuple[list[str | int], str]:
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name


def require_intake(run: RunParameters) -> None:
    """Raise RequestError when the intake folder does not exist."""
    if not run.raw.is_dir():
        raise RequestError(f"--raw: the folder '{run.raw.name}' does not exist; give the week's intake")


def open_folder(con: duckdb.DuckDBPyConnection, run: RunParameters, name: str, schema: Schema) -> Intake:
    """Stage every table of the folder `name` of the intake; a missing folder is simply empty.

    Raises RequestError where the settings give two columns of one file the same field.
    """
    # As plain dictionaries, which can be given to another process.
    schema = dataclasses.replace(
        schema, headers=dict(schema.headers), typed=dict(run.settings.headers.get(name, {}))
    )
    opener = _Opener(con, run, schema)
    for path in list_files(run.raw / name):
        source_file = readable_name(path.relative_to(run.raw).as_posix())
        refused = None
        if not path.resolve().is_relative_to(run.raw.resolve()):
            refused = SetAside(source_file, "file_unreadable", "a link out of the intake")
        elif source_file != path.relative_to(run.raw).as_posix():
            refused = SetAside(source_file, "file_name_unreadable", "rename it")
        if refused:
            opener.intake.set_aside.append(refused)
        else:
            opener.open_leaf(Leaf(source_file, path))
    return opener.intake


class _Opener:
    """Opens leaf after leaf, unpacking archives, and remembers what was staged and what was not."""

    def __init__(self, con: duckdb.DuckDBPyConnection, run: RunParameters, schema: Schema) -> None:
        self.con, self.run, self.schema = con, run, schema
        self.folder = run.restricted / "spill" / "staged"
        make_private_folder(self.folder)
        self.intake = Intake()
        self._next = 0
        self._seen: dict[str, str] = {}

    def open_leaf(self, leaf: Leaf, depth: int = 0) -> None:
        """Stage one file; what cannot be used is set aside with its reason."""
        before = len(self.intake.staged)
        try:
            stamp = _stamp(leaf.path)
            self._stage_leaf(leaf, depth)
            if _stamp(leaf.path) != stamp:
                raise FileRefusedError("still_being_written", "it changed while it was read")
        except FileRefusedError as refused:
            self._forget_from(before)
            self.intake.set_aside.append(
                SetAside(leaf.source_file, refused.reason_code, refused.detail, refused.header)
            )
        except TwoHeadersError as twice:
            raise RequestError(
                f"settings: [headers.{twice.folder}] gives two columns of '{leaf.source_file}' the field "
                f"'{twice.field}'; keep one of the two",
                [leaf.source_file],
            ) from twice
        except (BaophuError, MemoryError, duckdb.OutOfMemoryException):
            raise
        except Exception as error:
            # Whatever a file does to a reader costs that file, not the week (sources fault-33).
            if says_disk_full(error):
                raise MachineError("the disk is full; make room and run the same command again") from None
            self._forget_from(before)
            detail = (
                "it cannot be read"
                if isinstance(error, OSError)
                else f"a reader failed: {type(error).__name__}"
            )
            self.intake.set_aside.append(SetAside(leaf.source_file, "file_unreadable", detail))

    def _forget_from(self, position: int) -> None:
        for staged in self.intake.staged[position:]:
            staged.path.unlink(missing_ok=True)
        del self.intake.staged[position:]

    def _stage_leaf(self, leaf: Leaf, depth: int) -> None:
        kind = kind_of(leaf.path)
        if kind == "archive":
            self._open_archive(leaf, depth)
            return
        if kind == "gzip":
            self._open_gzip(leaf, depth)
            return
        digest = self._refuse_repeated(leaf)
        if kind == "delimited":
            staging = next(number_tables(self.folder, self.schema, self._next))
            self._add(stage_delimited(self.con, leaf, self.schema, staging))
        else:
            for result in open_apart(Request(self.run, self.schema, leaf, self.folder, self._next)):
                self._add(result)
        self._seen[digest] = leaf.source_file

    def _add(self, result: StagedFile | SetAside) -> None:
        if isinstance(result, StagedFile):
            self.intake.staged.append(result)
            self._next = result.source_id + 1
        else:
            self.intake.set_aside.append(result)

    def _open_archive(self, leaf: Leaf, depth: int) -> None:
        if depth:
            raise FileRefusedError("archive_bomb", "an archive inside an archive")
        found = False
        for member in unpack_zip(leaf, self.folder):
            found = True
            if isinstance(member, Leaf):
                self.open_leaf(member, depth + 1)
            else:
                self.intake.set_aside.append(SetAside(member[0], member[1].reason_code, member[1].detail))
        if not found:
            raise FileRefusedError("file_empty", "the archive holds no file")

    def _open_gzip(self, leaf: Leaf, depth: int) -> None:
        target = self.folder / f"unpacked-{depth}.bin"
        try:
            unpacked = unpack_gzip(leaf, target)
            if kind_of(target) in ("archive", "gzip"):
                raise FileRefusedError("archive_bomb", "an archive inside an archive")
            self._stage_leaf(unpacked, depth + 1)
        finally:
            target.unlink(missing_ok=True)

    def _refuse_repeated(self, leaf: Leaf) -> str:
        """Refuse a file that has the same bytes as one already read (it counts once); return its hash."""
        with leaf.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest in self._seen:
            raise FileRefusedError("file_repeated", f"{SAME_AS}{self._seen[digest]}")
        return digest


def _stamp(path: Path) -> tuple[int, int, bytes]:
    """Return what changes when a file is written to: size, time, and the bytes at both ends."""
    facts = path.stat()
    with path.open("rb") as file:
        head = file.read(_ENDS_BYTES)
        file.seek(max(0, facts.st_size - _ENDS_BYTES))
        return facts.st_size, facts.st_mtime_ns, hashlib.sha256(head + file.read()).digest()
