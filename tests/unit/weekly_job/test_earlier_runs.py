"""With which earlier week a run is compared: never with one that was refused."""

import json
from pathlib import Path

import pytest

from analysis.earlier_runs import FORMER_MARK, MARK, find_compared, forget_mark, read_mark


def _week(root: Path, day: str, *provinces: str, passed: bool = True, name: str = MARK) -> Path:
    """Make the folder of a week that passed its checks (for some provinces), or did not."""
    (root / day / "aggregate").mkdir(parents=True)
    if passed:
        mark = {"run_id": f"{day}-0", "provinces": provinces}
        (root / day / "aggregate" / name).write_text(json.dumps(mark), encoding="utf-8")
    return root / day


def test_a_refused_week_is_no_yardstick(tmp_path: Path) -> None:
    good = _week(tmp_path, "2021-11-07")
    refused = _week(tmp_path, "2021-11-14", passed=False)
    assert find_compared(refused, ()) == good
    assert find_compared(good, ()) == good


@pytest.mark.parametrize(
    ("asked", "day"),
    [(("02",), "2021-11-07"), (("04",), "2021-11-14"), (("02", "04"), "2021-10-31"), ((), "2021-10-31")],
)
def test_a_week_of_other_provinces_is_no_yardstick(asked: tuple[str, ...], day: str, tmp_path: Path) -> None:
    _week(tmp_path, "2021-10-31")
    _week(tmp_path, "2021-11-07", "02")
    last = _week(tmp_path, "2021-11-14", "04")
    compared = find_compared(last, asked)
    assert compared is not None and compared.name == day


def test_where_no_week_passed_the_last_one_is_compared(tmp_path: Path) -> None:
    refused = _week(tmp_path, "2021-11-14", passed=False)
    (tmp_path / "notes").mkdir()
    assert find_compared(refused, ()) == refused
    assert find_compared(None, ()) is None
    (refused / "aggregate" / MARK).write_text("[", encoding="utf-8")
    assert read_mark(refused) == {}


def test_a_week_whose_mark_has_its_former_name_is_still_a_yardstick(tmp_path: Path) -> None:
    former = _week(tmp_path, "2021-11-07", name=FORMER_MARK)
    refused = _week(tmp_path, "2021-11-14", passed=False)
    assert find_compared(refused, ()) == former
    assert read_mark(former)["run_id"] == "2021-11-07-0"


def test_a_damaged_mark_is_not_made_good_by_one_of_the_former_name(tmp_path: Path) -> None:
    week = _week(tmp_path, "2021-11-07", name=FORMER_MARK)
    (week / "aggregate" / MARK).write_text("[", encoding="utf-8")
    assert read_mark(week) == {}


def test_a_week_run_again_forgets_its_mark_under_either_name(tmp_path: Path) -> None:
    week = _week(tmp_path, "2021-11-07", name=FORMER_MARK)
    (week / "aggregate" / MARK).write_text("{}", encoding="utf-8")
    forget_mark(week)
    assert list((week / "aggregate").iterdir()) == []
    forget_mark(tmp_path / "2021-11-14")
