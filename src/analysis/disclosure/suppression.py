"""Which counts are withheld: small ones, those with a small complement, and what would give them away.

The last are chosen by least cost: where the ranges that everybody can work out leave a withheld count too
narrow, the cheapest other count of the sum (or the neighbouring week) that narrows it is withheld as well,
until nothing is too narrow. The attack (attack.py) then judges the result by another method.
"""

import numpy as np

from analysis.disclosure.policy import (
    NARROWEST_RANGE,
    NARROWEST_ROUNDED,
    SMALLEST_SHOWN,
    Treatment,
)
from analysis.disclosure.system import NOT_PUBLISHED, ROUNDED, SHOWN, UNDER_10, Flags, Ints, System

EXACT, HEADLINE, COUNTED, TO_ROUND = range(4)
TREATMENTS = (Treatment.EXACT, Treatment.HEADLINE, Treatment.COUNTED, Treatment.ROUNDED)
# A headline gives way last, a small count before a large one.
HEADLINE_COST = np.int64(10**9)
DEAR_COST = np.int64(10**8)
PASSES = 60
FARTHEST = 6  # sums from one to the next through counts they share


def is_small(counts: Ints) -> Flags:
    """Tell which counts are too small to be shown: 1 to 9; zero singles nobody out."""
    small: Flags = (counts >= 1) & (counts < SMALLEST_SHOWN)
    return small


def first_statuses(values: Ints, among: Ints, treatment: Ints, before: Ints) -> Ints:
    """Return each count's status by itself: by its size, its complement, and its last published figure.

    `among` is the number of people a count is one of, below zero where there is none; `before` the figure
    that was published whole before, below zero where there is none, one row for each publication. What differs
    from one of them by 1 to 9 is rounded.
    """
    status = np.full(len(values), SHOWN, dtype=np.int64)
    status[(treatment == TO_ROUND) & (values != 0)] = ROUNDED
    earlier = np.atleast_2d(before)
    steps = (is_small(np.abs(values - earlier)) & (earlier >= 0)).any(axis=0)
    status[(treatment == COUNTED) & steps] = ROUNDED
    free = treatment == EXACT
    status[~free & is_small(np.where(among >= 0, among - values, 0))] = NOT_PUBLISHED
    status[~free & is_small(values)] = UNDER_10
    return status


def withhold(system: System, status: Ints, treatment: Ints) -> Ints:
    """Return the statuses after everything is withheld that would give a withheld count away.

    Counts whose range stays too narrow though nothing is left to withhold are the attack's to report.
    """
    status = status.copy()
    stuck = np.zeros(len(status), dtype=bool)
    for _ in range(PASSES):
        low, high = system.ranges(status)
        narrow = too_narrow(status, low, high) & ~stuck
        if not narrow.any():
            break
        chosen = _chosen_in_sums(system, status, treatment, low, high, narrow)
        # A rounded figure that a sum pins down is freed in that sum; its neighbours need not give way with it.
        beside = narrow & (status != ROUNDED) if len(chosen) else narrow
        chosen = np.union1d(chosen, _chosen_neighbours(system, status, treatment, low, high, beside))
        if not len(chosen):
            # A rounded figure that others pin down and that nothing can blur is withheld itself.
            pinned = narrow & (status == ROUNDED)
            stuck |= narrow & ~pinned
            chosen = np.flatnonzero(pinned)
        status[chosen] = NOT_PUBLISHED
    return status


def withhold_beside(system: System, status: Ints, treatment: Ints, found: Ints) -> Ints:
    """Return the statuses with the cheapest count of every sum of the found ones withheld as well.

    Where all of those are withheld already, it is one of the sums that share a withheld count with them.
    """
    members = np.concatenate([system.totals, system.parts])
    of_sum = np.concatenate([np.arange(len(system.totals)), system.part_of])
    is_withheld = (status == UNDER_10) | (status == NOT_PUBLISHED)
    near, chosen = found, np.zeros(0, dtype=np.int64)
    for _ in range(FARTHEST):
        sums = np.unique(of_sum[np.isin(members, near)])
        chosen = _cheapest(system, status, treatment, members, of_sum, sums)
        if len(chosen):
            break
        near = np.unique(members[np.isin(of_sum, sums) & is_withheld[members]])
    beside = status.copy()
    beside[chosen] = NOT_PUBLISHED
    return withhold(system, beside, treatment)


