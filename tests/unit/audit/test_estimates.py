"""The arithmetic of the audit: allocation, point estimates, and limits that hold what they say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.audit.estimates import Outcome, estimate, estimate_share
from analysis.audit.strata import FEWEST_ROWS, POOLS, allocate

SURE = Outcome(True, 90_000, 450, 0, 0)
OPEN = Outcome(False, 1_000, 50, 10, 10, (1.0,) * 10, (0.0,) * 10)


def test_a_sample_looked_up_whole_has_no_doubt() -> None:
    """Ten rows, two wrong, one of them of nobody in the registry: every figure is a plain quotient."""
    whole = [Outcome(True, 10, 10, 2, 1, (1.0, 0.0), (1.0, 1.0)), Outcome(False, 5, 5, 1, 1, (1.0,), (0.0,))]
    found = estimate(whole, people=9)
    assert [found[m].value for m in ("precision_pct", "recall_pct")] == [80.0, 80.0]
    for one in found.values():
        assert one.low == pytest.approx(one.value) == pytest.approx(one.high)
    assert found["people"].value == 9 + 0 - 1 + 1


def test_no_error_found_is_no_proof_of_none() -> None:
    """450 right rows of 90,000 leave up to .82 % wrong (1 − .025^(1/450)), and may be all right."""
    found = estimate([SURE], people=80_000)["precision_pct"]
    assert found.value == found.high == 100.0
    assert found.low == pytest.approx(100 - 0.82, abs=0.03)
    assert estimate_share(90_000, 450, 0).low == pytest.approx(found.low, abs=0.05)


def test_open_rows_lower_recall_and_add_people() -> None:
    """A fifth of 1,000 open rows is of people in the registry: 200 missed beside 90,000 right ones."""
    found = estimate([SURE, OPEN], people=80_000)
    assert found["recall_pct"].value == pytest.approx(100 * 90_000 / 90_200)
    assert found["people"].value == pytest.approx(80_200)
    assert found["people"].low < 80_200 < found["people"].high


def test_a_pool_without_answers_says_nothing() -> None:
    """Nobody has looked up the open rows yet: what is said holds for the linked ones alone."""
    found = estimate([SURE, replace(OPEN, answered=0, errors=0, exists=0, gains=(), losses=())], 80_000)
    assert found["recall_pct"].value == 100.0


def test_more_look_ups_and_more_errors_found_give_narrower_limits_than_exact_ones() -> None:
    """Five errors in a hundred: mid-P limits lie within Clopper and Pearson's 88.7 to 98.4 %."""
    few, many = estimate_share(10_000, 100, 5), estimate_share(10_000, 1000, 50)
    assert 88.7 < few.low < many.low < 95.0 < many.high < few.high < 98.4


@settings(max_examples=60, deadline=None)
@given(
    rows=st.dictionaries(st.sampled_from(sorted(POOLS)), st.integers(0, 10**6), min_size=1),
    size=st.integers(50, 3000),
)
def test_allocation_takes_no_more_than_there_is(rows: dict[str, int], size: int) -> None:
    """Every pool with rows gets some, none more than it has, and the whole is what was asked for."""
    taken = allocate(rows, {}, size)
    assert set(taken) == {pool for pool, count in rows.items() if count}
    assert all(min(FEWEST_ROWS, rows[pool]) <= count <= rows[pool] for pool, count in taken.items())
    assert sum(taken.values()) == min(
        max(size, sum(min(FEWEST_ROWS, c) for c in rows.values())), sum(rows.values())
    )


@pytest.mark.parametrize("wrong", [0, 40, 700, 1500])
def test_limits_hold_the_truth_as_often_as_they_say(wrong: int) -> None:
    """Of 300 samples of an invented population, the intervals hold the true shares in 95 of 100, give or take chance.

    None to eight errors are expected among the 450 links looked up.
    """
    rng = np.random.default_rng(5)
    right = 90_000 - wrong
    true = {"precision_pct": 100 * right / 90_000, "recall_pct": 100 * right / (90_000 + 250)}
    held = dict.fromkeys(true, 0)
    for _ in range(300):
        found_wrong = int(rng.hypergeometric(wrong, right, 450))
        missed = int(rng.hypergeometric(250, 750, 50))
        outcomes = [
            Outcome(True, 90_000, 450, found_wrong, found_wrong, (1.0,) * found_wrong, (1.0,) * found_wrong),
            Outcome(False, 1_000, 50, missed, missed, (1.0,) * missed, (0.0,) * missed),
        ]
        found = estimate(outcomes, 80_000)
        for measure, value in true.items():
            held[measure] += found[measure].low - 1e-9 <= value <= found[measure].high + 1e-9
    assert min(held.values()) >= 0.92 * 300
