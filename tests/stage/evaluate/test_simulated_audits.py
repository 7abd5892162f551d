"""Simulated audits: many samples compared at once say what each alone would, and hold the truth."""

import duckdb
import numpy as np
import pytest

from analysis.engine import sql_path
from analysis.evaluate.links.audits import SimulatedAudits, repeat_audits
from linkage_samples import Sample, crowd, dose, link_sample

PEOPLE, STRANGERS = 160, 40


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> SimulatedAudits:
    """Return a week of people found by their number, whose truth says that four rows are of somebody else."""
    folder = tmp_path_factory.mktemp("audits")
    citizens = crowd(400)
    doses = [
        dose(c["full_name"], c["birth_date"], c["sex"], c["citizen_id"], is_counted=True)
        for c in citizens[:PEOPLE]
    ]
    doses += [
        dose(f"Xa Lạ {n}", "1951-01-03", "Nữ", f"0021517{n:05d}", is_counted=True) for n in range(STRANGERS)
    ]
    link_sample(Sample(doses, citizens), folder)
    (folder / "truth").mkdir()
    con = duckdb.connect()
    links = sql_path(folder / "processed" / "restricted" / "links.parquet")
    others = [c["citizen_id"] for c in citizens[300:304]]
    query = f"""SELECT source_file, source_row, coalesce({others}[source_row], citizen_id) AS citizen_id, 'citizen' AS person_kind,
        1 AS person_key, 1 AS dose_key, []::VARCHAR[] AS errors, true AS four_field_match FROM {links}"""
    people = "SELECT 1 AS person_key, 'Nam' AS sex, '1951-01-03' AS birth_date"
    for name, rows in (("doses", query), ("people", people), ("coverage", "SELECT 1 AS people")):
        con.execute(f"COPY ({rows}) TO {sql_path(folder / 'truth' / f'{name}.parquet')} (FORMAT parquet)")
    return SimulatedAudits(folder / "processed", folder / "truth")


def test_clerks_without_slips_find_the_truth(audits: SimulatedAudits) -> None:
    held = repeat_audits(audits, draws=60, size=80, error_rate=0.0, seed=1)
    precision = held["precision_pct"]
    assert precision.truth == pytest.approx(100 * (1 - 4 / PEOPLE))
    assert precision.mean == pytest.approx(precision.truth, abs=0.5)
    assert 0.4 < precision.errors < 4 * 80 / PEOPLE
    assert precision.held >= 0.9 and held["people"].held >= 0.9


def test_samples_compared_together_are_those_compared_alone(audits: SimulatedAudits) -> None:
    together = list(audits.audits(np.random.default_rng(3), 4, 60, 0.0))
    alone = list(audits.audits(np.random.default_rng(3), 1, 60, 0.0))
    assert alone[0] == together[0]
    assert all(sum(outcome.answered for outcome in outcomes) == 60 for _, outcomes in together)


def test_a_second_look_takes_slips_out(audits: SimulatedAudits) -> None:
    """One answer in ten is a slip; two clerks hardly ever slip alike."""
    held = repeat_audits(audits, draws=60, size=80, error_rate=0.1, seed=1)["precision_pct"]
    assert held.mean == pytest.approx(held.truth, abs=1.0)
