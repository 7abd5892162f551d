"""Applying decisions to dose records: corrected cells are cleaned anew, deleted doses rejected."""

import duckdb

from analysis.clean.dose_records import dose_query
from analysis.clean.reason_codes import bit_of
from analysis.engine import sql_path
from analysis.intake.headers import PLATFORM
from analysis.settings import RunParameters
from analysis.tables import TABLES

# What the cell said stays as it was: the plain comparison of contract 3.1 is with the typed form.
_TYPED = ("full_name_typed", "id_number_typed", "birth_date_typed", "sex_typed")


def correctable_fields() -> list[str]:
    """Return the fields of the platform's exports that a decision may correct."""
    return [name for name in PLATFORM.headers if not name.endswith("_typed_code")]


def stage_corrections(con: duckdb.DuckDBPyConnection) -> int:
    """Make `staged` the rows that bound decisions correct or delete, with the decided values as their cells.

    Returns how many rows. A commune given by its code brings its district and province with it.
    """
    fields = correctable_fields()
    latest = "max_by(x.value, coalesce(x.decided_on, '') || x.decision_id)"
    values = ", ".join(
        f"{latest} FILTER (x.decision = 'correct_value' AND x.field = '{f}') AS {f}, "
        f"coalesce(bool_or(x.decision = 'correct_value' AND x.field = '{f}'), false) AS has_{f}"
        for f in fields
    )
    corrected, deleted = bit_of("corrected_by_decision"), bit_of("deleted_by_decision")
    con.execute(
        f"""
        CREATE OR REPLACE TABLE corrections AS
        SELECT files.source_id, b.source_row, {values},
          max(CASE WHEN x.decision = 'delete_dose' THEN {deleted} ELSE 0 END)
            | max(CASE WHEN x.decision = 'correct_value' THEN {corrected} ELSE 0 END) AS extra_bits
        FROM bound_decisions AS b JOIN decisions_in_force AS x USING (decision_id)
        JOIN files ON files.source_file = b.source_file
        WHERE x.decision = 'delete_dose' OR (x.decision = 'correct_value' AND x.field IN ({_quoted(fields)}))
        GROUP BY ALL"""
    )
    con.execute(f"CREATE OR REPLACE TABLE staged_corrected AS {_corrected_cells(fields)}")
    con.execute("CREATE OR REPLACE VIEW staged AS SELECT * FROM staged_corrected")
    return int(con.execute("SELECT count(*) FROM staged").fetchall()[0][0])


def _corrected_cells(fields: list[str]) -> str:
    by_code = "(c.has_commune AND regexp_full_match(c.commune, '[0-9]{4,5}'))"
    cells = []
    for name in fields:
        cell = f"CASE WHEN c.has_{name} THEN nullif(c.{name}, '') ELSE s.{name} END"
        if name in ("province", "district"):
            cell = f"CASE WHEN {by_code} AND NOT c.has_{name} THEN NULL ELSE {cell} END"
        cells.append(f"{cell} AS {name}")
    for level in ("province", "district", "commune"):
        cells.append(
            f"CASE WHEN c.has_{level} OR {by_code} THEN NULL ELSE s.{level}_typed_code END "
            f"AS {level}_typed_code"
        )
    return (
        f"SELECT s.* REPLACE (c.extra_bits AS extra_bits, {', '.join(cells)}) "
        "FROM all_staged AS s JOIN corrections AS c USING (source_id, source_row)"
    )


def write_first_doses(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Write the dose records as they are before any decision, and view them as `first_doses` and `doses`.

    Decisions find their rows in it. It is neither sorted nor compressed hard: the table itself is, once.
    """
    path = run.restricted / "spill" / "staged" / "first-doses.parquet"
    con.execute(
        f"COPY (SELECT {_dose_columns()} FROM ({dose_query(run)})) TO {sql_path(path)} "
        "(FORMAT parquet, COMPRESSION lz4)"
    )
    con.execute(f"CREATE OR REPLACE VIEW first_doses AS SELECT * FROM read_parquet({sql_path(path)})")
    con.execute("CREATE OR REPLACE VIEW doses AS SELECT * FROM first_doses")


def make_corrected_rows(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Make the table `corrected` from the rows in `staged` and their lookups, and put it into `doses`."""
    typed = ", ".join(f"d.{c} AS {c}" for c in _TYPED)
    con.execute(f"CREATE OR REPLACE TABLE corrected AS SELECT {_dose_columns()} FROM ({dose_query(run)})")
    con.execute(
        "CREATE OR REPLACE VIEW doses AS "
        "SELECT * FROM first_doses ANTI JOIN corrected USING (source_file, source_row) UNION ALL BY NAME "
        f"SELECT c.* REPLACE ({typed}) FROM corrected AS c JOIN first_doses AS d USING (source_file, source_row)"
    )


def _dose_columns() -> str:
    columns = TABLES["doses"].columns
    return ", ".join(f'CAST("{c}" AS {kind}) AS "{c}"' for c, kind in columns.items())


def _quoted(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
