"""Forecasts bend where stock and allocations will not suffice, and only there."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.engine import connect
from analysis.evaluate.forecasts.interval_scores import weighted_interval_score
from analysis.settings import RunParameters, open_run
from analysis.tables import write_table
from analysis.trends import project_coverage
from analysis.trends.forecast.quantiles import FloatArray
from trends_samples import AS_OF, read_rows, write_inputs

SIZE, UNITS, PAST, AHEAD = 100_000, 6, 24, 8


def _campaign(shortage: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return first and second doses given and all doses allocated (units × weeks), cumulative.

    Demand is the same; in a shortage deliveries fall to a fifth four weeks before the forecast, when what is in
    stock lasts four weeks more.
    """
    weeks = np.arange(PAST + AHEAD)
    middle = np.linspace(21, 25, UNITS)[:, None]
    first = np.diff(0.85 * SIZE / (1 + np.exp(-0.22 * (weeks - middle))), axis=1, prepend=0.0)
    wanted = np.stack([first, 0.9 * np.pad(first, ((0, 0), (5, 0)))[:, : weeks.size]])
    delivered = wanted.sum(axis=0)
    cut = PAST - 4
    if shortage:
        stock = delivered[:, cut:PAST].sum(axis=1)
        delivered[:, cut:] *= 0.2
        delivered[:, cut - 1] += stock
    else:
        delivered[:, 0] += 3 * SIZE
    given = np.zeros_like(wanted)
    left = np.zeros(UNITS)
    for week in range(weeks.size):
        left += delivered[:, week]
        share = np.minimum(1.0, left / wanted[:, :, week].sum(axis=0))
        given[:, :, week] = wanted[:, :, week] * share
        left -= given[:, :, week].sum(axis=0)
    return given[0].cumsum(axis=1), given[1].cumsum(axis=1), delivered.cumsum(axis=1)


def _write(run: RunParameters, shortage: bool, with_supply: bool) -> FloatArray:
    """Write the tables of a week and return the first doses after it (units × 8 weeks, percent)."""
    first, second, allocated = _campaign(shortage)
    rows: list[tuple[object, ...]] = []
    supply: list[tuple[object, ...]] = []
    for unit in range(UNITS):
        for back in range(PAST):
            day, week = AS_OF - timedelta(days=7 * back), PAST - 1 - back
            code, one, two = f"{unit:02}", int(first[unit, week]), int(second[unit, week])
            for status, people in (("at_least_one", one), ("primary_complete", two)):
                rows.append(("province", code, day, "18+", status, "reported", people, SIZE))
            supply.append(("province", code, day, int(allocated[unit, week]), one + two))
    write_inputs(run, rows)
    names = ["unit_level", "unit_code", "reference_date", "doses_allocated", "doses_administered"]
    frame = pd.DataFrame(supply if with_supply else [], columns=names)
    with connect(run) as con:
        con.register("supply_given", frame)
        write_table(
            con,
            "supply",
            "SELECT *, NULL AS doses_received, NULL AS doses_discarded, NULL AS used_pct, "
            "NULL AS other_bodies_administered FROM supply_given",
            run,
        )
    return 100.0 * first[:, PAST:] / SIZE


def _forecast(folder: Path, shortage: bool, with_supply: bool) -> tuple[FloatArray, FloatArray]:
    """Return forecasts of first doses (units × horizons × 23) and what came true at each horizon."""
    run = open_run("2021-11-07", raw=str(folder / "raw"), processed=str(folder / f"{shortage}{with_supply}"))
    truth = _write(run, shortage, with_supply)
    project_coverage(run)
    rows = read_rows(run, "forecast")
    rows = rows[rows["series_status"] == "at_least_one"]
    rows = rows.sort_values(["unit_code", "target_date", "quantile"])
    values = rows["value"].astype(float).to_numpy().reshape(UNITS, 4, -1)
    return values, truth[:, [0, 1, 3, 7]]


def test_a_coming_shortage_is_told_better_with_the_supply(tmp_path: Path) -> None:
    with_supply, truth = _forecast(tmp_path, True, True)
    without, _ = _forecast(tmp_path, True, False)
    knowing, blind = (weighted_interval_score(v, truth).mean(axis=0) for v in (with_supply, without))
    assert (knowing[1:] < 0.4 * blind[1:]).all() and knowing[0] < 1.5 * blind[0]
    assert (np.diff(with_supply, axis=2) >= 0).all() and (np.diff(with_supply, axis=1) >= 0).all()


def test_plenty_of_doses_changes_nothing(tmp_path: Path) -> None:
    with_supply, _ = _forecast(tmp_path, False, True)
    without, _ = _forecast(tmp_path, False, False)
    assert np.array_equal(with_supply, without)
