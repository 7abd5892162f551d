"""Two methods that lean on others: second doses from first doses alone, and ours mixed with the hubs' baseline."""

from collections.abc import Sequence

import numpy as np

from analysis.evaluate.forecasts.rivals.baselines import ERROR_WEEKS, hub, pooled_error_quantiles
from analysis.trends.forecast.growth import Forecaster
from analysis.trends.forecast.quantiles import QUANTILES, FloatArray, keep_cumulative
from analysis.trends.forecast.second_doses import expect_second_doses
from analysis.trends.forecast.series import Panel, last_pace

POOLED_SHARE = 2.0 / 3.0
LEAST_WEEKS = 4


def mix_with_hub(ours: Forecaster) -> Forecaster:
    """Return the average of the quantiles of our model and of the hubs' baseline, two to one."""

    def forecast(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
        """Average the two forecasts."""
        theirs = hub(past, status, horizons)
        return np.asarray(POOLED_SHARE * ours(past, status, horizons) + (1 - POOLED_SHARE) * theirs)

    return forecast


def convolution(past: Panel, status: str, horizons: Sequence[int]) -> FloatArray:
    """Forecast second doses as first doses some weeks later, at the pace of now for those to come.

    The interval is made of the group's past errors. First doses have no forecast (NaN).
    """
    values = past.values[status]
    if status != "primary_complete":
        return np.full((values.shape[0], len(horizons), QUANTILES.size), np.nan)
    weeks = values.shape[1]
    gains = _expected_gains(past, max(horizons))
    origins = range(max(LEAST_WEEKS, weeks - max(horizons) - ERROR_WEEKS), weeks)
    earlier = {week: _expected_gains(past.first_weeks(week), max(horizons)) for week in origins}
    result = np.empty((values.shape[0], len(horizons), QUANTILES.size))
    for k, horizon in enumerate(horizons):
        errors = [
            values[:, week - 1 + horizon] - values[:, week - 1] - given[:, horizon - 1]
            for week, given in earlier.items()
            if week - 1 + horizon < weeks
        ][-ERROR_WEEKS:]
        band = pooled_error_quantiles(np.array(errors), last_pace(values), horizon)
        result[:, k] = (values[:, -1] + gains[:, horizon - 1])[:, None] + band
    return keep_cumulative(result, values[:, -1])


def _expected_gains(past: Panel, ahead: int) -> FloatArray:
    """Return the second doses after 1 … `ahead` weeks that first doses announce (units × weeks)."""
    pace = np.repeat(last_pace(past.values["at_least_one"])[:, None], ahead, axis=1)
    expected = expect_second_doses(past, pace)
    return np.asarray(expected[:, -ahead:].cumsum(axis=1))
