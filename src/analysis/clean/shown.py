"""Tables and pictures of the cleaning notebook, from the counts alone."""

import duckdb
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.clean.quality.measures import MEASURES
from analysis.clean.quality.reason_codes import REASONS
from analysis.pictures import Picture, as_picture
from analysis.readers import read_quality_scores
from analysis.settings import RunParameters
from analysis.tables import view_table

DIMENSIONS = {
    "completeness": "Đầy đủ",
    "validity": "Hợp lệ",
    "consistency": "Nhất quán",
    "timeliness": "Kịp thời",
    "uniqueness": "Không trùng",
}
# From which share on a cell has which colour, from the worst; the text is white on the two darkest.
SHADES = (
    (0.0, "#8c2d04"),
    (75.0, "#cc4c02"),
    (90.0, "#fe9929"),
    (95.0, "#fed98e"),
    (98.0, "#ffffd4"),
    (99.5, "#f2f7f2"),
)
LEAST_BASE = 50  # no percentage on fewer records (sources disclosure-2)
KINDS = {
    "rejected": "bị loại",
    "corrected": "đã sửa",
    "flagged": "cần rà soát",
    "noted": "ghi nhận",
    "quarantine": "để riêng",
}


def _counts(run: RunParameters, sql: str) -> pd.DataFrame:
    """Run SQL over `quality` and `facility_scores`; counts only."""
    with duckdb.connect() as con:
        for name in ("quality", "facility_scores"):
            view_table(con, name, run)
        frame: pd.DataFrame = con.execute(sql).df()
    return frame


def show_files(run: RunParameters) -> pd.DataFrame:
    """Return the files that were read, one row a file: rows in, kept, rejected, and how it was read."""
    return _counts(
        run,
        "SELECT q.source_file, q.rows_in, q.rows_kept, q.rows_rejected, r.detail AS read_as FROM quality AS q "
        "LEFT JOIN quality AS r ON r.source_file = q.source_file AND r.reason_code = 'read_as' "
        "WHERE q.reason_code IS NULL ORDER BY q.source_file",
    )


def show_set_aside(run: RunParameters) -> pd.DataFrame:
    """Return what was not read, one row a file or sheet: the reason, and where."""
    kinds = [code for code, reason in REASONS.items() if reason.kind == "quarantine"]
    listed = ", ".join(f"'{code}'" for code in (*kinds, "sheet_ignored"))
    frame = _counts(
        run,
        f"SELECT source_file, reason_code, detail FROM quality WHERE reason_code IN ({listed}) ORDER BY ALL",
    )
    return _with_meaning(frame)


def show_unknown_columns(run: RunParameters) -> pd.DataFrame:
    """Return the columns that no field is known for, one row a file; their cells are kept aside."""
    return _counts(
        run,
        "SELECT source_file, detail AS columns FROM quality WHERE reason_code = 'unknown_columns' ORDER BY ALL",
    )


def show_reasons(run: RunParameters) -> pd.DataFrame:
    """Return the reasons of rows, one row a reason: rows, their share of exports and rosters, files.

    Sorted by class (rejected, corrected, flagged), then by rows.
    """
    frame = _counts(
        run,
        "SELECT reason_code, sum(rows_in)::BIGINT AS rows, count(*) AS files, "
        "(SELECT sum(rows_in) FROM quality WHERE reason_code IS NULL AND "
        "folder IN ('platform', 'rosters'))::BIGINT AS of_rows "
        "FROM quality WHERE reason_code IS NOT NULL AND rows_in > 0 GROUP BY ALL ORDER BY rows DESC, reason_code",
    )
    frame = _with_meaning(frame)
    frame["share_pct"] = (100 * frame["rows"] / frame["of_rows"]).round(2)
    order = frame["kind"].map({word: i for i, word in enumerate(KINDS.values())})
    return frame.drop(columns="of_rows").iloc[order.argsort(kind="stable")].reset_index(drop=True)


def show_reasons_by_file(run: RunParameters, most: int = 12) -> pd.DataFrame:
    """Return rows by file (rows) and reason (columns, the `most` frequent ones); nothing is 0."""
    frame = _counts(
        run,
        "SELECT source_file, reason_code, rows_in FROM quality WHERE reason_code IS NOT NULL AND rows_in > 0",
    )
    wide = frame.pivot_table(index="source_file", columns="reason_code", values="rows_in", aggfunc="sum")
    frequent = wide.sum().sort_values(ascending=False, kind="stable").index[:most]
    return wide[frequent].fillna(0).astype("int64").sort_index()


