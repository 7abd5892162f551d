"""Look-ups that came back: kept beside the sample, and asked again of a second person where they must be."""

from datetime import date
from typing import Any

import duckdb
import pandas as pd

from analysis.audit.drawing import audit_folder
from analysis.audit.outcomes import FOUND, NOT_FOUND, UNDETERMINED
from analysis.engine import Engine, sql_files
from analysis.settings import RunParameters
from analysis.tables import TABLES
from analysis.worklists.answered_decisions import Answer
from analysis.worklists.kinds import AUDIT_KINDS

ANSWER_COLUMNS = {
    "source_file": "VARCHAR",
    "source_row": "BIGINT",
    "look": "INTEGER",
    "answer": "VARCHAR",
    "citizen_number": "VARCHAR",
    "answered_on": "DATE",
}
_MEANING = {"1": FOUND, "2": NOT_FOUND, "3": UNDETERMINED}
LOOKS = {kind.name: number for number, kind in enumerate(AUDIT_KINDS, 1)}
# What the comparison needs of the run.
VIEWED = ("links", "doses", "clerical_candidates", "citizens", "entry_progress")


def view_run(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make the tables of the run readable that draw, comparison and lists need."""
    for name in VIEWED:
        Engine(con).view_table(name, [TABLES[name].path(run)])


def keep_answers(
    con: duckdb.DuckDBPyConnection,
    run: RunParameters,
    list_id: str,
    kind: str,
    answers: list[Answer],
    today: date,
) -> None:
    """Keep a list's answers; the same list taken back again replaces what it said before."""
    rows: list[dict[str, Any]] = [
        {
            "source_file": answer.line.key.source_file,
            "source_row": answer.line.key.source_row,
            "look": LOOKS[kind],
            "answer": _MEANING[answer.choice.number],
            "citizen_number": answer.value,
            "answered_on": today,
        }
        for answer in answers
    ]
    frame = pd.DataFrame(rows, columns=list(ANSWER_COLUMNS))
    con.register("given", frame)
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in ANSWER_COLUMNS.items())
    Engine(con).write_table(audit_folder(run) / f"answers-{list_id}.parquet", f"SELECT {casts} FROM given")
    con.unregister("given")


def view_answers(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make all kept answers to rows of the present sample readable as `audit_answers`, one a row and look."""
    files = sorted(audit_folder(run).glob("answers-*.parquet"))
    nothing = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in ANSWER_COLUMNS.items())
    rows = f"SELECT * FROM {sql_files(files)}" if files else f"SELECT {nothing} WHERE false"
    Engine(con).create_view(
        "audit_answers",
        f"SELECT a.* FROM ({rows}) AS a SEMI JOIN audit_sample USING (source_file, source_row)",
    )


def rows_to_ask_again(con: duckdb.DuckDBPyConnection, unit_code: str) -> int:
    """Make `audit_again`: the province's contradictions and its share of agreements; returns how many rows.

    Needs `audit_found` (outcomes.py).
    """
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE audit_again AS
        SELECT source_file, source_row, unit_code FROM audit_found
        WHERE unit_code = '{unit_code}' AND (contradicts OR is_asked_again)"""
    )
    row = con.execute("SELECT count(*) FROM audit_again").fetchone()
    return int(row[0]) if row else 0


def confirmed(con: duckdb.DuckDBPyConnection, answers: list[Answer]) -> list[Answer]:
    """Return those of a second look's answers that contradict the link as the first look did: decisions."""
    rows = con.execute(
        "SELECT source_file, source_row FROM audit_found WHERE contradicts AND is_same"
    ).fetchall()
    known = {(str(file), int(row)) for file, row in rows}
    return [a for a in answers if (a.line.key.source_file, a.line.key.source_row) in known]
