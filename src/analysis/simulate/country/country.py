"""The units of the simulated country and how many people each has, by age group.

The country is laid out at full size first and scaled down by largest remainder, so that communes add up to
districts, districts to provinces and provinces to the country at every scale. Census totals of the provinces
are published; everything below them, and the growth since 2019, is an assumption (simulation_provinces.csv).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.reference import read_reference, read_units
from analysis.simulate.draws import Draws, Floats, Ints, apportion, code_ids

# Exclusive age groups the country is laid out in; published groups are sums of these.
AGE_BANDS = ((0, 4), (5, 11), (12, 17), (18, 49), (50, 64), (65, 100))
ADULT_BANDS = slice(3, 6)
# Share of 0-4, 5-11 and 12-17 among the under-18s: about 7.1, 10.7 and 8.9 million (assumed from the
# 2019 age structure: 24.3 % below 15).
CHILD_SHARES = np.array([0.265, 0.400, 0.335])
AGED_50_TO_64_OF_ADULTS = 0.225
# 387,978 people are published as 65.85 % of the adults of Ha Giang on 7/11/2021 (Bao Ha Giang, 8/11/2021):
# the denominator is inferred, 387978 / 0.6585.
HA_GIANG = "02"
HA_GIANG_ADULTS = 589_184
# A ward holds more people than a rural commune; weights relative to a rural commune (assumed).
_TYPE_WEIGHTS = {"Phường": 1.6, "Thị trấn": 1.3, "Xã": 1.0}


@dataclass(frozen=True)
class Country:
    """Units with their people at one scale.

    `provinces`, `districts` and `communes` are in code order; `districts.province` and `communes.district`
    are row numbers into the table above. The three count arrays are units × AGE_BANDS.
    """

    draws: Draws
    scale: float
    provinces: pd.DataFrame
    districts: pd.DataFrame
    communes: pd.DataFrame
    province_people: Ints
    district_people: Ints
    commune_people: Ints
    district_people_full: Ints

    @property
    def district_adults(self) -> Ints:
        """Adults of every district at this scale."""
        return np.asarray(self.district_people[:, ADULT_BANDS].sum(axis=1), dtype=np.int64)


def _province_people(provinces: pd.DataFrame) -> Ints:
    """Return full-size people by province and age band."""
    census, growth, adult_share = (
        np.asarray(provinces[name].astype(float), dtype=np.float64)
        for name in ("census_2019", "growth_to_2021", "adult_share")
    )
    total = np.rint(census * growth)
    inferred = (provinces["province_code"] == HA_GIANG).to_numpy()
    adults = np.where(inferred, HA_GIANG_ADULTS, np.rint(total * adult_share)).astype(np.int64)
    children = total.astype(np.int64) - adults
    aged_share = np.asarray(provinces["aged_65_of_adults"].astype(float), dtype=np.float64)
    aged = np.rint(adults * aged_share).astype(np.int64)
    middle = np.rint(adults * AGED_50_TO_64_OF_ADULTS).astype(np.int64)
    young = np.rint(children[:, None] * CHILD_SHARES[:2]).astype(np.int64)
    return np.column_stack([young, children - young.sum(axis=1), adults - middle - aged, middle, aged])


def _commune_weights(draws: Draws, communes: pd.DataFrame) -> Floats:
    kind = (
        communes["commune_name"]
        .str.capitalize()
        .str.extract(r"^(Phường|Thị trấn|Xã)", expand=False)
        .map(_TYPE_WEIGHTS)
    )
    ids = code_ids(communes["commune_code"])
    spread = np.exp(0.35 * draws.normal("commune size", ids))
    return np.asarray(kind.to_numpy(np.float64) * spread)


def _share_bands(above: Ints, groups: Ints, weights: Floats) -> Ints:
    """Share each age band of the units above over the units below."""
    shared = [apportion(weights, 0, groups, above[:, band]) for band in range(above.shape[1])]
    return np.column_stack(shared)


def _scaled(people: Ints, scale: float) -> Ints:
    """Scale counts down so that every age band still adds up to the scaled country."""
    if scale == 1:
        return people
    columns = [apportion(c.astype(np.float64), int(np.rint(c.sum() * scale))) for c in people.T]
    return np.column_stack(columns)


def _unit_tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    units = read_units()
    provinces = read_reference("simulation_provinces.csv").sort_values("province_code", ignore_index=True)
    names = units.drop_duplicates("province_code")[["province_code", "province_name"]]
    provinces = provinces.merge(names, on="province_code", validate="one_to_one")
    districts = units.drop_duplicates("district_code")[["district_code", "district_name", "province_code"]]
    districts = districts.sort_values("district_code", ignore_index=True)
    districts["province"] = np.searchsorted(provinces["province_code"], districts["province_code"])
    communes = units[units["commune_code"] != ""].sort_values("commune_code", ignore_index=True)
    communes = communes[["commune_code", "commune_name", "district_code", "province_code"]].copy()
    communes["district"] = np.searchsorted(districts["district_code"], communes["district_code"])
    communes["province"] = districts["province"].to_numpy()[communes["district"]]
    return provinces, districts, communes


def _district_weights(districts: pd.DataFrame, communes: pd.DataFrame, commune_weights: Floats) -> Floats:
    """Weigh districts by their communes, except where the census count of the district is known."""
    weights = np.bincount(communes["district"], weights=commune_weights, minlength=len(districts))
    census = read_reference("simulation_district_census.csv").set_index("district_code")["census_2019"]
    known = districts["district_code"].map(census.astype(float)).to_numpy(np.float64)
    return np.where(np.isnan(known), weights, known)


def lay_out_country(seed: int, scale: float) -> Country:
    """Lay out units and people; districts without a commune (Hoàng Sa, Lý Sơn, …) have nobody.

    Nobody is simulated in the five island districts because the unit list of November 2021 gives them no
    commune that a registry could name.
    """
    draws = Draws(seed)
    provinces, districts, communes = _unit_tables()
    by_commune = _commune_weights(draws, communes)
    by_district = _district_weights(districts, communes, by_commune)
    of_province = districts["province"].to_numpy(np.int64)
    full = _province_people(provinces)
    scaled = _scaled(full, scale)
    district_people = _share_bands(scaled, of_province, by_district)
    commune_people = _share_bands(district_people, communes["district"].to_numpy(np.int64), by_commune)
    return Country(
        draws, scale, provinces, districts, communes, scaled, district_people, commune_people,
        _share_bands(full, of_province, by_district),
    )  # fmt: skip
