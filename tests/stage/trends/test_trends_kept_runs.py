"""Forecasts of all kept runs against what happened, the reliability picture, Viet Nam's own campaign."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.evaluate.forecasts import viet_nam
from analysis.evaluate.forecasts.__main__ import main
from analysis.settings import RunParameters, open_run
from analysis.trends import project_coverage
from analysis.trends.kept_runs import draw_kept_runs, kept_forecasts, score_kept_runs
from analysis.trends.reliability import draw_reliability, read_reliability
from trends_samples import AS_OF, unit_rows, write_inputs

ROWS = [r for code, c in (("01", 0.9), ("02", 0.5)) for r in unit_rows("province", code, 100_000, c)]


def _run_week(folder: Path, as_of: str, passed: bool = True) -> RunParameters:
    """Write and forecast one week from the same invented campaign."""
    run = open_run(as_of, raw=str(folder / "raw"), processed=str(folder / "processed" / as_of))
    write_inputs(run, [r for r in ROWS if r[2] <= pd.Timestamp(as_of) or (r[3] == "all" and r[2] == AS_OF)])
    project_coverage(run)
    if passed:
        (run.aggregate / "run_mark.json").write_text(json.dumps({"run_id": as_of}), encoding="utf-8")
    return run


def test_every_kept_run_is_scored_at_each_horizon_that_has_come_due(tmp_path: Path) -> None:
    for as_of in ("2021-10-10", "2021-10-24", "2021-10-31"):
        _run_week(tmp_path, as_of)
    _run_week(tmp_path, "2021-10-17", passed=False)
    now = _run_week(tmp_path, "2021-11-07")
    scores = score_kept_runs(now).set_index(["series_status", "horizon_weeks"])
    one = scores.loc["at_least_one"]
    assert one["runs"].to_dict() == {1: 3, 2: 2, 4: 1}
    assert one["forecasts"].to_dict() == {1: 6, 2: 4, 4: 2}
    assert scores["inside_95"].between(0, 1).all() and draw_kept_runs(now) is not None


def test_without_kept_runs_nothing_is_said(tmp_path: Path) -> None:
    now = _run_week(tmp_path, "2021-11-07")
    _run_week(tmp_path, "2021-10-31", passed=False)
    assert kept_forecasts(now) == [] and score_kept_runs(now).empty and draw_kept_runs(now) is None


def test_a_forecast_that_missed_counts_as_a_miss(tmp_path: Path) -> None:
    _run_week(tmp_path, "2021-10-31")
    now = open_run("2021-11-07", raw=str(tmp_path), processed=str(tmp_path / "processed" / "2021-11-07"))
    write_inputs(now, [(*r[:6], 99_000 if r[2] == AS_OF and r[6] else r[6], r[7]) for r in ROWS])
    project_coverage(now)
    scores = score_kept_runs(now)
    assert scores["inside_95"].eq(0).any() and (scores["mean_error"] < 0).any()


def test_shipped_reliability_is_of_every_horizon() -> None:
    table = read_reliability()
    assert set(table["kind"]) == {"interval", "chance"}
    assert set(table["horizon_weeks"]) >= {1, 2, 3, 4, 6, 8, 12, 16, 26}
    assert table["came_true"].between(0, 1).all() and draw_reliability() is not None


def test_a_promise_of_the_protocol_is_kept_within_what_is_stated() -> None:
    table = read_reliability()
    intervals = table[(table["kind"] == "interval") & table["horizon_weeks"].isin((1, 2, 4, 8))]
    half, most = (intervals[intervals["promised"] == p]["came_true"] for p in (0.5, 0.95))
    assert half.between(0.47, 0.57).all() and most.between(0.93, 0.97).all()


def test_viet_nams_own_pace_is_scored_week_by_week(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["viet-nam", "--out", str(tmp_path)]) == 0
    assert "8 weeks" in capsys.readouterr().out
    rows = pd.read_csv(tmp_path / "viet_nam_pace.csv")
    assert (tmp_path / "viet_nam_pace.png").read_bytes().startswith(b"\x89PNG")
    assert rows["origin"].min() == "2021-08-01" and rows["origin"].max() >= "2022-04-17"
    assert (rows["low_95"] <= rows["middle"]).all() and (rows["middle"] <= rows["high_95"]).all()
    cut = viet_nam.read_weekly_doses().loc[:"2021-11-07"]
    monkeypatch.setattr(viet_nam, "read_weekly_doses", lambda: cut)
    earlier = viet_nam.forecast_pace().query("origin == '2021-10-24' and horizon_weeks == 1")
    same = rows.query("origin == '2021-10-24' and horizon_weeks == 1")
    assert np.allclose(earlier["high_95"], same["high_95"], atol=1e-3)
