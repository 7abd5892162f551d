"""The weekly job: the stages in their order, the briefings of all units, and one publication."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from analysis import __version__
from analysis.briefing.documents.documents import (
    CONTEXT_FILE,
    document_stem,
    languages_of,
    unit_folder,
)
from analysis.briefing.documents.portal.weeks import write_week_list
from analysis.briefing.documents.run_folder import finish_folder
from analysis.briefing.unit_job import brief_units
from analysis.disclosure.history import write_history
from analysis.disclosure.protect import ensure_protected
from analysis.earlier_runs import MARK, forget_copies, forget_mark, read_intake_mark
from analysis.errors import CheckError, RequestError
from analysis.notebook_runner import KernelPool, finish_all, kernel_pool, run_notebook
from analysis.pipeline import BRIEFING, CLEAN, COUNTRY, COVERAGE, TABLE_STAGES, Stage
from analysis.progress import Progress
from analysis.reference import read_units
from analysis.safeguards import anchors, canaries, publishing, run_record, week_change
from analysis.safeguards.audit_log import Entry, append_entry, audit_log_of
from analysis.safeguards.disks import check_disks
from analysis.safeguards.environment import environment_warning
from analysis.safeguards.folders import without_spill
from analysis.safeguards.locks import hold_lock
from analysis.safeguards.run_record import Hashes
from analysis.safeguards.week_change import WeekChange, changes_of_counts, changes_of_intake
from analysis.settings import NONE, RunParameters
from analysis.steps import log_path, read_log

MINUTE_SECONDS = 60.0
# What is compared with last week once a stage has its tables: as early as it can be known.
CHANGES_AFTER = {CLEAN.name: changes_of_intake, COVERAGE.name: changes_of_counts}


@dataclass(frozen=True)
class JobResult:
    """What a finished job made and where; `made` is False when everything was up to date.

    `link` is the name under which readers find it: `current`, or its day where `current` was not moved. `log_head`
    is the audit log's: who writes it down can tell later that the log was not made anew.
    """

    run_id: str
    folder: Path
    files: int
    made: bool
    link: str
    log_head: str


def run_weekly_job(run: RunParameters, workers: int, sign: anchors.Sign | None = None) -> JobResult:
    """Run all stages for `run` and publish the result, or find that it stands already; `sign` signs its manifest.

    Finished stages and finished briefings of an interrupted run are kept. Raises the errors of the
    stages, and those of locking and publishing.
    """
    _check_intake_folder(run)
    with hold_lock(run.reports, run.processed), without_spill(run.restricted):
        run_record.check_carried(run)
        inputs = run_record.hash_folder(run.raw)
        run_id = run_record.run_identity(run, inputs)
        links = _links(run)
        manifests = anchors.logged_manifests(audit_log_of(run.processed), run_id)
        if _stands_already(run, run_id, links, manifests):
            return _finished_job(run, run_id, links, False, sign)
        check_disks(run, len(units_to_brief(run)))
        staging = publishing.open_staging(run.reports, run_id)
        _make_everything(run, run_id, inputs, staging, workers)
        _check_intake_unchanged(run, inputs)
        drawn = {
            f"{document_stem(run, unit, language)}/pictures": unit_folder(run, unit, language) / CONTEXT_FILE
            for unit in units_to_brief(run)
            for language in languages_of(run)
        }
        canaries.refuse_persons(run, run_id, staging, drawn)
        anchors.begin_publication(run, run_id, staging, links[-1])
        publishing.publish(run.reports, run_id, staging, links, manifests)
        write_history(run, run_id)
        publishing.keep_last_runs(run.reports, run.settings.keep_runs)
        forget_copies(run.processed, run.as_of)
        return _finished_job(run, run_id, links, True, sign)


def _finished_job(
    run: RunParameters, run_id: str, links: tuple[str, ...], is_made: bool, sign: anchors.Sign | None
) -> JobResult:
    """Note what is published now in the audit log, sign it where asked to, and return what the job did."""
    folder = run.reports / publishing.RUNS / run_id
    head = anchors.end_publication(run, folder, links[-1], sign)
    write_week_list(run.reports, run.settings.language)
    return JobResult(run_id, folder, publishing.check_published(folder), is_made, links[-1], head)


def _links(run: RunParameters) -> tuple[str, ...]:
    """Return the links to switch: a run for some provinces, or of a week gone by, never moves `current`."""
    day = run.as_of.isoformat()
    newest = publishing.published_names(run.reports).get(publishing.CURRENT, "")[:10]
    return (day,) if run.provinces or newest > day else (day, publishing.CURRENT)


def _stands_already(
    run: RunParameters, run_id: str, links: tuple[str, ...], manifests: frozenset[str]
) -> bool:
    names = publishing.published_names(run.reports)
    tables = [table.path(run) for stage in TABLE_STAGES for table in stage.tables_written()]
    # What was published does not do without its tables: next week carries decisions on, worklists name persons.
    records = [run_record.record_path(run, stage.name) for stage in TABLE_STAGES]
    if not all(path.is_file() for path in (run.aggregate / MARK, *records, *tables)):
        return False
    if any(run_record.changed_outputs(record, run.processed) for record in records):
        return False
    is_linked = all(names.get(link) == run_id for link in links)
    return is_linked and publishing.is_published(run.reports, run_id, manifests)


def _check_intake_folder(run: RunParameters) -> None:
    if not run.raw.is_dir():
        raise RequestError(
            f"--raw: the intake folder '{run.raw.name}' does not exist; "
            "put the exports there or run `baophu simulate` first"
        )


def _check_intake_unchanged(run: RunParameters, inputs: Hashes) -> None:
    if run_record.hash_folder(run.raw) != inputs:
        raise CheckError(
            f"the intake '{run.raw.name}' changed during the run, nothing was published; "
            "run again when all files have arrived"
        )


def _make_everything(run: RunParameters, run_id: str, inputs: Hashes, staging: Path, workers: int) -> None:
    """Make the tables, the documents and the manifest in the staging folder."""
    forget_mark(run.processed)
    units = units_to_brief(run)
    parameters = _notebook_parameters(run)
    seconds = sum(s.seconds for s in TABLE_STAGES) + len(units) * BRIEFING.seconds / workers
    with Progress(seconds) as progress, kernel_pool(workers) as pool:
        if warning := environment_warning():
            progress.say(warning)
        changes: list[WeekChange] = []
        for stage in TABLE_STAGES:
            _run_stage(pool, stage, run, inputs, parameters, progress)
            changes += _accepted_changes(stage, run, progress)
        _write_run_mark(run, run_id, changes)
        progress.begin("kiểm soát công bố")
        ensure_protected(run)
        share = BRIEFING.seconds / workers
        brief_units(pool, run, run_id, units, staging, parameters, progress, share, _cell_seconds(run))
    finish_folder(run, run_id, units, inputs, staging)


def _accepted_changes(stage: Stage, run: RunParameters, progress: Progress) -> list[WeekChange]:
    """Compare what a stage made with last week; raises CheckError for what nobody accepted."""
    compare = CHANGES_AFTER.get(stage.name)
    changes = compare(run) if compare else []
    for line in week_change.accept_or_refuse(run, changes):
        progress.say(line)
    if changes:
        entry: Entry = {
            "event": "change_accepted",
            "as_of": run.as_of.isoformat(),
            "after": stage.name,
            "changes": len(changes),
            "reason": run.accept_change,
        }
        append_entry(audit_log_of(run.processed), entry)
    return changes


def units_to_brief(run: RunParameters) -> tuple[str, ...]:
    """Return the units that get a briefing: the country and its provinces, or the provinces asked for."""
    return run.provinces or (COUNTRY, *sorted(set(read_units()["province_code"])))


def _notebook_parameters(run: RunParameters) -> dict[str, str | int]:
    """Return the run's parameters in a notebook's own words: nothing is left for it to find by itself."""
    return {
        "as_of": run.as_of.isoformat(),
        "raw": str(run.raw.absolute()),
        "processed": str(run.processed.absolute()),
        "previous": str(run.previous.absolute()) if run.previous else NONE,
        "reports": str(run.reports.absolute()),
        "provinces": " ".join(run.provinces),
        "memory_limit": run.memory_limit,
        "threads": run.threads,
        "settings": str(run.settings_file.absolute()) if run.settings_file else NONE,
        "engine": run.engine,
    }


def _run_stage(
    pool: KernelPool,
    stage: Stage,
    run: RunParameters,
    inputs: Hashes,
    parameters: dict[str, str | int],
    progress: Progress,
) -> None:
    """Run one table stage unless its tables stand as recorded; the record is written last."""
    progress.begin(stage.title)
    key = run_record.stage_key(stage, run, inputs)
    record = run_record.record_path(run, stage.name)
    for name in run_record.changed_outputs(record, run.processed):
        progress.say(
            f"{name} is not what stage {stage.name} made: it was changed afterwards and is made again"
        )
    if run_record.is_up_to_date(record, key, run.processed):
        progress.say(f"{stage.name}: up to date")
    else:
        record.unlink(missing_ok=True)
        log_path(run, stage.name).unlink(missing_ok=True)
        executed = run.restricted / "run" / f"{stage.name}.ipynb"
        work = partial(
            run_notebook,
            notebook=stage.notebook,
            executed=executed,
            parameters=parameters,
            cell_seconds=_cell_seconds(run),
        )
        finish_all([pool.submit(work)], partial(_name_step, run, stage, progress))
        made = [t.path(run).relative_to(run.processed).as_posix() for t in stage.tables_written()]
        run_record.write_record(record, key, run_record.output_hashes(run.processed, made))
        progress.say(f"{stage.name}: done")
    progress.advance(stage.seconds)


def _cell_seconds(run: RunParameters) -> int:
    return max(1, round(run.settings.cell_timeout_minutes * MINUTE_SECONDS))


def _name_step(run: RunParameters, stage: Stage, progress: Progress) -> None:
    """Name the step in work behind the stage's title."""
    steps = read_log(run, stage.name)
    progress.begin(f"{stage.title}: {steps[-1]['table']}" if steps else stage.title)
    progress.tick()


def _write_run_mark(run: RunParameters, run_id: str, changes: list[WeekChange]) -> None:
    """Write what every page must say of its run: simulated or not, accepted changes, the run's id, version."""
    mark = read_intake_mark(run.raw) | {"run_id": run_id, "version": __version__}
    mark |= week_change.changes_mark(run, changes)
    run_record.write_json(run.aggregate / MARK, mark)
