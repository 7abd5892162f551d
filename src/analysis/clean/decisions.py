"""What people decided: read, carried from earlier weeks, and bound to this week's rows.

A decision finds its row by `dose_record_id`; without one, or when that id is gone, by the content of the
row it named in the run of its `as_of`. One that finds no row is kept as unbound, never dropped.
"""

from pathlib import Path

import duckdb

from analysis.clean.decision_values import judge_decisions
from analysis.clean.quality import FileAccount, set_aside_accounts
from analysis.engine import sql_path
from analysis.intake.folder import open_folder
from analysis.intake.headers import Schema
from analysis.settings import RunParameters
from analysis.tables import TABLES

# The row a decision names; called so because a staged file has a `source_row` of its own.
_NAMED = {"named_file": ("source_file",), "named_row": ("source_row",)}
_PLAIN = "decision_id dose_record_id as_of decision citizen_id field value ground decided_by decided_on"
COLUMNS = (*_PLAIN.split(), *_NAMED)
DECISIONS = Schema(
    "decisions", {c: _NAMED.get(c, ()) for c in COLUMNS}, ("decision_id", "decision", "decided_on")
)
KINDS = [
    "same_person",
    "different_person",
    "not_in_registry",
    "correct_value",
    "delete_dose",
    "add_dose",
    "do_not_invite",
    "withdrawn",
]
# These are about a citizen, not about a row.
WITHOUT_ROW = ("add_dose", "do_not_invite")
# What a row says of a person and a dose: not its id, nor what changes from week to week.
CONTENT_FIELDS = [
    "full_name",
    "birth_date",
    "sex",
    "phone",
    "id_number",
    "health_insurance_number",
    "nationality",
    "province_code",
    "district_code",
    "commune_code",
    "address",
    "dose_number",
    "vaccine",
    "lot_number",
    "vaccination_date",
    "facility_name",
    "facility_code",
    "entry_date",
]


def content_key_sql() -> str:
    """Return SQL for the hash of a row's cleaned fields (the same in every week and on every machine)."""
    cells = ", ".join(f"coalesce(CAST({c} AS VARCHAR), '')" for c in CONTENT_FIELDS)
    return f"md5(concat_ws('|', {cells}))"


def read_decisions(con: duckdb.DuckDBPyConnection, run: RunParameters) -> list[FileAccount]:
    """Make the table `decisions_in_force`: one row a `decision_id`, of this intake or carried; returns accounts.

    Makes `bound_decisions` too, still empty. A decision that says nothing usable (`decision_values`) is in
    force and never bound.

    The latest row of a `decision_id` stands. A row of an unknown kind is rejected (`value_unreadable`).
    """
    intake = open_folder(con, run, "decisions", DECISIONS)
    accounts = set_aside_accounts(intake.set_aside)
    names = ", ".join(f"{c} VARCHAR" for c in COLUMNS)
    con.execute(f"CREATE OR REPLACE TABLE decision_rows (position BIGINT, {names}, content_key VARCHAR)")
    _take_carried(con, run)
    for position, staged in enumerate(intake.staged, start=1):
        rows, kept = _take_file(con, staged.path, position)
        accounts.append(FileAccount(staged.source_file, None, rows, kept, rows - kept, "ok"))
        if rows > kept:
            bad = FileAccount(staged.source_file, "value_unreadable", rows - kept, 0, rows - kept, "ok")
            accounts.append(bad)
    con.execute(
        "CREATE OR REPLACE TABLE decisions_in_force AS SELECT * REPLACE (coalesce(content_key, "
        "max(content_key) OVER (PARTITION BY decision_id)) AS content_key) FROM decision_rows "
        "QUALIFY row_number() OVER (PARTITION BY decision_id "
        "ORDER BY coalesce(decided_on, as_of, '9999') DESC, position DESC) = 1"
    )
    judge_decisions(con, run)
    con.execute(
        "CREATE OR REPLACE TABLE bound_decisions "
        "(decision_id VARCHAR, source_file VARCHAR, source_row BIGINT, content_key VARCHAR)"
    )
    return accounts


def needs_first_pass(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether any decision in force is about a row or names one: it is found among the cleaned ones."""
    named = "SELECT * FROM decisions_in_force WHERE content_key IS NULL AND named_row IS NOT NULL"
    return bool(con.execute(f"SELECT count(*) FROM ({_about_rows()} UNION ALL {named})").fetchall()[0][0])


def _about_rows() -> str:
    kinds = ", ".join(f"'{kind}'" for kind in ("withdrawn", *WITHOUT_ROW))
    return f"SELECT * FROM decisions_in_force WHERE is_usable AND decision NOT IN ({kinds})"


def _take_file(con: duckdb.DuckDBPyConnection, path: Path, file_position: int) -> tuple[int, int]:
    """Add one file's rows to `decision_rows`; returns rows in and rows kept."""
    cells = ", ".join(f"nullif(trim({c}), '') AS {c}" for c in COLUMNS)
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    source = f"read_parquet({sql_path(path)}, file_row_number = true)"
    kept = con.execute(
        f"INSERT INTO decision_rows SELECT {file_position}::BIGINT * 1000000000 + file_row_number, {cells}, NULL "
        f"FROM {source} WHERE row_fault IS NULL AND trim(decision) IN ({kinds}) AND trim(decision_id) <> ''"
    ).fetchall()[0][0]
    return con.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0], kept


