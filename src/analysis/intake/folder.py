"""Opening one folder of the intake: every table staged, or set aside with its one reason."""

import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from analysis.engine import connect, make_private_folder
from analysis.errors import BaophuError, MachineError, RequestError, readable_name, says_disk_full
from analysis.intake.content import kind_of
from analysis.intake.formats.archives import unpack_gzip, unpack_zip
from analysis.intake.formats.delimited import stage_delimited
from analysis.intake.headers.finding import Header, Schema
from analysis.intake.opening import Request, Results, open_apart, stop_opening
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
# Numbers of tables are shared out evenly where files are opened apart: each file has room for as many as it may hold.
_ALL_NUMBERS = 2**31

# What has work done elsewhere, an item each: the run as the worker has it and the item, to its answer; in their order.
# The files of the items, whose size says which is begun first, come with them.
Spread = Callable[[Sequence[Any], Callable[[Any, Any], Any], Sequence[Path]], list[Any]]


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


@dataclass(frozen=True)
class Found:
    """A table that was staged or set aside: in which leaf file, and the hash of its bytes where they were looked at."""

    leaf: str
    digest: str
    result: StagedFile | SetAside


def open_folder(
    con: duckdb.DuckDBPyConnection,
    run: RunParameters,
    name: str,
    schema: Schema,
    spread: Spread | None = None,
) -> Intake:
    """Stage every table of the folder `name` of the intake; a missing folder is simply empty.

    With `spread` each file is opened by a worker of its own, and what repeats another file is found afterwards.
    Raises RequestError where the settings give two columns of one file the same field.
    """
    # As plain dictionaries, which can be given to another process.
    schema = dataclasses.replace(
        schema, headers=dict(schema.headers), typed=dict(run.settings.headers.get(name, {}))
    )
    paths = list_files(run.raw / name)
    if spread:
        items = [(path, place * (_ALL_NUMBERS // len(paths))) for place, path in enumerate(paths)]
        return _intake(_without_repeated(spread(items, partial(_open_apart, schema), paths)))
    opener = _Opener(con, run, schema)
    for path in paths:
        opener.open_file(path)
    return _intake(opener.found)


def _open_apart(schema: Schema, own: RunParameters, item: tuple[Path, int]) -> list[Found]:
    """Open one file of a folder where its worker is."""
    path, first = item
    with connect(own) as con:
        opener = _Opener(con, own, schema, first)
        try:
            opener.open_file(path)
        finally:
            stop_opening()
    return opener.found


def _intake(found: Iterable[Found]) -> Intake:
    results = [each.result for each in found]
    return Intake(
        [result for result in results if isinstance(result, StagedFile)],
        [result for result in results if isinstance(result, SetAside)],
    )


def _without_repeated(files: Iterable[list[Found]]) -> list[Found]:
    """Return what was found in all files, each without the leaves whose bytes an earlier one had (they count once)."""
    kept: list[Found] = []
    seen: dict[str, str] = {}
    for found in files:
        repeated: dict[str, str] = {each.leaf: seen[each.digest] for each in found if each.digest in seen}
        for leaf, group in _by_leaf(found):
            if leaf in repeated:
                _unlink(group)
                kept.append(Found(leaf, "", _repeats(leaf, repeated[leaf])))
            else:
                kept += group
        for each in found:
            if each.digest:
                seen.setdefault(each.digest, each.leaf)
    return kept


def _by_leaf(found: Iterable[Found]) -> list[tuple[str, list[Found]]]:
    groups: dict[str, list[Found]] = {}
    for each in found:
        groups.setdefault(each.leaf, []).append(each)
    return [*groups.items()]


def _unlink(found: Iterable[Found]) -> None:
    for each in found:
        if isinstance(each.result, StagedFile):
            each.result.path.unlink(missing_ok=True)


def _repeats(leaf: str, first: str) -> SetAside:
    return SetAside(leaf, "file_repeated", f"{SAME_AS}{first}")


class _Opener:
    """Opens leaf after leaf, unpacking archives, and remembers what was staged and what was not."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, run: RunParameters, schema: Schema, first: int = 0
    ) -> None:
        self.con, self.run, self.schema = con, run, schema
        self.folder = run.restricted / "spill" / "staged"
        make_private_folder(self.folder)
        self.found: list[Found] = []
        self._next = first
        self._seen: dict[str, str] = {}

    def open_file(self, path: Path) -> None:
        """Stage one file of the intake, unless what it is called or where it lies forbids it."""
        name = path.relative_to(self.run.raw).as_posix()
        leaf = Leaf(readable_name(name), path)
        if not path.resolve().is_relative_to(self.run.raw.resolve()):
            self._set_aside(leaf, "file_unreadable", "a link out of the intake")
        elif leaf.source_file != name:
            self._set_aside(leaf, "file_name_unreadable", "rename it")
        else:
            self.open_leaf(leaf)

    def open_leaf(self, leaf: Leaf, depth: int = 0) -> None:
        """Stage one file; what cannot be used is set aside with its reason."""
        before = len(self.found)
        try:
            stamp = _stamp(leaf.path)
            self._stage_leaf(leaf, depth)
            if _stamp(leaf.path) != stamp:
                raise FileRefusedError("still_being_written", "it changed while it was read")
        except FileRefusedError as refused:
            self._forget_from(before)
            self._set_aside(leaf, refused.reason_code, refused.detail, refused.header)
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
            self._set_aside(leaf, "file_unreadable", detail)

    def _set_aside(self, leaf: Leaf, reason: str, detail: str, header: Header | None = None) -> None:
        self.found.append(Found(leaf.source_file, "", SetAside(leaf.source_file, reason, detail, header)))

    def _forget_from(self, position: int) -> None:
        """Forget the tables staged since then, and that their bytes were seen: another copy may be sound."""
        forgotten = [each for each in self.found[position:] if isinstance(each.result, StagedFile)]
        _unlink(forgotten)
        self.found[position:] = [each for each in self.found[position:] if each not in forgotten]
        for each in forgotten:
            self._seen.pop(each.digest, None)

    def _stage_leaf(self, leaf: Leaf, depth: int) -> None:
        kind = kind_of(leaf.path)
        if kind == "archive":
            self._open_archive(leaf, depth)
            return
        if kind == "gzip":
            self._open_gzip(leaf, depth)
            return
        with leaf.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest in self._seen:
            self.found.append(Found(leaf.source_file, digest, _repeats(leaf.source_file, self._seen[digest])))
            return
        if kind == "delimited":
            staging = next(number_tables(self.folder, self.schema, self._next))
            results: Results = [stage_delimited(self.con, leaf, self.schema, staging)]
        else:
            results = open_apart(Request(self.run, self.schema, leaf, self.folder, self._next))
        self.found += [Found(leaf.source_file, digest, result) for result in results]
        self._next = max([self._next, *(r.source_id + 1 for r in results if isinstance(r, StagedFile))])
        self._seen[digest] = leaf.source_file

    def _open_archive(self, leaf: Leaf, depth: int) -> None:
        if depth:
            raise FileRefusedError("archive_bomb", "an archive inside an archive")
        found = False
        for member in unpack_zip(leaf, self.folder):
            found = True
            if isinstance(member, Leaf):
                self.open_leaf(member, depth + 1)
            else:
                self._set_aside(Leaf(member[0], leaf.path), member[1].reason_code, member[1].detail)
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


def _stamp(path: Path) -> tuple[int, int, bytes]:
    """Return what changes when a file is written to: size, time, and the bytes at both ends."""
    facts = path.stat()
    with path.open("rb") as file:
        head = file.read(_ENDS_BYTES)
        file.seek(max(0, facts.st_size - _ENDS_BYTES))
        return facts.st_size, facts.st_mtime_ns, hashlib.sha256(head + file.read()).digest()
