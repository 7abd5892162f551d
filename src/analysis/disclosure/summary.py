"""What disclosure control did to a run, in short: counts by table, never a figure of its own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from analysis.disclosure.history import figures_of
from analysis.disclosure.opening import open_protected
from analysis.disclosure.policy import Treatment
from analysis.disclosure.protected import RECORD, open_earlier, read_record
from analysis.disclosure.public_tables import EXACT, PUBLIC_TABLES
from analysis.disclosure.releases import newest_release
from analysis.earlier_runs import read_mark
from analysis.engine import sql_files, sql_text
from analysis.settings import RunParameters


def write_summary(run: RunParameters, folder: Path) -> Path:
    """Write `disclosure.json` into a run's published folder: per table what is exact and what is not, the attack.

    `tables`: table, exact_cells, rounded_cells, suppressed_cells, smallest_shown, rules (by level); `attack`:
    withheld cells tried, the narrowest range left, the result; `held_against`: the runs whose published figures these
    were compared with; `changes_since_last_release`: per table how many figures of one unit, day and group the newest
    release (`compared_with`; without one the week before) told otherwise.
    """
    record = read_record(run.processed)
    tables = [_table(name, record["tables"]) for name in record["made"]]
    path = folder / RECORD
    attack = record["attack"]
    result = "worked_out" if attack["found"] else "nothing_worked_out"
    tried = {"cells": attack["withheld"], "narrowest": attack["narrowest"], "result": result}
    content = {"tables": tables, "attack": tried, "held_against": record["held_against"]}
    content |= _changes(run)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _table(name: str, accounts: list[dict[str, Any]]) -> dict[str, Any]:
    own = [row for row in accounts if row["table"] == name]
    smallest = [row["smallest_shown"] for row in own if row["smallest_shown"] is not None]
    return {
        "table": name,
        "exact_cells": sum(row["shown"] for row in own),
        "rounded_cells": sum(row["rounded"] for row in own),
        "suppressed_cells": sum(row["under_10"] + row["not_published"] for row in own),
        "smallest_shown": min(smallest) if smallest else None,
        "rules": {level: treatment.value for level, treatment in _of_people(name).items()},
    }


def _of_people(name: str) -> Mapping[str, Treatment]:
    """Return by level what becomes of a table's main counts of people: those of the first rule that is not exact."""
    rules = [rule.treatments for rule in PUBLIC_TABLES[name].rules if rule.treatments != EXACT]
    return rules[0] if rules else EXACT


def _changes(run: RunParameters) -> dict[str, Any]:
    """Return per table how many figures that were told before are told otherwise now, and by which run before.

    Before is the newest release of the run's day or before, else the week before.
    """
    now, released = open_protected(run), newest_release(run)
    before = open_earlier(run)
    with duckdb.connect() as con:
        if released:
            con.execute(f"CREATE VIEW released AS FROM {sql_files([released[1]])}")
        changes = []
        for name in (name for name in now if now[name].is_made):
            new = figures_of(con, now[name], PUBLIC_TABLES[name], "now_")
            old = [f'SELECT * FROM released WHERE "table" = {sql_text(name)}'] if released else []
            if not released and name in before:
                old = figures_of(con, before[name], PUBLIC_TABLES[name], "before_")
            if new and old:
                changes += _changed(con, name, " UNION ALL ".join(new), " UNION ALL ".join(old))
    earlier = read_mark(run.previous).get("run_id") if run.previous else None
    return {"compared_with": released[0] if released else earlier, "changes_since_last_release": changes}


def _changed(con: duckdb.DuckDBPyConnection, name: str, new: str, old: str) -> list[dict[str, Any]]:
    compared = f"FROM ({new}) AS n JOIN ({old}) AS o USING (unit_level, unit_code, measure)"
    query = f"SELECT count(*), count(*) FILTER (n.value IS DISTINCT FROM o.value) {compared}"
    both, changed = con.execute(query).fetchall()[0]
    return [{"table": name, "figures": both, "changed": changed}] if both else []