def _take_carried(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Add the decisions that were in force in the previous run; they stand before this week's."""
    if run.previous is None:
        return
    path = run.previous / "restricted" / TABLES["decisions"].path(run).name
    if not path.is_file():
        return
    columns = [
        "decision_id",
        "dose_record_id",
        "decision",
        "citizen_id",
        "field",
        "value",
        "ground",
        "decided_by",
    ]
    con.execute(
        f"INSERT INTO decision_rows (position, {', '.join(columns)}, decided_on, content_key) "
        f"SELECT 0, {', '.join(columns)}, CAST(decided_on AS VARCHAR), content_key "
        f"FROM read_parquet({sql_path(path)})"
    )


def find_named_content(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Fill `content_key` of decisions that name a row of some run, from that run's clean dose records."""
    weeks = con.execute(
        "SELECT DISTINCT as_of FROM decisions_in_force WHERE content_key IS NULL AND named_row IS NOT NULL "
        "ORDER BY as_of"
    ).fetchall()
    for (week,) in weeks:
        doses = _doses_of(run, str(week or run.as_of))
        if doses is not None:
            con.execute(
                f"UPDATE decisions_in_force AS x SET content_key = d.content_key FROM (SELECT source_file, "
                f"source_row, {content_key_sql()} AS content_key FROM {doses}) AS d "
                "WHERE x.content_key IS NULL AND x.as_of IS NOT DISTINCT FROM ? "
                "AND d.source_file = x.named_file AND d.source_row = TRY_CAST(x.named_row AS BIGINT)",
                [week],
            )


def _doses_of(run: RunParameters, week: str) -> str | None:
    """Return SQL for the clean dose records of the run of a day: this one, the previous one, or one beside it."""
    if week == run.as_of.isoformat():
        return "doses"
    folders = [run.previous, run.previous.parent / week] if run.previous else []
    for folder in folders:
        path = folder / "restricted" / "doses.parquet"
        if folder.name == week and path.is_file():
            return f"read_parquet({sql_path(path)})"
    return None


def bind_decisions(con: duckdb.DuckDBPyConnection, doses: str) -> int:
    """Add to `bound_decisions` the rows that decisions not yet bound find in `doses`; returns how many.

    By record id first; else by content, the first of equal rows. A row's content is kept as it is found,
    which is before any correction in the first round.
    """
    con.execute(
        f"CREATE OR REPLACE TABLE wanted AS SELECT * FROM ({_about_rows()}) ANTI JOIN bound_decisions "
        "USING (decision_id)"
    )
    if not con.execute("SELECT count(*) FROM wanted").fetchall()[0][0]:
        return 0
    return int(con.execute(_binding_query(doses)).fetchall()[0][0])


def _binding_query(doses: str) -> str:
    return f"""
      INSERT INTO bound_decisions
      WITH candidates AS (
        SELECT source_file, source_row, dose_record_id, {content_key_sql()} AS content_key FROM {doses}
        WHERE dose_record_id IN (SELECT dose_record_id FROM wanted)
           OR EXISTS (SELECT 1 FROM wanted WHERE content_key IS NOT NULL)),
      found AS (
        SELECT decision_id, c.source_file, c.source_row, c.content_key, 1 AS rank
        FROM wanted JOIN candidates AS c USING (dose_record_id)
        UNION ALL
        SELECT decision_id, c.source_file, c.source_row, c.content_key, 2
        FROM wanted JOIN candidates AS c ON c.content_key = wanted.content_key)
      SELECT decision_id, source_file, source_row, content_key FROM found
      QUALIFY row_number() OVER (PARTITION BY decision_id ORDER BY rank, source_file, source_row) = 1"""


def decisions_query() -> str:
    """Return SQL for the table `decisions`: what is in force, bound or not.

    What was withdrawn stays, never bound: a later folder may hold the decision's own row again.
    """
    kinds = ", ".join(f"'{kind}'" for kind in WITHOUT_ROW)
    return f"""
      SELECT x.decision_id,
        b.decision_id IS NOT NULL
          OR (x.is_usable AND x.decision IN ({kinds}) AND x.citizen_id IS NOT NULL) AS bound,
        b.source_file, b.source_row, x.decision, x.citizen_id, x.field, x.value, x.ground, x.decided_by,
        TRY_CAST(x.decided_on AS DATE) AS decided_on, x.dose_record_id,
        coalesce(b.content_key, x.content_key) AS content_key
      FROM decisions_in_force AS x LEFT JOIN bound_decisions AS b USING (decision_id)"""
