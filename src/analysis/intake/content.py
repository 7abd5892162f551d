"""What a file is, told from its content and not from its name."""

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from analysis.intake.sources import FileRefusedError

_HEAD_BYTES = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"^\s*<(!doctype|html|head|body|table|meta|\?xml|div|script|style|workbook)", re.I)
_OTHER = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"BM",
    b"\x1f\x9d",
    b"\xfd7zXZ",
    b"BZh",
)


def kind_of(path: Path) -> str:
    """Return delimited, gzip, archive, workbook or parquet; raises FileRefusedError for anything else."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip(b"\x00\xef\xbb\xbf \t\r\n"):
        raise FileRefusedError("file_empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path)
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_OLE):
        return _kind_of_ole(path)
    if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise FileRefusedError("html_renamed", "a web page or XML, not a table")
    if head.startswith(_OTHER[:-3]) or _is_binary(head):
        raise FileRefusedError("format_unknown", "not CSV, Excel, Parquet or an archive of those")
    return "delimited"


def _kind_of_zip(path: Path) -> str:
    try:
        with ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (BadZipFile, OSError, ValueError) as error:
        raise FileRefusedError("file_unreadable", "the archive is damaged or cut short") from error
    if "[content_types].xml" not in names:
        return "archive"
    if any(name.endswith("vbaproject.bin") for name in names):
        raise FileRefusedError("macro_workbook", "save it as .xlsx without macros")
    if not any(name.startswith("xl/") for name in names):
        raise FileRefusedError("format_unknown", "an office document, but not a workbook")
    return "workbook"


def _kind_of_ole(path: Path) -> str:
    """Tell an old Excel workbook from an encrypted one and from one with macros."""
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FileRefusedError("password_protected", "save it without a password")
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise FileRefusedError("macro_workbook", "save it as .xlsx without macros")
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return "workbook"
    raise FileRefusedError("format_unknown", "an office document, but not a workbook")


def _is_binary(head: bytes) -> bool:
    """Say whether bytes are no text at all: many control characters, and not two bytes a letter."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    if head.count(b"\x00") > len(head) // 4:
        halves = head[0::2].count(b"\x00"), head[1::2].count(b"\x00")
        return min(halves) * 4 > max(halves)
    return sum(b < 9 or 13 < b < 27 for b in head) > len(head) // 20
