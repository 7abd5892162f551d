"""Doses given: product, lot, site, and the day a dose reached the platform.

The product follows from the supply of the day of the first dose (simulation_products.csv) and from how well
each product explains the interval the person had (simulation_intervals.csv); people of one commune and week
mostly get the same one.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from analysis.reference.product_facts import SERIES_DOSES
from analysis.simulate.campaign.schedule import ABDALA, CHILDREN, Schedule
from analysis.simulate.campaign.shapes import DAYS, day_number
from analysis.simulate.country.country import Country
from analysis.simulate.country.facilities import MOBILE_SHARE, choose_sites
from analysis.simulate.country.people import People
from analysis.simulate.days import CAMPAIGN_DAY, NEVER
from analysis.simulate.draws import Draws, Floats, Ids, Ints, Texts, number_ids
from analysis.simulate.lists import read_list

_LETTERS = "ABCDEFGH"
# How lot numbers of each product look: invented. The order is that of the draws.
_LOT_PATTERNS: dict[str, Callable[[int, int], str]] = {
    "AstraZeneca": lambda n, k: f"NL{n:04d}" if k < 3 else f"4120Z{n % 100:03d}",
    "Comirnaty": lambda n, k: f"F{_LETTERS[k]}{n:04d}" if k < 4 else f"3{n % 9999:04d}BA",
    "Spikevax": lambda n, k: f"94{n:04d}" if k < 3 else f"300{n:04d}",
    "Vero Cell": lambda n, k: f"2021{k + 4:02d}{n:04d}"[:11],
    "Sputnik V": lambda n, k: f"I-{n % 1000:03d}0921",
    "Hayat-Vax": lambda n, k: f"202107B{n:04d}",
    "Janssen": lambda n, k: f"XD{n % 1000:03d}",
    "Abdala": lambda n, k: f"{_LETTERS[k]}{n % 1000:03d}21",
    "Covaxin": lambda n, k: f"37F21{n % 1000:03d}A",
}
PRODUCTS = np.array(list(_LOT_PATTERNS), dtype=object)
SERIES_LENGTHS = np.array([SERIES_DOSES[product] for product in PRODUCTS])  # by index into PRODUCTS
_INTERVAL_EDGES = np.array([18, 25, 32, 42, 56, 91])
SESSION_SHARE = 0.7  # people who get what their commune's session of that week gives
SAME_SITE_SHARE = 0.82  # second doses at the site of the first
MIXED_FROM = day_number(date(2021, 9, 8))  # dose 2 of another product allowed after AstraZeneca


@dataclass
class Doses:
    """One row a dose given. Days count from 1970-01-01; `entry_day` NEVER: not entered by the last day.

    `person` is a row of People; `site` a row of the facility table, `mobile` whether a mobile site of
    `site_commune` gave it; `product` an index into PRODUCTS.
    """

    ids: Ids
    person: Ints
    number: Ints
    day: Ints
    product: Ints
    lot: Texts
    site: Ints
    site_commune: Ints
    mobile: Ints
    entry_day: Ints

    def take(self, rows: Ints) -> "Doses":
        """Return these rows."""
        return Doses(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def _supply(country: Country, province: Ints, first_day: Ints) -> Floats:
    """Return the weight of every product on the day of each first dose, people × products."""
    table = read_list("simulation_products.csv")
    regions = country.provinces["region"].to_numpy()
    weights = np.zeros((len(first_day), len(PRODUCTS)))
    region = regions[province]
    for row in table.itertuples(index=False):
        start, end = (day_number(date.fromisoformat(str(d))) for d in (row[2], row[3]))
        hit = (first_day >= start) & (first_day <= end) & ((region == row.region) | (row.region == ""))
        weights[hit, list(PRODUCTS).index(row.product)] += float(str(row.weight))
    ids = number_ids(np.arange(len(regions)), 31)
    tilt = np.column_stack([country.draws.normal(f"supply {p}", ids) for p in PRODUCTS])
    return weights * np.exp(0.5 * tilt)[province]


def _fit_of_interval(interval: Ints, done: np.ndarray) -> Floats:
    """Return how well each product explains each interval; no second dose yet says nothing."""
    table = read_list("simulation_intervals.csv").set_index("product").astype(float)
    fit = np.full((len(PRODUCTS), 7), 1e-6)
    for product, row in table.iterrows():
        fit[list(PRODUCTS).index(str(product))] = row.to_numpy(np.float64)
    column = np.searchsorted(_INTERVAL_EDGES, interval, side="right")
    return np.where(done[:, None], fit[:, column].T, 1.0)


def _products(country: Country, people: People, schedule: Schedule, province: Ints) -> Ints:
    """Return each person's product of the first dose (index into PRODUCTS)."""
    draws = country.draws
    weights = _supply(country, province, schedule.first)
    weights *= _fit_of_interval(schedule.second - schedule.first, schedule.second < NEVER)
    weights[weights.sum(axis=1) == 0, 0] = 1.0
    session = number_ids(people.commune, schedule.first // 7)
    shared = draws.chance("by session", people.ids, SESSION_SHARE)
    u = draws.uniform("product", np.where(shared, session, people.ids))
    edges = np.cumsum(weights, axis=1)
    product = (u[:, None] * edges[:, -1:] >= edges).sum(axis=1)
    names = list(PRODUCTS)
    single = (schedule.second == NEVER) & draws.chance("Janssen", people.ids, 0.012) & (schedule.first > 150)
    product = np.where(single, names.index("Janssen"), product)
    product = np.where(schedule.stream == ABDALA, names.index("Abdala"), product)
    return np.where(schedule.stream == CHILDREN, names.index("Comirnaty"), product)


def _later_products(draws: Draws, ids: Ids, first: Ints, number: Ints, day: Ints) -> Ints:
    """Return the product of a dose given the product of the first one."""
    names = list(PRODUCTS)
    u = draws.uniform("later product", number_ids(ids.astype(np.int64), number))
    az, pfizer, moderna = (names.index(n) for n in ("AstraZeneca", "Comirnaty", "Spikevax"))
    mixed = (number == 2) & (day >= MIXED_FROM)
    product = np.where(mixed & (first == az) & (u < 0.09), pfizer, first)
    product = np.where(mixed & (first == moderna) & (u < 0.05), pfizer, product)
    booster = np.select([u < 0.62, u < 0.84], [pfizer, az], moderna)
    return np.where((number == 3) & (SERIES_LENGTHS[first] < 3), booster, product)


def _lots(draws: Draws, product: Ints, province: Ints, day: Ints) -> Texts:
    """Return lot numbers; a province uses few lots of a product in a month."""
    key = number_ids(product, province % 7, day // 25)
    a, b = draws.below("lot", key, 9000) + 1000, draws.below("lot letter", key, 6)
    lots = np.full(len(product), "", dtype=object)
    for code in np.unique(product):
        rows = np.flatnonzero(product == code)
        pattern = _LOT_PATTERNS[str(PRODUCTS[code])]
        lots[rows] = [pattern(n, k) for n, k in zip(a[rows].tolist(), b[rows].tolist(), strict=True)]
    return lots


def give_doses(country: Country, people: People, schedule: Schedule) -> Doses:
    """List the doses of the campaign in person order, without entry days (NEVER)."""
    draws, districts = country.draws, country.districts["province"].to_numpy(np.int64)
    district = np.where(people.given_district >= 0, people.given_district, people.away_district)
    first_product = _products(country, people, schedule, districts[district])
    parts = []
    for nth, days in enumerate((schedule.first, schedule.second, schedule.third), start=1):
        rows = np.flatnonzero(days < DAYS)
        parts.append((rows, np.full(len(rows), nth), days[rows]))
    person, number, day = (np.concatenate([p[k] for p in parts]) for k in range(3))
    order = np.lexsort((number, person))
    person, number, day = person[order], number[order], day[order]
    ids = number_ids(people.ids[person].astype(np.int64), number)
    product = _later_products(draws, people.ids[person], first_product[person], number, day)
    stays = draws.chance("same site", ids, SAME_SITE_SHARE) | (number == 1)
    site_ids = np.where(stays, people.ids[person], ids)
    site, site_commune = choose_sites(country, site_ids, district[person], people.commune[person])
    mobile = draws.chance("mobile site", number_ids(site_commune, day // 3), MOBILE_SHARE)
    mobile &= site == site_commune
    lots = _lots(draws, product, districts[district[person]], day)
    never = np.full(len(ids), NEVER)
    return Doses(
        ids,
        person,
        number,
        day + CAMPAIGN_DAY,
        product,
        lots,
        site,
        site_commune,
        mobile.astype(np.int64),
        never,
    )
