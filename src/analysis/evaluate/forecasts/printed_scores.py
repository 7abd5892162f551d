"""The score tables of a backtest as text: what the terminal shows."""

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.evaluate.forecasts.origins import HORIZONS
from analysis.evaluate.forecasts.rivals.methods import OURS
from analysis.trends.forecast.series import SERIES

TARGET_WEEKS = (4, 8)
LEAST_TARGETS = 100  # a tenth with fewer says little
HEADINGS = ("relative WIS", "mean by country", "in 50 %", "in 95 %", "bias", "Brier 4, 8", "days")
WIDTHS = (24, 24, 20, 20, 28, 12, 0)


def print_scores(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the scores as text: per status and method, one figure per horizon; then what ours gives away.

    The last column is the mean absolute error of the date reached within 8 weeks, in days.
    """
    scores = tables["scores"]
    lines: list[str] = []
    for status in SERIES:
        part = scores[scores["series_status"] == status]
        if not part.empty:
            lines += [*_score_lines(part, tables, status), *_lines_of_ours(tables, status), ""]
    return "\n".join(lines)


def _score_lines(part: pd.DataFrame, tables: Mapping[str, pd.DataFrame], status: str) -> Iterator[str]:
    """Give the table of one status: a heading and a line a method."""
    tasks = part.drop_duplicates("horizon_weeks")
    countries = tasks["n_countries"].max()
    yield (
        f"{status}: {tasks['n_tasks'].sum()} forecasts of {countries} countries, "
        f"{' '.join(map(str, HORIZONS))} weeks ahead"
    )
    yield _line("method", (h.ljust(w) for h, w in zip(HEADINGS, WIDTHS, strict=True)))
    for method, rows in part.groupby("method", sort=False):
        yield _line(str(method), _cells_of(str(method), rows, tables, status))


def _cells_of(
    method: str, rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], status: str
) -> Iterator[str]:
    """Give the cells of one method's line."""
    by_horizon = rows.set_index("horizon_weeks")
    targets, dates = (_of(tables[name], status, method) for name in ("targets", "dates"))
    brier = targets[targets["horizon_weeks"].isin(TARGET_WEEKS)]["brier"]
    days = dates[dates["within_weeks"] == HORIZONS[-1]]["mean_abs_error_days"]
    shown = [
        (by_horizon[name], pattern)
        for name, pattern in (
            ("rel_wis_flat7", "{:.3f}"),
            ("rel_wis_by_country", "{:.3f}"),
            ("coverage_50", "{:.2f}"),
            ("coverage_95", "{:.2f}"),
            ("bias", "{:+.2f}"),
        )
    ]
    shown += [(brier, "{:.3f}"), (days, "{:.1f}")]
    for (values, pattern), width in zip(shown, WIDTHS, strict=True):
        yield _figures(values, pattern).ljust(width)


def _lines_of_ours(tables: Mapping[str, pd.DataFrame], status: str) -> Iterator[str]:
    """Give what only our model is asked for: countries, further horizons, chances, dates."""
    scores = _of(tables["scores"], status, OURS)
    holding = " ".join(f"{r.n_holding_95}/{r.n_countries}" for r in scores.itertuples())
    yield f"countries with 88 to 99 % of truths in 95 %: {holding}"
    further = _of(tables["scores_further"], status, OURS)
    if not further.empty:
        weeks = " ".join(map(str, further["horizon_weeks"]))
        yield (
            f"{weeks} weeks: relative WIS {_figures(further['rel_wis_flat7'], '{:.3f}')}, "
            f"by country {_figures(further['rel_wis_by_country'], '{:.3f}')}, "
            f"in 50 % {_figures(further['coverage_50'], '{:.2f}')}, "
            f"in 95 % {_figures(further['coverage_95'], '{:.2f}')}"
        )
    targets = _of(tables["targets"], status, OURS)
    yield "Brier by weeks: " + " ".join(f"{r.horizon_weeks}:{r.brier:.4f}" for r in targets.itertuples())
    chances = _of(tables["chances"], status, OURS)
    for weeks in sorted(set(chances["horizon_weeks"])):
        rows = chances[(chances["horizon_weeks"] == weeks) & (chances["n_targets"] >= LEAST_TARGETS)]
        cells = " ".join(
            f"{p:.0f}→{q:.0f} ({n})"
            for p, q, n in zip(100 * rows["chance"], 100 * rows["reached"], rows["n_targets"], strict=True)
        )
        yield f"targets within {weeks} weeks, chance given → came true, %: {cells}"
    for row in _of(tables["dates"], status, OURS).itertuples():
        yield (
            f"days reached within {row.within_weeks} weeks: {row.n_foretold} of {row.n_reached} foretold, "
            f"off by {row.mean_abs_error_days:.1f} days, in 95 % {row.inside_95:.2f}"
        )


def _of(table: pd.DataFrame, status: str, method: str) -> pd.DataFrame:
    return table[(table["series_status"] == status) & (table["method"] == method)] if len(table) else table


def _line(first: str, cells: Iterator[str]) -> str:
    return f"{first:<15} {' '.join(cells)}".rstrip()


def _figures(values: pd.Series, pattern: str) -> str:
    return " ".join(pattern.format(value) for value in values)
