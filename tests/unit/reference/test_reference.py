"""The reference tables hold the state of the world they claim, whole and without repeats."""

import pandas as pd
import pytest

from analysis.reference import (
    read_populations,
    read_provinces,
    read_reference,
    read_successors,
    read_units,
    read_vaccines,
    reference_path,
)
from analysis.settings import Settings

# Census of 1/4/2019: the published totals of the six regions and the country.
REGIONAL_CENSUS = {
    "Đồng bằng sông Hồng": 22_543_607,
    "Trung du và miền núi phía Bắc": 12_532_866,
    "Bắc Trung Bộ và Duyên hải miền Trung": 20_187_293,
    "Tây Nguyên": 5_842_681,
    "Đông Nam Bộ": 17_828_907,
    "Đồng bằng sông Cửu Long": 17_273_630,
}
COUNTRY_CENSUS = 96_208_984
# The names of products in the table (interfaces, doses), `unknown` aside.
CONTRACT_PRODUCTS = {
    "AstraZeneca",
    "Comirnaty",
    "Spikevax",
    "Vero Cell",
    "Sputnik V",
    "Janssen",
    "Hayat-Vax",
    "Abdala",
    "Covaxin",
}


def repeated(values: pd.Series) -> list[str]:
    """Return the values that stand more than once."""
    return sorted(set(values[values.duplicated()]))


def test_repeated_names_what_repeats() -> None:
    assert repeated(pd.Series(["a", "b", "a"])) == ["a"]


@pytest.mark.parametrize(("level", "width", "count"), [("province", 2, 63), ("district", 3, 705)])
def test_units_of_november_2021(level: str, width: int, count: int) -> None:
    units = read_units()[[f"{level}_code", f"{level}_name"]].drop_duplicates()
    assert len(units) == count
    assert repeated(units[f"{level}_code"]) == []
    assert units[f"{level}_code"].str.fullmatch(rf"\d{{{width}}}").all()


def test_communes_of_november_2021() -> None:
    units = read_units()
    communes = units.loc[units["commune_code"].ne("")]
    assert len(communes) == 10_599
    assert repeated(communes["commune_code"]) == []
    assert communes["commune_code"].str.fullmatch(r"\d{5}").all()
    without = units.loc[units["commune_code"].eq("")]
    assert repeated(without["district_code"]) == []
    assert set(without["district_code"]).isdisjoint(communes["district_code"])


def test_unit_names_are_composed_text() -> None:
    for column in ("province_name", "district_name", "commune_name"):
        names = read_units()[column]
        assert (names == names.str.normalize("NFC").str.strip()).all()


def test_provinces_agree_with_the_units() -> None:
    provinces = read_provinces().set_index("province_code")
    units = read_units()
    communes = units.loc[units["commune_code"].ne("")]
    assert provinces["province_full_name"].to_dict() == dict(
        zip(units["province_code"], units["province_name"], strict=True)
    )
    by_province = units.groupby("province_code")["district_code"].nunique()
    assert provinces["district_count"].to_dict() == by_province.to_dict()
    assert provinces["commune_count"].to_dict() == communes.groupby("province_code").size().to_dict()
    assert (provinces["cccd_code"] == "0" + provinces.index).all()


def test_census_adds_up_to_the_published_totals() -> None:
    provinces = read_provinces()
    assert provinces.groupby("region")["census_2019"].sum().to_dict() == REGIONAL_CENSUS
    populations = read_populations().set_index(["unit_code", "age_group"])["population"]
    assert populations["VN", "all"] == COUNTRY_CENSUS == provinces["census_2019"].sum()
    assert len(populations) == 1 + 63 + 1


def test_simulated_provinces_start_from_the_same_census() -> None:
    assumed = read_reference("simulation_provinces.csv").set_index("province_code")["census_2019"]
    stated = read_provinces().set_index("province_code")["census_2019"]
    assert assumed.astype("int64").to_dict() == stated.to_dict()


def test_inferred_adults_of_ha_giang_give_the_published_coverage() -> None:
    adults = read_populations().set_index(["unit_code", "age_group"])["population"]["02", "18+"]
    assert round(100 * 387_978 / adults, 2) == 65.85


def test_successors_cover_every_unit_and_stay_null_where_not_known() -> None:
    successors = read_successors()
    assert not successors.duplicated(["unit_level", "unit_code"]).any()
    by_level = successors.groupby("unit_level")
    assert by_level.size().to_dict() == {"province": 63, "district": 705, "commune": 10_599}
    assert by_level["successor_code"].count().to_dict() == {"province": 63, "district": 0, "commune": 0}
    assert by_level["in_force_until"].count().to_dict() == {"province": 63, "district": 705, "commune": 0}


def test_provinces_of_2025_are_thirty_four() -> None:
    provinces = read_successors().query("unit_level == 'province'")
    assert provinces["successor_code"].nunique() == provinces["successor_name"].nunique() == 34
    heirs = provinces.set_index("unit_code")["successor_name"]
    assert heirs["02"] == heirs["08"] == "Tỉnh Tuyên Quang"


def test_vaccines_are_those_of_the_contract() -> None:
    vaccines = read_vaccines()
    assert set(vaccines["product"]) == CONTRACT_PRODUCTS
    assert len(vaccines) == len(CONTRACT_PRODUCTS)
    doses = vaccines.set_index("product")["series_doses"]
    assert doses[doses != 2].to_dict() == {"Janssen": 1, "Abdala": 3}
    for column in ("approved_mark", "series_mark", "interval_mark"):
        assert set(vaccines[column]) <= {"S", "R"}


def test_no_alias_names_two_products() -> None:
    vaccines = read_vaccines()
    spellings = pd.concat([vaccines["product"], vaccines["aliases"].explode()]).str.casefold()
    assert repeated(spellings) == []


def test_due_windows_of_the_settings_are_those_of_the_vaccines() -> None:
    vaccines = read_vaccines().dropna(subset=["interval_from_days", "interval_until_days"])
    days = zip(vaccines["interval_from_days"], vaccines["interval_until_days"], strict=True)
    assert dict(zip(vaccines["product"], days, strict=True)) == Settings().due_windows


def test_every_reference_table_names_its_source() -> None:
    sources = reference_path("SOURCES.md").read_text(encoding="utf-8")
    tables = sorted(path.name for path in reference_path("").glob("*.csv"))
    assert len(tables) >= 6
    assert [name for name in tables if f"| `{name}` |" not in sources] == []
