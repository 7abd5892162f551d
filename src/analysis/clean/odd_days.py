"""Days whose count cannot be that day's: a running total sent as a day, a day far outside its neighbours.

Counts are never changed here: they are told, and the trends stage learns from the usual number instead (sources in-11,
in-12). Campaigns begin, have big days, pause at weekends and take numbers back; a unit's first days have no
neighbours yet. None of that is called odd, so a day must stand alone, above what lies on both sides of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from statistics import median

RUNNING_TOTAL, FAR_OUTSIDE, TAKEN_BACK = "running_total", "day_far_outside", "taken_back"
WINDOW_DAYS = 14  # neighbours on each side, of the days on which anything was given
FEWEST_NEIGHBOURS, FEWEST_A_SIDE = 7, 3
FEWEST_DOSES = 50  # a smaller excess is chance in a commune's counts
# A running total is told by its own sum so far, within so much; another day must be further away.
TOLERANCE = 0.1
TIMES_RUNNING, TIMES_FAR, TIMES_ORDINARY = 5, 7, 3
DEVIATIONS = 4.0
NORMAL = 1.4826  # median absolute deviations to standard deviations of a normal distribution
MOST_FAR_DAYS = 3  # more days of that size are a campaign
RISING_DAYS, FEWEST_RISES = 14, 10


@dataclass(frozen=True)
class OddDay:
    """One odd count of a series: where it stands, what would have been usual, and the reason code."""

    index: int
    usual: int
    reason: str


@dataclass
class _Series:
    """Counts in the order of their days; `found` is index → odd day."""

    counts: Sequence[int]
    found: dict[int, OddDay] = field(default_factory=dict)

    def add(self, index: int, usual: float, reason: str) -> None:
        self.found[index] = OddDay(index, round(usual), reason)

    def near(self, indexes: Sequence[int] | range, most: int = WINDOW_DAYS) -> list[int]:
        """Return the first counts above zero at these indexes that are not odd."""
        given = (self.counts[i] for i in indexes if i not in self.found and self.counts[i] > 0)
        return [count for count, _ in zip(given, range(most), strict=False)]


def find_odd_days(counts: Sequence[int]) -> list[OddDay]:
    """Return the odd days of one unit's counts of one kind, in the order of days.

    >>> [day.index for day in find_odd_days([100, 110] * 10 + [2205] + [105, 95] * 5)]
    [20]
    >>> find_odd_days([0, 20, 30] * 5 + [900, 2500, 2800, 2600, 2900, 2400, 2000, 900, 300] + [30, 20] * 5)
    []
    """
    series = _Series(counts)
    if _only_rises(counts):
        for i, (before, count) in enumerate(pairwise(counts), 1):
            series.add(i, count - before, RUNNING_TOTAL)
    else:
        _find_running_totals(series)
        _find_far_days(series)
        _find_taken_back(series)
    return [series.found[i] for i in sorted(series.found)]


def _only_rises(counts: Sequence[int]) -> bool:
    """Say whether all counts of a unit go on adding up: by small steps that do not grow, as a starting campaign's do."""
    if len(counts) < RISING_DAYS or counts[0] <= 0 or counts[-1] - counts[0] < FEWEST_DOSES:
        return False
    steps = [b - a for a, b in pairwise(counts)]
    rises = [step for step in steps if step > 0]
    if min(steps) < 0 or len(rises) < FEWEST_RISES or median(counts) < TIMES_RUNNING * median(rises):
        return False
    third = len(rises) // 3
    return median(rises[-third:]) < 2 * median(rises[:third])


def _find_running_totals(series: _Series) -> None:
    """Find counts that are about the sum of all before them, or that rise from one by no more than a usual day."""
    counts, total, i = series.counts, 0, 0
    while i < len(counts):
        # Most counts are far below the sum so far: no neighbours are asked for those.
        is_asked = counts[i] >= max(FEWEST_DOSES, (1 - TOLERANCE) * total) or counts[i] < 0
        before = series.near(range(i - 1, -1, -1)) if is_asked else []
        usual = median(before) if len(before) >= FEWEST_NEIGHBOURS else 0
        if usual and _is_total(counts[i], total, usual):
            last = _end_of_chain(counts, i, usual)
            after = series.near(range(last + 1, len(counts)), FEWEST_A_SIDE)
            if not after or median(after) * TIMES_ORDINARY < counts[i]:
                series.add(i, usual, RUNNING_TOTAL)
                _add_chain(series, i, last)
                total, i = counts[last], last + 1
                continue
        # What takes an earlier excess back is no part of the sum of days.
        total += counts[i] if counts[i] > -TIMES_RUNNING * usual else 0
        i += 1


