"""Files torn, spliced and blown up: what a reader makes of any bytes is a table or a refusal, never anything else.

    python tests/faults/fuzzing.py 60

fuzzes the readers for that many minutes and prints what was tried; the short run stands in test_fuzz.py.
"""

import gzip
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb

from analysis.engine import connect
from analysis.errors import BaophuError, RequestError
from analysis.intake import open_folder
from analysis.intake.headers.finding import PLATFORM
from analysis.intake.opening import stop_opening
from analysis.settings import RunParameters, open_run, parse_as_of, read_settings
from clean_samples import table
from faults.hostile_files import packed
from staged_samples import workbook

TEXT = table(*({"dose_record_id": f"M{n}", "full_name": "Lý Văn Ba"} for n in range(40)))
PIECES = [b"\x00", b'"', b"\n", b"\r", b",", b";", b"\t", b"=\"", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", b"PAR1", b"#N/A",
          b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b", b"9" * 400, "Đ̣̂".encode(), b"\n" * 3000, b'"' * 999, b"," * 20_000]  # fmt: skip

Seeds = dict[str, bytes]


def seeds(base: Path) -> Seeds:
    """Return a sound file of every kind that is read."""
    parquet = base / "seed.parquet"
    with duckdb.connect() as con:
        row = "'Lý Văn Ba' AS full_name, '01/10/2021' AS vaccination_date"
        con.execute(f"COPY (SELECT {row} FROM range(9)) TO '{parquet.as_posix()}' (FORMAT parquet)")
    rows = [["Họ tên", "Ngày tiêm"], *[["Lý Văn Ba", "01/10/2021"]] * 9]
    sheet = workbook(rows)
    return {
        "csv": TEXT.encode(),
        "csv16": TEXT.encode("utf-16"),
        "semicolons": TEXT.replace(",", ";").encode(),
        "quoted": TEXT.replace("Lý Văn Ba", '"Lý\nVăn ""Ba"""').encode(),
        "tcvn3": TEXT.replace("Lý Văn Ba", "NguyÔn V¨n §øc").encode("cp1252", errors="replace"),
        "gzip": gzip.compress(TEXT.encode()),
        "zip": packed({"a.csv": TEXT, "b.xlsx": sheet}),
        "xlsx": sheet,
        "parquet": parquet.read_bytes(),
    }


def mutated(chance: random.Random, known: Seeds) -> bytes:
    """Return a file that nobody sent: a sound one with some bytes changed, cut, doubled, spliced or filled in."""
    data = bytearray(chance.choice(list(known.values())))
    for _ in range(chance.randint(1, 6)):
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


def open_one(run: RunParameters, data: bytes) -> str:
    """Open one file as an export; returns `read` or its reason. Raises AssertionError where it is lost or a reader fails."""
    path = run.raw / "platform" / "a.dat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    with connect(run) as con:
        intake = open_folder(con, run, "platform", PLATFORM)
        assert intake.staged or intake.set_aside, "neither a table nor a refusal"
        for staged in intake.staged:
            con.execute(
                "SELECT count(*), max(source_row) FROM read_parquet(?)", [staged.path.as_posix()]
            ).fetchall()
    failed = [aside.detail for aside in intake.set_aside if aside.detail.startswith("a reader failed")]
    assert not failed, failed
    return "read" if intake.staged else intake.set_aside[0].reason_code


def parse_one(base: Path, data: bytes) -> str:
    """Give bytes to the parsers of settings and of the command line; returns `read` or `refused`."""
    path = base / "baophu.toml"
    path.write_bytes(data[:70_000])
    refused = 0
    for parse in (lambda: read_settings(path), lambda: parse_as_of(data[:40].decode("latin-1"))):
        try:
            parse()
        except RequestError:
            refused += 1
    return "refused" if refused == 2 else "read"


TOML = (
    b"keep_runs = 3\norganisation = 'B'\n[due_windows]\nAbdala = [1, 2]\n[headers.platform]\n'a b' = 'note'\n"
)


def fuzz(seconds: float, seed: int, say: Callable[[str], None] = print) -> Counter[str]:
    """Fuzz readers and parsers for some seconds; returns what became of the files. A failure names its seed."""
    chance, outcomes = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        known, texts = seeds(base), {"toml": TOML}
        run = open_run(
            "2021-11-07", raw=str(base / "raw"), processed=str(base / "p"), previous="-", settings="-"
        )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data, text = mutated(chance, known), mutated(chance, texts)
            try:
                outcomes[open_one(run, data)] += 1
                outcomes[f"settings {parse_one(base, text)}"] += 1
            except (
                BaophuError,
                AssertionError,
                duckdb.Error,
                ValueError,
                LookupError,
                TypeError,
                RecursionError,
            ):
                say(f"seed {seed}, file {sum(outcomes.values())}: {data[:200]!r} … {text[:200]!r}")
                raise
    stop_opening()
    return outcomes


if __name__ == "__main__":
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    first = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    found = fuzz(minutes * 60, first)
    print(
        f"seed {first}: {sum(found.values())} inputs in {minutes:g} minutes, none lost: {dict(found.most_common())}"
    )
