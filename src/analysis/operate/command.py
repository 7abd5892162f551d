"""The commands of a schedule: `keep`, `erase`, `doctor`."""

import argparse
from datetime import date
from pathlib import Path

from analysis.errors import MachineError
from analysis.settings import read_settings


def run_keep(options: argparse.Namespace, today: date) -> int:
    """Erase the rows of persons of all but the newest weeks and say how many files went."""
    from analysis.operate.retention import keep_weeks

    removed = keep_weeks(options.raw, options.processed, options.weeks)
    for day, files in removed.items():
        print(f"{day}: {files} files with rows of persons erased; counts and documents stay")
    print(f"{len(removed)} weeks erased; the newest {options.weeks} kept")
    return 0


def run_erase(options: argparse.Namespace, today: date) -> int:
    """Erase the rows of persons of one week and say how many files went."""
    from analysis.operate.retention import erase_week

    files = erase_week(options.raw, options.processed, options.as_of)
    print(f"{options.as_of}: {files} files with rows of persons erased; counts and documents stay")
    return 0


def run_doctor(options: argparse.Namespace, today: date) -> int:
    """Print a report that is safe to send, or write it to a file."""
    from analysis.operate.doctor import as_text, make_report

    default = Path("baophu.toml")
    settings = read_settings(options.settings or (default if default.is_file() else None))
    text = as_text(make_report(options.raw, options.processed, options.reports, settings))
    if options.out is None:
        print(text)
        return 0
    try:
        options.out.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise MachineError(f"--out: '{options.out.name}' cannot be written; give another place") from error
    print(f"{options.out.as_posix()}: versions, settings, counts and reasons; no person and no file is named")
    return 0
