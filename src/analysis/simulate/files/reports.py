"""Files of counts: daily reports with allocations and stock, populations, sites.

Allocations are dated by the ministry's decisions, about every four days; a province's whole allocation on
7/11/2021 is its administered doses over its use of allocation, so that the country's is above 104 million.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.simulate.campaign.campaign import Campaign
from analysis.simulate.campaign.levels import solve
from analysis.simulate.campaign.shapes import DAYS, FIRST_DAY, PIN
from analysis.simulate.country.country import Country
from analysis.simulate.country.facilities import Facilities
from analysis.simulate.draws import Floats, Ints, apportion, code_ids, number_ids

ALLOCATED_AT_PIN = 104_200_000  # published: above 104 million allocated by 7/11/2021
# Doses by the armed forces' own units, reported apart, as a share of the country's (assumed).
OTHER_BODIES = {"army": 0.004, "police": 0.002}
# Ranking of 28/10/2021 by doses over allocation (vietbao, thoibaotaichinh): first and last ten.
_HIGH_USE = ("04", "14", "25", "34", "42", "40", "11", "08", "30", "02")
_LOW_USE = ("91", "93", "89", "87", "44", "84", "67", "33", "95", "83")
DISCARDED_SHARE = 0.0008
MAIN_SOURCE = "Kế hoạch tiêm chủng 2021 (mô phỏng; Hà Giang suy ra: 387.978/65,85%)"
CENSUS_SOURCE = "Tổng điều tra dân số và nhà ở 2019"


@dataclass(frozen=True)
class Supply:
    """Cumulative doses allocated and received, provinces × days."""

    allocated: Ints
    received: Ints


def _use_of_allocation(country: Country, given: Floats) -> Floats:
    codes = country.provinces["province_code"]
    u = country.draws.uniform("use of allocation", code_ids(codes))
    low = np.where(codes.isin(_HIGH_USE), 0.945, np.where(codes.isin(_LOW_USE), 0.70, 0.80))
    use = low + np.where(codes.isin(_HIGH_USE), 0.035, 0.10) * u
    target = ALLOCATED_AT_PIN * country.scale
    power = solve(lambda x: float((given / use**x).sum()), target, 0.0, 6.0)
    return use**power


def plan_supply(country: Country, plan: Campaign) -> Supply:
    """Lay out allocations and deliveries by province; stock always covers what was given."""
    of = country.districts["province"].to_numpy(np.int64)
    total = np.asarray(plan.dose_1() + plan.dose_2() + plan.dose_3_plus())
    given = np.stack([np.bincount(of, weights=day) for day in total.T], axis=1).astype(np.float64)
    use = _use_of_allocation(country, given[:, PIN])
    at_pin = apportion(given[:, PIN] / use, int(np.rint(ALLOCATED_AT_PIN * country.scale)))
    ratio = at_pin / np.maximum(given[:, PIN], 1)
    decision_day = (np.arange(DAYS) // 4) * 4 + 1
    ahead = np.minimum(decision_day + 9, DAYS - 1)
    allocated = np.zeros((len(given), DAYS), dtype=np.int64)
    before = np.minimum(ahead, PIN)
    needed = given[:, before] * ratio[:, None]
    later = at_pin[:, None] + (given[:, ahead] - given[:, [PIN]]) * 1.04
    allocated = np.rint(np.where(ahead[None, :] <= PIN, needed, np.maximum(later, needed))).astype(np.int64)
    allocated[:, : PIN + 1] = np.minimum(allocated[:, : PIN + 1], at_pin[:, None])
    allocated[:, PIN - 3 : PIN + 1] = at_pin[:, None]
    allocated = np.maximum.accumulate(np.maximum(allocated, np.ceil(given * 1.001).astype(np.int64)), axis=1)
    lag = np.zeros_like(allocated)
    lag[:, 5:] = allocated[:, :-5]
    received = np.maximum(np.floor(lag * 0.985).astype(np.int64), np.ceil(given * 1.001).astype(np.int64))
    return Supply(allocated, np.minimum(np.maximum.accumulate(received, axis=1), allocated))


def _daily(cumulative: Ints) -> Ints:
    return np.diff(cumulative, axis=1, prepend=0)


def _discarded(country: Country, given: Ints) -> Ints:
    expected = np.cumsum(given * DISCARDED_SHARE, axis=1)
    offset = country.draws.uniform("discarded", number_ids(np.arange(len(given)), 12))
    return _daily(
        np.floor(expected + offset[:, None]).astype(np.int64) - np.floor(offset)[:, None].astype(np.int64)
    )


def _rows(dates: Ints, units: dict[str, np.ndarray], counts: dict[str, Ints]) -> pd.DataFrame:
    """Return one row a day and unit with any count."""
    some = np.add.reduce([np.abs(c) for c in counts.values()]) > 0
    unit, day = np.nonzero(some)
    days = np.array([(FIRST_DAY + timedelta(days=int(d))).isoformat() for d in range(DAYS)], dtype=object)
    columns: dict[str, object] = {"report_date": days[day]}
    columns |= {name: values[unit] for name, values in units.items()}
    columns |= {name: values[unit, day] for name, values in counts.items()}
    return pd.DataFrame(columns)


def _counts_by_district(plan: Campaign) -> dict[str, Ints]:
    first, second, third = _daily(plan.dose_1()), _daily(plan.dose_2()), _daily(plan.dose_3_plus())
    return {
        "doses_administered": first + second + third,
        "dose_1": first,
        "dose_2": second,
        "dose_3_plus": third,
    }


def _to_provinces(country: Country, counts: Ints) -> Ints:
    totals = np.zeros((len(country.provinces), counts.shape[1]), dtype=np.int64)
    np.add.at(totals, country.districts["province"].to_numpy(np.int64), counts)
    return totals


def _supply_by_district(country: Country, supply: Ints, given: Ints) -> Ints:
    """Share a province's doses over its districts by what they give over the whole campaign."""
    of = country.districts["province"].to_numpy(np.int64)
    total = given.sum(axis=1).astype(np.float64)
    share = total / np.maximum(np.bincount(of, weights=total)[of], 1)
    return np.asarray(np.floor(supply[of] * share[:, None]), dtype=np.int64)


