"""The campaign from 8/3/2021 to 30/4/2022: doses by district, day and stream, top down from the nation.

Provinces and districts share each national day by raking (iterative proportional fitting) to the levels of
`levels.py`. A stream is a group of people vaccinated alike: `main` (adults), `abdala` (adults, three doses
14 days apart), `children` (12-17). Boosters follow `main` and `abdala`.
"""

from dataclasses import dataclass

import numpy as np

from analysis.simulate.campaign.levels import Levels, draw_levels
from analysis.simulate.campaign.shapes import (
    ABDALA_INTERVAL,
    BAND_DAY,
    DAYS,
    PIN,
    TOTAL_AT_PIN,
    bursts,
    delayed,
    draw_abdala,
    draw_children,
    first_seed,
    national_anchor,
    national_totals,
    rake,
    raked_periods,
    second_seed,
)
from analysis.simulate.country.country import HA_GIANG, Country
from analysis.simulate.draws import Bools, Floats, Ints, apportion, code_ids

# Published for the end of 7/11/2021: above 60 million people with at least one dose, nearly 29 million with
# two; the rest of TOTAL_AT_PIN are third doses of Abdala. Inside those bounds the values are ours.
FIRST_AT_PIN, SECOND_AT_PIN = 60_930_000, 28_970_000
MIN_INTERVAL = 21
CHILD_INTERVAL = 25
BOOSTER_INTERVAL = 85
# Of the people with a first dose, at most this share has had the second as soon as the interval allows.
SECOND_DOSE_REACH = 0.985
BOOSTER_REACH = 0.92
BOOSTERS_FROM = PIN + 18  # additional and booster doses follow dispatch 10225/BYT-DP of 1/12/2021


@dataclass(frozen=True)
class Campaign:
    """Cumulative doses, units × days (end of day), as whole numbers at the country's scale, by stream."""

    main_1: Ints
    main_2: Ints
    abdala_1: Ints
    abdala_2: Ints
    abdala_3: Ints
    children_1: Ints
    children_2: Ints
    booster: Ints

    def dose_1(self) -> Ints:
        """Cumulative first doses of all streams."""
        return self.main_1 + self.abdala_1 + self.children_1

    def dose_2(self) -> Ints:
        """Cumulative second doses of all streams."""
        return self.main_2 + self.abdala_2 + self.children_2

    def dose_3_plus(self) -> Ints:
        """Cumulative third doses of Abdala and boosters."""
        return self.abdala_3 + self.booster


def _pace(country: Country, abdala: Floats, children: Floats) -> dict[str, Floats]:
    """Return the nation's cumulative doses of every stream and number, full size."""
    third = delayed(abdala, 2 * ABDALA_INTERVAL).sum(axis=0)
    boosters = np.maximum(national_anchor("dose_3_plus") - third, 0)
    boosters = np.where(np.arange(DAYS) < BOOSTERS_FROM, 0, boosters)
    boosters = np.maximum.accumulate(boosters)
    second = national_anchor("dose_2")
    first = national_totals() - second - third - boosters
    adult_first = np.maximum.accumulate(first - children.sum(axis=0))
    adult_second = np.maximum.accumulate(second - delayed(children, CHILD_INTERVAL).sum(axis=0))
    return {"first": adult_first, "second": adult_second, "boosters": boosters}


def _means(pace: Floats, adults: Floats) -> tuple[float, float, float]:
    return tuple(float(pace[d] / adults.sum()) for d in (PIN, BAND_DAY, DAYS - 1))  # type: ignore[return-value]


def _feasible(level: Floats, cap: Floats, fixed: Bools) -> Floats:
    """Lower levels to what the first doses allow and give the difference to districts with room."""
    lowered = np.where(fixed, level, np.minimum(level, cap))
    room = np.where(fixed, 0, np.maximum(cap - lowered, 0))
    return np.asarray(lowered + room * np.minimum((level.sum() - lowered.sum()) / max(room.sum(), 1.0), 1.0))


def _second_doses(country: Country, levels: Levels, first: Floats, taken: Floats, national: Floats) -> Floats:
    """Return cumulative second doses of the main stream; `taken` are those of Abdala."""
    adults = country.district_people_full[:, 3:].sum(axis=1)
    fixed = (country.districts["province_code"] == HA_GIANG).to_numpy()
    reach = SECOND_DOSE_REACH * delayed(first, MIN_INTERVAL)
    pins, before = [], np.zeros(len(adults))
    for day, level in (
        (PIN, levels.second_pin),
        (BAND_DAY, levels.second_band_day),
        (DAYS - 1, levels.second_end),
    ):
        wanted = np.maximum(level * adults - taken[:, day], 0)
        before = np.maximum(_feasible(wanted, 0.99 * reach[:, day], fixed), before)
        pins.append((day, before))
    plan = raked_periods(second_seed(first, country), pins, national - taken.sum(axis=0))
    return np.asarray(np.minimum(plan, reach))


