"""`baophu plan`: the steps of the stages as lines, as SQL that DuckDB runs alone, or as JSON."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.earlier_runs import DAY, read_mark
from analysis.engine import WITHOUT_STATISTICS, connect
from analysis.errors import RequestError
from analysis.pipeline import PLANNED_STAGES, Stage
from analysis.settings import RunParameters, open_run
from analysis.steps import Plan, Step, read_log, step_sql, unrolled

ORDINARY_WEEK = "2021-11-07"  # the day in the SQL of a plan that is of no run


@dataclass(frozen=True)
class StepLine:
    """One step as it is printed: `rows`, `seconds` and `cpu_seconds` are those of the run, None without one."""

    stage: str
    position: int
    table: str
    kind: str
    row: str
    reads: tuple[str, ...]
    sql: str
    rows: int | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None


def plan_run(processed: Path | None) -> RunParameters:
    """Return the run whose plan is shown: that of a processed folder, else an ordinary week.

    Raises RequestError when the folder holds no run.
    """
    if processed is None:
        return open_run(ORDINARY_WEEK)
    day = (
        processed.name if DAY.fullmatch(processed.name) else str(read_mark(processed).get("run_id", ""))[:10]
    )
    if not (processed / "restricted" / "run").is_dir() or not DAY.fullmatch(day):
        raise RequestError("--processed: the folder holds no run; give a data/processed/<as-of>")
    return open_run(day, processed=str(processed))


def chosen_stages(name: str | None) -> tuple[Stage, ...]:
    """Return the stages of a name (`clean` or `1_clean`), all of them without one; raises RequestError."""
    chosen = [s for s in PLANNED_STAGES if name in (None, s.package, s.name)]
    if not chosen:
        raise RequestError(f"plan: a stage is one of {', '.join(s.package for s in PLANNED_STAGES)}")
    return tuple(chosen)


def plan_lines(run: RunParameters, stage: Stage, is_finished: bool) -> list[StepLine]:
    """Return the steps of a stage; of a finished run with the facts it was made by, and its rows and seconds."""
    # What the clean stage begins with, opened files, is gone with the run: its plan is that of an ordinary week.
    is_opened = is_finished and stage.number > 1
    with ExitStack() as opened:
        plan = stage.plan(run)
        if is_opened:
            plan = opened.enter_context(stage.open_plan(opened.enter_context(connect(run)), run))
        return list(_lines(run, stage, plan, is_finished))


def _lines(run: RunParameters, stage: Stage, plan: Plan, is_finished: bool) -> Iterator[StepLine]:
    log = {line["table"]: line for line in read_log(run, stage.name)} if is_finished else {}
    for position, step in enumerate(unrolled(plan), start=1):
        ran = log.get(step.table, {})
        yield StepLine(
            *(stage.name, position, step.table, _kind(step), step.row, step.read_tables, step_sql(step, run)),
            *(ran.get(name) for name in ("rows", "seconds", "cpu_seconds")),
        )


def _kind(step: Step) -> str:
    """Return how a step makes its table, in a word."""
    if step.files:
        return "opened"
    if step.is_kept:
        return "python"
    if step.is_written:
        return "written"
    return "view" if step.is_view else "table"


def find_table(lines: list[StepLine], table: str | None) -> list[StepLine]:
    """Return the line of one table, or all without a name; raises RequestError where no step makes it."""
    found = [line for line in lines if table in (None, line.table)]
    if not found:
        raise RequestError(f"--table: no step makes '{table}'; `baophu plan` lists those there are")
    return found


def as_text(lines: list[StepLine]) -> str:
    """Return a line a step: position, kind, table, rows and seconds of the run, what a row is, what it reads."""
    width = max(len(line.table) for line in lines)
    text, stage = [], ""
    for line in lines:
        if line.stage != stage:
            text += [f"{line.stage}: {sum(other.stage == line.stage for other in lines)} steps"]
            stage = line.stage
        ran = (
            f" {line.rows if line.rows is not None else '-':>10} {line.seconds:>8.2f} s"
            if line.seconds is not None
            else ""
        )
        reads = f" <- {', '.join(line.reads)}" if line.reads else ""
        text.append(f"{line.position:>4} {line.kind:<8} {line.table:<{width}}{ran}  {line.row}{reads}")
    return "\n".join(text)


def as_sql(lines: list[StepLine]) -> str:
    """Return a script: each step's table, under a comment that names it."""
    return f"{WITHOUT_STATISTICS};\n\n" + "\n\n".join(
        f"-- {line.table}: {line.row}\n"
        f'CREATE {"VIEW" if line.kind in ("view", "opened") else "TABLE"} "{line.table}" AS\n{line.sql};'
        for line in lines
    )


def as_json(lines: list[StepLine], with_sql: bool) -> str:
    """Return the steps as JSON; their SQL where it is asked for."""
    rows: list[dict[str, Any]] = [asdict(line) for line in lines]
    kept = [{name: value for name, value in row.items() if with_sql or name != "sql"} for row in rows]
    return json.dumps(kept, ensure_ascii=False, indent=1)


def slowest_steps(run: RunParameters, stage: Stage, count: int = 3) -> str:
    """Return the seconds of a finished stage and of its slowest steps as a line; empty where none were noted."""
    timed = {line["table"]: line["seconds"] for line in read_log(run, stage.name) if "seconds" in line}
    slowest = sorted(timed, key=lambda table: -timed[table])[:count]
    named = ", ".join(f"{table} {timed[table]:.1f} s" for table in slowest)
    return (
        f"{stage.name}: {sum(timed.values()):.0f} s in {len(timed)} steps; longest {named}" if timed else ""
    )
