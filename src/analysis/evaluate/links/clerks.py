"""A trial of clerical review: three clerks who err decide a simulated week's open rows, in the order of the lists.

The answers come from the truth, each clerk with slips and a share of persons not found; the times of a look-up are
assumed, not measured. Printed: decisions, agreement, errors before and after a second clerk, minutes with households
together and apart, and what the first look-ups find in the order of the lists and in random order.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from analysis.engine import Engine, connect, sql_path
from analysis.settings import open_run
from analysis.steps import run_plan
from analysis.worklists.lines import review_order, ties_of
from analysis.worklists.steps import plan

# Seconds of a look-up in the registry office's system, and of one whose person or household is on the screen already.
WITH_NUMBER, WITHOUT_NUMBER, ON_SCREEN = 30.0, 75.0, 12.0
SHARES = (0.1, 0.25, 0.5, 1.0)

# Whom a row truly is of, if the registry has the person, and whether somebody's dose is gained by saying so.
_TRUTH = """
SELECT r.source_file, r.source_row, c.citizen_id AS true_citizen,
    coalesce(c.citizen_id || ' ' || coalesce(d.dose_number::VARCHAR, ''), '') AS dose, k.citizen_id IS NULL AS is_new,
    d.is_counted
FROM review_lines AS r JOIN truth AS t USING (source_file, source_row) JOIN every_dose AS d USING (source_file, source_row)
LEFT JOIN every_citizen AS c ON c.citizen_id = t.citizen_id
LEFT JOIN (SELECT DISTINCT l.citizen_id, d.dose_number FROM every_link AS l
           JOIN every_dose AS d USING (source_file, source_row) WHERE d.is_counted) AS k
    ON k.citizen_id = t.citizen_id AND k.dose_number IS NOT DISTINCT FROM d.dose_number"""


@dataclass(frozen=True)
class Clerk:
    """How one clerk works: share of answers that are slips, share of persons found, and pace (1: as assumed)."""

    slips: float
    finds: float
    pace: float


CLERKS = (Clerk(0.005, 0.99, 1.2), Clerk(0.01, 0.97, 1.0), Clerk(0.03, 0.93, 0.8))


def read_open_rows(processed: Path, truth: Path) -> dict[str, list[dict[str, Any]]]:
    """Return unit → its rows to decide, as the lists are written from, each with its true citizen."""
    run = open_run(processed.name, processed=str(processed), previous="-", settings="-")
    with connect(run) as con:
        run_plan(Engine(con), run, plan(run), keep="review_lines")
        lines = con.execute("SELECT * FROM review_lines").df()
    with duckdb.connect() as con:
        con.register("review_lines", lines)
        restricted = processed / "restricted"
        for name, path in (
            *((f"every_{one}", restricted / f"{one}s.parquet") for one in ("dose", "link", "citizen")),
            ("truth", truth / "doses.parquet"),
        ):
            con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({sql_path(path)})")
        cursor = con.execute(f"SELECT * FROM review_lines JOIN ({_TRUTH}) USING (source_file, source_row)")
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    units: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["unit_code"], row["source_file"], row["source_row"])):
        units.setdefault(row["unit_code"], []).append(row)
    return units


def answers_of(rng: np.random.Generator, clerk: Clerk, rows: list[dict[str, Any]]) -> list[str]:
    """Return what a clerk answers: a citizen, or "" for nobody."""
    slips, finds = rng.random(len(rows)) < clerk.slips, rng.random(len(rows)) < clerk.finds
    others = rng.integers(len(rows), size=len(rows))
    answers = []
    for row, slip, is_found, other in zip(rows, slips, finds, others, strict=True):
        true = row["true_citizen"] or ""
        wrong = "" if true and rng.random() < 0.5 else rows[other]["true_citizen"] or "0"
        answers.append(wrong if slip else true if is_found else "")
    return answers


def minutes_of(rows: list[dict[str, Any]], pace: float) -> float:
    """Return how long the look-ups of rows take in this order."""
    seconds, before = 0.0, None
    for row in rows:
        beside = ties_of(row)
        is_on_screen = before is not None and bool(beside & before)
        usual = WITH_NUMBER if row["id_kind"] == "citizen_number" else WITHOUT_NUMBER
        seconds += pace * (ON_SCREEN if is_on_screen else usual)
        before = beside
    return seconds / 60


def gains_of(rows: list[dict[str, Any]]) -> list[float]:
    """Return the share of all doses gained by the first tenth, quarter, half and all of the rows."""
    seen: set[str] = set()
    gained = []
    for row in rows:
        is_gain = (
            bool(row["true_citizen"]) and row["is_new"] and row["is_counted"] and row["dose"] not in seen
        )
        seen |= {row["dose"]} if is_gain else set()
        gained.append(is_gain)
    total = np.cumsum(gained)
    return [float(total[max(0, round(share * len(rows)) - 1)]) for share in SHARES]


def print_trial(units: dict[str, list[dict[str, Any]]], seed: int) -> None:
    """Let the clerks decide all units' rows, and print what came of it."""
    rng = np.random.default_rng(seed)
    ordered = {unit: review_order(rows) for unit, rows in units.items()}
    rows = [row for of_unit in ordered.values() for row in of_unit]
    given = [answers_of(rng, clerk, rows) for clerk in CLERKS]
    true = [row["true_citizen"] or "" for row in rows]
    print(f"{len(rows)} rows of {len(units)} units; somebody of the registry in {sum(map(bool, true))}")
    shuffled = [[own[place] for place in rng.permutation(len(own))] for own in ordered.values()]
    for number, (clerk, answers) in enumerate(zip(CLERKS, given, strict=True), 1):
        wrong = sum(a != t and bool(a) for a, t in zip(answers, true, strict=True))
        missed = sum(not a and bool(t) for a, t in zip(answers, true, strict=True))
        together, apart = (
            sum(minutes_of(own, clerk.pace) for own in order) for order in (ordered.values(), shuffled)
        )
        print(
            f"clerk {number}: {len(rows)} decisions, {wrong} wrong person, {missed} person missed, "
            f"{60 * together / len(rows):.1f} s a decision with households together, {60 * apart / len(rows):.1f} apart"
        )
    for first, second in ((0, 1), (0, 2), (1, 2)):
        same = [a == b for a, b in zip(given[first], given[second], strict=True)]
        wrong = sum(s and a != t and bool(a) for s, a, t in zip(same, given[first], true, strict=True))
        print(
            f"clerks {first + 1} and {second + 1}: agree on {100 * sum(same) / len(rows):.2f} %, "
            f"{wrong} wrong persons said by both"
        )
    by_worth, by_chance = (
        np.sum([gains_of(own) for own in order], axis=0) for order in (ordered.values(), shuffled)
    )
    for place, share in enumerate(SHARES):
        looked = share * len(rows)
        print(
            f"first {100 * share:.0f} % of each list: {100 * by_worth[place] / looked:.1f} doses gained a hundred look-ups, "
            f"in random order {100 * by_chance[place] / looked:.1f}"
        )


def main() -> None:
    """Run the trial on a finished run of a simulated intake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processed", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print_trial(read_open_rows(options.processed, options.truth), options.seed)


if __name__ == "__main__":
    main()
