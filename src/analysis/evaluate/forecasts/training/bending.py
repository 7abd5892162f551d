"""How chances of reaching a target must be bent on countries never seen: two numbers a status and horizon.

They are learned from forecasts of countries that the models did not see, every country with the same weight;
those that score a fold of countries are learned without its forecasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from analysis.evaluate.forecasts.origins import Tasks
from analysis.evaluate.forecasts.score_tables import target_outcomes
from analysis.evaluate.forecasts.training.learning import Learned
from analysis.trends.forecast.chances import bend_at
from analysis.trends.forecast.fits import AS_READ, GrowthModel
from analysis.trends.forecast.quantiles import FloatArray

RIDGE = 80.0  # cases that the chances as read are worth; 20 and 300 tried
# Where chances of countries not seen had no worse Brier score for it: further ahead what one country's chances
# ask for differs too much from what another's do.
BENT = {"at_least_one": (1, 2, 3, 4), "primary_complete": (3, 4, 6, 8)}


@dataclass(frozen=True)
class Cases:
    """Chances as read, what came true (0 or 1), and the fold and country of each."""

    chance: FloatArray
    reached: FloatArray
    fold: FloatArray
    country: FloatArray

    def where(self, chosen: FloatArray) -> "Cases":
        """Return the cases for which `chosen` holds."""
        parts = (self.chance, self.reached, self.fold, self.country)
        return Cases(*(part[chosen] for part in parts))

    def weights(self) -> FloatArray:
        """Return weights of mean 1 that give every country the same."""
        _, index, counts = np.unique(self.country, return_inverse=True, return_counts=True)
        return np.asarray(self.chance.size / (counts.size * counts[index]))


AllCases = dict[tuple[str, int], Cases]


def bend_learned(learned: Learned, tasks: Tasks, method: str) -> Learned:
    """Return what was learned with its chances bent by the forecasts `method` made of countries not seen."""
    fold_of = {country: k for k, fold in enumerate(learned.folds) for country in fold}
    cases = gather_cases(tasks, method, fold_of)
    without = tuple(
        _bent(model, {key: own.where(own.fold != k) for key, own in cases.items()})
        for k, model in enumerate(learned.without)
    )
    return Learned(_bent(learned.model, cases), learned.folds, without)


def bend_tasks(tasks: Tasks, method: str, learned: Learned) -> Tasks:
    """Return tasks whose chances by a method are bent by the models that did not see the country."""
    rows = tasks.rows
    bends = np.empty((len(rows), 2))
    for country in set(rows["country"]):
        model = learned.model_for(country)
        for status, fits in model.items():
            for weeks in set(rows["horizon_weeks"]):
                of = (rows["country"] == country) & (rows["series_status"] == status)
                bends[(of & (rows["horizon_weeks"] == weeks)).to_numpy()] = bend_at(fits, float(weeks))
    return replace(tasks, bends={method: bends})


def gather_cases(tasks: Tasks, method: str, fold_of: Mapping[str, int]) -> AllCases:
    """Return the cases of a method's forecasts by status and horizon, where chances are bent."""
    codes = {country: k for k, country in enumerate(fold_of)}
    cases = {}
    for (status, horizon), part in tasks.rows.groupby(["series_status", "horizon_weeks"], sort=True):
        if horizon not in BENT[str(status)]:
            continue
        chance, reached, row = target_outcomes(part, tasks.values[method][part.index.to_numpy()])
        countries = part["country"].to_numpy()[row]
        fold, country = (np.array([table[c] for c in countries], dtype=float) for table in (fold_of, codes))
        cases[str(status), int(horizon)] = Cases(chance, reached, fold, country)
    return cases


def _bent(model: GrowthModel, cases: AllCases) -> GrowthModel:
    return {
        status: {
            h: replace(fit, chance=fit_bend(cases[status, h])) if (status, h) in cases else fit
            for h, fit in fits.items()
        }
        for status, fits in model.items()
    }


def fit_bend(cases: Cases) -> FloatArray:
    """Return the shift and slope of the log odds that make what came true likeliest, leaning on none."""
    odds = logit(np.clip(cases.chance, 1e-6, 1 - 1e-6))
    design, weights = np.stack([np.ones(odds.size), odds], axis=1), cases.weights()
    start = np.array(AS_READ)

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        """Return the penalised loss and its gradient."""
        told, away = design @ theta, theta - start
        each = np.logaddexp(0.0, told) - cases.reached * told
        slope = design.T @ (weights * (expit(told) - cases.reached))
        return float(weights @ each + RIDGE * away @ away), slope + 2 * RIDGE * away

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)
