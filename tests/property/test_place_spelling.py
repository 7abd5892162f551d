"""Misspelt unit names: one slip is understood, and a unit of somewhere else is never taken for a neighbour."""

import random

import pytest

from analysis.clean.fields.places import UnitIndex, unit_indexes
from analysis.reference import read_units

LETTERS = "abcdeghiklmnopqrstuvxy"
SAMPLES = 600


@pytest.fixture(scope="module", params=["district", "commune"])
def level(request: pytest.FixtureRequest) -> tuple[UnitIndex, dict[str, str]]:
    rows = read_units().to_dict("records")
    names = {
        r[f"{request.param}_code"]: r[f"{request.param}_name"] for r in rows if r[f"{request.param}_code"]
    }
    return unit_indexes()[1 if request.param == "district" else 2], names


def slipped(name: str, chance: random.Random) -> str:
    """Return a name with one letter of its last word changed, lost, doubled or swapped with the next."""
    head, _, word = name.rpartition(" ")
    i = chance.randrange(len(word))
    ways = (
        word[:i] + chance.choice(LETTERS) + word[i + 1 :],
        word[:i] + word[i + 1 :],
        word[:i] + word[i] + word[i:],
        word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :],
    )
    return f"{head} {chance.choice(ways)}"


def test_one_slip_is_understood(level: tuple[UnitIndex, dict[str, str]]) -> None:
    index, names = level
    chance = random.Random(2021)
    codes = [code for code in sorted(names) if not names[code].split()[-1].isdigit()]
    drawn = [chance.choice(codes) for _ in range(SAMPLES)]
    found = [
        (code, index.find(slipped(names[code], chance), frozenset({index.units[code].parent})).codes)
        for code in drawn
    ]
    right = [code for code, codes_found in found if codes_found == {code}]
    wrong = [code for code, codes_found in found if len(codes_found) == 1 and codes_found != {code}]
    assert len(right) >= 0.93 * SAMPLES
    assert len(wrong) <= 0.01 * SAMPLES


def test_a_unit_of_elsewhere_is_no_slip_for_a_neighbour(level: tuple[UnitIndex, dict[str, str]]) -> None:
    index, names = level
    chance = random.Random(2021)
    parents, codes = sorted(index.by_parent), sorted(names)
    for _ in range(SAMPLES):
        parent, code = chance.choice(parents), chance.choice(codes)
        kin = {u.name.plain for u in index.by_parent[parent]}
        if index.units[code].name.plain not in kin:
            assert not index.find(names[code], frozenset({parent})).codes, (names[code], parent)
