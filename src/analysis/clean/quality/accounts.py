"""Accounts: for every file, rows in = kept + rejected, and how many rows each reason touched."""

import re
from dataclasses import astuple, dataclass, fields
from functools import partial

import pandas as pd

from analysis.clean.fields.names import plain_text
from analysis.clean.person_fields import VISIBLE
from analysis.clean.quality.reason_codes import REASONS, REJECTING_CODES
from analysis.clean.quality.shown_names import shown_sql
from analysis.engine import Engine
from analysis.errors import CheckError
from analysis.intake.naming import ShownNames
from analysis.intake.sources import SAME_AS, SetAside, StagedFile
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written


@dataclass(frozen=True)
class FileAccount:
    """Rows of one file (reason_code None) or of one reason in it; status `ok` or `quarantined`.

    `source_file` is its name as typed: `quality` shows it by the rule of names. `detail` follows that rule already.
    """

    source_file: str
    reason_code: str | None
    rows_in: int
    rows_kept: int
    rows_rejected: int
    status: str
    detail: str | None = None


def set_aside_accounts(files: list[SetAside], names: ShownNames) -> list[FileAccount]:
    """Return the one row of each file that was set aside, or of a sheet that is no table."""
    return [
        FileAccount(
            f.source_file,
            f.reason_code,
            *(0, 0, 0),
            "ok" if REASONS[f.reason_code].kind == "noted" else "quarantined",
            _shown_detail(f, names) or None,
        )
        for f in files
    ]


def _shown_detail(file: SetAside, names: ShownNames) -> str:
    """Return where and why as it may be reported: another file that is named follows the rule of names."""
    other = file.detail.removeprefix(SAME_AS)
    return file.detail if other == file.detail else SAME_AS + names.show("file", other)


def noted_accounts(files: list[StagedFile], names: ShownNames) -> list[FileAccount]:
    """Return what is worth saying of files that were read: unknown columns, and an unusual way of reading."""
    noted = []
    for f in files:
        if f.unknown_columns:
            headers = "; ".join(_safe_header(names.show("header", name)) for name in f.unknown_columns)
            noted.append(FileAccount(f.source_file, "unknown_columns", 0, 0, 0, "ok", headers))
        if f.encoding not in ("utf-8", "workbook", "parquet"):
            noted.append(FileAccount(f.source_file, "read_as", 0, 0, 0, "ok", f.encoding))
    return noted


# Zero-width and direction marks, no-break blanks, letters that only look like ours; then tones on the second
# vowel (oà, uý after any letter but q), which the canonical form puts on the first.
_OTHER_LETTERS = (
    "[\\x{A0}\\x{AD}\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2069}\\x{FEFF}ÐƉðɖ\\p{Cyrillic}]"
)
_NEW_TONES = "(?i)(o[àáảãạèéẻẽẹ]|(^|[^q])u[ỳýỷỹỵ])([^\\pL]|$)"


def _safe_header(name: str) -> str:
    """Return a column's name as it may be reported: short, visible, without digits that could be a number's."""
    return re.sub(r"\d{4,}", "…", plain_text(name))[:60]


# Names typed in other letters or another Unicode form than kept, each looked at once.
LETTER_ACCOUNTS = f"""
SELECT source_file, 'letters_normalised' AS reason_code, count(*) AS rows_in, count(*) AS rows_kept, 0 AS rows_rejected,
    'ok' AS status
FROM doses SEMI JOIN (
    SELECT t0 FROM names WHERE NOT regexp_full_match(t0, '[ -~]*') AND (
        (NOT regexp_full_match(t0, '[ {VISIBLE}]*') AND nfc_normalize(t0) <> t0)
        OR regexp_matches(t0, '{_OTHER_LETTERS}') OR regexp_matches(t0, '{_NEW_TONES}'))) AS n ON n.t0 = full_name_typed
GROUP BY source_file"""

