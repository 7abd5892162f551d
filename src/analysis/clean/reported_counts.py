"""What provinces report beside the dose records: daily reports, denominators, citizens' feedback.

These files have one fixed form (contract 2.3, 2.4, 2.6). A row with a value that cannot be read counts nowhere,
and of the daily reports none of its unit's rows do, in whatever file: a count without one of its days is a wrong
count. A file whose rows cannot be told apart is set aside whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.clean.cells import Cells, files_step, staged_step
from analysis.intake.headers import Schema
from analysis.intake.sources import StagedFile
from analysis.reference import read_units
from analysis.steps import Plan, Step, written
from analysis.tables import TABLES, empty_table


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

    @property
    def name(self) -> str:
        """Return the name of the kind's folder, by which its tables are called."""
        return self.schema.kind


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


def report_steps(kind: ReportKind, files: list[StagedFile]) -> Plan:
    """Return the steps from one kind's staged files to its table, and to the accounts of its files.

    A file with a row of which nobody can say whose it is, or without one good row, is set aside whole
    (`…_refused`). Where files say different things of one day or unit, the last file stands.
    """
    if not files:
        return (written(kind.table, "", empty_table(kind.table)),)
    cells = Cells(f"{kind.name}_cells", f"{kind.name}_")
    whose = _incomplete_steps(cells) if kind.unit else ()
    judged = cells.name("judged") if kind.unit else cells.name("placed")
    keys = ", ".join(TABLES[kind.table].grain)
    return (
        staged_step(cells, files),
        files_step(cells, files),
        Step(
            cells.table,
            "one row of a report, typed, and its fault",
            cells.name("staged_files"),
            _typed_cells(kind),
        ),
        Step(
            cells.name("refused"),
            "one file that cannot be used, and the row that says so",
            cells.table,
            REFUSED.format(cells=cells.table),
        ),
        Step(
            cells.name("placed"),
            "one row of the files that can be used",
            cells.names("cells refused"),
            f"SELECT * FROM {cells.table} ANTI JOIN {cells.name('refused')} USING (source_id)",
            is_view=True,
        ),
        *whose,
        Step(
            cells.name("rows"),
            "one row of a report; without fault it counts",
            judged,
            ONCE.format(rows=judged, keys=keys),
        ),
        written(kind.table, cells.name("rows"), f"SELECT * FROM {cells.name('rows')} WHERE fault IS NULL"),
        Step(
            cells.name("accounts"),
            "one file (or one reason in it), and its rows",
            cells.names("rows refused files"),
            ACCOUNTS.format(**{name: cells.name(name) for name in ("rows", "refused", "files")}),
        ),
    )


def _typed_cells(kind: ReportKind) -> str:
    """Return SQL for the staged rows, typed, with `fault`: the first column that cannot be read."""
    tests = {
        column: f"({sql}) IS NULL" + (f" AND {column} IS NOT NULL" if column in kind.optional else "")
        for column, sql in kind.typed.items()
    }
    cases = " ".join(f"WHEN {test} THEN '{column}'" for column, test in tests.items())
    nobodys = f"row_fault IS NOT NULL OR ({tests[kind.unit]})" if kind.unit else "false"
    typed = ", ".join(f"{sql} AS {column}" for column, sql in kind.typed.items())
    return (
        f"SELECT source_id, coalesce(source_row, file_row_number + 1) AS source_row, "
        f"CASE WHEN row_fault IS NOT NULL THEN row_fault {cases} END AS fault, {nobodys} AS is_nobodys, {typed} "
        f"FROM {kind.name}_staged_files"
    )


REFUSED = """
SELECT source_id, source_row, fault FROM {cells}
QUALIFY (is_nobodys OR bool_and(fault IS NOT NULL) OVER (PARTITION BY source_id))
    AND row_number() OVER (PARTITION BY source_id ORDER BY is_nobodys DESC, source_row) = 1"""

# Whose reports lack a day: the district's where the province itself reported that day, else the province's.
INCOMPLETE_UNITS = """
SELECT DISTINCT bad.province_code, CASE WHEN p.province_code IS NOT NULL THEN bad.district_code END AS district_code
FROM {placed} AS bad
LEFT JOIN (SELECT * FROM {placed} WHERE fault IS NULL AND district_code IS NULL) AS p
    ON bad.district_code IS NOT NULL AND bad.fault NOT IN ('district_code', 'reporting_body')
    AND p.province_code = bad.province_code AND p.report_date = bad.report_date
    AND p.reporting_body = bad.reporting_body
WHERE bad.fault IS NOT NULL"""
OF_INCOMPLETE_UNITS = """
SELECT * REPLACE (CASE WHEN fault IS NULL AND EXISTS (
    SELECT 1 FROM {incomplete} AS i WHERE i.province_code = r.province_code
        AND (i.district_code IS NULL OR i.district_code = r.district_code))
    THEN 'unit_incomplete' ELSE fault END AS fault)
FROM {placed} AS r"""
ONCE = """
SELECT * REPLACE (CASE WHEN fault IS NULL AND row_number() OVER (PARTITION BY fault IS NULL, {keys}
    ORDER BY source_id DESC, source_row DESC) > 1 THEN 'row_repeated' ELSE fault END AS fault)
FROM {rows}"""


def _incomplete_steps(cells: Cells) -> Plan:
    tables = {"placed": cells.name("placed"), "incomplete": cells.name("incomplete_units")}
    row = "one unit of whose reports a day cannot be read"
    return (
        Step(tables["incomplete"], row, tables["placed"], INCOMPLETE_UNITS.format(**tables)),
        Step(
            cells.name("judged"),
            "one row of a report; one of an incomplete unit has that fault",
            " ".join(tables.values()),
            OF_INCOMPLETE_UNITS.format(**tables),
        ),
    )


# One account a file: its totals, and the rows that count nowhere by reason. An unreadable value is told by the
# place of the first of them.
ACCOUNTS = """
WITH counted AS (
    SELECT source_id, CASE WHEN fault IN ('row_repeated', 'unit_incomplete') THEN fault
        WHEN fault IS NOT NULL THEN 'value_unreadable' END AS reason, count(*) AS n,
        arg_min('row ' || source_row || ', ' || fault, source_row) AS place
    FROM {rows} GROUP BY ALL),
accounts AS (
    SELECT source_id, NULL AS reason_code, sum(n) AS rows_in, coalesce(sum(n) FILTER (reason IS NULL), 0) AS rows_kept,
        coalesce(sum(n) FILTER (reason IS NOT NULL), 0) AS rows_rejected, 'ok' AS status, NULL AS detail
    FROM counted GROUP BY source_id
    UNION ALL
    SELECT source_id, reason, n, 0, n, 'ok', CASE WHEN reason = 'value_unreadable' THEN place END
    FROM counted WHERE reason IS NOT NULL
    UNION ALL
    SELECT source_id, 'value_unreadable', 0, 0, 0, 'quarantined', 'row ' || source_row || ', ' || fault FROM {refused})
SELECT source_file, accounts.* EXCLUDE (source_id) FROM accounts JOIN {files} USING (source_id)"""
