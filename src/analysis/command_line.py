"""The parser of all commands: their options and what each is for (interfaces, command line)."""

import argparse
from pathlib import Path
from typing import NoReturn, TypeAlias

from analysis import __version__
from analysis.errors import RequestError
from analysis.settings import LANGUAGES, parse_as_of


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that refuses in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise the refusal as a RequestError."""
        raise RequestError(f"{message}; see `{self.prog} --help`")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = OneLineParser(
        prog="baophu",
        description="Clean, reconcile, measure and report vaccination coverage (bao phủ: coverage).",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"baophu {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _add_project(commands)
    _add_simulate(commands)
    _add_run(commands)
    _add_worklist(commands)
    _add_audit(commands)
    _add_checks(commands)
    _add_plan(commands)
    _add_templates(commands)
    _add_check(commands)
    _add_release(commands)
    _add_operate(commands)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[OneLineParser]"


def _command(commands: Commands, name: str, text: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=text, description=text, allow_abbrev=False)


def _add_project(commands: Commands) -> None:
    init = _command(commands, "init", "make a project folder: settings, folders, templates, notebooks")
    init.add_argument("folder", type=Path, metavar="DIR", help="new or empty")
    lab = _command(
        commands, "lab", "open JupyterLab on the project's notebooks; what cells show is not saved"
    )
    lab.add_argument("jupyter", nargs="*", metavar="OPTION", help="behind `--`: options of JupyterLab")


def _add_simulate(commands: Commands) -> None:
    simulate = _command(commands, "simulate", "write a synthetic intake, with its truth beside it")
    simulate.add_argument("--as-of", required=True, type=parse_as_of, metavar="YYYY-MM-DD")
    simulate.add_argument("--out", required=True, type=Path, metavar="DIR")
    simulate.add_argument("--scale", type=float, default=0.01, help="share of the real numbers, up to 1")
    simulate.add_argument("--province", help="two-digit GSO code: only this province's people")
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument(
        "--gzip", action="store_true", help="pack plain exports (.csv.gz), for a large scale"
    )
    simulate.add_argument("--workers", type=int, default=1, metavar="N", help="provinces made side by side")
    simulate.add_argument("--error-rate", type=float, default=1.0, help="multiple of the published errors")


def _add_run(commands: Commands) -> None:
    run = _command(commands, "run", "the weekly job: clean, reconcile, coverage, trends, briefings")
    day = run.add_mutually_exclusive_group(required=True)
    day.add_argument("--as-of", type=parse_as_of, metavar="YYYY-MM-DD")
    day.add_argument("--latest", action="store_true", help="the day of the newest folder of data/raw")
    run.add_argument("--raw", type=Path, metavar="DIR", help="default data/raw/<as-of>")
    run.add_argument("--processed", type=Path, metavar="DIR", help="default data/processed/<as-of>")
    run.add_argument("--previous", type=Path, metavar="DIR", help="default: the latest earlier run")
    run.add_argument("--reports", type=Path, default=Path("reports"), metavar="ROOT")
    run.add_argument("--province", nargs="+", default=[], help="two-digit GSO codes")
    run.add_argument("--workers", type=int, help="kernels side by side; default: the cores")
    run.add_argument("--memory-limit", default="4GB")
    run.add_argument(
        "--engine",
        default="",
        help="duckdb (default), spark://host:port, local-cluster[workers,cores,MB] or sc://host:port",
    )
    run.add_argument("--settings", type=Path, metavar="FILE", help="default baophu.toml where it exists")
    run.add_argument(
        "--language", choices=LANGUAGES, default="", help="of the documents; default: that of the settings"
    )
    run.add_argument("--sign", type=Path, metavar="KEY", help="sign the manifest: an Ed25519 secret key, PEM")
    run.add_argument("--locked", action="store_true", help="refuse packages that are not as locked")
    run.add_argument(
        "--accept-change",
        metavar="REASON",
        help="publish although the intake changed beyond belief; the reason stands on the pages",
    )


def _add_worklist(commands: Commands) -> None:
    worklist = _command(commands, "worklist", "write communes' closed lists, or take their answers back")
    worklist.add_argument("--as-of", type=parse_as_of, metavar="YYYY-MM-DD", help="the run the lists are of")
    worklist.add_argument(
        "--commune", nargs="+", default=[], metavar="CODE", help="GSO codes of units, or `all` that have rows"
    )
    worklist.add_argument(
        "--updates", action="store_true", help="corrections to enter on the platform, a list a facility"
    )
    worklist.add_argument(
        "--findings", action="store_true", help="registry findings, a list a province for its registry office"
    )
    worklist.add_argument(
        "--progress", action="store_true", help="how far each unit is with the lists it was sent"
    )
    worklist.add_argument("--recipient", metavar="KEY", help="age1…, its file, or a folder of <code>.txt")
    worklist.add_argument(
        "--passwords",
        type=Path,
        metavar="DIR",
        help="where only Excel exists: a private folder for passwords",
    )
    worklist.add_argument(
        "--bundles",
        action="store_true",
        help="also a bundle a district, and slips with the passwords to seal",
    )
    worklist.add_argument("--import", dest="returned", type=Path, metavar="FILE", help="an answered list")
    worklist.add_argument("--identity", type=Path, metavar="FILE", help="the secret key that opens it")
    worklist.add_argument("--password-file", type=Path, metavar="FILE", help="or the password that opens it")
    worklist.add_argument(
        "--decisions", type=Path, metavar="DIR", help="default data/raw/<as-of + 7 days>/decisions"
    )
    worklist.add_argument("--raw", type=Path, metavar="DIR", help="default data/raw/<as-of>")
    worklist.add_argument("--processed", type=Path, metavar="DIR", help="default data/processed/<as-of>")


def _add_audit(commands: Commands) -> None:
    audit = _command(commands, "audit", "measure the accuracy of a run's links by a blind sample of look-ups")
    actions = audit.add_subparsers(dest="action", required=True, metavar="action")
    draw = actions.add_parser(
        "draw", help="draw the sample and write a closed list a province", allow_abbrev=False
    )
    draw.add_argument("--as-of", required=True, type=parse_as_of, metavar="YYYY-MM-DD")
    draw.add_argument("--size", required=True, type=int, metavar="N", help="look-ups, over all strata")
    draw.add_argument("--province", nargs="+", default=[], metavar="CODE", help="only of these; default all")
    draw.add_argument("--seed", type=int, default=1, help="the same seed draws the same rows")
    draw.add_argument(
        "--recipient", required=True, metavar="KEY", help="age1…, its file, or a folder of <code>.txt"
    )
    draw.add_argument("--second-recipient", metavar="KEY", help="who looks contradictions up again")
    taken = actions.add_parser("import", help="take an answered list back", allow_abbrev=False)
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--as-of", type=parse_as_of, metavar="YYYY-MM-DD", help="default: as the list says")
    taken.add_argument("--identity", type=Path, metavar="FILE", help="the secret key that opens it")
    taken.add_argument("--password-file", type=Path, metavar="FILE", help="or the password that opens it")
    taken.add_argument(
        "--decisions", type=Path, metavar="DIR", help="default data/raw/<as-of + 7 days>/decisions"
    )
    report = actions.add_parser(
        "report", help="say how accurate the links are, with intervals", allow_abbrev=False
    )
    report.add_argument("--as-of", required=True, type=parse_as_of, metavar="YYYY-MM-DD")
    report.add_argument("--json", action="store_true", help="the same as data")
    for command in (draw, taken, report):
        command.add_argument("--raw", type=Path, metavar="DIR", help="default data/raw/<as-of>")
        command.add_argument("--processed", type=Path, metavar="DIR", help="default data/processed/<as-of>")


def _add_checks(commands: Commands) -> None:
    evaluate = _command(commands, "evaluate", "score a run against the truth of a simulation")
    evaluate.add_argument("--processed", required=True, type=Path, metavar="DIR")
    evaluate.add_argument("--truth", required=True, type=Path, metavar="DIR")
    backtest = _command(commands, "backtest", "score the trend models on the past weeks of a series")
    backtest.add_argument("--series", type=Path, metavar="FILE", help="weekly coverage of past campaigns")
    backtest.add_argument("--triangle", type=Path, metavar="FILE", help="daily snapshots: scores the nowcast")
    backtest.add_argument(
        "--products", type=Path, metavar="FILE", help="doses a day by product, for --series"
    )
    backtest.add_argument("--out", required=True, type=Path, metavar="DIR")
    backtest.add_argument("--methods", nargs="+", default=[])
    status = _command(commands, "status", "say what ran and how old it is")
    status.add_argument("--reports", type=Path, default=Path("reports"), metavar="ROOT")
    status.add_argument("--settings", type=Path, metavar="FILE", help="default baophu.toml where it exists")
    status.add_argument("--json", action="store_true", help="the same as data, for monitoring")
    verify = _command(commands, "verify", "check that published files and tables are what the run made")
    verify.add_argument("--as-of", required=True, type=parse_as_of, metavar="YYYY-MM-DD")
    verify.add_argument("--reports", type=Path, default=Path("reports"), metavar="ROOT")
    verify.add_argument("--processed", type=Path, metavar="DIR", help="default data/processed/<as-of>")
    verify.add_argument("--key", type=Path, metavar="FILE", help="the signer's public key, PEM")
    verify.add_argument("--json", action="store_true", help="the same as data")
    compare = _command(commands, "compare", "say which published figures differ between two runs")
    compare.add_argument("run_a", metavar="RUN_A", help="a run id or an as-of date")
    compare.add_argument("run_b", metavar="RUN_B")
    compare.add_argument("--reports", type=Path, default=Path("reports"), metavar="ROOT")
    compare.add_argument("--json", action="store_true", help="the same as data, every figure that differs")


def _add_plan(commands: Commands) -> None:
    plan = _command(commands, "plan", "print the steps of clean, reconcile and coverage in their order")
    plan.add_argument("stage", nargs="?", metavar="STAGE", help="clean, reconcile or coverage; default all")
    plan.add_argument("--table", metavar="NAME", help="only the step that makes this table")
    plan.add_argument(
        "--sql", action="store_true", help="each step's query, as a script that DuckDB runs alone"
    )
    plan.add_argument("--processed", type=Path, metavar="DIR", help="a finished run: its rows and seconds")
    plan.add_argument("--json", action="store_true", help="the same as data")


def _add_templates(commands: Commands) -> None:
    templates = _command(
        commands, "templates", "write workbooks to hand to provinces, one a folder of the intake"
    )
    templates.add_argument("--out", required=True, type=Path, metavar="DIR")


def _add_check(commands: Commands) -> None:
    check = _command(commands, "check", "look at an intake before the run: what a run would make of it")
    check.add_argument("--as-of", type=parse_as_of, metavar="YYYY-MM-DD", help="the intake's day")
    check.add_argument("--raw", type=Path, metavar="DIR", help="default: the newest folder of data/raw")
    check.add_argument("--settings", type=Path, metavar="FILE", help="default baophu.toml where it exists")
    check.add_argument("--json", action="store_true", help="the same as data, names from outside numbered")
    check.add_argument("--letters", type=Path, metavar="DIR", help="a note per sender of what to mend (DOCX)")


def _add_release(commands: Commands) -> None:
    approve = _command(commands, "approve", "write the checker's sheet of a run and record one approval")
    release = _command(commands, "release", "write the public copy of a run that two people have approved")
    for command in (approve, release):
        command.add_argument("--as-of", required=True, type=parse_as_of, metavar="YYYY-MM-DD")
        command.add_argument("--reports", type=Path, default=Path("reports"), metavar="ROOT")
        command.add_argument("--processed", type=Path, metavar="DIR", help="default data/processed/<as-of>")
    approve.add_argument("--name", required=True, help="who approves, as the sheet is signed")
    approve.add_argument(
        "--sheet-number", default="", metavar="NUMBER", help="the number of the signed sheet"
    )
    approve.add_argument("--signed", type=Path, metavar="FILE", help="the signed sheet that came back (PDF)")
    approve.add_argument(
        "--sign", type=Path, metavar="KEY", help="sign the approval: an Ed25519 secret key, PEM"
    )
    release.add_argument("--out", required=True, type=Path, metavar="DIR", help="empty, or this very release")


def _add_operate(commands: Commands) -> None:
    keep = _command(commands, "keep", "erase the rows of persons of all but the newest weeks")
    keep.add_argument("--weeks", required=True, type=int, metavar="N", help="how many weeks to keep")
    erase = _command(commands, "erase", "erase the rows of persons of one week")
    erase.add_argument("--as-of", required=True, type=parse_as_of, metavar="YYYY-MM-DD")
    doctor = _command(commands, "doctor", "write a report that is safe to send: versions, counts, reasons")
    doctor.add_argument("--out", type=Path, metavar="FILE", help="default: printed")
    doctor.add_argument("--settings", type=Path, metavar="FILE", help="default baophu.toml where it exists")
    doctor.add_argument("--reports", type=Path, default=Path("reports"), metavar="ROOT")
    for command in (keep, erase, doctor):
        command.add_argument("--raw", type=Path, default=Path("data/raw"), metavar="ROOT")
        command.add_argument("--processed", type=Path, default=Path("data/processed"), metavar="ROOT")
