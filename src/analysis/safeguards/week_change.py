"""What an intake may not do unnoticed: shrink, swell, count backwards, or name provinces nobody knows.

Each such change against the last run that passed its checks stops the week (exit code 4) unless a person accepts it with a
reason, which then stands in the log, in the manifest and on the pages. Nothing here changes a figure.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

import duckdb

from analysis.earlier_runs import read_mark
from analysis.engine import connect, sql_path
from analysis.errors import CheckError
from analysis.settings import RunParameters
from analysis.tables import TABLES, view_table

# Sources fault-15. Every week is the whole cumulative snapshot (sources in-1); in November 2021 the country grew by 8 % a week.
ROWS_CHANGE_PCT = 30
# A province of fewer rows can change by a third by one late file of one station.
LEAST_ROWS_COMPARED = 1_000
# Sources fault-27. Bắc Kạn, the smallest province, is 0.32 % of the country (census 2019): a text that a third of
# that share has in common is a province nobody would find on a page. Ten rows: never a few typing errors.
UNMAPPED_PROVINCE_PCT = Decimal("0.1")
LEAST_UNMAPPED_ROWS = 10
# All rows in no known province: as many as sources fault-12 allows in unreadable rows; against last week, half of it.
UNMAPPED_PCT = Decimal("1")
UNMAPPED_JUMP_POINTS = Decimal("0.5")
# Sources fault-37: of a cumulative snapshot 92 % of the rows are last week's, and are linked as they were.
LINKED_JUMP_POINTS = 3
# Sources fault-38. A country's registry knows of births, deaths or cards every day; where it has fewer than one a
# day (a village, a sample) its last day says nothing.
REGISTRY_APART_DAYS = 31
LEAST_REGISTRY_EVENTS = 365

KINDS = {
    "rows_received": "rows received from the platform",
    "rows_of_province": "rows of a province's residents",
    "fell_recorded": "cumulative recorded doses fell",
    "fell_administered": "cumulative reported doses fell",
    "fell_dose_1": "cumulative reported first doses fell",
    "fell_dose_2": "cumulative reported second doses fell",
    "unmapped_province": "percent of rows that share one unknown province",
    "unmapped_share": "percent of rows in no known province",
    "linked_share": "percent of rows linked to a citizen",
    "registry_apart": "last day in the registry / in the exports, too far apart",
}


@dataclass(frozen=True)
class WeekChange:
    """One change that needs a person: `kind` (of KINDS), the unit, and its figure before and now.

    `unit_code` is VN or a GSO code; `before` is empty where nothing is compared. Shares are in percent.
    """

    kind: str
    unit_code: str
    before: str
    now: str

    def message(self) -> str:
        """Return the change in English, for the log and the refusal."""
        before = f"{self.before} last week, " if self.before else ""
        return f"{KINDS[self.kind]} ({self.unit_code}): {before}{self.now} now"


# Other provinces' rows of a limited run are in the account too: two runs can always be compared.
RECEIVED = """
SELECT sum(rows_in)::BIGINT AS rows FROM {quality}
WHERE folder = 'platform' AND (reason_code IS NULL OR reason_code = 'outside_provinces')"""

ROWS_RECEIVED = f"""
SELECT 'rows_received', 'VN', b.rows::VARCHAR, n.rows::VARCHAR
FROM ({RECEIVED.format(quality="before_quality")}) AS b, ({RECEIVED.format(quality="quality")}) AS n
WHERE b.rows >= {LEAST_ROWS_COMPARED} AND abs(n.rows - b.rows) * 100 >= {ROWS_CHANGE_PCT} * b.rows"""

UNMAPPED_PROVINCE = f"""
SELECT 'unmapped_province', 'VN', '', round(100 * max(u.rows) / any_value(t.rows), 2)::VARCHAR
FROM (SELECT sum(rows) AS rows FROM unmapped_places WHERE unit_level = 'province' GROUP BY typed) AS u,
     ({RECEIVED.format(quality="quality")}) AS t
