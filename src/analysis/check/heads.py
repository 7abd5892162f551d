"""The heads of an intake's files: copied to a private folder, in the form that the files themselves have.

A head is a file of the same kind with fewer records, so that a run's own functions open it. Small files are copied
whole, and so is what cannot be cut without changing what a run would say of it.
"""

import gzip
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import duckdb

from analysis.check.sheet_heads import cut_workbook
from analysis.engine import sql_path
from analysis.errors import DAMAGED_ZIP
from analysis.intake.content import kind_of
from analysis.intake.folder import list_files
from analysis.intake.formats.encodings import sniff_encoding
from analysis.intake.sources import FileRefusedError

# Of a file of records, and of all files of a folder together: cleaning them takes seconds.
HEAD_RECORDS, LEAST_RECORDS = 2_000, 300
FOLDER_RECORDS = 20_000
HEAD_BYTES = 4 * 1024 * 1024
TAIL_RECORDS, TAIL_BYTES = 50, 64 * 1024
# Lines are counted up to here (about two seconds); beyond, their number is estimated from the head.
COUNTED_BYTES = 512 * 1024 * 1024
# Reports are counts of all days, and seldom large: their columns are judged as a whole.
WHOLE_REPORT_BYTES = 16 * 1024 * 1024
SAMPLED_FOLDERS = ("platform", "registry", "rosters")
_SMALL_BYTES = 64 * 1024
_PIECE = 1024 * 1024
_MOST_LINES_DROPPED = 200


@dataclass(frozen=True)
class Total:
    """The records of a whole file, its header among them, and whether they are estimated.

    Of a plain text the copy holds `head` lines of its beginning and `tail` lines of its end.
    """

    records: int
    is_estimated: bool = False
    head: int = 0
    tail: int = 0


@dataclass
class Heads:
    """The copied heads: their folder, and the totals of the files that were cut, by name in the results."""

    folder: Path
    totals: dict[str, Total] = field(default_factory=dict)

    def place(self, source_file: str, row: int) -> str:
        """Return the row of a whole file that a row of its copy is, both counted from 1; empty where it is unknown."""
        total = self.totals.get(source_file)
        if total is None or not total.tail or row <= total.head:
            return str(row)
        return "" if total.is_estimated else str(row + total.records - total.head - total.tail)