def too_narrow(status: Ints, low: Ints, high: Ints) -> Flags:
    """Tell which withheld or rounded counts can be worked out too closely."""
    needed = np.select(
        [status == SHOWN, status == ROUNDED], [np.int64(0), np.int64(NARROWEST_ROUNDED)], NARROWEST_RANGE
    )
    narrow: Flags = high - low < needed
    return narrow


def _costs(system: System, status: Ints, treatment: Ints) -> Ints:
    """Return what it costs to withhold each count; below zero: it cannot be, or hides nothing."""
    is_open = ((status == SHOWN) | (status == ROUNDED)) & (treatment != EXACT)
    costs = np.where(is_open & (np.abs(system.values) >= SMALLEST_SHOWN), np.abs(system.values), -1)
    costs = np.where((costs >= 0) & system.dear, costs + DEAR_COST, costs)
    priced: Ints = np.where((costs >= 0) & (treatment == HEADLINE), costs + HEADLINE_COST, costs)
    return priced


def _chosen_in_sums(
    system: System, status: Ints, treatment: Ints, low: Ints, high: Ints, narrow: Flags
) -> Ints:
    """Return for every sum that pins a narrow count its cheapest count that can be withheld."""
    members, of_sum, pins = _pinning(system, low, high, narrow)
    return _cheapest(system, status, treatment, members, of_sum, np.unique(of_sum[pins]))


def _cheapest(system: System, status: Ints, treatment: Ints, members: Ints, of_sum: Ints, sums: Ints) -> Ints:
    """Return the cheapest count of each of the sums that can be withheld, best where another sum wants it too."""
    costs = _costs(system, status, treatment)[members]
    possible = np.isin(of_sum, sums) & (costs >= 0)
    opens, is_dear = _sums_opened(status, members, of_sum), costs >= DEAR_COST
    by = (members, costs, opens, is_dear, of_sum)
    order = np.lexsort(tuple(keys[possible] for keys in by))
    _, first = np.unique(of_sum[possible][order], return_index=True)
    return np.unique(members[possible][order][first])


def _pinning(system: System, low: Ints, high: Ints, narrow: Flags) -> tuple[Ints, Ints, Flags]:
    """Return the members of all sums, their sums, and whether it is that sum that bounds a narrow member."""
    sums = np.arange(len(system.totals))
    lows, highs = system.sums_of(low), system.sums_of(high)
    of_parts, rest = system.part_of, system.rest
    most = high[system.totals][of_parts] - rest[of_parts] - (lows[of_parts] - low[system.parts])
    least = low[system.totals][of_parts] - rest[of_parts] - (highs[of_parts] - high[system.parts])
    bounds_part = (most <= high[system.parts]) | ((least >= low[system.parts]) & (least > 0))
    bounds_total = (highs + rest <= high[system.totals]) | (
        (lows + rest >= low[system.totals]) & (lows + rest > 0)
    )
    members = np.concatenate([system.totals, system.parts])
    pins: Flags = narrow[members] & np.concatenate([bounds_total, bounds_part])
    return members, np.concatenate([sums, of_parts]), pins


def _sums_opened(status: Ints, members: Ints, of_sum: Ints) -> Ints:
    """Return for each member how many of its sums have nothing withheld yet: there it would need a partner."""
    withheld = (status == UNDER_10) | (status == NOT_PUBLISHED)
    has_partner = np.zeros(int(of_sum.max(initial=-1)) + 1, dtype=bool)
    has_partner[of_sum[withheld[members]]] = True
    opened = np.zeros(len(status), dtype=np.int64)
    np.add.at(opened, members, ~has_partner[of_sum])
    return opened[members]


def _chosen_neighbours(
    system: System, status: Ints, treatment: Ints, low: Ints, high: Ints, narrow: Flags
) -> Ints:
    """Return the counts before or after a narrow one in an order that bound it from their side."""
    costs = _costs(system, status, treatment)
    above = narrow[system.lower] & (high[system.upper] == high[system.lower]) & (costs[system.upper] >= 0)
    below = narrow[system.upper] & (low[system.lower] == low[system.upper]) & (costs[system.lower] >= 0)
    bounds_low = below & (low[system.lower] > 0)
    return np.unique(np.concatenate([system.upper[above], system.lower[bounds_low]]))
