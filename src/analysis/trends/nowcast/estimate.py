"""Estimate of recent days from what is entered so far, with an interval of the same estimate's past errors.

A dose reaches the register days or weeks after it is given, so the last days look low whatever happened.
The chain ladder (`ladder`) tells how much of each day is still to come. The interval is made of the errors
that the same estimate made at earlier dates, as far as they are known by now. Nothing later than the date
of the estimate is used.
"""

from dataclasses import dataclass

import numpy as np

from analysis.trends.forecast.quantiles import MEDIAN, QUANTILES, FloatArray
from analysis.trends.nowcast.ladder import learn_growth
from analysis.trends.nowcast.triangle import BoolArray, Triangle

WEEK = 7
ERROR_DAYS = 35  # earlier dates whose errors make the interval
LEARNING_DAYS = 14  # earlier dates with less to learn from say nothing of the estimate's errors
LEAST_ERRORS = 3  # earlier dates below which there is no interval
TAIL_WIDENING = 1.25  # errors of late dates are known in part only: as they are, 90 % fall inside 95 %
# An error is told relative to the doses thought missing, their counting noise, and a share of the week.
WEEK_SHARE, NOISE = 0.2, 2.0
LEVELS = (np.arange(199) + 0.5) / 199  # of a sample that stands for a distribution


@dataclass(frozen=True)
class Nowcast:
    """Doses of a span of days per unit: entered so far, thought final, and 23 quantiles (units × 23).

    The quantiles are NaN when there were too few earlier dates to learn errors from.
    """

    entered: FloatArray
    final: FloatArray
    quantiles: FloatArray


class Nowcaster:
    """Nowcasts of one triangle; `span_days` is the number of last days that are summed (None: all)."""

    def __init__(self, triangle: Triangle, span_days: int | None = WEEK) -> None:
        self.triangle = triangle
        self.span_days = span_days or triangle.days.size
        self._growth: dict[int, FloatArray] = {}

    def final_days(self, as_of: int) -> FloatArray:
        """Return the doses that each day will have in the end (units × days), as thought at a period."""
        triangle = self.triangle
        if as_of not in self._growth:
            self._growth[as_of] = learn_growth(triangle, as_of)
        steps = np.maximum(triangle.steps_at(as_of), 0)
        growth = self._growth[as_of][:, triangle.weekdays, steps]
        final: FloatArray = triangle.entered_at(as_of) * growth
        return final

    def at(self, as_of: int) -> Nowcast:
        """Return the nowcast of the span of days that ends at a period."""
        span = self.triangle.last_days(as_of, self.span_days)
        entered = _total(self.triangle.entered_at(as_of), span)
        days = self.final_days(as_of)
        final = _total(days, span)
        scale = self._scale(as_of, entered, final)
        errors = [self._past_error(past, as_of) for past in self._past_dates(as_of)]
        if len(errors) < LEAST_ERRORS:
            return Nowcast(entered, final, np.full((final.size, QUANTILES.size), np.nan))
        spread = _widened(_mixed_quantiles(np.stack(errors))) * scale[:, None]
        return Nowcast(entered, final, np.maximum(final[:, None] + spread, 0.0))

    def _past_dates(self, as_of: int) -> range:
        """Return the earlier periods whose errors are used: those that had a step to learn from."""
        length = self.triangle.period_days
        first = self.triangle.first_look() + LEARNING_DAYS // length
        return range(max(first, as_of - ERROR_DAYS // length), as_of)

    def _past_error(self, past: int, as_of: int) -> FloatArray:
        """Return the error of a past nowcast per unit in its own scale, as it looks at `as_of`."""
        span = self.triangle.last_days(past, self.span_days)
        entered, thought = (
            _total(days, span) for days in (self.triangle.entered_at(past), self.final_days(past))
        )
        return (_total(self.final_days(as_of), span) - thought) / self._scale(past, entered, thought)

    def _scale(self, as_of: int, entered: FloatArray, final: FloatArray) -> FloatArray:
        """Return what one error is measured in: doses thought missing, their noise, a share of a week."""
        week = _total(self.final_days(as_of), self.triangle.last_days(as_of, WEEK))
        missing = np.maximum(final - entered, 0.0)
        scale: FloatArray = missing + NOISE * np.sqrt(missing) + WEEK_SHARE * np.maximum(week, 0.0) + 1.0
        return scale


def _total(days: FloatArray, span: BoolArray) -> FloatArray:
    return np.asarray(np.nan_to_num(days[:, span]).sum(axis=1))


def _mixed_quantiles(errors: FloatArray) -> FloatArray:
    """Return quantiles per unit (units × 23) of its own errors and its group's, half and half.

    `errors`: dates × units.
    """
    group = np.broadcast_to(np.quantile(errors, LEVELS)[:, None], (LEVELS.size, errors.shape[1]))
    both = np.concatenate([np.quantile(errors, LEVELS, axis=0), group])
    mixed: FloatArray = np.quantile(both, QUANTILES, axis=0).T
    return mixed


def _widened(quantiles: FloatArray) -> FloatArray:
    middle = quantiles[:, [MEDIAN]]
    widened: FloatArray = middle + TAIL_WIDENING * (quantiles - middle)
    return widened
