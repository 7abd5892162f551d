"""Who lives in a province, who moved in or out of it, and whom no registry holds.

A mover is registered in one province and vaccinated in another: with a registered temporary residence there,
without one, or as a visitor. A simulation of one province also holds its movers to other provinces.
"""

from dataclasses import dataclass, fields

import numpy as np

from analysis.simulate.country.country import Country
from analysis.simulate.country.households import HEAD, Kin, draw_ethnicity, draw_households
from analysis.simulate.draws import Floats, Ids, Ints, apportion, number_ids

CITIZEN, UNREGISTERED, FOREIGNER = 0, 1, 2
REGISTERED_MOVE, UNREGISTERED_MOVE = 0.45, 0.80  # of movers; the rest are visitors
UNREGISTERED_SHARE = 0.012
FOREIGN_SHARE = {"27": 0.004, "24": 0.003, "74": 0.004, "75": 0.003, "79": 0.003, "01": 0.002, "31": 0.003}
ELSEWHERE_IN_PROVINCE = 0.035  # adults vaccinated in another district of their province
MOVED_IN_PROVINCE = 0.025  # residents whose permanent registration is in another commune of the province


@dataclass
class Places:
    """Where the rows of a Kin are registered and vaccinated, and whether the registry holds them."""

    kin: Kin
    kind: Ints
    permanent: Ints
    current: Ints
    given: Ints
    away: Ints
    moved_to: Ints


def _draw_commune(country: Country, purpose: str, ids: Ids, province: int) -> Ints:
    rows = np.flatnonzero(country.communes["province"].to_numpy() == province)
    weights = country.commune_people[rows, 3].astype(np.float64) + 1e-9
    return np.asarray(rows[country.draws.choice(purpose, ids, weights)], dtype=np.int64)


def _residents(country: Country, province: int, adults_needed: Ints) -> Places:
    """Return residents; every district has at least `adults_needed` of them."""
    draws, rows = country.draws, np.flatnonzero(country.communes["province"].to_numpy() == province)
    district = country.communes["district"].to_numpy(np.int64)[rows]
    people = country.commune_people[rows]
    ids = np.arange(len(country.districts)).astype(np.uint64)
    factor = 0.985 + 0.055 * draws.uniform("registered over planned", ids)
    wanted = np.maximum(np.rint(country.district_adults * factor).astype(np.int64), adults_needed)
    wanted = np.where(country.district_adults > 0, wanted, 0)
    adults = apportion(people[:, 3:].sum(axis=1) + 1e-9, 0, district, wanted)
    kin = draw_households(country, rows, adults, people[:, :3])
    home = country.communes["district"].to_numpy(np.int64)[kin.commune]
    permanent, current = kin.commune.copy(), np.full(len(kin.ids), -1)
    moved = np.flatnonzero(draws.chance("moved in province", number_ids(kin.household), MOVED_IN_PROVINCE))
    permanent[moved] = _draw_commune(country, "old commune", number_ids(kin.household[moved]), province)
    current[moved] = np.where(permanent[moved] == kin.commune[moved], -1, kin.commune[moved])
    given = home.copy()
    guests = np.flatnonzero((kin.age > 18) & draws.chance("given elsewhere", kin.ids, ELSEWHERE_IN_PROVINCE))
    guest_commune = _draw_commune(country, "given commune", kin.ids[guests], province)
    given[guests] = country.communes["district"].to_numpy(np.int64)[guest_commune]
    _call_back(given, home, adults_needed)
    away = np.full(len(kin.ids), -1)
    return Places(kin, np.zeros(len(kin.ids), dtype=np.int64), permanent, current, given, away, away.copy())


def _call_back(given: Ints, home: Ints, needed: Ints) -> None:
    """Keep enough people in districts whose plan needs them: guests of other districts stay at home."""
    for district in np.unique(home):
        leaving = np.flatnonzero((home == district) & (given != district))
        arriving = int(((given == district) & (home != district)).sum())
        keep = max(len(leaving) - arriving, 0) if needed[district] else 0
        given[leaving[:keep]] = district


def mover_counts(country: Country) -> Ints:
    """Return people by province of registration (rows) and province they are vaccinated in (columns)."""
    adults = country.province_people[:, 3:].sum(axis=1)
    region = country.provinces["region"].to_numpy()
    share = country.provinces["in_migration_share"].astype(float).to_numpy(np.float64)
    weight = (
        adults[:, None] * np.where(region[:, None] == region[None, :], 4.0, 1.0) * (1 - share)[:, None] ** 8
    )
    np.fill_diagonal(weight, 0)
    totals = np.rint(share * adults).astype(np.int64)
    columns = [apportion(weight[:, q], int(totals[q])) for q in range(len(adults))]
    return np.column_stack(columns)


