"""Which units an open place may mean: a short list for a person to choose from, never a decision.

The cleaner leaves a level empty where a name fits several units or none closely enough. Here the same
indexes are asked more generously: one letter more may be wrong than in `places`, and a name may stand
under another parent, as it does when a district was typed wrong.
"""

from dataclasses import dataclass

from analysis.clean.fields.places import Unit, UnitIndex, near_units, spelling_rank, unit_indexes
from analysis.clean.fields.unit_names import UnitName, read_unit_name, without_residue

MAX_CANDIDATES = 5
LEVELS = ("province", "district", "commune")
# Wrong letters a person may still recognise a name behind: one, from 4 letters on two, from 8 on three.
_LENGTHS = (4, 8)


@dataclass(frozen=True)
class Surroundings:
    """The units found above an open level."""

    province: str | None
    district: str | None

    def remoteness(self, unit: Unit) -> int:
        """Return 0 for a unit under the lowest unit found, 1 in the same province, 2 elsewhere."""
        if unit.parent == (self.district or self.province or ""):
            return 0
        districts = unit_indexes()[1].units
        province = districts[unit.parent].parent if unit.parent in districts else unit.parent
        return 1 if province == self.province else 2


def candidate_codes(level: str, province: str | None, district: str | None, typed: str) -> list[str]:
    """Return the codes of at most five units that a typed text may mean, nearest first; never raises.

    Nearest: fewest letters wrong, then the open level before those below it, then the better agreement of
    prefix and accents, then the nearer place. Communes are looked for in the province found; the width of
    a code tells its level.
    """
    around = Surroundings(province, district)
    indexes = unit_indexes()[LEVELS.index(level) :]
    ranks: dict[str, tuple[int, int, int, int]] = {}
    for name in dict.fromkeys(map(read_unit_name, (typed, without_residue(typed)))):
        for below, index in enumerate(indexes):
            for distance, unit in _fitting(index, name, around, respelt=not below):
                rank = (distance, below, -spelling_rank(name, unit), around.remoteness(unit))
                ranks[unit.code] = min(rank, ranks.get(unit.code, rank))
    return sorted(ranks, key=lambda code: (ranks[code], code))[:MAX_CANDIDATES]


def _fitting(index: UnitIndex, name: UnitName, around: Surroundings, respelt: bool) -> list[tuple[int, Unit]]:
    """Return units of this name and, if `respelt`, those under the found unit that are near in spelling."""
    farthest = 1 if around.province and index.width == 5 else 2
    same = [(0, unit) for unit in index.named(name) if around.remoteness(unit) <= farthest]
    if not respelt or not name.plain:
        return same
    limit = 1 + sum(len(name.plain) >= length for length in _LENGTHS)
    return same + near_units(name, index.by_parent[around.district or around.province or ""], limit)