def _with_meaning(frame: pd.DataFrame) -> pd.DataFrame:
    reasons = [REASONS[code] for code in frame["reason_code"]]
    return frame.assign(
        kind=[KINDS[r.kind] for r in reasons],
        vietnamese=[r.vietnamese for r in reasons],
    )


def show_weakest_facilities(
    run: RunParameters, province_code: str | None, dimension: str, measure: str, count: int = 15
) -> pd.DataFrame:
    """Return the facilities (ten doses or more) with the lowest share of a measure, one row a facility."""
    chosen = [f"dimension = '{dimension}'", f"measure = '{measure}'"]
    chosen += [f"province_code = '{province_code}'"] if province_code else []
    return _counts(
        run,
        "SELECT province_code, district_code, facility_code, facility_name, rows_good, rows_of, "
        "round(100.0 * rows_good / rows_of, 2) AS score_pct FROM facility_scores "
        f"WHERE {' AND '.join(chosen)} ORDER BY rows_good::DOUBLE / rows_of, rows_of DESC, 1, 2, 3, 4 LIMIT {int(count)}",
    )


def draw_scorecard(run: RunParameters, province_code: str | None = None) -> Picture:
    """Draw the scorecard: a row for each province (or each district of one), a column for each measure.

    A cell is the share of good records in percent, empty where a measure has fewer than LEAST_BASE
    records; a unit without any such measure is left out.
    """
    frame = read_quality_scores(run, province_code)
    ends = ("country", "province") if province_code is None else ("province", "district")
    frame = frame[frame["unit_level"].isin(ends) & (frame["rows_of"] >= LEAST_BASE)]
    units = frame.drop_duplicates("unit_code").set_index("unit_code")["unit_name"]
    shares = frame.set_index(["unit_code", "dimension", "measure"])["score_pct"]
    figure = Figure(figsize=(13, 1.9 + 0.27 * max(3, len(units))), layout="constrained")
    axes = figure.subplots()
    for column, measure in enumerate(MEASURES):
        for row, unit in enumerate(units.index):
            key = (unit, measure.dimension, measure.name)
            if key in shares.index:
                _draw_cell(axes, column, row, float(shares[key]))
    _label(axes, list(units))
    return as_picture(figure)


def _draw_cell(axes: Axes, column: int, row: int, share: float) -> None:
    shade = max(i for i, (least, _) in enumerate(SHADES) if share >= least)
    axes.add_patch(_square(column, row, SHADES[shade][1]))
    # Cut, not rounded: 99,96 must not read as 100.
    text = "100" if share == 100 else f"{int(share * 10) / 10:.1f}".replace(".", ",")
    axes.text(column, row, text, ha="center", va="center", fontsize=7, color="w" if shade < 2 else "k")


def _square(column: int, row: int, colour: str) -> Rectangle:
    return Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, color=colour, linewidth=0)


def _label(axes: Axes, units: list[str]) -> None:
    axes.set_xlim(-0.5, len(MEASURES) - 0.5)
    axes.set_ylim(max(1, len(units)) - 0.5, -0.5)
    axes.set_yticks(range(len(units)), units, fontsize=8)
    axes.set_xticks(range(len(MEASURES)), [m.label for m in MEASURES], rotation=55, ha="left", fontsize=8)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    dimensions = [m.dimension for m in MEASURES]
    for dimension, title in DIMENSIONS.items():
        first, count = dimensions.index(dimension), dimensions.count(dimension)
        axes.axvline(first - 0.5, color="0.3", linewidth=0.8)
        below = len(units) - 0.3
        axes.text(first + (count - 1) / 2, below, title, ha="center", va="top", fontsize=8, fontweight="bold")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.axhline(0.5, color="0.3", linewidth=0.8)
    steps = " · ".join(f"{least:g}".replace(".", ",") for least, _ in reversed(SHADES[1:]))
    note = f"% bản ghi đạt, theo nơi tiêm; đậm dần khi dưới {steps}; để trống khi dưới {LEAST_BASE} bản ghi"
    axes.set_xlabel(f"\n{note}", fontsize=8)
