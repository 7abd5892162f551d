"""Every statement of reconcile and coverage on both engines: the same rows, by EXCEPT ALL both ways."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analysis.clean.stage import clean_intake
from analysis.engine import Engine, connect
from analysis.pipeline import COVERAGE, RECONCILE, Stage
from analysis.reconcile import link_doses
from analysis.settings import RunParameters, open_run
from analysis.simulate import simulate_country
from analysis.tables import TABLES
from both_engines import SELECTS, compare, keeping_spark, open_spark
from conftest import PublishedRun

# In CI the whole run of a tiny province stands for these: they take minutes.
pytestmark = pytest.mark.usefixtures("every_check")
STAGES = (RECONCILE, COVERAGE)


@pytest.fixture(scope="module")
def session(cluster_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a session in this process."""
    with open_spark(tmp_path_factory.mktemp("spark"), cluster_variables) as opened:
        yield opened


@pytest.fixture(scope="module")
def small_country(every_check: None, tmp_path_factory: pytest.TempPathFactory) -> RunParameters:
    """Return a run of two stages: 63 provinces, some forty thousand doses."""
    base = tmp_path_factory.mktemp("country")
    simulate_country(base / "raw", date(2021, 11, 7), scale=0.0005)
    run = open_run("2021-11-07", raw=str(base / "raw"), processed=str(base / "processed"))
    clean_intake(run)
    link_doses(run)
    return run


def copies(run: RunParameters, folder: Path) -> tuple[RunParameters, RunParameters]:
    """Return two copies of a run, one for each engine."""
    for name in ("one", "other"):
        shutil.copytree(run.processed, folder / name)
    one, other = (replace(run, processed=folder / name) for name in ("one", "other"))
    return one, other


def check_same(stage: Stage, one: RunParameters, other: RunParameters, session: Any) -> None:
    """Check that a stage's tables are the same on both engines, and its files to the byte."""
    found = compare(stage, one, other, session)
    print(f"{stage.name}: {found.statements} statements, {found.rows} rows, differing: {found.differing}")
    assert found.statements > 90 and found.differing == {}
    for name in stage.writes:
        assert TABLES[name].path(one).read_bytes() == TABLES[name].path(other).read_bytes(), name


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.package)
def test_every_statement_gives_the_same_rows(
    stage: Stage, tiny: PublishedRun, session: Any, tmp_path: Path
) -> None:
    one, other = copies(tiny.run, tmp_path)
    check_same(stage, one, other, session)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.package)
def test_so_it_does_for_a_country(
    stage: Stage, small_country: RunParameters, session: Any, tmp_path: Path
) -> None:
    one, other = copies(small_country, tmp_path)
    check_same(stage, one, other, session)


@pytest.mark.parametrize(("partitions", "cap"), [(1, 120), (3, 2), (7, 2)])
def test_partitions_and_a_lowered_cap_change_nothing(
    partitions: int, cap: int, small_country: RunParameters, session: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("analysis.reconcile.blocking.BLOCK_CAP", cap)
    session.conf.set("spark.sql.shuffle.partitions", str(partitions))
    one, other = copies(small_country, tmp_path)
    check_same(RECONCILE, one, other, session)


@pytest.mark.parametrize("query", SELECTS)
def test_a_construct_means_the_same(query: str, session: Any, tmp_path: Path) -> None:
    run = open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))
    with connect(run) as con:
        spark = keeping_spark(con, session, run.restricted / "spill" / "spark_tables")
        assert spark.fetch(query) == Engine(con).fetch(query)
