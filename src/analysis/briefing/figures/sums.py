"""Counts that are added or taken apart on a page: a sum, or what is left of one, is told only where its parts are."""

from collections.abc import Iterable, Sequence

from analysis.disclosure.policy import SMALLEST_SHOWN, Status

Count = int | Status | None


def told_sum(counts: Iterable[int | Status]) -> int | Status:
    """Return the sum of counts; it is not told where one of them is not."""
    listed = list(counts)
    told = [count for count in listed if not isinstance(count, Status)]
    return sum(told) if len(told) == len(listed) else Status.NOT_PUBLISHED


def rest_of(total: Count, parts: Iterable[Count]) -> Count:
    """Return what a total has beyond its parts; a part that is unknown is in the rest.

    Not told where one of them is not; a rest of people too few to tell is UNDER_10 as any other count.
    """
    if total is None:
        return None
    rest = told_sum([total, *(p if isinstance(p, Status) else -p for p in parts if p is not None)])
    return Status.UNDER_10 if not isinstance(rest, Status) and 0 < rest < SMALLEST_SHOWN else rest


def unit_rest(total: Count, parts: Sequence[Count]) -> int:
    """Return what a unit's count has beyond its parts' where all are told: 0 where that cannot be known."""
    rest = told_sum([total or 0, *(p if isinstance(p, Status) else -p for p in parts if p is not None)])
    return 0 if total is None or isinstance(rest, Status) else rest


def rest_or_rounding(total: Count, parts: Sequence[Count]) -> Count:
    """Return what a total has beyond its told parts: people of no known place, places not told, what rounding moved.

    None where the total is unknown, 0 where all agree. A rest of people too few to tell is UNDER_10.
    """
    if total is None:
        return None
    if isinstance(total, Status):
        return Status.NOT_PUBLISHED
    rest = total - sum(part for part in parts if isinstance(part, int))
    return Status.UNDER_10 if 0 < rest < SMALLEST_SHOWN else rest
