"""Counts that contradict themselves: odd days, parts above their whole; told with file and row, changed nowhere.

Every figure stands as it was reported (sources in-11 to in-13). `suspicious_days` tells the trends stage which days to
learn the usual number from instead.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from analysis.clean.odd_days import find_odd_days
from analysis.clean.report_kinds import ReportKind
from analysis.intake.sources import StagedFile
from analysis.reference import read_units
from analysis.steps import Plan, Step, written
from analysis.tables import empty_table

JUDGED = ("doses_administered", "dose_1", "dose_2", "dose_3_plus")
_EPOCH = date(1970, 1, 1)
_FAR_ABOVE_PCT = 10  # of districts' people above their province's: more than a later reference day explains
_MOST_PLACES = 5
_FINDING = "one finding about a row of a report: its reason code, the column it is about, the day of the row"

_SERIES = """
SELECT province_code, district_code, reporting_body, '{m}' AS measure,
    list(date_diff('day', DATE '1970-01-01', report_date) ORDER BY report_date), list({m} ORDER BY report_date)
FROM daily_reports WHERE {m} IS NOT NULL GROUP BY ALL"""
_FOUND = """
SELECT t0 AS province_code, t1 AS district_code, t2 AS reporting_body, t3 AS measure,
    CAST(unnest(days) AS DATE) AS report_date, unnest(reported) AS reported, unnest(usual) AS usual, unnest(reasons) AS reason_code
FROM odd_series"""
# Where a province's own row stands for its districts, an odd district day is in it when the row is their sum.
_SUSPICIOUS = """
WITH own AS (SELECT * FROM odd_days WHERE reporting_body = 'province'),
wholes AS (
    SELECT o.province_code, o.report_date, o.measure, bool_or(r.district_code IS NULL) AS has_own,
        sum(value) FILTER (r.district_code IS NULL) AS whole, sum(value) FILTER (r.district_code IS NOT NULL) AS parts
    FROM (SELECT DISTINCT province_code, report_date, measure FROM own) AS o
    JOIN (SELECT *, CASE measure {values} END AS value FROM daily_reports, (SELECT unnest({measures}) AS measure)
          WHERE reporting_body = 'province') AS r USING (province_code, report_date, measure) GROUP BY ALL),
of_province AS (
    SELECT o.* FROM own AS o JOIN wholes AS w USING (province_code, report_date, measure)
    WHERE o.district_code IS NULL OR NOT w.has_own OR (w.whole = w.parts AND NOT EXISTS (
        SELECT 1 FROM own AS p WHERE p.district_code IS NULL AND p.province_code = o.province_code
            AND p.report_date = o.report_date AND p.measure = o.measure)))
SELECT unit_level, unit_code, coalesce(district_code, province_code) AS of_unit_code, report_date, measure, reported,
    usual, reason_code
FROM (SELECT 'district' AS unit_level, district_code AS unit_code, * FROM own WHERE district_code IS NOT NULL
    UNION ALL SELECT 'province', province_code, * FROM of_province
    UNION ALL SELECT 'country', 'VN', * FROM of_province)"""

_ODD = """
SELECT source_id, source_row, reason_code, measure AS field, r.report_date AS day
FROM odd_days AS o JOIN daily_reports_rows AS r ON r.fault IS NULL AND r.province_code = o.province_code
    AND r.district_code IS NOT DISTINCT FROM o.district_code AND r.report_date = o.report_date
    AND r.reporting_body = o.reporting_body
WHERE reason_code <> 'taken_back'"""
_DOSE_PARTS = """
SELECT source_id, source_row, 'parts_above_whole', 'doses_administered', report_date FROM daily_reports_rows
WHERE fault IS NULL AND least(dose_1, dose_2, dose_3_plus, doses_administered) >= 0
    AND coalesce(dose_1, 0) + coalesce(dose_2, 0) + coalesce(dose_3_plus, 0) > doses_administered"""
_DISTRICT_PARTS = """
SELECT source_id, source_row, 'districts_above_province', '{m}', report_date FROM (
    SELECT *, sum({m}) FILTER (district_code IS NOT NULL) OVER of_day AS parts, min({m}) OVER of_day AS least_count
    FROM daily_reports_rows WHERE fault IS NULL
    WINDOW of_day AS (PARTITION BY province_code, report_date, reporting_body))
WHERE district_code IS NULL AND parts > {m} AND least_count >= 0"""
# From the first day on which a province gave more than had come; odd days count as their usual number. Districts hand
# doses on to each other.
_ABOVE_RECEIVED = """
SELECT source_id, source_row, 'given_above_received', 'doses_administered', report_date FROM (
    SELECT r.*, sum(doses_received) OVER until_then AS got,
        sum(doses_administered - coalesce(o.reported - o.usual, 0)) OVER until_then AS given
    FROM daily_reports_rows AS r LEFT JOIN odd_days AS o ON o.measure = 'doses_administered' AND o.report_date = r.report_date
        AND o.province_code = r.province_code AND o.district_code IS NOT DISTINCT FROM r.district_code
        AND o.reporting_body = r.reporting_body
    WHERE fault IS NULL
    WINDOW until_then AS (PARTITION BY r.province_code, r.district_code, r.reporting_body ORDER BY r.report_date))
