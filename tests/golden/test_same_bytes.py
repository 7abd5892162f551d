"""The same intake, code and parameters give the same bytes, whatever the folder, machine and day."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis import __file__ as package
from analysis.safeguards.run_record import hash_folder
from conftest import PublishedRun, run_province
from golden.tiny_intake import AS_OF, write_tiny_intake

AHEAD_SECONDS = 8 * 366 * 86_400 + 4_321
# Read by every Python that the run starts: a machine of one core whose clock goes ahead.
ANOTHER_MACHINE = f"""
import os, time
os.cpu_count = lambda: 1
seconds, nanoseconds, local, utc = time.time, time.time_ns, time.localtime, time.gmtime
if not os.environ.get("LD_PRELOAD"):
    time.time = lambda: seconds() + {AHEAD_SECONDS}
    time.time_ns = lambda: nanoseconds() + {AHEAD_SECONDS} * 10**9
    time.localtime = lambda at=None: local(time.time() if at is None else at)
    time.gmtime = lambda at=None: utc(time.time() if at is None else at)
"""
# The same for all that asks the system itself, where a compiler is at hand.
CLOCK = f"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
int clock_gettime(clockid_t kind, struct timespec *now) {{
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(kind, now);
    if (!failed && kind == CLOCK_REALTIME) now->tv_sec += {AHEAD_SECONDS};
    return failed;
}}
time_t time(time_t *kept) {{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept) *kept = now.tv_sec;
    return now.tv_sec;
}}
int gettimeofday(struct timeval *kept, void *zone) {{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    kept->tv_sec = now.tv_sec;
    kept->tv_usec = now.tv_nsec / 1000;
    return 0;
}}
"""


def moved_clock(folder: Path) -> dict[str, str]:
    """Return the environment that moves the system's clock for every program; nothing where it cannot be made."""
    compiler = shutil.which("cc") if sys.platform == "linux" else None
    if not compiler:
        return {}
    (folder / "clock.c").write_text(CLOCK, encoding="utf-8")
    library = folder / "clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / "clock.c", "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


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
        **moved_clock(base / "machine"),
    }
    year = "import time; print(time.gmtime().tm_year - 8)"
    now = subprocess.run(
        [sys.executable, "-c", year], env={**os.environ, **elsewhere}, capture_output=True, text=True
    )
    assert int(now.stdout) in (time.gmtime().tm_year, time.gmtime().tm_year + 1)
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
