"""Which rows the platform holds and what was typed about each dose."""

from dataclasses import dataclass, fields

import numpy as np

from analysis.simulate.campaign.doses import PRODUCTS, SERIES_LENGTHS, Doses
from analysis.simulate.campaign.entry import draw_entry_days
from analysis.simulate.country.country import Country
from analysis.simulate.country.facilities import choose_sites
from analysis.simulate.country.people import People
from analysis.simulate.days import CAMPAIGN_DAY, NEVER
from analysis.simulate.draws import Bools, Draws, Floats, Ids, Ints, Texts, number_ids
from analysis.simulate.lists import read_list
from analysis.simulate.typing.error_draws import ErrorDraws, error_bit
from analysis.simulate.typing.typed_people import swap_day_and_month
from analysis.simulate.typing.typings import Typings

COPIED_SHARE = 0.72  # later doses whose personal fields are copied from the first record
ORIGINAL, OTHER_SITE, RETYPED = 0, 1, 2
DATE_MISSING = -99_999
NUMBER_MISSING, NUMBER_BOOSTER = 0, 9
PRODUCT_MISSING, PRODUCT_UNCLEAR = -1, -2
UNCLEAR_PRODUCTS = ("Vắc xin Covid-19", "Trung Quốc", "Mỹ", "Covid", "vx", "Khác")


