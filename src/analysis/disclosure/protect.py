"""From a run's counts to its protected tables: read, withhold, attack, write."""

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis.disclosure.attack import Attacker, AttackResult
from analysis.disclosure.cells import Cells, gather_cells
from analysis.disclosure.frames import Frames, read_frames, view_counts
from analysis.disclosure.made_from import are_made, inputs_of
from analysis.disclosure.policy import SMALLEST_BASE, Status
from analysis.disclosure.protected import RECORD, public_folder, read_record
from analysis.disclosure.public_tables import PUBLIC_TABLES, PublicTable
from analysis.disclosure.releases import held_against, label_of, releases_beside_run
from analysis.disclosure.suppression import first_statuses, withhold, withhold_beside
from analysis.disclosure.system import NOT_PUBLISHED, ROUNDED, STATUSES, UNDER_10, Flags, Ints, round_counts
from analysis.engine import Engine, connect, sql_files, sql_path, sql_text
from analysis.errors import CheckError
from analysis.settings import RunParameters

ATTACKS = 8  # rounds of withholding what the attack still finds
TOLD_BESIDE = "coverage"  # what estimates tell of the same counts is read beside it, as it is told
COARSER = 3  # rounds of leaving out what cannot be withheld well enough


def ensure_protected(run: RunParameters) -> dict[str, str]:
    """Return the hash of each protected table of a run by name, made anew where they are not those of its counts.

    Raises CheckError when the attack works out a withheld count: nothing is published then.
    """
    key, record = inputs_of(run), read_record(run.processed)
    return record["files"] if record.get("inputs") == key and are_made(run) else _protect(run, key)