WHERE u.rows >= {LEAST_UNMAPPED_ROWS} AND u.rows * 100 > {UNMAPPED_PROVINCE_PCT} * t.rows
HAVING count(*) > 0"""

LOST = "SELECT sum(rows) FILTER ({which}) AS rows FROM {place_counts}"
UNMAPPED_SHARE = f"""
WITH counts AS (
  SELECT coalesce(n.rows, 0) AS rows, coalesce(u.rows, 0) AS unresolved, t.rows AS total,
    100 * coalesce(n.rows, 0) / t.rows AS share,
    CASE WHEN EXISTS (FROM before_place_counts) THEN 100 * coalesce(b.rows, 0) / bt.rows END AS share_before
  FROM ({LOST.format(which="province_code IS NULL", place_counts="place_counts")}) AS n,
       ({LOST.format(which="place_state = 'unresolved'", place_counts="place_counts")}) AS u,
       ({RECEIVED.format(quality="quality")}) AS t,
       ({LOST.format(which="province_code IS NULL", place_counts="before_place_counts")}) AS b,
       ({RECEIVED.format(quality="before_quality")}) AS bt)
SELECT 'unmapped_share', 'VN', coalesce(round(share_before, 2)::VARCHAR, ''), round(share, 2)::VARCHAR
FROM counts WHERE rows >= {LEAST_UNMAPPED_ROWS}
  AND (unresolved * 100 > {UNMAPPED_PCT} * total OR share - share_before > {UNMAPPED_JUMP_POINTS})"""

# A province without files this week is not compared: its page says so, and no old figure is passed on.
ROWS_OF_PROVINCES = f"""
SELECT 'rows_of_province', n.province_code, b.rows::VARCHAR, n.rows::VARCHAR
FROM place_counts AS n JOIN before_place_counts AS b USING (province_code)
SEMI JOIN (SELECT unit_code FROM entry_progress WHERE doses_recorded IS NOT NULL) AS f
  ON f.unit_code = n.province_code
SEMI JOIN (SELECT unit_code FROM before_entry_progress WHERE doses_recorded IS NOT NULL) AS g
  ON g.unit_code = n.province_code
WHERE b.rows >= {LEAST_ROWS_COMPARED} AND abs(n.rows - b.rows) * 100 >= {ROWS_CHANGE_PCT} * b.rows
ORDER BY ALL"""

# A district's recorded doses may move with its facilities; what a district reports may not fall either.
MEASURES = """
SELECT unit_level, unit_code, 'recorded' AS measure, doses_recorded AS doses FROM {b}entry_progress
WHERE unit_level IN ('country', 'province') AND reference_date = (SELECT max(reference_date) FROM {b}entry_progress)
UNION ALL
SELECT unit_level, unit_code, 'administered', doses_administered FROM {b}entry_progress
WHERE reference_date = (SELECT max(reference_date) FROM {b}entry_progress)
UNION ALL
SELECT unit_level, unit_code, if(series_status = 'at_least_one', 'dose_1', 'dose_2'), people FROM {b}coverage
WHERE basis = 'reported' AND age_group = '18+' AND series_status IN ('at_least_one', 'primary_complete')
  AND reference_date = (SELECT max(reference_date) FROM {b}coverage)"""
FELL = f"""
SELECT 'fell_' || measure, unit_code, b.doses::VARCHAR, n.doses::VARCHAR
FROM ({MEASURES.format(b="")}) AS n JOIN ({MEASURES.format(b="before_")}) AS b
  USING (unit_level, unit_code, measure)
WHERE n.doses < b.doses ORDER BY unit_code = 'VN' DESC, length(unit_code), unit_code, measure"""


LINKED = """
SELECT sum(rows) AS rows, 100.0 * sum(rows) FILTER (link_status IN ('verified', 'matched')) / sum(rows) AS share
FROM {verification} WHERE unit_level = 'country'"""
LINKED_SHARE = f"""
SELECT 'linked_share', 'VN', round(b.share, 2)::VARCHAR, round(n.share, 2)::VARCHAR
FROM ({LINKED.format(verification="before_verification")}) AS b, ({LINKED.format(verification="verification")}) AS n
WHERE least(b.rows, n.rows) >= {LEAST_ROWS_COMPARED} AND abs(n.share - b.share) > {LINKED_JUMP_POINTS}"""

REGISTRY_APART = f"""
WITH events AS (
  SELECT unnest([death_date, id_card_issued_on, try_cast(birth_date AS DATE)]) AS day FROM citizens),
known AS (SELECT day FROM events WHERE day <= DATE '{{as_of}}' + 7),
registry AS (SELECT max(day) AS last FROM known),
exports AS (SELECT max(day) AS last FROM (
  SELECT coalesce(entry_date, vaccination_date) AS day FROM doses WHERE NOT is_rejected) WHERE day <= DATE '{{as_of}}' + 7)
