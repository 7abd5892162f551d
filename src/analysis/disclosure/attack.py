"""The attack on what is to be published: how closely linear programming can work out each withheld count.

Each group of counts that sums and orders hold together is a linear programme. One solution is a possible
truth for all its counts at once, so solutions in changing directions show most ranges to be wide; only what
they leave narrow is asked for by itself, from both sides.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from analysis.disclosure.policy import NARROWEST_RANGE
from analysis.disclosure.system import NOT_PUBLISHED, UNBOUNDED, UNDER_10, Floats, Ints, System

BATCH_CELLS = 3_000
AGAINST = 1e-3  # how little the counts whose turn it is not weigh against those whose turn it is


@dataclass(frozen=True)
class AttackResult:
    """What the attack found: withheld counts, the narrowest range among them, and how it was found."""

    withheld: int
    narrowest: int | None
    found: Ints
    programmes: int
    seconds: float


class _Group(NamedTuple):
    """What must be solved together: open cells, and the sums and orders between them."""

    cells: Ints
    sums: Ints
    orders: Ints


class Attacker:
    """Attacks one system as often as its statuses change; groups that stayed as they were are not asked again."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._known: dict[bytes, Ints] = {}
        self._programmes = 0
        self._begun = time.monotonic()

    def attack(self, status: Ints) -> AttackResult:
        """Try to work out every withheld count; `found` are those whose range is narrower than allowed."""
        low, high = self._system.ranges(status)
        withheld = np.flatnonzero((status == UNDER_10) | (status == NOT_PUBLISHED))
        widths = np.where(np.isin(np.arange(len(status)), withheld), high - low, UNBOUNDED)
        # What the simple ranges leave narrow is found already.
        asked = withheld[widths[withheld] >= NARROWEST_RANGE]
        groups = _groups(self._system, low, high, asked)
        marks = [_mark(group, low, high) for group in groups]
        new = [group for group, mark in zip(groups, marks, strict=True) if mark not in self._known]
        self._ask(new, low, high, asked, widths)
        for group, mark in zip(groups, marks, strict=True):
            self._known.setdefault(mark, widths[group.cells].copy())
            widths[group.cells] = self._known[mark]
        narrow = withheld[widths[withheld] < NARROWEST_RANGE]
        narrowest = int(widths[withheld].min()) if len(withheld) else None
        return AttackResult(
            len(withheld), narrowest, narrow, self._programmes, time.monotonic() - self._begun
        )

    def _ask(self, groups: list[_Group], low: Ints, high: Ints, asked: Ints, widths: Ints) -> None:
        """Lower the widths of asked counts to what programmes leave of them."""
        for batch in _batches(groups):
            programme = _Programme(self._system, low, high, *batch)
            wanted = np.intersect1d(batch.cells, asked, assume_unique=True)
            widths[wanted] = np.minimum(widths[wanted], programme.least_widths(wanted))
            self._programmes += programme.solved
        for group in groups:
            wanted = np.intersect1d(group.cells, asked, assume_unique=True)
            wanted = wanted[widths[wanted] < NARROWEST_RANGE]
            if len(wanted):
                programme = _Programme(self._system, low, high, *group)
                widths[wanted] = programme.exact_widths(wanted)
                self._programmes += programme.solved


def _groups(system: System, low: Ints, high: Ints, asked: Ints) -> list[_Group]:
    """Return every group that holds an asked cell."""
    is_open = low < high
    members = np.concatenate([system.totals, system.parts])
    of_sum = np.concatenate([np.arange(len(system.totals)), system.part_of])
    joins = np.zeros(len(system.totals), dtype=bool)
    np.logical_or.at(
        joins, system.part_of, system.block[system.parts] != system.block[system.totals][system.part_of]
    )
    kept = is_open[members] & ~joins[of_sum]
    n = len(low)
    linked_orders = is_open[system.lower] & is_open[system.upper]
    linked_orders &= system.block[system.lower] == system.block[system.upper]
    left = np.concatenate([members[kept], system.lower[linked_orders]])
    right = np.concatenate([n + of_sum[kept], system.upper[linked_orders]])
    size = n + len(system.totals)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    label = connected_components(graph, directed=False)[1].astype(np.int64)
    wanted = np.unique(label[asked])
    cells_by = _by_label(np.flatnonzero(is_open), label[:n][is_open], wanted)
    sums = np.flatnonzero(~joins)
    sums_by = _by_label(sums, label[n:][sums], wanted)
    orders = np.flatnonzero(linked_orders)
    orders_by = _by_label(orders, label[system.lower[orders]], wanted)
    return [_Group(*parts) for parts in zip(cells_by, sums_by, orders_by, strict=True)]


