"""Search what leaves the restricted zone for planted people: in plain bytes and inside the formats."""

import io
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pypdf


def readings(path: Path) -> Iterator[str]:
    """Yield every reading of a file: its bytes, its zip members, its PDF text and streams, its rows."""
    yield from _bytes_as_text(path.read_bytes())
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                yield from _bytes_as_text(archive.read(member))
    if path.suffix == ".pdf":
        yield from _pdf_readings(path)
    if path.suffix == ".png":
        yield from _inflated(path.read_bytes())
    if path.suffix == ".parquet":
        with duckdb.connect() as con:
            yield repr(con.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall())


def _bytes_as_text(data: bytes) -> Iterator[str]:
    yield data.decode("utf-8", errors="replace")
    yield data.decode("utf-16-le", errors="replace")


def _inflated(data: bytes) -> Iterator[str]:
    for start in range(len(data)):
        if data[start : start + 1] == b"\x78":
            try:
                yield zlib.decompressobj().decompress(data[start:]).decode("latin-1")
            except zlib.error:
                continue


def _pdf_readings(path: Path) -> Iterator[str]:
    reader = pypdf.PdfReader(io.BytesIO(path.read_bytes()))
    yield repr(reader.metadata)
    for page in reader.pages:
        yield page.extract_text()
    for number in range(1, len(reader.xref[0]) + 1 if reader.xref else 1):
        item = reader.get_object(number)
        if isinstance(item, pypdf.generic.StreamObject):
            yield item.get_data().decode("utf-8", errors="replace")


def leaks(folders: Iterable[Path], values: Iterable[str]) -> list[str]:
    """Return `file: value number` of every planted value found below the folders, in a name or a reading."""
    planted = [_comparable(v) for v in values]
    found = []
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            texts = [_comparable(t) for t in (str(path), *readings(path))]
            found += [f"{path.name}: value {i}" for i, v in enumerate(planted) if any(v in t for t in texts)]
    return found


def _comparable(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