def _boosters(country: Country, second: Floats, national: Floats) -> Floats:
    ids = code_ids(country.districts["district_code"])
    eligible = delayed(second, BOOSTER_INTERVAL) * BOOSTER_REACH
    rows = eligible[:, -1] * np.exp(0.1 * country.draws.normal("boosters", ids))
    days = slice(BOOSTERS_FROM, DAYS)
    columns = np.maximum(np.diff(national[days], prepend=0.0), 0) + 1e-6
    rows *= columns.sum() / rows.sum()
    seed = np.diff(eligible, axis=1, prepend=0)
    seed = 0.25 * seed + np.maximum(delayed(seed, 20), 0) + np.maximum(delayed(seed, 45), 0)
    plan = np.zeros_like(second)
    plan[:, days] = np.cumsum(
        rake(seed[:, days] * bursts(country, "boosters")[:, days], rows, columns), axis=1
    )
    return np.minimum(plan, eligible)


def _shifted(counts: Ints, days: int) -> Ints:
    """Return whole cumulative counts so many days later."""
    return np.asarray(delayed(counts.astype(np.float64), days), dtype=np.int64)


def _whole(country: Country, cumulative: Floats) -> Ints:
    """Return whole cumulative counts at scale, by largest remainder on 7/11/2021 and on the last day."""
    of = country.districts["province"].to_numpy(np.int64)
    counts, done, start = np.zeros(cumulative.shape, dtype=np.int64), np.zeros(len(cumulative)), 0
    whole_done = np.zeros(len(cumulative), dtype=np.int64)
    for day in (PIN, DAYS - 1):
        gain = np.maximum(cumulative[:, day] - done, 0) * country.scale
        by_province = np.bincount(of, weights=gain)
        wanted = apportion(
            gain, 0, of, apportion(by_province.astype(np.float64), int(np.rint(by_province.sum() + 1e-6)))
        )
        part = np.maximum(cumulative[:, start : day + 1] - done[:, None], 0) * country.scale
        ratio = wanted / np.maximum(gain, 1e-9)
        counts[:, start : day + 1] = whole_done[:, None] + np.floor(part * ratio[:, None] + 0.5).astype(
            np.int64
        )
        whole_done = whole_done + wanted
        start, done = day + 1, cumulative[:, day]
    return np.maximum.accumulate(counts, axis=1)


def plan_campaign(country: Country) -> Campaign:
    """Lay out the whole campaign for every district, at the country's scale."""
    adults = country.district_people_full[:, 3:].sum(axis=1).astype(np.float64)
    children = draw_children(country)
    abdala = draw_abdala(country, TOTAL_AT_PIN - FIRST_AT_PIN - SECOND_AT_PIN)
    pace = _pace(country, abdala, children)
    levels = draw_levels(country, _means(pace["first"], adults), _means(pace["second"], adults))
    pins = [(PIN, levels.first_pin), (BAND_DAY, levels.first_band_day), (DAYS - 1, levels.first_end)]
    rows = [(day, np.maximum(level * adults - abdala[:, day], 0)) for day, level in pins]
    first = raked_periods(first_seed(country, levels), rows, pace["first"] - abdala.sum(axis=0))
    abdala_second = delayed(abdala, ABDALA_INTERVAL)
    second = _second_doses(country, levels, first, abdala_second, pace["second"])
    boosters = _boosters(country, second, pace["boosters"])
    main_1, abdala_1, children_1 = (_whole(country, c) for c in (first, abdala, children))
    return Campaign(
        main_1,
        np.minimum(_whole(country, second), _shifted(main_1, MIN_INTERVAL)),
        abdala_1,
        _shifted(abdala_1, ABDALA_INTERVAL),
        _shifted(abdala_1, 2 * ABDALA_INTERVAL),
        children_1,
        _shifted(children_1, CHILD_INTERVAL),
        np.minimum(_whole(country, boosters), _shifted(main_1, MIN_INTERVAL + BOOSTER_INTERVAL)),
    )
