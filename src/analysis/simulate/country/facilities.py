"""Vaccination sites: a health station in every commune, two sites in every district, two in every province.

Rows of the table: stations in commune order, then district centres, district hospitals, province hospitals
and centres for disease control. Mobile sites have a name, no code, and are not in the table.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.simulate.country.country import Country
from analysis.simulate.draws import Floats, Ids, Ints, Texts, number_ids

MOBILE_SHARE = 0.09
_OWN_STATION, _CENTRE, _HOSPITAL = 0.72, 0.86, 0.96  # cumulative shares of where people are vaccinated
_MOBILE_PLACES = ("Trường THCS", "Trường Tiểu học", "Nhà văn hóa", "Trường THPT", "Hội trường UBND")


@dataclass(frozen=True)
class Facilities:
    """`table` has the intake's columns (interfaces, facilities/); the other arrays describe the same rows."""

    table: pd.DataFrame
    district: Ints
    commune: Ints
    care: Floats


def _bare(names: pd.Series) -> pd.Series:
    return names.str.replace(r"^(Thành phố|Tỉnh) ", "", regex=True)


def list_facilities(country: Country) -> Facilities:
    """List all sites; `care` multiplies a site's error rates (log-normal: a few sites make most errors)."""
    communes, districts, provinces = country.communes, country.districts, country.provinces
    names = pd.concat(
        [
            "Trạm Y tế " + communes["commune_name"].str.replace("Thị Trấn", "thị trấn").map(_lower_first),
            "Trung tâm Y tế " + districts["district_name"].map(_lower_first),
            "Bệnh viện Đa khoa " + districts["district_name"].map(_lower_first),
            "Bệnh viện Đa khoa tỉnh " + _bare(provinces["province_name"]),
            "Trung tâm Kiểm soát bệnh tật " + provinces["province_name"].map(_lower_first),
        ],
        ignore_index=True,
    )
    province = np.concatenate([communes["province"], districts["province"], districts["province"]])
    province = np.concatenate([province, np.arange(len(provinces)), np.arange(len(provinces))]).astype(
        np.int64
    )
    first = _first_districts(country)
    every = np.arange(len(districts))
    district = np.concatenate([communes["district"], every, every, first, first]).astype(np.int64)
    capital = _capitals(country)
    commune = np.concatenate([np.arange(len(communes)), capital, capital, capital[first], capital[first]])
    within = pd.Series(province).groupby(province).cumcount().to_numpy() + 1
    province_codes = provinces["province_code"].to_numpy(dtype=object)[province]
    codes = [f"{code}{w:03d}" for code, w in zip(province_codes, within, strict=True)]
    table = _facility_table(country, names, codes, province, district, commune)
    ids = number_ids(np.arange(len(names)), 424_242)
    care = np.exp(0.8 * country.draws.normal("care of a site", ids) - 0.32)
    return Facilities(table, district, commune.astype(np.int64), care)


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]


def _first_districts(country: Country) -> Ints:
    """Return the first district of every province: its capital city."""
    return np.unique(country.districts["province"].to_numpy(np.int64), return_index=True)[1].astype(np.int64)


def _capitals(country: Country) -> Ints:
    """Return the town or ward each district is run from (a commune row); -1 for islands without communes."""
    names = country.communes["commune_name"]
    rural = (~names.str.startswith(("Thị", "Phường"))).to_numpy(np.int64)
    district = country.communes["district"].to_numpy(np.int64)
    order = np.lexsort((np.arange(len(names)), rural, district))
    found, place = np.unique(district[order], return_index=True)
    capitals = np.full(len(country.districts), -1, dtype=np.int64)
    capitals[found] = order[place]
    return capitals


def _facility_table(
    country: Country, names: pd.Series, codes: list[str], province: Ints, district: Ints, commune: Ints
) -> pd.DataFrame:
    commune_codes = np.append(country.communes["commune_code"].to_numpy(dtype=object), "")
    return pd.DataFrame(
        {
            "facility_code": codes,
            "facility_name": names,
            "province_code": country.provinces["province_code"].to_numpy(dtype=object)[province],
            "district_code": country.districts["district_code"].to_numpy(dtype=object)[district],
            "commune_code": commune_codes[commune.astype(np.int64)],
        }
    )


def choose_sites(country: Country, ids: Ids, district: Ints, home_commune: Ints) -> tuple[Ints, Ints]:
    """Return the site row and the commune of each dose given in a district."""
    draws = country.draws
    of_commune = country.communes["district"].to_numpy(np.int64)
    order = np.argsort(of_commune, kind="stable")
    first = np.searchsorted(of_commune[order], district)
    count = np.searchsorted(of_commune[order], district, side="right") - first
    drawn = order[np.minimum(first + draws.below("site commune", ids, np.maximum(count, 1)), len(order) - 1)]
    commune = np.where(of_commune[home_commune] == district, home_commune, drawn)
    u = draws.uniform("kind of site", ids)
    communes, districts = len(country.communes), len(country.districts)
    site = np.select(
        [u < _OWN_STATION, u < _CENTRE, u < _HOSPITAL],
        [commune, communes + district, communes + districts + district],
        communes + 2 * districts + country.districts["province"].to_numpy(np.int64)[district],
    )
    first_district = np.searchsorted(
        country.districts["province"].to_numpy(), np.arange(len(country.provinces))
    )
    outside = (u >= _HOSPITAL) & (
        first_district[country.districts["province"].to_numpy(np.int64)[district]] != district
    )
    return np.where(outside, commune, site).astype(np.int64), commune


def mobile_names(draws_ids: Ints, commune_names: Texts) -> Texts:
    """Name mobile sites after a public place of their commune."""
    places = np.array(_MOBILE_PLACES, dtype=object)[draws_ids % len(_MOBILE_PLACES)]
    lowered = np.array([_lower_first(str(n)) for n in commune_names], dtype=object)
    return np.asarray("Điểm tiêm lưu động " + places + " " + lowered, dtype=object)
