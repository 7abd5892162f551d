"""The units a briefing speaks of: country, provinces, districts, with full and short names."""

import csv
import unicodedata
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from analysis.errors import RequestError
from analysis.reference import read_units, reference_path
from analysis.settings import RunParameters

COUNTRY = "VN"
# What stands before a unit's own name, and what a table keeps of it ("TP Hà Giang", "Đồng Văn").
SHORT_PREFIXES = {
    "Thành phố ": "TP ",
    "Thị xã ": "TX ",
    "Huyện đảo ": "",
    "Huyện ": "",
    "Quận ": "",
    "Tỉnh ": "",
}


# The same in English: what a kind of unit is called after its own name.
ENGLISH_KINDS = {
    "Tỉnh ": "Province",
    "Thành phố ": "City",
    "Thị xã ": "Town",
    "Huyện đảo ": "Island District",
    "Huyện ": "District",
    "Quận ": "District",
}


@dataclass(frozen=True)
class Unit:
    """One unit: `level` is country, province or district; `short_name` is for tables and lists."""

    code: str
    level: str
    name: str
    short_name: str


@dataclass(frozen=True)
class Tile:
    """One tile of the national map: a province (or an archipelago of one) at a row and a column."""

    province_code: str
    kind: str
    label: str
    region: str
    column: int
    row: int


def short_unit_name(name: str) -> str:
    """Return the name as a table shows it; a numbered district keeps its word ("Quận 1")."""
    for prefix, kept in SHORT_PREFIXES.items():
        if name.startswith(prefix):
            rest = name[len(prefix) :]
            return name if rest[:1].isdigit() else kept + rest
    return name


def english_unit(unit: Unit) -> Unit:
    """Return a unit as English names it: "Hà Giang Province", "Thủ Đức City", "District 1"; its own name stays."""
    for prefix, kind in ENGLISH_KINDS.items():
        if unit.name.startswith(prefix):
            own = unit.name.removeprefix(prefix)
            name = f"{kind} {own}" if own[:1].isdigit() else f"{own} {kind}"
            is_marked = unit.short_name.startswith(("TP ", "TX ", "Quận "))
            return replace(unit, name=name, short_name=name if is_marked else unit.short_name)
    return unit


def named_in(unit: Unit, language: str) -> Unit:
    """Return a unit with its names in a language."""
    return english_unit(unit) if language == "en" else unit


def unit_in_sentence(unit: Unit) -> str:
    """Return the unit's name inside a sentence: "tỉnh Hà Giang", but "Thành phố Hồ Chí Minh"."""
    if unit.name == "Thành phố Hồ Chí Minh":  # its official name carries the capital
        return unit.name
    is_kind = unit.name.startswith(tuple(ENGLISH_KINDS))
    return unit.name[0].lower() + unit.name[1:] if is_kind else unit.name


def _short_province_name(name: str) -> str:
    return name.removeprefix("Thành phố ").removeprefix("Tỉnh ")


@cache
def _unit_table() -> pd.DataFrame:
    names = ["province_code", "province_name", "district_code", "district_name"]
    # The official list writes one name with two blanks: "Huyện  Vũng Liêm".
    return read_units()[names].drop_duplicates().replace(r"\s+", " ", regex=True)


@cache
def provinces() -> dict[str, Unit]:
    """Return the provinces of the unit table by code."""
    pairs = _unit_table()[["province_code", "province_name"]].drop_duplicates().itertuples(index=False)
    return {
        str(code): Unit(str(code), "province", str(name), _short_province_name(str(name)))
        for code, name in pairs
    }


@cache
def districts(province_code: str) -> dict[str, Unit]:
    """Return a province's districts by code, in the order of the unit table."""
    table = _unit_table()
    own = table[table["province_code"] == province_code][["district_code", "district_name"]]
    return {
        str(code): Unit(str(code), "district", str(name), short_unit_name(str(name)))
        for code, name in own.itertuples(index=False)
    }


def unit_name(code: str, language: str = "vi") -> str:
    """Return a province's or district's full name; the code itself for one that is not in the unit table."""
    if code in provinces():
        return named_in(provinces()[code], language).name
    table = _unit_table()
    names = table.loc[table["district_code"] == code, "district_name"]
    return named_in(Unit(code, "district", str(names.iloc[0]), ""), language).name if len(names) else code


def find_unit(unit_code: str, country_name: str = "cả nước") -> Unit:
    """Return the country (`VN`) or a province; raises RequestError for anything else."""
    if unit_code == COUNTRY:
        return Unit(COUNTRY, "country", country_name, country_name)
    if unit_code not in provinces():
        raise RequestError("unit_code: write VN or a two-digit province code such as 02")
    return provinces()[unit_code]


def unit_file_stem(unit_code: str) -> str:
    """Return the file name of a unit's documents without its ending: `national`, `02-ha-giang`."""
    unit = find_unit(unit_code)
    if unit.level == "country":
        return "national"
    plain = unicodedata.normalize("NFD", unit.short_name.lower().replace("đ", "d"))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return "-".join([unit_code, *letters.split()])


def document_stem(run: RunParameters, unit_code: str, language: str = "") -> str:
    """Return the file name of a unit's documents in a language of the run; that of the second one is marked."""
    is_first = language in ("", run.settings.language)
    return unit_file_stem(unit_code) if is_first else f"{unit_file_stem(unit_code)}.{language}"


@cache
def map_tiles() -> tuple[Tile, ...]:
    """Return the tiles of the national map: 63 provinces, Hoàng Sa and Trường Sa."""
    with reference_path("province_tiles.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Tile(r["province_code"], r["kind"], r["label"], r["region"], int(r["column"]), int(r["row"]))
            for r in csv.DictReader(file)
        )


def province_region(province_code: str) -> str:
    """Return the region key of a province (General Statistics Office, six regions)."""
    return next(t.region for t in map_tiles() if t.province_code == province_code and t.kind == "province")
