"""Probabilities against what an audit or the truth says: by band and by stratum, or that there is nothing to compare."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from analysis.reconcile.drawn.calibration import NOTHING, calibration_figure, count_calibration
from analysis.settings import RunParameters
from conftest import PublishedRun


@pytest.fixture
def intake(tiny: PublishedRun, tmp_path: Path) -> RunParameters:
    """Return the tiny week as one of an intake elsewhere, with no earlier week, not marked as simulated."""
    (tmp_path / "raw").mkdir()
    return replace(tiny.run, raw=tmp_path / "raw", previous=None)


def truth_beside(run: RunParameters, wrong: int = 0) -> None:
    """Write a truth in which every link is right but the first few, and nobody else is in the registry."""
    folder = run.raw.with_name("raw_truth")
    folder.mkdir()
    links = run.restricted / "links.parquet"
    duckdb.sql(
        f"""COPY (SELECT source_file, source_row,
            CASE WHEN row_number() OVER (ORDER BY match_probability, source_file, source_row) > {wrong}
                THEN citizen_id END AS citizen_id FROM '{links}') TO '{folder}/doses.parquet'"""
    )


def test_without_audit_and_truth_it_says_so(intake: RunParameters) -> None:
    truth_beside(intake)  # of an intake that is not simulated nobody knows the truth
    found = count_calibration(intake)
    assert found.empty
    (text,) = calibration_figure(found).axes[0].texts
    assert text.get_text() == NOTHING


def test_a_simulated_intake_is_held_against_its_truth(intake: RunParameters) -> None:
    (intake.raw / "intake.json").write_text('{"simulated": true}', encoding="utf-8")
    truth_beside(intake, wrong=2)
    found = count_calibration(intake).set_index(["part", "name"])
    assert set(found["source"]) == {"truth"}
    linked = duckdb.sql(f"SELECT count(citizen_id) FROM '{intake.restricted}/links.parquet'").fetchall()[0][0]
    strata = found.loc["stratum"]
    on_links = strata[
        strata.index.isin(["full_agreement", "number", "description", "probability_high", "probability_low"])
    ]
    assert on_links["rows"].sum() <= linked
    wrong = (on_links["rows"] * (100 - on_links["right_pct"]) / 100).sum()
    assert wrong == pytest.approx(2)
    assert (strata.loc[~strata.index.isin(on_links.index), "right_pct"] == 100).all()
    bands = found.loc["band"]
    low, high = (bands.index.str.split("–").str[place].astype(float) for place in (0, 1))
    assert ((bands["predicted_pct"] / 100).between(low, high)).all()
    assert "source_file" not in found.columns


def test_an_audit_is_shown_beside_it(intake: RunParameters, tmp_path: Path) -> None:
    """Of the audited week itself, and of the week compared with."""
    earlier = tmp_path / "2021-10-31"
    (earlier / "aggregate").mkdir(parents=True)
    duckdb.sql(
        f"""COPY (SELECT * FROM (VALUES ('VN', 'review', 'right_pct', 30, 25.0, 12.0, 43.0),
            ('VN', 'review', 'predicted_pct', 30, 22.0, 22.0, 22.0), ('VN', 'all', 'precision_pct', 90, 99.0, 98.0, 99.9))
            AS a(unit_code, stratum, measure, sampled, estimate, low, high)) TO '{earlier}/aggregate/audit_result.parquet'"""
    )
    found = count_calibration(replace(intake, previous=earlier))
    (row,) = found.to_dict("records")
    assert [row[c] for c in ("source", "name", "rows", "predicted_pct", "right_pct", "low", "high")] == [
        *("audit", "review", 30),
        *(22.0, 25.0, 12.0, 43.0),
    ]
    bands, strata = calibration_figure(found).axes
    assert "chỉ có ở số liệu mô phỏng" in bands.get_title()
    assert [label.get_text() for label in strata.get_yticklabels()] == ["Chờ người quyết định"]
