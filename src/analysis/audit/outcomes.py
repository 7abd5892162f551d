"""What the answers say of the links: per row right, wrong or missed; per person, who would be counted otherwise.

A first answer that contradicts the verdict stands only when a second person, who has not seen it, gives the same one: a
slip of the pen is far more frequent than a wrong link. Where the second agrees with the verdict, the verdict stands;
where the two differ from it and from each other, the row is undetermined and leaves the sample (sources audit-3).
"""

from dataclasses import dataclass

import duckdb

from analysis.audit.estimates import Outcome
from analysis.audit.strata import POOLS
from analysis.engine import sql_text
from analysis.worklists.routing import NOWHERE

FOUND, NOT_FOUND, UNDETERMINED = "found", "not_found", "undetermined"

# A citizen found for a row of a verdict that named none of them, or another, contradicts it. A row in review has no
# verdict: whoever is found among its candidates was named by it.
CONTRADICTS = """CASE WHEN answer = 'found' THEN citizen_number IS DISTINCT FROM citizen_id AND NOT is_candidate
    WHEN answer = 'not_found' THEN citizen_id IS NOT NULL ELSE false END"""

_ANSWERED = f"""
CREATE OR REPLACE TEMP TABLE audit_answered AS
WITH looked AS (
    SELECT s.*, l.citizen_id, a.look, a.answer, a.citizen_number,
        c.citizen_id IS NOT NULL AS is_candidate
    FROM audit_sample AS s
    JOIN links AS l USING (source_file, source_row)
    JOIN audit_answers AS a USING (source_file, source_row)
    LEFT JOIN clerical_candidates AS c ON c.source_file = s.source_file AND c.source_row = s.source_row
        AND c.citizen_id = a.citizen_number),
judged AS (SELECT *, {CONTRADICTS} AS contradicts FROM looked),
first AS (SELECT * FROM judged WHERE look = 1),
second AS (SELECT source_file, source_row, answer, citizen_number, contradicts FROM judged WHERE look = 2)
SELECT f.source_file, f.source_row, f.stratum, f.pool, f.unit_code, f.citizen_id, f.is_asked_again,
    f.contradicts, s.answer IS NOT NULL AS is_looked_twice,
    s.answer IS NOT NULL AND s.answer = f.answer
        AND s.citizen_number IS NOT DISTINCT FROM f.citizen_number AS is_same,
    CASE WHEN f.answer = 'undetermined' OR s.answer = 'undetermined' THEN 'undetermined'
        WHEN f.contradicts AND s.answer IS NULL THEN 'awaited'
        WHEN is_same OR s.answer IS NULL THEN f.answer
        WHEN f.contradicts AND s.contradicts THEN 'undetermined'
        WHEN f.contradicts THEN s.answer
        ELSE f.answer END AS answer,
    CASE WHEN f.contradicts AND NOT coalesce(s.contradicts, true) THEN s.citizen_number
        ELSE f.citizen_number END AS citizen_number
FROM first AS f LEFT JOIN second AS s USING (source_file, source_row)"""

# A row's person as a description, to see how many open rows are one person's.
_OPEN_PERSON = "coalesce(d.id_number, d.name_key || '|' || d.birth_date)"
_LINKED_ROWS = """
CREATE OR REPLACE TEMP TABLE audit_linked_rows AS
SELECT l.citizen_id, count(*) AS rows FROM links AS l JOIN doses AS d USING (source_file, source_row)
WHERE l.citizen_id IS NOT NULL AND d.is_counted GROUP BY 1"""
_OPEN_ROWS = f"""
CREATE OR REPLACE TEMP TABLE audit_open_rows AS
SELECT l.source_file, l.source_row, count(*) OVER (PARTITION BY {_OPEN_PERSON}) AS rows
FROM links AS l JOIN doses AS d USING (source_file, source_row)
WHERE l.citizen_id IS NULL AND d.is_counted"""
_CANDIDATE_ROWS = """
CREATE OR REPLACE TEMP TABLE audit_candidate_rows AS
SELECT c.citizen_id, count(*) AS rows FROM clerical_candidates AS c JOIN audit_open_rows USING (source_file, source_row)
GROUP BY 1"""
_PEOPLE = """
CREATE OR REPLACE TEMP TABLE audit_found AS
SELECT a.*, a.answer IN ('found', 'not_found') AS is_answered, a.citizen_id IS NOT NULL AS is_linked,
    a.answer = 'found' AND r.citizen_id IS NOT NULL AS exists_in_registry,
    CASE WHEN a.citizen_id IS NULL THEN exists_in_registry
        ELSE NOT (a.answer = 'found' AND a.citizen_number = a.citizen_id) END AS is_error,
    -- The person found is counted already through another row; else by as many rows as seem to be theirs: of one
    -- description, or left to people with them as a candidate (a name may be typed otherwise in each row).
    CASE WHEN exists_in_registry AND d.is_counted AND t.rows IS NULL
        THEN 1.0 / greatest(coalesce(o.rows, 1), coalesce(c.rows, 1)) ELSE 0 END AS gain,
    CASE WHEN a.citizen_id IS NOT NULL AND d.is_counted AND w.rows = 1 THEN 1.0 ELSE 0 END AS loss
FROM audit_answered AS a
JOIN doses AS d USING (source_file, source_row)
LEFT JOIN (SELECT citizen_id FROM citizens) AS r ON r.citizen_id = a.citizen_number
LEFT JOIN audit_linked_rows AS t ON t.citizen_id = a.citizen_number
LEFT JOIN audit_linked_rows AS w ON w.citizen_id = a.citizen_id
LEFT JOIN audit_candidate_rows AS c ON c.citizen_id = a.citizen_number
LEFT JOIN audit_open_rows AS o ON o.source_file = a.source_file AND o.source_row = a.source_row"""

