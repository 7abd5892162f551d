"""The nowcast: what is still to be entered, learned from earlier days and from nothing later."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.__main__ import main
from analysis.errors import RequestError
from analysis.evaluate.forecasts.read_triangle import read_triangle
from analysis.trends.forecast.quantiles import INTERVAL_95, MEDIAN
from analysis.trends.nowcast.estimate import Nowcaster
from analysis.trends.nowcast.ladder import learn_growth
from analysis.trends.nowcast.triangle import Triangle

DAYS, STEPS = 112, 15
ARRIVAL = 1 - 0.5 ** np.arange(1, STEPS + 1)  # half of what is missing comes with each look


def _triangle(final: np.ndarray, arrival: np.ndarray = ARRIVAL, period_days: int = 1) -> Triangle:
    """Return the triangle of units × days whose doses arrive by `arrival` (… × steps)."""
    arrival = arrival / arrival[..., -1:]
    days = np.datetime64("2021-06-01") + np.arange(final.shape[1])
    units = tuple(f"u{k}" for k in range(len(final)))
    return Triangle(units, days, period_days, final[..., None] * arrival)


def _doses(units: int = 3, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(800, 1200, size=(units, DAYS)).astype(float)


@pytest.mark.parametrize("period_days", [1, 7])
def test_a_steady_delay_is_undone_exactly(period_days: int) -> None:
    final = _doses()
    triangle = _triangle(final, period_days=period_days)
    as_of = int(triangle.periods[-1])
    told = Nowcaster(triangle).final_days(as_of)
    assert np.allclose(told, final, rtol=0.02)
    assert triangle.entered_at(as_of)[:, -1].sum() < 0.6 * final[:, -1].sum()


def test_a_unit_later_than_its_group_is_told_by_its_own_days() -> None:
    final = _doses()
    arrival = np.stack([ARRIVAL, ARRIVAL, 1 - 0.8 ** np.arange(1, STEPS + 1)])[:, None]
    told = Nowcaster(_triangle(final, arrival)).final_days(DAYS - 1)
    assert np.allclose(told[2, -3:], final[2, -3:], rtol=0.1)


def test_a_weekday_that_is_entered_late_is_told_by_its_weekday() -> None:
    final = _doses()
    late = np.arange(DAYS) % 7 == 3
    arrival = np.where(late[:, None], 1 - 0.8 ** np.arange(1, STEPS + 1), ARRIVAL)[None]
    told = Nowcaster(_triangle(final, arrival)).final_days(DAYS - 1)
    assert np.allclose(told[:, -7:], final[:, -7:], rtol=0.1)


def test_one_day_of_a_stopped_register_does_not_become_the_rule() -> None:
    final = _doses()
    triangle = _triangle(final)
    known = triangle.known.copy()
    known[:, 84, :3] *= 0.02
    shocked = learn_growth(replace(triangle, known=known), DAYS - 1)
    plain = learn_growth(triangle, DAYS - 1)
    assert np.allclose(shocked[:, :, 0], plain[:, :, 0], rtol=0.25)


def test_nothing_later_than_the_date_is_used() -> None:
    triangle = _triangle(_doses())
    as_of = 80
    later = triangle.periods[:, None] + np.arange(STEPS) > as_of
    changed = replace(triangle, known=np.where(later[None], 9e6, triangle.known))
    for told, again in zip(
        vars(Nowcaster(triangle).at(as_of)).values(), vars(Nowcaster(changed).at(as_of)).values(), strict=True
    ):
        assert np.array_equal(told, again)


def test_the_interval_holds_what_comes_when_arrivals_vary() -> None:
    draws = np.random.default_rng(4)
    final = draws.integers(800, 1200, size=(12, DAYS)).astype(float)
    common, own = draws.uniform(0.35, 0.65, (1, DAYS, 1)), draws.uniform(-0.08, 0.08, (12, DAYS, 1))
    triangle = _triangle(final, 1 - (1 - common - own) ** np.arange(1, STEPS + 1))
    inside = []
    for as_of in range(60, DAYS, 4):
        told = Nowcaster(triangle).at(as_of)
        truth = final[:, triangle.last_days(as_of, 7)].sum(axis=1)
        inside.append(
            (truth >= told.quantiles[:, INTERVAL_95[0]]) & (truth <= told.quantiles[:, INTERVAL_95[1]])
        )
        assert (np.abs(told.entered - truth) > np.abs(told.quantiles[:, MEDIAN] - truth)).mean() > 0.9
    assert 0.85 <= np.mean(inside) <= 1.0


def test_too_few_earlier_dates_give_no_interval() -> None:
    told = Nowcaster(_triangle(_doses()[:, :16])).at(15)
    assert np.isfinite(told.final).all() and np.isnan(told.quantiles).all()


def _snapshot_rows(days: int = 70, arrival: np.ndarray = ARRIVAL) -> pd.DataFrame:
    """Return daily snapshots of two units; none on every seventh day."""
    final = _doses(2)
    rows = []
    for look in range(1, days):
        for day in range(max(0, look - 30), look):
            for unit in range(2):
                doses = int(final[unit, day] * arrival[min(look - day, STEPS) - 1])
                rows.append((look, day, f"0{unit + 1}", 1, doses))
    frame = pd.DataFrame(
        rows, columns=["as_of_date", "vaccination_date", "unit_code", "dose_number", "doses"]
    )
    frame = frame[frame["as_of_date"] % 7 != 0]
    for name in ("as_of_date", "vaccination_date"):
        frame[name] = (pd.Timestamp("2021-06-01") + pd.to_timedelta(frame[name], unit="D")).dt.strftime(
            "%Y-%m-%d"
        )
    return frame


def test_snapshots_become_steps_after_each_day(tmp_path: Path) -> None:
    _snapshot_rows().to_csv(tmp_path / "t.csv", index=False)
    (snapshots,) = read_triangle(tmp_path / "t.csv")
    triangle, final = snapshots.triangle, _doses(2)
    assert triangle.unit_codes == ("01", "02") and triangle.known.shape[2] == 21
    assert triangle.known[0, 8, 0] == int(final[0, 8] * ARRIVAL[0])  # 9 June, looked at on 10 June
    assert triangle.known[0, 6, 1] == int(
        final[0, 6] * ARRIVAL[1]
    )  # 7 June: no look on the 8th, one on the 9th
    assert np.isnan(triangle.known[0, -1, 1])
    assert not snapshots.taken[6] and snapshots.taken[7]


def test_backtest_scores_a_snapshot_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _snapshot_rows().to_csv(tmp_path / "t.csv", index=False)
    assert main(["backtest", "--triangle", str(tmp_path / "t.csv"), "--out", str(tmp_path / "out")]) == 0
    assert "nowcast of the last 7 days" in capsys.readouterr().out
    scores = pd.read_csv(tmp_path / "out" / "nowcast_scores.csv")
    assert scores.loc[0, "rel_wis_unadjusted"] < 0.3 and abs(scores.loc[0, "bias_pct"]) < 1
    made = pd.read_csv(tmp_path / "out" / "nowcasts.csv", dtype={"unit_code": str})
    assert set(made["unit_code"]) == {"01", "02"} and (made["low_95"] <= made["high_95"]).all()


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("doses", "many", "line 2: doses is not a number"),
        ("as_of_date", "1/7/2021", "line 2: as_of_date is not a day"),
        ("dose_number", "first", "line 2: dose_number is not a whole number"),
        ("as_of_date", "2021-06-01", "line 2: vaccination_date is not before as_of_date"),
    ],
)
def test_a_bad_snapshot_file_is_refused_with_its_line(
    tmp_path: Path, column: str, value: str, said: str
) -> None:
    frame = _snapshot_rows(20).astype(str)
    frame.iloc[0, frame.columns.get_loc(column)] = value
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(RequestError, match=said):
        read_triangle(tmp_path / "t.csv")


def test_repeated_rows_and_missing_columns_are_refused(tmp_path: Path) -> None:
    frame = _snapshot_rows(20)
    pd.concat([frame, frame.head(1)]).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(RequestError, match="twice"):
        read_triangle(tmp_path / "t.csv")
    frame.drop(columns="doses").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(RequestError, match="'doses' is missing"):
        read_triangle(tmp_path / "t.csv")


def test_a_short_file_and_no_file_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _snapshot_rows(40).to_csv(tmp_path / "t.csv", index=False)
    out = ["--out", str(tmp_path / "out")]
    assert main(["backtest", "--triangle", str(tmp_path / "t.csv"), *out]) == 2
    assert "give a longer file" in capsys.readouterr().err
    assert main(["backtest", *out]) == 2
    assert "--series FILE" in capsys.readouterr().err
