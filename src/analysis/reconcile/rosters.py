"""People listed before vaccination, checked against the registry (steps 1–2 of dispatch 8938/BYT-DP)."""

from analysis.reconcile.verdicts import SEARCHABLE, linked_rows_query

# doses_found: doses of the citizen that count once each, so duplicates are left out.
ROSTER_CHECKS = """
WITH dose_counts AS (
    SELECT l.citizen_id, count(*) AS doses_found
    FROM (
        SELECT row_no, citizen_id FROM linked
        SEMI JOIN (SELECT citizen_id FROM linked WHERE row_no > (SELECT count(*) FROM doses)) USING (citizen_id)
        ANTI JOIN duplicates USING (row_no)) AS l
    JOIN read_parquet({doses}, file_row_number = true) AS d ON d.file_row_number + 1 = l.row_no
    WHERE d.is_counted GROUP BY l.citizen_id)
SELECT r.source_file, r.source_row, r.citizen_id,
    CASE
        WHEN r.is_rejected THEN 'rejected'
        WHEN r.is_foreigner THEN 'out_of_scope'
        WHEN r.citizen_id IS NOT NULL AND len(r.differing_fields) = 0 THEN 'verified'
        WHEN r.citizen_id IS NOT NULL THEN 'matched'
        WHEN c.row_no IS NOT NULL THEN 'clerical_review'
        WHEN {searchable} THEN 'not_in_registry'
        ELSE 'insufficient'
    END AS link_status,
    r.differing_fields, CASE WHEN r.citizen_id IS NOT NULL THEN coalesce(n.doses_found, 0) END AS doses_found
FROM ({linked_rows}) AS r
LEFT JOIN (SELECT DISTINCT row_no FROM review) AS c USING (row_no)
LEFT JOIN dose_counts AS n ON n.citizen_id = r.citizen_id"""


def roster_checks_query(doses: str, rosters: str) -> str:
    """Return the query of the table `roster_checks`; the paths are SQL literals."""
    linked_rows = linked_rows_query(rosters, "1 + (SELECT count(*) FROM doses)")
    return ROSTER_CHECKS.format(doses=doses, linked_rows=linked_rows, searchable=SEARCHABLE)
