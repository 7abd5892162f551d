"""What disclosure control did to a run, in short: counts by table, never a figure of its own."""

import json
from pathlib import Path
from typing import Any

from analysis.disclosure.protected import RECORD, read_record
from analysis.disclosure.public_tables import PUBLIC_TABLES
from analysis.settings import RunParameters


def write_summary(run: RunParameters, folder: Path) -> Path:
    """Write `disclosure.json` into a run's published folder: per table what is exact and what is not, the attack.

    `tables`: table, exact_cells, rounded_cells, suppressed_cells, smallest_shown, rules (by level); `attack`:
    how many withheld counts were tried, the narrowest range found, how many were worked out.
    """
    record = read_record(run.processed)
    tables = [_table(name, record["tables"]) for name in record["made"]]
    path = folder / RECORD
    content = {"tables": tables, "attack": record["attack"]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _table(name: str, accounts: list[dict[str, Any]]) -> dict[str, Any]:
    own = [row for row in accounts if row["table"] == name]
    smallest = [row["smallest_shown"] for row in own if row["smallest_shown"] is not None]
    return {
        "table": name,
        "exact_cells": sum(row["shown"] for row in own),
        "rounded_cells": sum(row["rounded"] for row in own),
        "suppressed_cells": sum(row["under_10"] + row["not_published"] for row in own),
        "smallest_shown": min(smallest) if smallest else None,
        "rules": {
            rule.where: {level: treatment.value for level, treatment in rule.treatments.items()}
            for rule in PUBLIC_TABLES[name].rules
        },
    }