def _protect(run: RunParameters, key: dict[str, str]) -> dict[str, str]:
    folder = public_folder(run)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).unlink(missing_ok=True)
    for old in folder.glob("*.parquet"):
        old.unlink()
    with connect(run) as con:
        made = view_counts(con, run)
        frames = read = read_frames(con)
        cells, status, result = _decide(con, run, frames)
        for _ in range(COARSER):
            if not len(result.found):
                break
            frames = _without_found(frames, cells, result.found)
            cells, status, result = _decide(con, run, frames)
        if len(result.found):
            raise CheckError(_found_line(cells, result))
        shown = _shown_frames(read, frames, cells, status)
        files = {TOLD_BESIDE: _write(con, TOLD_BESIDE, shown[TOLD_BESIDE], folder)}
        Engine(con).view_table(f"told_{TOLD_BESIDE}", [folder / f"{TOLD_BESIDE}.parquet"])
        files |= {n: _write(con, n, shown.get(n), folder) for n in PUBLIC_TABLES if n != TOLD_BESIDE}
    record = {
        "inputs": key,
        "files": files,
        "made": [name for name, public in PUBLIC_TABLES.items() if public.made_from(name) in made],
        "tables": _accounts(cells, status),
        "attack": _told(result),
        "held_against": held_against(run),
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return files


def _decide(
    con: duckdb.DuckDBPyConnection, run: RunParameters, frames: Frames
) -> tuple[Cells, Ints, AttackResult]:
    """Return the counts of the tables, how each is told, and what the attack still finds."""
    cells = gather_cells(frames)
    treatment = cells.frame["treatment"].to_numpy(dtype=np.int64)
    among = cells.frame["among"].to_numpy(dtype=np.int64)
    released = [_released_before(path, frames, cells) for path in releases_beside_run(run).values()]
    before = np.stack([_published_before(con, run, frames, cells), *released])
    status = first_statuses(cells.system.values, among, treatment, before)
    status[cells.frame["row"] < 0] = UNDER_10  # told by nobody
    return cells, *_withhold_and_attack(cells, status, treatment)


def _without_found(frames: Frames, cells: Cells, found: Ints) -> Frames:
    """Leave out what was worked out, with its sisters: units of one larger unit, or parts of one total."""
    frame = cells.frame
    kin = ["table", "measure", "keys", "day", "series_status", "age_group", "parent"]
    of_found = frame.iloc[found][kin].drop_duplicates()
    listed = frame.reset_index().merge(of_found, on=kin, validate="many_to_one")
    left = dict(frames)
    for key, own in listed[listed["row"] >= 0].groupby(["table", "measure"]):
        name, measure = map(str, key) if isinstance(key, tuple) else (str(key), "")
        table, rows = left[name].copy(), own["row"].to_numpy(dtype=np.int64)
        table.loc[table.index[rows], measure] = None
        left[name] = (
            table[table[measure].notna()].reset_index(drop=True)
            if PUBLIC_TABLES[name].is_of_counts
            else table
        )
    return left


def _withhold_and_attack(cells: Cells, status: Ints, treatment: Ints) -> tuple[Ints, AttackResult]:
    """Withhold until the attack finds nothing, or nothing new can be withheld."""
    attacker = Attacker(cells.system)
    status = withhold(cells.system, status, treatment)
    for _ in range(ATTACKS):
        result = attacker.attack(status)
        further = withhold_beside(cells.system, status, treatment, result.found)
        if not len(result.found) or (further == status).all():
            break
        status = further
    return status, result


def _found_line(cells: Cells, result: AttackResult) -> str:
    """Name the table and level of what was worked out; never the figure."""
    first = cells.frame.iloc[int(result.found[0])]
    return (
        f"disclosure control: {len(result.found)} withheld counts can be worked out, the first in "
        f"'{first['table']}' ({first['unit_level']} {first['unit_code']}, {first['measure']}); "
        "nothing is published: leave out the unit or publish it at a higher level"
    )


def _published_before(
    con: duckdb.DuckDBPyConnection, run: RunParameters, frames: Frames, cells: Cells
) -> Ints:
    """Return the figure that the week before published whole of each count, -1 where there is none."""
    before = np.full(len(cells.frame), -1, dtype=np.int64)
    folder = run.previous / "public" if run.previous else None
    for name, frame in frames.items():
        table = PUBLIC_TABLES[name]
        path = folder / f"{name}.parquet" if folder else None
        if path is None or not path.is_file():
            continue
        on = ["unit_level", "unit_code", *table.keys]
        earlier = con.execute(f"FROM {sql_files([path])}").df()
        joined = (
            frame[on].merge(earlier, on=on, how="left", validate="one_to_one")
            if set(on) <= set(earlier)
            else pd.DataFrame()
        )
        for measure in table.counts:
            if f"{measure}_status" not in joined:
                continue
            whole = joined[measure].where(joined[f"{measure}_status"] == Status.SHOWN.value)
            own = _own(cells, name, measure)
            rows = cells.frame.loc[own, "row"].to_numpy(dtype=np.int64)
            before[own] = whole.fillna(-1).to_numpy(dtype=np.int64)[rows]
    return before


def _released_before(path: Path, frames: Frames, cells: Cells) -> Ints:
    """Return the figure that a release told whole of each count, -1 where there is none."""
    before = np.full(len(cells.frame), -1, dtype=np.int64)
    is_shown = f"status = {sql_text(Status.SHOWN.value)}"
    with duckdb.connect() as con:  # the run's own reads its folder alone
        shown = con.execute(
            f"SELECT * EXCLUDE (as_of, run_id, status) FROM {sql_files([path])} WHERE {is_shown}"
        ).df()
    for name, frame in frames.items():
        told = shown[shown["table"] == name]
        for measure in PUBLIC_TABLES[name].counts:
            label = label_of(measure, frame, PUBLIC_TABLES[name].keys)
            rows = frame[["unit_level", "unit_code"]].assign(measure=label)
            joined = rows.merge(
                told, on=["unit_level", "unit_code", "measure"], how="left", validate="one_to_one"
            )
            own = _own(cells, name, measure)
            at = cells.frame.loc[own, "row"].to_numpy(dtype=np.int64)
            before[own] = joined["value"].fillna(-1).to_numpy().astype(np.int64)[at]
    return before


def _own(cells: Cells, name: str, measure: str) -> Flags:
    """Tell which counts are those of one column of a table."""
    frame = cells.frame
    own: Flags = ((frame["table"] == name) & (frame["measure"] == measure) & (frame["row"] >= 0)).to_numpy()
    return own


def _shown_frames(read: Frames, frames: Frames, cells: Cells, status: Ints) -> Frames:
    """Return the tables as they may be seen: counts withheld or rounded, and what is told from them.

    What `frames` lacks of what was `read` was left out as a whole: it is known, and told by nobody.
    """
    shown_values = pd.Series(cells.system.values, dtype="Int64")
    shown_values[status == ROUNDED] = round_counts(cells.system.values)[status == ROUNDED]
    shown_values[(status == UNDER_10) | (status == NOT_PUBLISHED)] = pd.NA
    names = np.array([s.value for s in STATUSES])
    shown: Frames = {}
    for name, frame in frames.items():
        table = PUBLIC_TABLES[name]
        seen = frame.drop(columns=["treatment", "among"], errors="ignore")
        for measure in table.counts:
            own = _own(cells, name, measure)
            rows = cells.frame.loc[own, "row"].to_numpy(dtype=np.int64)
            seen[measure] = pd.Series(pd.NA, index=seen.index, dtype="Int64")
            seen.loc[rows, measure] = shown_values[own].array
            told = pd.Series(None, index=seen.index, dtype="object")
            if not table.is_of_counts:
                told[read[name][measure].notna()] = Status.NOT_PUBLISHED.value
            told.iloc[rows] = names[status[own]]
            seen[f"{measure}_status"] = told
        shown[name] = _with_rates(seen, frame, table)
    return shown


def _with_rates(seen: pd.DataFrame, frame: pd.DataFrame, table: PublicTable) -> pd.DataFrame:
    """Tell percentages anew where a count is not shown whole, and nothing beside a withheld one."""
    exact = frame["treatment"] == "exact"
    changed = (seen[[f"{m}_status" for m in table.counts]] != Status.SHOWN.value).any(axis=1)
    for rate, (part, whole) in (table.rates or {}).items():
        if rate not in seen:
            continue
        base = seen[whole].astype("Float64")
        anew = (100 * seen[part].astype("Float64") / base.where(base > 0)).round(2)
        seen[rate] = seen[rate].astype("Float64").where(~changed, anew)
        seen[rate] = seen[rate].where(exact | (base >= SMALLEST_BASE))
    for column in table.follows:
        seen[column] = seen[column].where(~changed)
    return seen


def _write(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame | None, folder: Path) -> str:
    """Write a protected table, of its query's types, and return the hash of its file; same rows, same bytes."""
    rows = f"FROM ({PUBLIC_TABLES[name].query}) ORDER BY ALL"
    if frame is not None:
        described = con.execute(f"DESCRIBE {PUBLIC_TABLES[name].query}").fetchall()
        types = {str(column): str(kind) for column, kind, *_ in described if column != "among"}
        types |= {f"{count}_status": "VARCHAR" for count in PUBLIC_TABLES[name].counts}
        con.register("protected", frame)
        rows = (
            "SELECT " + ", ".join(f'"{c}"::{kind} AS "{c}"' for c, kind in types.items()) + " FROM protected"
        )
    path = folder / f"{name}.parquet"
    con.execute(f"COPY ({rows}) TO {sql_path(path)} (FORMAT parquet, COMPRESSION zstd)")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _accounts(cells: Cells, status: Ints) -> list[dict[str, Any]]:
    """Return how many counts of each table and level are told in which way, and the smallest that is told."""
    frame = cells.frame.assign(status=status, shown=np.where(status <= ROUNDED, cells.system.values, -1))
    frame = frame[frame["row"] >= 0]
    rows = []
    for (table, level), part in frame.groupby(["table", "unit_level"], sort=True):
        counts = [int((part["status"] == i).sum()) for i in range(len(STATUSES))]
        told = part["shown"][(part["shown"] > 0) & (part["treatment"] != 0)]
        rows.append(
            {"table": table, "unit_level": level, "counts": len(part)}
            | {s.value: n for s, n in zip(STATUSES, counts, strict=True)}
            | {"smallest_shown": int(told.min()) if len(told) else None}
        )
    return rows


def _told(result: AttackResult) -> dict[str, int | None]:
    return {
        "withheld": result.withheld,
        "narrowest": result.narrowest,
        "found": len(result.found),
        "programmes": result.programmes,
    }
