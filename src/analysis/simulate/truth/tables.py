"""The truth's files, collected part by part on the disk and put together at the end."""

import shutil
from pathlib import Path

import duckdb
import pandas as pd

from analysis.engine import sql_path

# SELECT lists that turn what pandas holds (texts, zeros for nothing, timestamps) into the documented types.
_DOSE_COLUMNS = """* REPLACE (
    CASE WHEN errors = '' THEN [] ELSE string_split(errors, ';') END AS errors,
    nullif(dose_number, 0)::INTEGER AS dose_number, nullif(person_key, 0) AS person_key,
    nullif(dose_key, 0) AS dose_key, vaccination_date::DATE AS vaccination_date,
    entry_date::DATE AS entry_date, given_date::DATE AS given_date)"""
_PEOPLE_COLUMNS = """* REPLACE (
    first_date::DATE AS first_date, second_date::DATE AS second_date, third_date::DATE AS third_date)"""


# What the engine may hold: the rows of one part, and the row groups that are being written.
_LIMITS = "SET threads = 2; SET memory_limit = '1GB'; SET enable_progress_bar = false"
_PARTS = ".parts"


class TruthTables:
    """Writes one province's truth in parts to a folder beside the truth; use as a context manager."""

    def __init__(self, folder: Path, province: str) -> None:
        """Keep the truth's folder; `province` (its code) orders the parts of all."""
        self.folder, self.province = folder / _PARTS, province
        self.connection = duckdb.connect()
        self.connection.execute(_LIMITS)
        self.made = 0

    def __enter__(self) -> "TruthTables":
        """Return itself."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self.connection.close()

    def _add(self, name: str, columns: str, rows: pd.DataFrame) -> None:
        part = self.folder / f"{name}-{self.province}-{self.made:05d}.parquet"
        self.made += 1
        self._copy(columns, rows, part, "FORMAT parquet, COMPRESSION lz4")

    def add_doses(self, doses: pd.DataFrame) -> None:
        """Add records, as many as there are in memory."""
        self._add("doses", _DOSE_COLUMNS, doses)

    def add_others(self, junk: pd.DataFrame, people: pd.DataFrame, rosters: pd.DataFrame) -> None:
        """Add records that are no doses, people, and people on rosters."""
        if len(junk):
            columns = "* REPLACE ([errors] AS errors), '' AS dose_record_id, 'none' AS person_kind"
            self._add("doses", columns + ", false AS four_field_match", junk)
        self._add("people", _PEOPLE_COLUMNS, people)
        if len(rosters):
            self._add("rosters", "*", rosters)

    def copy(self, table: pd.DataFrame, path: Path) -> None:
        """Write any table of texts as Parquet, or as gzipped CSV, by its name, with the same engine."""
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet = path.suffix == ".parquet"
        self._copy("*", table, path, "FORMAT parquet" if parquet else "FORMAT csv, HEADER, COMPRESSION gzip")

    def _copy(self, columns: str, table: pd.DataFrame, path: Path, form: str) -> None:
        self.connection.register("copied", table)
        self.connection.execute(f"COPY (SELECT {columns} FROM copied) TO {sql_path(path)} ({form})")
        self.connection.unregister("copied")


def join_parts(folder: Path) -> None:
    """Write doses.parquet, people.parquet and rosters.parquet from the parts of all provinces, and remove those."""
    parts = sorted((folder / _PARTS).iterdir())
    with duckdb.connect() as connection:
        connection.execute(_LIMITS)
        for name in sorted({p.name.split("-")[0] for p in parts}):
            listed = ", ".join(sql_path(p) for p in parts if p.name.startswith(f"{name}-"))
            rows = f"SELECT * FROM read_parquet([{listed}], union_by_name = true)"
            target = sql_path(folder / f"{name}.parquet")
            connection.execute(f"COPY ({rows}) TO {target} (FORMAT parquet)")
    shutil.rmtree(folder / _PARTS)
