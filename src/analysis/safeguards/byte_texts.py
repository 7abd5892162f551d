"""What can be read in bytes that are to be published: the text of every format, opened as its readers open it.

Text files and the marked-up parts of web pages, documents, slides and workbooks, pictures inside pages, members of zip and
gzip archives, streams, strings and printed letters of PDF, text chunks of PNG. What a picture only draws is not
read here: it is drawn from a context, which is searched beside the files.
"""

import base64
import binascii
import gzip
import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache, lru_cache

DEEPEST = 4  # archives in archives, pictures in pages in archives
_DATA_ADDRESS = re.compile(rb"data:[\w/+.-]+;base64,([A-Za-z0-9+/=]+)")
# Marks inside a line; every other tag ends what stands before it. Word and PowerPoint split a word into several runs.
_TAG_IN_LINE = re.compile(
    r"</?(?:b|i|em|strong|span|a|u|r|t|[wa]:(?:r|t|rPr|proofErr)\b[^>]*)(?:\s[^>]*)?/?>"
)
_TAG = re.compile(r"<[^<>]*>")
_LETTERS_LOOK = re.compile(r"<(w:rPr|a:rPr|rPr)\b(?:[^>]*[^/>])?>.*?</\1>", re.DOTALL)
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_PDF_STRING = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]+>", re.DOTALL)
# One string, or several in brackets: the pieces of a line, with the shifts between letters.
_PDF_LINE = re.compile(rb"\[(?:\((?:\\.|[^\\()])*\)|[^\]()])*\]|" + _PDF_STRING.pattern, re.DOTALL)
# What begins as UTF-16 does, written plainly, in octal or in hexadecimal.
_WIDE_STRING = re.compile(
    rb"\((?:\xfe|\\376)(?:\xff|\\377)(?:\\.|[^\\()])*\)|<\s*[Ff][Ee][Ff][Ff][0-9A-Fa-f\s]*>", re.DOTALL
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_MAPPED = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>")
_MAPPED_RANGE = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>")
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_SINGLES = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)

LINE_END = 0x10000  # no glyph's number

Letters = dict[int, str]


def texts_of(data: bytes, depth: int = 0) -> Iterator[str]:
    """Yield every text that stands in a file's bytes; a damaged part gives what can be read of it."""
    try:
        yield from _texts(data, depth)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError):
        yield from _plain_texts(data, depth)  # damaged or closed: what stands in it as it is


def _texts(data: bytes, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if data.startswith(b"%PDF"):
        yield from _pdf_texts(data)
    elif data.startswith(b"\x89PNG"):
        yield from _png_texts(data)
    elif data.startswith(b"PK\x03\x04"):
        yield from _zip_texts(data, depth)
    elif data.startswith(b"\x1f\x8b"):
        yield from texts_of(gzip.decompress(data), depth + 1)
    else:
        yield from _plain_texts(data, depth)


def _plain_texts(data: bytes, depth: int) -> Iterator[str]:
    inner = [match.group(1) for match in _DATA_ADDRESS.finditer(data)]
    text = _decoded(_DATA_ADDRESS.sub(b" ", data) if inner else data)
    if text.lstrip("\ufeff \n").startswith("<"):
        yield "\n".join(dict.fromkeys(_TAG.findall(text)))  # attributes; a page repeats most of its tags
        yield html.unescape(_TAG.sub("\n", _TAG_IN_LINE.sub("", _LETTERS_LOOK.sub("", text))))
    else:
        # Cells and parts of sentences once each, in their order: a table repeats its units in every row.
        yield "\n".join(
            dict.fromkeys(text.replace("\n", ",").replace("\t", ",").replace(";", ",").split(","))
        )
    for encoded in inner:
        try:
            yield from texts_of(base64.b64decode(encoded), depth + 1)
        except binascii.Error:
            continue


def _decoded(data: bytes) -> str:
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if is_wide else "utf-8", errors="replace")


def _zip_texts(data: bytes, depth: int) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield "\n".join(archive.namelist())
        for name in archive.namelist():
            yield from _member_texts(archive.read(name), depth + 1)


@lru_cache(maxsize=128)  # documents of one kind share most of their members
def _member_texts(data: bytes, depth: int) -> tuple[str, ...]:
    return tuple(texts_of(data, depth))


