"""Files torn, spliced and blown up: what a reader makes of any bytes is a table or a refusal, never anything else.

    python tests/faults/fuzzing.py 60

fuzzes readers and parsers for that many minutes, says what failed and goes on, and prints what was tried; the short
run stands in test_fuzz.py and ends with the first failure.
"""

import contextlib
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis.clean.decisions import DECISIONS
from analysis.clean.fields.sites import FACILITIES
from analysis.clean.registry import open_extract
from analysis.clean.report_kinds import report_kinds
from analysis.earlier_runs import read_intake_mark
from analysis.engine import connect
from analysis.errors import CheckError, IntakeError, RequestError
from analysis.intake.folder import open_folder
from analysis.intake.headers.schemas import PLATFORM, ROSTER, Schema
from analysis.intake.opening import stop_opening
from analysis.settings import RunParameters, open_run, parse_as_of, read_settings
from analysis.worklists.returned import read_returned
from analysis.worklists.take_answers import BY_SHEET
from faults.fuzz_seeds import TOML, export_seeds, mutated, registry_seeds, returned_seeds

SCHEMAS = (
    PLATFORM,
    PLATFORM,
    PLATFORM,
    ROSTER,
    FACILITIES,
    DECISIONS,
    *(kind.schema for kind in report_kinds()),
)
MARK = b'{"simulated": true, "note": "x"}'
Attempt = Callable[[], str]


def open_one(run: RunParameters, data: bytes, schema: Schema = PLATFORM) -> str:
    """Open one file as an export; returns `read` or its reason. Raises AssertionError where it is lost or a reader fails."""
    path = run.raw / schema.kind / "a.dat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    with connect(run) as con:
        intake = open_folder(con, run, schema.kind, schema)
        assert intake.staged or intake.set_aside, "neither a table nor a refusal"
        for staged in intake.staged:
            con.execute(
                "SELECT count(*), max(source_row) FROM read_parquet(?)", [staged.path.as_posix()]
            ).fetchall()
    failed = [aside.detail for aside in intake.set_aside if aside.detail.startswith("a reader failed")]
    assert not failed, failed
    return "read" if intake.staged else intake.set_aside[0].reason_code


def open_registry(run: RunParameters, data: bytes) -> str:
    """Open bytes as the registry's extract; returns `registry read` or `registry refused`."""
    path = run.raw / "registry" / ("a.csv.gz" if data.startswith(b"\x1f\x8b") else "a.dat")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    try:
        with connect(run) as con:
            open_extract(con, run)
    except IntakeError:
        return "registry refused"
    finally:
        path.unlink()
    return "registry read"


def open_returned(data: bytes) -> str:
    """Open bytes as a returned list; returns `list read` or `list refused`."""
    try:
        read_returned(data, BY_SHEET)
    except CheckError:
        return "list refused"
    return "list read"


def parse_one(base: Path, data: bytes, mark: bytes) -> str:
    """Give bytes to the parsers of settings, of the command line and of the intake's mark; returns what became of them."""
    path = base / "baophu.toml"
    path.write_bytes(data[:70_000])
    (base / "intake.json").write_bytes(mark)
    read = 0
    for parse in (
        lambda: read_settings(path),
        lambda: parse_as_of(data[:40].decode("latin-1")),
        lambda: read_intake_mark(base),
    ):
        with contextlib.suppress(RequestError):
            parse()
            read += 1
    return "settings read" if read else "settings refused"


def fuzz(seconds: float, seed: int, say: Callable[[str], None] | None = None) -> Counter[str]:
    """Fuzz readers and parsers for some seconds; returns what became of the files.

    A failure is raised, or with `say` told with the bytes that made it and counted as `FAILED`.
    """
    chance, outcomes = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        exports, extracts, lists = export_seeds(base), registry_seeds(base), returned_seeds()
        run = open_run(
            "2021-11-07", raw=str(base / "raw"), processed=str(base / "p"), previous="-", settings="-"
        )
        run.restricted.mkdir(parents=True)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data, schema = mutated(chance, exports), chance.choice(SCHEMAS)
            extract, answers = mutated(chance, extracts), mutated(chance, lists)
            text, mark = mutated(chance, {"toml": TOML}), mutated(chance, {"mark": MARK})
            attempts: dict[str, tuple[bytes, Attempt]] = {
                f"export {schema.kind}": (data, lambda: open_one(run, data, schema)),  # noqa: B023
                "registry": (extract, lambda: open_registry(run, extract)),  # noqa: B023
                "list": (answers, lambda: open_returned(answers)),  # noqa: B023
                "settings": (text + b"|" + mark, lambda: parse_one(base, text, mark)),  # noqa: B023
            }
            for what, (given, attempt) in attempts.items():
                outcomes[_tried(what, given, attempt, say)] += 1
    stop_opening()
    return outcomes


def _tried(what: str, given: bytes, attempt: Attempt, say: Callable[[str], None] | None) -> str:
    try:
        return attempt()
    except BaseException as error:
        if say is None or isinstance(error, KeyboardInterrupt):
            raise
        kept = Path(tempfile.gettempdir()) / f"fuzz-{abs(hash(given)):x}.bin"
        kept.write_bytes(given)
        where = traceback.extract_tb(error.__traceback__)[-1]
        say(
            f"{what}: {type(error).__name__} {str(error)[:200]} at {where.filename}:{where.lineno}, kept as {kept}"
        )
        return "FAILED"


if __name__ == "__main__":
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    first = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    found = fuzz(minutes * 60, first, lambda line: print(line, flush=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"seed {first}: {sum(found.values())} inputs in {minutes:g} minutes, {found['FAILED']} failed, this process "
        f"{peak} MB at most: {dict(found.most_common())}"
    )
