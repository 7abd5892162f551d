"""The extract of the population registry, cleaned: one row a citizen, written once for all later stages."""

from dataclasses import dataclass, field

import duckdb

from analysis.clean.ordinary.extract import IS_ODD, Readings, read_odd_cells, read_rows_sql
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
_COUNTED = f"""
SELECT source_file, count(*), count(*) FILTER (usable), count(DISTINCT citizen_id) FILTER (usable),
    count(*) FILTER (usable AND ({IS_ODD.replace("{", "{{").replace("}", "}}")}))
FROM ({{rows}}) GROUP BY GROUPING SETS ((source_file), ()) ORDER BY source_file NULLS FIRST"""
# One row a citizen, so that nobody is counted twice, whatever the order of files and rows.
_IS_FIRST = "row_number() OVER (PARTITION BY citizen_id ORDER BY life_status, full_name, birth_date) = 1"
_KEPT = f"""
SELECT source_file, count(*) FROM (
    SELECT source_file FROM ({{rows}}) WHERE usable QUALIFY {_IS_FIRST}) GROUP BY source_file"""


@dataclass(frozen=True)
class Extract:
    """A registry extract that can be used: the query of its rows, whether a number stands twice, its accounts.

    `readings` are what cells say that do not stand in their one form; of most extracts there are none.
    """

    rows: str
    has_repeated_numbers: bool
    accounts: tuple[FileAccount, ...]
    readings: Readings = field(default_factory=Readings)


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
        (_, total, usable, distinct, odd), *files = con.execute(_COUNTED.format(rows=rows)).fetchall()
        has_repeated = usable > distinct
        kept = {name: good for name, _, good, *_ in files}
        if has_repeated:
            kept |= dict(con.execute(_KEPT.format(rows=rows)).fetchall())
        readings = read_odd_cells(con, rows, run.as_of) if odd else Readings()
    except duckdb.Error as error:
        raise unreadable(error) from error
    if not total or (total - usable) * 100 > total * MOST_UNUSABLE_PCT:
        raise IntakeError(
            f"registry: {total - usable} of {total} rows have no citizen number of 12 digits or no name; "
            "ask for the extract again"
        )
    _refuse_unknown_lives(readings, usable)
    accounts = [
        a for name, count, good, *_ in files for a in _accounts(name, count, good, kept[name], readings)
    ]
    return Extract(rows, has_repeated, tuple(accounts), readings)


def _refuse_unknown_lives(readings: Readings, usable: int) -> None:
    """Raise IntakeError where more than a few rows do not tell whether their citizen lives: the dead would be counted."""
    unknown = readings.lives_unread
    if unknown * 100 > usable * MOST_UNUSABLE_PCT:
        raise IntakeError(
            f"registry: life_status of {unknown} of {usable} rows is neither alive nor dead; "
            "ask for the extract again, or write one of the two"
        )


def _accounts(name: str, rows: int, usable: int, kept: int, readings: Readings) -> list[FileAccount]:
    """Return the account of one file of the extract: its totals, its rejected rows, and its cells that say nothing."""
    repeated = usable - kept
    twice = [FileAccount(name, "row_repeated", repeated, 0, repeated, "ok")] if repeated else []
    return [
        FileAccount(name, None, rows, kept, rows - kept, "ok"),
        *readings.accounts(name, rows - usable),
        *twice,
    ]


_BIRTH = "regexp_extract(birth_date, '^[0-9]{{4}}(-[0-9]{{2}}(-[0-9]{{2}})?)?')"
CITIZENS = f"""
SELECT citizen_id, coalesce(regexp_extract_all(old_id_numbers, '[0-9]{{{{9}}}}'), []) AS old_id_numbers,
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
FROM {{rows}} AS r JOIN registry_names AS n ON n.t0 = r.full_name WHERE usable"""


def registry_steps(extract: Extract | None) -> Plan:
    """Return the steps from the extract to `citizens`; without one the table is empty.

    `birth_precision`, `name_key` and `name_accented` are as in `doses`; `current_commune_code` is filled with
    the permanent one.
    """
    if extract is None:
        return (written("citizens", "", empty_table("citizens")),)
    is_read = bool(extract.readings.values)
    rows = "registry_read" if is_read else "registry_rows"
    query = CITIZENS.format(rows=rows)
    once = f"SELECT * FROM ({query}) QUALIFY {_IS_FIRST}"
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
        *(_reading_steps(extract.readings) if is_read else ()),
        written("citizens", f"{rows} registry_names", once if extract.has_repeated_numbers else query),
    )


def _reading_steps(readings: Readings) -> Plan:
    """Return the steps of an extract with cells that do not stand in their one form (sources in-20)."""
    row = "one row of the extract, its cells in the form in which they must stand"
    return (
        Step("registry_values", "one unusual cell of the extract, and what it says", frame=readings.frame),
        Step("registry_read", row, "registry_rows registry_values", read_rows_sql(), is_view=True),
    )
