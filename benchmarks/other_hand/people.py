"""Who stands in the registry: whole communes of a simulated extract, and relatives and namesakes beside them."""

import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import duckdb

from analysis.reference import read_units

from .mistakes import Country, Person, shifted

ABSENT = 0.025  # of the people in the records; half of them with a namesake or sibling left in the registry


def read_people(registry: Path, rng: random.Random, count: int) -> list[Person]:
    """Return living registry people of up to `count` records, in whole communes (households stay whole)."""
    rows = duckdb.sql(
        f"""SELECT citizen_id, coalesce(old_id_numbers, ''), full_name, birth_date, sex, permanent_commune_code,
        coalesce(ethnicity_code, '01') FROM read_parquet('{registry.as_posix()}/*.parquet')
        WHERE life_status = 'alive' ORDER BY citizen_id"""
    ).fetchall()
    people = [Person(r[0], tuple(filter(None, r[1].split(";"))), *r[2:]) for r in rows]
    by_commune: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        by_commune[person.commune].append(person)
    chosen: list[Person] = []
    communes = sorted(by_commune)
    rng.shuffle(communes)
    for commune in communes:
        if len(chosen) < count:
            chosen += by_commune[commune]
    return chosen


def new_number(rng: random.Random, like: Person, birth: str, sex: str) -> str:
    """Return a citizen number of the family's province for a birth year and sex (circular 07/2016/TT-BCA)."""
    year = int(birth[:4])
    century = 2 * (year // 100 - 19) + (sex == "Nữ")
    return f"{like.citizen_id[:3]}{century}{year % 100:02d}{rng.randrange(10**6):06d}"


def relatives_of(person: Person, rng: random.Random) -> list[Person]:
    """Return an invented relative or namesake who is easily taken for the person."""
    family, *middle, _ = person.name.split()
    given = rng.choice(("Hương", "Hường", "Thủy", "Thúy", "Nam", "Năm", "Sơn", "Sáng", "Mai", "Mỹ"))
    twin_name = " ".join((family, *middle, given))
    kind = rng.choice(("twin", "son", "cousin", "brother", "stranger"))
    birth, sex, name = person.birth, person.sex, person.name
    if kind == "twin":
        name = twin_name
    elif kind == "son":
        birth = shifted(person.birth, rng.randrange(20, 34), rng)
    elif kind == "cousin":
        birth = shifted(person.birth, rng.randrange(-3, 4), rng, precise=rng.random() < 0.3)
    elif kind == "brother":
        birth, name = shifted(person.birth, rng.randrange(1, 6), rng), twin_name
    if int(birth[:4]) > 2003:
        return []
    made = replace(
        person, citizen_id=new_number(rng, person, birth, sex), old_numbers=(), name=name, birth=birth
    )
    # A stranger shares name and birthday and lives in another province.
    return [replace(made, commune=rng.choice(("26734", "00004", "19306")))] if kind == "stranger" else [made]


def make_country(people: list[Person], rng: random.Random) -> Country:
    """Gather what the mistakes draw from."""
    kin: dict[tuple[str, str], list[Person]] = defaultdict(list)
    for person in people:
        kin[(person.commune, person.name.split()[0])].append(person)
    units = read_units().query("commune_code != ''")
    communes = {
        u.commune_code: (u.province_name, u.district_name, u.commune_name) for u in units.itertuples()
    }
    districts = dict(zip(units["commune_code"], units["district_code"], strict=True))
    by_district = units.groupby("district_code")["commune_code"].apply(list).to_dict()
    neighbours = {code: by_district[district] for code, district in districts.items()}
    middles = sorted({p.name.split()[1] for p in people if len(p.name.split()) == 3})
    return Country(rng, kin, communes, neighbours, people, middles)


def choose_absent(people: list[Person], rng: random.Random) -> set[str]:
    """Return the numbers of people taken out of the registry; every second one has a near namesake there."""
    groups: dict[tuple[str, ...], list[Person]] = defaultdict(list)
    for p in people:
        groups[(p.commune, p.name.split()[0], p.name.split()[-1])].append(p)
    near = [p for group in groups.values() if len(group) > 1 for p in group]
    half = int(len(people) * ABSENT / 2)
    return {p.citizen_id for p in rng.sample(near, min(half, len(near))) + rng.sample(people, half)}
