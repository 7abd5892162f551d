"""The trial of clerical review: what clerks answer, how long it takes, what the first look-ups find."""

from typing import Any

import numpy as np
import pytest

from analysis.evaluate.links.clerks import (
    ON_SCREEN,
    WITH_NUMBER,
    WITHOUT_NUMBER,
    Clerk,
    answers_of,
    gains_of,
    minutes_of,
    print_trial,
)


def row(number: int, true: str | None = None, **other: Any) -> dict[str, Any]:
    """Return an open row of a person of its own, whose true citizen and dose are not known yet."""
    return {
        "source_file": "a.csv",
        "source_row": number,
        "unit_code": "00688",
        "address": None,
        "link_status": "clerical_review",
        "gain": 0.9 if true else 0.0,
        "id_kind": "missing",
        "candidate": None,
        "person": f"p{number}",
        "true_citizen": true,
        "dose": f"{true or ''} 1",
        "is_new": True,
        "is_counted": True,
    } | other


def test_a_clerk_without_faults_says_the_truth_and_one_who_slips_does_not() -> None:
    rows = [row(n, f"c{n}" if n % 2 else None) for n in range(200)]
    true = [r["true_citizen"] or "" for r in rows]
    rng = np.random.default_rng(1)
    assert answers_of(rng, Clerk(0, 1, 1), rows) == true
    slips = answers_of(rng, Clerk(0.2, 1, 1), rows)
    assert 20 < sum(a != t for a, t in zip(slips, true, strict=True)) < 60
    assert answers_of(rng, Clerk(0, 0, 1), rows) == [""] * 200


def test_a_household_on_the_screen_takes_less_time() -> None:
    rows = [row(1, id_kind="citizen_number"), row(2, candidate="c"), row(3, candidate="c"), row(4)]
    assert minutes_of(rows, 2) == pytest.approx(2 * (WITH_NUMBER + 2 * WITHOUT_NUMBER + ON_SCREEN) / 60)


def test_a_dose_is_gained_once() -> None:
    rows = [row(1, "a"), row(2, "a"), row(3), row(4, "b", is_new=False)]
    assert gains_of(rows) == [1.0, 1.0, 1.0, 1.0]
    assert gains_of(rows[::-1]) == [0.0, 0.0, 0.0, 1.0]


def test_the_order_of_worth_finds_more_at_first(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row(n, f"c{n}" if n % 4 == 0 else None) for n in range(200)]
    print_trial({"00688": rows}, 1)
    first = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("first 10 %"))
    assert "100.0 doses gained a hundred look-ups" in first
