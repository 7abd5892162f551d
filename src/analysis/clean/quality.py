"""Accounts: for every file, rows in = kept + rejected, and how many rows each reason touched."""

import re
from dataclasses import astuple, dataclass

import duckdb

from analysis.clean.names import plain_text
from analysis.clean.person_fields import VISIBLE
from analysis.clean.reason_codes import REASONS, REJECTING_CODES
from analysis.errors import CheckError
from analysis.intake.sources import SetAside, StagedFile
from analysis.settings import RunParameters
from analysis.tables import view_table, write_table


@dataclass(frozen=True)
class FileAccount:
    """Rows of one file (reason_code None) or of one reason in it; status `ok` or `quarantined`."""

    source_file: str
    reason_code: str | None
    rows_in: int
    rows_kept: int
    rows_rejected: int
    status: str
    detail: str | None = None


def set_aside_accounts(files: list[SetAside]) -> list[FileAccount]:
    """Return the one row of each file that was set aside, or of a sheet that is no table."""
    return [
        FileAccount(
            f.source_file,
            f.reason_code,
            *(0, 0, 0),
            "ok" if REASONS[f.reason_code].kind == "noted" else "quarantined",
            f.detail or None,
        )
        for f in files
    ]


def noted_accounts(files: list[StagedFile]) -> list[FileAccount]:
    """Return what is worth saying of files that were read: unknown columns, and an unusual way of reading."""
    noted = []
    for f in files:
        if f.unknown_columns:
            names = "; ".join(_safe_header(name) for name in f.unknown_columns)
            noted.append(FileAccount(f.source_file, "unknown_columns", 0, 0, 0, "ok", names))
        if f.encoding not in ("utf-8", "workbook", "parquet"):
            noted.append(FileAccount(f.source_file, "read_as", 0, 0, 0, "ok", f.encoding))
    return noted


def outside_accounts(
    con: duckdb.DuckDBPyConnection, run: RunParameters, rows_staged: dict[str, int]
) -> list[FileAccount]:
    """Return, in a run for some provinces, how many rows of each file are other provinces' doses."""
    if not run.provinces:
        return []
    cleaned = dict(con.execute("SELECT source_file, count(*) FROM doses GROUP BY source_file").fetchall())
    outside = {name: rows - cleaned.get(name, 0) for name, rows in rows_staged.items()}
    return [FileAccount(name, "outside_provinces", n, n, 0, "ok") for name, n in outside.items() if n]


# Zero-width and direction marks, no-break blanks, letters that only look like ours; then tones on the second
# vowel (oà, uý after any letter but q), which the canonical form puts on the first.
_OTHER_LETTERS = (
    "[\\x{A0}\\x{AD}\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2069}\\x{FEFF}ÐƉðɖ\\p{Cyrillic}]"
)
_NEW_TONES = "(?i)(o[àáảãạèéẻẽẹ]|(^|[^q])u[ỳýỷỹỵ])([^\\pL]|$)"


def normalised_accounts(con: duckdb.DuckDBPyConnection) -> list[FileAccount]:
    """Return, for each file, how many names were typed in other letters or another Unicode form than kept."""
    rows = con.execute(
        "SELECT source_file, count(*) FROM doses WHERE NOT regexp_full_match(full_name_typed, '[ -~]*') AND ("
        f"(NOT regexp_full_match(full_name_typed, '[ {VISIBLE}]*') "
        "AND nfc_normalize(full_name_typed) <> full_name_typed) OR regexp_matches(full_name_typed, $1) "
        "OR regexp_matches(full_name_typed, $2)) GROUP BY ALL ORDER BY ALL",
        [_OTHER_LETTERS, _NEW_TONES],
    ).fetchall()
    return [FileAccount(name, "letters_normalised", count, count, 0, "ok") for name, count in rows]


def _safe_header(name: str) -> str:
    """Return a column's name as it may be reported: short, visible, without digits that could be a number's."""
    return re.sub(r"\d{4,}", "…", plain_text(name))[:60]


def write_quality(con: duckdb.DuckDBPyConnection, run: RunParameters, others: list[FileAccount]) -> None:
    """Write the table `quality` from dose records, rosters and the accounts of other files."""
    view_table(con, "doses", run)
    view_table(con, "roster_rows", run)
    con.execute(
        "CREATE OR REPLACE VIEW accounted AS SELECT source_file, is_rejected, reason_codes FROM doses "
        "UNION ALL SELECT source_file, is_rejected, reason_codes FROM roster_rows"
    )
    con.execute(
        "CREATE OR REPLACE TABLE other_accounts (source_file VARCHAR, reason_code VARCHAR, rows_in BIGINT, "
        "rows_kept BIGINT, rows_rejected BIGINT, status VARCHAR, detail VARCHAR)"
    )
    if others:
        con.executemany(
            "INSERT INTO other_accounts VALUES (?, ?, ?, ?, ?, ?, ?)", [list(astuple(a)) for a in others]
        )
    counts = "count(*) AS rows_in, count(*) FILTER (NOT is_rejected) AS rows_kept, "
    counts += "count(*) FILTER (is_rejected) AS rows_rejected, 'ok' AS status, NULL AS detail"
    query = (
        f"SELECT source_file, NULL AS reason_code, {counts} FROM accounted GROUP BY source_file UNION ALL "
        f"SELECT source_file, reason_code, {counts} FROM (SELECT source_file, is_rejected, "
        "unnest(reason_codes) AS reason_code FROM accounted) GROUP BY ALL UNION ALL SELECT * FROM other_accounts"
    )
    write_table(con, "quality", query, run)


def check_accounts(con: duckdb.DuckDBPyConnection, run: RunParameters, rows_staged: dict[str, int]) -> None:
    """Raise CheckError unless every staged row of every file is kept, rejected or another province's."""
    view_table(con, "quality", run)
    counted = dict(
        con.execute(
            "SELECT source_file, sum(rows_in) FROM quality "
            "WHERE reason_code IS NULL OR reason_code = 'outside_provinces' GROUP BY source_file"
        ).fetchall()
    )
    for source_file, rows in rows_staged.items():
        found = int(counted.get(source_file, 0))
        if found != rows:
            raise CheckError(
                f"clean: '{source_file}' has {rows} rows but {found} are accounted for; "
                "this is a defect, keep the intake and report it"
            )
    unexplained = con.execute(
        "SELECT count(*) FROM doses WHERE is_rejected AND NOT list_has_any(reason_codes, ?)",
        [list(REJECTING_CODES)],
    ).fetchall()[0][0]
    if unexplained:
        raise CheckError(f"clean: {unexplained} rows are rejected without a reason; this is a defect")
