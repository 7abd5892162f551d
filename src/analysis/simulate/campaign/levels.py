"""How far every province and district has come on the days the press reported: the targets of the plan.

Provinces follow the bands published for 17/11/2021; Hà Giang and four of its districts follow the figures of
Báo Hà Giang for 7/11/2021. What no source pins is drawn from the seed inside those bounds.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.reference import read_reference
from analysis.simulate.country.country import HA_GIANG, HA_GIANG_ADULTS, Country
from analysis.simulate.draws import Bools, Floats, Ints, apportion, code_ids

HA_GIANG_FIRST_DOSES = 387_978
HA_GIANG_SECOND_DOSES = 78_922
# Doses over the planning figure may exceed 100 %: people are counted where they are vaccinated.
CEILING = 1.02
_FIRST_BANDS = {">95": (0.955, 1.005), "80-95": (0.805, 0.945), "70-80": (0.705, 0.795), "<70": (0.60, 0.695)}
# Two-dose ranges by band and area, around the regional means published for 17/11/2021 (North 41.9,
# Centre 34.1, Highlands 14.0, South 66.0 %).
_SECOND_BANDS = {
    ">50": {"south_east": (0.62, 0.90), "": (0.51, 0.68)},
    "<=50": {
        "central_highlands": (0.05, 0.16),
        "northern_mountains": (0.14, 0.44),
        "central_coast": (0.18, 0.44),
        "": (0.27, 0.495),
    },
}


@dataclass(frozen=True)
class Levels:
    """Share of the district's adults with a first and a second dose, full size, one row a district."""

    first_pin: Floats
    first_band_day: Floats
    first_end: Floats
    second_pin: Floats
    second_band_day: Floats
    second_end: Floats