def _other_bodies(country: Country, given: Ints) -> pd.DataFrame:
    """Return the reports of army and police units, apart from the provinces'."""
    parts = []
    codes = country.provinces["province_code"].to_numpy(dtype=object)
    for body, share in OTHER_BODIES.items():
        first = np.diff(np.floor(np.cumsum(given, axis=1) * share * 0.6), axis=1, prepend=0).astype(np.int64)
        second = np.zeros_like(first)
        second[:, 28:] = first[:, :-28]
        counts = {"doses_administered": first + second, "dose_1": first, "dose_2": second}
        rows = _rows(np.arange(DAYS), {"province_code": codes}, counts)
        parts.append(rows.assign(district_code="", reporting_body=body))
    return pd.concat(parts, ignore_index=True)


_REPORT_COLUMNS = [
    "report_date", "province_code", "district_code", "doses_allocated", "doses_received",
    "doses_administered",
    "dose_1", "dose_2", "dose_3_plus", "doses_discarded", "reporting_body",
]  # fmt: skip


def daily_reports(country: Country, plan: Campaign, as_of: date) -> pd.DataFrame:
    """Return the reports up to `as_of`: province rows, district rows, and those of army and police."""
    by_district = _counts_by_district(plan)
    given = by_district["doses_administered"]
    by_province = {name: _to_provinces(country, counts) for name, counts in by_district.items()}
    supply = plan_supply(country, plan)
    district_supply = {
        "doses_allocated": _daily(_supply_by_district(country, supply.allocated, given)),
        "doses_received": _daily(_supply_by_district(country, supply.received, given)),
    }
    province_supply = {"doses_allocated": _daily(supply.allocated), "doses_received": _daily(supply.received)}
    discarded = _discarded(country, given)
    codes = country.provinces["province_code"].to_numpy(dtype=object)
    district_codes = country.districts["district_code"].to_numpy(dtype=object)
    of = country.districts["province"].to_numpy(np.int64)
    districts = _rows(
        np.arange(DAYS),
        {"province_code": codes[of], "district_code": district_codes},
        district_supply | by_district | {"doses_discarded": discarded},
    )
    whole = by_province | {"doses_discarded": _to_provinces(country, discarded)}
    provinces = _rows(np.arange(DAYS), {"province_code": codes}, province_supply | whole).assign(
        district_code=""
    )
    own = pd.concat([provinces, districts], ignore_index=True).assign(reporting_body="province")
    table = pd.concat([own, _other_bodies(country, by_province["doses_administered"])], ignore_index=True)
    table = table[table["report_date"] <= as_of.isoformat()].reindex(columns=_REPORT_COLUMNS)
    counts = _REPORT_COLUMNS[3:10]
    table[counts] = table[counts].fillna(0).astype(np.int64)
    order = ["report_date", "province_code", "district_code", "reporting_body"]
    return table.sort_values(order, ignore_index=True)


