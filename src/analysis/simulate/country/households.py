"""Households of the people who live where they are registered: roles, ages, sexes, ethnicity, kinship.

Adults come first, in household templates, until each commune has its number; then children join households
with a woman of an age to be their mother. Ages are years on 7/11/2021. Shares are assumptions tuned to the
2019 age structure; kinship matters because relatives' numbers, phones and names are what gets mixed up.
"""

from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from analysis.reference import read_units
from analysis.simulate.country.country import AGE_BANDS, Country
from analysis.simulate.draws import Draws, Floats, Ids, Ints, number_ids
from analysis.simulate.lists import read_list

HEAD, SPOUSE, FATHER, MOTHER, GROWN_CHILD, CHILD, DECEASED = range(7)
# Template: share of households, roles of its adults.
_TEMPLATES: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.10, (HEAD,)),
    (0.42, (HEAD, SPOUSE)),
    (0.16, (HEAD, SPOUSE, GROWN_CHILD)),
    (0.12, (HEAD, SPOUSE, MOTHER)),
    (0.08, (HEAD, SPOUSE, FATHER, MOTHER)),
    (0.08, (HEAD, SPOUSE, GROWN_CHILD, GROWN_CHILD)),
    (0.04, (HEAD,)),
)
_ALONE, _COUPLE, _LONE_PARENT = 0, 1, 6
DECEASED_SHARE = 0.012  # people the registry holds who died before the campaign, per living adult
MARRIED_WITHIN = 0.88  # couples of one ethnicity
COMMUNE_OWN_ETHNICITY = 0.55  # households that take the ethnicity their commune is known for
TWIN_SHARE = 0.014


@dataclass
class Kin:
    """People in household order; one row a person.

    `commune` is a row of the country's communes, `household` a number unique in the province, `father` the
    row of the father in the same arrays (-1: not in the household), `age` years on 7/11/2021, `sex` 0 Nam
    and 1 Nữ, `ethnicity` a GSO code as a number.
    """

    ids: Ids
    commune: Ints
    household: Ints
    role: Ints
    age: Floats
    sex: Ints
    ethnicity: Ints
    father: Ints

    def take(self, rows: Ints) -> "Kin":
        """Return these rows; fathers are renumbered, those left out become -1."""
        place = np.full(len(self.ids) + 1, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        chosen = Kin(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})
        chosen.father = place[chosen.father]
        return chosen