SELECT 'registry_apart', 'VN', '', strftime(r.last, '%-d/%-m/%Y') || ' / ' || strftime(e.last, '%-d/%-m/%Y')
FROM registry AS r, exports AS e
WHERE abs(date_diff('day', r.last, e.last)) > {REGISTRY_APART_DAYS}
  AND (SELECT count(*) FROM known WHERE day > r.last - 365) >= {LEAST_REGISTRY_EVENTS}"""


def changes_of_intake(run: RunParameters) -> list[WeekChange]:
    """Return what is beyond belief in the rows received: their number and their places (after cleaning)."""
    tables = ("quality", "place_counts", "unmapped_places")
    found = _changes(run, tables, (ROWS_RECEIVED, UNMAPPED_PROVINCE, UNMAPPED_SHARE))
    persons = ("citizens", "doses")
    if all(TABLES[name].path(run).is_file() for name in persons):
        found += _changes(run, persons, [REGISTRY_APART.format(as_of=run.as_of.isoformat())])
    return found


def changes_of_counts(run: RunParameters) -> list[WeekChange]:
    """Return what is beyond belief in the cumulative counts of units (after coverage).

    Units outside a run limited to some provinces are not compared, here or last week.
    """
    found = _changes(run, ("place_counts", "entry_progress", "coverage"), (ROWS_OF_PROVINCES, FELL))
    if TABLES["verification"].path(run).is_file():
        found += _changes(run, ["verification"], [LINKED_SHARE])
    limits = [set(codes) for codes in (run.provinces, _provinces_before(run)) if codes]
    return [c for c in found if not limits or all(_province_of(c.unit_code) in codes for codes in limits)]


def _province_of(unit_code: str) -> str:
    """Return the province of a unit; a district and the country have none here and are not compared."""
    return unit_code if len(unit_code) == 2 and unit_code.isdigit() else ""


def _changes(run: RunParameters, tables: Iterable[str], queries: Iterable[str]) -> list[WeekChange]:
    with connect(run) as con:
        for name in tables:
            view_table(con, name, run)
            _view_before(con, name, run)
        return [WeekChange(*map(str, row)) for query in queries for row in con.execute(query).fetchall()]


def _view_before(con: duckdb.DuckDBPyConnection, name: str, run: RunParameters) -> None:
    """Make the table `name` of the earlier run readable as `before_<name>`; without one it is empty.

    An earlier form of `quality` had no folder: it began the file's name, which then was not numbered.
    """
    path = TABLES[name].path(replace(run, processed=run.compared)) if run.compared else None
    if path is None or not path.is_file():
        con.execute(f"CREATE OR REPLACE VIEW before_{name} AS SELECT * FROM {name} LIMIT 0")
        return
    source = f"FROM read_parquet({sql_path(path)})"
    columns = {row[0] for row in con.execute(f"DESCRIBE {source}").fetchall()}
    lacks_folder = name == "quality" and "folder" not in columns
    more = ", split_part(source_file, '/', 1) AS folder" if lacks_folder else ""
    con.execute(f"CREATE OR REPLACE VIEW before_{name} AS SELECT *{more} {source}")


def _provinces_before(run: RunParameters) -> tuple[str, ...]:
    """Return the provinces the earlier run was limited to; none: it was whole."""
    return tuple(map(str, read_mark(run.compared).get("provinces", ()))) if run.compared else ()


def accept_or_refuse(run: RunParameters, changes: list[WeekChange]) -> list[str]:
    """Return the lines of the log that say which changes were accepted, and why.

    Raises CheckError naming the first change when there is one and no reason was given.
    """
    if changes and not run.accept_change:
        more = f"; {len(changes) - 1} more" if len(changes) > 1 else ""
        raise CheckError(
            f"{changes[0].message()}{more}: nothing was published; compare the intake with last week's, or "
            'publish it with --accept-change "the reason"'
        )
    return [f'accepted: {c.message()}; reason: "{run.accept_change}"' for c in changes]


def changes_mark(run: RunParameters, changes: list[WeekChange]) -> dict[str, Any]:
    """Return what the pages must say of accepted changes, for the run's mark beside the counts."""
    accepted = {"reason": run.accept_change, "changes": [asdict(c) for c in changes]} if changes else None
    return {"provinces": list(run.provinces), "accepted": accepted}
