"""People listed before vaccination, checked against the registry (steps 1–2 of dispatch 8938/BYT-DP)."""

from analysis.reconcile.verdicts import SEARCHABLE_FIELDS

# doses_found: doses of the citizen that count once each, so duplicates are left out.
ROSTER_CHECKS = """
WITH dose_counts AS (
    SELECT l.citizen_id, count(*) AS doses_found
    FROM links AS l JOIN doses AS d USING (source_file, source_row)
    WHERE l.citizen_id IS NOT NULL AND l.duplicate_of IS NULL AND d.is_counted
      AND l.link_status != 'rejected'
    GROUP BY l.citizen_id)
SELECT r.source_file, r.source_row, f.citizen_id,
    CASE
        WHEN r.is_rejected THEN 'rejected'
        WHEN r.is_foreigner THEN 'out_of_scope'
        WHEN f.citizen_id IS NOT NULL AND len(f.differing_fields) = 0 THEN 'verified'
        WHEN f.citizen_id IS NOT NULL THEN 'matched'
        WHEN c.row_no IS NOT NULL THEN 'clerical_review'
        WHEN {searchable} THEN 'not_in_registry'
        ELSE 'insufficient'
    END AS link_status,
    coalesce(f.differing_fields, []::VARCHAR[]) AS differing_fields,
    CASE WHEN f.citizen_id IS NOT NULL THEN coalesce(n.doses_found, 0) END AS doses_found
FROM (SELECT *, file_row_number + 1 + (SELECT count(*) FROM doses) AS row_no
      FROM read_parquet({rosters}, file_row_number = true)) AS r
LEFT JOIN searched AS s USING (row_no)
LEFT JOIN linked_fields AS f USING (row_no)
LEFT JOIN (SELECT DISTINCT row_no FROM review) AS c USING (row_no)
LEFT JOIN dose_counts AS n ON n.citizen_id = f.citizen_id"""


def roster_checks_query(rosters: str) -> str:
    """Return the query of the table `roster_checks`; it reads the written `links` and `doses`."""
    return ROSTER_CHECKS.format(rosters=rosters, searchable=SEARCHABLE_FIELDS)