# In a run for some provinces: rows that are other provinces' doses.
OUTSIDE_ACCOUNTS = """
SELECT source_file, 'outside_provinces' AS reason_code, n AS rows_in, n AS rows_kept, 0 AS rows_rejected, 'ok' AS status
FROM (SELECT source_file, rows - coalesce(kept, 0) AS n FROM rows_opened
      LEFT JOIN (SELECT source_file, count(*) AS kept FROM doses GROUP BY source_file) USING (source_file))
WHERE n > 0"""
ROWS_OPENED = """
SELECT source_file, count(*) AS rows FROM dose_cells JOIN files USING (source_id) GROUP BY source_file"""

_COUNTS = """count(*) AS rows_in, count(*) FILTER (NOT is_rejected) AS rows_kept,
    count(*) FILTER (is_rejected) AS rows_rejected"""
# One row a file with its totals, and one a reason with its own rows.
QUALITY = f"""
WITH accounted AS (
    SELECT source_file, is_rejected, reason_codes FROM doses
    UNION ALL SELECT source_file, is_rejected, reason_codes FROM roster_rows)
SELECT source_file, NULL AS reason_code, {_COUNTS}, 'ok' AS status, NULL AS detail FROM accounted GROUP BY source_file
UNION ALL
SELECT source_file, reason_code, {_COUNTS}, 'ok', NULL
FROM (SELECT source_file, is_rejected, unnest(reason_codes) AS reason_code FROM accounted) GROUP BY ALL"""

WITH_FOLDER = "SELECT *, split_part(source_file, '/', 1) AS folder FROM all_accounts"


def quality_steps(run: RunParameters, accounts: list[FileAccount], counted: str) -> Plan:
    """Return the steps of the table `quality`: dose records, rosters, and the accounts of other files.

    Needs the table `file_names`.

    `counted` names the tables of accounts that other steps make, with blanks between.
    """
    letters = Step(
        "letter_accounts", "one file, and its names in other letters", "doses names", LETTER_ACCOUNTS
    )
    row = "one file, and its rows of other provinces"
    outside = Step("outside_accounts", row, "rows_opened doses", OUTSIDE_ACCOUNTS)
    own = (letters, outside) if run.provinces else (letters,)
    tables = ["file_accounts", *(step.table for step in own), *counted.split()]
    parts = [QUALITY, *(f"SELECT * FROM {table}" for table in tables)]
    row = "one account of a file that was opened or set aside"
    return (
        *own,
        Step("file_accounts", row, frame=partial(_accounts_frame, accounts)),
        Step(
            "all_accounts", row, " ".join(["doses roster_rows", *tables]), " UNION ALL BY NAME ".join(parts)
        ),
        written("quality", "all_accounts file_names", shown_sql(WITH_FOLDER, "file", ["source_file"])),
    )


def _accounts_frame(accounts: list[FileAccount]) -> pd.DataFrame:
    text = dict.fromkeys(("source_file", "reason_code", "status", "detail"), "str")
    whole = dict.fromkeys(("rows_in", "rows_kept", "rows_rejected"), "int64")
    names = [column.name for column in fields(FileAccount)]
    return pd.DataFrame([astuple(account) for account in accounts], columns=names).astype(text | whole)


def check_accounts(engine: Engine, names: ShownNames) -> None:
    """Raise CheckError unless every opened row of every file is kept, rejected or another province's.

    Needs the tables `rows_opened`, `all_accounts` and `doses`.
    """
    wrong = engine.fetch(UNACCOUNTED)
    if wrong:
        source_file, rows, found = wrong[0]
        raise CheckError(
            f"clean: '{names.show('file', source_file)}' has {rows} rows but {found} are accounted for; "
            "this is a defect, keep the intake and report it"
        )
    rejecting = ", ".join(f"'{code}'" for code in REJECTING_CODES)
    unexplained = engine.fetch(
        f"SELECT count(*) FROM doses WHERE is_rejected AND NOT list_has_any(reason_codes, [{rejecting}])"
    )[0][0]
    if unexplained:
        raise CheckError(f"clean: {unexplained} rows are rejected without a reason; this is a defect")


UNACCOUNTED = """
SELECT source_file, rows, coalesce(found, 0) FROM rows_opened
LEFT JOIN (SELECT source_file, sum(rows_in) AS found FROM all_accounts
           WHERE reason_code IS NULL OR reason_code = 'outside_provinces' GROUP BY source_file) USING (source_file)
WHERE coalesce(found, 0) <> rows ORDER BY source_file"""