def _is_total(count: int, total: int, usual: float) -> bool:
    is_far = count >= TIMES_RUNNING * usual and count - usual >= FEWEST_DOSES
    return is_far and (1 - TOLERANCE) * total <= count <= (1 + TOLERANCE) * total + usual


def _end_of_chain(counts: Sequence[int], first: int, usual: float) -> int:
    """Return the last of the days from `first` on that go on adding up; days without a count lie between."""
    last = first
    for i in range(first + 1, len(counts)):
        low, high = (1 - TOLERANCE) * counts[last], (1 + TOLERANCE) * counts[last] + TIMES_ORDINARY * usual
        if counts[i] and not low <= counts[i] <= high:
            break
        last = i if counts[i] else last
    return last


def _add_chain(series: _Series, first: int, last: int) -> None:
    before = first
    for i in range(first + 1, last + 1):
        if series.counts[i]:
            series.add(i, max(series.counts[i] - series.counts[before], 0), RUNNING_TOTAL)
            before = i


def _find_far_days(series: _Series) -> None:
    """Find counts alone above everything near them, with nothing of a size between, before or after."""
    far = []
    given = [i for i, count in enumerate(series.counts) if count > 0 and i not in series.found]
    values = [series.counts[i] for i in given]
    for place, count in enumerate(values):
        if count < FEWEST_DOSES or _is_among_its_like(count, values, place):
            continue
        before, after = (
            values[max(place - WINDOW_DAYS, 0) : place],
            values[place + 1 : place + 1 + WINDOW_DAYS],
        )
        near = before + after
        if min(len(before), len(after)) < FEWEST_A_SIDE or len(near) < FEWEST_NEIGHBOURS:
            continue
        usual = median(near)
        if count - usual >= FEWEST_DOSES and _is_alone(count, before, after, usual):
            far.append((given[place], usual))
    for i, usual in far:
        series.add(i, usual, FAR_OUTSIDE)


def _is_among_its_like(count: int, values: list[int], place: int) -> bool:
    """Say at a glance, for most counts, that `_is_alone` is not so: as many as a campaign has lie just before."""
    nearest = values[max(place - MOST_FAR_DAYS, 0) : place]
    return len(nearest) == MOST_FAR_DAYS and TIMES_FAR * min(nearest) > TIMES_ORDINARY * count


def _is_alone(count: int, before: list[int], after: list[int], usual: float) -> bool:
    near = before + after
    others = [other for other in near if other > TIMES_ORDINARY * usual]
    if count < TIMES_FAR * usual or len(others) >= MOST_FAR_DAYS:
        return False
    if any(other < TIMES_FAR * usual for other in others):
        return False
    for side in (before, after):
        if sum(other <= TIMES_ORDINARY * usual for other in side) < FEWEST_A_SIDE:
            return False
    spread = NORMAL * median(abs(log(other / usual)) for other in near)
    return log(count / usual) > DEVIATIONS * spread


def _find_taken_back(series: _Series) -> None:
    """Find counts below zero that take the excess of odd days back: together they are right as they stand."""
    open_days: list[OddDay] = []
    for i, count in enumerate(series.counts):
        open_days = [day for day in open_days if i - day.index <= WINDOW_DAYS]
        if i in series.found:
            open_days.append(series.found[i])
        for days in (open_days, open_days[-1:]) if count < 0 else ():
            excess = sum(series.counts[day.index] - day.usual for day in days)
            slack = sum(TIMES_ORDINARY * day.usual + TOLERANCE * excess for day in days)
            if days and abs(count + excess) <= slack:
                series.add(i, count + excess, TAKEN_BACK)
                open_days = [day for day in open_days if day not in days]
                break
