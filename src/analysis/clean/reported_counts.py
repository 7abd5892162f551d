"""What provinces report beside the dose records: daily reports, denominators, citizens' feedback.

These files have one fixed form (contract 2.3, 2.4, 2.6). A row with a value that cannot be read counts nowhere,
and of the daily reports none of its unit's rows do, in whatever file: a count without one of its days is a wrong
count. A file whose rows cannot be told apart is set aside whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from analysis.clean.quality import FileAccount, set_aside_accounts
from analysis.engine import sql_path
from analysis.intake.folder import open_folder
from analysis.intake.headers import Schema
from analysis.intake.sources import SetAside, StagedFile
from analysis.reference import read_units
from analysis.settings import RunParameters
from analysis.tables import TABLES, write_table


@dataclass(frozen=True)
class ReportKind:
    """One kind of report: its table, its folder, and SQL that types each column (null: unreadable).

    A typed column may be null only where `optional` says so and the cell is empty. Where the rows of one unit add
    up, `unit` is the column without which nobody can say whose total lacks a row.
    """

    table: str
    schema: Schema
    typed: Mapping[str, str]
    optional: frozenset[str]
    unit: str | None = None


def _day(column: str) -> str:
    return f"CAST(coalesce(TRY_CAST(left({column}, 10) AS DATE), try_strptime(left({column}, 10), '%d/%m/%Y')) AS DATE)"


def _moment(column: str) -> str:
    formats = "['%d/%m/%Y %H:%M:%S', '%d/%m/%Y %H:%M', '%d/%m/%Y']"
    return f"coalesce(TRY_CAST({column} AS TIMESTAMP), try_strptime({column}, {formats}))"


def _whole(column: str) -> str:
    return f"TRY_CAST(regexp_replace({column}, '[.]0+$', '') AS BIGINT)"


def _count(column: str) -> str:
    return f"CASE WHEN {_whole(column)} >= 0 THEN {_whole(column)} END"


def _code(column: str, width: int, known: list[str]) -> str:
    listed = ", ".join(f"'{code}'" for code in known)
    return f"CASE WHEN lpad({column}, {width}, '0') IN ({listed}) THEN lpad({column}, {width}, '0') END"


def _unit_columns() -> dict[str, str]:
    units = read_units()
    return {
        f"{level}_code": _code(f"{level}_code", width, sorted(set(units[f"{level}_code"]) - {""}))
        for level, width in (("province", 2), ("district", 3), ("commune", 5))
    }


def _one_of(column: str, words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split(","))
    return f"CASE WHEN lower({column}) IN ({listed}) THEN lower({column}) END"


def _schema(kind: str, columns: str, required: str) -> Schema:
    return Schema(kind, dict.fromkeys(columns.split(), ()), tuple(required.split()))


_COUNTS = "doses_allocated doses_received doses_administered dose_1 dose_2 dose_3_plus doses_discarded"
_FEEDBACK = "province_code district_code commune_code facility_code kind status refusal_ground closed_at"


def report_kinds() -> tuple[ReportKind, ...]:
    """Return the three kinds of report with the typing of their columns."""
    units = _unit_columns()
    place = {k: units[k] for k in ("province_code", "district_code")}
    # A count below zero takes back what was reported before.
    daily = ReportKind(
        "daily_reports",
        _schema(
            "daily_reports",
            f"report_date province_code district_code {_COUNTS} reporting_body",
            f"report_date province_code {_COUNTS}",
        ),
        {"report_date": _day("report_date"), **place, **{c: _whole(c) for c in _COUNTS.split()}}
        | {"reporting_body": _one_of("coalesce(reporting_body, 'province')", "province,army,police,other")},
        frozenset({"district_code", *_COUNTS.split()}),
        "province_code",
    )
    population = ReportKind(
        "population",
        _schema(
            "population",
            "unit_code age_group population source reference_date",
            "unit_code age_group population source reference_date",
        ),
        {
            "unit_code": "CASE WHEN regexp_full_match(unit_code, 'VN|[0-9]{2}|[0-9]{3}|[0-9]{5}') THEN unit_code END",
            "age_group": _one_of("age_group", "all,5-11,12-17,18+,50+,65+"),
            "population": _count("population"),
            "source": "source",
            "reference_date": _day("reference_date"),
        },
        frozenset(),
    )
    feedback = ReportKind(
        "feedback_items",
        _schema("feedback", f"feedback_id received_at {_FEEDBACK}", "feedback_id received_at status"),
        {"feedback_id": "feedback_id", "received_at": _moment("received_at"), **units}
        | {"facility_code": "facility_code", "kind": "kind", "refusal_ground": "refusal_ground"}
        | {"status": _one_of("status", "open,approved,needs_information,refused")}
        | {"closed_at": _moment("closed_at")},
        frozenset(_FEEDBACK.split()) - {"status"},
    )
    return daily, population, feedback


def write_reports(con: duckdb.DuckDBPyConnection, run: RunParameters) -> list[FileAccount]:
    """Write `daily_reports`, `population` and `feedback_items`; returns the accounts of their files."""
    accounts: list[FileAccount] = []
    for kind in report_kinds():
        intake = open_folder(con, run, kind.schema.kind, kind.schema)
        good: list[StagedFile] = []
        for staged in intake.staged:
            refused = _unreadable(con, staged, kind)
            if refused:
                intake.set_aside.append(refused)
            else:
                good.append(staged)
        accounts += set_aside_accounts(intake.set_aside) + _write_one(con, run, kind, good)
    return accounts


def _staged_text(kind: ReportKind, files: list[StagedFile]) -> str:
    """Return SQL for the staged rows with their `source_row`, and `fault`: the first column that cannot be read."""
    cells = ", ".join(kind.schema.headers)
    paths = ", ".join(sql_path(f.path) for f in files)
    tests = {
        column: f"({sql}) IS NULL" + (f" AND {column} IS NOT NULL" if column in kind.optional else "")
        for column, sql in kind.typed.items()
    }
    cases = " ".join(f"WHEN {test} THEN '{column}'" for column, test in tests.items())
    nobodys = f"row_fault IS NOT NULL OR ({tests[kind.unit]})" if kind.unit else "false"
    return (
        f"SELECT source_id, coalesce(source_row, file_row_number + 1) AS source_row, {cells}, "
        f"CASE WHEN row_fault IS NOT NULL THEN row_fault {cases} END AS fault, {nobodys} AS is_nobodys "
        f"FROM read_parquet([{paths}], file_row_number = true)"
    )


def _unreadable(con: duckdb.DuckDBPyConnection, staged: StagedFile, kind: ReportKind) -> SetAside | None:
    """Return why a report cannot be used: a row of which nobody can say whose it is, or not one good row."""
    found = con.execute(
        f"SELECT source_row, fault FROM ({_staged_text(kind, [staged])}) "
        "QUALIFY is_nobodys OR bool_and(fault IS NOT NULL) OVER () ORDER BY is_nobodys DESC, source_row LIMIT 1"
    ).fetchall()
    if not found:
        return None
    return SetAside(staged.source_file, "value_unreadable", f"row {found[0][0]}, {found[0][1]}")


# Whose reports lack a day: the district's where the province itself reported that day, else the province's.
INCOMPLETE_UNITS = """
CREATE OR REPLACE TABLE incomplete_units AS
SELECT DISTINCT bad.province_code, CASE WHEN p.province_code IS NOT NULL THEN bad.district_code END AS district_code
FROM report_rows AS bad
LEFT JOIN (SELECT * FROM report_rows WHERE fault IS NULL AND district_code IS NULL) AS p
    ON bad.district_code IS NOT NULL AND bad.fault NOT IN ('district_code', 'reporting_body')
    AND p.province_code = bad.province_code AND p.report_date = bad.report_date
    AND p.reporting_body = bad.reporting_body
