"""A PDF in fewer bytes: what is no stream is packed into streams of objects (PDF 1.7, 7.5.7 and 7.5.8).

The tags of a table, one object a cell, are half of a tagged document as it is compiled, and almost all alike. The
same file gives the same bytes; pages, tags and texts stay what they were.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_OBJECT = re.compile(rb"(\d+) (\d+) obj\b\s*", re.ASCII)
_STREAM = re.compile(rb">>\s*stream\r?\n")
_LENGTH = re.compile(rb"/Length (\d+)")
_TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref", re.DOTALL)
OBJECTS_A_STREAM = 400
FIELDS = (1, 4, 2)  # bytes of the three fields of an entry of the cross-reference stream


@dataclass(frozen=True)
class _Object:
    number: int
    body: bytes
    is_stream: bool


def packed_pdf(data: bytes) -> bytes:
    """Return the same document with its plain objects packed; one that is not laid out as expected stays as it is."""
    trailer = _TRAILER.search(data)
    if trailer is None or b"/Encrypt" in trailer[1] or b"/Prev" in trailer[1]:
        return data
    objects = list(_objects(data))
    if not objects:
        return data
    return _written(data[: data.index(b"\n", data.index(b"\n") + 1) + 1], objects, trailer[1])


def _objects(data: bytes) -> Iterator[_Object]:
    """Yield the objects of a file in their order; a stream is skipped by its length, whatever it holds."""
    at = 0
    while found := _OBJECT.search(data, at):
        start = found.end()
        end = data.index(b"endobj", start)
        opened = _STREAM.search(data, start, end)
        if opened is None:
            yield _Object(int(found[1]), data[start:end].strip(), False)
        else:
            length = _LENGTH.search(data, start, opened.start())
            end = data.index(b"endobj", opened.end() + (int(length[1]) if length else 0))
            yield _Object(int(found[1]), data[start:end].strip(), True)
        at = end + len(b"endobj")


def _written(head: bytes, objects: list[_Object], trailer: bytes) -> bytes:
    """Write header, streams, packed objects and the list of where each is."""
    out = bytearray(head)
    entries: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
    for item in objects:
        if item.is_stream:
            entries[item.number] = (1, len(out), 0)
            out += b"%d 0 obj\n%b\nendobj\n" % (item.number, item.body)
    plain = [item for item in objects if not item.is_stream]
    free = max(entries.keys() | {item.number for item in plain}) + 1
    for start in range(0, len(plain), OBJECTS_A_STREAM):
        group = plain[start : start + OBJECTS_A_STREAM]
        entries[free] = (1, len(out), 0)
        entries |= {item.number: (2, free, place) for place, item in enumerate(group)}
        out += _object_stream(free, group)
        free += 1
    place = len(out)
    entries[free] = (1, place, 0)
    out += _reference_stream(free, entries, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % place)


def _object_stream(number: int, group: list[_Object]) -> bytes:
    bodies = b"\n".join(item.body for item in group)
    pairs, at = [], 0
    for item in group:
        pairs.append(b"%d %d" % (item.number, at))
        at += len(item.body) + 1
    first = b" ".join(pairs) + b"\n"
    content = zlib.compress(first + bodies, 9)
    about = b"<</Type/ObjStm/N %d/First %d/Length %d/Filter/FlateDecode>>" % (
        len(group),
        len(first),
        len(content),
    )
    return b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, about, content)


def _reference_stream(number: int, entries: dict[int, tuple[int, int, int]], trailer: bytes) -> bytes:
    size = max(entries) + 1
    rows = (entries.get(i, (0, 0, 0)) for i in range(size))
    table = b"".join(
        value.to_bytes(width, "big") for row in rows for value, width in zip(row, FIELDS, strict=True)
    )
    content = zlib.compress(table, 9)
    kept = re.sub(rb"/Size \d+", b"", trailer).strip()
    widths = b" ".join(b"%d" % width for width in FIELDS)
    about = b"<</Type/XRef/Size %d/W[%b]%b/Length %d/Filter/FlateDecode>>" % (
        size,
        widths,
        kept,
        len(content),
    )
    return b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, about, content)