def copy_heads(raw: Path, target: Path, folders: list[str]) -> Heads:
    """Copy the head of every file of these folders of an intake."""
    heads = Heads(target)
    target.mkdir()
    for folder in folders:
        if (raw / folder).is_dir():
            (target / folder).mkdir()
        limit = _SMALL_BYTES if folder in SAMPLED_FOLDERS else WHOLE_REPORT_BYTES
        files = list_files(raw / folder)
        records = max(LEAST_RECORDS, min(HEAD_RECORDS, FOLDER_RECORDS // max(1, len(files))))
        for path in files:
            name = path.relative_to(raw).as_posix()
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not path.resolve().is_relative_to(raw.resolve()):
                copy.symlink_to(path.resolve())  # a run sets it aside, and so will the look
            else:
                totals = _copy_head(path, copy, limit, records)
                heads.totals |= {name + part: total for part, total in totals.items()}
    _tell_apart(raw, heads)
    return heads


def _copy_head(path: Path, copy: Path, limit: int, records: int) -> dict[str, Total]:
    """Copy one file's head; returns the totals of its tables by what follows the file's name."""
    try:
        kind = kind_of(path) if path.stat().st_size > limit else "small"
        if kind == "delimited":
            return _copy_lines(path, copy, records)
        if kind == "gzip":
            return _copy_gzip(path, copy, records)
        if kind == "parquet":
            return _copy_parquet(path, copy, records)
        if kind == "archive":
            return _copy_archive(path, copy, records)
        if kind == "workbook" and (totals := cut_workbook(path, copy, records)):
            return {f"#{sheet}": Total(rows) for sheet, rows in totals.items()}
    except (FileRefusedError, *DAMAGED_ZIP, duckdb.Error):
        pass  # a run will say why it cannot be used, and needs the file as it is for that
    shutil.copyfile(path, copy)
    return {}


def _copy_lines(path: Path, copy: Path, records: int) -> dict[str, Total]:
    encoding = sniff_encoding(path)
    if encoding == "utf-32":
        raise FileRefusedError("format_unknown")
    with path.open("rb") as file:
        head = read_head(file, records, is_wide=encoding in ("utf-16", "utf-16-le"))
        size = path.stat().st_size
        tail = b"" if encoding.startswith("utf-16") else read_tail(file, max(len(head), size - TAIL_BYTES))
        copy.write_bytes(head + tail)
        if len(head) >= size:
            return {}
        in_head, in_tail = head.count(b"\n"), len(tail.splitlines())
        if size > COUNTED_BYTES:
            return {"": Total(int(in_head * size / len(head)), True, in_head, in_tail)}
        return {"": Total(in_head + _count_lines(file, len(head)), False, in_head, in_tail)}


def read_head(file: IO[bytes] | gzip.GzipFile, records: int, is_wide: bool = False) -> bytes:
    """Return the first records of a text, cut where a record ends.

    `is_wide`: of two bytes a letter, the second of a line end stands behind the break.
    """
    lines: list[bytes] = []
    size = 0
    while len(lines) < records and size < HEAD_BYTES:
        line = file.readline(HEAD_BYTES)
        if not line:
            return b"".join(lines)
        lines.append(line)
        size += len(line)
    quotes = b"".join(lines).count(b'"') % 2
    dropped = 0
    while quotes and dropped < min(_MOST_LINES_DROPPED, len(lines) - 1):
        dropped += 1
        quotes ^= lines[-dropped].count(b'"') % 2
    kept = lines[: len(lines) - dropped] if dropped and not quotes else lines
    head = b"".join(kept)
    if not head.endswith(b"\n"):
        head = head[: head.rfind(b"\r") + 1] or head
    return head + b"\x00" * (is_wide and head.endswith(b"\n"))


def read_tail(file: IO[bytes], start: int) -> bytes:
    """Return the last lines of a text that begin behind `start`: whether it is cut short, and its latest days.

    Nothing where a quoted cell may reach over a line's end.
    """
    file.seek(start)
    lines = file.read().split(b"\n")[1:]
    while lines and not lines[-1].strip():
        lines.pop()
    lines = lines[-TAIL_RECORDS:]
    if any(line.count(b'"') % 2 for line in lines):
        return b""
    file.seek(-1, 2)
    return b"\n".join(lines) + b"\n" * (bool(lines) and file.read() == b"\n")


def _count_lines(file: IO[bytes] | gzip.GzipFile, start: int) -> int:
    file.seek(start)
    count, last = 0, b"\n"
    while piece := file.read(_PIECE):
        count += piece.count(b"\n")
        last = piece.rstrip(b"\x00")[-1:]
    return count + (last != b"\n")


def _copy_gzip(path: Path, copy: Path, records: int) -> dict[str, Total]:
    with gzip.open(path, "rb") as file:
        head = read_head(file, records)
        copy.write_bytes(gzip.compress(head, mtime=0))
        if path.stat().st_size * 8 <= COUNTED_BYTES:
            more = _count_lines(file, len(head))
            return {"": Total(head.count(b"\n") + more)} if more else {}
    share = copy.stat().st_size / path.stat().st_size
    return {"": Total(int(head.count(b"\n") / share), is_estimated=True)}


def _copy_parquet(path: Path, copy: Path, records: int) -> dict[str, Total]:
    source = sql_path(path)
    with duckdb.connect() as con:
        rows = con.execute(f"SELECT num_rows FROM parquet_file_metadata({source})").fetchall()[0][0]
        con.execute(
            f"COPY (SELECT * FROM read_parquet({source}) LIMIT {records}) TO {sql_path(copy)} (FORMAT parquet)"
        )
    return {"": Total(int(rows) + 1)}


def _copy_archive(path: Path, copy: Path, records: int) -> dict[str, Total]:
    """Pack the heads of an archive's members anew; an unusual archive is left to be copied whole."""
    totals: dict[str, Total] = {}
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.flag_bits & 0x1 or member.orig_filename != member.filename:
                raise FileRefusedError("archive_unsafe")
            with old.open(member) as source:
                first = source.read(4)
            with old.open(member) as source:
                if first.startswith((b"PK", b"PAR1", b"\xd0\xcf", b"\x1f\x8b", b"\xff\xfe")):
                    data = source.read()
                else:
                    data = read_head(source, records)
                    more = sum(piece.count(b"\n") for piece in iter(lambda: source.read(_PIECE), b""))
                    if more:
                        totals[f"!{member.filename}"] = Total(data.count(b"\n") + more)
            new.writestr(member, data)
    return totals


def _tell_apart(raw: Path, heads: Heads) -> None:
    """Shorten a head by a record while it equals the head of another file: a run compares whole files."""
    seen: dict[bytes, Path] = {}
    for name, total in heads.totals.items():
        copy = heads.folder / name
        if total.records and copy.is_file():
            data = copy.read_bytes()
            while data in seen and not _same_bytes(raw / name, seen[data]):
                shorter = _one_record_less(data)
                if shorter == data:
                    break
                data = shorter
            copy.write_bytes(data)
            seen.setdefault(data, raw / name)


def _one_record_less(data: bytes) -> bytes:
    """Return a delimited head, packed or not, without its last line; another kind as it is."""
    if data.startswith(b"\x1f\x8b"):
        return gzip.compress(_one_record_less(gzip.decompress(data)), mtime=0)
    end = data.rstrip(b"\r\n\x00").rfind(b"\n")
    return data[: end + 1] if end > 0 and not data.startswith((b"PAR1", b"PK")) else data


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while piece := first.read(_PIECE):
            if piece != second.read(_PIECE):
                return False
    return True
