"""What reported days that cannot be right add to the counts, and the counts without it (sources in-11, in-12).

Published counts keep those days. A forecast that learned from them would run on at their pace, and a target would be
reached by them alone.
"""

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd

from analysis.settings import RunParameters
from analysis.trends.forecast.histories import REPORTED, History
from analysis.trends.forecast.quantiles import FloatArray

MEASURES = {"at_least_one": "dose_1", "primary_complete": "dose_2"}


def read_excess(con: duckdb.DuckDBPyConnection, run: RunParameters) -> pd.DataFrame:
    """Return the excess of each suspicious day: `unit_level, unit_code, measure, report_date, excess`.

    Needs the view `suspicious_days`; a count below zero that took an excess back has one below zero.
    """
    frame: pd.DataFrame = con.execute(
        "SELECT unit_level, unit_code, measure, report_date, CAST(sum(reported - usual) AS DOUBLE) AS excess "
        "FROM suspicious_days WHERE report_date <= ? GROUP BY ALL ORDER BY ALL",
        [run.as_of],
    ).df()
    return frame


def leave_out_excess(histories: list[History], excess: pd.DataFrame) -> list[History]:
    """Return the histories, those of the reported basis without the excess of suspicious days."""
    return [_without(history, excess) if history.basis == REPORTED else history for history in histories]


def _without(history: History, excess: pd.DataFrame) -> History:
    own = excess[excess["unit_level"] == history.unit_level]
    people = {
        status: counts - _until(history, own[own["measure"] == MEASURES[status]])
        for status, counts in history.people.items()
    }
    if all(np.array_equal(people[s], history.people[s], equal_nan=True) for s in people):
        return history
    percent = {status: 100.0 * counts / history.population[:, None] for status, counts in people.items()}
    panel = replace(history.panel, values=percent)
    return replace(history, people=people, entered=people, panel=panel, reported=history.people)


def _until(history: History, excess: pd.DataFrame) -> FloatArray:
    """Return the excess up to the end of each week (units × weeks)."""
    total = np.zeros((len(history.panel.unit_codes), history.panel.weeks.size))
    place = {code: k for k, code in enumerate(history.panel.unit_codes)}
    days = excess["report_date"].to_numpy(dtype="datetime64[D]")
    for code, day, doses in zip(excess["unit_code"], days, excess["excess"], strict=True):
        if code in place:
            total[place[code], history.panel.weeks >= day] += doses
    return total


def supply_without_excess(supply: pd.DataFrame, excess: pd.DataFrame) -> pd.DataFrame:
    """Return the doses left of each unit as if suspicious days had given the usual number."""
    given = excess[excess["measure"] == "doses_administered"]
    if given.empty:
        return supply
    too_many = given.groupby(["unit_level", "unit_code"])["excess"].sum().reindex(supply.index).fillna(0.0)
    return supply.assign(doses_left=supply["doses_left"] + too_many)
