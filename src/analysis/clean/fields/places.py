"""Places of residence: a typed path province → district → commune to GSO codes of November 2021.

A bare name is never enough by itself ("Châu Thành" is ten districts): every level is read under its
parents, and a level that stays unclear is decided by the one below it or left empty.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from analysis.clean.fields.unit_names import (
    KIND_WORDS,
    UnitName,
    edit_distance,
    read_unit_name,
    without_residue,
)
from analysis.clean.quality.reason_codes import bit_of
from analysis.reference import UNITS, read_former_names, reference_rows

CODE_WIDTHS = {"province": 2, "district": 3, "commune": 5}
# Names in use for a unit whose official name of 2021 is another: spelling habits and former names.
_PROVINCE_ALIASES = {
    "hcm": "79", "tphcm": "79", "hochiminhcity": "79", "saigon": "79", "hn": "01", "hue": "46",
    "tthue": "46", "thuathien": "46", "brvt": "77", "vungtau": "77", "daklak": "66", "daclac": "66",
    "dacnong": "67", "hatay": "01",
}  # fmt: skip
# From these lengths of a plain name on, one or two letters may be wrong. A name that some unit of the
# country bears is no slip: without that, one in fifty units typed under a wrong parent became a neighbour.
_ONE_WRONG_FROM, _TWO_WRONG_FROM = 4, 8
FOUND_KEPT = 50_000
# A city or town of a province's name is no province: Thành phố Hà Giang.
_CITIES = ("thanh pho", "thi xa", "thi tran")


class Place(NamedTuple):
    """Codes of a place, each level empty (None) where it could not be decided, and reason bits."""

    province_code: str | None
    district_code: str | None
    commune_code: str | None
    bits: int = 0


@dataclass(frozen=True)
class Unit:
    """One unit: its code, the code of its parent, and its name taken apart."""

    code: str
    parent: str
    name: UnitName


@dataclass(frozen=True)
class Found:
    """The codes a typed name may mean, and whether letters had to be corrected to find them."""

    codes: frozenset[str] = frozenset()
    respelt: bool = False


NOTHING = Found()


class UnitIndex:
    """The units of one level, found by code or by plain name, within parents or anywhere.

    `find(text, parents)` says what a typed name or code may mean under any of `parents` (None: anywhere).
    """

    def __init__(self, level: str, units: dict[str, tuple[str, str]], aliases: dict[str, str]) -> None:
        self.width = CODE_WIDTHS[level]
        self.units = {c: Unit(c, parent, read_unit_name(name)) for c, (parent, name) in units.items()}
        self.by_plain: dict[str, list[Unit]] = defaultdict(list)
        self.by_full: dict[str, list[Unit]] = defaultdict(list)
        self.by_parent: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units.values():
            self.by_plain[unit.name.plain].append(unit)
            self.by_full[unit.name.full].append(unit)
            self.by_parent[unit.parent].append(unit)
        for alias, code in aliases.items():
            self.by_plain[alias].append(self.units[code])
        # One text stands under the same parents in thousands of residences.
        self.find = lru_cache(maxsize=FOUND_KEPT)(self._find)

    def _find(self, text: str | None, parents: frozenset[str] | None) -> Found:
        if not text:
            return NOTHING
        name = read_unit_name(text)
        if name.code and parents is None and name.code.zfill(self.width) in self.units:
            return Found(frozenset({name.code.zfill(self.width)}))
        if exact := self._exact_under(name, parents):
            return Found(_best_spelling(name, exact))
        if name.code:
            return NOTHING
        read = read_unit_name(without_residue(text))
        if read.accented != name.accented and (found := self._exact_under(read, parents)):
            return Found(_best_spelling(read, found), True)
        if parents is None:
            return NOTHING
        return Found(self._respelt(name, [u for p in sorted(parents) for u in self.by_parent[p]]), True)

    def _exact_under(self, name: UnitName, parents: frozenset[str] | None) -> list[Unit]:
        return [u for u in self.named(name) if parents is None or u.parent in parents]

    def named(self, name: UnitName) -> Iterable[Unit]:
        """Return the units that have this name (or code) anywhere."""
        if not name.code:
            # The whole, too: a name may only begin like a prefix, or have a prefix with wrong accents.
            whole = self.by_plain.get(name.whole or "?", [])
            if name.kind == "tinh" and self.width != CODE_WIDTHS["province"]:
                return whole  # Tỉnh Hà Giang is not the city of that name
            return [*self.by_plain.get(name.plain, []), *whole] or self.by_full.get(name.plain, [])
        code = name.code.zfill(self.width)
        # A bare number is a code, or the name of a numbered ward or district: the parents tell.
        numbered = self.by_plain.get(name.code.lstrip("0"), [])
        return [self.units[code], *numbered] if code in self.units else numbered

    def _respelt(self, name: UnitName, units: list[Unit]) -> frozenset[str]:
        """Return the units nearest in spelling, when they are near enough and clearly nearest."""
        limit = (len(name.plain) >= _ONE_WRONG_FROM) + (len(name.plain) >= _TWO_WRONG_FROM)
        if not limit or self._is_borne(name):
            return frozenset()
        near = near_units(name, units, limit)
        nearest = min((distance for distance, _ in near), default=0)
        return _best_spelling(name, [unit for distance, unit in near if distance == nearest])

    def _is_borne(self, name: UnitName) -> bool:
        """Say whether some unit of this level anywhere has this name, with the accents if it has any."""
        named = self.by_plain.get(name.plain, [])
        return any(name.accented in (u.name.accented, u.name.plain) for u in named)


def near_units(name: UnitName, units: Iterable[Unit], limit: int) -> list[tuple[int, Unit]]:
    """Return the units whose names differ in `limit` letters at most, each behind that number."""
    distances = ((_distance(name, unit.name, limit), unit) for unit in units)
    return [(distance, unit) for distance, unit in distances if distance <= limit]


def _full_toneless(name: UnitName) -> str:
    return KIND_WORDS.get(name.kind, "") + name.toneless


def _distance(typed: UnitName, unit: UnitName, limit: int) -> int:
    """Return how many letters differ, of the bare names or of those with prefixes; numbers must agree.

    A name typed with accents must be as near with its letters ă â đ ê ô ơ ư: Long Biên is no slip for
    Đồng Tiến. Tone marks do not count, because a slip also moves them (Hhoà).
    """
    if typed.digits != unit.digits:
        return limit + 1
    bare = edit_distance(typed.plain, unit.plain, limit)
    distance = min(bare, edit_distance(typed.full, unit.full, limit))
    if distance > limit or typed.accented.isascii():
        return distance
    with_accents = min(
        edit_distance(typed.toneless, unit.toneless, limit),
        edit_distance(_full_toneless(typed), _full_toneless(unit), limit),
    )
    return max(distance, with_accents)


def spelling_rank(name: UnitName, unit: Unit) -> int:
    """Return how well prefix and accents agree: 3 in both, 2 in accents, 1 in prefix, 0."""
    return (unit.name.accented == name.accented) * 2 + (unit.name.kind == name.kind)


def _best_spelling(name: UnitName, units: list[Unit]) -> frozenset[str]:
    """Keep the units that agree best: same prefix and accents, then accents, then prefix, then any."""
    if len(units) > 1 and name.plain:
        ranked = [(u, spelling_rank(name, u)) for u in units]
        top = max(rank for _, rank in ranked)
        units = [u for u, rank in ranked if rank == top]
    return frozenset(u.code for u in units)


@cache
def unit_indexes() -> tuple[UnitIndex, UnitIndex, UnitIndex]:
    """Return the indexes of provinces, districts and communes of November 2021."""
    rows = reference_rows(UNITS)
    provinces = {r["province_code"]: ("", r["province_name"]) for r in rows}
    districts = {r["district_code"]: (r["province_code"], r["district_name"]) for r in rows}
    communes = {r["commune_code"]: (r["district_code"], r["commune_name"]) for r in rows if r["commune_code"]}
    return (
        UnitIndex("province", provinces, _PROVINCE_ALIASES),
        UnitIndex("district", districts, _former_districts()),
        UnitIndex("commune", communes, {}),
    )


@cache
def _former_districts() -> dict[str, str]:
    """Return the plain names of districts that are no more, and the code of the one each went into."""
    named = read_former_names().to_dict("records")
    return {read_unit_name(r["former_name"]).plain: r["unit_code"] for r in named}


def _is_former(district: str | None, codes: frozenset[str]) -> bool:
    """Say whether a typed district is one that is no more: a commune of it may have gone into another (sources place-4)."""
    code = _former_districts().get(read_unit_name(district or "").plain)
    return codes == frozenset({code})


def _is_elsewhere(district: str | None, commune: str | None) -> bool:
    """Say whether a typed district and commune are, as they are written, a path of some province (sources place-7)."""
    _, districts, communes = unit_indexes()
    named = districts.find(district, None)
    found = communes.find(commune, named.codes) if named.codes and not named.respelt else NOTHING
    return bool(found.codes) and not found.respelt


def _in_turned_columns(province: str | None, district: str, commune: str | None) -> Place | None:
    """Return the place of a path two of whose levels stand in each other's columns, both as they are written (sources place-8).

    The district's column then holds a commune of the district in the commune's, or the province of the district in
    the province's.
    """
    provinces, districts, communes = unit_indexes()
    above = provinces.find(province, frozenset({""}))
    if above.codes and not above.respelt:
        within, below = districts.find(commune, above.codes), district
    elif read_unit_name(district).kind in _CITIES:
        return None
    else:
        above = provinces.find(district, frozenset({""}))
        within, below = districts.find(province, above.codes or frozenset()), commune or ""
    found = communes.find(below, within.codes or frozenset())
    levels = (above, within, found) if below else (above, within)
    if any(level.respelt or len(level.codes) != 1 for level in levels):
        return None
    place = joined_path(above.codes, within.codes, found.codes)
    return place._replace(bits=place.bits | bit_of("place_respelt"))


@lru_cache(maxsize=50_000)
def parse_place(province: str | None, district: str | None, commune: str | None) -> Place:
    """Resolve one typed path; never raises."""
    if not any((province, district, commune)):
        return Place(None, None, None, bit_of("place_missing"))
    provinces, districts, communes = unit_indexes()
    country = frozenset({""})
    in_province = provinces.find(province, country)
    in_district = districts.find(district, in_province.codes or None)
    is_open = district and not (in_province.codes and in_district.codes)
    if is_open and (turned := _in_turned_columns(province, district or "", commune)):
        return turned
    under = in_district.codes or _districts_of(in_province.codes)
    in_commune = communes.find(commune, under)
    if in_district.codes and not in_commune.codes and in_district.respelt and commune:
        # Two corrected levels would be a guess: the commune as it is written decides, if one has it.
        in_commune = communes.find(commune, _districts_of(in_province.codes))
    elif not in_commune.codes and commune and _is_former(district, in_district.codes):
        elsewhere = communes.find(commune, _districts_of(in_province.codes))
        in_commune = elsewhere if len(elsewhere.codes) == 1 and not elsewhere.respelt else in_commune
    elif in_commune.codes and not in_district.codes and _is_elsewhere(district, commune):
        in_commune = NOTHING  # the province may be the wrong one as well as the district
    respelt = any(found.respelt and found.codes for found in (in_province, in_district, in_commune))
    place = joined_path(in_province.codes, in_district.codes, in_commune.codes)
    return place._replace(bits=place.bits | (bit_of("place_respelt") if respelt else 0))


@cache
def _districts_of(provinces: frozenset[str]) -> frozenset[str] | None:
    """Return the districts of these provinces; None (anywhere) when there are no provinces."""
    index = unit_indexes()[1]
    return frozenset(u.code for p in provinces for u in index.by_parent[p]) if provinces else None


def joined_path(
    province_codes: frozenset[str], district_codes: frozenset[str], commune_codes: frozenset[str]
) -> Place:
    """Combine what each level may mean: a single lower unit decides the levels above it."""
    _, districts, communes = unit_indexes()
    if len(commune_codes) == 1:
        (commune,) = commune_codes
        district = communes.units[commune].parent
        return Place(districts.units[district].parent, district, commune)
    # Several communes of one district leave only the commune open.
    parents = {communes.units[c].parent for c in commune_codes} or district_codes
    if len(parents) == 1:
        (district,) = parents
        return Place(districts.units[district].parent, district, None, bit_of("place_partly_resolved"))
    if len(province_codes) == 1:
        (province,) = province_codes
        return Place(province, None, None, bit_of("place_partly_resolved"))
    return Place(None, None, None, bit_of("place_unresolved"))