_GROUPS = {
    "all": slice(0, 6),
    "5-11": slice(1, 2),
    "12-17": slice(2, 3),
    "18+": slice(3, 6),
    "50+": slice(4, 6),
    "65+": slice(5, 6),
}


def _population_rows(
    codes: np.ndarray, people: Ints, source: str, day: str, groups: list[str]
) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"unit_code": codes, "age_group": g, "population": people[:, _GROUPS[g]].sum(axis=1)})
        for g in groups
    ]
    return pd.concat(parts, ignore_index=True).assign(source=source, reference_date=day)


def populations(country: Country) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the planning population of all units, and the census totals of provinces, at this scale."""
    units = [
        (np.array(["VN"], dtype=object), country.province_people.sum(axis=0, keepdims=True)),
        (country.provinces["province_code"].to_numpy(dtype=object), country.province_people),
        (country.districts["district_code"].to_numpy(dtype=object), country.district_people),
        (country.communes["commune_code"].to_numpy(dtype=object), country.commune_people),
    ]
    main = pd.concat([_population_rows(c, p, MAIN_SOURCE, "2021-10-31", list(_GROUPS)) for c, p in units])
    census = np.asarray(country.provinces["census_2019"].astype(float), dtype=np.float64) * country.scale
    counts = apportion(census, int(np.rint(census.sum())))
    codes = np.append("VN", country.provinces["province_code"].to_numpy(dtype=object))
    totals = pd.DataFrame(
        {"unit_code": codes, "age_group": "all", "population": np.append(counts.sum(), counts)}
    )
    return main, totals.assign(source=CENSUS_SOURCE, reference_date="2019-04-01")


def write_counts(country: Country, plan: Campaign, sites: Facilities, out: Path, as_of: date) -> None:
    """Write daily_reports/, population/ and facilities/ of an intake."""
    reports = daily_reports(country, plan, as_of)
    main, census = populations(country)
    known = sites.table[sites.table["commune_code"] != ""]
    tables = {
        "daily_reports/bao_cao_ngay.csv": reports,
        "population/dan_so_ke_hoach.csv": main,
        "population/tong_dieu_tra_2019.csv": census,
        "facilities/co_so_tiem_chung.csv": known,
    }
    for name, table in tables.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_plain_csv(table, path)


def _write_plain_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table whose texts hold no quotes; a text with a comma is quoted."""
    columns = [[str(v) for v in table[name].tolist()] for name in table.columns]
    columns = [[f'"{v}"' if "," in v else v for v in c] if any("," in v for v in c) else c for c in columns]
    lines = [",".join(table.columns), *map(",".join, zip(*columns, strict=True))]
    path.write_bytes(("\n".join(lines) + "\n").encode("utf-8"))
