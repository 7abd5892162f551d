"""What each command does, one function a command; the parser and the clock are in `__main__`."""

import argparse
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from analysis.audit.command import run_audit
from analysis.earlier_runs import read_intake_mark
from analysis.errors import CheckError, RequestError
from analysis.operate.command import run_doctor, run_erase, run_keep
from analysis.operate.hooks import tell_outcome
from analysis.operate.inspection import run_status, run_verify
from analysis.operate.project import run_init, run_lab
from analysis.operate.run_log import run_log
from analysis.progress import LOG
from analysis.release import run_approve, run_release
from analysis.safeguards import publishing
from analysis.safeguards.audit_log import audit_log_of, check_log
from analysis.safeguards.environment import require_locked
from analysis.safeguards.folders import wide_folder
from analysis.safeguards.guarded_process import open_to_readers
from analysis.safeguards.signatures import read_signing_key, sign_manifest
from analysis.settings import NONE, SETTINGS_FILE, RunParameters, open_run, parse_as_of
from analysis.worklists.command import run_worklist

DEFAULT_SETTINGS = Path(SETTINGS_FILE)
RAW = Path("data/raw")
PROCESSED = Path("data/processed")
MEMORY_LIMIT = re.compile(r"\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)", re.IGNORECASE)
MAX_WORKERS = 64


def run_simulate(options: argparse.Namespace, today: date) -> int:
    """Write a synthetic intake and say what it holds."""
    from analysis.simulate import simulate_country

    start = time.perf_counter()
    summary = simulate_country(
        options.out,
        options.as_of,
        scale=options.scale,
        province=options.province,
        seed=options.seed,
        error_rate=options.error_rate,
        progress=lambda line: print(line, flush=True),
        gzip=options.gzip,
        workers=options.workers,
    )
    speed = round(summary.rows / (time.perf_counter() - start))
    print(
        f"{summary.files} files in {options.out.as_posix()} hold {summary.rows} dose records and "
        f"{summary.citizens} citizens, all invented; the truth stands in {options.out.as_posix()}_truth; "
        f"{speed} rows a second"
    )
    return 0


def run_weekly(options: argparse.Namespace, today: date) -> int:
    """Run the weekly job and say what it made and where."""
    options.as_of = options.as_of or _latest_day(options, today)
    run, workers = _run_parameters(options)
    sign = partial(sign_manifest, key=read_signing_key(options.sign)) if options.sign else None
    _tell_of_the_log(run)
    _tell_of_wide_folders(run)
    is_first = not run.reports.exists()
    from analysis.check.finished import finding_lines  # the libraries take seconds: a refusal need not wait
    from analysis.job import run_weekly_job

    try:
        with run_log(run, workers, options.started):
            with tell_outcome(run.settings.hook, run.as_of) as told:
                if options.locked:
                    require_locked()
                result = run_weekly_job(run, workers, sign)
                told.summary = {"run_id": result.run_id, "made": result.made, "files": result.files}
            findings = finding_lines(run, as_typed=False)
            for line in (f"run {result.run_id}, made: {result.made}, {result.files} files", *findings):
                LOG.info(line)
    finally:
        if is_first and run.reports.is_dir():
            open_to_readers(run.reports, with_contents=False)
    for line in finding_lines(run, as_typed=True) if sys.stderr.isatty() else findings:
        print(line, file=sys.stderr)
    state = "made" if result.made else "up to date, nothing to do"
    folder = f"{run.reports.as_posix()}/{result.link}"
    print(f"run {result.run_id}: {state}; {result.files} files in {folder}, to be read from index.html on")
    print(
        f"audit log: head {result.log_head}; who writes it down can tell later whether the log was made anew"
    )
    return 0


def _latest_day(options: argparse.Namespace, today: date) -> date:
    """Return the day of the newest folder of `data/raw`, for `--latest`."""
    from analysis.check.look import newest_intake

    if options.raw:
        raise RequestError("--latest: that is the newest folder of data/raw; with --raw give --as-of")
    return parse_as_of(newest_intake(RAW, today).name)


def _tell_of_the_log(run: RunParameters) -> None:
    """Say that the audit log was changed by another hand: the week goes on, and every `verify` says so again."""
    try:
        check_log(audit_log_of(run.processed))
    except CheckError as error:
        print(f"baophu: {error}", file=sys.stderr)


def _tell_of_wide_folders(run: RunParameters) -> None:
    """Name the folders of persons' rows that other users of the machine can open; of invented people none."""
    if run.raw.is_dir() and read_intake_mark(run.raw)["simulated"]:
        return
    for folder in (run.raw, run.processed):
        if mode := wide_folder(folder):
            shown = folder.as_posix()
            print(f"baophu: {shown} is open to others (mode {mode}); `chmod -R go= {shown}`", file=sys.stderr)


def _settings_file(given: Path | None) -> Path | None:
    return given or (DEFAULT_SETTINGS if DEFAULT_SETTINGS.is_file() else None)