def _png_texts(data: bytes) -> Iterator[str]:
    """Yield the text chunks (PNG, third edition, 11.3.3), and whatever stands behind the picture's end."""
    at = 8
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"tEXt":
            yield body.decode("latin-1")
        elif kind == b"zTXt":
            yield _inflated(body.partition(b"\0")[2][1:]).decode("latin-1")
        elif kind == b"iTXt":
            keyword, _, rest = body.partition(b"\0")
            text = rest[2:].split(b"\0", 2)[-1]
            yield (keyword + b"\n" + (_inflated(text) if rest[:1] == b"\x01" else text)).decode(
                "utf-8", "replace"
            )
        elif kind == b"IEND":
            break
    yield data[at:].decode("utf-8", errors="replace")


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data)
    except zlib.error:
        return b""


def _pdf_texts(data: bytes) -> Iterator[str]:
    """Yield a PDF's plain parts, its streams, its strings, and its printed letters by every font's own list."""
    parts, at = [], 0
    for match in _STREAM.finditer(data):
        end = data.find(b"endstream", match.end())
        if end > 0 and match.start() >= at:
            parts += [data[at : match.start()], _inflated(data[match.end() : end]) or data[match.end() : end]]
            at = end
    parts.append(data[at:])
    lists = [_letters(part) for part in parts if b"begincmap" in part]
    for part in parts:
        if b" Tf" in part:
            yield from _printed(part, lists)
        else:
            yield part.decode("utf-8", errors="replace")
        yield "\n".join(_wide_strings(part))


def _wide_strings(part: bytes) -> Iterator[str]:
    """Yield what is written as UTF-16: titles, outlines, alternative texts."""
    for written in _WIDE_STRING.findall(part):
        yield _string_bytes(written).decode("utf-16", errors="replace")


def _without_octals(part: bytes) -> bytes:
    """Return strings with bytes in place of octal escapes, but for those that would end or begin a string."""
    part = part.replace(rb"\\", rb"\134")  # no backslash before another is an escape of its own then
    for digits in set(_OCTAL.findall(part)):
        if (sign := bytes([int(digits, 8)])) not in b"()\\":
            part = part.replace(b"\\" + digits, sign)
    return part


def _string_bytes(written: bytes) -> bytes:
    """Return the bytes that a PDF string stands for, written in hexadecimal or with escapes."""
    if written.startswith(b"<"):
        digits = re.sub(rb"\s", b"", written[1:-1])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    if b"\\" not in written:
        return written[1:-1]
    return _ESCAPE.sub(_unescape, written[1:-1])


@cache
def _unescaped(sign: bytes) -> bytes:
    if sign[:1] in b"01234567":
        return bytes([int(sign, 8) & 0xFF])
    return b"" if sign.endswith(b"\n") else _ESCAPED.get(sign, sign)


def _unescape(match: "re.Match[bytes]") -> bytes:
    return _unescaped(match.group(1))


def _letters(listing: bytes) -> Letters:
    """Return glyph number → letters of one font (its ToUnicode list; PDF 1.7, 9.10.3)."""
    found: Letters = {}
    for block in _RANGES.findall(listing):
        for first, last, start in _MAPPED_RANGE.findall(block):
            low, high, base = int(first, 16), int(last, 16), int(start, 16)
            found |= {low + i: chr(base + i) for i in range(min(high - low, 0xFFFF) + 1)}
    for block in _SINGLES.findall(listing):
        for glyph, letters in _MAPPED.findall(block):
            found[int(glyph, 16)] = bytes.fromhex(letters.decode("ascii")).decode("utf-16-be", "replace")
    return found


def _printed(part: bytes, lists: list[Letters]) -> Iterator[str]:
    """Yield the strings of a page's drawing, as they stand and as each font's list reads them.

    All strings, also those that are not printed; the rest are operators and the coordinates of lines. Which font
    is set need not be followed: the others' readings are no words.
    """
    lines = _PDF_LINE.findall(_without_octals(b"\n".join(_PDF_LINE.findall(part))))
    strings = [b"".join(map(_string_bytes, _PDF_STRING.findall(line))) for line in lines]
    yield "\n".join(raw.decode("latin-1") for raw in strings)
    glyphs = [struct.unpack(f">{len(raw) // 2}H", raw[: len(raw) // 2 * 2]) for raw in strings]
    numbers = chr(LINE_END).join("".join(map(chr, line)) for line in glyphs)
    used = set(map(ord, numbers))
    for letters in lists:
        yield numbers.translate({number: letters.get(number, "\n") for number in used})