@dataclass
class Rows:
    """Platform rows in person order. Days count from 1970-01-01.

    `dose` is a row of Doses, `copy` why the row exists (ORIGINAL, OTHER_SITE, RETYPED), `typing` a row of the
    typings, `site` where it says the dose was given, `mobile` whether that is a mobile site of
    `site_commune`; `number`, `product`, `day` as typed (with the MISSING values), `errors` a mask.
    """

    ids: Ids
    dose: Ints
    person: Ints
    copy: Ints
    typing: Ints
    site: Ints
    site_commune: Ints
    mobile: Ints
    entry_day: Ints
    entry_shown: Bools
    number: Ints
    product: Ints
    product_text: Texts
    lot: Texts
    day: Ints
    errors: Ints

    def take(self, rows: Ints) -> "Rows":
        """Return these rows."""
        return Rows(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def _second_records(
    country: Country, errors: ErrorDraws, people: People, doses: Doses, slow: Floats
) -> tuple[Ints, Ints, Doses]:
    """Return dose rows entered a second time, why, and the doses as the second record has them."""
    draws = errors.draws
    entered = doses.entry_day < NEVER
    elsewhere = entered & errors.happens("duplicate_other_site", doses.ids, doses.site)
    again = entered & ~elsewhere & errors.happens("duplicate_retyped", doses.ids, doses.site)
    rows = np.flatnonzero(elsewhere | again)
    copy = np.where(elsewhere[rows], OTHER_SITE, RETYPED)
    second = doses.take(rows)
    second.ids = number_ids(doses.ids[rows].astype(np.int64), copy)
    district = country.communes["district"].to_numpy(np.int64)[second.site_commune]
    site, commune = choose_sites(country, second.ids, district, people.commune[second.person])
    other = copy == OTHER_SITE
    second.site, second.site_commune = (
        np.where(other, site, second.site),
        np.where(other, commune, second.site_commune),
    )
    second.mobile = np.where(other, 0, second.mobile)
    entry = draw_entry_days(country, second, second.ids, "second entry", slow[rows])
    soon = second.entry_day + draws.below("retyped after", second.ids, 6)
    second.entry_day = np.where(other, np.where(entry < NEVER, entry, second.entry_day + 9), soon)
    shift = np.array([0, 0, 0, 1, 1, -1])[draws.below("retyped day", second.ids, 6)]
    second.day = np.where(other, second.day, second.day + shift)
    return rows, copy, second


def _copied_from(draws: Draws, ids: Ids, person: Ints, copy: Ints, entered: Bools) -> Ints:
    """Return the row whose personal fields each row carries: its own, or an earlier dose's of that person."""
    root = np.arange(len(ids))
    own = np.flatnonzero(copy == ORIGINAL)
    follows = np.append(False, (person[own][1:] == person[own][:-1]) & entered[own][:-1])
    copied = follows & draws.chance("fields copied", ids[own], COPIED_SHARE)
    for _ in range(3):
        before = np.append(0, root[own][:-1])
        root[own] = np.where(copied, before, root[own])
    return root


def list_rows(
    country: Country, errors: ErrorDraws, people: People, doses: Doses, slow: Floats
) -> tuple[Rows, Typings]:
    """List every row the platform will ever hold of these doses, in person order, and the typings behind.

    `slow` is the share of slow entries of each dose's province.
    """
    dose, copy, second = _second_records(country, errors, people, doses, slow)
    first = np.arange(len(doses.ids))
    parts = [(first, np.zeros(len(first), dtype=np.int64), doses), (dose, copy, second)]
    join = {f.name: np.concatenate([getattr(p[2], f.name) for p in parts]) for f in fields(Doses)}
    given = Doses(**join)
    dose, copy = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    order = np.lexsort((copy, dose))
    given, dose, copy = given.take(order), dose[order], copy[order]
    root = _copied_from(errors.draws, given.ids, given.person, copy, given.entry_day < NEVER)
    distinct, typing = np.unique(root, return_inverse=True)
    typings = Typings(given.ids[distinct], given.person[distinct], given.site[distinct], given.day[distinct])
    marks = np.zeros(len(dose), dtype=np.int64)
    for number, error in ((OTHER_SITE, "duplicate_other_site"), (RETYPED, "duplicate_retyped")):
        marks[copy == number] |= error_bit(error)
    nothing = np.full(len(dose), "", dtype=object)
    rows = Rows(
        given.ids, dose, given.person, copy, typing, given.site, given.site_commune, given.mobile,
        given.entry_day,
        np.ones(len(dose), dtype=np.bool_), given.number.copy(), given.product.copy(), nothing, given.lot,
        given.day.copy(), marks,
    )  # fmt: skip
    return rows, typings


def _type_dose_numbers(errors: ErrorDraws, rows: Rows) -> None:
    wrong = errors.happens("dose_number_wrong", rows.ids, rows.site)
    other = np.where(rows.number == 1, 2, np.where(rows.number == 2, 1, 2))
    booster = (rows.number == 3) & (SERIES_LENGTHS[rows.product] < 3)
    by_word = booster & errors.draws.chance("booster by word", number_ids(rows.site, 5), 0.5)
    rows.number = np.where(wrong, other, np.where(by_word, NUMBER_BOOSTER, rows.number))
    missing = errors.happens("dose_number_missing", rows.ids, rows.site)
    rows.number = np.where(missing, NUMBER_MISSING, rows.number)
    rows.errors |= np.where(wrong & ~missing, error_bit("dose_number_wrong"), 0)
    rows.errors |= np.where(missing, error_bit("dose_number_missing"), 0)


def _spellings() -> dict[str, tuple[Texts, Floats]]:
    table = read_list("simulation_vaccine_spellings.csv")
    return {
        str(p): (part["spelling"].to_numpy(dtype=object), np.asarray(part["weight"].astype(float)))
        for p, part in table.groupby("product")
    }


def _type_products(errors: ErrorDraws, rows: Rows) -> None:
    """Spell the product: a site keeps to one spelling, mostly."""
    draws = errors.draws
    wrong = errors.happens("vaccine_wrong", rows.ids, rows.site)
    rows.product = np.where(wrong, draws.below("wrong product", rows.ids, 4), rows.product)
    missing = errors.happens("vaccine_missing", rows.ids, rows.site)
    unclear = errors.happens("vaccine_unclear", rows.ids, rows.site) & ~missing
    own_way = draws.chance("own spelling", rows.ids, 0.12)
    spelling_ids = np.where(own_way, rows.ids, number_ids(rows.site, rows.product, 3))
    text = np.full(len(rows.ids), "", dtype=object)
    for product, (spellings, weights) in _spellings().items():
        here = np.flatnonzero(rows.product == list(PRODUCTS).index(product))
        text[here] = spellings[draws.choice("spelling", spelling_ids[here], weights)]
    vague = np.array(UNCLEAR_PRODUCTS, dtype=object)[draws.below("unclear", rows.ids, len(UNCLEAR_PRODUCTS))]
    rows.product_text = np.where(missing, "", np.where(unclear, vague, text)).astype(object)
    rows.product = np.where(missing, PRODUCT_MISSING, np.where(unclear, PRODUCT_UNCLEAR, rows.product))
    rows.errors |= np.where(wrong & ~missing & ~unclear, error_bit("vaccine_wrong"), 0)
    rows.errors |= np.where(missing, error_bit("vaccine_missing"), 0)
    rows.errors |= np.where(unclear, error_bit("vaccine_unclear"), 0)
    no_lot = errors.happens("lot_missing", rows.ids, rows.site)
    rows.lot = np.where(no_lot, "", rows.lot).astype(object)
    rows.errors |= np.where(no_lot, error_bit("lot_missing"), 0)


def _type_days(errors: ErrorDraws, rows: Rows) -> None:
    draws = errors.draws
    right = rows.day.copy()
    swapped, possible = swap_day_and_month(right)
    u = draws.below("wrong day", rows.ids, 300)
    early = np.minimum(CAMPAIGN_DAY - 1 - u, right - 1)
    changes = (
        ("date_day_month_swapped", swapped, possible),
        ("date_year_wrong", right - 365 * (1 + u % 2), right > 0),
        ("date_future", right + 60 + u, right > 0),
        ("date_before_campaign", early, right > 0),
        ("date_missing", np.full(len(right), DATE_MISSING), right > 0),
    )
    done = np.zeros(len(right), dtype=np.bool_)
    for error, typed, where in changes:
        chosen = where & ~done & errors.happens(error, rows.ids, rows.site)
        rows.day = np.where(chosen, typed, rows.day)
        rows.errors |= np.where(chosen, error_bit(error), 0)
        done |= chosen
    unsaid = errors.happens("entry_date_missing", rows.ids, rows.site)
    rows.entry_shown = ~unsaid
    rows.errors |= np.where(unsaid, error_bit("entry_date_missing"), 0)


def type_doses(errors: ErrorDraws, rows: Rows) -> None:
    """Fill in the dose fields of every row, in place."""
    _type_dose_numbers(errors, rows)
    _type_products(errors, rows)
    _type_days(errors, rows)
