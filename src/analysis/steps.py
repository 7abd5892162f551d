"""Steps: every table between a cell and a page, declared once, and the short runner that makes them in order.

A stage's plan (its `steps.py`) is a tuple of steps, read from top to bottom. A step says which table it makes,
what a row of it is, which tables it reads, and the query (a SELECT, nothing else) whose rows it has. The runner
makes each table, drops it after its last reader, and notes rows, seconds and CPU in the run's restricted folder.
"""

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.engine import Engine, make_private_folder, sql_files
from analysis.errors import BaophuError
from analysis.settings import RunParameters
from analysis.tables import TABLES, select_table, write_rows

ALL_ROWS = (0, 2**62)


@dataclass(frozen=True)
class Step:
    """One table on the way from a cell to a page.

    `reads` are the names of the tables it reads, with blanks between. Without anything else it is a table of the
    query's rows. `is_view`: rows are made anew by each reader. `is_written`: a table of `tables/`, written to
    its file. `clean`: each distinct row of the query is mapped in Python to `columns`, but those that `ordinary`
    answers (`Engine.map_values`). `frame`: a table that comes from Python whole. `files`: parquet files under a
    name; numbered ones have `file_row_number`. `check`: looks at the table once it is made, and raises CheckError.
    `parts`: the rows of the query gathered part by part. `is_spilled`: too many rows for the memory, they wait in
    a file of the spill folder.
    """

    table: str
    row: str
    reads: str = ""
    query: str = ""
    is_view: bool = False
    is_written: bool = False
    is_spilled: bool = False
    columns: dict[str, str] | None = None
    clean: Callable[..., Sequence[Any]] | None = None
    ordinary: str = ""
    frame: Callable[[], pd.DataFrame] | None = None
    files: tuple[Path, ...] = ()
    is_numbered: bool = False
    parts: "Parts | None" = None
    check: Callable[[Engine], None] | None = None

    @property
    def read_tables(self) -> tuple[str, ...]:
        """Return the tables that the step reads, those of its parts included; not those made within it."""
        inner = self.parts.body if self.parts else ()
        names = " ".join([self.reads, *(step.reads for step in inner)]).split()
        return tuple(dict.fromkeys(n for n in names if n not in {step.table for step in inner}))

    @property
    def is_kept(self) -> bool:
        """Tell whether Python makes the table: such a one is kept as a file, because no query gives it again."""
        return self.clean is not None or self.frame is not None


@dataclass(frozen=True)
class Parts:
    """A step taken part by part, so that memory does not grow with the country.

    `bounds` is the query of the first and last row number of each part, which stand for {first} and {last} in
    the queries of `body`, the steps made and forgotten for every part. No part may change another's rows.
    """

    bounds: str
    body: tuple[Step, ...]


Plan = tuple[Step, ...]


def written(table: str, reads: str, query: str) -> Step:
    """Return the step that writes a declared table (`tables/` says what its row is)."""
    return Step(table, TABLES[table].row, reads, query, is_written=True)


def opened(table: str, run: RunParameters, is_numbered: bool = False, name: str = "") -> Step:
    """Return the step that opens a table which an earlier stage wrote; `name` where it gets another one here."""
    row, path = TABLES[table].row, TABLES[table].path(run)
    return Step(name or table, row, files=(path,), is_numbered=is_numbered, is_view=True)


def check_plan(plan: Plan, given: Collection[str] = ()) -> None:
    """Raise BaophuError (a defect) where a step reads what no step before it made, or makes a table twice."""
    made, names = set(given), set(given)
    for step in plan:
        makes = [step.table, *(inner.table for inner in (step.parts.body if step.parts else ()))]
        if missing := [name for name in step.read_tables if name not in made]:
            raise BaophuError(f"step '{step.table}' reads '{missing[0]}', which no step before it makes")
        if doubled := [name for name in makes if name in names]:
            raise BaophuError(f"table '{doubled[0]}' has a second maker in step '{step.table}'")
        made.add(step.table)
        names.update(makes)


def run_plan(engine: Engine, run: RunParameters, plan: Plan, log: str = "", keep: str = "") -> None:
    """Make the tables of a plan in order; each is forgotten after its last reader, but those of `keep`.

    Rows, seconds and CPU of every step are noted in the run's log of that name (`read_log`). Without one, for a
    look at a finished run, nothing is noted and no table that Python made is kept as a file.
    """
    check_plan(plan)
    forgotten_after = _last_readers(plan, keep.split())
    with _log_lines(run, log) as write:
        for position, step in enumerate(plan):
            write({"table": step.table})
            wall, cpu = time.perf_counter(), time.process_time()
            rows = _make(engine, run, step)
            if step.check:
                step.check(engine)
            if log and step.is_kept:
                target = kept_path(run, step.table)
                engine.write_table(target, f'SELECT * FROM "{step.table}"', compression="lz4")
            seconds = {"seconds": round(time.perf_counter() - wall, 3)}
            seconds["cpu_seconds"] = round(time.process_time() - cpu, 3)
            write({"table": step.table, "rows": rows, **seconds})
            for table in forgotten_after.get(position, ()):
                engine.drop(table)


