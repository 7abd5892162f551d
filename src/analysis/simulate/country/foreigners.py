"""Names and passports of foreigners: vaccinated, but outside the registry check (dispatch 8938/BYT-DP)."""

import numpy as np

from analysis.simulate.draws import Draws, Ids, Texts
from analysis.simulate.lists import read_list


def draw_foreign_names(draws: Draws, ids: Ids) -> tuple[Texts, Texts, Texts]:
    """Return names in capitals, nationalities in Vietnamese and passport numbers."""
    table = read_list("simulation_foreign_names.csv")
    weights = table.groupby("nationality", sort=True)["weight"].first().astype(float)
    nationality = weights.index.to_numpy(dtype=object)[
        draws.choice("nationality", ids, np.asarray(weights, dtype=np.float64))
    ]
    name, passport = np.full(len(ids), "", dtype=object), np.full(len(ids), "", dtype=object)
    for country, part in table.groupby("nationality", sort=True):
        rows = np.flatnonzero(nationality == country)
        first = part["first"].iloc[0].split()
        last = part["last"].iloc[0].split()
        letter = str(part["passport_letter"].iloc[0])
        picks = zip(
            draws.below("foreign first", ids[rows], len(first)).tolist(),
            draws.below("foreign last", ids[rows], len(last)).tolist(),
            strict=True,
        )
        name[rows] = [f"{last[b]} {first[a]}" for a, b in picks]
        passport[rows] = [f"{letter}{n:08d}" for n in draws.below("passport", ids[rows], 10**8).tolist()]
    return name, nationality, passport
