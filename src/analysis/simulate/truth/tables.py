"""The truth's files, collected province by province in one engine."""

from pathlib import Path

import duckdb
import pandas as pd

# SELECT lists that turn what pandas holds (texts, zeros for nothing, timestamps) into the documented types.
_DOSE_COLUMNS = """* EXCLUDE (entry_order) REPLACE (
    CASE WHEN errors = '' THEN [] ELSE string_split(errors, ';') END AS errors,
    nullif(dose_number, 0)::INTEGER AS dose_number, nullif(person_key, 0) AS person_key,
    nullif(dose_key, 0) AS dose_key, vaccination_date::DATE AS vaccination_date,
    entry_date::DATE AS entry_date, given_date::DATE AS given_date)"""
_PEOPLE_COLUMNS = """* REPLACE (
    first_date::DATE AS first_date, second_date::DATE AS second_date, third_date::DATE AS third_date)"""


class TruthTables:
    """Collects the provinces' truth and writes it as one file each at the end; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder to write to."""
        self.folder = folder
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 2")
        self.made: dict[str, list[str]] = {}

    def __enter__(self) -> "TruthTables":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self.connection.close()

    def _add(self, name: str, columns: str, rows: pd.DataFrame) -> None:
        """Keep rows in a table of their own: growing one large table would compress it at every step."""
        parts = self.made.setdefault(name, [])
        parts.append(f"{name}_{len(parts)}")
        self.connection.register("added", rows)
        self.connection.execute(f"CREATE TABLE {parts[-1]} AS SELECT {columns} FROM added")
        self.connection.unregister("added")

    def add_province(
        self, doses: pd.DataFrame, junk: pd.DataFrame, people: pd.DataFrame, rosters: pd.DataFrame
    ) -> None:
        """Add one province's records, records that are no doses, people, and people on rosters."""
        self._add("doses", _DOSE_COLUMNS, doses)
        if len(junk):
            columns = "* REPLACE ([errors] AS errors), '' AS dose_record_id, 'none' AS person_kind"
            self._add("doses", columns + ", false AS four_field_match", junk)
        self._add("people", _PEOPLE_COLUMNS, people)
        if len(rosters):
            self._add("rosters", "*", rosters)

    def copy(self, table: pd.DataFrame, path: Path) -> None:
        """Write any table of texts as Parquet, or as gzipped CSV, by its name, with the same engine."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection.register("copied", table)
        target = path.as_posix().replace("'", "''")
        form = "FORMAT parquet" if path.suffix == ".parquet" else "FORMAT csv, HEADER, COMPRESSION gzip"
        self.connection.execute(f"COPY (SELECT * FROM copied) TO '{target}' ({form})")
        self.connection.unregister("copied")

    def write(self) -> None:
        """Write doses.parquet, people.parquet and rosters.parquet."""
        for name, parts in sorted(self.made.items()):
            target = (self.folder / f"{name}.parquet").as_posix().replace("'", "''")
            rows = " UNION ALL BY NAME ".join(f"SELECT * FROM {part}" for part in parts)
            self.connection.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet)")
