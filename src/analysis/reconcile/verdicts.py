"""The verdict on every row, in the words of contract section 3.1."""

import duckdb

# Too little to search with: no usable number, and not even a two-syllable name with a birth year.
SEARCHABLE_FIELDS = "s.id_number IS NOT NULL OR (s.name_key LIKE '% %' AND s.birth_year IS NOT NULL)"

SAME_ID = "(s.id_number = p.citizen_id OR o.old_number IS NOT NULL)"
SAME_BIRTH = "coalesce(left(s.birth_date, length(p.birth_date)) = p.birth_date, false)"
DIFFERING = f"""list_filter([
    CASE WHEN NOT coalesce({SAME_ID}, false) THEN 'id_number' END,
    CASE WHEN s.name_accented IS DISTINCT FROM p.name_accented THEN 'full_name' END,
    CASE WHEN NOT {SAME_BIRTH} THEN 'birth_date' END,
    CASE WHEN s.sex IS DISTINCT FROM p.sex THEN 'sex' END], lambda field: field IS NOT NULL)"""

LINKED_FIELDS = f"""
CREATE OR REPLACE TEMP TABLE linked_fields AS
SELECT l.row_no, l.citizen_id, l.link_method, l.match_probability,
    CASE WHEN p.citizen_id IS NULL THEN []::VARCHAR[] ELSE {DIFFERING} END AS differing_fields
FROM linked AS l LEFT JOIN searched AS s USING (row_no)
LEFT JOIN people AS p USING (citizen_id)
LEFT JOIN old_numbers AS o ON o.citizen_id = l.citizen_id AND o.old_number = s.id_number"""

# The plain comparison of dispatch 9438/BYT-CNTT: no cleaning of the ID or the name but NFC, trim, case.
# Materialised pairs keep the engine from joining on "same sex" first.
PLAIN = """
CREATE OR REPLACE TEMP TABLE plain_matches AS
WITH pairs AS MATERIALIZED (
    SELECT l.row_no, d.full_name_typed AS typed_name, r.full_name, trim(d.id_number_typed) AS typed_number,
        r.citizen_id, r.old_id_numbers
    FROM linked AS l
    JOIN read_parquet({doses}, file_row_number = true) AS d ON d.file_row_number + 1 = l.row_no
    JOIN registry AS r ON r.citizen_id = l.citizen_id
    WHERE coalesce(left(d.birth_date, length(r.birth_date)) = r.birth_date AND d.sex = r.sex, false))
SELECT DISTINCT row_no FROM pairs
WHERE (typed_number = citizen_id OR list_contains(old_id_numbers, typed_number))
  AND CASE WHEN typed_name = full_name THEN true
      ELSE lower(nfc_normalize(trim(typed_name))) = lower(nfc_normalize(trim(full_name))) END"""

LINKS = """
SELECT d.source_file, d.source_row, d.dose_record_id, f.citizen_id,
    CASE
        WHEN d.is_rejected OR x.decision = 'delete_dose' THEN 'rejected'
        WHEN d.is_foreigner AND x.decision IS NULL THEN 'out_of_scope'
        WHEN f.citizen_id IS NOT NULL AND (f.link_method = 'decision' OR len(f.differing_fields) = 0)
            THEN 'verified'
        WHEN f.citizen_id IS NOT NULL THEN 'matched'
        WHEN x.decision = 'not_in_registry' THEN 'not_in_registry'
        WHEN c.row_no IS NOT NULL THEN 'clerical_review'
        WHEN {searchable} THEN 'not_in_registry'
        ELSE 'insufficient'
    END AS link_status,
    coalesce(f.link_method,
        CASE WHEN x.decision IS NOT NULL THEN 'decision' {no_registry} END) AS link_method,
    coalesce(f.match_probability, c.match_probability) AS match_probability,
    coalesce(f.differing_fields, []::VARCHAR[]) AS differing_fields,
    {four_field_match} AS four_field_match, u.duplicate_of
FROM read_parquet({doses}, file_row_number = true) AS d
LEFT JOIN searched AS s ON s.row_no = d.file_row_number + 1
LEFT JOIN linked_fields AS f ON f.row_no = d.file_row_number + 1
LEFT JOIN decided AS x ON x.row_no = d.file_row_number + 1
LEFT JOIN duplicates AS u ON u.row_no = d.file_row_number + 1
LEFT JOIN plain_matches AS m ON m.row_no = d.file_row_number + 1
LEFT JOIN (SELECT row_no, max(match_probability) AS match_probability FROM review GROUP BY row_no) AS c
    ON c.row_no = d.file_row_number + 1"""

CANDIDATES = """
SELECT d.source_file, d.source_row, c.citizen_id, c.match_probability
FROM review AS c
JOIN read_parquet({doses}, file_row_number = true) AS d ON d.file_row_number + 1 = c.row_no"""


def compare_fields(con: duckdb.DuckDBPyConnection, doses: str) -> None:
    """Make `linked_fields` (links, differing fields) and `plain_matches` (the four-field result)."""
    con.execute(LINKED_FIELDS)
    con.execute(PLAIN.format(doses=doses))


def links_query(doses: str, has_registry: bool) -> str:
    """Return the query of the table `links`.

    Without a registry nothing was compared: `four_field_match` is null, a row that could have been
    searched for is `not_in_registry` ("chưa tìm thấy") by the method `no_registry`, and only a row with
    too little in it is `insufficient`.
    """
    return LINKS.format(
        doses=doses,
        searchable=SEARCHABLE_FIELDS,
        four_field_match="m.row_no IS NOT NULL" if has_registry else "NULL",
        no_registry="" if has_registry else "WHEN s.row_no IS NOT NULL THEN 'no_registry'",
    )


def candidates_query(doses: str) -> str:
    """Return the query of the table `clerical_candidates`."""
    return CANDIDATES.format(doses=doses)
