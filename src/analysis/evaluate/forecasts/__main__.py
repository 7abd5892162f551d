"""`python -m analysis.evaluate.forecasts`: learn the coefficients and print their scores; Viet Nam's own campaign."""

import argparse
import sys
from datetime import date
from pathlib import Path

from analysis.errors import BaophuError
from analysis.evaluate.forecasts.training.command import run_training
from analysis.evaluate.forecasts.viet_nam import score_viet_nam


def main(arguments: list[str] | None = None) -> int:
    """Run a command; a refusal is one line and its exit code."""
    given = _parser().parse_args(arguments)
    try:
        if given.command == "train":
            print(run_training(given.series, given.out, given.date.isoformat(), given.methods))
        else:
            print(score_viet_nam(given.out))
    except BaophuError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analysis.evaluate.forecasts")
    commands = parser.add_subparsers(required=True, dest="command")
    train = commands.add_parser("train", help="learn the coefficients, score them on countries not seen")
    train.add_argument("--series", type=Path, required=True, help="weekly coverage, as for baophu backtest")
    train.add_argument("--date", type=date.fromisoformat, required=True, help="the day to write beside them")
    train.add_argument("--methods", nargs="*", default=["all"], help="baselines scored beside (default: all)")
    viet_nam = commands.add_parser("viet-nam", help="the weekly pace of all doses against what came")
    for command in (train, viet_nam):
        command.add_argument("--out", type=Path, required=True, help="folder for what is written")
    return parser


if __name__ == "__main__":
    sys.exit(main())
