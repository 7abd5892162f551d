"""The one form in which counts leave a run: protected tables, made here and opened here, and nowhere else."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from analysis.disclosure.policy import Status
from analysis.engine import Engine
from analysis.errors import CheckError
from analysis.settings import RunParameters

PUBLIC = "public"  # the folder of a run's protected tables, beside its aggregate ones
RECORD = "disclosure.json"
_MAKERS_TOKEN = object()


@dataclass(frozen=True)
class ProtectedTable:
    """One public table after disclosure control: where its file is and what it must hold.

    Beside each protected count stands `<count>_status` (shown, rounded, under_10, not_published); a withheld
    count is null. Only `open_protected` makes one: to make one by hand raises TypeError.
    """

    name: str
    path: Path
    digest: str
    token: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.token is not _MAKERS_TOKEN:
            raise TypeError("a ProtectedTable comes from open_protected alone")

    def view(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make the table readable in SQL under its name.

        Raises TypeError for what is no protected table, CheckError for a file that is not as it was made.
        """
        if type(self) is not ProtectedTable or self.token is not _MAKERS_TOKEN:
            raise TypeError("a ProtectedTable comes from open_protected alone")
        if hashlib.sha256(self.path.read_bytes()).hexdigest() != self.digest:
            raise CheckError(
                f"public/{self.path.name}: not as disclosure control made it; run the week again"
            )
        Engine(con).view_table(self.name, [self.path])


def public_folder(run: RunParameters) -> Path:
    """Return the folder of a run's protected tables."""
    return run.processed / PUBLIC


def read_record(run: RunParameters) -> dict[str, object]:
    """Return what disclosure control noted of a run: inputs, files, counts by table, the attack's result."""
    path = public_folder(run) / RECORD
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def open_protected(run: RunParameters) -> Mapping[str, ProtectedTable]:
    """Open a run's protected tables by name; what was never counted is not among them.

    They are made first where they are missing or the counts behind them are others by now. Raises CheckError
    when the attack works out a withheld count.
    """
    from analysis.disclosure.protect import ensure_protected  # makes what is opened here

    files = ensure_protected(run)
    folder = public_folder(run)
    return {
        name: ProtectedTable(name, folder / f"{name}.parquet", digest, _MAKERS_TOKEN)
        for name, digest in files.items()
    }


def is_withheld(status: str | None) -> bool:
    """Tell whether a figure's status says that it is not told."""
    return status in (Status.UNDER_10.value, Status.NOT_PUBLISHED.value)