def solve(total_at: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Find where an increasing function reaches a target, by bisection."""
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if total_at(middle) < target else (low, middle)
    return (low + high) / 2


def _inside(low: Floats, high: Floats, position: Floats, shift: float) -> Floats:
    """Place values inside their ranges, all moved up or down together by `shift` on the logit scale."""
    odds = np.log(position / (1 - position)) + shift
    return np.asarray(low + (high - low) / (1 + np.exp(-odds)))


def _province_levels(country: Country, kind: str, ranges: list[tuple[float, float]], people: float) -> Floats:
    ids = code_ids(country.provinces["province_code"])
    position = 0.15 + 0.7 * country.draws.uniform(f"province level {kind}", ids)
    low, high = np.array(ranges).T
    adults = country.province_people[:, 3:].sum(axis=1) / country.province_people[:, 3:].sum()
    share = people
    shift = solve(lambda x: float((adults * _inside(low, high, position, x)).sum()), share, -6, 6)
    return _inside(low, high, position, shift)


def _second_range(band: str, area: str) -> tuple[float, float]:
    of_band = _SECOND_BANDS[band]
    return of_band.get(area, of_band[""])


def _spread_gaps(country: Country, gaps: Floats, adults: Floats) -> Floats:
    """Spread a province's uncovered share over its districts, cities ahead of the countryside."""
    ids = code_ids(country.districts["district_code"])
    urban = country.districts["district_name"].str.match(r"Quận|Thành phố|Thị xã").to_numpy(np.bool_)
    of = country.districts["province"].to_numpy(np.int64)
    weight = np.exp(0.22 * country.draws.normal("district gap", ids) - 0.25 * urban)
    mean = np.bincount(of, weights=weight * adults) / np.maximum(np.bincount(of, weights=adults), 1)
    return np.asarray(np.minimum(gaps[of] * weight / mean[of], 0.8))


def _ha_giang_counts(country: Country, adults: Ints) -> Ints:
    """Return the full-size first doses of Hà Giang's districts on 7/11/2021, adding up to 387,978.

    The four districts named in the press get the count that rounds to their percentage; the other seven
    share the remainder with some spread, all below the lowest named one (69.85 %).
    """
    codes = country.districts["district_code"]
    published = read_reference("simulation_district_census.csv").set_index("district_code")
    percent = codes.map(published["at_least_one_pct_2021_11_07"].replace("", np.nan).astype(float)).to_numpy()
    known = ~np.isnan(percent)
    counts = np.where(known, np.rint(adults * np.nan_to_num(percent) / 100), 0).astype(np.int64)
    rest = np.flatnonzero((country.districts["province_code"] == HA_GIANG).to_numpy() & ~known)
    ids = code_ids(codes)[rest]
    weights = adults[rest] * (1 + 0.3 * (country.draws.uniform("Ha Giang district", ids) - 0.5))
    counts[rest] = apportion(weights.astype(np.float64), HA_GIANG_FIRST_DOSES - int(counts.sum()))
    return counts


def _first_doses(country: Country, adults: Floats, targets: tuple[float, float, float]) -> tuple[Floats, ...]:
    """Return district shares with a first dose on 7/11, 17/11 and at the end; targets are national."""
    bands = [_FIRST_BANDS[b] for b in country.provinces["first_dose_band"]]
    of = country.districts["province"].to_numpy(np.int64)
    weight = adults / adults.sum()
    gap17 = CEILING - _province_levels(country, "first", bands, targets[1])[of]
    pinned = (country.districts["province_code"] == HA_GIANG).to_numpy()
    hg = CEILING - _ha_giang_counts(country, adults.astype(np.int64)) / np.maximum(adults, 1)

    def at_pin(ratio: float) -> Floats:
        """Widen the gaps of 17/11 back to 7/11."""
        return np.where(pinned, hg, np.minimum(gap17 * ratio, 0.6))

    ratio = solve(lambda x: -float((weight * (CEILING - at_pin(x))).sum()), -targets[0], 1.0, 4.0)
    province_gap = np.bincount(of, weights=at_pin(ratio) * adults) / np.maximum(
        np.bincount(of, weights=adults), 1
    )
    gap_pin = np.where(pinned, hg, _spread_gaps(country, province_gap, adults))
    gap_band = gap_pin / ratio
    shrink = solve(lambda x: -float((weight * (CEILING - gap_band * x)).sum()), -targets[2], 0.0, 1.0)
    return CEILING - gap_pin, CEILING - gap_band, CEILING - gap_band * shrink


def _second_doses(
    country: Country, adults: Floats, targets: tuple[float, float, float]
) -> tuple[Floats, ...]:
    rows = zip(country.provinces["second_dose_band"], country.provinces["area"], strict=True)
    levels = _province_levels(country, "second", [_second_range(b, a) for b, a in rows], targets[1])
    of = country.districts["province"].to_numpy(np.int64)
    ids = code_ids(country.districts["district_code"])
    weight = np.exp(0.1 * country.draws.normal("district second", ids))
    mean = np.bincount(of, weights=weight * adults) / np.maximum(np.bincount(of, weights=adults), 1)
    band_day = levels[of] * weight / mean[of]
    pin = band_day * targets[0] / targets[1]
    pinned = (country.districts["province_code"] == HA_GIANG).to_numpy()
    pinned_share = HA_GIANG_SECOND_DOSES / float((pin * adults)[pinned].sum())
    pin = np.where(pinned, pin * pinned_share, pin)
    band_day = np.where(pinned, band_day * pinned_share, band_day)
    pair = zip((pin, band_day), targets[:2], strict=True)
    pin, band_day = (_with_total(level, adults, target, pinned) for level, target in pair)
    return pin, band_day, np.full(len(pin), targets[2])


def _with_total(level: Floats, adults: Floats, target: float, pinned: Bools) -> Floats:
    """Scale what is not pinned so that the nation's mean is the target."""
    people = level * adults
    rest = target * adults.sum() - people[pinned].sum()
    return np.where(pinned, level, level * rest / people[~pinned].sum())


def draw_levels(
    country: Country, first: tuple[float, float, float], second: tuple[float, float, float]
) -> Levels:
    """Draw district levels whose national means are the given shares of adults on 7/11, 17/11 and the end."""
    adults = country.district_people_full[:, 3:].sum(axis=1).astype(np.float64)
    assert adults[(country.districts["province_code"] == HA_GIANG).to_numpy()].sum() == HA_GIANG_ADULTS
    return Levels(*_first_doses(country, adults, first), *_second_doses(country, adults, second))
