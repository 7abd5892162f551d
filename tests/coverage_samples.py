"""Small invented weeks for the coverage tests: tables written as the earlier stages would have them.

A row is given by the few fields that matter; everything else gets a plain value. Hà Giang (02) has two
districts here: TP Hà Giang 024 with communes 00688 and 00691, Đồng Văn 026 with commune 00712.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from analysis.coverage import count_coverage
from analysis.coverage.steps import open_plan
from analysis.engine import Engine, connect
from analysis.settings import RunParameters, Settings, open_run
from analysis.steps import needed_for, run_plan
from analysis.tables import TABLES, view_table, write_table

AS_OF = "2021-11-07"
COMMUNE, SAME_DISTRICT_COMMUNE, OTHER_COMMUNE = "00688", "00691", "00712"
HANOI_COMMUNE = "00001"
COMMUNES_OF_DISTRICTS = {
    "024": COMMUNE,
    "026": OTHER_COMMUNE,
    "027": "00769",
    "028": "00820",
    "029": "00874",
    "030": "00703",
    "031": "00982",
}
PLACES = {code: (district, "02") for district, code in COMMUNES_OF_DISTRICTS.items()}
PLACES |= {  # commune: district, province
    SAME_DISTRICT_COMMUNE: ("024", "02"),
    HANOI_COMMUNE: ("001", "01"),
}

Row = dict[str, Any]


@dataclass
class Week:
    """One invented week; without citizens the intake has no registry at all."""

    doses: list[Row] = field(default_factory=list)
    citizens: list[Row] = field(default_factory=list)
    reports: list[Row] = field(default_factory=list)
    population: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    candidates: list[Row] = field(default_factory=list)
    feedback: list[Row] = field(default_factory=list)
    rosters: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    names: list[Row] = field(default_factory=list)
    as_of: str = AS_OF
    settings: Settings | None = None
    previous: Path | None = None


def dose(citizen_id: str | None = None, day: str = "2021-08-01", number: int | None = 1, **other: Any) -> Row:
    """Return one dose row with its verdict; linked when `citizen_id` is given."""
    commune = other.pop("commune", COMMUNE)
    given = other.pop("given", commune)
    residence = PLACES.get(commune, (None, None))
    place_given = PLACES.get(given, (None, None))
    entered = other.pop("entry_date", day)
    return {
        "source_file": "platform/02.csv",
        "birth_date": "1980-05-05",
        "sex": "Nam",
        "province_code": residence[1],
        "district_code": residence[0],
        "commune_code": commune,
        "place_given_province_code": place_given[1],
        "place_given_district_code": place_given[0],
        "dose_number": number,
        "vaccine": "AstraZeneca",
        "vaccination_date": day,
        "entry_date": entered,
        "id_kind": "citizen_number" if citizen_id else "missing",
        "is_rejected": False,
        "is_foreigner": False,
        "is_counted": True,
        "link_status": "verified" if citizen_id else "not_in_registry",
        "citizen_id": citizen_id,
        "differing_fields": [],
    } | other


def citizen(citizen_id: str, birth: str = "1980-05-05", commune: str = COMMUNE, **other: Any) -> Row:
    """Return one registry row, alive and at home unless told."""
    return {
        "citizen_id": citizen_id,
        "old_id_numbers": [],
        "full_name": f"Người {citizen_id}",
        "name_key": f"nguoi {citizen_id}",
        "birth_date": birth,
        "sex": "Nam",
        "permanent_commune_code": commune,
        "current_commune_code": commune,
        "life_status": "alive",
        "death_date": None,
    } | other


def report(day: str, dose_1: int | None = 0, dose_2: int | None = 0, **other: Any) -> Row:
    """Return one daily report of Hà Giang as a province."""
    administered = None if dose_1 is None else dose_1 + (dose_2 or 0)
    return {
        "report_date": day,
        "province_code": "02",
        "district_code": None,
        "reporting_body": "province",
        "doses_administered": administered,
        "dose_1": dose_1,
        "dose_2": dose_2,
    } | other


def denominator(unit_code: str, population: int, age_group: str = "18+", **other: Any) -> Row:
    """Return one denominator of the intake."""
    return {
        "unit_code": unit_code,
        "age_group": age_group,
        "population": population,
        "source": "thống kê",
        "reference_date": "2021-01-01",
    } | other


class Counts:
    """The tables that the stage wrote, for looking single figures up."""

    def __init__(self, run: RunParameters, provinces_with_files: tuple[str, ...]) -> None:
        self.run, self.provinces_with_files = run, provinces_with_files

    def table(self, name: str, where: str = "true") -> list[Row]:
        """Return the rows of a written table that meet an SQL condition."""
        with connect(self.run) as con:
            view_table(con, name, self.run)
            return fetch_rows(con, f'SELECT * FROM "{name}" WHERE {where}')

    def rows(self, name: str, **where: Any) -> list[Row]:
        """Return the rows of a table that have the given values (all of them when it is a list)."""
        texts = {k: v if isinstance(v, list) else [v] for k, v in where.items()}
        parts = [f"{k} IN ({', '.join(repr(str(v)) for v in values)})" for k, values in texts.items()]
        return self.table(name, " AND ".join(parts) or "true")

    def coverage(self, unit: str, basis: str, status: str = "at_least_one", **where: Any) -> Row:
        """Return the one row of `coverage` of a unit; adults at as_of unless told."""
        keys = {"reference_date": self.run.as_of, "age_group": "18+"} | where
        found = self.rows("coverage", unit_code=unit, basis=basis, series_status=status, **keys)
        assert len(found) == 1, f"{len(found)} rows"
        return found[0]


def open_sample(week: Week, folder: Path, threads: int = 2) -> RunParameters:
    """Return the parameters of a run of the invented week under `folder`."""
    processed = folder / "processed" / week.as_of
    run = open_run(week.as_of, raw=str(folder / "raw"), processed=str(processed), threads=threads)
    return replace(run, settings=week.settings or run.settings, previous=week.previous)


def count_sample(week: Week, folder: Path, threads: int = 2) -> Counts:
    """Write the invented week under `folder`, run the coverage stage on it and return what it wrote."""
    run = write_week(week, folder, threads)
    return Counts(run, count_coverage(run).provinces_with_files)


def cover_sample(week: Week, folder: Path) -> Counts:
    """Count the invented week as `count_sample` does, but write the table `coverage` alone: half the time."""
    run = write_week(week, folder)
    make_slice(run, "coverage")
    return Counts(run, tuple(row["province_code"] for row in make_slice(run, "file_provinces")))


def make_slice(run: RunParameters, table: str) -> list[Row]:
    """Run the stage's steps up to one table and return its rows."""
    with connect(run) as con, open_plan(con, run) as plan:
        run_plan(Engine(con), run, needed_for(plan, [table]), "3_coverage", keep=table)
        return fetch_rows(con, f'SELECT * FROM "{table}" ORDER BY ALL')


