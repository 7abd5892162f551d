"""Score forecasts on past weeks of any series: rolling origins, nothing known later is ever seen.

Protocol of the epidemic-forecast hubs: origins every three weeks from 2021-02-14 to 2021-12-26, a unit
enters at 2 % coverage, horizons of 1, 2, 4 and 8 weeks, 23 quantiles, scores relative to `flat7`.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import numpy as np

from analysis.engine import sql_path
from analysis.errors import MachineError, RequestError
from analysis.evaluate.forecasts.coefficients import read_learned
from analysis.evaluate.forecasts.date_scores import score_dates
from analysis.evaluate.forecasts.nowcast_scores import score_triangle
from analysis.evaluate.forecasts.origins import FURTHER_HORIZONS, HORIZONS, Tasks, make_tasks
from analysis.evaluate.forecasts.printed_scores import print_scores
from analysis.evaluate.forecasts.product_files import read_product_file, with_products
from analysis.evaluate.forecasts.read_series import read_series
from analysis.evaluate.forecasts.rivals.methods import METHODS, OURS, PLAIN_METHODS, REFERENCE
from analysis.evaluate.forecasts.score_pictures import draw_chances, draw_reliability, draw_scores
from analysis.evaluate.forecasts.score_tables import (
    score_chances,
    score_countries,
    score_reliability,
    score_targets,
    score_tasks,
)
from analysis.evaluate.forecasts.training.bending import bend_tasks
from analysis.evaluate.forecasts.training.learning import Learned
from analysis.trends.forecast.growth import Forecaster
from analysis.trends.forecast.quantiles import QUANTILES
from analysis.trends.forecast.series import Panel

ALL_METHODS = "all"  # every method that needs no extra package


def run_backtest(
    series: Path | None,
    out: Path,
    methods: tuple[str, ...] = (),
    triangle: Path | None = None,
    products: Path | None = None,
) -> str:
    """Score the forecasts on a series file, the nowcast on a snapshot file, or both; return the tables.

    `products` gives the first doses by product to the countries all of whose units it holds. Raises
    RequestError for a bad file, an unknown method or too little to score.
    """
    if series is None and triangle is None:
        raise RequestError("backtest: nothing to score; give --series FILE, --triangle FILE or both")
    names = chosen_methods(methods)
    _make_folder(out)
    parts = [score_series(series, out, names, products)] if series else []
    parts += [score_triangle(triangle, out)] if triangle else []
    return "\n".join(parts)


def score_series(series: Path, out: Path, names: tuple[str, ...], products: Path | None = None) -> str:
    """Score our model, `flat7` and the named baselines on a series file; return the score tables.

    Writes to `out` what `write_scores` does. Raises RequestError for a bad series file, an unknown method or
    a series too short to score.
    """
    panels = read_series(series)
    if products:
        rows = read_product_file(products)
        panels = [with_products(panel, rows) for panel in panels]
    return score_panels(panels, out, {name: METHODS[name] for name in names}, read_learned())


def score_panels(panels: list[Panel], out: Path, methods: Mapping[str, Forecaster], learned: Learned) -> str:
    """Forecast panels at every origin with every method, write the scores and return them as text.

    Our chances are bent as `learned` without the country says.
    """
    tasks = bend_tasks(make_tasks(panels, methods), OURS, learned)
    scored = tasks.where(np.isfinite(tasks.rows["truth"].to_numpy(dtype=np.float64)))
    if scored.at_horizons(HORIZONS).rows.empty:
        raise RequestError(
            "--series: no unit has 2 % at an origin between 2021-02-14 and 2021-12-26 and a known week "
            "after it; give a longer series"
        )
    write_forecasts(tasks.at_horizons(HORIZONS), out / "forecasts.parquet")
    return write_scores(scored, out)


def write_scores(scored: Tasks, out: Path) -> str:
    """Write every table and picture of the scores; return the tables as text.

    `scores.csv` and `scores_by_country.csv` at the horizons of the protocol, `scores_further.csv` at those
    that the way to a target needs besides, `targets.csv` (Brier scores of reaching 40 … 80 %) and
    `chances.csv` (how often they came true by tenth of the chance) at all of them, `dates.csv` (error of the
    date reached), `reliability.csv`, and the pictures `scores.png`, `reliability.png` and `chances.png`.
    """
    protocol = scored.at_horizons(HORIZONS)
    tables = {
        "scores": score_tasks(protocol),
        "scores_by_country": score_countries(protocol),
        "scores_further": score_tasks(scored.at_horizons(FURTHER_HORIZONS)),
        "targets": score_targets(scored),
        "chances": score_chances(scored),
        "dates": score_dates(scored),
        "reliability": score_reliability(scored),
    }
    for name, table in tables.items():
        table.to_csv(
            out / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n", float_format="%.6f"
        )
    draw_scores(tables["scores"], out / "scores.png", OURS)
    of_protocol = tables["reliability"]["horizon_weeks"].isin(HORIZONS)
    draw_reliability(tables["reliability"][of_protocol], out / "reliability.png", OURS)
    draw_chances(tables["chances"], out / "chances.png", OURS)
    return print_scores(tables)


def chosen_methods(methods: tuple[str, ...]) -> tuple[str, ...]:
    """Return our model, the reference and the baselines asked for, each once; refuse unknown names."""
    asked = [name for m in methods for name in (PLAIN_METHODS if m == ALL_METHODS else (m,))]
    names = tuple(dict.fromkeys([OURS, REFERENCE, *asked]))
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise RequestError(
            f"--methods: unknown method '{unknown[0]}'; known: {', '.join([*METHODS, ALL_METHODS])}"
        )
    return names


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MachineError("--out: the folder cannot be made; check the path and its permissions") from error


def write_forecasts(tasks: Tasks, path: Path) -> None:
    """Write our quantiles, a row each: the columns of interfaces, forecast; values in percent."""
    rows = tasks.rows.loc[tasks.rows.index.repeat(QUANTILES.size)].reset_index(drop=True)
    rows["quantile"] = np.tile(QUANTILES, len(tasks.rows))
    rows["value"] = tasks.values[OURS].ravel()
    with duckdb.connect() as con:
        con.register("forecast_rows", rows)
        con.execute(
            "COPY (SELECT country, unit_code, series_status, CAST(origin AS DATE) AS origin, "
            "CAST(horizon_weeks AS INTEGER) AS horizon_weeks, CAST(target_date AS DATE) AS target_date, "
            "CAST(quantile AS DOUBLE) AS quantile, round(CAST(value AS DOUBLE), 6) AS value "
            "FROM forecast_rows ORDER BY ALL) "
            f"TO {sql_path(path)} (FORMAT parquet, COMPRESSION zstd)"
        )
