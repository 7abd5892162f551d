"""Simulated audits: do the stated intervals hold the truth, when look-ups are answered by clerks who err?

Every draw takes a new sample of a finished run of a simulated intake, has it looked up by two clerks from the truth,
wrong at a given rate, and estimates from their answers as `baophu audit report` does.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.estimates import Estimate, Outcome, estimate
from analysis.audit.outcomes import compare_answers, count_linked_rows, pool_outcomes
from analysis.audit.strata import FRAME, allocate
from analysis.evaluate.links.compared_rows import open_comparison

MEASURES = ("precision_pct", "recall_pct", "f1_pct", "people")
_FRAME = f"""
SELECT f.source_file, f.source_row, f.stratum, f.pool, f.unit_code, f.ethnicity, f.citizen_id,
    f.match_probability, t.citizen_id AS true_citizen, r.citizen_id IS NOT NULL AS in_extract,
    d.is_counted
FROM ({FRAME}) AS f JOIN truth_doses AS t USING (source_file, source_row)
JOIN doses AS d USING (source_file, source_row)
LEFT JOIN citizens AS r ON r.citizen_id = t.citizen_id
WHERE f.stratum IS NOT NULL
ORDER BY f.pool, f.stratum, f.unit_code, f.ethnicity, f.source_file, f.source_row"""
# The tables of rows that a comparison reads, and the names that they have here as a whole.
_OF_ALL_ROWS = {
    "links": "every_link",
    "doses": "every_dose",
    "clerical_candidates": "every_candidate",
    "audit_open_rows": "every_open_row",
}
ROWS_AT_ONCE = 60_000  # drawn rows that are compared together: a comparison costs the same for few


@dataclass(frozen=True)
class Held:
    """How a measure's intervals did over many draws: truth, mean estimate, share that held it, mean width.

    `errors`: how many errors that bear on the measure were found, the mean of a draw.
    """

    truth: float
    mean: float
    errors: float
    held: float
    width: float
    too_low: float
    too_high: float


class SimulatedAudits:
    """A finished run with its truth, from which sample after sample is drawn."""

    def __init__(self, processed: Path, truth: Path) -> None:
        """Read the rows that may be drawn; raises RequestError where run or truth is missing."""
        self._con = open_comparison(processed, truth)
        self._frame: pd.DataFrame = self._con.execute(_FRAME).df()
        count_linked_rows(self._con)
        for name, rows in _OF_ALL_ROWS.items():
            kind = "TABLE" if name == "audit_open_rows" else "VIEW"
            self._con.execute(f"ALTER {kind} {name} RENAME TO {rows}")
        pools = self._frame.groupby("pool", sort=True)
        self._rows = {str(pool): len(rows) for pool, rows in pools}
        linked = self._frame[self._frame.citizen_id.notna()]
        shares = (1 - linked.match_probability).groupby(linked.pool).mean()
        self._thought = {str(pool): float(share) for pool, share in shares.items()}
        self._first = {str(pool): int(rows.index[0]) for pool, rows in pools}
        keys = ["pool", "stratum", "unit_code", "ethnicity"]
        self._group = self._frame.groupby(keys, sort=False).ngroup().to_numpy()
        starts = np.flatnonzero(np.r_[True, self._group[1:] != self._group[:-1]])
        self._starts, self._ends = starts, np.r_[starts[1:], len(self._group)]
        self._numbers = linked.citizen_id.to_numpy()

    def truth(self) -> dict[str, float]:
        """Return the true precision, recall and F1 in percent, and how many people a faultless linkage counts."""
        f = self._frame
        exists = f.in_extract
        linked = f.citizen_id.notna()
        right = int((linked & (f.citizen_id == f.true_citizen)).sum())
        wrong, all_ = int(linked.sum()) - right, int(exists.sum())
        people = f.true_citizen[exists & f.is_counted].nunique()
        return {
            "precision_pct": 100 * right / (right + wrong),
            "recall_pct": 100 * right / all_,
            "f1_pct": 200 * right / (right + wrong + all_),
            "people": float(people),
        }

    def audits(
        self, rng: np.random.Generator, draws: int, size: int, error_rate: float
    ) -> Iterator[tuple[dict[str, Estimate], list[Outcome]]]:
        """Draw, look up and estimate so many times; gives the estimates and what was found, pool by pool."""
        taken = allocate(self._rows, self._thought, size)
        people = int(self._frame.citizen_id[self._frame.is_counted].nunique())
        for first in range(0, draws, step := max(1, ROWS_AT_ONCE // size)):
            numbers = range(first, min(first + step, draws))
            sample = pd.concat([self._sample(rng, taken, number) for number in numbers])
            # A second answer to a row that was not asked again changes nothing (outcomes.py): all get one.
            self._compare(
                sample, pd.concat([self._answers(rng, sample, look, error_rate) for look in (1, 2)])
            )
            for number in numbers:
                outcomes = list(pool_outcomes(self._con, self._rows, (str(number),)).values())
                yield estimate(outcomes, people), outcomes

    def _sample(self, rng: np.random.Generator, taken: dict[str, int], number: int) -> pd.DataFrame:
        """Draw one sample; its number stands before the file, for a row may be in several, and as its unit."""
        chosen = np.concatenate([self._draw(rng, pool, count) for pool, count in sorted(taken.items())])
        rows = self._frame.iloc[chosen]
        numbered = f"{number}|" + rows.source_file
        return rows.assign(own_file=rows.source_file, source_file=numbered, unit_code=str(number))

    def _compare(self, sample: pd.DataFrame, answers: pd.DataFrame) -> None:
        """Compare the answers to many samples at once, as `baophu audit report` compares those to one."""
        self._register("audit_answers", answers)
        self._register("drawn", sample[["source_file", "source_row", "own_file"]])
        shown = ["source_file", "source_row", "stratum", "pool", "unit_code"]
        self._register("audit_sample", sample[shown].assign(is_asked_again=True))
        for name, rows in _OF_ALL_ROWS.items():
            self._con.execute(
                f"""CREATE OR REPLACE TEMP TABLE {name} AS
                SELECT r.* REPLACE (d.source_file AS source_file)
                FROM {rows} AS r JOIN drawn AS d ON r.source_file = d.own_file AND r.source_row = d.source_row"""
            )
        compare_answers(self._con)

    def _register(self, name: str, frame: pd.DataFrame) -> None:
        self._con.register("given", frame)
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
        self._con.unregister("given")

    def _draw(self, rng: np.random.Generator, pool: str, count: int) -> Any:
        """Take every k-th place from a random start; which row of a group of equals stands there is chance."""
        rows, first = self._rows[pool], self._first[pool]
        places = (
            np.ceil((np.arange(count) + rng.random()) * rows / count).astype(int).clip(1, rows) - 1 + first
        )
        chosen: set[int] = set()
        for number in self._group[places]:
            free = int(rng.integers(self._starts[number], self._ends[number]))
            while free in chosen:
                free = int(rng.integers(self._starts[number], self._ends[number]))
            chosen.add(free)
        return np.fromiter(chosen, dtype=int)

    def _answers(
        self, rng: np.random.Generator, sample: pd.DataFrame, look: int, rate: float
    ) -> pd.DataFrame:
        """Return the answers of one clerk: the truth, but for slips: a person not found, or another's number."""
        number: Any = sample.true_citizen.to_numpy(dtype=object)
        slips = rng.random(len(sample)) < rate
        lost = slips & pd.notna(number) & (rng.random(len(sample)) < 0.5)
        others = self._numbers[rng.integers(len(self._numbers), size=len(sample))]
        number = np.where(slips, others, number)
        number[lost] = None
        return pd.DataFrame(
            {
                "source_file": sample.source_file.to_numpy(),
                "source_row": sample.source_row.to_numpy(),
                "look": look,
                "answer": np.where(pd.notna(number), "found", "not_found"),
                "citizen_number": pd.array(number, dtype="string"),
            }
        )


