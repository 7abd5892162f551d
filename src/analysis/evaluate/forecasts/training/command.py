"""Learn the coefficients from past campaigns, write them, and print how they score on countries not seen.

The series (percent of the whole population, weekly) stay outside the project; only coefficients are shipped.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import RequestError
from analysis.evaluate.forecasts.backtest import chosen_methods, score_panels
from analysis.evaluate.forecasts.coefficients import write_learned
from analysis.evaluate.forecasts.origins import Tasks, make_tasks
from analysis.evaluate.forecasts.read_series import read_series
from analysis.evaluate.forecasts.rivals.methods import METHODS, OURS, make_unseen
from analysis.evaluate.forecasts.rivals.mixtures import mix_with_hub
from analysis.evaluate.forecasts.training.bending import bend_learned
from analysis.evaluate.forecasts.training.learning import FOLDS, Learned, learn, several_units
from analysis.trends.forecast.series import Panel
from analysis.trends.reliability import RELIABILITY_FILE

RELIABILITY_COLUMNS = ["kind", "series_status", "horizon_weeks", "promised", "came_true", "cases"]


def run_training(series: Path, out: Path, date: str, methods: Sequence[str]) -> str:
    """Learn from the countries of a file that have several units; return the leave-country-out scores.

    Writes `growth_coefficients.json`, `held_out_coefficients.json`, `forecast_reliability.csv` and the score
    tables to `out`. Raises RequestError when fewer countries than folds have several units.
    """
    panels = several_units(read_series(series))
    if len(panels) < FOLDS:
        raise RequestError(f"--series: {FOLDS} countries of several units are needed; give a longer file")
    names = chosen_methods(tuple(methods))
    found = learn(panels)
    found = bend_learned(found, _tasks_of_ours(panels, found), OURS)
    learned = write_learned(found, date, out)
    ours = make_unseen(learned)
    retrained = {OURS: ours, "pooled_with_hub": mix_with_hub(ours)}
    methods_of = {name: retrained.get(name, METHODS[name]) for name in names}
    printed = score_panels(panels, out, methods_of, learned)
    _write_reliability(out)
    return printed


def _tasks_of_ours(panels: list[Panel], learned: Learned) -> Tasks:
    """Return what the models forecast for countries they did not see, where it is known what came true."""
    tasks = make_tasks(panels, {OURS: make_unseen(learned)})
    return tasks.where(np.isfinite(tasks.rows["truth"].to_numpy(dtype=np.float64)))


def _write_reliability(out: Path) -> None:
    """Write what intervals and chances of ours promised and what came true, as the notebook draws it."""
    intervals, chances = (pd.read_csv(out / f"{name}.csv") for name in ("reliability", "chances"))
    intervals = intervals.rename(columns={"nominal": "promised", "inside": "came_true", "n_tasks": "cases"})
    chances = chances.rename(columns={"chance": "promised", "reached": "came_true", "n_targets": "cases"})
    both = pd.concat([intervals.assign(kind="interval"), chances.assign(kind="chance")], ignore_index=True)
    both[both["method"] == OURS][RELIABILITY_COLUMNS].to_csv(
        out / RELIABILITY_FILE, index=False, encoding="utf-8", lineterminator="\n", float_format="%.4f"
    )
