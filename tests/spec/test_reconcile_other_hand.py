"""Records typed by another hand than the simulator's: few false links, and the same links in any memory."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from benchmarks.other_hand import write_intake

from analysis.clean.stage import clean_intake
from analysis.reconcile import link_doses, steps
from analysis.reconcile import weighing as scoring
from analysis.reconcile.blocking import WIDE_RULES
from analysis.reconcile.linkage_model import read_model
from analysis.settings import RunParameters, open_run
from analysis.simulate import simulate_country
from analysis.step_rows import open_step

SCORE = """
SELECT count(*), count(t.citizen_id), count(l.citizen_id), count(*) FILTER (l.citizen_id = t.citizen_id),
    count(*) FILTER (link_status = 'clerical_review')
FROM read_parquet(?) AS l JOIN read_parquet(?) AS t USING (source_file, source_row)"""
OUTPUTS = ("links", "clerical_candidates")


@dataclass(frozen=True)
class LinkedIntake:
    """A cleaned and linked run, the truth beside it, and the bytes of what was linked."""

    run: RunParameters
    truth: Path
    written: list[bytes]


def _written(run: RunParameters) -> list[bytes]:
    link_doses(run)
    return [(run.restricted / f"{name}.parquet").read_bytes() for name in OUTPUTS]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> LinkedIntake:
    """Link 40,000 people of a thinned-out Hà Giang, typed by the other hand."""
    base = tmp_path_factory.mktemp("other_hand")
    simulate_country(base / "country", date(2021, 11, 7), scale=0.05, province="02")
    write_intake(base / "country" / "registry", base / "raw", 40_000, seed=3)
    run = open_run("2021-11-07", raw=str(base / "raw"), processed=str(base / "processed"))
    clean_intake(run)
    return LinkedIntake(run, base / "raw_truth" / "doses.parquet", _written(run))


def test_false_and_missed_links_are_few(linked: LinkedIntake) -> None:
    links = str(linked.run.restricted / "links.parquet")
    rows, exist, found, right, review = duckdb.execute(SCORE, [links, str(linked.truth)]).fetchall()[0]
    precision, recall = right / found, right / exist
    assert rows > 50_000 and exist < rows
    assert precision >= 0.9995
    assert 2 * precision * recall / (precision + recall) >= 0.994
    assert review / rows <= 0.01


@pytest.mark.parametrize("limit", ["3GB", "100MB"])
def test_less_memory_gives_the_same_bytes(linked: LinkedIntake, limit: str) -> None:
    assert _written(replace(linked.run, memory_limit=limit)) == linked.written


def test_the_parts_in_which_rows_are_taken_change_nothing(
    linked: LinkedIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "PART_PAIRS", 997)
    assert _written(linked.run) == linked.written


def test_what_large_blocks_leave_out_is_nobodys_candidate(
    linked: LinkedIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = linked.run
    pair = ["row_no", "citizen_id"]
    tables = ("candidate_pairs", "posteriors", "best_links")
    pairs, probable, links = (open_step(run, table).set_index(pair) for table in tables)
    monkeypatch.setattr(steps, "WIDE_RULES", tuple(replace(rule, also="true") for rule in WIDE_RULES))
    all_pairs, all_probable, all_links = (open_step(run, table).set_index(pair) for table in tables)
    assert len(pairs) < 0.9 * len(all_pairs)
    left_out = all_probable.drop(probable.index, errors="ignore")
    assert (left_out["match_probability"] < read_model().review_from).all()
    assert sorted(links.index) == sorted(all_links.index)
