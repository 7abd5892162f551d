"""The one form in which counts leave a run: what a protected table is, and how those that stand are opened."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from analysis.engine import Engine
from analysis.errors import CheckError
from analysis.settings import RunParameters

PUBLIC = "public"  # the folder of a run's protected tables, beside its aggregate ones
RECORD = "disclosure.json"
_MAKERS_TOKEN = object()


@dataclass(frozen=True)
class ProtectedTable:
    """One public table after disclosure control: where its file is, what it must hold, whether the run made it.

    Beside each protected count stands `<count>_status` (shown, rounded, under_10, not_published); a withheld
    count is null. Only `opened_of` makes one: to make one by hand raises TypeError.
    """

    name: str
    path: Path
    digest: str
    is_made: bool
    token: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.token is not _MAKERS_TOKEN:
            raise TypeError("a ProtectedTable comes from open_protected alone")

    def view(self, con: duckdb.DuckDBPyConnection, name: str = "") -> None:
        """Make the table readable in SQL under its name, or another one.

        Raises TypeError for what is no protected table, CheckError for a file that is not as it was made.
        """
        if type(self) is not ProtectedTable or self.token is not _MAKERS_TOKEN:
            raise TypeError("a ProtectedTable comes from open_protected alone")
        if hashlib.sha256(self.path.read_bytes()).hexdigest() != self.digest:
            raise CheckError(
                f"public/{self.path.name}: not as disclosure control made it; run the week again"
            )
        Engine(con).view_table(name or self.name, [self.path])


def public_folder(run: RunParameters) -> Path:
    """Return the folder of a run's protected tables."""
    return run.processed / PUBLIC


def read_record(processed: Path) -> dict[str, Any]:
    """Return what disclosure control noted of a run's folder: inputs, files, counts by table, the attack's result."""
    path = processed / PUBLIC / RECORD
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def open_earlier(run: RunParameters) -> Mapping[str, ProtectedTable]:
    """Open what the week before published, by name; nothing where it published nothing in this form."""
    return opened_of(run.previous) if run.previous else {}


def opened_of(processed: Path) -> Mapping[str, ProtectedTable]:
    """Open the protected tables that stand in a run's folder, by name, as they are."""
    record = read_record(processed)
    return {
        name: ProtectedTable(
            name, processed / PUBLIC / f"{name}.parquet", digest, name in record["made"], _MAKERS_TOKEN
        )
        for name, digest in record.get("files", {}).items()
    }
