"""Sound files of every kind that is read, and what chance makes of them."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

import old_workbooks
from analysis.worklists.kinds import SECTIONS
from clean_samples import table
from faults.hostile_files import packed
from staged_samples import workbook

TEXT = table(*({"dose_record_id": f"M{n}", "full_name": "Lý Văn Ba"} for n in range(40)))
PIECES = [b"\x00", b'"', b"\n", b"\r", b",", b";", b"\t", b"=\"", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", b"PAR1", b"#N/A",
          b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b", b"9" * 400, "Đ̣̂".encode(), b"\n" * 3000, b'"' * 999, b"," * 20_000,
          b"</row>", b"<c r='XFD1048576'><v>1</v></c>", b"&#0;", b"&x;", b"<!DOCTYPE x>", b"-1", b"1e999", b"\xed\xa0\x80"]  # fmt: skip
REPORTS = (
    "report_date,province_code,district_code,doses_administered,dose_1\n" + "2021-10-01,02,024,12,1.234\n" * 9
)
REGISTRY = "citizen_id,full_name,birth_date,sex,permanent_commune_code,life_status\n" + "".join(
    f"002185{n:06},Lý Văn Ba,1985-03-25,Nam,00706,alive\n" for n in range(500)
)
TOML = (
    b"keep_runs = 3\norganisation = 'B'\n[due_windows]\nAbdala = [1, 2]\n[headers.platform]\n'a b' = 'note'\n"
)
ROWS: list[list[Any]] = [["Họ tên", "Ngày tiêm"], *[["Lý Văn Ba", "01/10/2021"]] * 9]
DATED: list[list[Any]] = [["Họ tên", "Ngày tiêm"], *[["Lý Văn Ba", date(2021, 10, 1)]] * 9]

Seeds = Mapping[str, bytes]


def parquet_of(path: Path, select: str) -> bytes:
    """Return the nine rows of a query as a parquet file."""
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT {select} FROM range(9)) TO '{path.as_posix()}' (FORMAT parquet)")
    return path.read_bytes()


def export_seeds(base: Path) -> Seeds:
    """Return a sound export of every kind that is read."""
    sheet = workbook(ROWS)
    return {
        "csv": TEXT.encode(),
        "csv16": TEXT.encode("utf-16"),
        "semicolons": TEXT.replace(",", ";").encode(),
        "quoted": TEXT.replace("Lý Văn Ba", '"Lý\nVăn ""Ba"""').encode(),
        "tcvn3": TEXT.replace("Lý Văn Ba", "NguyÔn V¨n §øc").encode("cp1252", errors="replace"),
        "gzip": gzip.compress(TEXT.encode()),
        "zip": packed({"a.csv": TEXT, "b.xlsx": sheet}),
        "xlsx": sheet,
        "merged": workbook([["Họ tên", "", "Ngày tiêm"], *ROWS[1:]], merged=[(0, 0, 0, 1)]),
        "xls": old_workbooks.xls(DATED),
        "xlsb": old_workbooks.xlsb(DATED),
        "ods": old_workbooks.ods(DATED),
        "parquet": parquet_of(base / "seed", "'Lý Văn Ba' AS full_name, '01/10/2021' AS vaccination_date"),
        "reports": REPORTS.encode(),
    }


def registry_seeds(base: Path) -> Seeds:
    """Return a sound extract of the registry in both of its forms."""
    select = (
        "'002185001234' AS citizen_id, 'Lý Văn Ba' AS full_name, '1985-03-25' AS birth_date, 'Nam' AS sex"
    )
    select += ", '00706' AS permanent_commune_code, 'alive' AS life_status"
    return {
        "csv": REGISTRY.encode(),
        "gzip": gzip.compress(REGISTRY.encode()),
        "parquet": parquet_of(base / "seed", select),
    }


def returned_seeds() -> Seeds:
    """Return a workbook of each section with the marks and headings of an issued list."""
    made = {}
    for name, section in SECTIONS.items():
        heads = [column.heading for column in section.columns]
        rows = [
            ["Mã danh sách: 5c2ba7377a26   Lần chạy: 2021-11-07-0f3a9c11"],
            heads,
            *[[f"cell {n}" for n, _ in enumerate(heads)]] * 3,
        ]
        made[name] = _renamed(workbook(rows), section.sheet)
    return made


def _renamed(book: bytes, sheet: str) -> bytes:
    return _with_parts(book, lambda name, part: part.replace(b'name="S"', f'name="{sheet}"'.encode()))


def _with_parts(book: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return an archive whose members were changed, packed anew: what is damaged lies behind a sound container."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return packed({name: change(name, archive.read(name)) for name in archive.namelist()})


def mutated(chance: random.Random, known: Seeds) -> bytes:
    """Return a file that nobody sent: a sound one changed in its bytes, or in one of its members' bytes."""
    data = chance.choice(list(known.values()))
    if data.startswith(b"PK") and chance.random() < 0.6:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            hit = chance.choice(archive.namelist())
        return _with_parts(data, lambda name, part: _damaged(chance, part, known) if name == hit else part)
    return _damaged(chance, data, known)


def _damaged(chance: random.Random, sound: bytes, known: Seeds) -> bytes:
    """Return bytes with some changed, cut, doubled, spliced or filled in."""
    data = bytearray(sound)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if data:
                data[min(place, len(data) - 1)] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randint(1, 200)]
            case 2:
                data[place:place] = data[place : place + chance.randint(1, 400)]
            case 3:
                data[place:place] = chance.choice(PIECES)
            case 4:
                data = data[:place]
            case _:
                data[place:] = chance.choice(list(known.values()))[chance.randrange(200) :]
    return bytes(data)
