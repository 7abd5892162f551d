"""The rows and citizens around one row: who else its candidates are, and which rows share its telephone.

For analysts in the restricted zone: the table names persons, the picture holds no value of one.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.engine import connect
from analysis.pictures import Picture, as_picture
from analysis.reconcile.shown import STATUS_COLOURS, STATUS_LABELS
from analysis.safeguards.openings import note_opening
from analysis.settings import RunParameters
from analysis.tables import view_table

MOST_ROWS = 30
MOST_OF_A_TELEPHONE = 10  # more rows are a clerk's, not a household's
COLOURS = dict(zip(STATUS_LABELS, STATUS_COLOURS, strict=True))
ROW = ["source_file", "source_row"]

# Rows of the citizens that the asked row may be, and rows of its telephone; each with all citizens it is tied to.
AROUND = f"""
WITH ties AS (
    SELECT source_file, source_row, citizen_id, match_probability, 'linked' AS tie FROM links WHERE citizen_id IS NOT NULL
    UNION ALL SELECT source_file, source_row, c.citizen_id, c.match_probability, 'candidate'
    FROM clerical_candidates AS c JOIN links AS l USING (source_file, source_row) WHERE l.citizen_id IS NULL),
asked AS (SELECT * FROM doses WHERE source_file = $file AND source_row = $row),
of_telephone AS (
    SELECT source_file, source_row FROM doses SEMI JOIN asked USING (phone)
    QUALIFY count(*) OVER () <= {MOST_OF_A_TELEPHONE}),
near AS (
    SELECT source_file, source_row FROM asked
    UNION SELECT source_file, source_row FROM ties
        SEMI JOIN (FROM ties SEMI JOIN asked USING (source_file, source_row)) USING (citizen_id)
    UNION SELECT source_file, source_row FROM of_telephone)
SELECT source_file, source_row, source_file = $file AND source_row = $row AS is_asked, l.link_status,
    d.full_name_typed, d.birth_date, d.dose_number, d.vaccination_date, t.tie, t.citizen_id, t.match_probability,
    coalesce(d.phone = (SELECT phone FROM asked) AND EXISTS (FROM of_telephone), false) AS has_same_phone
FROM near JOIN links AS l USING (source_file, source_row) JOIN doses AS d USING (source_file, source_row)
LEFT JOIN ties AS t USING (source_file, source_row)
ORDER BY is_asked DESC, source_file, source_row, t.match_probability DESC, t.citizen_id
LIMIT {MOST_ROWS}"""


def find_cluster(run: RunParameters, rows: Sequence[tuple[str, int]]) -> pd.DataFrame:
    """Return the rows around the first of the given ones, one line a row and citizen that it is tied to, the asked row first.

    Columns: source_file, source_row, is_asked, link_status, full_name_typed, birth_date, dose_number,
    vaccination_date, tie (`linked`, or `candidate` for people to decide; missing: nobody), citizen_id,
    match_probability, has_same_phone. Empty where no row is given or the run has none such; at most MOST_ROWS lines.
    """
    file, number = rows[0] if rows else ("", 0)
    with connect(run) as con:
        for name in ("doses", "links", "clerical_candidates"):
            note_opening(run, name)
            view_table(con, name, run)
        frame: pd.DataFrame = con.execute(AROUND, {"file": file, "row": number}).df()
    return frame


def draw_cluster(cluster: pd.DataFrame) -> Picture:
    """Draw `find_cluster` as `cluster_figure` does, as the picture that a notebook shows."""
    return as_picture(cluster_figure(cluster))


def cluster_figure(cluster: pd.DataFrame) -> Figure:
    """Draw rows on the left, citizens on the right, links as full lines, candidates as broken ones with their chance.

    Rows are numbered as in the table, from 1, and so are citizens; a ring marks the row asked about.
    """
    rows = cluster.drop_duplicates(ROW, ignore_index=True)
    citizens = cluster["citizen_id"].dropna().drop_duplicates().tolist()
    height = max(len(rows), len(citizens), 1)
    figure = Figure(figsize=(8, 1.2 + 0.45 * height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set(xlim=(-0.75, 1.4), ylim=(height - 0.4, -0.8))
    if rows.empty:
        axes.text(0.3, 0, "Không có dòng này", ha="center")
        return figure
    _draw_rows(axes, rows)
    for place, _ in enumerate(citizens):
        axes.scatter(1, place, marker="s", s=60, color="#37474f", zorder=3)
        axes.text(1.05, place, f"công dân {place + 1}", va="center", fontsize="small")
    _draw_ties(axes, cluster, rows, citizens)
    axes.legend(loc="upper center", fontsize="small", frameon=False, ncols=2)
    return figure


def _draw_rows(axes: Axes, rows: pd.DataFrame) -> None:
    for status, own in rows.groupby("link_status", sort=True):
        label = STATUS_LABELS[str(status)]
        axes.scatter([0] * len(own), own.index, s=60, color=COLOURS[str(status)], label=label, zorder=3)
    asked = rows.index[rows["is_asked"]]
    axes.scatter([0] * len(asked), asked, s=190, facecolors="none", edgecolors="#c62828", zorder=2)
    for place, row in rows.iterrows():
        number = "" if pd.isna(row["dose_number"]) else f", mũi {int(row['dose_number'])}"
        phone = ", cùng điện thoại" if row["has_same_phone"] and not row["is_asked"] else ""
        axes.text(
            -0.05,
            float(str(place)),
            f"dòng {int(str(place)) + 1}{number}{phone}",
            ha="right",
            va="center",
            fontsize="small",
        )


def _draw_ties(axes: Axes, cluster: pd.DataFrame, rows: pd.DataFrame, citizens: list[str]) -> None:
    places = {(row.source_file, row.source_row): place for place, row in enumerate(rows.itertuples())}
    for tie in cluster[cluster["citizen_id"].notna()].itertuples():
        ends = places[tie.source_file, tie.source_row], citizens.index(str(tie.citizen_id))
        is_linked = tie.tie == "linked"
        axes.plot(
            [0, 1],
            ends,
            color="#1b5e20" if is_linked else "#ffb300",
            linestyle="-" if is_linked else "--",
            linewidth=1,
        )
        if not is_linked:
            chance = f"{100 * float(str(tie.match_probability)):.0f}%"
            axes.text(0.35, ends[0] + 0.35 * (ends[1] - ends[0]), chance, fontsize="x-small", va="bottom")