WHERE got > 0 AND given > got AND district_code IS NULL
QUALIFY row_number() OVER (PARTITION BY province_code, district_code, reporting_body ORDER BY report_date) = 1"""

# A part of an age group, and the group; both of one unit, source and day.
_AGES = "('18+', 'all'), ('12-17', 'all'), ('5-11', 'all'), ('50+', '18+'), ('65+', '50+'), ('50+', 'all'), ('65+', 'all')"
_AGE_PARTS = f"""
SELECT DISTINCT p.source_id, p.source_row, 'parts_above_whole' AS reason_code, p.age_group AS field, p.reference_date AS day
FROM population_rows AS p JOIN (VALUES {_AGES}) AS a(part, whole) ON a.part = p.age_group
JOIN population_rows AS w ON w.age_group = a.whole AND w.unit_code = p.unit_code AND w.reference_date = p.reference_date
    AND w.source = p.source AND w.fault IS NULL
WHERE p.fault IS NULL AND p.population > w.population"""
_DISTRICT_PEOPLE = f"""
SELECT w.source_id, w.source_row, 'districts_above_province', w.age_group, w.reference_date FROM population_rows AS w
JOIN (SELECT province_code, age_group, source, reference_date, sum(population) AS people FROM population_rows
      JOIN districts_of_provinces ON unit_code = district_code WHERE fault IS NULL GROUP BY ALL) AS d
    ON d.province_code = w.unit_code AND d.age_group = w.age_group AND d.source = w.source
    AND d.reference_date = w.reference_date
WHERE w.fault IS NULL AND 100 * d.people > {100 + _FAR_ABOVE_PCT} * w.population"""

_ACCOUNTS = """
WITH places AS (
    SELECT source_id, reason_code, header_row + source_row AS place, day, string_agg(field, ', ' ORDER BY field) AS of
    FROM {name}_findings JOIN {name}_header_rows USING (source_id) GROUP BY ALL),
told AS (
    SELECT source_id, reason_code, count(*) AS n,
        list('row ' || place || ', ' || day || ', ' || of ORDER BY place) AS each
    FROM places GROUP BY ALL)
SELECT source_file, reason_code, n AS rows_in, n AS rows_kept, 0 AS rows_rejected, 'ok' AS status,
    array_to_string(each[:{most}], '; ') || if(n > {most}, '; …', '') AS detail
FROM told JOIN {name}_files USING (source_id)"""


def odd_count_steps(kind: ReportKind, files: Sequence[StagedFile]) -> Plan:
    """Return the steps from a kind's rows to what is odd about them (`…_findings`, `…_odd_accounts`).

    Of daily reports also `suspicious_days`; none of feedback, and nothing but that table, empty, without files.
    """
    if kind.name == "daily_reports":
        if not files:
            return (written("suspicious_days", "", empty_table("suspicious_days")),)
        return (*_day_steps(), *_account_steps(kind, files))
    if kind.name != "population" or not files:
        return ()
    return (
        Step("districts_of_provinces", "one district and its province", frame=_districts),
        Step(
            "population_findings",
            _FINDING,
            "population_rows districts_of_provinces",
            f"{_AGE_PARTS} UNION ALL {_DISTRICT_PEOPLE}",
        ),
        *_account_steps(kind, files),
    )


def has_odd_counts(kind: ReportKind) -> bool:
    """Say whether the counts of a kind of report are looked at for what contradicts."""
    return kind.name in ("daily_reports", "population")


def _day_steps() -> Plan:
    lists = {"days": "VARCHAR[]", "reported": "BIGINT[]", "usual": "BIGINT[]", "reasons": "VARCHAR[]"}
    series = " UNION ALL ".join(_SERIES.format(m=measure) for measure in JUDGED)
    values = " ".join(f"WHEN '{m}' THEN {m}" for m in JUDGED)
    of_districts = [_DISTRICT_PARTS.format(m=measure) for measure in JUDGED]
    findings = " UNION ALL ".join([_ODD, _DOSE_PARTS, *of_districts, _ABOVE_RECEIVED])
    found = Step("odd_days", "one odd count of a unit, and what is usual around it", "odd_series", _FOUND)
    suspicious = _SUSPICIOUS.format(values=values, measures=list(JUDGED))
    return (
        Step(
            "odd_series",
            "one unit's counts of one kind, day by day, and the odd ones",
            "daily_reports",
            series,
            columns=lists,
            clean=_odd_row,
        ),
        found,
        written("suspicious_days", "daily_reports odd_days", suspicious),
        Step("daily_reports_findings", _FINDING, "daily_reports_rows odd_days", findings),
    )


def _odd_row(
    _province: str, _district: str | None, _body: str, _measure: str, days: list[int], counts: list[int]
) -> Sequence[list[int] | list[str]]:
    found = find_odd_days(counts)
    return (
        [(_EPOCH + timedelta(days=days[odd.index])).isoformat() for odd in found],
        [counts[odd.index] for odd in found],
        [odd.usual for odd in found],
        [odd.reason for odd in found],
    )


def _districts() -> pd.DataFrame:
    return read_units()[["province_code", "district_code"]].drop_duplicates()


def _account_steps(kind: ReportKind, files: Sequence[StagedFile]) -> Plan:
    rows = [(file.source_id, file.header.row + 1 if file.header else 0) for file in files]
    types = {"source_id": "int32", "header_row": "int64"}
    reads = f"{kind.name}_findings {kind.name}_header_rows {kind.name}_files"
    return (
        Step(
            f"{kind.name}_header_rows",
            "one file, and the row of its header as a spreadsheet counts it",
            frame=lambda: pd.DataFrame(rows, columns=list(types)).astype(types),
        ),
        Step(
            f"{kind.name}_odd_accounts",
            "one file and one thing that contradicts in it",
            reads,
            _ACCOUNTS.format(name=kind.name, most=_MOST_PLACES),
        ),
    )
