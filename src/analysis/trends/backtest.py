"""Score forecasts on past weeks of any series: rolling origins, nothing known later is ever seen.

Protocol of the epidemic-forecast hubs: origins every three weeks from 2021-02-14 to 2021-12-26, a unit
enters at 2 % coverage, horizons of 1, 2, 4 and 8 weeks, 23 quantiles, scores relative to `flat7`.
"""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analysis.engine import sql_path
from analysis.errors import MachineError, RequestError
from analysis.trends.date_scores import score_dates
from analysis.trends.methods import METHODS, OURS, PLAIN_METHODS
from analysis.trends.nowcast_scores import score_triangle
from analysis.trends.products import read_product_file, with_products
from analysis.trends.read_series import read_series
from analysis.trends.score_pictures import draw_reliability, draw_scores
from analysis.trends.score_tables import score_reliability, score_targets, score_tasks
from analysis.trends.scoring import QUANTILES
from analysis.trends.series import SERIES
from analysis.trends.tasks import HORIZONS, Tasks, make_tasks

REFERENCE = "flat7"
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
    names = _checked_methods(methods)
    _make_folder(out)
    parts = [score_series(series, out, names, products)] if series else []
    parts += [score_triangle(triangle, out)] if triangle else []
    return "\n".join(parts)


def score_series(series: Path, out: Path, names: tuple[str, ...], products: Path | None = None) -> str:
    """Score our model, `flat7` and the named baselines on a series file; return the score table.

    Writes `forecasts.parquet` (our quantiles, also where the truth is not known yet), `scores.csv`,
    `targets.csv` (Brier scores of reaching 40 … 80 %), `dates.csv` (error of the date reached),
    `reliability.csv`, and the pictures `scores.png` and `reliability.png` to `out`.
    Raises RequestError for a bad series file, an unknown method or a series too short to score.
    """
    panels = read_series(series)
    if products:
        rows = read_product_file(products)
        panels = [with_products(panel, rows) for panel in panels]
    tasks = make_tasks(panels, names)
    scored = tasks.where(np.isfinite(tasks.rows["truth"].to_numpy(dtype=np.float64)))
    if scored.rows.empty:
        raise RequestError(
            "--series: no unit has 2 % at an origin between 2021-02-14 and 2021-12-26 and a known week "
            "after it; give a longer series"
        )
    scores, targets, dates = score_tasks(scored), score_targets(scored), score_dates(scored)
    reliability = score_reliability(scored)
    write_forecasts(tasks, out / "forecasts.parquet")
    _write_csv(scores, out / "scores.csv")
    _write_csv(targets, out / "targets.csv")
    _write_csv(dates, out / "dates.csv")
    _write_csv(reliability, out / "reliability.csv")
    draw_scores(scores, out / "scores.png", OURS)
    draw_reliability(reliability, out / "reliability.png", OURS)
    return print_scores(scores, targets, dates)


def _checked_methods(methods: tuple[str, ...]) -> tuple[str, ...]:
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


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n", float_format="%.6f")


def print_scores(scores: pd.DataFrame, targets: pd.DataFrame, dates: pd.DataFrame) -> str:
    """Return the scores as text: per status and method, one figure per horizon.

    The last column is the mean absolute error of the date reached, in days.
    """
    lines = []
    for status in SERIES:
        part = scores[scores["series_status"] == status]
        if part.empty:
            continue
        tasks = part.drop_duplicates("horizon_weeks")["n_tasks"].sum()
        lines.append(f"{status}: {tasks} forecasts, {' '.join(str(h) for h in HORIZONS)} weeks ahead")
        lines.append(
            f"{'method':<15} {'relative WIS':<24} {'in 50 %':<20} {'in 95 %':<20} {'bias':<28} "
            "Brier 4, 8   days"
        )
        lines += [
            _score_line(str(m), rows, targets, dates, status)
            for m, rows in part.groupby("method", sort=False)
        ]
        lines.append("")
    return "\n".join(lines)


def _score_line(
    method: str, rows: pd.DataFrame, targets: pd.DataFrame, dates: pd.DataFrame, status: str
) -> str:
    """Return one method's line of the printed table."""
    by_horizon = rows.set_index("horizon_weeks")
    brier, days = (
        frame[(frame["method"] == method) & (frame["series_status"] == status)][name]
        for frame, name in ((targets, "brier"), (dates, "mean_abs_error_days"))
    )
    cells = [
        _cells(by_horizon["rel_wis_flat7"], 24, "{:.3f}"),
        _cells(by_horizon["coverage_50"], 20, "{:.2f}"),
        _cells(by_horizon["coverage_95"], 20, "{:.2f}"),
        _cells(by_horizon["bias"], 28, "{:+.2f}"),
        _cells(brier, 12, "{:.3f}"),
        _cells(days, 0, "{:.1f}"),
    ]
    return f"{method:<15} {' '.join(cells)}".rstrip()


def _cells(values: pd.Series, width: int, pattern: str) -> str:
    return " ".join(pattern.format(value) for value in values).ljust(width)
