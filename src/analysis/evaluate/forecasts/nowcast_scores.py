"""Score the nowcast on a file of daily snapshots: at each of them, the last seven days as known then.

A score sets the nowcast against leaving the count as it is entered: the WIS over the mean absolute error of
the unadjusted count. The truth is what was entered three weeks after each day.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import RequestError
from analysis.evaluate.forecasts.interval_scores import interval_share, weighted_interval_score
from analysis.evaluate.forecasts.read_triangle import Snapshots, read_triangle
from analysis.trends.forecast.quantiles import INTERVAL_50, INTERVAL_95, MEDIAN, QUANTILES, FloatArray
from analysis.trends.nowcast.estimate import LEARNING_DAYS, Nowcaster

FIRST_SCORED_DAYS = 2 * LEARNING_DAYS  # after the first snapshot: then errors are known as well
SPAN_DAYS = 7


def score_triangle(path: Path, out: Path) -> str:
    """Score the nowcast of a snapshot file; write `nowcasts.csv` and `nowcast_scores.csv`, return the table.

    `nowcasts.csv` has a row a dose number, unit and snapshot: entered, truth, nowcast and its 50 % and 95 %
    intervals of the doses of the last seven days. Raises RequestError when no snapshot can be scored.
    """
    made = [_nowcasts(snapshots) for snapshots in read_triangle(path)]
    rows = pd.concat(made, ignore_index=True)
    if rows.empty:
        raise RequestError(
            "--triangle: no snapshot has 28 days of snapshots before it and 21 days after it; "
            "give a longer file"
        )
    scores = pd.DataFrame([_scores(int(str(n)), part) for n, part in rows.groupby("dose_number")])
    rows.drop(columns="values").to_csv(
        out / "nowcasts.csv", index=False, encoding="utf-8", lineterminator="\n", float_format="%.1f"
    )
    scores.to_csv(
        out / "nowcast_scores.csv", index=False, encoding="utf-8", lineterminator="\n", float_format="%.6f"
    )
    return print_nowcast_scores(scores)


def _nowcasts(snapshots: Snapshots) -> pd.DataFrame:
    """Return the nowcast of every unit at every snapshot that can be scored."""
    triangle = snapshots.triangle
    caster = Nowcaster(triangle, SPAN_DAYS)
    last = triangle.days.size - triangle.known.shape[2]
    first = triangle.first_look() + FIRST_SCORED_DAYS
    parts = [_one_date(caster, at) for at in range(first, last + 1) if snapshots.taken[at]]
    made = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"truth": [], "values": []})
    return made.assign(dose_number=snapshots.dose_number)


def _one_date(caster: Nowcaster, as_of: int) -> pd.DataFrame:
    triangle, told = caster.triangle, caster.at(as_of)
    values = told.quantiles
    return pd.DataFrame(
        {
            "unit_code": triangle.unit_codes,
            "last_day": triangle.days[as_of],
            "entered": told.entered,
            "truth": triangle.known[:, triangle.last_days(as_of, SPAN_DAYS), -1].sum(axis=1),
            "nowcast": values[:, MEDIAN],
            "low_95": values[:, INTERVAL_95[0]],
            "low_50": values[:, INTERVAL_50[0]],
            "high_50": values[:, INTERVAL_50[1]],
            "high_95": values[:, INTERVAL_95[1]],
            "values": list(values),
        }
    )


def _scores(dose_number: int, rows: pd.DataFrame) -> dict[str, float]:
    truth, entered = (rows[name].to_numpy(dtype=np.float64) for name in ("truth", "entered"))
    values: FloatArray = np.stack(list(rows["values"])).reshape(-1, QUANTILES.size)
    unadjusted = np.abs(entered - truth).sum()
    return {
        "dose_number": dose_number,
        "n_nowcasts": truth.size,
        "unadjusted_bias_pct": 100 * (entered.sum() / truth.sum() - 1),
        "bias_pct": 100 * (values[:, MEDIAN].sum() / truth.sum() - 1),
        "rel_error": np.abs(values[:, MEDIAN] - truth).sum() / unadjusted,
        "rel_wis_unadjusted": weighted_interval_score(values, truth).sum() / unadjusted,
        "coverage_50": interval_share(values, truth, INTERVAL_50),
        "coverage_95": interval_share(values, truth, INTERVAL_95),
    }


def print_nowcast_scores(scores: pd.DataFrame) -> str:
    """Return the scores as text, a line a dose number."""
    lines = [
        "nowcast of the last 7 days, against the unadjusted count",
        "dose  nowcasts  unadjusted  bias     error  WIS    in 50 %  in 95 %",
    ]
    for row in scores.itertuples():
        lines.append(
            f"{row.dose_number:<5} {row.n_nowcasts:<9} {row.unadjusted_bias_pct:+.2f} %     "
            f"{row.bias_pct:+.2f} %  {row.rel_error:.3f}  {row.rel_wis_unadjusted:.3f}  "
            f"{row.coverage_50:.2f}     {row.coverage_95:.2f}"
        )
    return "\n".join(lines)
