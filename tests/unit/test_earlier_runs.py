"""With which earlier week a run is compared: never with one that was refused."""

import json
from pathlib import Path

import pytest

from analysis.earlier_runs import find_compared, read_mark


def _week(root: Path, day: str, *provinces: str, passed: bool = True) -> Path:
    """Make the folder of a week that passed its checks (for some provinces), or did not."""
    (root / day / "aggregate").mkdir(parents=True)
    if passed:
        mark = {"run_id": f"{day}-0", "provinces": provinces}
        (root / day / "aggregate" / "intake.json").write_text(json.dumps(mark), encoding="utf-8")
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
    (refused / "aggregate" / "intake.json").write_text("[", encoding="utf-8")
    assert read_mark(refused) == {}
