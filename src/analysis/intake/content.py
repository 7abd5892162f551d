"""What a file is, told from its content and not from its name."""

import re
from pathlib import Path
from zipfile import ZipFile

from analysis.errors import DAMAGED_ZIP
from analysis.intake.formats.archives import check_listing
from analysis.intake.sources import FileRefusedError

_HEAD_BYTES = 4096
_MOST_MANIFEST_BYTES = 1024 * 1024
_PIECE = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"^\s*<(!doctype|html|head|body|table|meta|\?xml|div|script|style|workbook)", re.I)
_AS_WORKBOOK = "save it as .xlsx"
_TABLE_OF = "copy its table into a workbook and save that as .xlsx"
_PICTURE = "a picture; ask for the table as .xlsx"
_ARCHIVE = "an archive of another kind; unpack it and pack it as .zip"
_OTHER = {
    b"%PDF": "a PDF document; ask for the workbook it was printed from",
    b"{\\rtf": f"a text document; {_TABLE_OF}",
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF8": _PICTURE,
    b"II*\x00": _PICTURE,
    b"MM\x00*": _PICTURE,
    b"RIFF": _PICTURE,
    b"Rar!": _ARCHIVE,
    b"7z\xbc\xaf": _ARCHIVE,
    b"\x1f\x9d": _ARCHIVE,
    b"\xfd7zXZ": _ARCHIVE,
    b"BZh": _ARCHIVE,
    b"SQLite format 3": "a database; export its table as .csv",
    b"\x00\x01\x00\x00Standard ": "an Access database; export its table as .xlsx",
}
# Parts of a zip file that give away an office document; workbooks are told apart before.
_DOCUMENTS = {
    "word/": f"a Word document; {_TABLE_OF}",
    "ppt/": f"a presentation; {_TABLE_OF}",
    "index/": f"an Apple Numbers document; {_AS_WORKBOOK}",
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


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
        raise FileRefusedError("html_renamed", f"a web page or XML, not a table; open it and {_AS_WORKBOOK}")
    for magic, what in _OTHER.items():
        if head.startswith(magic):
            raise FileRefusedError("format_unknown", what)
    if _is_binary(head):
        is_picture = head.startswith(b"BM") or head[4:8] == b"ftyp"
        what = _PICTURE if is_picture else "not CSV, Excel, OpenDocument, Parquet or an archive of those"
        raise FileRefusedError("format_unknown", what)
    return "delimited"


def _kind_of_zip(path: Path) -> str:
    check_listing(path)
    try:
        with ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
            if "mimetype" in names and "content.xml" in names:
                return _kind_of_open_document(archive)
    except DAMAGED_ZIP as error:
        raise FileRefusedError("file_unreadable", "the archive is damaged or cut short") from error
    if any(name.endswith("vbaproject.bin") for name in names):
        raise FileRefusedError("macro_workbook", f"{_AS_WORKBOOK} without macros")
    if "[content_types].xml" in names and any(name.startswith("xl/") for name in names):
        return "workbook"
    is_document = "[content_types].xml" in names or any(name.endswith(".iwa") for name in names)
    if not is_document:
        return "archive"
    told = (what for part, what in _DOCUMENTS.items() if any(name.startswith(part) for name in names))
    raise FileRefusedError(
        "format_unknown", next(told, f"an office document, but not a workbook; {_TABLE_OF}")
    )


def _kind_of_open_document(archive: ZipFile) -> str:
    """Tell an OpenDocument workbook from texts, encrypted ones and ones with macros; others are archives."""
    if archive.getinfo("mimetype").file_size > _HEAD_BYTES:
        return "archive"
    kind = archive.read("mimetype").strip()
    if not kind.startswith(_OPEN_DOCUMENT):
        return "archive"
    if not kind.removeprefix(_OPEN_DOCUMENT).startswith(b"spreadsheet"):
        raise FileRefusedError("format_unknown", f"an OpenDocument text or picture; {_TABLE_OF}")
    names = archive.namelist()
    with archive.open("META-INF/manifest.xml") as manifest:
        if b"encryption-data" in manifest.read(_MOST_MANIFEST_BYTES):
            raise FileRefusedError("password_protected", "save it without a password")
    if any(name.startswith("Basic/") for name in names):
        raise FileRefusedError("macro_workbook", f"{_AS_WORKBOOK} without macros")
    return "workbook"


def _kind_of_ole(path: Path) -> str:
    """Tell an old Excel workbook from an encrypted one and from one with macros."""
    found = _words_in(path, ("EncryptedPackage", "_VBA_PROJECT", "WordDocument", "Workbook", "Book"))
    if "EncryptedPackage" in found:
        raise FileRefusedError("password_protected", "save it without a password")
    if "_VBA_PROJECT" in found:
        raise FileRefusedError("macro_workbook", f"{_AS_WORKBOOK} without macros")
    if "WordDocument" in found:
        raise FileRefusedError("format_unknown", _DOCUMENTS["word/"])
    if "Workbook" in found or "Book" in found:
        return "workbook"
    raise FileRefusedError("format_unknown", f"an office document, but not a workbook; {_TABLE_OF}")


def _words_in(path: Path, words: tuple[str, ...]) -> set[str]:
    """Return which words stand in a file in two bytes a letter; it is read piece by piece."""
    found: set[str] = set()
    carried = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            text = carried + piece
            found |= {word for word in words if word.encode("utf-16-le") in text}
            carried = text[-64:]
    return found


def _is_binary(head: bytes) -> bool:
    """Say whether bytes are no text at all: many control characters, and not two bytes a letter."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    if head.count(b"\x00") > len(head) // 4:
        halves = head[0::2].count(b"\x00"), head[1::2].count(b"\x00")
        return min(halves) * 4 > max(halves)
    return sum(b < 9 or 13 < b < 27 for b in head) > len(head) // 20