_COUNTS = """
SELECT {group}, count(*) FILTER (is_answered), count(*) FILTER (is_answered AND is_error),
    count(*) FILTER (is_answered AND is_error AND exists_in_registry),
    coalesce(list(gain::DOUBLE ORDER BY source_file, source_row) FILTER (is_answered AND is_error), []),
    coalesce(list(loss::DOUBLE ORDER BY source_file, source_row) FILTER (is_answered AND is_error), [])
FROM audit_found {where} GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True)
class Answered:
    """How far the look-ups are: drawn, answered, undetermined, contradictions awaiting a second person, and both looks."""

    drawn: int
    answered: int
    undetermined: int
    awaited: int
    looked_twice: int
    same_twice: int


def count_linked_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Count once, for all comparisons, by how many rows each citizen is counted, and the open rows of one person or candidate."""
    con.execute(_LINKED_ROWS)
    con.execute(_OPEN_ROWS)
    con.execute(_CANDIDATE_ROWS)


def compare_answers(con: duckdb.DuckDBPyConnection) -> Answered:
    """Compare the answers with the links, into the table `audit_found`, one row an answered row of the sample.

    Needs `audit_sample`, `audit_answers`, `links`, `doses`, `clerical_candidates`, `citizens` and the tables of
    `count_linked_rows`. Whoever is found and not in the registry's extract was missed by the extract, not by a link.
    """
    con.execute(_ANSWERED)
    con.execute(_PEOPLE)
    counts = con.execute(
        """SELECT (SELECT count(*) FROM audit_sample), count(*) FILTER (is_answered),
            count(*) FILTER (answer = 'undetermined'), count(*) FILTER (answer = 'awaited'),
            count(*) FILTER (is_looked_twice), count(*) FILTER (is_same) FROM audit_found"""
    ).fetchone()
    assert counts is not None
    return Answered(*counts)


def pool_outcomes(
    con: duckdb.DuckDBPyConnection, pool_rows: dict[str, int], units: tuple[str, ...] = ()
) -> dict[str, Outcome]:
    """Return pool → what was found in it, or in some units' part of it; a pool without an answer has none answered."""
    query = _COUNTS.format(group="pool", where=_of_units(units))
    found = {row[0]: row[1:] for row in con.execute(query).fetchall()}
    outcomes = {}
    for pool, rows in pool_rows.items():
        answered, errors, exists, gains, losses = found.get(pool, (0, 0, 0, (), ()))
        outcomes[pool] = Outcome(
            POOLS[pool].is_linked, rows, answered, errors, exists, tuple(gains), tuple(losses)
        )
    return outcomes


def stratum_counts(con: duckdb.DuckDBPyConnection, units: tuple[str, ...] = ()) -> dict[str, tuple[int, int]]:
    """Return stratum → (rows answered, errors among them), of all units or of some."""
    rows = con.execute(_COUNTS.format(group="stratum", where=_of_units(units))).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def _of_units(units: tuple[str, ...]) -> str:
    return f"WHERE unit_code IN ({', '.join(map(sql_text, units))})" if units else ""


def count_people(con: duckdb.DuckDBPyConnection, provinces: tuple[str, ...]) -> int:
    """Return how many citizens the links of the audited provinces count with a dose."""
    where = (
        f"AND coalesce(d.province_code, d.place_given_province_code, '{NOWHERE}') IN {(*provinces, '')}"
        if provinces
        else ""
    )
    row = con.execute(
        f"""SELECT count(DISTINCT l.citizen_id) FROM links AS l JOIN doses AS d USING (source_file, source_row)
        WHERE d.is_counted AND l.citizen_id IS NOT NULL {where}"""
    ).fetchone()
    assert row is not None
    return int(row[0])