def _last_readers(plan: Plan, kept: Collection[str]) -> dict[int, list[str]]:
    """Return position → tables that nobody reads after it; reading a view is reading what the view reads."""
    behind: dict[str, set[str]] = {}
    last: dict[str, int] = {}
    for position, step in enumerate(plan):
        read = set(step.read_tables).union(*(behind.get(name, ()) for name in step.read_tables))
        behind[step.table] = read if step.is_view else set()
        if not step.is_written:
            last[step.table] = position
        last |= dict.fromkeys(read & last.keys(), position)
    still_read = set(kept).union(*(behind.get(name, ()) for name in kept))
    forgotten: dict[int, list[str]] = {}
    for table, position in last.items():
        if table not in still_read:
            forgotten.setdefault(position, []).append(table)
    return forgotten


def _make(engine: Engine, run: RunParameters, step: Step) -> int | None:
    """Make one table and return its rows; None for a view, which has none of its own."""
    if step.files:
        engine.view_table(step.table, step.files, step.is_numbered)
        return None
    if step.is_view:
        engine.create_view(step.table, step.query)
        return None
    if step.is_written:
        rows = write_rows(engine, step.table, step.query, run)
        engine.view_table(step.table, [TABLES[step.table].path(run)])
        return rows
    if step.is_spilled:
        path = run.restricted / "spill" / f"{step.table}.parquet"
        rows = engine.write_table(path, step.query, compression="lz4")
        engine.view_table(step.table, [path])
        return rows
    if step.parts:
        return _make_in_parts(engine, run, step, step.parts)
    if not step.is_kept:
        return engine.create(step.table, step.query)
    if step.frame:
        return engine.register(step.table, step.frame())
    assert step.clean is not None
    return engine.map_values(step.table, step.query, step.columns or {}, step.clean, step.ordinary)


def _make_in_parts(engine: Engine, run: RunParameters, step: Step, parts: Parts) -> int:
    made, add = 0, engine.create
    for bounds in engine.parts(parts.bounds) or [ALL_ROWS]:
        for inner in parts.body:
            _make(engine, run, _bounded(inner, *bounds))
        made += add(step.table, step.query)
        add = engine.append
    for inner in parts.body:
        engine.drop(inner.table)
    return made


def _bounded(step: Step, first: int, last: int) -> Step:
    return replace(step, query=step.query.replace("{first}", str(first)).replace("{last}", str(last)))


def unrolled(plan: Plan) -> Plan:
    """Return a plan in which every step of parts is one part of all rows, its body's steps before it."""
    flat: list[Step] = []
    for step in plan:
        flat += [_bounded(inner, *ALL_ROWS) for inner in step.parts.body] if step.parts else []
        flat.append(replace(step, parts=None))
    return tuple(flat)


def needed_for(plan: Plan, tables: Iterable[str]) -> Plan:
    """Return the steps of a plan without which the named tables cannot be made."""
    needed = set(tables)
    for step in reversed(plan):
        if step.table in needed:
            needed.update(step.read_tables)
    return tuple(step for step in plan if step.table in needed)


def replaced(plan: Plan, *others: Step) -> Plan:
    """Return a plan in which each of the other steps stands in place of the maker of its table."""
    makers = {step.table: step for step in others}
    return tuple(makers.get(step.table, step) for step in plan)


def steps_folder(run: RunParameters) -> Path:
    """Return the restricted folder of what a run notes of its steps."""
    return run.restricted / "run" / "steps"


def kept_path(run: RunParameters, table: str) -> Path:
    """Return the file of a table that Python made in a run."""
    return steps_folder(run) / f"{table}.parquet"


def log_path(run: RunParameters, log: str) -> Path:
    """Return the file in which a run notes the steps of a log, a line when one begins and one when it is made."""
    return steps_folder(run) / f"{log}.jsonl"


@contextmanager
def _log_lines(run: RunParameters, log: str) -> Iterator[Callable[[dict[str, Any]], None]]:
    if not log:
        yield lambda line: None
        return
    make_private_folder(steps_folder(run))
    with log_path(run, log).open("w", encoding="utf-8") as file:

        def write(line: dict[str, Any]) -> None:
            print(json.dumps(line), file=file, flush=True)

        yield write


def read_log(run: RunParameters, log: str) -> list[dict[str, Any]]:
    """Return what a run noted of the steps of a log, one entry a step; without rows: not finished."""
    path = log_path(run, log)
    if not path.is_file():
        return []
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.endswith("}"))
    return list({line["table"]: line for line in lines}.values())


def step_sql(step: Step, run: RunParameters) -> str:
    """Return the SELECT of a step's rows; of one that Python makes, the reading of its kept file."""
    if step.is_kept:
        return f"SELECT * FROM {sql_files([kept_path(run, step.table)])}"
    if step.files:
        return f"SELECT * FROM {sql_files(step.files, step.is_numbered)}"
    return select_table(step.table, step.query) if step.is_written else step.query.strip()
