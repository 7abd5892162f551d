"""Learn the growth model's coefficients from past campaigns and write `growth_coefficients.json`.

    python -m analysis.trends.training --series coverage_weekly.csv --out growth_coefficients.json

The series (percent of the whole population, weekly) stay outside the project; only coefficients are
shipped: one set from all countries of the file and, for honest scores, one without each of them.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from analysis.trends.baselines import flat7
from analysis.trends.fitting import Samples, fit_horizon
from analysis.trends.growth import (
    LOCATION,
    GrowthModel,
    HorizonFit,
    features_at,
    stack_features,
)
from analysis.trends.momentum import SPREAD, Features
from analysis.trends.pseudo_countries import make_pseudo_country, make_recipes
from analysis.trends.read_series import read_series
from analysis.trends.scoring import FloatArray, weighted_interval_score
from analysis.trends.series import SERIES, Panel

LEARNED_HORIZONS = (1, 2, 3, 4, 6, 8, 12, 16, 26)
FIRST_WEEK = 4  # weeks a series must have had
MIN_COVERAGE_PCT = 2.0
ROWS_PER_PANEL = 700
# Spread beyond what was learned, for a country never seen (chosen leave-country-out: docs/trends.md). That of
# second doses grows with the horizon, as its power up to 8 weeks: an interval between doses that differs
# from those learned errs the same way week after week. Further ahead nothing was measured.
WIDENING = {"at_least_one": 1.15, "primary_complete": 1.25}
WIDENING_GROWTH = {"at_least_one": 0.0, "primary_complete": 0.15}
WIDENING_WEEKS = 8
ABOUT = (
    "Coefficients of the pooled damped-gain model (analysis.trends.growth), learned by "
    "analysis.trends.training. Public sources: Our World in Data, US state vaccinations (CC BY 4.0); "
    "Robert Koch-Institut, COVID-19-Impfungen in Deutschland (CC BY 4.0); weekly, 2020-12-27 to 2022-04-24. "
    "Each country also stands for 14 pseudo-countries at other levels, speeds and intervals "
    "(analysis.trends.pseudo_countries, fixed seed). No series is contained here."
)


def learn(series: Path) -> dict[str, object]:
    """Return the document of coefficients learned from a series file: all countries, and without each."""
    panels = read_series(series)
    countries = [panel.country for panel in panels]
    sets = {"all": panels}
    if len(panels) > 1:
        sets |= {f"without_{c}": [p for p in panels if p.country != c] for c in countries}
    fits = {name: describe_model(learn_model(chosen)) for name, chosen in sets.items()}
    return {
        "about": ABOUT,
        "countries": countries,
        "widening": WIDENING,
        "widening_growth": WIDENING_GROWTH,
        "fits": fits,
    }


def learn_model(panels: list[Panel]) -> GrowthModel:
    """Learn both statuses from panels and their pseudo-countries; second doses use the first-dose fits."""
    made = [make_pseudo_country(panel, recipe) for panel in panels for recipe in make_recipes()]
    model: GrowthModel = {}
    for status in SERIES:
        gathered = [_gather(panel, status, model) for panel in made]
        model[status] = {
            h: _widened(fit_horizon(_join(gathered, status, h)), status, h) for h in LEARNED_HORIZONS
        }
    return model


def _widened(fit: HorizonFit, status: str, horizon: int) -> HorizonFit:
    """Return a fit with its spread widened for countries never seen."""
    spread = fit.spread.copy()
    spread[0] += np.log(WIDENING[status]) + WIDENING_GROWTH[status] * np.log(min(horizon, WIDENING_WEEKS))
    return HorizonFit(fit.location, spread, fit.shape)


class _Gathered:
    """Feature rows of one panel and status, by horizon."""

    def __init__(self) -> None:
        self.features: dict[int, list[FloatArray]] = {h: [] for h in LEARNED_HORIZONS}
        self.gains: dict[int, list[FloatArray]] = {h: [] for h in LEARNED_HORIZONS}
        self.reference: dict[int, list[FloatArray]] = {h: [] for h in LEARNED_HORIZONS}


def _gather(panel: Panel, status: str, model: GrowthModel) -> _Gathered:
    """Collect the features at every week of a panel, and what was gained after it."""
    rows = _Gathered()
    values = panel.values[status]
    for week in range(FIRST_WEEK, panel.weeks.size - 1):
        usable = np.nan_to_num(values[:, week]) >= MIN_COVERAGE_PCT
        if not usable.any():
            continue
        past = panel.until(panel.weeks[week])
        ahead = tuple(h for h in LEARNED_HORIZONS if week + h < panel.weeks.size)
        features = features_at(past, status, status, model, ahead)
        flat = flat7(past, status, ahead)
        for k, h in enumerate(ahead):
            rows.features[h].append(_matrix(features[h], status)[usable])
            rows.gains[h].append((values[:, week + h] - values[:, week])[usable])
            rows.reference[h].append(weighted_interval_score(flat[usable, k], values[usable, week + h]))
    return rows


def _matrix(features: Features, status: str) -> FloatArray:
    """Return pace, location and spread features side by side."""
    return stack_features(features, ("log_gain_1", *LOCATION[status], *SPREAD))


def _join(gathered: Iterable[_Gathered], status: str, horizon: int) -> Samples:
    """Join panels for one horizon: each weighs the same, in units of flat7's mean score there."""
    matrices, gains, weights = [], [], []
    for rows in gathered:
        matrix, gain = np.concatenate(rows.features[horizon]), np.concatenate(rows.gains[horizon])
        reference = float(np.concatenate(rows.reference[horizon]).mean())
        chosen = np.flatnonzero(np.isfinite(gain))[:: max(1, gain.size // ROWS_PER_PANEL)]
        matrices.append(matrix[chosen])
        gains.append(gain[chosen])
        weights.append(np.full(chosen.size, 1.0 / (reference * chosen.size)))
    joined, weight = np.concatenate(matrices), np.concatenate(weights)
    columns = 1 + len(LOCATION[status])
    return Samples(
        pace=joined[:, 0],
        location=joined[:, 1:columns],
        spread=joined[:, columns:],
        gain=np.concatenate(gains),
        weight=weight / weight.sum(),
        horizon=horizon,
    )


def describe_model(model: GrowthModel) -> dict[str, object]:
    """Return the coefficients with their names, rounded to six digits after the point."""
    return {
        status: {
            str(h): {
                "location": _named(LOCATION[status], fit.location),
                "spread": _named(SPREAD, fit.spread),
                "shape": [round(float(v), 6) for v in fit.shape],
            }
            for h, fit in fits.items()
        }
        for status, fits in model.items()
    }


def _named(names: tuple[str, ...], values: FloatArray) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in zip(names, values, strict=True)}


def main() -> None:
    """Learn from a series file and write the coefficients."""
    parser = argparse.ArgumentParser(description="Learn the growth model's coefficients from past campaigns.")
    parser.add_argument("--series", type=Path, required=True, help="weekly coverage, as for baophu backtest")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    given = parser.parse_args()
    text = json.dumps(learn(given.series), ensure_ascii=False, indent=1)
    given.out.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
