"""Drawing the sample: from each pool so many rows, each with the same known chance, spread over rules and provinces.

Systematic sampling: the rows of a pool stand in the order of rule, province and ethnicity, at random within, and every
k-th is taken from a random start, so that no rule or province of any size is passed over. The seed is kept: the same run
and seed draw the same rows.
"""

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from analysis.audit.strata import FRAME, allocate
from analysis.engine import Engine, make_private_folder, sql_files, sql_text
from analysis.errors import CheckError, RequestError
from analysis.safeguards.keys import write_private
from analysis.settings import RunParameters

AGAIN_SHARE = 0.2  # of the rows whose answer agrees with the verdict, asked again of a second person
LEAST_SIZE, MOST_SIZE = 50, 50_000

_FRAMED = (
    "CREATE OR REPLACE TEMP TABLE audit_frame AS SELECT * FROM ({frame}) WHERE stratum IS NOT NULL {where}"
)
_POOLS = """
SELECT pool, count(*), avg(CASE WHEN citizen_id IS NOT NULL THEN 1 - match_probability END)
FROM audit_frame GROUP BY pool ORDER BY pool"""
# Every row whose whole number of k-ths is passed: exactly `taken` rows of a pool, wherever the start lies.
_SAMPLE = """
CREATE OR REPLACE TEMP TABLE audit_sample AS
WITH placed AS (
    SELECT *, md5('{seed}|' || source_file || '|' || source_row) AS lot,
        row_number() OVER (PARTITION BY pool ORDER BY stratum, unit_code, ethnicity, lot) AS place
    FROM audit_frame)
SELECT source_file, source_row, stratum, pool, unit_code, taken / pool_rows AS chance,
    right(lot, 4) < '{again}' AS is_asked_again
FROM placed JOIN audit_pools USING (pool)
WHERE floor(place * taken / pool_rows + start) > floor((place - 1) * taken / pool_rows + start)
ORDER BY unit_code, lot"""


@dataclass(frozen=True)
class Draw:
    """One draw: of which run, how many look-ups, of which provinces (none: all), and whom the second look is for."""

    run_id: str
    size: int
    provinces: tuple[str, ...]
    seed: int
    drawn_on: date
    second_recipient: str = ""


def audit_folder(run: RunParameters) -> Path:
    """Return the private folder of a run's audit."""
    return run.restricted / "audit"


def draw_sample(con: duckdb.DuckDBPyConnection, draw: Draw) -> dict[str, tuple[int, int]]:
    """Draw the rows into the table `audit_sample`; returns pool → (its rows, rows drawn).

    Needs `links` and `doses`. Raises RequestError for a size out of bounds, and where nothing can be drawn.
    """
    if not LEAST_SIZE <= draw.size <= MOST_SIZE:
        raise RequestError(f"--size: from {LEAST_SIZE} to {MOST_SIZE:,} look-ups")
    codes = ", ".join(sql_text(code) for code in draw.provinces)
    con.execute(_FRAMED.format(frame=FRAME, where=f"AND unit_code IN ({codes})" if draw.provinces else ""))
    found = con.execute(_POOLS).fetchall()
    if not found:
        raise RequestError("--province: no row of the run is linked or left open there; nothing to audit")
    rows = {pool: int(count) for pool, count, _ in found}
    taken = allocate(rows, {pool: float(share) for pool, _, share in found if share is not None}, draw.size)
    rng = np.random.default_rng(draw.seed)
    plan = [(pool, float(rows[pool]), float(taken[pool]), float(rng.random())) for pool in sorted(rows)]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE audit_pools (pool VARCHAR, pool_rows DOUBLE, taken DOUBLE, start DOUBLE)"
    )
    con.executemany("INSERT INTO audit_pools VALUES (?, ?, ?, ?)", plan)
    con.execute(_SAMPLE.format(seed=draw.seed, again=f"{round(AGAIN_SHARE * 16**4):04x}"))
    return {pool: (rows[pool], taken[pool]) for pool in sorted(rows)}


def write_draw(con: duckdb.DuckDBPyConnection, run: RunParameters, draw: Draw) -> None:
    """Keep the draw and its rows beside the run, in the restricted zone."""
    make_private_folder(audit_folder(run))
    Engine(con).write_table(audit_folder(run) / "sample.parquet", "SELECT * FROM audit_sample")
    head = asdict(draw) | {"drawn_on": draw.drawn_on.isoformat()}
    write_private(audit_folder(run) / "draw.json", json.dumps(head, sort_keys=True, indent=1).encode())


def forget_answers(run: RunParameters, run_id: str) -> None:
    """Remove the answers to an audit of the week's former run; raises RequestError where they are to this very run's."""
    answers = sorted(audit_folder(run).glob("answers-*.parquet"))
    try:
        is_this_run = bool(answers) and read_draw(run).run_id == run_id
    except CheckError:
        is_this_run = False  # the record of the draw is damaged: what they answer can no longer be told
    if is_this_run:
        raise RequestError("--as-of: answers to this week's audit are in; a new draw would orphan them")
    for path in answers:
        path.unlink()


def read_draw(run: RunParameters, run_id: str = "") -> Draw:
    """Return the run's draw; raises RequestError where none was made, CheckError where its record is damaged.

    With `run_id` also where the week was run again since: its rows may now be other ones.
    """
    path = audit_folder(run) / "draw.json"
    if not path.is_file():
        raise RequestError(
            f"--as-of: no audit was drawn of '{run.processed.name}'; run `baophu audit draw` first"
        )
    try:
        kept: dict[str, Any] = json.loads(path.read_bytes())
        head = {one.name: kept[one.name] for one in fields(Draw)}
        typed = {"provinces": tuple(head["provinces"]), "drawn_on": date.fromisoformat(head["drawn_on"])}
        drawn = Draw(**head | typed)
    except (ValueError, KeyError, TypeError) as error:
        raise CheckError(
            "audit/draw.json: damaged; draw the sample again and have it answered anew"
        ) from error
    if run_id and drawn.run_id != run_id:
        raise CheckError("--as-of: the week was run again since its audit was drawn; draw it anew")
    return drawn


def view_sample(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make the drawn rows readable as `audit_sample`."""
    Engine(con).create_view(
        "audit_sample", f"SELECT * FROM {sql_files([audit_folder(run) / 'sample.parquet'])}"
    )
