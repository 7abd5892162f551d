"""How far a unit's figures can be trusted: a grade by a stated rule, with what lowers it."""

import duckdb

from analysis.settings import RunParameters
from analysis.tables import write_table

# A reason lowers the grade to trung bình, or to thấp; with none it is cao (sources page-11).
PARTLY, LOW = 1, 2
GRADES = ("cao", "trung bình", "thấp")
# What lowers it: reason → how far, and when (SQL over the unit's measures).
REASONS = {
    "entry_unknown": (LOW, "entry_pct IS NULL"),
    "entry_low": (LOW, "entry_pct < 80"),
    "entry_partly": (PARTLY, "entry_pct >= 80 AND entry_pct < 95"),
    "entry_above": (PARTLY, "entry_pct > 102"),
    "unlinked_many": (LOW, "unlinked_pct >= 10"),
    "unlinked_some": (PARTLY, "unlinked_pct >= 5 AND unlinked_pct < 10"),
    "denominator_unknown": (LOW, "coverage_pct IS NULL"),
    "denominator_apart": (LOW, "abs(coverage_pct - coverage_registry_pct) >= 10"),
    "above_100": (PARTLY, "coverage_pct > 100"),
    "files_unread": (PARTLY, "files_unread > 0"),
}
SMALLEST_BASE = 200  # of fewer records a share would name fewer than 10 people (sources page-4)
UNLINKED = "('not_in_registry', 'insufficient', 'clerical_review')"
LEVELS = "('country', 'province', 'district')"

MEASURES = f"""
WITH rates AS (
    SELECT unit_level, unit_code, coverage_pct, coverage_registry_pct FROM coverage
    WHERE reference_date = $as_of AND basis = 'reported' AND age_group = '18+' AND series_status = 'at_least_one'),
entered AS (
    SELECT unit_level, unit_code, entry_pct FROM entry_progress WHERE reference_date = $as_of),
searched AS (
    SELECT unit_level, unit_code, 100 * coalesce(sum(rows) FILTER (link_status IN {UNLINKED}), 0) / sum(rows)
        AS unlinked_pct
    FROM verification WHERE link_status <> 'rejected' AND four_field_match IS NOT NULL
    GROUP BY ALL HAVING sum(rows) >= {SMALLEST_BASE}),
unread AS (
    SELECT count(DISTINCT source_file) AS files_unread FROM quality
    WHERE folder IN ('platform', 'daily_reports') AND (status = 'quarantined' OR reason_code = 'value_unreadable'))
SELECT * FROM rates FULL JOIN entered USING (unit_level, unit_code)
LEFT JOIN searched USING (unit_level, unit_code) CROSS JOIN unread
WHERE unit_level IN {LEVELS}"""


def write_confidence(con: duckdb.DuckDBPyConnection, run: RunParameters) -> int:
    """Write `confidence`: one row a unit down to the district; reads views of the tables that MEASURES names."""
    measures = MEASURES.replace("$as_of", f"DATE '{run.as_of}'")
    listed = ", ".join(f"CASE WHEN {when} THEN '{name}' END" for name, (_, when) in REASONS.items())
    worst = ", ".join(f"CASE WHEN {when} THEN {step} ELSE 0 END" for step, when in REASONS.values())
    grades = ", ".join(f"'{grade}'" for grade in GRADES)
    query = (
        f"SELECT unit_level, unit_code, list_extract([{grades}], 1 + greatest({worst})) AS grade, "
        f"concat_ws(' ', {listed}) AS reasons FROM ({measures})"
    )
    return write_table(con, "confidence", query, run)
