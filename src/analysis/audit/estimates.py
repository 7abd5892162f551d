"""From answers of a stratified sample to precision, recall, F1 and people, each with an interval of 95 %.

Point estimates weigh every row by the inverse of its chance to be drawn (Horvitz and Thompson 1952). The intervals hold
for few and for no errors: a total of errors is a weighted sum of binomial shares, so its limits are those of the sum of
the strata's own exact limits' distributions (as Fay and Feuer 1997 have it for rates), where a stratum without a found
error may still hold some, and may hold none. Rows that were not drawn are predicted, drawn ones are known, so that a
stratum looked up whole adds no uncertainty (sources audit-2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 4000
LOW, HIGH = 2.5, 97.5
FEW = 3  # below, exact limits (Clopper and Pearson 1934); from here on the narrower ones in their middle
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
    few, many = _limits(known)
    # Fewer errors: better precision. More people to add where many are missed and few were counted in error.
    result = {
        name: Estimate(*(float(x) for x in (value, np.percentile(worst, LOW), np.percentile(best, HIGH))))
        for name, value, worst, best in (
            ("precision_pct", point.precision()[0], many.precision(), few.precision()),
            ("recall_pct", point.recall()[0], many.recall(), few.recall()),
            ("f1_pct", point.f1()[0], many.f1(), few.f1()),
        )
    }
    added, least, most = point.people[0], np.percentile(few.people, LOW), np.percentile(many.people, HIGH)
    return result | {"people": Estimate(people + float(added), people + float(least), people + float(most))}


def estimate_share(rows: int, answered: int, errors: int) -> Estimate:
    """Return the share of right rows of one stratum, in percent."""
    rng = np.random.default_rng(_SEED)
    few, many = (rows - _errors(rng, rows, answered, errors, is_most) for is_most in (False, True))
    share = 100 * (1 - errors / answered)
    return Estimate(
        share, float(np.percentile(many, LOW)) * 100 / rows, float(np.percentile(few, HIGH)) * 100 / rows
    )


def _limits(outcomes: Sequence[Outcome]) -> tuple[_Totals, _Totals]:
    """Return the totals under the distributions of the lower and of the upper limits of the errors."""
    rng = np.random.default_rng(_SEED)
    sides = []
    for is_most in (False, True):
        errors = [_errors(rng, o.rows, o.answered, o.errors, is_most) for o in outcomes]
        sides.append(_totals(outcomes, errors, rng))
    return sides[0], sides[1]


def _errors(rng: np.random.Generator, rows: int, answered: int, errors: int, is_most: bool) -> Floats:
    """Draw a stratum's total of errors: those found, and those among rows that were not looked up."""
    left = rows - answered
    if not left:
        return np.full(DRAWS, float(errors))
    if min(errors, answered - errors) >= FEW:
        shares = rng.beta(errors + 0.5, answered - errors + 0.5, DRAWS)
    elif 0 < errors < answered:
        more = int(is_most)
        shares = rng.beta(errors + more, answered - errors + 1 - more, DRAWS)
    elif (errors == 0) == is_most:
        shares = rng.beta(1, answered, DRAWS) if is_most else 1 - rng.beta(1, answered, DRAWS)
    else:
        shares = np.full(DRAWS, errors / answered)
    return errors + rng.binomial(left, shares).astype(np.float64)


def _totals(
    outcomes: Sequence[Outcome], errors: Sequence[Floats], rng: np.random.Generator | None
) -> _Totals:
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
            exists = outcome.exists + unseen * _share(outcome.exists, outcome.errors, 1.0, rng)
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


def _share(found: float, errors: int, otherwise: float, rng: np.random.Generator | None) -> Floats | float:
    """Return the share of errors that change something; with `rng`, as many as draws, as far apart as few errors leave it."""
    if not errors:
        return otherwise
    if rng is None:
        return found / errors
    return rng.beta(found + 0.5, errors - found + 0.5, DRAWS)


def _percent(part: Floats, whole: Floats) -> Floats:
    return 100 * np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)
