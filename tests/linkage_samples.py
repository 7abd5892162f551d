"""Invented people for the linkage tests: short registry and dose tables written as a run would have them."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analysis.engine import connect
from analysis.reconcile import LinkSummary, link_doses
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES, view_table, write_table

COMMUNE, OTHER_COMMUNE = "00688", "00700"  # two communes of Hà Giang


def name_key(name: str | None) -> str | None:
    """Unaccented lower case, as the cleaning stage writes it."""
    if name is None:
        return None
    bare = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z ]", "", bare.replace("đ", "d"))


def _precision(birth_date: str | None) -> str | None:
    return {4: "year", 7: "month", 10: "day"}.get(len(birth_date or ""))


def citizen(citizen_id: str, name: str, birth: str, sex: str = "Nam", **other: Any) -> dict[str, Any]:
    """Return one registry row; `other` overrides any column."""
    row = {
        "citizen_id": citizen_id,
        "old_id_numbers": [],
        "full_name": name,
        "birth_date": birth,
        "sex": sex,
        "ethnicity_code": "01",
        "permanent_commune_code": COMMUNE,
        "life_status": "alive",
        "death_date": None,
        "id_card_issued_on": None,
    } | other
    row.setdefault("current_commune_code", row["permanent_commune_code"])
    return row | {
        "name_key": name_key(name),
        "name_accented": name.lower(),
        "birth_precision": _precision(birth),
    }


FAMILY = ("Nguyễn", "Trần", "Lê", "Hoàng", "Vàng", "Nông", "Bàn", "Lý")
MIDDLE = ("Văn", "Thị", "Đức", "Ngọc", "Mí", "Minh")
GIVEN = ("Anh", "Bình", "Chi", "Dũng", "Hà", "Khánh", "Lan", "Minh", "Nga", "Phúc", "Sơn", "Tâm", "Yến")


def crowd(size: int = 2000) -> list[dict[str, Any]]:
    """Return invented neighbours: among few people, chance agreements would look like proof."""
    rows = []
    for i in range(size):
        born = dt.date(1940, 1, 2) + dt.timedelta(days=(i * 7919) % 23000)
        name = f"{FAMILY[i % 8]} {MIDDLE[i % 6]} {GIVEN[i % 13]}"
        sex = "Nữ" if i % 2 else "Nam"
        number = f"002{i % 2}{born.year % 100:02d}{500000 + i}"
        place = COMMUNE if i % 3 else OTHER_COMMUNE
        rows.append(citizen(number, name, str(born), sex, permanent_commune_code=place))
    return rows


def person_fields(
    name: str | None, birth: str | None, sex: str | None, id_number: str | None
) -> dict[str, Any]:
    """Return the cleaned identifying fields of a row."""
    kind = {12: "citizen_number", 9: "old_number"}.get(len(id_number or ""), "missing")
    return {
        "full_name": name,
        "full_name_typed": name,
        "name_key": name_key(name),
        "name_accented": name.lower() if name else None,
        "birth_date": birth,
        "birth_date_typed": birth,
        "birth_precision": _precision(birth),
        "sex": sex,
        "sex_typed": sex,
        "id_number": id_number if kind != "missing" else None,
        "id_number_typed": id_number,
        "id_kind": kind,
        "province_code": "02",
        "district_code": "024",
        "commune_code": COMMUNE,
        "reason_codes": [],
        "is_rejected": False,
        "is_foreigner": False,
    }


def dose(
    name: str | None, birth: str | None, sex: str | None = "Nam", id_number: str | None = None, **other: Any
) -> dict[str, Any]:
    """Return one dose row; `other` overrides any column."""
    return (
        person_fields(name, birth, sex, id_number)
        | {
            "source_file": "platform/02.csv",
            "dose_number": 1,
            "vaccine": "AstraZeneca",
            "vaccination_date": "2021-08-01",
            "entry_date": "2021-08-02",
            "is_counted": True,
        }
        | other
    )


def listed(
    name: str, birth: str, sex: str = "Nam", id_number: str | None = None, **other: Any
) -> dict[str, Any]:
    """Return one roster row."""
    return person_fields(name, birth, sex, id_number) | {"source_file": "rosters/02.csv"} | other


@dataclass
class Sample:
    """A tiny country: what the tables of the earlier stage would hold."""

    doses: list[dict[str, Any]]
    citizens: list[dict[str, Any]] | None = None
    decisions: list[dict[str, Any]] = field(default_factory=list)
    rosters: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Linked:
    """What the linkage wrote, as rows of dictionaries in the order of the rows given."""

    summary: LinkSummary
    links: list[dict[str, Any]]
    candidates: list[dict[str, Any]]
    roster_checks: list[dict[str, Any]]
    findings: list[dict[str, Any]]


def _write(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]], run: RunParameters) -> None:
    table = TABLES[name]
    for number, row in enumerate(rows, start=1):
        if "source_row" in table.columns:
            row.setdefault("source_row", number)
    frame = pd.DataFrame(rows, columns=list(table.columns), dtype=object)
    con.register("sample_rows", frame)
    write_table(con, name, "SELECT * FROM sample_rows", run)
    con.unregister("sample_rows")


def _read(con: duckdb.DuckDBPyConnection, name: str, run: RunParameters) -> list[dict[str, Any]]:
    view_table(con, name, run)
    cursor = con.execute(f"SELECT * FROM {name}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def link_sample(sample: Sample, folder: Path) -> Linked:
    """Write a sample as a run's tables, link it, and read the results back."""
    run = open_run("2021-11-07", raw=str(folder / "raw"), processed=str(folder / "processed"))
    with connect(run) as con:
        for name, rows in (
            ("doses", sample.doses),
            ("roster_rows", sample.rosters),
            ("decisions", sample.decisions),
            ("citizens", sample.citizens or []),
        ):
            _write(con, name, rows, run)
    summary = link_doses(run)
    with connect(run) as con:
        tables = ("links", "clerical_candidates", "roster_checks", "registry_findings")
        return Linked(summary, *(_read(con, name, run) for name in tables))
