"""The command line: `baophu init | lab | simulate | run | evaluate | backtest | worklist | status | verify | compare |
plan | templates | check | approve | release | keep | erase |
doctor`.

Only this module reads the clock. Every refusal is one line on the standard error, and the exit code says
its kind (interfaces, command line): 0 done, 1 a defect, 2 request or settings, 3 intake, 4 a check failed,
5 the environment, 6 another run holds the lock.
"""

import argparse
import errno
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analysis.command_line import build_parser
from analysis.commands import COMMANDS
from analysis.errors import INTERRUPTED, BaophuError, MachineError, RequestError, is_interruption, one_line
from analysis.safeguards.guarded_process import guarded_process

# These write rows of persons: whatever the caller's umask, their files are their owner's alone.
WITH_PERSONS = ("simulate", "run", "worklist", "audit", "lab")
OF_THE_MACHINE = (errno.ENOSPC, errno.EACCES, errno.EROFS)
PACKAGE = Path(__file__).resolve().parent
HO_CHI_MINH = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """Return the time in Viet Nam."""
    return datetime.now(HO_CHI_MINH)


def today() -> date:
    """Return today's date in Viet Nam."""
    return now().date()


def refuse_future(options: argparse.Namespace) -> None:
    """Raise RequestError for an `--as-of` that has not begun anywhere in Viet Nam yet."""
    day = getattr(options, "as_of", None)
    if day is not None and day > today():
        raise RequestError("--as-of: the date lies in the future; give a day that has come")


def defect_line(error: BaseException) -> str:
    """Say where an unforeseen error arose; its own text may hold a person's value and is left out."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if PACKAGE in Path(f.filename).parents]
    where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "unknown place"
    return (
        f"{type(error).__name__} in {where}: a defect of the programme; keep the intake and report this line"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        parser = build_parser()
        if not (sys.argv[1:] if arguments is None else arguments):
            parser.print_help()
            return 0
        options = parser.parse_args(arguments)
        refuse_future(options)
        options.started = now()
        with guarded_process(is_private=options.command in WITH_PERSONS):
            return COMMANDS[options.command](options, today())
    except BaophuError as error:
        print(f"baophu: {one_line(str(error))}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of the output has seen enough (`baophu evaluate … | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as error:
        if is_interruption(error):
            print("baophu: stopped; the same command goes on where it was", file=sys.stderr)
            return INTERRUPTED
        if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
            print(
                f"baophu: {error.strerror}: make room or mend the permissions, then run again",
                file=sys.stderr,
            )
            return MachineError.exit_code
        print(f"baophu: {defect_line(error)}", file=sys.stderr)
        return BaophuError.exit_code


if __name__ == "__main__":
    sys.exit(main())
