"""What an audit speaks for: the provinces whose lists came back, and the country only when all of them did."""

import io
from collections.abc import Iterable
from contextlib import redirect_stdout
from datetime import date

import duckdb
import pytest

from analysis.audit.command import _tell_result
from analysis.audit.drawing import Draw
from analysis.audit.outcomes import count_linked_rows
from analysis.audit.report import AuditResult, report_audit
from analysis.reference import read_provinces

CODES = tuple(read_provinces()["province_code"])
THREE = ("02", "04", "06")
ROWS, DRAWN = 40, 10  # of each province; in 02 every second link is wrong

_WEEK = f"""
CREATE TABLE homes AS SELECT unnest({list(CODES)}) AS province_code;
CREATE TABLE entry_progress AS SELECT 'province' AS unit_level, province_code AS unit_code, 5 AS doses_recorded FROM homes;
CREATE TABLE doses AS SELECT 'f' AS source_file, row_number() OVER () AS source_row, province_code,
    province_code AS place_given_province_code, '01' AS ethnicity, 'citizen_number' AS id_kind,
    source_row::VARCHAR AS id_number, 'ten' AS name_key, '1980-01-01' AS birth_date, true AS is_counted,
    false AS is_rejected
FROM (SELECT * FROM homes, range({ROWS}) ORDER BY ALL);
CREATE TABLE links AS SELECT source_file, source_row, id_number AS citizen_id, 'matched' AS link_status,
    'same_citizen_number' AS link_method, 1.0 AS match_probability, true AS four_field_match FROM doses;
CREATE TABLE citizens AS SELECT citizen_id FROM links;
CREATE TABLE clerical_candidates (source_file VARCHAR, source_row BIGINT, citizen_id VARCHAR, match_probability DOUBLE);
CREATE TABLE audit_sample AS SELECT source_file, source_row, 'full_agreement' AS stratum, 'sure' AS pool,
    province_code AS unit_code, false AS is_asked_again
FROM doses QUALIFY row_number() OVER (PARTITION BY province_code ORDER BY source_row) <= {DRAWN};
"""
_ANSWERS = """
CREATE TABLE audit_answers AS
SELECT source_file, source_row, look, 'found' AS answer,
    if(unit_code = '02' AND source_row % 2 = 0, (source_row + 1)::VARCHAR, source_row::VARCHAR) AS citizen_number
FROM audit_sample, (VALUES (1), (2)) AS looks(look) WHERE unit_code IN (SELECT unnest(?))"""


def audit(back: Iterable[str], drawn_from: tuple[str, ...] = (), own: tuple[str, ...] = CODES) -> AuditResult:
    """Return the result when the lists of these provinces came back; `own`: provinces with files in the run."""
    with duckdb.connect() as con:
        con.execute(_WEEK)
        con.execute("DELETE FROM entry_progress WHERE unit_code NOT IN (SELECT unnest(?))", [list(own)])
        if drawn_from:
            con.execute(
                "DELETE FROM audit_sample WHERE unit_code NOT IN (SELECT unnest(?))", [list(drawn_from)]
            )
        con.execute(_ANSWERS, [list(back)])
        count_linked_rows(con)
        return report_audit(con, Draw("run", 600, drawn_from, 1, date(2021, 11, 8)))


def told(result: AuditResult) -> str:
    with redirect_stdout(io.StringIO()) as out:
        _tell_result(result)
    return out.getvalue()


def test_three_of_63_provinces_are_not_the_country() -> None:
    """The result bears their codes, is of their rows alone, and is printed under their names."""
    result = audit(THREE)
    assert result.unit_code == "02 04 06"
    precision = result.measures["precision_pct"]
    assert precision.value == pytest.approx(100 * (1 - 5 / 30))
    assert result.measures["people"].value <= ROWS * len(THREE)
    assert result.strata["full_agreement"][:2] == (DRAWN * len(THREE), 5)
    assert "speaks for: 02 Hà Giang, 04 Cao Bằng, 06 Bắc Kạn; not for the country" in told(result)


def test_provinces_drawn_alone_are_not_the_country() -> None:
    assert audit(THREE, drawn_from=THREE).unit_code == "02 04 06"
    assert audit(("04",), drawn_from=THREE).unit_code == "04"


def test_all_provinces_are_the_country() -> None:
    result = audit(CODES)
    assert result.unit_code == "VN"
    assert result.strata["full_agreement"][:2] == (DRAWN * len(CODES), 5)
    assert "speaks for: the country" in told(result)
    assert audit(CODES[1:]).unit_code == " ".join(CODES[1:])


def test_a_run_of_one_province_is_that_provinces_audit() -> None:
    """Its guests' homes are drawn too; they are neither named nor make it the country."""
    assert audit(CODES, own=("02",)).unit_code == "02"
    assert audit(("02", "30"), own=("02",)).unit_code == "02"


def test_nothing_is_said_before_a_list_is_back() -> None:
    result = audit(())
    assert (result.unit_code, result.measures) == ("", {})
    assert "speaks for: no province yet" in told(result)
