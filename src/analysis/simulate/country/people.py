"""Everyone a simulation knows of one province, with names, numbers, birth and death."""

from dataclasses import dataclass

import numpy as np

from analysis.simulate.country import identity
from analysis.simulate.country.country import Country
from analysis.simulate.country.foreigners import draw_foreign_names
from analysis.simulate.country.households import CHILD, DECEASED, Kin
from analysis.simulate.country.naming import draw_names
from analysis.simulate.country.residents import CITIZEN, FOREIGNER, Places, gather_people
from analysis.simulate.days import CAMPAIGN_DAY, LAST_DAY, NEVER, REFERENCE_DAY
from analysis.simulate.draws import Bools, Draws, Floats, Ids, Ints, Texts, code_ids, number_ids


@dataclass
class People:
    """One row a person. Days count from 1970-01-01; communes and districts are rows of the country's tables.

    `commune` is where the person lives and declares to live, `permanent` and `current` what the registry
    holds (`current` -1: same as permanent), `given_district` where doses are given (-1: outside the simulated
    province, then `away_district`). `birth_precision`: 0 day, 1 month, 2 year. `known_old_ids` is the
    registry's text of old numbers, `old_id` what the person carries. `father` is a row, -1 unknown.
    """

    ids: Ids
    kind: Ints
    commune: Ints
    permanent: Ints
    current: Ints
    given_district: Ints
    away_district: Ints
    household: Ints
    role: Ints
    father: Ints
    sex: Ints
    ethnicity: Ints
    age: Floats
    birth_day: Ints
    birth_precision: Ints
    death_day: Ints
    card_day: Ints
    name: Texts
    daily_name: Texts
    surname: Texts
    middle: Texts
    given: Texts
    nationality: Texts
    citizen_id: Texts
    old_id: Texts
    known_old_ids: Texts
    phone: Texts
    insurance: Texts

    def __len__(self) -> int:
        return len(self.ids)

    def age_on(self, day: Ints | int) -> Ints:
        """Return completed years on a day."""
        return _completed_years(self.birth_day, np.broadcast_to(np.asarray(day), self.birth_day.shape))


def _completed_years(birth: Ints, day: Ints) -> Ints:
    born = birth.astype("datetime64[D]")
    then = day.astype("datetime64[D]")
    years = then.astype("datetime64[Y]").astype(np.int64) - born.astype("datetime64[Y]").astype(np.int64)
    in_year = born - born.astype("datetime64[Y]")
    leap_free = (then - then.astype("datetime64[Y]")) < in_year
    return np.asarray(years - leap_free.astype(np.int64), dtype=np.int64)


def _birth_precision(draws: Draws, kin: Kin) -> Ints:
    """Return how well the registry knows a birth date: the older and remoter, the less (assumed)."""
    edges = np.array([36, 50, 62, 72, 82, 92])
    share = np.array([0.002, 0.006, 0.02, 0.04, 0.08, 0.15, 0.25])[np.searchsorted(edges, kin.age)]
    share = share * np.where(kin.ethnicity == 1, 0.8, 2.2)
    u = draws.uniform("birth precision", kin.ids)
    return np.where(u < share, 2, np.where(u < 1.12 * share, 1, 0))


def _death_day(draws: Draws, kin: Kin, kind: Ints) -> Ints:
    """Return the day of death; mortality rises with age (assumed Gompertz, about 0.6 % a year)."""
    hazard = np.minimum(0.0003 * np.exp(0.085 * np.maximum(kin.age - 25, 0)), 0.3) * 1.15
    dies = draws.chance("dies", kin.ids, hazard) & (kind == CITIZEN) & (kin.role != CHILD)
    u = draws.uniform("death day", kin.ids)
    during = CAMPAIGN_DAY + (u * (LAST_DAY - CAMPAIGN_DAY)).astype(np.int64)
    before = CAMPAIGN_DAY - 1 - (u * 5 * 365).astype(np.int64)
    return np.where(kin.role == DECEASED, before, np.where(dies, during, NEVER))


def _birth_day(draws: Draws, kin: Kin) -> Ints:
    """Return the registered day of birth; some whose day nobody knows are registered on 1 January."""
    day = REFERENCE_DAY - np.floor(kin.age * 365.25).astype(np.int64) - 1
    share = np.where(kin.age > 45, 0.02, 0.003) * np.where(kin.ethnicity == 1, 1, 2.5)
    default = draws.chance("1 January", kin.ids, share) & (kin.age > 16)
    new_year = day.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return np.where(default & (REFERENCE_DAY - new_year > 18 * 366), new_year, day)


