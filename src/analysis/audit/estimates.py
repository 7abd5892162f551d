"""From answers of a stratified sample to precision, recall, F1 and people, each with an interval of 95 %.

Point estimates weigh every row by the inverse of its chance to be drawn (Horvitz and Thompson 1952). The intervals hold
for few and for no errors: each stratum's share of errors has the distribution whose quantiles are its limits, exact ones
(Clopper and Pearson 1934) for no or one error, mid-P ones (Lancaster 1961; half of the lower and half of the upper exact
limit's) for more, and limits of a total are quantiles of the strata's draws together (Fay, Proschan and Brittain 2015).
Rows that were not drawn are predicted, drawn ones are known, so that a stratum looked up whole adds no uncertainty
(sources audit-2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 4000
LOW, HIGH = 2.5, 97.5
FEW = 2  # errors found: below, a stratum's exact limits; from here on mid-P, which lie within them
_SEED = 20211107  # of the integration alone: the same answers give the same limits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What was found in one stratum: its rows, how many were answered, and how many of those are errors.

    `errors`: linked to the wrong person, or not linked though the person is in the registry. `exists`: how many of the
    errors have their person in the registry (all of them where nothing is linked). `gains` and `losses`: over the errors,
    people who would be counted who are not, and people counted who would not be.
    """

    is_linked: bool
    rows: int
    answered: int
    errors: int
    exists: int
    gains: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """A measure's estimate and its 95 % limits; of percentages in percent."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class _Totals:
    """Totals over the strata, one number a draw: rows linked wrongly and rightly, persons missed, people to add."""

    wrong: Floats
    right: Floats
    missed: Floats
    people: Floats

    def precision(self) -> Floats:
        return _percent(self.right, self.right + self.wrong)

    def recall(self) -> Floats:
        return _percent(self.right, self.right + self.missed)

    def f1(self) -> Floats:
        return _percent(2 * self.right, 2 * self.right + self.wrong + self.missed)


def estimate(outcomes: Sequence[Outcome], people: int) -> dict[str, Estimate]:
    """Return `precision_pct`, `recall_pct`, `f1_pct` and `people` (`people`: those counted now).

    Strata of which nothing was answered are left out of every total: what is said holds for the others.
    """
    known = [outcome for outcome in outcomes if outcome.answered]
    point = _totals(known, [np.array([o.errors / o.answered * o.rows]) for o in known], None)
    few, many, middle = (_drawn(known, is_most) for is_most in (False, True, None))
    # Fewer errors: better shares. Where the stratum of links with most rows unseen shows no error, the truth hardly ever
    # passes its upper limit, and all of the 5 % is left to the other side.
    largest = max((o for o in known if o.is_linked), key=lambda o: o.rows - o.answered, default=None)
    high = HIGH - LOW if largest and largest.rows > largest.answered and not largest.errors else HIGH
    shown = {"precision_pct": _Totals.precision, "recall_pct": _Totals.recall, "f1_pct": _Totals.f1}
    result = {
        name: Estimate(float(of(point)[0]), _quantile(of(many), LOW), _quantile(of(few), high))
        for name, of in shown.items()
    }
    limits = (people + _quantile(middle.people, at) for at in (LOW, HIGH))
    return result | {"people": Estimate(people + float(point.people[0]), *limits)}


def estimate_share(rows: int, answered: int, errors: int) -> Estimate:
    """Return the share of right rows of one stratum, in percent."""
    few, many = (
        100 * (rows - _errors(np.random.default_rng(_SEED), rows, answered, errors, is_most)) / rows
        for is_most in (False, True)
    )
    return Estimate(100 * (1 - errors / answered), _quantile(many, LOW), _quantile(few, HIGH))


def new_people_pct(outcomes: Sequence[Outcome]) -> Estimate:
    """Return how many people a hundred rows of strata of open rows would add to the count."""
    added, rows = estimate(outcomes, 0)["people"], sum(outcome.rows for outcome in outcomes)
    return Estimate(*(100 * people / rows for people in (added.value, added.low, added.high)))


def _quantile(drawn: Floats, at: float) -> float:
    return float(np.percentile(drawn, at))


def _drawn(outcomes: Sequence[Outcome], is_most: bool | None) -> _Totals:
    """Return the totals under the distributions of the lower limits of errors, of the upper ones, or midway."""
    rng = np.random.default_rng(_SEED)
    errors = [_errors(rng, o.rows, o.answered, o.errors, is_most) for o in outcomes]
    return _totals(outcomes, errors, rng, 0.5 if is_most is None else float(is_most))


def _errors(rng: np.random.Generator, rows: int, answered: int, errors: int, is_most: bool | None) -> Floats:
    """Draw a stratum's total of errors: those found, and those among rows that were not looked up.

    Shares come from the distribution of the lower exact limit, of the upper one, or by turns from each (mid-P).
    """
    is_exact = is_most is not None and errors < FEW
    upper = np.full(DRAWS, is_most) if is_exact else rng.random(DRAWS) < 0.5
    shares = _beta(rng, errors + upper, answered - errors + 1 - upper)
    return errors + rng.binomial(rows - answered, shares).astype(np.float64)


def _beta(rng: np.random.Generator, found: Any, others: Any) -> Floats:
    """Draw shares; all are 0 or 1 where one of the two counts is none."""
    shares = rng.beta(np.maximum(found, 0.5), np.maximum(others, 0.5), DRAWS)
    return np.where(found == 0, 0.0, np.where(others == 0, 1.0, shares))


def _totals(
    outcomes: Sequence[Outcome],
    errors: Sequence[Floats],
    rng: np.random.Generator | None,
    side: float = 0.5,
) -> _Totals:
    """Add the strata up; `side`: from 0, the lower limits, to 1, the upper ones."""
    zero = np.zeros(1 if rng is None else DRAWS)
    wrong, right, missed, people = zero, zero, zero, zero
    for outcome, total in zip(outcomes, errors, strict=True):
        unseen = total - outcome.errors  # of the errors found it is known what they change
        gains, losses = sum(outcome.gains), sum(outcome.losses)
        usual_gain, usual_loss = _usual_changes(outcomes, outcome)
        more = _share(gains, outcome.errors, usual_gain, rng)
        fewer: Floats | float = 0.0
        exists = total  # of an open row that is the error
        if outcome.is_linked:
            exists = outcome.exists + unseen * _share(outcome.exists, outcome.errors, 1.0, rng, side)
            fewer = _share(losses, outcome.errors, usual_loss, rng)
        people = people + gains - losses + unseen * (more - fewer)
        missed = missed + exists
        if outcome.is_linked:
            wrong, right = wrong + total, right + outcome.rows - total
    return _Totals(wrong, right, missed, people)


def _usual_changes(outcomes: Sequence[Outcome], of: Outcome) -> tuple[float, float]:
    """Return gain and loss of an error in a stratum without one: the means of its like, else whole people."""
    like = [o for o in outcomes if o.is_linked == of.is_linked and o.errors]
    errors = sum(o.errors for o in like)
    if not errors:
        return 1.0, 1.0 if of.is_linked else 0.0
    return sum(sum(o.gains) for o in like) / errors, sum(sum(o.losses) for o in like) / errors


def _share(
    found: float, errors: int, otherwise: float, rng: np.random.Generator | None, side: float = 0.5
) -> Floats | float:
    """Return the share of errors that change something; with `rng`, as many as draws, as far apart as few errors leave it."""
    if not errors:
        return otherwise
    if rng is None:
        return found / errors
    return _beta(rng, found + side, errors - found + 1 - side)


def _percent(part: Floats, whole: Floats) -> Floats:
    return 100 * np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)
