"""The queries of counts of records by one property, of the provinces whose exports came in."""

# A province without exports of its own has a few records of others, too few to publish. Where there are such
# provinces, the country is the sum of the others: by subtraction nobody comes back.
HAVE_FILES = """(SELECT unit_code FROM entry_progress WHERE unit_level = 'province'
    GROUP BY unit_code HAVING count(doses_recorded) > 0)"""
ALL_HAVE = f"""(SELECT count(DISTINCT unit_code) FROM entry_progress
    WHERE unit_level = 'province' AND unit_code NOT IN {HAVE_FILES}) = 0"""


def with_files(table: str) -> str:
    """Return the rows of country and provinces of a table about records, of those whose exports came in."""
    return f"""(
    SELECT * FROM {table} WHERE unit_level = 'country' AND {ALL_HAVE}
    UNION ALL SELECT * FROM {table} WHERE unit_level = 'province' AND unit_code IN {HAVE_FILES}
    UNION ALL SELECT * REPLACE ('country' AS unit_level, 'VN' AS unit_code) FROM {table}
    WHERE unit_level = 'province' AND unit_code IN {HAVE_FILES} AND NOT {ALL_HAVE})"""


RECORDS = with_files("verification")


def records_by(part: str, records: str = RECORDS) -> str:
    """Return the query of records by one property; the row without it is their total."""
    rows = f"FROM {records}"
    return (
        f"SELECT unit_level, unit_code, coalesce({part}::VARCHAR, 'none') AS {part}, sum(rows)::BIGINT AS rows "
        f"{rows} GROUP BY ALL "
        f"UNION ALL SELECT unit_level, unit_code, NULL, sum(rows)::BIGINT {rows} GROUP BY ALL"
    )


# Few rows say too little to search with: apart they would be withheld, and another verdict with them.
VERDICTS = f"""(
    SELECT * REPLACE (if(link_status = 'insufficient', 'not_in_registry', link_status) AS link_status) FROM {RECORDS})"""
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
