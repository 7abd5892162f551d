"""The extract of the population registry, cleaned: one row a citizen, written once for all later stages."""

from dataclasses import dataclass

import duckdb

from analysis.clean.ordinary.names import name_steps
from analysis.clean.quality.accounts import FileAccount
from analysis.errors import IntakeError
from analysis.intake.registry import registry_rows_sql
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written
from analysis.tables import empty_table

# The tables made of the extract: what fails in them fails for the extract's sake.
OF_THE_EXTRACT = ("registry_rows", "typed_names_of_registry_only", "registry_names", "citizens")
MOST_UNUSABLE_PCT = 1
_COUNTED = """
SELECT source_file, count(*), count(*) FILTER (usable), count(DISTINCT citizen_id) FILTER (usable)
FROM ({rows}) GROUP BY GROUPING SETS ((source_file), ()) ORDER BY source_file NULLS FIRST"""
# One row a citizen, so that nobody is counted twice, whatever the order of files and rows.
_IS_FIRST = "row_number() OVER (PARTITION BY citizen_id ORDER BY life_status, full_name, birth_date) = 1"
_KEPT = f"""
SELECT source_file, count(*) FROM (
    SELECT source_file FROM ({{rows}}) WHERE usable QUALIFY {_IS_FIRST}) GROUP BY source_file"""


@dataclass(frozen=True)
class Extract:
    """A registry extract that can be used: the query of its rows, whether a number stands twice, its accounts."""

    rows: str
    has_repeated_numbers: bool
    accounts: tuple[FileAccount, ...]


def unreadable(error: duckdb.Error) -> IntakeError:
    """Return the refusal of an extract that the engine could not read to its end."""
    refusal = IntakeError(
        "registry: the extract cannot be read to its end; ask for it again as .parquet or .csv in UTF-8"
    )
    refusal.__cause__ = error
    return refusal


def open_extract(con: duckdb.DuckDBPyConnection, run: RunParameters) -> Extract | None:
    """Look at the intake's registry, and count its rows by file; None when the intake has none.

    Raises IntakeError when a registry is given but is empty, cannot be read, or holds no citizens' numbers.
    """
    try:
        rows = registry_rows_sql(con, run)
        if rows is None:
            return None
        (_, total, usable, distinct), *files = con.execute(_COUNTED.format(rows=rows)).fetchall()
        has_repeated = usable > distinct
        kept = {name: good for name, _, good, _ in files}
        if has_repeated:
            kept |= dict(con.execute(_KEPT.format(rows=rows)).fetchall())
    except duckdb.Error as error:
        raise unreadable(error) from error
    if not total or (total - usable) * 100 > total * MOST_UNUSABLE_PCT:
        raise IntakeError(
            f"registry: {total - usable} of {total} rows have no citizen number of 12 digits or no name; "
            "ask for the extract again"
        )
    accounts = [a for name, count, good, _ in files for a in _accounts(name, count, good, kept[name])]
    return Extract(rows, has_repeated, tuple(accounts))


def _accounts(name: str, rows: int, usable: int, kept: int) -> list[FileAccount]:
    """Return the account of one file of the extract: its totals, and its rejected rows by reason."""
    reasons = {"value_unreadable": rows - usable, "row_repeated": usable - kept}
    rejected = [FileAccount(name, reason, n, 0, n, "ok") for reason, n in reasons.items() if n]
    return [FileAccount(name, None, rows, kept, rows - kept, "ok"), *rejected]


_BIRTH = "regexp_extract(birth_date, '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?')"
CITIZENS = f"""
SELECT citizen_id, coalesce(regexp_extract_all(old_id_numbers, '[0-9]{{9}}'), []) AS old_id_numbers,
    n.nfc AS full_name, nullif({_BIRTH}, '') AS birth_date,
    CASE length({_BIRTH}) WHEN 10 THEN 'day' WHEN 7 THEN 'month' WHEN 4 THEN 'year' END AS birth_precision,
    CASE WHEN lower(sex) = 'nam' THEN 'Nam' WHEN lower(nfc_normalize(sex)) IN ('nữ', 'nu') THEN 'Nữ' END AS sex,
    lpad(ethnicity_code, 2, '0') AS ethnicity_code,
    lpad(permanent_commune_code, 5, '0') AS permanent_commune_code,
    lpad(coalesce(current_commune_code, permanent_commune_code), 5, '0') AS current_commune_code,
    coalesce(lower(life_status), 'alive') AS life_status,
    TRY_CAST(left(death_date, 10) AS DATE) AS death_date,
    TRY_CAST(left(id_card_issued_on, 10) AS DATE) AS id_card_issued_on,
    n.name_key, n.name_accented
FROM registry_rows JOIN registry_names AS n ON n.t0 = registry_rows.full_name WHERE usable"""


def registry_steps(extract: Extract | None) -> Plan:
    """Return the steps from the extract to `citizens`; without one the table is empty.

    `birth_precision`, `name_key` and `name_accented` are as in `doses`; `current_commune_code` is filled with
    the permanent one.
    """
    if extract is None:
        return (written("citizens", "", empty_table("citizens")),)
    once = f"SELECT * FROM ({CITIZENS}) QUALIFY {_IS_FIRST}"
    both = "SELECT * FROM names UNION ALL SELECT * FROM names_of_registry_only"
    row = "one row of the extract as text, and whether it has a citizen's number and a name"
    return (
        Step("registry_rows", row, "", extract.rows, is_view=True),
        # Most names of the doses stand in the registry too: each is cleaned once.
        *name_steps("names_of_registry_only", "registry_rows", "usable", besides="names"),
        Step(
            "registry_names",
            "one typed name of a dose or of the extract",
            "names names_of_registry_only",
            both,
            is_view=True,
        ),
        written(
            "citizens", "registry_rows registry_names", once if extract.has_repeated_numbers else CITIZENS
        ),
    )