def _run_parameters(options: argparse.Namespace) -> tuple[RunParameters, int]:
    """Turn the options into checked parameters and the number of workers; raises RequestError."""
    as_of: date = options.as_of
    if not MEMORY_LIMIT.fullmatch(options.memory_limit):
        raise RequestError("--memory-limit: write a size such as 4GB")
    workers = min(os.cpu_count() or 1, MAX_WORKERS) if options.workers is None else options.workers
    if not 1 <= workers <= MAX_WORKERS:
        raise RequestError(f"--workers: a whole number from 1 to {MAX_WORKERS}")
    raw, processed, previous, settings = (
        str(path or "") for path in (options.raw, options.processed, options.previous, options.settings)
    )
    run = open_run(
        as_of.isoformat(),
        raw,
        processed,
        previous,
        str(options.reports),
        " ".join(options.province),
        options.memory_limit,
        settings=settings,
        accept_change=options.accept_change,
        home=Path(),
        language=options.language,
        engine=options.engine,
    )
    return run, workers


def run_evaluate(options: argparse.Namespace, today: date) -> int:
    """Print the scores of a run against truth."""
    for name, folder in (("--processed", options.processed), ("--truth", options.truth)):
        if not folder.is_dir():
            raise RequestError(f"{name}: the folder does not exist; check the path")
    from analysis.evaluate import evaluate_run

    print(evaluate_run(options.processed, options.truth))
    return 0


def run_backtest_command(options: argparse.Namespace, today: date) -> int:
    """Score the trend models on past weeks, the nowcast on past snapshots, and print the tables."""
    files = {"--series": options.series, "--triangle": options.triangle, "--products": options.products}
    for name, file in files.items():
        if file is not None and not file.is_file():
            raise RequestError(f"{name}: the file does not exist; check the path")
    from analysis.evaluate.forecasts import run_backtest

    methods = tuple(options.methods)
    print(run_backtest(options.series, options.out, methods, options.triangle, options.products))
    return 0


def run_compare(options: argparse.Namespace, today: date) -> int:
    """Print which published figures differ between two runs."""
    from analysis.compare import compare_as_json, compare_runs

    folders = [publishing.follow_link(options.reports, name) for name in (options.run_a, options.run_b)]
    print((compare_as_json if options.json else compare_runs)(*folders))
    return 0


def run_plan_command(options: argparse.Namespace, today: date) -> int:
    """Print the steps of clean, reconcile and coverage: as lines, as SQL, or as JSON."""
    from analysis import plans

    run = plans.plan_run(options.processed)
    stages = plans.chosen_stages(options.stage)
    lines = [line for stage in stages for line in plans.plan_lines(run, stage, options.processed is not None)]
    lines = plans.find_table(lines, options.table)
    if options.json:
        print(plans.as_json(lines, options.sql))
    else:
        print(plans.as_sql(lines) if options.sql else plans.as_text(lines))
    return 0


def run_templates(options: argparse.Namespace, today: date) -> int:
    """Write the workbooks to hand to provinces and the model of coordination rules, and say where they are."""
    if options.out.exists() and not options.out.is_dir():
        raise RequestError("--out: that is a file; give a folder")
    from analysis.briefing.coordination_rules import write_coordination_rules
    from analysis.intake.templates import write_templates

    paths = [*write_templates(options.out), write_coordination_rules(options.out)]
    print(f"{len(paths)} templates in {options.out.as_posix()}/: {', '.join(path.name for path in paths)}")
    return 0


def run_check(options: argparse.Namespace, today: date) -> int:
    """Look at an intake before the run, print what a run would make of it, and return the look's exit code."""
    from analysis.check import look, output
    from analysis.check.letters import write_letters

    dated = RAW / options.as_of.isoformat() if options.as_of else None
    raw = options.raw or dated or look.newest_intake(RAW, today)
    if not raw.is_dir():
        raise RequestError(f"--raw: the folder '{raw.name}' does not exist; give the week's intake")
    if options.letters and options.letters.exists() and not options.letters.is_dir():
        raise RequestError("--letters: that is a file; give a folder")
    as_of = options.as_of or look.day_of(raw, today)
    settings = options.settings.as_posix() if options.settings else ""
    run = open_run(
        as_of.isoformat(), raw.as_posix(), previous=NONE, memory_limit="2GB", settings=settings, home=Path()
    )
    findings = look.look_at(run)
    shown = output.as_json if options.json else output.as_text
    print(shown(findings, run.settings.language))
    if options.letters:
        for path in write_letters(findings, options.letters, as_of):
            print(path.as_posix(), file=sys.stderr)
    return findings.exit_code


COMMANDS: dict[str, Callable[[argparse.Namespace, date], int]] = {
    "init": run_init,
    "lab": run_lab,
    "simulate": run_simulate,
    "run": run_weekly,
    "evaluate": run_evaluate,
    "backtest": run_backtest_command,
    "worklist": run_worklist,
    "audit": run_audit,
    "status": run_status,
    "verify": run_verify,
    "compare": run_compare,
    "plan": run_plan_command,
    "templates": run_templates,
    "check": run_check,
    "approve": run_approve,
    "release": run_release,
    "keep": run_keep,
    "erase": run_erase,
    "doctor": run_doctor,
}