WHERE bad.fault IS NOT NULL"""
OF_INCOMPLETE_UNITS = """
UPDATE report_rows SET fault = 'unit_incomplete' FROM incomplete_units AS i
WHERE fault IS NULL AND i.province_code = report_rows.province_code
    AND (i.district_code IS NULL OR i.district_code = report_rows.district_code)"""


def _write_one(
    con: duckdb.DuckDBPyConnection, run: RunParameters, kind: ReportKind, files: list[StagedFile]
) -> list[FileAccount]:
    """Write one table; where files say different things of one day or unit, the last file stands."""
    table = TABLES[kind.table]
    if not files:
        nothing = ", ".join(f"NULL AS {c}" for c in table.columns)
        write_table(con, kind.table, f"SELECT {nothing} WHERE false", run)
        return []
    typed = ", ".join(f"{sql} AS {column}" for column, sql in kind.typed.items())
    con.execute(
        f"CREATE OR REPLACE TABLE report_rows AS SELECT source_id, source_row, fault, {typed} "
        f"FROM ({_staged_text(kind, files)})"
    )
    if kind.unit:
        con.execute(INCOMPLETE_UNITS)
        con.execute(OF_INCOMPLETE_UNITS)
    keys = ", ".join(table.grain)
    con.execute(
        "UPDATE report_rows SET fault = 'row_repeated' WHERE fault IS NULL AND (source_id, source_row) NOT IN ("
        "SELECT (source_id, source_row) FROM report_rows WHERE fault IS NULL QUALIFY row_number() OVER "
        f"(PARTITION BY {keys} ORDER BY source_id DESC, source_row DESC) = 1)"
    )
    write_table(con, kind.table, "SELECT * FROM report_rows WHERE fault IS NULL", run)
    names = {f.source_id: f.source_file for f in files}
    return [account for source_id in names for account in _accounts(con, source_id, names[source_id])]


ACCOUNTS = """
SELECT CASE WHEN fault IS NULL OR fault IN ('row_repeated', 'unit_incomplete') THEN fault ELSE 'value_unreadable' END
    AS reason_code, count(*), arg_min('row ' || source_row || ', ' || fault, source_row)
FROM report_rows WHERE source_id = $1 GROUP BY reason_code ORDER BY reason_code"""


def _accounts(con: duckdb.DuckDBPyConnection, source_id: int, name: str) -> list[FileAccount]:
    """Return the account of one file: its totals, and the rows that count nowhere by reason.

    An unreadable value is told by the place of the first of them.
    """
    found = con.execute(ACCOUNTS, [source_id]).fetchall()
    rows = sum(count for _, count, _ in found)
    kept = sum(count for reason, count, _ in found if reason is None)
    reasons = [
        FileAccount(name, reason, count, 0, count, "ok", first if reason == "value_unreadable" else None)
        for reason, count, first in found
        if reason is not None
    ]
    return [FileAccount(name, None, rows, kept, rows - kept, "ok"), *reasons]
