"""The lookup of places given: every distinct facility beside the residence it was recorded with."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import duckdb
import pandas as pd

from analysis.clean.cells import Cells
from analysis.clean.fields.facilities import FacilityIndex, code_key, find_site
from analysis.clean.fields.places import parse_place, unit_indexes
from analysis.clean.person_fields import free_text
from analysis.clean.quality.accounts import FileAccount
from analysis.intake.headers.finding import Schema
from analysis.intake.sources import Intake
from analysis.steps import Step

FACILITIES = Schema(
    "facilities",
    dict.fromkeys(("facility_code", "facility_name", "province_code", "district_code", "commune_code"), ()),
    ("facility_code", "facility_name", "province_code"),
)


def index_facilities(
    con: duckdb.DuckDBPyConnection, opened: Intake
) -> tuple[FacilityIndex, list[FileAccount]]:
    """Read the opened files of `facilities/`; returns the index and the accounts of those files.

    A row whose units lead nowhere is told and not used; a code that is listed in two places tells none of them.
    """
    listed: list[tuple[str | None, ...]] = []
    accounts = []
    for staged in opened.staged:
        rows = con.execute(
            "SELECT trim(facility_code), trim(facility_name), trim(province_code), trim(district_code) "
            "FROM read_parquet(?) WHERE row_fault IS NULL",
            [staged.path.as_posix()],
        ).fetchall()
        placed = [(code, name, *place) for code, name, *typed in rows if (place := _place(*typed))]
        lost = len(rows) - len(placed)
        accounts.append(FileAccount(staged.source_file, None, len(rows), len(placed), lost, "ok"))
        if lost:
            accounts.append(FileAccount(staged.source_file, "value_unreadable", lost, 0, lost, "ok"))
        listed += [(staged.source_file, *row) for row in placed]
    places: dict[str, set[tuple[str | None, ...]]] = defaultdict(set)
    for _, code, _, *where in listed:
        places[code_key(code or "")].add(tuple(where))
    index, doubled = FacilityIndex(), Counter[str]()
    for source_file, code, *others in listed:
        is_told_twice = bool(code) and len(places[code_key(code or "")]) > 1
        doubled[source_file or ""] += is_told_twice
        index.add([(None if is_told_twice else code, *others)])
    accounts += [FileAccount(name, "rows_contradict", n, n, 0, "ok") for name, n in doubled.items() if n]
    return index, accounts


@lru_cache(maxsize=20_000)
def _place(province: str | None, district: str | None) -> tuple[str | None, str | None] | None:
    """Return the codes of a facility's province and district, by code or by name; None where one leads nowhere."""
    provinces, districts, _ = unit_indexes()
    filled = (province or "").zfill(2), district.zfill(3) if district else None
    if filled[0] in provinces.units and (filled[1] is None or filled[1] in districts.units):
        return filled
    place = parse_place(province, district, None)
    is_whole = place.province_code and (place.district_code or not district)
    return (place.province_code, place.district_code if district else None) if is_whole else None


_ON_PATH = "p.t0 IS NOT DISTINCT FROM s.p AND p.t1 IS NOT DISTINCT FROM s.d AND p.t2 IS NOT DISTINCT FROM s.c"
# The province in which at least half of a file's records live: what the file itself speaks of.
FILE_HOMES = """
WITH residences AS (
    SELECT source_id, coalesce(province, province_typed_code) AS p, coalesce(district, district_typed_code) AS d,
        coalesce(commune, commune_typed_code) AS c, count(*) AS n FROM {cells} GROUP BY ALL),
by_province AS (
    SELECT source_id, p.province_code, sum(n) AS n
    FROM residences AS s LEFT JOIN {paths} AS p ON {on_path} GROUP BY source_id, p.province_code)
SELECT source_id, max(province_code) FILTER (2 * n >= of_n) AS home
FROM (SELECT *, sum(n) OVER (PARTITION BY source_id) AS of_n FROM by_province) GROUP BY source_id"""


def file_homes_step(cells: Cells) -> Step:
    """Return the step of the province that each file speaks of; null where none has half of its records."""
    query = FILE_HOMES.format(cells=cells.table, paths=cells.name("paths"), on_path=_ON_PATH)
    row = "one file, and the province in which half of its records live"
    return Step(cells.name("file_homes"), row, cells.names("paths") + f" {cells.table}", query)


# A code that `facilities/` lists says all, whatever name or residence stands beside it.
LISTED_SITES = """
SELECT t0, t1, t2, t3, t4, f.facility_code, f.place_given_province_code, f.place_given_district_code,
    'facility' AS place_given_source
FROM {values} JOIN listed_facilities AS f ON f.code_key = ltrim(t0, '0') WHERE regexp_full_match(t0, '[0-9A-Z]+')"""


def listed_step(index: FacilityIndex) -> Step:
    """Return the step of the facilities that are known by a code."""
    row = "one facility that is listed, by its code without lost zeros"
    return Step("listed_facilities", row, frame=partial(_listed_frame, index))


def _listed_frame(index: FacilityIndex) -> pd.DataFrame:
    places = [
        (key, code, province or None, district or None)
        for key, (code, province, district) in index.by_code.items()
    ]
    return pd.DataFrame(places, columns=["code_key", *_SITE[:-1]]).astype("str")


_SITE = ("facility_code", "place_given_province_code", "place_given_district_code", "place_given_source")


def site_lookup(cells: Cells, index: FacilityIndex) -> Step:
    """Return the lookup of facility code, facility name and residence, as they stand in the cells."""

    def site_row(
        code: str | None, name: str | None, province: str | None, district: str | None, home: str | None
    ) -> Sequence[Any]:
        site = find_site(index, code, name, province, district, home)
        return site.facility_code, site.province_code, site.district_code, site.source

    paths, homes = cells.name("paths"), cells.common("file_homes")
    return Step(
        cells.name("sites"),
        "one typed facility beside one residence and the province of the file, and where it lies",
        f"{cells.table} {paths} {homes} listed_facilities",
        f"SELECT DISTINCT s.facility_code, {free_text('s.facility_name')}, p.province_code, "
        "p.district_code, s.home FROM (SELECT DISTINCT facility_code, facility_name, home, "
        "coalesce(province, province_typed_code) AS p, coalesce(district, district_typed_code) AS d, "
        f"coalesce(commune, commune_typed_code) AS c FROM {cells.table} JOIN {homes} USING (source_id)) AS s "
        f"LEFT JOIN {paths} AS p ON {_ON_PATH}",
        columns=dict.fromkeys(_SITE, "VARCHAR"),
        clean=site_row,
        ordinary=LISTED_SITES,
    )
