"""Which links a run moves: `current` is the newest whole week, whatever was run last."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analysis.job import _links
from analysis.safeguards import publishing
from analysis.settings import RunParameters, open_run


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    reports = tmp_path / "reports"
    (reports / publishing.RUNS / "2021-11-07-00000001").mkdir(parents=True)
    publishing.point_link(reports, publishing.CURRENT, "2021-11-07-00000001")
    return replace(open_run("2021-11-07"), reports=reports)


@pytest.mark.parametrize(
    ("day", "links"),
    [
        (date(2021, 10, 31), ("2021-10-31",)),
        (date(2021, 11, 7), ("2021-11-07", "current")),
        (date(2021, 11, 14), ("2021-11-14", "current")),
    ],
)
def test_a_week_gone_by_does_not_move_current(run: RunParameters, day: date, links: tuple[str, ...]) -> None:
    assert _links(replace(run, as_of=day)) == links


def test_a_run_for_some_provinces_does_not_move_current(run: RunParameters) -> None:
    assert _links(replace(run, provinces=("02",))) == ("2021-11-07",)


def test_the_first_run_makes_current(run: RunParameters, tmp_path: Path) -> None:
    assert _links(replace(run, reports=tmp_path / "new")) == ("2021-11-07", "current")
