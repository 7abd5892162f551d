"""Which encoding a delimited file is written in, decided by evidence, and its conversion to UTF-8.

Names used here: those of Python's codecs, and `tcvn3` and `vni` for single-byte files in those codes.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from analysis.intake.formats.legacy_text import from_tcvn3, from_vni, vietnamese_share
from analysis.intake.sources import MAX_LINE_CHARACTERS, FileRefusedError

SAMPLE_BYTES = 256 * 1024
# Share of the sample's accented words that must be Vietnamese, and the lead over the second best.
LOWEST_SHARE, LEAD = 0.6, 0.1
# Of the lines with letters beyond ASCII, how many may be in another encoding in a UTF-8 file.
FOREIGN_LINES_SHARE = 0.2
SAMPLE_LINES = 300
BLOCK_CHARACTERS = 1_000_000


def _mixed_1252(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are not UTF-8 as Windows-1252: their cells are repaired and flagged one by one."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    damaged = error.object[error.start : error.end]
    text = "".join(bytes([b]).decode("cp1252", errors="ignore") or chr(b) for b in damaged)
    return text, error.end


codecs.register_error("baophu_mixed", _mixed_1252)

# encoding name → (Python codec, conversion of the decoded text)
_LEGACY: dict[str, tuple[str, Callable[[str], str]]] = {
    "cp1258": ("cp1258", lambda text: unicodedata.normalize("NFC", text)),
    "tcvn3": ("latin-1", from_tcvn3),
    "vni": ("latin-1", from_vni),
}


def sniff_encoding(path: Path) -> str:
    """Name the encoding of a text file: utf-8, utf-8-mixed, utf-16(-le/-be), cp1258, tcvn3 or vni.

    Raises FileRefusedError `encoding_undecided` when the evidence does not decide.
    """
    sample = _telling_sample(path)
    if sample.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if wide := _wide_encoding(sample):
        return wide
    if _is_utf8(sample):  # as nearly every file: each of its lines is
        return "utf-8"
    lines = [line for line in re.split(rb"[\r\n]+", sample) if not line.isascii()]
    broken = sum(not _is_utf8(line) for line in lines)
    if not broken:
        return "utf-8"
    if broken <= len(lines) * FOREIGN_LINES_SHARE:
        return "utf-8-mixed"
    return _best_legacy(b"\n".join(lines[:SAMPLE_LINES]))


def _telling_sample(path: Path) -> bytes:
    """Return the first part of a file that has bytes beyond ASCII (or the very first part)."""
    with path.open("rb") as file:
        first = file.read(SAMPLE_BYTES)
        sample = first
        while sample.isascii() and b"\x00" not in sample:
            sample = file.read(SAMPLE_BYTES)
            if not sample:
                return first
        return sample + file.readline(MAX_LINE_CHARACTERS)


def _wide_encoding(sample: bytes) -> str | None:
    """Recognise UTF-16 without a byte order mark by where its zero bytes stand."""
    if not sample.count(b"\x00") > len(sample) // 4:
        return None
    return "utf-16-le" if sample[1::2].count(b"\x00") > sample[0::2].count(b"\x00") else "utf-16-be"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _best_legacy(sample: bytes) -> str:
    shares = {}
    for name, (codec, convert) in _LEGACY.items():
        text = convert(sample.decode(codec, errors="replace"))
        shares[name] = vietnamese_share(text.replace(";", " ").replace(",", " ").replace("\t", " ").split())
    ranked = sorted(((share or 0.0, name) for name, share in shares.items()), reverse=True)
    if ranked[0][0] < LOWEST_SHARE or ranked[0][0] - ranked[1][0] < LEAD:
        raise FileRefusedError("encoding_undecided", "the bytes fit no encoding clearly")
    return ranked[0][1]


def decoded_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, line ends kept, damaged bytes read as Windows-1252.

    Raises FileRefusedError for a line over a million characters before it is held in memory.
    """
    with path.open("r", encoding="utf-8-sig", errors="baophu_mixed", newline="") as file:
        while line := file.readline(MAX_LINE_CHARACTERS + 1):
            if len(line) > MAX_LINE_CHARACTERS:
                raise FileRefusedError("line_too_long", "a line has more than a million characters")
            yield line


def write_utf8(path: Path, target: Path, encoding: str) -> None:
    """Write a file anew in UTF-8, some thousand lines at a time; raises FileRefusedError."""
    lines = decoded_blocks(path, encoding)
    with target.open("w", encoding="utf-8", newline="") as out:
        for block in lines:
            out.write(block.removeprefix("\ufeff"))


def decoded_blocks(path: Path, encoding: str) -> Iterator[str]:
    """Yield the text of a file in blocks of whole lines; raises FileRefusedError."""
    codec, convert = _LEGACY.get(encoding, (encoding, str))
    errors = "replace" if encoding in _LEGACY else "strict"
    carried = ""
    try:
        with path.open("r", encoding=codec, errors=errors, newline="") as file:
            while text := file.read(BLOCK_CHARACTERS):
                whole, line_end, rest = text.rpartition("\n")
                if line_end:
                    yield convert(carried + whole + line_end)
                    carried = ""
                carried += rest
                if len(carried) > MAX_LINE_CHARACTERS:
                    raise FileRefusedError("line_too_long", "a line has more than a million characters")
    except UnicodeError as error:
        raise FileRefusedError("file_truncated", f"the text is not valid {encoding} to its end") from error
    yield convert(carried)
