"""What the links mean for coverage: people counted per district against truth, in percentage points."""

from pathlib import Path

import duckdb

from analysis.engine import sql_path

LARGE_DISTRICT = 20_000  # adults; the bound of 0.2 percentage points is meant for these

# The linkage's own error: people with a counted row, by our links and by true ones, same rows, same homes.
LINKAGE = """
WITH homes AS (SELECT citizen_id, district_code FROM truth_people WHERE life_status = 'alive'),
ours AS (
    SELECT district_code, count(DISTINCT citizen_id) AS people
    FROM scored JOIN homes USING (citizen_id) WHERE is_counted GROUP BY 1),
by_truth AS (
    SELECT district_code, count(DISTINCT true_citizen) AS people
    FROM scored JOIN homes ON homes.citizen_id = true_citizen WHERE {rows} GROUP BY 1)
SELECT t.unit_code, t.people AS adults,
    100.0 * (coalesce(o.people, 0) - coalesce(r.people, 0)) / t.people AS points
FROM truth_coverage AS t LEFT JOIN ours AS o ON o.district_code = t.unit_code
LEFT JOIN by_truth AS r ON r.district_code = t.unit_code
WHERE t.unit_level = 'district' AND t.age_group = '18+' AND t.people > 0"""

# The same error with what the count leaves out allowed for, as the run estimates it (coverage_estimate): against people
# with any row on the platform, whatever day was typed.
ESTIMATED = """
WITH added AS (
    SELECT e.unit_code, e.people - c.people AS added, e.people_low - c.people AS least, e.people_high - c.people AS most
    FROM read_parquet({estimate}) AS e JOIN read_parquet({coverage}) AS c USING (unit_level, unit_code, series_status)
    WHERE unit_level = 'district' AND series_status = 'at_least_one' AND age_group = '18+' AND basis = 'reconciled'
    QUALIFY reference_date = max(reference_date) OVER ())
SELECT unit_code, adults, points + 100.0 * added / adults AS points,
    round(points + 100.0 * least / adults, 9) <= 0 AND round(points + 100.0 * most / adults, 9) >= 0 AS is_held
FROM ({linkage}) JOIN added USING (unit_code)"""
# How often the estimate's range holds those people: of few adults, of more, of large districts.
HELD_FROM = (0, 1_000, LARGE_DISTRICT)

# The published figure against everyone truly vaccinated: what is not yet entered weighs here too.
PUBLISHED = """
WITH ours AS (
    SELECT unit_code, people FROM read_parquet({path})
    WHERE unit_level = 'district' AND age_group = '18+' AND basis = 'reconciled' AND people IS NOT NULL
      AND series_status = '{series}'
    QUALIFY reference_date = max(reference_date) OVER ())
SELECT t.unit_code, t.people AS adults, 100.0 * (o.people - t.{series}) / t.people AS points
FROM truth_coverage AS t JOIN ours AS o USING (unit_code)
WHERE t.unit_level = 'district' AND t.age_group = '18+' AND t.people > 0"""

SUMMARY = """
SELECT count(*), coalesce(max(abs(points)), 0), coalesce(arg_max(unit_code, abs(points)), '-'),
    coalesce(avg(abs(points)), 0), count(*) FILTER (adults >= {large}),
    coalesce(max(abs(points)) FILTER (adults >= {large}), 0),
    coalesce(avg(points), 0)
FROM ({errors})"""


def _line(con: duckdb.DuckDBPyConnection, label: str, errors: str) -> str:
    districts, worst, worst_unit, mean, large, worst_large, bias = con.execute(
        SUMMARY.format(errors=errors, large=LARGE_DISTRICT)
    ).fetchall()[0]
    return (
        f"  {label:<39} districts {districts:>4}  mean {mean:.3f}  worst {worst:.3f} ({worst_unit});  "
        f"of {LARGE_DISTRICT:,} adults and more {large:>4}, worst {worst_large:.3f}; bias {bias:+.3f}"
    )


def _held_line(con: duckdb.DuckDBPyConnection, errors: str) -> str:
    told = []
    for least in HELD_FROM:
        query = f"SELECT count(*) FILTER (is_held), count(*) FROM ({errors}) WHERE adults >= {least}"
        held, districts = con.execute(query).fetchall()[0]
        told.append(f"{held} of {districts} districts" + (f" of {least:,} adults and more" if least else ""))
    return f"  {'its range holds the truth':<39} {', '.join(told)}"


def coverage_lines(con: duckdb.DuckDBPyConnection, processed: Path) -> list[str]:
    """Return lines on the error per district: of the links alone, of the estimate and its range, and as published."""
    lines = [_line(con, "links alone, at_least_one", LINKAGE.format(rows="is_counted"))]
    path = processed / "aggregate" / "coverage.parquet"
    if not path.is_file():
        return [*lines, "  coverage.parquet: not there (the coverage stage has not run)"]
    estimate = path.with_name("coverage_estimate.parquet")
    if estimate.is_file():
        linkage = LINKAGE.format(rows="is_dose")
        errors = ESTIMATED.format(estimate=sql_path(estimate), coverage=sql_path(path), linkage=linkage)
        lines += [_line(con, "links and estimate, at_least_one", errors), _held_line(con, errors)]
    for series in ("at_least_one", "primary_complete"):
        errors = PUBLISHED.format(path=sql_path(path), series=series)
        lines.append(_line(con, f"published against given, {series}", errors))
    return lines
