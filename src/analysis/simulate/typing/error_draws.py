"""Which errors happen where: rates per error, worse at careless sites, much worse where a site has the habit.

Rates are in simulation_error_rates.csv with what they rest on. `rate` is multiplied by the care of the site;
`site_habit` is the share of sites that have the habit, `habit_rate` how often it then shows.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from analysis.reference import read_reference
from analysis.simulate.draws import Bools, Draws, Floats, Ids, Ints, Texts, number_ids

MAX_CHANCE = 0.95
# Errors that come from what the person declares are usually repeated at every dose.
DECLARED_AGAIN = 0.8
# Not drawn from a rate: facts of the file, the person or the row that truth names beside the errors.
_OTHER_MARKS = ("name_daily", "id_unknown_to_registry", "file_legacy_letters", "file_lost_zeros", "foreigner")
# Slips in fields that identify nobody: drawn, not named in truth.
_UNNAMED = (
    "phone_missing", "phone_relative", "phone_old", "phone_lost_zero", "phone_country_code", "lot_missing",
    "test_row",
)  # fmt: skip


@cache
def rates() -> dict[str, tuple[float, float, float]]:
    """Return rate, share of sites with the habit and rate under the habit of every error."""
    table = read_reference("simulation_error_rates.csv")
    rows = table[["rate", "site_habit", "habit_rate"]].astype(float).itertuples(index=False)
    return {
        str(e): (float(r[0]), float(r[1]), float(r[2])) for e, r in zip(table["error"], rows, strict=True)
    }


@cache
def error_names() -> tuple[str, ...]:
    """Return all error names in the order of their bits in an error mask."""
    names = (*(e for e in rates() if e not in _UNNAMED), *_OTHER_MARKS)
    if len(names) > 63:
        raise ValueError("an error mask holds at most 63 errors")
    return names


def error_bit(error: str) -> np.int64:
    """Return the bit of an error in a mask; 0 for slips that truth does not name."""
    if error in _UNNAMED:
        return np.int64(0)
    return np.int64(1 << error_names().index(error))


def mask_texts(masks: Ints) -> Texts:
    """Write masks as error names with ; between."""
    distinct, place = np.unique(masks, return_inverse=True)
    return np.array([_mask_text(m) for m in distinct.tolist()] or [""], dtype=object)[place]


@cache
def _mask_text(mask: int) -> str:
    return ";".join(name for bit, name in enumerate(error_names()) if mask >> bit & 1)


@dataclass(frozen=True)
class ErrorDraws:
    """Draws errors for entities at sites; `strength` multiplies all rates (1: as the sources tell)."""

    draws: Draws
    care: Floats
    strength: float
    habits: dict[str, Bools] = field(default_factory=dict)

    def happens(self, error: str, ids: Ids, site: Ints) -> Bools:
        """Return where an error happens; `site` is a row of the facility table."""
        rate, habit, habit_rate = rates()[error]
        chance = rate * self.care[site]
        if habit:
            has = self._has_habit(error, habit)[site]
            chance = np.where(has, np.maximum(chance * self.strength, habit_rate), chance * self.strength)
        else:
            chance = chance * self.strength
        return self.draws.chance(f"error {error}", ids, np.minimum(chance, MAX_CHANCE))

    def _has_habit(self, error: str, share: float) -> Bools:
        """Return which sites have a habit; drawn once."""
        if error not in self.habits:
            sites = number_ids(np.arange(len(self.care)))
            self.habits[error] = self.draws.chance(
                f"habit {error}", sites, min(share * self.strength, MAX_CHANCE)
            )
        return self.habits[error]

    def declared(self, error: str, person: Ids, typing: Ids, site: Ints) -> Bools:
        """Return where an error that the person brings along happens: mostly at every dose alike."""
        again = self.draws.chance(f"again {error}", typing, DECLARED_AGAIN)
        return self.happens(error, np.where(again, person, typing), site)
