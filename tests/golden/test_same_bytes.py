"""The same intake, code and parameters give the same bytes, whatever the folder, machine and day."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import __file__ as package
from analysis.safeguards.run_record import hash_folder
from conftest import PublishedRun, run_province
from golden.tiny_intake import AS_OF, write_tiny_intake

# Read by every Python that the run starts: a machine of one core whose clock goes eight years ahead.
ANOTHER_MACHINE = """
import datetime, os, time
AHEAD = 8 * 366 * 86400 + 4321
os.cpu_count = lambda: 1
seconds, nanoseconds, local, utc = time.time, time.time_ns, time.localtime, time.gmtime
time.time = lambda: seconds() + AHEAD
time.time_ns = lambda: nanoseconds() + AHEAD * 10**9
time.localtime = lambda at=None: local(time.time() if at is None else at)
time.gmtime = lambda at=None: utc(time.time() if at is None else at)


class Kind(type):
    def __instancecheck__(cls, value):
        return isinstance(value, cls.__mro__[1])


class date(datetime.date, metaclass=Kind):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(time.time())


class moment(datetime.datetime, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.utcfromtimestamp(time.time())

    today = now


datetime.date, datetime.datetime = date, moment
"""


def run_on_another_machine(base: Path) -> None:
    """Run the tiny province on one core, in another year, time zone and locale, with other hashes of texts."""
    (base / "machine").mkdir()
    (base / "machine" / "sitecustomize.py").write_text(ANOTHER_MACHINE, encoding="utf-8")
    paths = ["--raw", base / "raw", "--processed", base / "processed" / AS_OF, "--reports", base / "reports"]
    command = [sys.executable, "-m", "analysis", "run", "--as-of", AS_OF, "--province", "02", *paths]
    elsewhere = {
        "PYTHONPATH": os.pathsep.join([str(base / "machine"), str(Path(package).parents[1])]),
        "PYTHONHASHSEED": "20211107",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "LANG": "C",
    }
    done = subprocess.run(
        [str(word) for word in command], env={**os.environ, **elsewhere}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_second_run_elsewhere_makes_the_same_bytes(tiny: PublishedRun, tmp_path: Path) -> None:
    write_tiny_intake(tmp_path / "raw")
    run_on_another_machine(tmp_path)
    again = tmp_path / "processed" / AS_OF / "aggregate"
    assert hash_folder(again) == hash_folder(tiny.run.aggregate)
    assert hash_folder(tmp_path / "reports" / AS_OF) == hash_folder(tiny.folder)
    # A table that was lost since is made again, though its pages stand: next week and the worklists need it.
    for lost in (
        again / "coverage.parquet",
        tmp_path / "processed" / AS_OF / "restricted" / "decisions.parquet",
    ):
        lost.unlink()
    assert run_province(tmp_path) == 0
    assert hash_folder(again) == hash_folder(tiny.run.aggregate)
    assert hash_folder(tmp_path / "reports" / AS_OF) == hash_folder(tiny.folder)


def test_running_again_is_a_no_op(tiny: PublishedRun, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_province(tiny.run.raw.parent) == 0
    assert "up to date, nothing to do" in capsys.readouterr().out
