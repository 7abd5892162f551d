"""The queries of counts of records, of the provinces whose exports came in, and of what is told beside counts."""

from analysis.disclosure.policy import MOST_WITHHELD, SMALLEST_SHOWN

# A province without exports of its own has a few records of others, too few to publish. Where there are such
# provinces, reporting or merely lived in, the country is the sum of the others: by subtraction nobody comes back.
HAVE_FILES = """(SELECT unit_code FROM entry_progress WHERE unit_level = 'province'
    GROUP BY unit_code HAVING count(doses_recorded) > 0)"""
ALL_HAVE = f"""(SELECT count(DISTINCT unit_code) FROM (
    SELECT unit_level, unit_code FROM entry_progress UNION ALL SELECT unit_level, unit_code FROM verification)
    WHERE unit_level = 'province' AND unit_code NOT IN {HAVE_FILES}) = 0"""


def with_files(table: str) -> str:
    """Return the rows of country and provinces of a table about records, of those whose exports came in."""
    return f"""(
    SELECT * FROM {table} WHERE unit_level = 'country' AND {ALL_HAVE}
    UNION ALL SELECT * FROM {table} WHERE unit_level = 'province' AND unit_code IN {HAVE_FILES}
    UNION ALL SELECT * REPLACE ('country' AS unit_level, 'VN' AS unit_code) FROM {table}
    WHERE unit_level = 'province' AND unit_code IN {HAVE_FILES} AND NOT {ALL_HAVE})"""


RECORDS = with_files("verification")
# Records with too little to search by are few. Where more than a fifth of the provinces that have any would not be
# told theirs, they are told with those not found: the records to verify, which count both, are told exactly.
FEW_LACK = f"""coalesce((SELECT avg((rows < {SMALLEST_SHOWN})::INTEGER) > {MOST_WITHHELD} FROM (
    SELECT sum(rows) AS rows FROM {RECORDS}
    WHERE unit_level = 'province' AND link_status = 'insufficient' GROUP BY unit_code)), false)"""
VERDICT = f"if(link_status = 'insufficient' AND {FEW_LACK}, 'not_in_registry', link_status)"


def records_by(part: str, value: str = "") -> str:
    """Return the query of records by one property, or by `value` in its place; the row without it is their total."""
    rows = f"FROM {RECORDS}"
    told = f"coalesce(({value or part})::VARCHAR, 'none') AS {part}"
    return (
        f"SELECT unit_level, unit_code, {told}, sum(rows)::BIGINT AS rows "
        f"{rows} GROUP BY ALL "
        f"UNION ALL SELECT unit_level, unit_code, NULL, sum(rows)::BIGINT {rows} GROUP BY ALL"
    )


MATCHED = f"FROM {RECORDS} WHERE link_status = 'matched' GROUP BY ALL"
# Their total is the verdict `matched` of the same unit.
FIELDS_TO_CORRECT = (
    "SELECT unit_level, unit_code, coalesce(differing_field, 'none') AS differing_field, sum(rows)::BIGINT AS rows "
    f"{MATCHED} UNION ALL SELECT unit_level, unit_code, NULL, sum(rows)::BIGINT {MATCHED}"
)
PLAIN_COMPARISON = (
    "SELECT unit_level, unit_code, coalesce(sum(rows) FILTER (four_field_match), 0)::BIGINT AS four_field_rows, "
    "coalesce(sum(rows) FILTER (four_field_match IS NOT NULL), 0) > 0 AS is_compared "
    f"FROM {RECORDS} WHERE link_status IS DISTINCT FROM 'rejected' GROUP BY ALL"
)
# Which number stands in a record: that of a citizen card, that of the card before it, another one or none.
NUMBERED = f"""(
    SELECT unit_level, unit_code, rows,
        CASE WHEN id_kind IN ('citizen_number', 'old_number') THEN id_kind ELSE 'other' END AS id_kind
    FROM (FROM {RECORDS} UNION ALL SELECT * FROM verification WHERE unit_level = 'district' AND unit_code IN (
        SELECT unit_code FROM entry_progress WHERE unit_level = 'district'
        GROUP BY unit_code HAVING count(doses_recorded) > 0)))"""
ID_KINDS = (
    f"SELECT unit_level, unit_code, id_kind, sum(rows)::BIGINT AS rows FROM {NUMBERED} GROUP BY ALL "
    f"UNION ALL SELECT unit_level, unit_code, NULL, sum(rows)::BIGINT FROM {NUMBERED} GROUP BY ALL"
)


def by_kind(table: str, kind: str, count: str) -> str:
    """Return the query of counts by one property of country and provinces; the row without it is their total."""
    rows = f"sum({count})::BIGINT AS {count} FROM {with_files(table)} GROUP BY ALL"
    return (
        f"SELECT unit_level, unit_code, {kind}, {rows} UNION ALL SELECT unit_level, unit_code, NULL, {rows}"
    )


def told_whole(table: str, day: str) -> str:
    """Return the condition that what a row estimates is told whole by the coverage of its day, as it stands there."""
    keys = " AND ".join(
        f"c.{key} = {table}.{key}" for key in ("unit_code", "basis", "age_group", "series_status")
    )
    return (
        f"(basis = 'reported' OR EXISTS (FROM told_coverage AS c WHERE {keys} "
        f"AND c.reference_date = {table}.{day} AND c.people_status = 'shown'))"
    )


# Among all records left to people of the unit (`verification`): of fewer than twenty none is told.
REVIEW = f"""
WITH placed_reviews AS (
    SELECT if(unit_code = 'VN', 'country', 'province') AS unit_level, * FROM review_by_age),
counted AS (
    SELECT unit_level, unit_code, age_group, sum(rows)::BIGINT AS rows
    FROM {with_files("placed_reviews")} GROUP BY ALL)
SELECT g.*, a.rows AS among
FROM counted AS g JOIN counted AS a USING (unit_level, unit_code)
WHERE g.age_group <> 'all' AND a.age_group = 'all' AND a.rows >= {2 * SMALLEST_SHOWN}"""
# How many rows a file has is told; how many of persons were left out, by verdict alone (`verification`): the parts of a
# sum, by file or by reason, would tell what is withheld of it.
FEW_LEFT_OUT = f"(folder = 'platform' OR rows_rejected BETWEEN 1 AND {SMALLEST_SHOWN - 1})"
OF_ROWS = "folder NOT IN ('daily_reports', 'facilities', 'population')"
FEW_OF_REASON = (
    f"reason_code IS NOT NULL AND (rows_rejected > 0 OR rows_in BETWEEN 1 AND {SMALLEST_SHOWN - 1})"
)
QUALITY = f"""SELECT * REPLACE (
    CASE WHEN NOT ({OF_ROWS} AND {FEW_OF_REASON}) THEN rows_in END AS rows_in,
    CASE WHEN NOT ({OF_ROWS} AND ({FEW_LEFT_OUT} OR {FEW_OF_REASON})) THEN rows_kept END AS rows_kept,
    CASE WHEN NOT ({OF_ROWS} AND ({FEW_LEFT_OUT} OR {FEW_OF_REASON})) THEN rows_rejected END AS rows_rejected)
FROM quality"""
