"""A report that is safe to send: versions, settings, counts and reasons; no person, no name of a file or a place."""

import dataclasses
import json
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from analysis import __version__
from analysis.clean.quality.reason_codes import REASONS
from analysis.earlier_runs import DAY
from analysis.engine import sql_path
from analysis.errors import BaophuError
from analysis.pipeline import TABLE_STAGES
from analysis.safeguards import publishing
from analysis.safeguards.environment import differing_packages, locked_versions
from analysis.safeguards.run_record import read_record, versions
from analysis.settings import Settings
from analysis.tables import TABLES, Zone

Report = dict[str, Any]
_QUALITY = """
SELECT reason_code, count(*), sum(rows_in)::BIGINT, sum(rows_rejected)::BIGINT FROM read_parquet({path})
GROUP BY 1 ORDER BY 1 NULLS FIRST"""
_KINDS = [
    "platform",
    "registry",
    "daily_reports",
    "population",
    "decisions",
    "feedback",
    "facilities",
    "rosters",
]


def make_report(raw: Path, processed: Path, reports: Path, settings: Settings) -> Report:
    """Return what a maintainer needs to know of an installation and its newest weeks; everything is a count or a code.

    Texts come from closed lists alone: codes of reasons, tables, packages. Damaged files are said to be so.
    """
    weeks = sorted((f for f in _folders(processed) if DAY.fullmatch(f.name)), key=lambda f: f.name)
    return {
        "programme": {"version": __version__, "python": platform.python_version(), "packages": versions()},
        "machine": _machine(processed),
        "lock": {"packages": len(locked_versions()), "differing": differing_packages()},
        "settings": _changed_settings(settings),
        "published": _published(reports),
        "weeks": {week.name: _week(raw / week.name, week) for week in weeks[-3:]},
    }


def as_text(report: Report) -> str:
    """Return the report as JSON to be read."""
    return json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True, default=str)


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _machine(processed: Path) -> Report:
    free = shutil.disk_usage(processed if processed.is_dir() else Path()).free
    return {"system": platform.system(), "machine": platform.machine(), "free_gb": free // 10**9}


def _changed_settings(settings: Settings) -> Report:
    """Return the settings that are not the defaults: numbers as they are, of texts and lists only how many."""
    defaults, changed = Settings(), {}
    for field in dataclasses.fields(Settings):
        value = getattr(settings, field.name)
        if value != getattr(defaults, field.name):
            changed[field.name] = value if isinstance(value, int) else _size(value)
    return changed


def _size(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{sum(len(v) if isinstance(v, Mapping) else 1 for v in value.values())} entries"
    return f"{len(value)} entries" if isinstance(value, tuple) else "another text"


def _published(reports: Path) -> Report:
    names = publishing.published_names(reports) if reports.is_dir() else {}
    return {name: _state(reports, run_id) for name, run_id in names.items() if _is_known(name)}


def _is_known(name: str) -> bool:
    return name == publishing.CURRENT or bool(DAY.fullmatch(name))


def _state(reports: Path, run_id: str) -> Report:
    try:
        return {"run": run_id, "files": publishing.check_published(reports / publishing.RUNS / run_id)}
    except BaophuError:
        return {"run": run_id, "files": "not as the run made them"}


def _week(raw: Path, week: Path) -> Report:
    with duckdb.connect() as con:
        return {
            "intake_files": {kind: _count_files(raw / kind) for kind in _KINDS if (raw / kind).is_dir()},
            "stages_done": [s.name for s in TABLE_STAGES if read_record(_record(week, s.name))],
            "rows": _table_rows(con, week),
            "reasons": _reasons(con, week),
        }


def _count_files(folder: Path) -> Report:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {"files": len(files), "mb": sum(path.stat().st_size for path in files) // 10**6}


def _record(week: Path, stage: str) -> Path:
    return week / "restricted" / "run" / f"{stage}.json"


def _table_rows(con: duckdb.DuckDBPyConnection, week: Path) -> Report:
    """Return the rows of every table of a week that is there."""
    rows: Report = {}
    for name, table in TABLES.items():
        path = week / ("aggregate" if table.zone is Zone.AGGREGATE else "restricted") / f"{name}.parquet"
        if path.is_file():
            rows[name] = _counted(con, f"SELECT count(*) FROM read_parquet({sql_path(path)})")
    return rows


def _counted(con: duckdb.DuckDBPyConnection, query: str) -> int | str:
    try:
        return int(con.execute(query).fetchall()[0][0])
    except duckdb.Error:
        return "damaged"


def _reasons(con: duckdb.DuckDBPyConnection, week: Path) -> Report:
    """Return the rows of the week's account by reason: how many lines, rows received, rows rejected."""
    path = week / "aggregate" / "quality.parquet"
    try:
        found = con.execute(_QUALITY.format(path=sql_path(path))).fetchall() if path.is_file() else []
    except duckdb.Error:
        return {"damaged": 1}
    return {
        code or "all": {"lines": lines, "rows": rows, "rejected": rejected}
        for code, lines, rows, rejected in found
        if code is None or code in REASONS
    }