def _movers(country: Country, origins: Ints, destinations: Ints, numbers: Ints, chunk: int) -> Places:
    """Return movers between provinces; `numbers` tells the people of one origin and destination apart."""
    draws, ids = country.draws, number_ids(origins, destinations, 9_000_000 + numbers)
    home, target = np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.int64)
    for province in np.unique(origins):
        here = np.flatnonzero(origins == province)
        home[here] = _draw_commune(country, "mover from", ids[here], int(province))
    for province in np.unique(destinations):
        here = np.flatnonzero(destinations == province)
        target[here] = _draw_commune(country, "mover to", ids[here], int(province))
    kind_of_move = draws.uniform("kind of move", ids)
    lives_there = kind_of_move < UNREGISTERED_MOVE
    age = 18.1 + 36 * draws.uniform("mover age", ids) ** 1.4
    kin = _lone(
        country, ids, np.where(lives_there, target, home), age, draw_ethnicity(country, "mover", ids, home)
    )
    current = np.where(kind_of_move < REGISTERED_MOVE, target, -1)
    district = country.communes["district"].to_numpy(np.int64)[target]
    inside = destinations == chunk
    zeros = np.zeros(len(ids), dtype=np.int64)
    return Places(
        kin,
        zeros,
        home,
        current,
        np.where(inside, district, -1),
        np.where(inside, -1, district),
        destinations,
    )


def _lone(country: Country, ids: Ids, commune: Ints, age: Floats, ethnicity: Ints) -> Kin:
    sex = country.draws.chance("sex", ids, 0.5).astype(np.int64)
    household = 10**12 + (ids >> np.uint64(24)).astype(np.int64)
    return Kin(ids, commune, household, np.full(len(ids), HEAD), age, sex, ethnicity, np.full(len(ids), -1))


def _outsiders(country: Country, province: int, kind: int, shares: Floats) -> Places:
    """Return people no registry extract holds: Vietnamese not registered, or foreigners."""
    adults = np.where(country.districts["province"].to_numpy() == province, country.district_adults, 0)
    expected = adults * shares
    district_ids = number_ids(np.arange(len(adults)), 77 + kind)
    counts = np.floor(expected + country.draws.uniform("outsiders", district_ids)).astype(np.int64)
    counts = np.where(adults > 0, counts, 0)
    district = np.repeat(np.arange(len(adults)), counts)
    number = np.arange(len(district)) - np.repeat(np.cumsum(counts) - counts, counts)
    ids = number_ids(district, 5_000_000 * (kind + 1) + number)
    first = np.searchsorted(country.communes["district"].to_numpy(), district)
    size = np.searchsorted(country.communes["district"].to_numpy(), district, side="right") - first
    order = np.argsort(country.communes["district"].to_numpy(), kind="stable")
    commune = order[first + country.draws.below("outsider commune", ids, size)] if len(ids) else district
    age = 18.1 + 50 * country.draws.uniform("outsider age", ids) ** 1.6
    kin = _lone(country, ids, commune, age, draw_ethnicity(country, "outsider", ids, commune))
    none = np.full(len(ids), -1)
    return Places(kin, np.full(len(ids), kind), commune, none, district, none.copy(), none.copy())


def gather_people(country: Country, province: int, adults_needed: Ints, alone: bool, counts: Ints) -> Places:
    """Gather residents, movers, unregistered people and foreigners of one province."""
    here = np.full(len(country.provinces), province)
    everyone = np.arange(len(country.provinces))
    flows = [(everyone, here, counts[:, province])]
    if alone:
        flows.append((here, everyone, counts[province]))
    code = country.provinces["province_code"].iloc[province]
    adults = np.zeros(len(country.districts))
    parts = [
        _residents(country, province, adults_needed),
        _outsiders(country, province, UNREGISTERED, adults + UNREGISTERED_SHARE),
        _outsiders(country, province, FOREIGNER, adults + FOREIGN_SHARE.get(code, 0.0006)),
    ]
    for origin, destination, count in flows:
        numbers = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        parts.append(
            _movers(country, np.repeat(origin, count), np.repeat(destination, count), numbers, province)
        )
    return _joined(parts)


def _joined(parts: list[Places]) -> Places:
    starts = np.cumsum([0] + [len(p.kin.ids) for p in parts])
    for part, start in zip(parts, starts, strict=False):
        part.kin.father = np.where(part.kin.father >= 0, part.kin.father + start, -1)
    kin = Kin(**{f.name: np.concatenate([getattr(p.kin, f.name) for p in parts]) for f in fields(Kin)})
    others = [f.name for f in fields(Places) if f.name != "kin"]
    return Places(kin, **{name: np.concatenate([getattr(p, name) for p in parts]) for name in others})