def repeat_audits(
    audits: SimulatedAudits, draws: int, size: int, error_rate: float, seed: int
) -> dict[str, Held]:
    """Audit again and again; returns measure → how its intervals did."""
    rng = np.random.default_rng(seed)
    made, found = zip(*audits.audits(rng, draws, size, error_rate), strict=True)
    truth = audits.truth()
    wrong = sum(o.errors for outcomes in found for o in outcomes if o.is_linked) / draws
    of_people = sum(o.exists for outcomes in found for o in outcomes) / draws
    held = {}
    for measure in MEASURES:
        value, low, high = (
            np.array([getattr(one[measure], part) for one in made]) for part in ("value", "low", "high")
        )
        # Limits and truth are quotients of the same whole numbers: equal is equal but for the last bits.
        slack = 1e-9 * abs(truth[measure])
        is_low, is_high = high < truth[measure] - slack, low > truth[measure] + slack
        held[measure] = Held(
            truth[measure],
            float(value.mean()),
            wrong if measure == "precision_pct" else of_people,
            float(1 - is_low.mean() - is_high.mean()),
            float((high - low).mean()),
            float(is_low.mean()),
            float(is_high.mean()),
        )
    return held


def main() -> None:
    """Print, for each size, what the intervals of many simulated audits held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processed", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[600])
    parser.add_argument("--error-rate", type=float, default=0.01, help="share of look-ups answered wrong")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    audits = SimulatedAudits(options.processed, options.truth)
    for size in options.sizes:
        held = repeat_audits(audits, options.draws, size, options.error_rate, options.seed)
        for measure, one in held.items():
            print(
                f"{size:>5} {measure:<14} truth {one.truth:>14.4f}  mean {one.mean:>14.4f}  "
                f"errors {one.errors:5.1f}  held {100 * one.held:.1f} %  (above {100 * one.too_low:.1f}, below {100 * one.too_high:.1f})  "
                f"width {one.width:.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