def _mark(group: _Group, low: Ints, high: Ints) -> bytes:
    """Return what tells a group, with the ranges its counts begin with, from every other."""
    parts = (*group, low[group.cells], high[group.cells])
    return hashlib.sha256(b"|".join(part.tobytes() for part in parts)).digest()


def _batches(groups: list[_Group]) -> Iterator[_Group]:
    """Yield groups joined into programmes worth their overhead."""
    batch: list[_Group] = []
    for group in groups:
        batch.append(group)
        if sum(len(g.cells) for g in batch) >= BATCH_CELLS:
            yield _Group(*(np.concatenate(parts) for parts in zip(*batch, strict=True)))
            batch = []
    if batch:
        yield _Group(*(np.concatenate(parts) for parts in zip(*batch, strict=True)))


def _by_label(items: Ints, labels: Ints, wanted: Ints) -> list[Ints]:
    """Return the items of each wanted label, in order."""
    order = np.argsort(labels, kind="stable")
    items, labels = items[order], labels[order]
    begins = np.searchsorted(labels, wanted, side="left")
    ends = np.searchsorted(labels, wanted, side="right")
    return [items[i:j] for i, j in zip(begins, ends, strict=True)]


class _Programme:
    """One group of counts as a linear programme."""

    def __init__(self, system: System, low: Ints, high: Ints, cells: Ints, sums: Ints, orders: Ints) -> None:
        self.cells, self.solved = cells, 0
        self._bounds = np.column_stack([low[cells], high[cells]]).astype(float)
        place = np.full(len(low), -1, dtype=np.int64)
        place[cells] = np.arange(len(cells))
        self._equal, self._sums = _sum_rows(system, low, place, sums, len(cells))
        below, above = place[system.lower[orders]], place[system.upper[orders]]
        rows = np.arange(len(orders))
        ones = np.ones(len(orders))
        entries = (np.concatenate([ones, -ones]), (np.tile(rows, 2), np.concatenate([below, above])))
        self._ordered: Any = csr_array(entries, shape=(len(orders), len(cells)))
        self._place, self._turn = place, system.turn

    def least_widths(self, wanted: Ints) -> Ints:
        """Return how wide each wanted count's range is at least: what some possible truths are apart."""
        at, turns = self._place[wanted], self._turn[wanted]
        least, most = np.full(len(at), np.inf), np.full(len(at), -np.inf)
        for turn in np.unique(turns):
            # Those whose turn it is as high as can be, the others low: both ends show.
            point = self._solve(at, np.where(turns == turn, -1.0, AGAINST))[at]
            least, most = np.minimum(least, point), np.maximum(most, point)
        return _whole(most - least)

    def exact_widths(self, wanted: Ints) -> Ints:
        """Return the width of each wanted count's range, asked from both sides."""
        at = self._place[wanted]
        ends = [
            [self._solve(at[i : i + 1], np.array([sign]))[at[i]] for sign in (1, -1)] for i in range(len(at))
        ]
        return _whole(np.array([most - least for least, most in ends]))

    def _solve(self, at: Ints, weights: Floats) -> Floats:
        objective = np.zeros(len(self.cells))
        objective[at] = weights
        self.solved += 1
        bounds: Any = self._bounds
        result: Any = linprog(
            objective,
            A_ub=self._ordered,
            b_ub=np.zeros(self._ordered.shape[0]),
            A_eq=self._equal,
            b_eq=self._sums,
            bounds=bounds,
            method="highs",
        )
        if result.status:  # the truth itself is a solution
            raise RuntimeError(
                f"disclosure control: the attack's programme ended with status {result.status}"
            )
        point: Floats = result.x
        return point


def _whole(widths: Floats) -> Ints:
    """Return widths of ranges of whole numbers; what the solver leaves of rounding in an end is none."""
    whole: Ints = np.floor(widths + 1e-6).astype(np.int64)
    return whole


def _sum_rows(system: System, low: Ints, place: Ints, sums: Ints, width: int) -> tuple[Any, Floats]:
    """Return the sums of a group over its open cells, and what the closed ones leave of each."""
    row_of = np.full(len(system.totals), -1, dtype=np.int64)
    row_of[sums] = np.arange(len(sums))
    own = row_of[system.part_of] >= 0
    cells = np.concatenate([system.totals[sums], system.parts[own]])
    rows = np.concatenate([np.arange(len(sums)), row_of[system.part_of[own]]])
    signs = np.concatenate([np.ones(len(sums)), -np.ones(int(own.sum()))])
    is_open = place[cells] >= 0
    known = np.zeros(len(sums))
    np.add.at(known, rows[~is_open], signs[~is_open] * low[cells[~is_open]])
    matrix = csr_array((signs[is_open], (rows[is_open], place[cells[is_open]])), shape=(len(sums), width))
    return matrix, system.rest[sums] - known
