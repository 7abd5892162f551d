"""What provinces report beside the dose records: daily reports, denominators, citizens' feedback.

These files have one form (interfaces, the intake), whoever saved them. A row with a value that cannot be read counts nowhere,
and of the daily reports none of its unit's rows do, in whatever file: a count without one of its days is a wrong
count. A file whose rows cannot be told apart is set aside whole.
"""

from datetime import date
from functools import partial

from analysis.clean.cells import Cells, files_step, staged_step
from analysis.clean.fields.coded_values import read_age_group
from analysis.clean.fields.places import parse_place
from analysis.clean.report_columns import (
    find_marks,
    read_count,
    read_days,
    read_units,
)
from analysis.clean.report_kinds import PLACE, ReportKind
from analysis.intake.row_kinds import HEADING
from analysis.intake.sources import StagedFile
from analysis.intake.syllables import unaccented
from analysis.steps import Plan, Step, written
from analysis.tables import TABLES, empty_table

_WHOLE_PROVINCE = ("toan tinh", "ca tinh", "toan thanh pho", "tong", "cong", "tong so", "tong cong")
# A row of totals, or a line below the table: words in its first cells, and no day that could be a report's.
_TOTAL = "regexp_matches(lower(concat_ws('|', s.lead, {cells})), '(^|\\|)\\s*(tổng|cộng|tong cong|cong|lũy kế|luy ke)([^\\pL]|$)')"


def _reading_steps(kind: ReportKind, cells: Cells, as_of: date) -> Plan:
    """Return the steps of what each file's columns say, and of the places that its rows name."""
    staged = cells.name("staged_files")
    lists = ", ".join(
        f"coalesce(list_sort(list(DISTINCT {c}) FILTER ({c} IS NOT NULL)), [])" for c in kind.read_columns
    )
    unnested = " UNION ALL ".join(
        f"SELECT t0 AS source_id, '{c}' AS column_name, unnest(t{n}) AS cell, unnest({c}) AS value "
        f"FROM {cells.name('columns')}"
        for n, c in enumerate(kind.read_columns, start=1)
    )
    read = (
        Step(
            cells.name("columns"),
            "one file: the distinct cells of its columns of counts, days and units, and what they say",
            staged,
            f"SELECT source_id, {lists} FROM {staged} GROUP BY source_id",
            columns=dict.fromkeys(kind.read_columns, "VARCHAR[]"),
            clean=partial(_read_columns, kind, as_of),
        ),
        Step(
            cells.name("readings"),
            "one cell of one column of one file, and what it says",
            cells.name("columns"),
            unnested,
        ),
    )
    if not _names_places(kind):
        return read
    path = ", ".join(_path(kind))
    places = Step(
        cells.name("paths"),
        "one path of units as a report names it, and the units it leads to",
        staged,
        f"SELECT DISTINCT {path} FROM {staged}",
        columns=dict.fromkeys(PLACE, "VARCHAR"),
        clean=_read_path,
    )
    return (*read, places) if kind.read_columns else (places,)


def _names_places(kind: ReportKind) -> bool:
    return "province_code" in kind.schema.headers


def _path(kind: ReportKind, of: str = "") -> list[str]:
    return [f"{of}{c}" if c in kind.schema.headers else "CAST(NULL AS VARCHAR)" for c in PLACE]


def _read_path(*typed: str | None) -> tuple[str | None, ...]:
    """Return the units of a path; a level that is named and leads nowhere below those above it is None.

    The whole of a province in the column of districts is no district, which is no fault: it is empty.
    """
    is_whole = " ".join(unaccented((typed[1] or "").lower()).split()) in _WHOLE_PROVINCE
    place = parse_place(typed[0], None if is_whole else typed[1], typed[2])
    found = (place.province_code, "" if is_whole else place.district_code, place.commune_code)
    return tuple(code if text else None for code, text in zip(found, typed, strict=True))


def _read_columns(
    kind: ReportKind, as_of: date, source_id: int, *columns: list[str]
) -> list[list[str | None]]:
    """Return, for each column of a file, what its cells say, as text."""
    cells = dict(zip(kind.read_columns, columns, strict=True))
    of_file = find_marks(cell for c in kind.counts for cell in cells[c])
    read: dict[str, list[str | None]] = {}
    for column in kind.counts:
        own = find_marks(cells[column])
        numbers = (read_count(cell, own, of_file) for cell in cells[column])
        read[column] = [None if number is None else str(number) for number in numbers]
    read |= {column: list(read_days(cells[column], as_of, kind.earliest).days) for column in kind.days}
    read |= {column: read_units(cells[column]) for column in kind.units}
    read |= {column: [read_age_group(cell) for cell in cells[column]] for column in kind.ages}
    return [read[column] for column in kind.read_columns]


def report_steps(kind: ReportKind, files: list[StagedFile], as_of: date) -> Plan:
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
        *_reading_steps(kind, cells, as_of),
        Step(
            cells.table,
            "one row of a report, typed, and its fault",
            cells.names(
                "staged_files" + " readings" * bool(kind.read_columns) + " paths" * _names_places(kind)
            ),
            _typed_cells(kind, cells),
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
            ONCE.format(rows=judged, keys=keys, told=kind.told or "NULL"),
        ),
        written(kind.table, cells.name("rows"), f"SELECT * FROM {cells.name('rows')} WHERE fault IS NULL"),
        Step(
            cells.name("accounts"),
            "one file (or one reason in it), and its rows",
            cells.names("rows refused files"),
            ACCOUNTS.format(**{name: cells.name(name) for name in ("rows", "refused", "files")}),
        ),
    )


