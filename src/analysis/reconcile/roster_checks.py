"""People listed before vaccination, checked against the registry (sources link-7)."""

from analysis.reconcile.verdicts import LINKED_ROWS, SEARCHABLE
from analysis.steps import written

# doses_found: doses of the citizen that count once each, so duplicates are left out.
ROSTER_CHECKS = f"""
WITH dose_counts AS (
    SELECT l.citizen_id, count(*) AS doses_found
    FROM (
        SELECT row_no, citizen_id FROM linked
        SEMI JOIN (SELECT citizen_id FROM linked WHERE row_no > (SELECT count(*) FROM dose_rows)) USING (citizen_id)
        ANTI JOIN duplicates USING (row_no)) AS l
    JOIN dose_rows AS d USING (row_no)
    WHERE d.is_counted GROUP BY l.citizen_id)
SELECT r.source_file, r.source_row, r.citizen_id,
    CASE
        WHEN r.is_rejected THEN 'rejected'
        WHEN r.is_foreigner THEN 'out_of_scope'
        WHEN r.citizen_id IS NOT NULL AND len(r.differing_fields) = 0 THEN 'verified'
        WHEN r.citizen_id IS NOT NULL THEN 'matched'
        WHEN c.row_no IS NOT NULL THEN 'clerical_review'
        WHEN {SEARCHABLE} THEN 'not_in_registry'
        ELSE 'insufficient'
    END AS link_status,
    r.differing_fields, CASE WHEN r.citizen_id IS NOT NULL THEN coalesce(n.doses_found, 0) END AS doses_found
FROM ({LINKED_ROWS.format(rows="roster_lines")}) AS r
LEFT JOIN (SELECT DISTINCT row_no FROM review) AS c USING (row_no)
LEFT JOIN dose_counts AS n ON n.citizen_id = r.citizen_id"""

STEP = written("roster_checks", "dose_rows roster_lines linked duplicates citizens review", ROSTER_CHECKS)