def _card_day(draws: Draws, kin: Kin) -> Ints:
    """Return the issue day of the citizen card: few before 2021, most during 2021 (assumed)."""
    u, v = draws.uniform("card", kin.ids), draws.uniform("card day", kin.ids)
    early = CAMPAIGN_DAY - 60 - (v * 1700).astype(np.int64)
    main = CAMPAIGN_DAY - 50 + (v * 230).astype(np.int64)
    late = CAMPAIGN_DAY + 180 + (v * 240).astype(np.int64)
    day = np.select([u < 0.2, u < 0.72, u < 0.92], [early, main, late], NEVER)
    return np.where(kin.age < 15, NEVER, day)


def _mover_starts(counts: Ints, province: Ints, moved_to: Ints) -> Ints:
    """Return how many movers of the same province go to provinces before this one; -1 for who stayed."""
    before = np.cumsum(counts, axis=1) - counts
    return np.where(moved_to < 0, -1, before[province, np.maximum(moved_to, 0)])


def _old_cards(country: Country, places: Places, province: Ints, counts: Ints) -> tuple[Texts, Texts]:
    """Return the old card carried (empty: none) and the old numbers the registry knows of."""
    draws, kin = country.draws, places.kin
    has = draws.chance("old card", kin.ids, np.where(kin.age > 26, 0.975, 0.55)) & (kin.age > 17.2)
    has &= places.kind != FOREIGNER
    codes = code_ids(country.provinces["province_code"]).astype(np.int64)
    first, second = np.full(len(kin.ids), "", dtype=object), np.full(len(kin.ids), "", dtype=object)
    rows = np.flatnonzero(has)
    start = _mover_starts(counts, province, places.moved_to)
    first[rows] = identity.old_card_numbers(draws, kin.ids[rows], codes[province[rows]], start[rows], "a")
    moved = rows[draws.chance("second old card", kin.ids[rows], 0.05)]
    elsewhere = draws.below("second old card province", kin.ids[moved], len(codes))
    other_start = 200_000 + 2_000 * province[moved]
    second[moved] = identity.old_card_numbers(draws, kin.ids[moved], codes[elsewhere], other_start, "b")
    twice = rows[1:][draws.chance("shared old card", kin.ids[rows[1:]], 0.0006)]
    first[twice] = first[rows[np.searchsorted(rows, twice) - 1]]
    knows = draws.chance("old card known", kin.ids, 0.92) & (places.kind == CITIZEN)
    both = knows & (second != "") & (first != "")
    known = np.where(knows, np.where(first != "", first, second), "").astype(object)
    known[both] = first[both] + ";" + second[both]
    return first, known


def draw_people(country: Country, province: int, adults_needed: Ints, alone: bool, movers: Ints) -> People:
    """Draw everyone of one province; `alone`: it is simulated alone, so its movers away belong to it.

    `adults_needed` is, by district, how many adults the plan vaccinates at least; `movers` are the counts
    of `mover_counts`.
    """
    places = gather_people(country, province, adults_needed, alone, movers)
    kin, draws = places.kin, country.draws
    home = country.communes["province"].to_numpy(np.int64)[places.permanent]
    region = country.provinces["region"].to_numpy(dtype=object)[home]
    names = draw_names(draws, kin, region)
    foreign = places.kind == FOREIGNER
    nationality = np.full(len(kin.ids), "", dtype=object)
    passport = np.full(len(kin.ids), "", dtype=object)
    names.registered[foreign], nationality[foreign], passport[foreign] = draw_foreign_names(
        draws, kin.ids[foreign]
    )
    names.daily[foreign] = names.registered[foreign]
    birth = _birth_day(draws, kin)
    year = birth.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    codes = code_ids(country.provinces["province_code"]).astype(np.int64)
    # Movers keep their province's numbers: each province hands out another's numbers in one part only.
    elsewhere = draws.chance("born elsewhere", kin.ids, 0.06) & (places.moved_to < 0)
    born_in = np.where(elsewhere, codes[draws.below("birth province", kin.ids, len(codes))], codes[home])
    part = np.where(born_in == codes[home], places.moved_to, home)
    citizen = identity.citizen_numbers(born_in, part, year, kin.sex)
    citizen[foreign] = passport[foreign]
    old, known = _old_cards(country, places, home, movers)
    return People(
        kin.ids, places.kind, kin.commune, places.permanent, places.current, places.given, places.away,
        kin.household, kin.role, kin.father, kin.sex, kin.ethnicity, kin.age, birth,
        _birth_precision(draws, kin),
        _death_day(draws, kin, places.kind), _card_day(draws, kin), names.registered, names.daily,
        names.surname, names.middle, names.given, nationality, citizen, old, known,
        identity.phone_numbers(draws, number_ids(kin.household)),
        identity.insurance_numbers(draws, kin.ids, codes[home], draws.chance("old insurance card", kin.ids,
        0.6)),
    )  # fmt: skip


def is_registered(people: People) -> Bools:
    """Return who the registry extract holds."""
    return np.asarray(people.kind == CITIZEN, dtype=np.bool_)
