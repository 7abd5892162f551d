"""Small counts and what gives them away: withheld, whatever the table, and attacked by another method."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.disclosure.attack import Attacker
from analysis.disclosure.policy import NARROWEST_RANGE, ROUNDED_TO, SMALLEST_SHOWN
from analysis.disclosure.suppression import (
    COUNTED,
    EXACT,
    HEADLINE,
    TO_ROUND,
    first_statuses,
    is_small,
    withhold,
    withhold_beside,
)
from analysis.disclosure.system import (
    NOT_PUBLISHED,
    ROUNDED,
    SHOWN,
    UNBOUNDED,
    UNDER_10,
    Ints,
    System,
    round_counts,
)


def table(cells: list[list[int]]) -> System:
    """Return the system of a table with totals of rows and columns: cells first, then rows' totals, then columns'."""
    values = np.array(cells, dtype=np.int64)
    rows, columns = values.shape
    place = np.arange(rows * columns).reshape(rows, columns)
    flat = np.concatenate([values.ravel(), values.sum(axis=1), values.sum(axis=0)])
    parts = np.concatenate([place.ravel(), place.T.ravel()])
    part_of = np.concatenate(
        [np.repeat(np.arange(rows), columns), rows + np.repeat(np.arange(columns), rows)]
    )
    turn = (np.arange(rows)[:, None] + np.arange(columns)[None, :]).ravel()
    return _system(flat, rows * columns + np.arange(rows + columns), parts, part_of, turn)


def _system(values: Ints, totals: Ints, parts: Ints, part_of: Ints, turn: Ints | None = None) -> System:
    none = np.zeros(0, dtype=np.int64)
    turns = np.zeros(len(values), dtype=np.int64)
    if turn is not None:
        turns[: len(turn)] = turn
    most = np.full(len(values), UNBOUNDED)
    block, dear = np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=bool)
    return System(values, most, totals, parts, part_of, none, none, block, turns, dear)


def told(system: System, treatment: int) -> Ints:
    """Return the statuses that disclosure control ends with when all counts are treated alike."""
    treatments = np.full(len(system.values), treatment, dtype=np.int64)
    alone = np.full(len(system.values), -1, dtype=np.int64)
    status = withhold(system, first_statuses(system.values, alone, treatments, alone), treatments)
    attacker = Attacker(system)
    for _ in range(8):
        found = attacker.attack(status).found
        if not len(found):
            break
        status = withhold_beside(system, status, treatments, found)
    return status


TABLE = [[4, 52, 30, 61], [48, 2, 77, 35], [39, 64, 55, 28], [71, 33, 46, 90]]


def test_a_small_count_alone_is_worked_out_and_found() -> None:
    system = table(TABLE)
    everywhere = np.full(len(system.values), COUNTED, dtype=np.int64)
    alone = np.full(len(system.values), -1, dtype=np.int64)
    status = first_statuses(system.values, alone, everywhere, alone)
    assert (status == UNDER_10).sum() == 2
    result = Attacker(system).attack(status)
    assert result.narrowest == 0 and len(result.found) == 2
    low, high = system.ranges(status)
    assert (low[0], high[0]) == (4, 4)


def test_what_gives_a_small_count_away_is_withheld_and_little_more() -> None:
    status = told(table(TABLE), COUNTED)
    assert (status == UNDER_10).sum() == 2 and (status == NOT_PUBLISHED).sum() <= 6
    result = Attacker(table(TABLE)).attack(status)
    assert not len(result.found) and result.narrowest is not None and result.narrowest >= NARROWEST_RANGE


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=5), min_size=3, max_size=6), st.integers(0, 1)
)
def test_no_withheld_count_of_any_table_can_be_worked_out(rows: list[list[int]], is_rounded: int) -> None:
    width = min(map(len, rows))
    system = table([row[:width] for row in rows])
    status = told(system, TO_ROUND if is_rounded else COUNTED)
    result = Attacker(system).attack(status)
    shown = system.values[(status == SHOWN) | (status == ROUNDED)]
    assert not is_small(shown).any()
    # Where totals themselves are small there is nothing left to hide behind: then all is withheld that can be.
    open_left = ((status == SHOWN) | (status == ROUNDED)) & (system.values >= SMALLEST_SHOWN)
    assert not len(result.found) or not open_left.any()


def worked_out_one_by_one(system: System, status: Ints) -> list[int]:
    """Return the withheld counts that two programmes each, over everything at once, leave too narrow a range."""
    low, high = system.shown_ranges(status)
    sums = np.zeros((len(system.totals), len(low)))
    sums[np.arange(len(system.totals)), system.totals] = 1
    np.add.at(sums, (system.part_of, system.parts), -1)
    orders = np.zeros((len(system.lower), len(low)))
    orders[np.arange(len(system.lower)), system.lower] = 1
    orders[np.arange(len(system.lower)), system.upper] = -1
    found = []
    for cell in np.flatnonzero((status == UNDER_10) | (status == NOT_PUBLISHED)):
        ends = []
        for sign in (1.0, -1.0):
            only = np.zeros(len(low))
            only[cell] = sign
            bounds = np.column_stack([low, high]).astype(float)
            solved = linprog(
                only, orders, np.zeros(len(orders)), sums, system.rest, bounds, method="highs", options={"presolve": False}
            )  # fmt: skip
            ends.append(float(solved.x[cell]))
        if np.floor(ends[1] - ends[0] + 1e-6) < NARROWEST_RANGE:
            found.append(int(cell))
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=4), min_size=2, max_size=4),
    st.integers(0, 1),
    st.randoms(use_true_random=False),
)
def test_the_attack_finds_what_programmes_for_each_count_find(
    rows: list[list[int]], is_rounded: int, chance: Random
) -> None:
    """Also in systems without a circle, where narrowed ranges are taken at their word, and between many at once."""
    width = min(map(len, rows))
    system = table([row[:width] for row in rows])
    cells = range(len(system.values))
    pairs = [(a, b) for a in cells for b in cells if a != b and system.values[a] <= system.values[b]]
    chosen = np.array(chance.sample(pairs, min(3, len(pairs))) or [(0, 0)], dtype=np.int64)
    kept = np.array([r for r in range(len(system.totals)) if chance.random() < 0.7], dtype=np.int64)
    place = np.full(len(system.totals), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    own = place[system.part_of] >= 0
    system = replace(
        system, totals=system.totals[kept], parts=system.parts[own], part_of=place[system.part_of][own],
        lower=chosen[:, 0], upper=chosen[:, 1], most=system.values + np.array([chance.choice([3, 30]) for _ in cells]),
    )  # fmt: skip
    treatments = np.full(len(system.values), TO_ROUND if is_rounded else COUNTED, dtype=np.int64)
    alone = np.full(len(system.values), -1, dtype=np.int64)
    status = first_statuses(system.values, alone, treatments, alone)
    status[[cell for cell in cells if status[cell] != UNDER_10 and chance.random() < 0.3]] = NOT_PUBLISHED
    assert Attacker(system).attack(status).found.tolist() == worked_out_one_by_one(system, status)


def test_complement_step_and_allow_list_decide_by_themselves() -> None:
    values = np.array([95, 95, 95, 95, 7, 7], dtype=np.int64)
    among = np.array([100, 105, 100, -1, -1, -1], dtype=np.int64)
    treatment = np.array([COUNTED, COUNTED, EXACT, COUNTED, HEADLINE, EXACT], dtype=np.int64)
    before = np.array([-1, -1, -1, 90, -1, -1], dtype=np.int64)
    status = first_statuses(values, among, treatment, before)
    assert status.tolist() == [NOT_PUBLISHED, SHOWN, SHOWN, ROUNDED, UNDER_10, SHOWN]


@pytest.mark.parametrize("value", [10, 14, 15, 19, 104, 105])
def test_a_rounded_count_hides_ten_values(value: int) -> None:
    system = table([[value, 200], [300, 400]])
    status = np.full(len(system.values), SHOWN, dtype=np.int64)
    status[0] = ROUNDED
    low, high = system.shown_ranges(status)
    assert low[0] <= value <= high[0] and high[0] - low[0] == ROUNDED_TO - 1
    assert round_counts(np.array([value]))[0] % ROUNDED_TO == 0


def test_weeks_that_never_fall_narrow_what_lies_between() -> None:
    system = _system(np.array([12, 15, 18], dtype=np.int64), *[np.zeros(0, dtype=np.int64)] * 3)
    chained = System(
        system.values, system.most, system.totals, system.parts, system.part_of,
        np.array([0, 1]), np.array([1, 2]), system.block, system.turn, system.dear,
    )  # fmt: skip
    status = np.array([SHOWN, NOT_PUBLISHED, SHOWN], dtype=np.int64)
    low, high = chained.ranges(status)
    assert (low[1], high[1]) == (12, 18)
    treatment = np.full(3, COUNTED, dtype=np.int64)
    after = withhold(chained, status, treatment)
    low, high = chained.ranges(after)
    assert high[1] - low[1] >= NARROWEST_RANGE
