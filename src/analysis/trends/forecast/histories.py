"""Read the weekly coverage of every unit from the aggregate tables, grouped for forecasting."""

from dataclasses import dataclass, field, replace

import duckdb
import numpy as np
import pandas as pd

from analysis.settings import RunParameters
from analysis.tables import TABLES, view_empty, view_table
from analysis.trends.forecast.product_intervals import read_products, share_products
from analysis.trends.forecast.quantiles import QUANTILES, FloatArray
from analysis.trends.forecast.series import SERIES, Panel, make_panel

LEVELS = ("country", "province", "district")
REPORTED = "reported"
AGE_GROUPS = ("18+", "50+", "all")  # the age groups that targets name


@dataclass(frozen=True)
class History:
    """One group of units that share their shocks: one level, basis and age group.

    `people[status]` (units × weeks) and `population` (units) are counts; the panel holds percents. Where
    late entries were added (`entry_lag`), people and panel are estimates, `entered` keeps the counts and
    `start[status]` (units × 23) holds the quantiles of people at the last week. Where suspicious days were
    left out (`suspicious`), people, panel and `entered` are without their excess, `reported` keeps the counts.
    """

    unit_level: str
    basis: str
    age_group: str
    panel: Panel
    people: dict[str, FloatArray]
    population: FloatArray
    entered: dict[str, FloatArray]
    start: dict[str, FloatArray] = field(default_factory=dict)
    reported: dict[str, FloatArray] = field(default_factory=dict)

    def start_percent(self, status: str) -> FloatArray:
        """Return the quantiles of the present percent (units × 23): all the same where it is known."""
        now = self.panel.values[status][:, [-1]]
        if status not in self.start:
            return np.repeat(now, QUANTILES.size, axis=1)
        percent: FloatArray = 100.0 * self.start[status] / self.population[:, None]
        return percent


def view_input(con: duckdb.DuckDBPyConnection, name: str, run: RunParameters) -> None:
    """View an aggregate table of the run, or an empty one when the stage before wrote none."""
    if TABLES[name].path(run).is_file():
        view_table(con, name, run)
    else:
        view_empty(con, name)


def read_histories(con: duckdb.DuckDBPyConnection, run: RunParameters) -> list[History]:
    """Read the groups that have any count at `as_of`; needs `coverage` and `first_doses_by_product`.

    Only weeks that end a whole number of weeks before `as_of` are read. A unit without denominator
    (null or 0) stays in the group with an unknown percent. Daily reports have no age: the reported basis
    has its group 18+ and, for targets of the whole population, the same counts over all ages.
    """
    ages = ", ".join(f"'{age}'" for age in AGE_GROUPS)
    rows = con.execute(
        f"""
        SELECT unit_level, basis, age_group, unit_code, reference_date AS week_ending, series_status,
               CAST(people AS DOUBLE) AS people, CAST(nullif(population, 0) AS DOUBLE) AS population
        FROM coverage
        WHERE unit_level IN ('country', 'province', 'district') AND age_group IN ({ages})
          AND series_status IN ('at_least_one', 'primary_complete')
          AND reference_date <= ? AND date_diff('day', reference_date, ?) % 7 = 0
          AND (basis = 'reported') <= (age_group = '18+')
        ORDER BY ALL
        """,
        [run.as_of, run.as_of],
    ).df()
    groups = rows.groupby(["unit_level", "basis", "age_group"], sort=True)
    found = [
        _history(str(k[0]), str(k[1]), str(k[2]), frame) for k, frame in groups if _has_counts(frame, run)
    ]
    products = read_products(con)
    found = [_with_products(history, products) for history in found]
    whole = read_whole_population(con)
    return found + [_over_all_ages(h, whole) for h in found if h.basis == REPORTED]


def _with_products(history: History, products: pd.DataFrame) -> History:
    """Return the history with the products of its first doses, where platform rows tell them."""
    rows = products[products["unit_level"] == history.unit_level]
    shares = share_products(rows, history.panel.unit_codes, history.panel.weeks)
    return replace(history, panel=replace(history.panel, shares=shares))


def _over_all_ages(history: History, whole: pd.Series) -> History:
    """Return the reported counts against the population of all ages (units without one stay unknown)."""
    keys = pd.MultiIndex.from_product([[history.unit_level], history.panel.unit_codes])
    population = whole.reindex(keys).to_numpy(dtype=np.float64)
    percent = {status: 100.0 * people / population[:, None] for status, people in history.people.items()}
    panel = replace(history.panel, values=percent)
    return replace(history, age_group="all", population=population, panel=panel)


def _has_counts(frame: pd.DataFrame, run: RunParameters) -> bool:
    now = frame[frame["week_ending"] == pd.Timestamp(run.as_of)]
    return bool(now["people"].notna().any())


def _history(level: str, basis: str, age_group: str, frame: pd.DataFrame) -> History:
    wide = frame.pivot(index=["unit_code", "week_ending"], columns="series_status", values="people")
    wide = wide.reindex(columns=list(SERIES)).reset_index()
    counts = make_panel(level, wide)
    latest = frame.dropna(subset=["population"]).drop_duplicates("unit_code", keep="last")
    sizes = latest.set_index("unit_code")["population"].reindex(list(counts.unit_codes))
    population = sizes.to_numpy(dtype=np.float64)
    percent = {status: 100.0 * people / population[:, None] for status, people in counts.values.items()}
    panel = Panel(level, counts.unit_codes, counts.weeks, percent)
    return History(level, basis, age_group, panel, counts.values, population, counts.values)


def read_whole_population(con: duckdb.DuckDBPyConnection) -> pd.Series:
    """Return the population of all ages by (`unit_level, unit_code`); needs the view `coverage`."""
    frame: pd.DataFrame = con.execute(
        """
        SELECT unit_level, unit_code, CAST(population AS DOUBLE) AS population FROM coverage
        WHERE age_group = 'all' AND population > 0 AND unit_level IN ('country', 'province', 'district')
        QUALIFY row_number() OVER (PARTITION BY unit_level, unit_code ORDER BY reference_date DESC, basis) = 1
        ORDER BY unit_level, unit_code
        """
    ).df()
    return frame.set_index(["unit_level", "unit_code"])["population"]
