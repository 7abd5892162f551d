"""Shapes of the campaign: the national pace, who starts when, and raking to known sums.

National totals of every day are the published bulletins; how they divide into first, second and third doses
is published for some days and interpolated between them (simulation_national_doses.csv).
"""

from datetime import date

import numpy as np

from analysis.reference import read_reference
from analysis.reference.product_facts import DUE_WINDOWS
from analysis.simulate.campaign.levels import Levels
from analysis.simulate.country.country import Country
from analysis.simulate.draws import Floats, code_ids

FIRST_DAY = date(2021, 3, 8)
LAST_DAY = date(2022, 4, 30)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
PIN = (date(2021, 11, 7) - FIRST_DAY).days
BAND_DAY = (date(2021, 11, 17) - FIRST_DAY).days
TOTAL_AT_PIN = 90_850_000  # published: above 90.8 million by the end of 7/11/2021
ABDALA_INTERVAL = DUE_WINDOWS["Abdala"][0]
CHILD_CEILING = 0.95


def day_number(day: date) -> int:
    """Return the number of a day of the campaign; 8/3/2021 is day 0."""
    return (day - FIRST_DAY).days


def national_totals() -> Floats:
    """Return cumulative doses at the end of every day.

    A bulletin of day D tells the end of day D-1 (the first 377 doses are of 8/3/2021). Days without a
    bulletin repeat the last figure: they are interpolated. The level is scaled so that 7/11/2021 is
    TOTAL_AT_PIN, the correction fading out over the following 30 days.
    """
    series = read_reference("vn_total_doses_daily.csv")
    known = series["doses_administered_cumulative"].astype(float).to_numpy(np.float64)
    at = np.arange(len(known)) - 1.0
    new = np.append(True, np.diff(known) > 0)
    totals = np.interp(np.arange(DAYS), at[new], known[new])
    fade = np.clip(1 - (np.arange(DAYS) - PIN) / 30, 0, 1)
    return np.asarray(np.maximum.accumulate(totals * (1 + fade * (TOTAL_AT_PIN / totals[PIN] - 1))))


def national_anchor(column: str) -> Floats:
    """Return a published cumulative count, linear in the number of doses between the days it is known."""
    table = read_reference("simulation_national_doses.csv")
    table = table[table[column] != ""]
    at = np.array([day_number(date.fromisoformat(d)) for d in table["date"]])
    totals = national_totals()
    return np.interp(totals, totals[at], table[column].astype(float).to_numpy(np.float64))


def delayed(cumulative: Floats, days: int) -> Floats:
    """Return cumulative counts as they will be so many days later."""
    shifted = np.zeros_like(cumulative)
    shifted[:, days:] = cumulative[:, :-days]
    return shifted


def draw_children(country: Country) -> Floats:
    """Return cumulative first doses of 12-17-year-olds, from each province's start (dispatch 8688/BYT-DP)."""
    starts = [day_number(date.fromisoformat(d)) for d in country.provinces["children_from"]]
    of = country.districts["province"].to_numpy(np.int64)
    ids = code_ids(country.districts["district_code"])
    start = np.array(starts)[of] + country.draws.below("children start", ids, 6)
    pace = 10 + 12 * country.draws.uniform("children pace", ids)
    elapsed = np.maximum(np.arange(DAYS)[None, :] - start[:, None], 0)
    reached = CHILD_CEILING * (1 - np.exp(-elapsed / pace[:, None]))
    return np.asarray(country.district_people_full[:, 2][:, None] * reached)


def draw_abdala(country: Country, third_at_pin: float) -> Floats:
    """Return cumulative first doses of Abdala, so that its third doses on 7/11/2021 are the given number."""
    of = country.districts["province"].to_numpy(np.int64)
    ids = code_ids(country.districts["district_code"])
    weight = country.provinces["abdala_weight"].astype(float).to_numpy(np.float64)[of]
    weight = weight * country.district_people_full[:, 3] * (country.draws.uniform("Abdala", ids) < 0.7)
    middle = day_number(date(2021, 10, 8)) + 8 * (country.draws.uniform("Abdala start", ids) - 0.5)
    shape = 1 / (1 + np.exp(-(np.arange(DAYS)[None, :] - middle[:, None]) / 3))
    shape = np.where(np.abs(np.arange(DAYS)[None, :] - middle[:, None]) < 25, shape, np.rint(shape))
    curve = weight[:, None] * shape
    return np.asarray(curve * third_at_pin / curve[:, PIN - 2 * ABDALA_INTERVAL].sum())


def rake(seed: Floats, rows: Floats, columns: Floats) -> Floats:
    """Scale a table to given row and column sums (iterative proportional fitting)."""
    table = np.where(rows[:, None] > 0, seed + 1e-12, 0.0)
    for _ in range(60):
        table *= (columns / np.maximum(table.sum(axis=0), 1e-300))[None, :]
        table *= (rows / np.maximum(table.sum(axis=1), 1e-300))[:, None]
    return table


def raked_periods(seed: Floats, pins: list[tuple[int, Floats]], national: Floats) -> Floats:
    """Return cumulative counts that meet every pinned day exactly and the national days between closely."""
    daily, start, done = np.zeros_like(seed), 0, np.zeros(len(seed))
    for day, level in pins:
        days = slice(start, day + 1)
        rows = np.maximum(level - done, 0)
        columns = np.maximum(np.diff(national[days], prepend=national[start - 1] if start else 0.0), 0) + 1e-6
        daily[:, days] = rake(seed[:, days], rows, columns * rows.sum() / columns.sum())
        start, done = day + 1, done + rows
    return np.cumsum(daily, axis=1)


def bursts(country: Country, purpose: str) -> Floats:
    """Return how unevenly a district works: campaign weeks, and half pace on Sundays."""
    ids = country.districts["district_code"].astype(np.int64).to_numpy()[:, None]
    weeks = (np.arange(DAYS) // 7)[None, :]
    noise = country.draws.normal(purpose, (ids * 1000 + weeks).astype(np.uint64))
    sunday = (np.arange(DAYS) % 7 == 6)[None, :]
    return np.exp(0.45 * noise) * np.where(sunday, 0.55, 1.0)


def first_seed(country: Country, levels: Levels) -> Floats:
    """Return the shape of first doses: the more second doses by 7/11, the earlier the first ones were."""
    ratio = np.clip(levels.second_pin / np.maximum(levels.first_pin, 0.01), 0, 1)
    middle = day_number(date(2021, 10, 20)) - 95 * ratio
    day = np.arange(DAYS)[None, :]
    bell = np.exp(-0.5 * ((day - middle[:, None]) / (18 + 12 * ratio[:, None])) ** 2)
    return (bell + 0.01) * bursts(country, "burst of first doses")


def second_seed(first: Floats, country: Country) -> Floats:
    """Return when second doses fall due: three to twelve weeks after the first ones."""
    daily = np.diff(first, axis=1, prepend=0)
    lags = ((23, 0.3), (28, 0.25), (35, 0.15), (49, 0.12), (63, 0.12), (77, 0.06))
    due = np.zeros_like(daily)
    for lag, share in lags:
        for days in range(lag - 2, lag + 5):
            due[:, days:] += share * daily[:, :-days]
    return due * bursts(country, "burst of second doses")
