"""Residences that typed units do not settle: what an address tells, and which units an open place may mean.

The second is a short list for a person to choose from, never a decision. The cleaner leaves a level empty where a name
fits several units or none closely enough. Here the same indexes are asked more generously: one letter more may be
wrong than in `places`, and a name may stand under another parent, as it does when a district was typed wrong.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from analysis.clean.fields.places import (
    Place,
    Unit,
    UnitIndex,
    joined_path,
    near_units,
    parse_place,
    spelling_rank,
    unit_indexes,
)
from analysis.clean.fields.unit_names import UnitName, read_unit_name, without_residue
from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.headers.residence import FROM_ADDRESS, NEAR

MAX_CANDIDATES = 5
LEVELS = ("province", "district", "commune")
# Wrong letters a person may still recognise a name behind: one, from 4 letters on two, from 8 on three.
_LENGTHS = (4, 8)


_MISSING = Place(None, None, None, bit_of("place_missing"))
_COMMUNE_KINDS = ("xa", "phuong", "thi tran")


@lru_cache(maxsize=50_000)
def parse_residence(province: str | None, district: str | None, commune: str | None) -> Place:
    """Resolve one path as it was staged: a commune may come from an address, a district from the letterhead (sources place-5).

    Of the letterhead's unit only a commune is taken that the address names.
    """
    if commune and "," in commune and not (province or district):
        commune = FROM_ADDRESS + commune.removeprefix(FROM_ADDRESS)
    if not commune or not commune.startswith(FROM_ADDRESS):
        district = None if district and district.startswith(NEAR) else district
        return parse_place(province, district, commune)
    near = (district or "").removeprefix(NEAR) if (district or "").startswith(NEAR) else None
    district = None if near else district
    parts = [part.strip(" .") for part in re.split(r"[,;]", commune.removeprefix(FROM_ADDRESS))]
    at = max((i for i, part in enumerate(parts) if _is_commune(part)), default=0)
    named, *above = [part for part in parts[at : at + 3] if part]
    if above or province or district:
        ways = (
            [(above[1], above[0])]
            if len(above) > 1
            else [(None, *above), (*above, None)]
            if above
            else [(None, None)]
        )
        places = [parse_place(province or p, district or d, named) for p, d in ways]
        sure = [p for p in places if p.province_code and not p.bits & bit_of("place_respelt")]
        return next((p for p in sure if p.commune_code), sure[0] if sure else _MISSING)
    return _lone_commune(named, near)


def _is_commune(text: str) -> bool:
    return read_unit_name(text).kind in _COMMUNE_KINDS


def _lone_commune(named: str, near: str | None) -> Place:
    """Return the commune of this name in the district near by, else, with its kind before it, the only one of the country."""
    _, districts, communes = unit_indexes()
    kind = read_unit_name(named).kind
    around = districts.find(near, None).codes
    for under in [*([around] if around else []), *([None] if _is_commune(named) else [])]:
        found = communes.find(named, under)
        codes = {code for code in found.codes if kind in ("", communes.units[code].name.kind)}
        if codes and not found.respelt:
            place = joined_path(frozenset(), frozenset(), frozenset(codes))
            return place if place.commune_code else _MISSING
    return _MISSING


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
