"""What a declared table is: columns, types, grain and zone."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from analysis.settings import RunParameters


class Zone(Enum):
    """Who may see a table: rows per person stay `restricted`, counts are `aggregate`."""

    RESTRICTED = "restricted"
    AGGREGATE = "aggregate"


@dataclass(frozen=True)
class Table:
    """One table: what a row is, the columns with their SQL types, and the columns that identify a row.

    Written in the order of its grain.
    """

    name: str
    zone: Zone
    row: str
    columns: dict[str, str]
    grain: tuple[str, ...]
    compression: str = "zstd"

    def path(self, run: RunParameters) -> Path:
        """Return the table's file in a run."""
        return run.processed / self.zone.value / f"{self.name}.parquet"


def columns(text: str, kind: str = "VARCHAR") -> dict[str, str]:
    """Return columns of one SQL type by the names in `text`."""
    return dict.fromkeys(text.split(), kind)


def restricted(name: str, row: str, columns: dict[str, str], grain: str) -> Table:
    """Return a table of rows per person; `grain` names its key columns."""
    return Table(name, Zone.RESTRICTED, row, columns, tuple(grain.split()))


def aggregate(name: str, row: str, columns: dict[str, str], grain: str) -> Table:
    """Return a table of counts; `grain` names its key columns."""
    return Table(name, Zone.AGGREGATE, row, columns, tuple(grain.split()))


def by_name(*tables: Table) -> dict[str, Table]:
    """Return tables by their names."""
    return {table.name: table for table in tables}


UNIT = columns("unit_level unit_code")
ROW_KEY = {"source_file": "VARCHAR", "source_row": "BIGINT"}
