"""Acts of typing a person's fields, and whose numbers and phones get mixed up with theirs."""

from dataclasses import dataclass

import numpy as np

from analysis.simulate.country.people import People
from analysis.simulate.days import NEVER
from analysis.simulate.draws import Ids, Ints


@dataclass
class Typings:
    """Acts of typing: entity numbers, the person's row, the site and the day (days since 1970-01-01)."""

    ids: Ids
    person: Ints
    site: Ints
    day: Ints


def relatives(people: People) -> Ints:
    """Return another adult of each person's household (a row), -1 where there is none."""
    rows = np.arange(len(people))
    adult = (people.age >= 18) & (people.death_day > people.birth_day) & (people.card_day < NEVER)
    following = np.append(people.household[1:] == people.household[:-1], False) & np.append(adult[1:], False)
    before = np.append(False, people.household[1:] == people.household[:-1]) & np.append(False, adult[:-1])
    return np.where(following, rows + 1, np.where(before, rows - 1, -1))
