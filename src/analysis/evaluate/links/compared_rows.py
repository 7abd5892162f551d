"""The run's tables joined with the truth, row by row and person by person."""

from pathlib import Path

import duckdb

from analysis.clean.dose_records import IMPOSSIBLE_CODES
from analysis.engine import sql_path
from analysis.errors import RequestError

# Citizens born on one day in one commune: twins, and the few namesakes by birthday that a commune has.
BORN_TOGETHER = """
SELECT citizen_id FROM citizens WHERE length(birth_date) = 10 AND NOT ends_with(birth_date, '-01-01')
QUALIFY count(*) OVER (PARTITION BY birth_date, permanent_commune_code) > 1"""

# A run without a registry, or of a former version.
NO_CITIZENS = "(SELECT '' AS citizen_id, '' AS birth_date, '' AS permanent_commune_code LIMIT 0)"

# Given by as_of, though the day may be of no use (sources count-21); what was entered or given later is not.
IS_DOSE = f"""(d.is_counted OR (NOT d.is_rejected AND (NOT list_contains(d.reason_codes, 'after_as_of')
    OR list_has_any(d.reason_codes, {[*IMPOSSIBLE_CODES]}))))"""

# Rows that only the run or only the truth has stay visible: `in_run`, `in_truth`.
SCORED = f"""
CREATE TEMP TABLE scored AS
SELECT t.source_file IS NOT NULL AS in_truth, d.source_file IS NOT NULL AS in_run,
    coalesce(t.person_kind, 'none') AS person_kind, t.citizen_id AS true_citizen, l.citizen_id,
    t.person_key, t.dose_key, t.errors, t.four_field_match AS true_four_field_match,
    coalesce(l.four_field_match, false) AS four_field_match, l.link_status,
    coalesce(l.link_method, 'none') AS link_method, l.duplicate_of, d.source_file, d.source_row,
    d.is_counted, {IS_DOSE} AS is_dose, d.is_rejected, coalesce(d.ethnicity, '') AS ethnicity, p.sex AS true_sex,
    coalesce(d.province_code, '') AS province_code,
    coalesce(left(p.birth_date, 3) || '0s', '') AS birth_decade,
    coalesce(t.citizen_id IN ({BORN_TOGETHER}), false) AS is_born_together, d.id_number IS NULL AS has_no_number
FROM truth_doses AS t
FULL JOIN doses AS d USING (source_file, source_row)
LEFT JOIN links AS l ON l.source_file = d.source_file AND l.source_row = d.source_row
LEFT JOIN truth_people AS p ON p.person_key = t.person_key"""

RIGHT = "citizen_id = true_citizen"
WRONG = "citizen_id IS NOT NULL AND citizen_id IS DISTINCT FROM true_citizen"


def open_comparison(processed: Path, truth: Path) -> duckdb.DuckDBPyConnection:
    """Open an engine with the views of run and truth and the table `scored`; raises RequestError."""
    tables = {
        "doses": processed / "restricted" / "doses.parquet",
        "links": processed / "restricted" / "links.parquet",
        "clerical_candidates": processed / "restricted" / "clerical_candidates.parquet",
        "truth_doses": truth / "doses.parquet",
        "truth_people": truth / "people.parquet",
        "truth_coverage": truth / "coverage.parquet",
    }
    for name, path in tables.items():
        if not path.is_file():
            option = "--truth" if name.startswith("truth") else "--processed"
            raise RequestError(
                f"{option}: the folder holds no {path.name}; give a run and its intake's truth"
            )
    con = duckdb.connect()
    for name, path in tables.items():
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({sql_path(path)})")
    citizens = processed / "restricted" / "citizens.parquet"
    rows = f"read_parquet({sql_path(citizens)})" if citizens.is_file() else NO_CITIZENS
    con.execute(f"CREATE VIEW citizens AS SELECT * FROM {rows}")
    con.execute(SCORED)
    return con
