"""The quality scorecard: every measure of `quality_measures` counted by place given and by facility.

Only counts are written: the share is rows_good ÷ rows_of. The country is all files that were read. A
repeated record is the one entered later, wherever it was entered; what repeats in other words is found by
the duplicates of the reconcile stage, not here.
"""

from analysis.clean.quality.measures import MEASURES, Measure
from analysis.clean.quality.reason_codes import bits_sql
from analysis.clean.quality.shown_names import shown_sql
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, opened, written

COUNTRY = "VN"
FACILITY = ("facility_code", "facility_name")
LEAST_DOSES = 10  # a facility with fewer doses is not named (sources disclosure-3)

CONTENT = "name_key, birth_date, sex, id_number, vaccine, dose_number, vaccination_date"
# Of records alike the first entered is kept; order within a day is that of the files.
REPEATED = """
WITH alike AS (
    SELECT hash({key}) AS key, {{'day': coalesce(entry_date, DATE '9999-12-31'), 'row': file_row_number}} AS seen
    FROM kept_records WHERE {where}),
several AS (SELECT key FROM alike GROUP BY key HAVING count(*) > 1)
SELECT a.seen.row AS file_row_number
FROM alike AS a JOIN (SELECT key, min(seen) AS first FROM alike SEMI JOIN several USING (key) GROUP BY key) AS f
    ON f.key = a.key AND f.first <> a.seen"""

SCORED = """
SELECT n.*, r.reason_bits, DATE '{as_of}' AS as_of, c.file_row_number IS NOT NULL AS is_repeated_code,
    t.file_row_number IS NOT NULL AS is_repeated_content
FROM kept_records AS n JOIN reason_lists AS r USING (reason_codes) LEFT JOIN repeated_codes AS c USING (file_row_number)
LEFT JOIN repeated_contents AS t USING (file_row_number)"""

# A facility is its code; without one, its name as typed within the district. Units are sums of these.
TALLIED = """
SELECT place_given_province_code AS province_code, place_given_district_code AS district_code, facility_code,
    CASE WHEN facility_code IS NULL THEN facility_name END AS facility_name, count(*) AS records, {counts}
FROM scored_records GROUP BY 1, 2, 3, 4"""

BY_UNIT = """
SELECT CASE WHEN grouping(province_code) = 1 THEN 'country'
            WHEN grouping(district_code) = 1 THEN 'province' ELSE 'district' END AS unit_level,
    coalesce(CASE WHEN grouping(district_code) = 0 THEN district_code ELSE province_code END, '{country}')
        AS unit_code, {sums}
FROM record_tallies GROUP BY GROUPING SETS ((), (province_code), (province_code, district_code))
HAVING (grouping(province_code) = 1 OR province_code IS NOT NULL)
    AND (grouping(district_code) = 1 OR district_code IS NOT NULL)"""

BY_FACILITY = """
SELECT * FROM record_tallies WHERE records >= {least} AND coalesce(facility_code, facility_name) IS NOT NULL"""


def tally_steps(run: RunParameters) -> Plan:
    """Return the steps from the finished table `doses` to `record_tallies`."""
    known = "name_key IS NOT NULL AND vaccination_date IS NOT NULL"
    code = {"key": "dose_record_id", "where": "dose_record_id IS NOT NULL"}
    counts = ", ".join(_counts(number, measure) for number, measure in enumerate(MEASURES))
    row = "one dose record whose {} stands on one entered before"
    return (
        opened("doses", run, is_numbered=True, name="numbered_doses"),
        Step(
            "kept_records",
            "one dose record that is not rejected",
            "numbered_doses",
            "SELECT * FROM numbered_doses WHERE NOT is_rejected",
            is_view=True,
        ),
        Step("repeated_codes", row.format("record code"), "kept_records", REPEATED.format(**code)),
        Step(
            "repeated_contents",
            row.format("content"),
            "kept_records",
            REPEATED.format(key=CONTENT, where=known),
        ),
        Step(
            "reason_lists",
            "one list of reason codes, and its bits",
            "kept_records",
            f"SELECT reason_codes, {bits_sql('reason_codes')} AS reason_bits FROM kept_records GROUP BY reason_codes",
        ),
        Step(
            "scored_records",
            "one dose record that is not rejected, and whether it repeats another",
            "kept_records reason_lists repeated_codes repeated_contents",
            SCORED.format(as_of=run.as_of),
            is_view=True,
        ),
        Step(
            "record_tallies",
            "one facility, and its records that meet each measure",
            "scored_records",
            TALLIED.format(counts=counts),
        ),
    )


def score_steps() -> Plan:
    """Return the steps from `record_tallies` to `quality_scores` and `facility_scores`.

    A measure of which a unit has no record has no row. Facilities with fewer than LEAST_DOSES records are
    left out. Needs the table `file_names`.
    """
    sums = ", ".join(f"sum({c}_{i}) AS {c}_{i}" for i in range(len(MEASURES)) for c in ("of", "good"))
    by_unit = BY_UNIT.format(sums=sums, country=COUNTRY)
    by_facility = shown_sql(BY_FACILITY.format(least=LEAST_DOSES), "text", FACILITY)
    return (
        written("quality_scores", "record_tallies", _measured(by_unit)),
        written("facility_scores", "record_tallies file_names", _measured(by_facility)),
    )


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