def _household_frame(draws: Draws, communes: Ints, adults: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return commune, number within it, template and adult count of enough households for every commune."""
    guess = adults // 2 + adults // 10 + 8
    commune = np.repeat(communes, guess)
    within = np.arange(len(commune)) - np.repeat(np.cumsum(guess) - guess, guess)
    template = draws.choice("template", number_ids(commune, within), np.array([t[0] for t in _TEMPLATES]))
    size = np.array([len(t[1]) for t in _TEMPLATES])[template]
    running = np.cumsum(size)
    start = np.repeat(np.append(0, running)[np.cumsum(guess) - guess], guess)
    before = running - size - start
    wanted = np.repeat(adults, guess)
    kept = before < wanted
    return commune[kept], within[kept], template[kept], np.minimum(size, wanted - before)[kept]


def _head_age(draws: Draws, ids: Ids, template: Ints) -> Floats:
    u, v = draws.uniform("head age", ids), draws.uniform("head age part", ids)
    alone = np.where(v < 0.5, 18.5 + 14 * u, 52 + 40 * u**1.3)
    couple = np.where(v < 0.72, 21 + 26 * u, 46 + 38 * u**1.25)
    with_grown = 40 + 26 * u**1.15
    with_parents = 23 + 33 * u
    lone_parent = 24 + 36 * u
    age = np.where(template == _ALONE, alone, couple)
    age = np.where((template == 2) | (template == 5), with_grown, age)
    age = np.where((template == 3) | (template == 4), with_parents, age)
    return np.where(template == _LONE_PARENT, lone_parent, age)


def _adults(draws: Draws, communes: Ints, adults: Ints) -> Kin:
    commune, within, template, count = _household_frame(draws, communes, adults)
    roles = np.full((len(_TEMPLATES), 4), -1)
    for row, (_, members) in enumerate(_TEMPLATES):
        roles[row, : len(members)] = members
    house = np.repeat(np.arange(len(commune)), count)
    slot = np.arange(len(house)) - np.repeat(np.cumsum(count) - count, count)
    role = roles[template[house], slot]
    household = commune * 100_000 + within
    ids = number_ids(household[house], slot)
    head_ids = number_ids(household)
    head_age = _head_age(draws, head_ids, template)
    gap = 2.5 + 3 * draws.normal("age gap of spouses", head_ids)
    woman_heads = draws.chance("woman heads", head_ids, np.where(count == 1, 0.6, 0.2))
    spouse_age = np.maximum(np.where(woman_heads, head_age + gap, head_age - gap), 18.2)
    older = 20 + 13 * draws.uniform("age gap of generations", ids)
    youngest_parent = np.minimum(head_age, np.where(count > 1, spouse_age, head_age))
    grown = 18.05 + draws.uniform("grown age", ids) ** 1.3 * np.maximum(youngest_parent[house] - 37.5, 0.5)
    age = np.select(
        [role == HEAD, role == SPOUSE, role == FATHER, role == MOTHER],
        [head_age[house], spouse_age[house], head_age[house] + older + 2, head_age[house] + older],
        grown,
    )
    coin = draws.chance("sex", ids, 0.485).astype(np.int64)
    head_sex = woman_heads.astype(np.int64)[house]
    sex = np.select(
        [role == HEAD, role == SPOUSE, role == FATHER, role == MOTHER], [head_sex, 1 - head_sex, 0, 1], coin
    )
    empty = np.full(len(ids), -1, dtype=np.int64)
    return Kin(ids, commune[house], household[house], role, np.minimum(age, 101), sex, empty.copy(), empty)


def _mothers(kin: Kin) -> Ints:
    """Return the rows of women who can have children at home, in commune order."""
    parent = np.isin(kin.role, (HEAD, SPOUSE)) & (kin.sex == 1) & (kin.age > 19) & (kin.age < 56)
    return np.flatnonzero(parent)


def _children(draws: Draws, kin: Kin, communes: Ints, counts: Ints) -> Kin:
    """Return the under-18s of every commune (counts: communes × young bands), placed with mothers."""
    births_ahead = 174 / 365.25  # people born after 7/11/2021, until the last day of the campaign
    bands = [(low - (births_ahead if low == 0 else 0), high + 1.0) for low, high in AGE_BANDS[:3]]
    grown = counts.copy()
    grown[:, 0] = np.rint(grown[:, 0] * (5 + births_ahead) / 5)
    commune = np.repeat(np.repeat(communes, 3), grown.ravel())
    band = np.repeat(np.tile(np.arange(3), len(communes)), grown.ravel())
    number = np.arange(len(commune)) - np.searchsorted(commune, commune)
    ids = number_ids(commune, 7_000_000 + number)
    low, high = np.array(bands)[band].T
    age = np.minimum(low + (high - low) * draws.uniform("child age", ids), 17.998)
    mothers = _mothers(kin)
    first = np.searchsorted(kin.commune[mothers], commune, side="left")
    available = np.searchsorted(kin.commune[mothers], commune, side="right") - first
    fallback = np.searchsorted(kin.commune, commune)
    drawn = mothers[
        np.minimum(first + draws.below("mother", ids, np.maximum(available, 1)), len(mothers) - 1)
    ]
    mother = np.where(available > 0, drawn, fallback)
    by_mother = np.lexsort((kin.age[mother] + 5 * draws.normal("mother order", ids), commune))
    by_age = np.lexsort((age, commune))
    matched = np.empty_like(mother)
    matched[by_age] = mother[by_mother]
    sex = draws.chance("sex", ids, 0.472).astype(np.int64)
    empty = np.full(len(ids), -1, dtype=np.int64)
    return Kin(ids, commune, kin.household[matched], np.full(len(ids), CHILD), age, sex, empty.copy(), empty)


def _deceased(draws: Draws, kin: Kin) -> Kin:
    """Return people who died before the campaign, as late parents of some heads."""
    rows = np.flatnonzero((kin.role == HEAD) & draws.chance("late parent", kin.ids, DECEASED_SHARE * 2.46))
    ids = number_ids(kin.household[rows], 8_000_000)
    age = np.minimum(kin.age[rows] + 22 + 12 * draws.uniform("late parent age", ids), 104)
    sex = draws.chance("sex", ids, 0.45).astype(np.int64)
    empty = np.full(len(ids), -1, dtype=np.int64)
    role = np.full(len(ids), DECEASED)
    return Kin(ids, kin.commune[rows], kin.household[rows], role, age, sex, empty.copy(), empty)


@cache
def _ethnic_shares() -> tuple[Ints, Floats, dict[str, int]]:
    """Return ethnicity codes, share tables (units × codes) and the table row of every unit listed."""
    table = read_list("simulation_ethnicity.csv")
    codes = np.array(sorted({1, *table["ethnicity_code"].astype(int)}))
    units = sorted(set(table["unit_code"]))
    shares = np.zeros((len(units) + 1, len(codes)))
    for unit, code, share in table.itertuples(index=False):
        shares[units.index(unit), np.searchsorted(codes, int(code))] = float(share) / 100
    shares[:, 0] = 1 - shares.sum(axis=1)
    return codes, shares, {unit: row for row, unit in enumerate(units)}


@cache
def _share_rows() -> Ints:
    """Return the row of the share table of every district, in code order: its own, or its province's."""
    _, shares, place = _ethnic_shares()
    districts = read_units().drop_duplicates("district_code").sort_values("district_code")
    pairs = zip(districts["district_code"], districts["province_code"], strict=True)
    return np.array([place.get(d, place.get(p, len(shares) - 1)) for d, p in pairs])


def draw_ethnicity(country: Country, purpose: str, ids: Ids, commune: Ints) -> Ints:
    """Draw the ethnicity of people or households of a commune."""
    codes, shares, _ = _ethnic_shares()
    rows = _share_rows()[country.communes["district"].to_numpy(np.int64)[commune]]
    own = country.draws.chance(f"{purpose} own", ids, COMMUNE_OWN_ETHNICITY)
    source = np.where(own, number_ids(commune), ids)
    u = country.draws.uniform("ethnicity", source)
    edges = np.cumsum(shares, axis=1)
    picked = (u[:, None] >= edges[rows]).sum(axis=1)
    return np.asarray(codes[np.minimum(picked, len(codes) - 1)], dtype=np.int64)


def _settle(country: Country, kin: Kin) -> None:
    """Set ethnicity and fathers of all members, in place; rows are in household order."""
    draws = country.draws
    kin.ethnicity = draw_ethnicity(country, "household ethnicity", number_ids(kin.household), kin.commune)
    married_in = (kin.role == SPOUSE) & ~draws.chance("married within", kin.ids, MARRIED_WITHIN)
    kin.ethnicity[married_in] = draw_ethnicity(
        country, "spouse", kin.ids[married_in], kin.commune[married_in]
    )
    rows = np.arange(len(kin.ids))
    houses, house = np.unique(kin.household, return_inverse=True)
    father = np.full(len(houses), -1)
    couple_man = np.isin(kin.role, (HEAD, SPOUSE)) & (kin.sex == 0)
    father[house[couple_man]] = rows[couple_man]
    grandfather = np.full(len(houses), -1)
    grandfather[house[kin.role == FATHER]] = rows[kin.role == FATHER]
    young = np.isin(kin.role, (GROWN_CHILD, CHILD))
    kin.father = np.where(young, father[house], np.where(kin.role == HEAD, grandfather[house], -1))
    has_father = young & (kin.father >= 0)
    kin.ethnicity[has_father] = kin.ethnicity[kin.father[has_father]]


def _twins(draws: Draws, kin: Kin) -> None:
    """Give some children the birth date of the brother or sister before them, in place."""
    young = np.isin(kin.role, (GROWN_CHILD, CHILD))
    pair = (
        young[1:] & young[:-1] & (kin.household[1:] == kin.household[:-1]) & (kin.role[1:] == kin.role[:-1])
    )
    second = np.flatnonzero(pair & draws.chance("twin", kin.ids[1:], 3 * TWIN_SHARE)) + 1
    second = second[~np.isin(second - 1, second)]
    kin.age[second] = kin.age[second - 1]


def draw_households(country: Country, communes: Ints, adults: Ints, children: Ints) -> Kin:
    """Draw the residents of these communes: `adults` by commune, `children` by commune and young band."""
    grown = _adults(country.draws, communes, adults)
    parts = [grown, _children(country.draws, grown, communes, children), _deceased(country.draws, grown)]
    kin = Kin(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Kin)})
    kin = kin.take(np.lexsort((kin.ids, -kin.age, kin.role, kin.household)))
    _settle(country, kin)
    _twins(country.draws, kin)
    return kin