def _typed_cells(kind: ReportKind, cells: Cells) -> str:
    """Return SQL for the staged rows, typed, with `fault`: the first column that cannot be read."""
    tests = {
        column: f"({sql}) IS NULL" + (f" AND s.{column} IS NOT NULL" if column in kind.optional else "")
        for column, sql in kind.typed.items()
    }
    cases = " ".join(f"WHEN {test} THEN '{column}'" for column, test in tests.items())
    nobodys = f"row_fault IS NOT NULL OR ({tests[kind.unit]})" if kind.unit else "false"
    typed = ", ".join(
        # The whole of a province is no district.
        f"nullif({sql}, '') AS {column}" if column == "district_code" else f"{sql} AS {column}"
        for column, sql in kind.typed.items()
    )
    total = _total_sql(kind)
    joins = [
        f"LEFT JOIN {cells.name('readings')} AS read_{c} ON read_{c}.column_name = '{c}' "
        f"AND read_{c}.source_id = s.source_id AND read_{c}.cell = s.{c}"
        for c in kind.read_columns
    ]
    if _names_places(kind):
        pairs = (f"places.t{n} IS NOT DISTINCT FROM {c}" for n, c in enumerate(_path(kind, "s.")))
        joins.append(f"LEFT JOIN {cells.name('paths')} AS places ON {' AND '.join(pairs)}")
    return (
        f"SELECT s.source_id, coalesce(s.source_row, file_row_number + 1) AS source_row, "
        f"CASE WHEN row_fault IS NOT NULL THEN row_fault WHEN {total} THEN 'total_row' {cases} END AS fault, "
        f"({nobodys}) AND NOT coalesce({total}, false) AS is_nobodys, {typed} "
        f"FROM {cells.name('staged_files')} AS s {' '.join(joins)}"
    )


def _total_sql(kind: ReportKind) -> str:
    """Return SQL: a row is a total or stands below the table (sources count-1)."""
    if not kind.days:
        return "false"
    day, places = kind.days[0], [c for c in (*kind.units, *PLACE) if c in kind.schema.headers]
    words = _TOTAL.format(cells=", ".join(f"s.{c}" for c in (day, *places)))
    is_bare = " AND ".join(f"s.{c} IS NULL" for c in kind.counts)
    below = f"{is_bare} AND regexp_matches(lower(nfc_normalize(coalesce(s.lead, s.{day}))), '{HEADING}')"
    return f"({kind.typed[day]}) IS NULL AND ({words} OR {below})"


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
WHERE bad.fault <> 'total_row'"""
OF_INCOMPLETE_UNITS = """
SELECT * REPLACE (CASE WHEN fault IS NULL AND EXISTS (
    SELECT 1 FROM {incomplete} AS i WHERE i.province_code = r.province_code
        AND (i.district_code IS NULL OR i.district_code = r.district_code))
    THEN 'unit_incomplete' ELSE fault END AS fault)
FROM {placed} AS r"""
# Of two rows the later stands; not where one file says two things, for nothing tells which is right.
ONCE = """
SELECT * REPLACE (CASE WHEN fault IS NULL AND min({told}) OVER of_file <> max({told}) OVER of_file THEN 'rows_contradict'
    WHEN fault IS NULL AND row_number() OVER (PARTITION BY fault IS NULL, {keys}
    ORDER BY source_id DESC, source_row DESC) > 1 THEN 'row_repeated' ELSE fault END AS fault)
FROM {rows}
WINDOW of_file AS (PARTITION BY fault IS NULL, source_id, {keys})"""


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
    SELECT source_id, CASE WHEN fault IN ('row_repeated', 'rows_contradict', 'unit_incomplete', 'total_row') THEN fault
        WHEN fault IS NOT NULL THEN 'value_unreadable' END AS reason, count(*) AS n,
        arg_min('row ' || source_row || ', ' || fault, source_row) AS place
    FROM {rows} GROUP BY ALL),
accounts AS (
    SELECT source_id, NULL AS reason_code, sum(n) AS rows_in, coalesce(sum(n) FILTER (reason IS NULL), 0) AS rows_kept,
        coalesce(sum(n) FILTER (reason IS NOT NULL), 0) AS rows_rejected, 'ok' AS status, NULL AS detail
    FROM counted GROUP BY source_id
    UNION ALL
    SELECT source_id, reason, n, 0, n, 'ok', CASE WHEN reason IN ('value_unreadable', 'rows_contradict') THEN place END
    FROM counted WHERE reason IS NOT NULL
    UNION ALL
    SELECT source_id, 'value_unreadable', 0, 0, 0, 'quarantined', 'row ' || source_row || ', ' || fault FROM {refused})
SELECT source_file, accounts.* EXCLUDE (source_id) FROM accounts JOIN {files} USING (source_id)"""
