"""Whether probabilities come true: predicted against right shares, by band of probability and by stratum.

Right is what an audit found (of this run, else the newest of an earlier week), and on simulated intakes what the truth
beside the intake says. Counts and shares only.
"""

from pathlib import Path

import duckdb
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.audit.strata import BY_NAME, stratum_sql
from analysis.earlier_runs import read_intake_mark
from analysis.engine import Engine, sql_path
from analysis.pictures import Picture, as_picture
from analysis.pipeline import AUDIT_RESULT, newest_audit
from analysis.settings import RunParameters
from analysis.tables import TABLES

COLUMNS = ["source", "part", "name", "rows", "predicted_pct", "right_pct", "low", "high"]
AUDIT, TRUTH = "audit", "truth"
BAND, STRATUM = "band", "stratum"
NOTHING = (
    "Chưa có kiểm tra ngẫu nhiên, cũng không phải số liệu mô phỏng:\nchưa biết xác suất có đúng như đã nói"
)
SOURCES = {AUDIT: ("kiểm tra ngẫu nhiên", "#c62828"), TRUTH: ("sự thật của số liệu mô phỏng", "#1b5e20")}
PREDICTED = "#90a4ae"
# Where probabilities lie: most pairs near 0 or 1, and errors there weigh most.
EDGES = (0, 0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1)

AUDITED = f"""
SELECT '{AUDIT}' AS source, '{STRATUM}' AS part, stratum AS name, r.sampled AS rows, p.estimate AS predicted_pct,
    r.estimate AS right_pct, r.low, r.high
FROM (FROM result WHERE measure = 'right_pct') AS r
LEFT JOIN (FROM result WHERE measure = 'predicted_pct') AS p USING (stratum)"""

# What the model weighed: its links, and every candidate that it left to people.
PAIRS = """
SELECT match_probability, l.citizen_id = t.citizen_id AS is_right
FROM links AS l JOIN truth AS t USING (source_file, source_row)
WHERE l.link_method = 'probabilistic' AND l.citizen_id IS NOT NULL
UNION ALL
SELECT match_probability, c.citizen_id = t.citizen_id
FROM clerical_candidates AS c JOIN truth AS t USING (source_file, source_row)"""
BANDS = f"""
SELECT '{TRUTH}' AS source, '{BAND}' AS part,
    printf('%.3f–%.3f', edges[band], edges[band + 1]) AS name,
    count(*) AS rows, 100 * avg(match_probability) AS predicted_pct,
    100 * avg(coalesce(is_right, false)::INTEGER) AS right_pct
FROM (SELECT *, {list(EDGES)}::DOUBLE[] AS edges,
    len(list_filter({list(EDGES[:-1])}::DOUBLE[], lambda edge: edge <= match_probability)) AS band FROM ({PAIRS}))
GROUP BY band, edges"""

# A verdict is right as the audit judges it (audit/outcomes.py): the person linked, or nobody of the registry missed.
CHANCES = """
SELECT source_file, source_row, least(1, sum(match_probability ORDER BY match_probability)) AS chance
FROM clerical_candidates GROUP BY ALL"""
PREDICTED_SQL = """CASE WHEN l.citizen_id IS NOT NULL THEN l.match_probability
    WHEN l.link_status = 'clerical_review' THEN 1 - chance END"""
STRATA = f"""
WITH chances AS ({CHANCES}),
rows AS (
    SELECT {stratum_sql()} AS name, {PREDICTED_SQL} AS predicted,
        CASE WHEN l.citizen_id IS NULL THEN r.citizen_id IS NULL
            ELSE l.citizen_id IS NOT DISTINCT FROM t.citizen_id END AS is_right
    FROM links AS l JOIN doses AS d USING (source_file, source_row) JOIN truth AS t USING (source_file, source_row)
    LEFT JOIN citizens AS r ON r.citizen_id = t.citizen_id LEFT JOIN chances USING (source_file, source_row)
    WHERE NOT d.is_rejected AND l.link_method IS DISTINCT FROM 'decision')
SELECT '{TRUTH}' AS source, '{STRATUM}' AS part, name, count(*) AS rows, 100 * avg(predicted) AS predicted_pct,
    100 * avg(is_right::INTEGER) AS right_pct
FROM rows WHERE name IS NOT NULL GROUP BY name"""


