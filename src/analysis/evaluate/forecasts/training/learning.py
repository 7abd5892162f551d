"""Learn the growth model from real campaigns, and for honest scores again without each fold of countries.

First doses are learned from real panels alone, every country with the same weight. Second doses are learned
from real panels and, with a share of the weight, from pseudo-countries with other intervals. The first doses
that second doses are thought to follow come from models that did not see the country.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.evaluate.forecasts.training.fitting import fit_horizons
from analysis.evaluate.forecasts.training.pseudo_countries import make_pseudo_country, make_recipes
from analysis.evaluate.forecasts.training.rows import (
    LEARNED_HORIZONS,
    ROWS_PER_PANEL,
    Weighted,
    gather_rows,
    join_rows,
)
from analysis.evaluate.forecasts.training.stretching import stretch_status
from analysis.trends.forecast.fits import GrowthModel, HorizonFit
from analysis.trends.forecast.series import Panel

FOLDS = 5
PSEUDO_SHARE = 0.4  # of the weight of second doses; 0, .3, .5, .6, .7, 1 tried leave-country-out
FIRST, SECOND = "at_least_one", "primary_complete"

Held = frozenset[int]
Fits = dict[int, HorizonFit]
NOBODY: Held = frozenset()


@dataclass(frozen=True)
class Learned:
    """The model learned from all countries, and for each fold of countries the one that never saw it."""

    model: GrowthModel
    folds: tuple[tuple[str, ...], ...]
    without: tuple[GrowthModel, ...]

    def model_for(self, country: str) -> GrowthModel:
        """Return the model that did not see a country."""
        for fold, model in zip(self.folds, self.without, strict=True):
            if country in fold:
                return model
        return self.model


def several_units(panels: Sequence[Panel]) -> list[Panel]:
    """Return the panels of several units: national series mixed in did harm."""
    return [panel for panel in panels if len(panel.unit_codes) > 1]


def learn(panels: Sequence[Panel]) -> Learned:
    """Learn from panels of several units, each of another country."""
    learner = _Learner(panels)
    without = tuple(learner.stretched(frozenset({fold})) for fold in learner.fold_numbers)
    folds = tuple(
        tuple(p.country for p in learner.panels if learner.fold[p.country] == k) for k in learner.fold_numbers
    )
    return Learned(learner.stretched(NOBODY), folds, without)


class _Learner:
    """Coefficients of any set of countries left out; each is learned once."""

    def __init__(self, panels: Sequence[Panel]) -> None:
        self.panels = sorted(panels, key=lambda panel: panel.country)
        self.fold = {panel.country: k % FOLDS for k, panel in enumerate(self.panels)}
        self.fold_numbers = sorted(set(self.fold.values()))
        self._first_rows = {p.country: gather_rows(p, FIRST, {}) for p in self.panels}
        self._first: dict[Held, Fits] = {}
        self._second: dict[Held, Fits] = {}

    def seen(self, held: Held) -> list[Panel]:
        """Return the panels of folds not held out."""
        return [p for p in self.panels if self.fold[p.country] not in held]

    def first(self, held: Held) -> Fits:
        """Return the fits of first doses without the folds held out."""
        if held not in self._first:
            rows = [(self._first_rows[p.country], 1.0, ROWS_PER_PANEL) for p in self.seen(held)]
            self._first[held] = fit_horizons(join_rows(rows, FIRST, h) for h in LEARNED_HORIZONS)
        return self._first[held]

    def second(self, held: Held) -> Fits:
        """Return the fits of second doses without the folds held out."""
        if held not in self._second:
            rows = [pair for panel in self.seen(held) for pair in self._second_rows(panel, held)]
            self._second[held] = fit_horizons(join_rows(rows, SECOND, h) for h in LEARNED_HORIZONS)
        return self._second[held]

    def _second_rows(self, panel: Panel, held: Held) -> list[Weighted]:
        """Return the rows of a panel and of its pseudo-countries, with their weights."""
        # A third fold held out would multiply the work; those models serve the stretch alone.
        others = held | {self.fold[panel.country]} if len(held) < 2 else held
        model = {FIRST: self.first(others)}
        made = [make_pseudo_country(panel, recipe) for recipe in make_recipes()]
        real = (gather_rows(panel, SECOND, model), 1.0 - PSEUDO_SHARE, ROWS_PER_PANEL)
        share, cap = PSEUDO_SHARE / len(made), ROWS_PER_PANEL // len(made)
        return [real, *((gather_rows(p, SECOND, model), share, cap) for p in made)]

    def raw(self, held: Held) -> GrowthModel:
        """Return a model as it was fitted."""
        return {FIRST: self.first(held), SECOND: self.second(held)}

    def stretched(self, held: Held) -> GrowthModel:
        """Return a model whose intervals are as wide as its errors on countries it did not see ask for."""
        fitted = self.raw(held)
        tests = [
            (self.raw(held | {k}), [p for p in self.seen(held) if self.fold[p.country] == k])
            for k in self.fold_numbers
            if k not in held
        ]
        return {status: stretch_status(fits, status, tests) for status, fits in fitted.items()}