def fetch_rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """Return a query's rows as dictionaries."""
    cursor = con.execute(query)
    columns = [c[0] for c in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def write_week(week: Week, folder: Path, threads: int = 2) -> RunParameters:
    """Write the tables of the invented week as the earlier stages would have and return its run."""
    run = open_sample(week, folder, threads)
    numbered = [{"source_row": i} | row for i, row in enumerate(week.doses, start=1)]
    roster = [{"source_file": "rosters/a.csv", "source_row": i} | r for i, r in enumerate(week.rosters, 1)]
    decisions = [{"decision_id": str(i), "bound": True} | d for i, d in enumerate(week.decisions)]
    feedback = [{"feedback_id": str(i)} | f for i, f in enumerate(week.feedback)]
    tables = {
        "doses": numbered,
        "citizens": week.citizens,
        "links": numbered,
        "daily_reports": week.reports,
        "population": week.population,
        "decisions": decisions,
        "clerical_candidates": week.candidates,
        "feedback_items": feedback,
        "file_names": week.names,
        "roster_rows": roster,
        "roster_checks": roster,
        "registry_findings": week.findings,
    }
    with connect(run) as con:
        for name, rows in tables.items():
            write_rows(con, run, name, rows)
    return run


def write_rows(con: duckdb.DuckDBPyConnection, run: RunParameters, name: str, rows: list[Row]) -> None:
    """Write dictionaries as one table of the run; columns not given are null."""
    types = TABLES[name].columns
    columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
    con.execute(f'CREATE OR REPLACE TEMP TABLE "sample_{name}" ({columns})')
    marks = ", ".join("?" for _ in types)
    for row in rows:
        con.execute(f'INSERT INTO "sample_{name}" VALUES ({marks})', [row.get(column) for column in types])
    write_table(con, name, f'SELECT * FROM "sample_{name}"', run)


def day_before(day: str, days: int) -> str:
    """Return the ISO date `days` days before."""
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def series_sample(week: Week, folder: Path) -> dict[str, Row]:
    """Return the dose series of each linked citizen of the invented week, by citizen_id."""
    return {row["citizen_id"]: row for row in make_slice(write_week(week, folder), "series")}
