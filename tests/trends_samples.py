"""Small invented aggregate tables for the trends tests: coverage, supply, reporting triangle."""

from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd

from analysis.engine import connect
from analysis.settings import RunParameters
from analysis.tables import write_table

AS_OF = pd.Timestamp("2021-11-07")
WEEKS = 20


def logistic_counts(size: int, ceiling: float, delay: int) -> list[int]:
    weeks = np.arange(WEEKS)
    return [int(v) for v in size * ceiling / (1 + np.exp(-(weeks - 10 - delay) / 3))]


def unit_rows(level: str, code: str, size: int, ceiling: float = 0.9) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for status, delay in (("at_least_one", 0), ("primary_complete", 5)):
        for k, people in enumerate(logistic_counts(size, ceiling, delay)):
            day = AS_OF - pd.Timedelta(days=7 * (WEEKS - 1 - k))
            rows.append((level, code, day, "18+", status, "reported", people, size))
    rows.append((level, code, AS_OF, "all", "at_least_one", "reconciled", None, int(size * 1.4)))
    return rows


def write_inputs(run: RunParameters, rows: list[tuple[object, ...]], left: int = 10_000) -> None:
    names = ["unit_level", "unit_code", "reference_date", "age_group", "series_status", "basis"]
    names += ["people", "population"]
    coverage = pd.DataFrame(rows, columns=names)
    with connect(run) as con:
        con.register("rows_given", coverage)
        write_table(
            con,
            "coverage",
            "SELECT *, NULL AS coverage_pct, 'invented' AS population_source, NULL AS population_date, "
            "NULL AS people_low, NULL AS people_high, NULL AS registry_population, "
            "NULL AS coverage_registry_pct FROM rows_given",
            run,
        )
        write_table(
            con,
            "supply",
            f"SELECT DISTINCT unit_level, unit_code, DATE '2021-11-07' AS reference_date, "
            f"1000000 + {left} AS doses_allocated, NULL AS doses_received, 1000000 AS doses_administered, "
            "NULL AS doses_discarded, NULL AS used_pct, NULL AS other_bodies_administered FROM rows_given",
            run,
        )


def read_rows(run: RunParameters, name: str) -> pd.DataFrame:
    path = (run.aggregate / f"{name}.parquet").as_posix()
    return duckdb.connect().execute(f"FROM read_parquet('{path}')").df()


def write_triangle(run: RunParameters, rows: list[tuple[object, ...]]) -> None:
    """Write `reporting_triangle` from rows (level, code, status, day given, entered by, doses)."""
    names = ["unit_level", "unit_code", "series_status", "vaccination_date", "entered_by", "doses"]
    frame = pd.DataFrame(rows, columns=names)
    with connect(run) as con:
        con.register("rows_given", frame)
        write_table(con, "reporting_triangle", "SELECT * FROM rows_given", run)


def steady_entries(
    level: str, code: str, daily: int, shares: tuple[float, ...], weeks: int = 16
) -> list[tuple[object, ...]]:
    """Return triangle rows: `daily` doses a day of which `shares` are entered in the week, the next, …"""
    rows: list[tuple[object, ...]] = []
    for back in range(7 * weeks):
        day = AS_OF - timedelta(days=back)
        for week, share in enumerate(shares):
            entered_by = AS_OF - timedelta(days=7 * (back // 7 - week))
            if entered_by <= AS_OF:
                rows.append((level, code, "at_least_one", day, entered_by, round(daily * share)))
    return rows
