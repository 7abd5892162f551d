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
        search = _Search(self._system, groups, low, high)
        wanted = np.intersect1d(asked, search.cells)
        search.go(wanted, self._system.turn, -1.0, AGAINST)
        one_by_one = np.arange(len(low))
        for sign in (-1.0, 1.0):
            search.go(wanted, one_by_one, sign, 0.0)
        widths[wanted] = np.minimum(widths[wanted], search.widths()[wanted])
        self._programmes += search.solved


class _Search:
    """Possible truths of some groups, and how far apart they are for each count: its range is at least so wide."""

    def __init__(self, system: System, groups: list[_Group], low: Ints, high: Ints) -> None:
        self._system, self._groups, self._low, self._high = system, groups, low, high
        self._least = system.values.astype(float)  # the truth is possible
        self._most = self._least.copy()
        self.solved = 0
        self.cells: Ints = np.concatenate([np.zeros(0, dtype=np.int64), *(group.cells for group in groups)])

    def go(self, wanted: Ints, keys: Ints, sign: float, others: float) -> None:
        """Ask for the upper (`sign` -1) or lower end of the wanted counts that are narrow still.

        In every round each group asks for those of one key at once, while its other counts are pressed a little
        the other way by `others`; groups have nothing in common, so that one programme serves many.
        """
        is_open = np.zeros(len(keys), dtype=bool)
        is_open[wanted] = True
        is_wanted = is_open.copy()
        groups = self._groups
        while True:
            is_open &= self.widths() < NARROWEST_RANGE
            groups = [group for group in groups if is_open[group.cells].any()]
            if not groups:
                return
            weights = np.where(is_wanted, -sign * others, 0.0)
            for group in groups:
                narrow = group.cells[is_open[group.cells]]
                picked = narrow[keys[narrow] == keys[narrow].min()]
                weights[picked] = sign
                is_open[picked] = False
            for batch in _batches(groups):
                self._note(batch, _solve(self._system, self._low, self._high, batch, weights))

    def _note(self, batch: _Group, point: Floats) -> None:
        """Keep how far the counts of one more possible truth lie out."""
        self.solved += 1
        self._least[batch.cells] = np.minimum(self._least[batch.cells], point)
        self._most[batch.cells] = np.maximum(self._most[batch.cells], point)

    def widths(self) -> Ints:
        """Return the widths, in whole numbers; what the solver leaves of rounding in an end is none."""
        whole: Ints = np.floor(self._most - self._least + 1e-6).astype(np.int64)
        return whole


def _groups(system: System, low: Ints, high: Ints, asked: Ints) -> list[_Group]:
    """Return every group that holds an asked cell, but for those whose ranges are exact already.

    Where sums and orders join the counts of a group without a circle, and its ranges are narrowed to the end, every
    value of a range is met by some values of its neighbours, and those by their other neighbours: no programme
    could narrow it further.
    """
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
    has_circle = np.bincount(label[left], minlength=size) >= np.bincount(label, minlength=size)
    has_circle[label[np.flatnonzero(~system.are_settled(low, high))]] = True
    wanted = np.unique(label[asked])
    wanted = wanted[has_circle[wanted]]
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


def _solve(system: System, low: Ints, high: Ints, group: _Group, weights: Floats) -> Floats:
    """Return the possible truth of a group's counts whose weighted sum is the least."""
    cells, sums, orders = group
    place = np.full(len(low), -1, dtype=np.int64)
    place[cells] = np.arange(len(cells))
    equal, known = _sum_rows(system, low, place, sums, len(cells))
    below, above = place[system.lower[orders]], place[system.upper[orders]]
    rows = np.arange(len(orders))
    ones = np.ones(len(orders))
    entries = (np.concatenate([ones, -ones]), (np.tile(rows, 2), np.concatenate([below, above])))
    ordered: Any = csr_array(entries, shape=(len(orders), len(cells)))
    bounds: Any = np.column_stack([low[cells], high[cells]]).astype(float)
    result: Any = linprog(
        weights[cells],
        A_ub=ordered,
        b_ub=np.zeros(len(orders)),
        A_eq=equal,
        b_eq=known,
        bounds=bounds,
        method="highs",
    )
    if result.status:  # the truth itself is a solution
        raise RuntimeError(f"disclosure control: the attack's programme ended with status {result.status}")
    point: Floats = result.x
    return point


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
