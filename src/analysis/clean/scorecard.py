"""The quality scorecard: every measure of `quality_measures` counted by place given and by facility.

Only counts are written: the share is rows_good ÷ rows_of. The country is all files that were read. A
repeated record is the one entered later, wherever it was entered; what repeats in other words is found by
the duplicates of the reconcile stage, not here.
"""

import duckdb

from analysis.clean.quality_measures import MEASURES, Measure
from analysis.engine import sql_path
from analysis.settings import RunParameters
from analysis.tables import TABLES, write_table

COUNTRY = "VN"
LEAST_DOSES = 10  # a facility with fewer doses is not named (reliability 6.5)

CONTENT = "name_key, birth_date, sex, id_number, vaccine, dose_number, vaccination_date"
# Of records alike the first entered is kept; order within a day is that of the files.
REPEATED = """
CREATE OR REPLACE TEMP TABLE {name} AS
WITH alike AS (
    SELECT hash({key}) AS key, {{'day': coalesce(entry_date, DATE '9999-12-31'), 'row': file_row_number}} AS seen
    FROM numbered WHERE {where}),
several AS (SELECT key FROM alike GROUP BY key HAVING count(*) > 1)
SELECT a.seen.row AS file_row_number
FROM alike AS a JOIN (SELECT key, min(seen) AS first FROM alike SEMI JOIN several USING (key) GROUP BY key) AS f
    ON f.key = a.key AND f.first <> a.seen"""

SCORED = """
CREATE OR REPLACE TEMP VIEW scored AS
SELECT n.*, DATE '{as_of}' AS as_of, c.file_row_number IS NOT NULL AS is_repeated_code,
    t.file_row_number IS NOT NULL AS is_repeated_content
FROM numbered AS n LEFT JOIN repeated_codes AS c USING (file_row_number)
LEFT JOIN repeated_contents AS t USING (file_row_number)"""

# A facility is its code; without one, its name as typed within the district. Units are sums of these.
TALLIED = """
CREATE OR REPLACE TEMP TABLE tallied AS
SELECT place_given_province_code AS province_code, place_given_district_code AS district_code, facility_code,
    CASE WHEN facility_code IS NULL THEN facility_name END AS facility_name, count(*) AS records, {counts}
FROM scored GROUP BY 1, 2, 3, 4"""

BY_UNIT = """
SELECT CASE WHEN grouping(province_code) = 1 THEN 'country'
            WHEN grouping(district_code) = 1 THEN 'province' ELSE 'district' END AS unit_level,
    coalesce(CASE WHEN grouping(district_code) = 0 THEN district_code ELSE province_code END, '{country}')
        AS unit_code, {sums}
FROM tallied GROUP BY GROUPING SETS ((), (province_code), (province_code, district_code))
HAVING (grouping(province_code) = 1 OR province_code IS NOT NULL)
    AND (grouping(district_code) = 1 OR district_code IS NOT NULL)"""

BY_FACILITY = """
SELECT * FROM tallied WHERE records >= {least} AND coalesce(facility_code, facility_name) IS NOT NULL"""


def write_scorecard(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Write `quality_scores` and `facility_scores` from the finished table `doses`.

    A measure of which a unit has no record has no row. Facilities with fewer than LEAST_DOSES records are
    left out.
    """
    con.execute(
        "CREATE OR REPLACE TEMP VIEW numbered AS SELECT * FROM "
        f"read_parquet({sql_path(TABLES['doses'].path(run))}, file_row_number = true) WHERE NOT is_rejected"
    )
    known = "name_key IS NOT NULL AND vaccination_date IS NOT NULL"
    for name, key, where in (
        ("repeated_codes", "dose_record_id", "dose_record_id IS NOT NULL"),
        ("repeated_contents", CONTENT, known),
    ):
        con.execute(REPEATED.format(name=name, key=key, where=where))
    con.execute(SCORED.format(as_of=run.as_of))
    counts = ", ".join(_counts(number, measure) for number, measure in enumerate(MEASURES))
    con.execute(TALLIED.format(counts=counts))
    sums = ", ".join(f"sum({c}_{i}) AS {c}_{i}" for i in range(len(MEASURES)) for c in ("of", "good"))
    write_table(con, "quality_scores", _measured(BY_UNIT.format(sums=sums, country=COUNTRY)), run)
    write_table(con, "facility_scores", _measured(BY_FACILITY.format(least=LEAST_DOSES)), run)


def _counts(number: int, measure: Measure) -> str:
    of = f"({measure.rows_of})"
    return (
        f"count(*) FILTER ({of}) AS of_{number}, "
        f"count(*) FILTER ({of} AND ({measure.rows_good})) AS good_{number}"
    )


def _measured(wide: str) -> str:
    """Return SQL that gives each measure of a wide row a row of its own."""
    measures = ", ".join(
        f"{{'dimension': '{m.dimension}', 'measure': '{m.name}', 'rows_of': of_{i}, 'rows_good': good_{i}}}"
        for i, m in enumerate(MEASURES)
    )
    return (
        f"SELECT * FROM (SELECT *, unnest([{measures}], recursive := true) FROM ({wide})) WHERE rows_of > 0"
    )
