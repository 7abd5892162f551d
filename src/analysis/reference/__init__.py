"""Dated lookup tables: units, vaccines, targets, populations. Each file's source stands in SOURCES.md."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # pandas takes half a second: a process that opens files need not load it
    import pandas as pd

LEVELS = ("province", "district", "commune")
UNITS = "units_2021.csv"


def reference_path(file_name: str) -> Path:
    """Return the path of a reference file that is shipped with the package."""
    return Path(str(resources.files(__name__) / file_name))


def read_reference(file_name: str) -> pd.DataFrame:
    """Read a reference table with every column as text; an empty cell stays an empty string."""
    return _read_once(file_name).copy()


@cache
def _read_once(file_name: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(reference_path(file_name), dtype=str, keep_default_na=False)


def reference_rows(file_name: str) -> list[dict[str, str]]:
    """Return the rows of a small reference table as they stand, without pandas."""
    with reference_path(file_name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def code_text(code: str | int, digits: int = 2) -> str:
    """Return codes of units as text: papermill's `-p provinces 02` and YAML make a number of what looks like one.

    >>> code_text(2), code_text("02 04"), code_text("VN")
    ('02', '02 04', 'VN')
    """
    return f"{code:0{digits}}" if isinstance(code, int) else code.strip()


def read_units() -> pd.DataFrame:
    """Return the communes (xã, phường, thị trấn) of November 2021, one row a commune.

    Columns: commune_code (5 digits), commune_name, district_code (3), district_name, province_code (2),
    province_name. Districts without communes (Hoàng Sa, Cồn Cỏ, …) have one row with an empty commune.
    """
    return read_reference(UNITS)


def read_former_names() -> pd.DataFrame:
    """Return districts that were merged into another, or renamed, in 2020 and 2021, one row a former name.

    Columns: former_name (with its kind), province_code, unit_code (the district of November 2021),
    in_force_from (first day of the new one, or empty), mark (S or R), source.
    """
    return read_reference("units_former_names.csv")


def read_successors() -> pd.DataFrame:
    """Return what became of each unit of November 2021, one row a unit.

    Columns: unit_level (`province`, `district`, `commune`), unit_code, in_force_until (last day, date),
    successor_code, successor_name. Null means not known; a district with a last day and no successor was
    abolished with its whole level on 1/7/2025. Communes are null: from 10,599 they became 3,321, some of
    them split, and no clean crosswalk starts from the state of 2021.
    """
    import pandas as pd

    units = read_units()
    pairs = [(level, code) for level in LEVELS for code in sorted(set(units[f"{level}_code"]) - {""})]
    known = read_reference("units_successors.csv").replace("", None)
    known["in_force_until"] = pd.to_datetime(known["in_force_until"])
    every = pd.DataFrame(pairs, columns=["unit_level", "unit_code"])
    return every.merge(known, on=["unit_level", "unit_code"], how="left", validate="1:1")


def read_provinces() -> pd.DataFrame:
    """Return the 63 provinces of November 2021, one row a province.

    Columns: province_code (GSO), cccd_code (first three digits of a citizen number issued there),
    province_name, province_full_name (with Tỉnh or Thành phố), region (one of the six of the GSO),
    district_count, commune_count, census_2019 (people on 1/4/2019).
    """
    numbers = ["district_count", "commune_count", "census_2019"]
    return read_reference("provinces.csv").astype(dict.fromkeys(numbers, "int64"))


def read_province_tiles() -> pd.DataFrame:
    """Return the blocks of the country's map of tiles, one row a province or archipelago.

    Columns: province_code, kind (`province`, `archipelago`), label, region (key of the six of the GSO), column and row
    (whole numbers from 0).
    """
    return read_reference("province_tiles.csv").astype({"column": "int64", "row": "int64"})


def read_populations() -> pd.DataFrame:
    """Return published denominators with the columns of the intake's `population/` files (interfaces, population/).

    One row a unit, age group and source: unit_code (`VN` or a GSO code), age_group, population, source,
    reference_date (date), mark (`S` stated by the source, `I` inferred from it, `R` not read in the source
    itself but agreeing with its totals). For simulation and
    comparison only: a run takes its denominators from the intake and fills none in from here.
    """
    import pandas as pd

    stated = read_reference("populations.csv").astype({"population": "int64"})
    census = stated.loc[stated["unit_code"].eq("VN")].iloc[0]
    provinces = read_provinces().rename(columns={"province_code": "unit_code", "census_2019": "population"})
    provinces = provinces[["unit_code", "population"]].assign(
        age_group=census["age_group"],
        source=census["source"],
        reference_date=census["reference_date"],
        mark="R",
    )
    populations = pd.concat([stated, provinces], ignore_index=True)
    populations["reference_date"] = pd.to_datetime(populations["reference_date"])
    return populations.sort_values(["unit_code", "age_group", "reference_date"], ignore_index=True)


def read_vaccines() -> pd.DataFrame:
    """Return the nine products approved by 10/11/2021, one row a product.

    Columns: product (the name used in every table), aliases (tuple of other spellings), approved_on
    (date), series_doses (doses of the primary series), interval_from_days, interval_until_days (after the
    previous dose, when the next is planned; null: none or not stated), least_interval_days (sooner is too early).
    How it is typed, reduced to letters and digits: signs (parts of a text that name it), long_names (whole words in
    which one letter may be wrong), short_forms (words that name it only when they stand alone); filled_from
    (the product it is, filled elsewhere, with whose name it is often typed; or empty). `*_mark` says how sure
    the cell is: `S` stated by a public source, `R` general knowledge, not yet confirmed.
    """
    import pandas as pd

    vaccines = read_reference("vaccines.csv")
    for column in ("aliases", "signs", "long_names", "short_forms"):
        vaccines[column] = vaccines[column].map(lambda text: tuple(filter(None, text.split(";"))))
    vaccines["approved_on"] = pd.to_datetime(vaccines["approved_on"])
    vaccines["series_doses"] = vaccines["series_doses"].astype("int64")
    for column in ("interval_from_days", "interval_until_days", "least_interval_days"):
        vaccines[column] = pd.to_numeric(vaccines[column]).astype("Int64")
    return vaccines
