"""The lookup of places given: every distinct facility beside the residence it was recorded with."""

from collections.abc import Sequence
from typing import Any

import duckdb

from analysis.clean.facilities import FacilityIndex, find_site
from analysis.clean.lookups import build_lookup
from analysis.clean.person_fields import free_text
from analysis.clean.quality import FileAccount, set_aside_accounts
from analysis.intake.folder import open_folder
from analysis.intake.headers import Schema
from analysis.settings import RunParameters

FACILITIES = Schema(
    "facilities",
    dict.fromkeys(("facility_code", "facility_name", "province_code", "district_code", "commune_code"), ()),
    ("facility_code", "facility_name", "province_code"),
)


def read_facilities(
    con: duckdb.DuckDBPyConnection, run: RunParameters
) -> tuple[FacilityIndex, list[FileAccount]]:
    """Read `facilities/*.csv` of the intake; returns the index and the accounts of its files."""
    intake = open_folder(con, run, "facilities", FACILITIES)
    index = FacilityIndex()
    accounts = set_aside_accounts(intake.set_aside)
    for staged in intake.staged:
        rows = con.execute(
            "SELECT trim(facility_code), trim(facility_name), lpad(trim(province_code), 2, '0'), "
            "lpad(trim(district_code), 3, '0') FROM read_parquet(?) WHERE row_fault IS NULL",
            [staged.path.as_posix()],
        ).fetchall()
        index.add(rows)
        accounts.append(FileAccount(staged.source_file, None, len(rows), len(rows), 0, "ok"))
    return index, accounts


def build_sites(con: duckdb.DuckDBPyConnection, index: FacilityIndex) -> None:
    """Make the lookup `sites` of facility code, facility name and residence, as they stand in `staged`."""

    def site_row(
        code: str | None, name: str | None, province: str | None, district: str | None
    ) -> Sequence[Any]:
        site = find_site(index, code, name, province, district)
        return site.facility_code, site.province_code, site.district_code, site.source

    build_lookup(
        con,
        "sites",
        f"SELECT DISTINCT s.facility_code, {free_text('s.facility_name')}, paths.province_code, "
        "paths.district_code FROM (SELECT DISTINCT facility_code, facility_name, "
        "coalesce(province, province_typed_code) AS p, coalesce(district, district_typed_code) AS d, "
        "coalesce(commune, commune_typed_code) AS c FROM staged) AS s "
        "LEFT JOIN paths ON paths.t0 IS NOT DISTINCT FROM s.p AND paths.t1 IS NOT DISTINCT FROM s.d "
        "AND paths.t2 IS NOT DISTINCT FROM s.c",
        dict.fromkeys(
            (
                "facility_code",
                "place_given_province_code",
                "place_given_district_code",
                "place_given_source",
            ),
            "VARCHAR",
        ),
        site_row,
    )
