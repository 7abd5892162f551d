"""Who stands on the list of due people although a record of the dose exists: few, and told apart when possible.

The truth of a simulated province knows every dose. What was never entered cannot be known from the
platform, so the bound is on doses that have a record by `as_of`.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from analysis.clean import clean_intake
from analysis.coverage import count_coverage
from analysis.reconcile import link_doses
from analysis.settings import open_run
from analysis.simulate import simulate_country

AS_OF = "2021-11-07"
# Of 1,000 people called due without a warning, at most this many may have a record of that very dose: a
# full-size simulated Hà Giang has 1.2, the country at 1:100 0.7.
MOST_PER_THOUSAND = 2


class Due(NamedTuple):
    """Counts of one part of the list: people, those whose next dose is on record, the dead, minors."""

    people: int
    recorded: int
    dead: int
    minors: int


DUE = """
WITH recorded AS (
    SELECT citizen_id, count(DISTINCT dose_key) AS doses FROM read_parquet('{truth}/doses.parquet')
    WHERE citizen_id IS NOT NULL AND dose_key IS NOT NULL AND coalesce(entry_date <= DATE '{as_of}', true)
    GROUP BY citizen_id)
SELECT check_first, count(*), count(*) FILTER (coalesce(doses, 0) >= next_dose),
    count(*) FILTER (life_status = 'dead'),
    count(*) FILTER (next_dose = 1 AND left(birth_date, 10) > '{born_until}')
FROM read_parquet('{restricted}/due.parquet') AS u
JOIN read_parquet('{truth}/people.parquet') AS p USING (citizen_id)
LEFT JOIN recorded USING (citizen_id) GROUP BY check_first"""


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Due]:
    """Return the unwarned and the warned part of the list of a small simulated province."""
    base: Path = tmp_path_factory.mktemp("due")
    simulate_country(base / "raw", date.fromisoformat(AS_OF), scale=0.03, province="02", seed=5)
    run = open_run(AS_OF, raw=str(base / "raw"), processed=str(base / "processed" / AS_OF), provinces="02")
    clean_intake(run)
    link_doses(run)
    count_coverage(run)
    query = DUE.format(
        truth=(base / "raw_truth").as_posix(),
        restricted=run.restricted.as_posix(),
        as_of=AS_OF,
        born_until="2003-11-07",
    )
    with duckdb.connect() as con:
        return {check: Due(*counts) for check, *counts in con.execute(query).fetchall()}


def test_hardly_anybody_with_a_recorded_dose_is_called_due_unwarned(due: dict[bool, Due]) -> None:
    assert due[False].people > 1000
    assert due[False].recorded * 1000 <= MOST_PER_THOUSAND * due[False].people


def test_the_warning_is_worth_heeding(due: dict[bool, Due]) -> None:
    assert due[True].recorded / due[True].people > 20 * due[False].recorded / due[False].people
    assert due[True].recorded > 0


def test_neither_the_dead_nor_minors_without_a_dose_are_due(due: dict[bool, Due]) -> None:
    assert [(part.dead, part.minors) for part in due.values()] == [(0, 0)] * len(due)