def count_calibration(run: RunParameters) -> pd.DataFrame:
    """Return predicted beside right shares, one row a source, part (band or stratum) and its name.

    Columns: rows (looked up, or all of them), predicted_pct (the mean of the model's probabilities; missing where it
    gives none), right_pct, and the audit's 95 % limits. Of a band the pairs that are of one person are right, of a
    stratum the verdicts. Empty without an audit on intakes that are not simulated.
    """
    with duckdb.connect() as con:  # the run's own engine opens neither a truth nor another week's folder
        parts = [*_audited(con, run), *_true(con, run)]
    frame = pd.concat(parts) if parts else pd.DataFrame()
    order = {name: place for place, name in enumerate(BY_NAME)}
    frame = frame.reindex(columns=COLUMNS)
    frame = frame.sort_values(
        "name", key=lambda names: names.map(lambda name: (order.get(name, -1), name)), kind="stable"
    )
    return frame.sort_values(["source", "part"], kind="stable", ignore_index=True)


def _audited(con: duckdb.DuckDBPyConnection, run: RunParameters) -> list[pd.DataFrame]:
    own = run.aggregate / f"{AUDIT_RESULT}.parquet"
    path = own if own.is_file() else newest_audit(run)
    if path is None:
        return []
    _view(con, "result", path)
    found: pd.DataFrame = con.execute(AUDITED).df()
    return [found] if len(found) else []


def _true(con: duckdb.DuckDBPyConnection, run: RunParameters) -> list[pd.DataFrame]:
    path = truth_rows(run)
    if path is None:
        return []
    _view(con, "truth", path)
    for name in ("links", "doses", "clerical_candidates", "citizens"):
        _view(con, name, TABLES[name].path(run))
    return [con.execute(query).df() for query in (BANDS, STRATA)]


def _view(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    Engine(con).create_view(name, f"SELECT * FROM read_parquet({sql_path(path)})")


def truth_rows(run: RunParameters) -> Path | None:
    """Return the file of the true citizens beside a simulated intake; None where there is none."""
    path = run.raw.with_name(f"{run.raw.name}_truth") / "doses.parquet"
    return path if path.is_file() and read_intake_mark(run.raw).get("simulated") else None


def draw_calibration(calibration: pd.DataFrame) -> Picture:
    """Draw `count_calibration` as `calibration_figure` does, as the picture that a notebook shows."""
    return as_picture(calibration_figure(calibration))


def calibration_figure(calibration: pd.DataFrame) -> Figure:
    """Draw bands against the diagonal on which probabilities come true, and strata with their limits.

    Without anything to compare with the figure says so.
    """
    known = calibration[calibration["right_pct"].notna()]
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    if known.empty:
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.text(0.5, 0.5, NOTHING, ha="center", va="center")
        return figure
    bands, strata = figure.subplots(1, 2, width_ratios=(1, 1.3))
    _draw_bands(bands, known[known["part"] == BAND])
    _draw_strata(strata, known[known["part"] == STRATUM])
    return figure


def _draw_bands(axes: Axes, bands: pd.DataFrame) -> None:
    axes.plot([0, 100], [0, 100], color="#333333", linewidth=0.8)
    axes.scatter(bands["predicted_pct"], bands["right_pct"], color=SOURCES[TRUTH][1], s=30, zorder=3)
    axes.set(xlim=(-2, 102), ylim=(-2, 102), xlabel="xác suất của mô hình, %", ylabel="đúng người, %")
    axes.set_title("Theo dải xác suất" if len(bands) else "Theo dải xác suất: chỉ có ở số liệu mô phỏng")


def _draw_strata(axes: Axes, strata: pd.DataFrame) -> None:
    names = [name for name in BY_NAME if name in set(strata["name"])]
    for number, (source, rows) in enumerate(strata.groupby("source", sort=True)):
        label, colour = SOURCES[str(source)]
        places = rows["name"].map(names.index) + 0.18 * number
        axes.scatter(
            rows["predicted_pct"], places, facecolors="none", edgecolors=PREDICTED, s=60, label="mô hình"
        )
        axes.scatter(rows["right_pct"], places, color=colour, s=18, zorder=3, label=label)
        axes.hlines(places, rows["low"], rows["high"], color=colour, linewidth=1)
    axes.set_yticks(range(len(names)), [BY_NAME[name].title for name in names], fontsize="small")
    axes.invert_yaxis()
    axes.set(xlim=(-2, 102), xlabel="kết luận đúng, %", title="Theo cách kết luận")
    handles, labels = axes.get_legend_handles_labels()
    shown = dict(zip(labels, handles, strict=True))
    axes.legend(shown.values(), shown.keys(), loc="upper left", fontsize="small", frameon=False)
