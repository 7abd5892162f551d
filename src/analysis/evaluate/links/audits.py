"""Simulated audits: do the stated intervals hold the truth, when look-ups are answered by clerks who err?

Every draw takes a new sample of a finished run of a simulated intake, has it looked up by two clerks from the truth,
wrong at a given rate, and estimates from their answers as `baophu audit report` does.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.estimates import Estimate, estimate
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


@dataclass(frozen=True)
class Held:
    """How a measure's intervals did over many draws: truth, mean estimate, share that held it, mean width."""

    truth: float
    mean: float
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

    def audit(self, rng: np.random.Generator, size: int, error_rate: float) -> dict[str, Estimate]:
        """Draw, look up and estimate once."""
        taken = allocate(self._rows, self._thought, size)
        chosen = np.concatenate([self._draw(rng, pool, count) for pool, count in sorted(taken.items())])
        sample = self._frame.iloc[chosen].assign(is_asked_again=True)
        # A second answer to a row that was not asked again changes nothing (outcomes.py): all get one.
        answers = pd.concat([self._answers(rng, sample, look, error_rate) for look in (1, 2)])
        self._register("audit_sample", sample.drop(columns=["citizen_id", "true_citizen"]))
        self._register("audit_answers", answers)
        compare_answers(self._con)
        people = int(self._frame.citizen_id[self._frame.is_counted].nunique())
        return estimate(list(pool_outcomes(self._con, self._rows).values()), people)

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
        number = sample.true_citizen.to_numpy(dtype=object).copy()
        slips = np.flatnonzero(rng.random(len(sample)) < rate)
        for place in slips:
            is_lost = number[place] is not None and number[place] == number[place] and rng.random() < 0.5
            number[place] = None if is_lost else str(rng.choice(self._numbers))
        known = pd.notna(number)
        return pd.DataFrame(
            {
                "source_file": sample.source_file.to_numpy(),
                "source_row": sample.source_row.to_numpy(),
                "look": look,
                "answer": np.where(known, "found", "not_found"),
                "citizen_number": pd.array(
                    [n if k else None for n, k in zip(number, known, strict=True)], dtype="string"
                ),
            }
        )


def repeat_audits(
    audits: SimulatedAudits, draws: int, size: int, error_rate: float, seed: int
) -> dict[str, Held]:
    """Audit again and again; returns measure → how its intervals did."""
    rng = np.random.default_rng(seed)
    made = [audits.audit(rng, size, error_rate) for _ in range(draws)]
    truth = audits.truth()
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
                f"held {100 * one.held:.1f} %  (above {100 * one.too_low:.1f}, below {100 * one.too_high:.1f})  "
                f"width {one.width:.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
